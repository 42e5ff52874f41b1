// One row of many: the word that is asked what comes next.
//
//   Y[0,j] = A[row,j]        1 × cols  from  rows × cols
//
// Its twin in Rust is src/math/ops/take_row.rs.

override SIDE: u32 = 8; // a workgroup computes SIDE × SIDE cells, one an invocation

struct Size {
    rows: u32,
    cols: u32,
    row: u32,
}

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read> A: array<f32>;
@group(0) @binding(2) var<storage, read_write> Y: array<f32>;

@compute @workgroup_size(SIDE, SIDE)
fn take_row(@builtin(global_invocation_id) id: vec3u) {
    let j = id.x;
    if id.y >= 1u || j >= size.cols { return; }
    Y[id.z * size.cols + j] = A[(id.z * size.rows + size.row) * size.cols + j];
}
