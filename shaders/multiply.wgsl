// A mask that is multiplied: 1 keeps a number, 0 makes it 0.
//
//   Y[i,j] = A[i,j] · mask[i,j]        the same shape; the mask is rows × cols, shared by all heads
//
// Its twin in Rust is src/math/ops/multiply.rs.

override SIDE: u32 = 8; // a workgroup computes SIDE × SIDE cells, one an invocation

struct Size {
    heads: u32,
    rows: u32,
    cols: u32,
    mask_sentence: u32, // how far apart two sentences' masks lie; 0 where all share one
}

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read> A: array<f32>;
@group(0) @binding(2) var<storage, read> visible: array<f32>;
@group(0) @binding(3) var<storage, read_write> Y: array<f32>;

@compute @workgroup_size(SIDE, SIDE)
fn multiply(@builtin(global_invocation_id) id: vec3u) {
    let j = id.x;
    let i = id.y;
    if i >= size.rows || j >= size.cols { return; }
    let sentence = id.z / size.heads;
    let cell = (id.z * size.rows + i) * size.cols + j;
    Y[cell] = A[cell] * visible[sentence * size.mask_sentence + i * size.cols + j];
}
