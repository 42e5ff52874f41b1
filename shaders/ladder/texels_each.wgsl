// Rung 6, number by number: from texture to texture, four numbers a texel.
//
//   Y[z,i,j] = f(A[z,i,j], B[z,i,j])        planes × rows × cols; f stands in elementwise.wgsl
//
// The products of this rung read and write textures. A step between two of them that wants buffers needs its numbers moved out of a
// texture and back into one, which costs more than the step itself. So it reads texels too, and works on all four numbers at once.

struct Size {
    rows: u32, cols: u32, heads: u32, parameter: f32, // what SCALE divides by
    a_x: u32, a_y: u32, a_sentence_x: u32, a_sentence_y: u32, a_head_x: u32, a_head_y: u32, // the first texel, and how far to the next
    b_x: u32, b_y: u32, b_sentence_x: u32, b_sentence_y: u32, b_head_x: u32, b_head_y: u32, // sentence's and the next head's
    y_x: u32, y_y: u32, y_sentence_x: u32, y_sentence_y: u32, y_head_x: u32, y_head_y: u32,
    unused_0: u32, unused_1: u32,
}

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var A: texture_storage_2d<rgba32float, read>;
//: each N below TWO
@group(0) @binding(2) var B: texture_storage_2d<rgba32float, read>;
//: end
@group(0) @binding($OUT) var Y: texture_storage_2d<rgba32float, write>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
    let j = group.x * 64u + local.x; // the texel
    let i = group.y;
    if 4u * j >= size.cols { return; }
    //: each N below ONE
    let sentence = 0u;
    let head = group.z;
    //: end
    //: each N below MANY
    let sentence = group.z / size.heads; // drivers divide integers slowly
    let head = group.z % size.heads;
    //: end
    let a_x = size.a_x + sentence * size.a_sentence_x + head * size.a_head_x;
    let a_y = size.a_y + sentence * size.a_sentence_y + head * size.a_head_y;
    let x = textureLoad(A, vec2u(a_x + j, a_y + i));
    //: each N below TWO
    let b_x = size.b_x + sentence * size.b_sentence_x + head * size.b_head_x;
    let b_y = size.b_y + sentence * size.b_sentence_y + head * size.b_head_y;
    let b = textureLoad(B, vec2u(b_x + j, b_y + i));
    //: end
    //: each N below ALONE
    let b = vec4f(size.parameter);
    //: end
    let y = f(x, b);
    // Behind the last column stands padding, which the next kernel takes for 0.
    let left = vec4u(size.cols - 4u * j);
    let y_x = size.y_x + sentence * size.y_sentence_x + head * size.y_head_x;
    let y_y = size.y_y + sentence * size.y_sentence_y + head * size.y_head_y;
    textureStore(Y, vec2u(y_x + j, y_y + i), select(vec4f(), y, vec4u(0u, 1u, 2u, 3u) < left));
}
