// The gradient of what went into SiLU.
//
//   dA[i,j] = (σ + A[i,j] · σ(1 − σ)) · dY[i,j]        the same shape; σ = 1 / (1 + e^(−A[i,j]))
//
// Its twin in Rust is src/math/ops/silu_adjoint.rs.

override SIDE: u32 = 8; // a workgroup computes SIDE × SIDE cells, one an invocation

const LOG2_E: f32 = 1.44269504088896340736;

struct Size {
    rows: u32,
    cols: u32,
}

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read> A: array<f32>;
@group(0) @binding(2) var<storage, read> dY: array<f32>;
@group(0) @binding(3) var<storage, read_write> dA: array<f32>;

@compute @workgroup_size(SIDE, SIDE)
fn silu_adjoint(@builtin(global_invocation_id) id: vec3u) {
    let j = id.x;
    let i = id.y;
    if i >= size.rows || j >= size.cols { return; }
    let cell = (id.z * size.rows + i) * size.cols + j;
    let x = A[cell];
    let e = exponential(min(-x, 80.0)); // e^80 is as good as infinity, and f32 can hold it
    let gate = 1.0 / (1.0 + e);
    dA[cell] = (gate + x * gate * (e * gate)) * dY[cell]; // 1 − σ = e·σ, without cancelling
}

// exp(x) by way of exp2, which drivers compute more exactly.
fn exponential(x: f32) -> f32 {
    return exp2(x * LOG2_E);
}
