// What each row adds to the gradient of γ: the normalised number times its gradient.
//
//   C[i,j] = X[i,j] / √(Σ_k X[i,k]² / cols + ε) · dY[i,j]        the same shape as X
//
// Its twin in Rust is src/math/ops/rms_norm_gain_adjoint.rs.

override ROWS: u32 = 64; // a workgroup computes ROWS rows, one an invocation

struct Size {
    rows: u32,
    cols: u32,
    epsilon: f32,
}

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read> X: array<f32>;
@group(0) @binding(2) var<storage, read> dY: array<f32>;
@group(0) @binding(3) var<storage, read_write> C: array<f32>;

@compute @workgroup_size(ROWS)
fn rms_norm_gain_adjoint(@builtin(global_invocation_id) id: vec3u) {
    let i = id.x;
    if i >= size.rows { return; }
    let row = (id.z * size.rows + i) * size.cols; // where row i begins

    var squares = 0.0;
    for (var k = 0u; k < size.cols; k++) {
        squares += X[row + k] * X[row + k];
    }
    let root = sqrt(squares / f32(size.cols) + size.epsilon);

    for (var j = 0u; j < size.cols; j++) {
        C[row + j] = X[row + j] / root * dY[row + j];
    }
}
