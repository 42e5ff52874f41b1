// The gradient of heads of which the mean was taken: each has the same part in it.
//
//   dA.h[i,c] = dY[i,c] / heads        heads × rows × d  from  rows × d
//
// Its twin in Rust is src/math/ops/average_adjoint.rs.

override SIDE: u32 = 8; // a workgroup computes SIDE × SIDE cells, one an invocation

struct Size {
    heads: u32,
    rows: u32,
    cols: u32,
}

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read> dY: array<f32>;
@group(0) @binding(2) var<storage, read_write> dA: array<f32>;

@compute @workgroup_size(SIDE, SIDE)
fn average_adjoint(@builtin(global_invocation_id) id: vec3u) {
    let j = id.x;
    let i = id.y;
    if i >= size.rows || j >= size.cols { return; }
    let sentence = id.z / size.heads; // what is shared out has no heads
    dA[(id.z * size.rows + i) * size.cols + j] = dY[(sentence * size.rows + i) * size.cols + j] / f32(size.heads);
}
