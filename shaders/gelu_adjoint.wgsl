// The gradient of what went into GELU.
//
//   dA[i,j] = (Φ(A[i,j]) + A[i,j] · φ(A[i,j])) · dY[i,j]        the same shape; Φ the normal distribution, φ its density
//
// Its twin in Rust is src/math/ops/gelu_adjoint.rs.

override SIDE: u32 = 8; // a workgroup computes SIDE × SIDE cells, one an invocation

const LOG2_E: f32 = 1.44269504088896340736;
const ROOT_HALF: f32 = 0.70710678118654752440;
const DENSITY: f32 = 0.39894228040143267794; // 1/√(2π)

struct Size {
    rows: u32,
    cols: u32,
}

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read> A: array<f32>;
@group(0) @binding(2) var<storage, read> dY: array<f32>;
@group(0) @binding(3) var<storage, read_write> dA: array<f32>;

@compute @workgroup_size(SIDE, SIDE)
fn gelu_adjoint(@builtin(global_invocation_id) id: vec3u) {
    let j = id.x;
    let i = id.y;
    if i >= size.rows || j >= size.cols { return; }
    let cell = (id.z * size.rows + i) * size.cols + j;
    let x = A[cell];
    let below = 0.5 * (1.0 + erf(x * ROOT_HALF));
    let density = DENSITY * exponential(-min(0.5 * x * x, 80.0));
    dA[cell] = (below + x * density) * dY[cell];
}

// The error function by Abramowitz and Stegun 1964, 7.1.26: never more than 1.5e-7 away.
fn erf(x: f32) -> f32 {
    let t = 1.0 / (1.0 + 0.3275911 * abs(x));
    let p = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
    let e = 1.0 - p * exponential(-min(x * x, 80.0));
    return select(e, -e, x < 0.0);
}

// exp(x) by way of exp2, which drivers compute more exactly.
fn exponential(x: f32) -> f32 {
    return exp2(x * LOG2_E);
}
