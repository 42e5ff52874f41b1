// The gradient of what was divided by its root mean square: without the part that stretches a row.
//
//   r = √(Σ_k X[i,k]² / cols + ε)        n = X / r        g = γ · dY
//   dX[i,j] = (g[i,j] − n[i,j] · mean_k (n[i,k] · g[i,k])) / r        the same shape as X; γ is 1 × cols
//
// Its twin in Rust is src/math/ops/rms_norm_adjoint.rs.

override ROWS: u32 = 64; // a workgroup computes ROWS rows, one an invocation

struct Size {
    rows: u32,
    cols: u32,
    epsilon: f32,
}

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read> X: array<f32>;
@group(0) @binding(2) var<storage, read> gain: array<f32>;
@group(0) @binding(3) var<storage, read> dY: array<f32>;
@group(0) @binding(4) var<storage, read_write> dX: array<f32>;

@compute @workgroup_size(ROWS)
fn rms_norm_adjoint(@builtin(global_invocation_id) id: vec3u) {
    let i = id.x;
    if i >= size.rows { return; }
    let row = (id.z * size.rows + i) * size.cols; // where row i begins

    var squares = 0.0;
    for (var k = 0u; k < size.cols; k++) {
        squares += X[row + k] * X[row + k];
    }
    let root = sqrt(squares / f32(size.cols) + size.epsilon);

    var stretching = 0.0; // Σ n · g
    for (var k = 0u; k < size.cols; k++) {
        stretching += X[row + k] / root * (gain[k] * dY[row + k]);
    }
    stretching /= f32(size.cols);

    for (var j = 0u; j < size.cols; j++) {
        dX[row + j] = (gain[j] * dY[row + j] - X[row + j] / root * stretching) / root;
    }
}
