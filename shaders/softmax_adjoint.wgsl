// The gradient of the scores from that of the weights: what raises a share lowers the others of its row.
//
//   dA[i,j] = W[i,j] · (dW[i,j] − Σ_k W[i,k] · dW[i,k])        the same shape; W = softmax(A)
//
// Its twin in Rust is src/math/ops/softmax_adjoint.rs.

override ROWS: u32 = 64; // a workgroup computes ROWS rows, one an invocation

struct Size {
    rows: u32,
    cols: u32,
}

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read> W: array<f32>;
@group(0) @binding(2) var<storage, read> dW: array<f32>;
@group(0) @binding(3) var<storage, read_write> dA: array<f32>;

@compute @workgroup_size(ROWS)
fn softmax_adjoint(@builtin(global_invocation_id) id: vec3u) {
    let i = id.x;
    if i >= size.rows { return; }
    let row = (id.z * size.rows + i) * size.cols; // where row i begins

    var mean = 0.0; // the weights sum to 1
    for (var k = 0u; k < size.cols; k++) {
        mean += W[row + k] * dW[row + k];
    }

    for (var j = 0u; j < size.cols; j++) {
        dA[row + j] = W[row + j] * (dW[row + j] - mean);
    }
}
