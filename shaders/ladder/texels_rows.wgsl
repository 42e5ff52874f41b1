// Rung 6, row by row: from texture to texture, a subgroup a row.
//
//   SOFTMAX      Y[i,j] = exp(A[i,j] − max_k A[i,k]) / Σ_k exp(A[i,k] − max_k A[i,k])        hidden entries take no part
//   LAYER_NORM   Y[i,j] = (A[i,j] − μ) / √(σ² + ε) · gain[j] + shift[j]
//   RMS_NORM     Y[i,j] = A[i,j] / √(Σ_k A[i,k]² / cols + ε) · gain[j]
//
// Each lane loads every LANES-th texel of the row; what the row has in common (its maximum, its sum) the lanes make together. Before and
// behind it stand products, whose matrices are textures: nothing has to be moved.

const LANES: u32 = 8u;

struct Size {
    rows: u32, cols: u32, heads: u32, parameter: f32, // ε
    a_x: u32, a_y: u32, a_sentence_x: u32, a_sentence_y: u32, a_head_x: u32, a_head_y: u32, // the first texel, and how far to the next
    b_x: u32, b_y: u32, b_sentence_x: u32, b_sentence_y: u32, b_head_x: u32, b_head_y: u32, // sentence's and the next head's
    y_x: u32, y_y: u32, y_sentence_x: u32, y_sentence_y: u32, y_head_x: u32, y_head_y: u32,
    unused_0: u32, unused_1: u32,
}

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var A: texture_storage_2d<rgba32float, read>;
//: each N below GAINED
@group(0) @binding(2) var gain: texture_storage_2d<rgba32float, read>; // one row
//: end
//: each N below LAYER_NORM
@group(0) @binding(3) var shift: texture_storage_2d<rgba32float, read>; // one row
//: end
@group(0) @binding($OUT) var Y: texture_storage_2d<rgba32float, write>;

const LOWEST: f32 = -1e30; // as good as hidden, and no driver makes an infinity of it
const LOG2_E: f32 = 1.44269504088896340736;

@compute @workgroup_size($LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
    let i = group.x;
    //: each N below ONE
    let sentence = 0u;
    let head = group.z;
    //: end
    //: each N below MANY
    let sentence = group.z / size.heads; // drivers divide integers slowly
    let head = group.z % size.heads;
    //: end
    let a_x = size.a_x + sentence * size.a_sentence_x + head * size.a_head_x;
    let a_y = size.a_y + sentence * size.a_sentence_y + head * size.a_head_y + i;
    let y_x = size.y_x + sentence * size.y_sentence_x + head * size.y_head_x;
    let y_y = size.y_y + sentence * size.y_sentence_y + head * size.y_head_y + i;
    let width = (size.cols + 3u) / 4u;
    //: each N below SOFTMAX
    var most = vec4f(LOWEST);
    for (var k = lane; k < width; k += $LANESu) {
        most = max(most, shown(textureLoad(A, vec2u(a_x + k, a_y)), k));
    }
    let largest = vec4f(subgroupMax(max(max(most.x, most.y), max(most.z, most.w))));
    var part = vec4f();
    for (var k = lane; k < width; k += $LANESu) {
        part += power(shown(textureLoad(A, vec2u(a_x + k, a_y)), k), largest);
    }
    let sum = vec4f(subgroupAdd(part.x + part.y + part.z + part.w));
    for (var k = lane; k < width; k += $LANESu) {
        let x = shown(textureLoad(A, vec2u(a_x + k, a_y)), k);
        textureStore(Y, vec2u(y_x + k, y_y), select(vec4f(), power(x, largest) / sum, x > vec4f(LOWEST)));
    }
    //: end
    //: each N below LAYER_NORM
    var part = vec4f();
    for (var k = lane; k < width; k += $LANESu) {
        part += within(textureLoad(A, vec2u(a_x + k, a_y)), k);
    }
    let mean = vec4f(subgroupAdd(part.x + part.y + part.z + part.w) / f32(size.cols));
    var squares = vec4f();
    for (var k = lane; k < width; k += $LANESu) {
        let away = within(textureLoad(A, vec2u(a_x + k, a_y)) - mean, k);
        squares += away * away;
    }
    let spread = vec4f(sqrt(subgroupAdd(squares.x + squares.y + squares.z + squares.w) / f32(size.cols) + size.parameter));
    for (var k = lane; k < width; k += $LANESu) {
        let x = (textureLoad(A, vec2u(a_x + k, a_y)) - mean) / spread;
        let y = x * textureLoad(gain, vec2u(k, 0u)) + textureLoad(shift, vec2u(k, 0u));
        textureStore(Y, vec2u(y_x + k, y_y), within(y, k));
    }
    //: end
    //: each N below RMS_NORM
    var squares = vec4f();
    for (var k = lane; k < width; k += $LANESu) {
        let x = within(textureLoad(A, vec2u(a_x + k, a_y)), k);
        squares += x * x;
    }
    let root = vec4f(sqrt(subgroupAdd(squares.x + squares.y + squares.z + squares.w) / f32(size.cols) + size.parameter));
    for (var k = lane; k < width; k += $LANESu) {
        let y = textureLoad(A, vec2u(a_x + k, a_y)) / root * textureLoad(gain, vec2u(k, 0u));
        textureStore(Y, vec2u(y_x + k, y_y), within(y, k));
    }
    //: end
}

// Four numbers of a row, those behind the last column 0.
fn within(x: vec4f, k: u32) -> vec4f {
    return select(vec4f(), x, vec4u(0u, 1u, 2u, 3u) < vec4u(size.cols - 4u * k));
}
//: each N below SOFTMAX

// Four numbers of a row, those behind the last column and those that are hidden as low as can be.
fn shown(x: vec4f, k: u32) -> vec4f {
    return select(vec4f(LOWEST), max(x, vec4f(LOWEST)), vec4u(0u, 1u, 2u, 3u) < vec4u(size.cols - 4u * k));
}

// exp(x − largest) by way of exp2, which drivers compute more exactly; 0 of what is hidden.
fn power(x: vec4f, largest: vec4f) -> vec4f {
    return select(vec4f(), exp2((x - largest) * LOG2_E), x > vec4f(LOWEST));
}
//: end
