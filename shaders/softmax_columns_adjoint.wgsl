// The gradient of scores that were made shares down each column: what raises a share lowers the others of its column.
//
//   dA[i,j] = W[i,j] · (dW[i,j] − Σ_k W[k,j] · dW[k,j])        the same shape
//
// Its twin in Rust is src/math/ops/softmax_columns_adjoint.rs.

override SIDE: u32 = 8; // a workgroup computes SIDE × SIDE cells, one an invocation

struct Size {
    rows: u32,
    cols: u32,
}

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read> W: array<f32>;
@group(0) @binding(2) var<storage, read> dW: array<f32>;
@group(0) @binding(3) var<storage, read_write> dA: array<f32>;

@compute @workgroup_size(SIDE, SIDE)
fn softmax_columns_adjoint(@builtin(global_invocation_id) id: vec3u) {
    let j = id.x;
    let i = id.y;
    if i >= size.rows || j >= size.cols { return; }
    let column = id.z * size.rows * size.cols + j; // where column j begins

    var mean = 0.0; // the weights of a column sum to 1
    for (var k = 0u; k < size.rows; k++) {
        mean += W[column + k * size.cols] * dW[column + k * size.cols];
    }

    let cell = column + i * size.cols;
    dA[cell] = W[cell] * (dW[cell] - mean);
}
