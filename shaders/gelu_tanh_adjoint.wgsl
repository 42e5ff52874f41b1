// The gradient of what went into GELU by tanh.
//
//   g = (1 + tanh(√(2/π) · (A + 0.044715·A³))) / 2
//   dA = (g + A · 2g(1 − g) · √(2/π) · (1 + 3 · 0.044715·A²)) · dY        number by number, the same shape
//
// Its twin in Rust is src/math/ops/gelu_tanh_adjoint.rs.

override SIDE: u32 = 8; // a workgroup computes SIDE × SIDE cells, one an invocation

const LOG2_E: f32 = 1.44269504088896340736;
const ROOT: f32 = 0.79788456080286535588; // √(2/π)

struct Size {
    rows: u32,
    cols: u32,
}

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read> A: array<f32>;
@group(0) @binding(2) var<storage, read> dY: array<f32>;
@group(0) @binding(3) var<storage, read_write> dA: array<f32>;

@compute @workgroup_size(SIDE, SIDE)
fn gelu_tanh_adjoint(@builtin(global_invocation_id) id: vec3u) {
    let j = id.x;
    let i = id.y;
    if i >= size.rows || j >= size.cols { return; }
    let cell = (id.z * size.rows + i) * size.cols + j;
    let x = A[cell];
    let u = ROOT * (x + 0.044715 * x * x * x);
    // (1 + tanh u) / 2 = 1 / (1 + e^(−2u)); e^80 is as good as infinity, and f32 can hold it.
    let e = exponential(min(-2.0 * u, 80.0));
    let gate = 1.0 / (1.0 + e);
    let steepness = 2.0 * gate * (e * gate) * ROOT * (1.0 + 0.134145 * x * x); // 1 − g = e·g, without cancelling
    dA[cell] = (gate + x * steepness) * dY[cell];
}

// exp(x) by way of exp2, which drivers compute more exactly.
fn exponential(x: f32) -> f32 {
    return exp2(x * LOG2_E);
}
