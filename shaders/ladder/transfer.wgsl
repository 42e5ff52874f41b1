// Moves a tensor from where one kernel left it to where the next one wants it: padded, turned, into a texture or out of one.
//
//   C[z,i,j] = A[z,i,j]        planes × rows × cols; the places of both sides are given by distances
//
// Kernels that are written for speed have wishes about memory, and a tensor lies as the kernel before it liked best. Where both wish
// for the same, this one is not needed. Where four numbers lie side by side on both ends they move together (WHOLE); where rows
// become columns between textures, an invocation turns a square of 4 × 4 (TURNED): a load is what costs.

struct Size {
    rows: u32, cols: u32, heads: u32, a_texels: u32, // texels in a row of A and of C, where they are textures
    a_start: u32, a_row: u32, a_col: u32, a_sentence: u32,
    a_head: u32, a_fold: u32, a_beside: u32, c_texels: u32, // sentences below one another, and how far to those beside them
    c_start: u32, c_row: u32, c_col: u32, c_sentence: u32,
    c_head: u32, c_fold: u32, c_beside: u32, unused_0: u32,
}

@group(0) @binding(0) var<uniform> size: Size;
//: each N below FROM_BUFFER
@group(0) @binding(1) var<storage, read> A: array<f32>;
//: end
//: each N below FROM_VECTORS
@group(0) @binding(1) var<storage, read> A: array<vec4f>;
//: end
//: each N below FROM_TEXTURE
@group(0) @binding(1) var A: texture_storage_2d<rgba32float, read>;
//: end
//: each N below TO_BUFFER
@group(0) @binding(2) var<storage, read_write> C: array<f32>;
//: end
//: each N below TO_VECTORS
@group(0) @binding(2) var<storage, read_write> C: array<vec4f>;
//: end
//: each N below TO_TEXTURE
@group(0) @binding(2) var C: texture_storage_2d<rgba32float, write>;
//: end

// Four numbers that lie side by side.
fn four(place: u32) -> vec4f {
    //: each N below FROM_BUFFER
    return vec4f(A[place], 0.0, 0.0, 0.0);
    //: end
    //: each N below FROM_VECTORS
    return A[place / 4u];
    //: end
    //: each N below FROM_TEXTURE
    let texel = place / 4u;
    return textureLoad(A, vec2u(texel % size.a_texels, texel / size.a_texels));
    //: end
}

fn number(place: u32) -> f32 {
    //: each N below FROM_BUFFER
    return A[place];
    //: end
    //: each N below FROM_VECTORS
    return four(place)[place % 4u];
    //: end
    //: each N below FROM_TEXTURE
    return four(place)[place % 4u];
    //: end
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let j = id.x * $EACHu; // an invocation moves so many numbers of so many rows
    let i = id.y * $ROWSu;
    if i >= size.rows || j >= size.cols { return; }
    let sentence = id.z / size.heads;
    let head = id.z % size.heads;
    let a = size.a_start + sentence % size.a_fold * size.a_sentence + sentence / size.a_fold * size.a_beside
        + head * size.a_head + i * size.a_row;
    let c = size.c_start + sentence % size.c_fold * size.c_sentence + sentence / size.c_fold * size.c_beside
        + head * size.c_head + i * size.c_row + j * size.c_col;
    //: each N below SINGLE
    //: each K below TO_BUFFER
    C[c] = number(a + j * size.a_col);
    //: end
    //: each K below TO_TEXTURE
    var texel = vec4f();
    //: each M below 4
    if j + $Mu < size.cols { texel[$M] = number(a + (j + $Mu) * size.a_col); }
    //: end
    textureStore(C, vec2u(c / 4u % size.c_texels, c / 4u / size.c_texels), texel);
    //: end
    //: end
    //: each N below WHOLE
    let texel = four(a + j);
    //: each K below TO_BUFFER
    //: each M below 4
    if j + $Mu < size.cols { C[c + $Mu] = texel[$M]; }
    //: end
    //: end
    //: each K below TO_VECTORS
    C[c / 4u] = texel;
    //: end
    //: each K below TO_TEXTURE
    let left = vec4u(size.cols - j);
    textureStore(C, vec2u(c / 4u % size.c_texels, c / 4u / size.c_texels), select(vec4f(), texel, vec4u(0u, 1u, 2u, 3u) < left));
    //: end
    //: end
    //: each N below TURNED
    // Columns of the result are rows here: a square of 4 × 4 is turned.
    //: each M below 4
    var row$M = vec4f();
    if j + $Mu < size.cols { row$M = four(a + (j + $Mu) * size.a_col); }
    //: end
    //: each M below 4
    if i + $Mu < size.rows {
        let place = (c + $Mu * size.c_row) / 4u;
        let turned = vec4f(row0[$M], row1[$M], row2[$M], row3[$M]);
        textureStore(C, vec2u(place % size.c_texels, place / size.c_texels), turned);
    }
    //: end
    //: end
}
