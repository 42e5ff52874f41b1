// The gradient of scores from that of the masked ones: it passes where the mask is open.
//
//   dA[i,j] = dY[i,j]   where mask[i,j] = 1        (mask[j,i] where it was read transposed)
//             0         where mask[i,j] = 0        the same shape; the mask is rows × cols, shared by all heads
//
// Its twin in Rust is src/math/ops/mask_adjoint.rs.

override SIDE: u32 = 8; // a workgroup computes SIDE × SIDE cells, one an invocation

struct Size {
    heads: u32,
    rows: u32,
    cols: u32,
    mask_sentence: u32, // how far apart two sentences' masks lie; 0 where all share one
    transposed: u32,    // 1 where rows and columns of the mask change places
}

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read> dY: array<f32>;
@group(0) @binding(2) var<storage, read> visible: array<f32>;
@group(0) @binding(3) var<storage, read_write> dA: array<f32>;

@compute @workgroup_size(SIDE, SIDE)
fn mask_adjoint(@builtin(global_invocation_id) id: vec3u) {
    let j = id.x;
    let i = id.y;
    if i >= size.rows || j >= size.cols { return; }
    let sentence = id.z / size.heads;
    let cell = (id.z * size.rows + i) * size.cols + j;
    let entry = select(i * size.cols + j, j * size.cols + i, size.transposed == 1u);
    let open = visible[sentence * size.mask_sentence + entry] != 0.0;
    dA[cell] = select(0.0, dY[cell], open);
}
