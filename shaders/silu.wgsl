// activation = SiLU(gate).
//
//   Y[i,j] = A[i,j] / (1 + e^(−A[i,j]))        the same shape
//
// Its twin in Rust is src/math/ops/silu.rs.

override SIDE: u32 = 8; // a workgroup computes SIDE × SIDE cells, one an invocation

const LOG2_E: f32 = 1.44269504088896340736;

struct Size {
    rows: u32,
    cols: u32,
}

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read> A: array<f32>;
@group(0) @binding(2) var<storage, read_write> Y: array<f32>;

@compute @workgroup_size(SIDE, SIDE)
fn silu(@builtin(global_invocation_id) id: vec3u) {
    let j = id.x;
    let i = id.y;
    if i >= size.rows || j >= size.cols { return; }
    let cell = (id.z * size.rows + i) * size.cols + j;
    let x = A[cell];
    Y[cell] = x / (1.0 + exponential(min(-x, 80.0))); // e^80 is as good as infinity, and f32 can hold it
}

// exp(x) by way of exp2, which drivers compute more exactly.
fn exponential(x: f32) -> f32 {
    return exp2(x * LOG2_E);
}
