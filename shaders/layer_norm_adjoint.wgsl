// The gradient of what was normalised: without the part that moves a whole row, and the part that stretches it.
//
//   n = (X − μ) / √(σ² + ε)        g = γ · dY
//   dX[i,j] = (g[i,j] − mean_k g[i,k] − n[i,j] · mean_k (n[i,k] · g[i,k])) / √(σ² + ε)        the same shape as X; γ is 1 × cols
//
// Its twin in Rust is src/math/ops/layer_norm_adjoint.rs.

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
fn layer_norm_adjoint(@builtin(global_invocation_id) id: vec3u) {
    let i = id.x;
    if i >= size.rows { return; }
    let row = (id.z * size.rows + i) * size.cols; // where row i begins

    var sum = 0.0;
    for (var k = 0u; k < size.cols; k++) {
        sum += X[row + k];
    }
    let mean = sum / f32(size.cols);

    var squares = 0.0;
    for (var k = 0u; k < size.cols; k++) {
        let away = X[row + k] - mean;
        squares += away * away;
    }
    let spread = sqrt(squares / f32(size.cols) + size.epsilon);

    var moving = 0.0;     // Σ g
    var stretching = 0.0; // Σ n · g
    for (var k = 0u; k < size.cols; k++) {
        let g = gain[k] * dY[row + k];
        moving += g;
        stretching += (X[row + k] - mean) / spread * g;
    }
    moving /= f32(size.cols);
    stretching /= f32(size.cols);

    for (var j = 0u; j < size.cols; j++) {
        let n = (X[row + j] - mean) / spread;
        dX[row + j] = (gain[j] * dY[row + j] - moving - n * stretching) / spread;
    }
}
