// Scores hidden by a mask whose rows and columns have changed places.
//
//   Y[i,j] = A[i,j]   where mask[j,i] = 1
//            hidden   where mask[j,i] = 0        the same shape; the mask is square, shared by all heads
//
// Its twin in Rust is src/math/ops/mask_transposed.rs.

override SIDE: u32 = 8; // a workgroup computes SIDE × SIDE cells, one an invocation

const MASKED: f32 = -0x1.fffffep+127; // -f32::MAX: drivers may assume that infinities do not occur

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
fn mask_transposed(@builtin(global_invocation_id) id: vec3u) {
    let j = id.x;
    let i = id.y;
    if i >= size.rows || j >= size.cols { return; }
    let sentence = id.z / size.heads;
    let cell = (id.z * size.rows + i) * size.cols + j;
    let open = visible[sentence * size.mask_sentence + j * size.cols + i] != 0.0;
    Y[cell] = select(MASKED, A[cell], open);
}
