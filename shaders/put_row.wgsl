// The gradient of rows of which one was taken: it stands in that row, and all others have none.
//
//   Y[row,j] = A[0,j]        0 in every other row        rows × cols  from  1 × cols
//
// Its twin in Rust is src/math/ops/put_row.rs.

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
fn put_row(@builtin(global_invocation_id) id: vec3u) {
    let j = id.x;
    let i = id.y;
    if i >= size.rows || j >= size.cols { return; }
    let cell = (id.z * size.rows + i) * size.cols + j;
    if i == size.row {
        Y[cell] = A[id.z * size.cols + j];
    } else {
        Y[cell] = 0.0;
    }
}
