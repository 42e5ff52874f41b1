// activation = GELU(inner), by tanh.
//
//   Y[i,j] = A[i,j]/2 · (1 + tanh(√(2/π) · (A[i,j] + 0.044715·A[i,j]³)))        the same shape
//
// Its twin in Rust is src/math/ops/gelu_tanh.rs.

override SIDE: u32 = 8; // a workgroup computes SIDE × SIDE cells, one an invocation

const LOG2_E: f32 = 1.44269504088896340736;
const ROOT: f32 = 0.79788456080286535588; // √(2/π)

struct Size {
    rows: u32,
    cols: u32,
}

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read> A: array<f32>;
@group(0) @binding(2) var<storage, read_write> Y: array<f32>;

@compute @workgroup_size(SIDE, SIDE)
fn gelu_tanh(@builtin(global_invocation_id) id: vec3u) {
    let j = id.x;
    let i = id.y;
    if i >= size.rows || j >= size.cols { return; }
    let cell = (id.z * size.rows + i) * size.cols + j;
    let x = A[cell];
    let u = ROOT * (x + 0.044715 * x * x * x);
    // (1 + tanh u) / 2 = 1 / (1 + e^(−2u)); e^80 is as good as infinity, and f32 can hold it.
    Y[cell] = x / (1.0 + exponential(min(-2.0 * u, 80.0)));
}

// exp(x) by way of exp2, which drivers compute more exactly.
fn exponential(x: f32) -> f32 {
    return exp2(x * LOG2_E);
}
