// The gradient of what went into ReLU.
//
//   dA[i,j] = dY[i,j] where A[i,j] > 0, else 0        the same shape
//
// Its twin in Rust is src/math/ops/relu_adjoint.rs.

override SIDE: u32 = 8; // a workgroup computes SIDE × SIDE cells, one an invocation

struct Size {
    rows: u32,
    cols: u32,
}

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read> A: array<f32>;
@group(0) @binding(2) var<storage, read> dY: array<f32>;
@group(0) @binding(3) var<storage, read_write> dA: array<f32>;

@compute @workgroup_size(SIDE, SIDE)
fn relu_adjoint(@builtin(global_invocation_id) id: vec3u) {
    let j = id.x;
    let i = id.y;
    if i >= size.rows || j >= size.cols { return; }
    let cell = (id.z * size.rows + i) * size.cols + j;
    let x = A[cell];
    dA[cell] = select(0.0, dY[cell], x > 0.0);
}
