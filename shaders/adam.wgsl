// A step downhill, as long for every weight: the mean gradient over how large it usually is.
//
//   W'[i,j] = W[i,j] − η · (m[i,j]/c₁) / (√(v[i,j]/c₂) + ε)        the same shape; c₁ = 1 − β₁ᵗ, c₂ = 1 − β₂ᵗ
//
// Its twin in Rust is src/math/ops/adam.rs.

override SIDE: u32 = 8; // a workgroup computes SIDE × SIDE cells, one an invocation

struct Size {
    rows: u32,
    cols: u32,
    rate: f32,        // η
    correction1: f32, // c₁
    correction2: f32, // c₂
    epsilon: f32,
}

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read> W: array<f32>;
@group(0) @binding(2) var<storage, read> m: array<f32>;
@group(0) @binding(3) var<storage, read> v: array<f32>;
@group(0) @binding(4) var<storage, read_write> next: array<f32>;

@compute @workgroup_size(SIDE, SIDE)
fn adam(@builtin(global_invocation_id) id: vec3u) {
    let j = id.x;
    let i = id.y;
    if i >= size.rows || j >= size.cols { return; }
    let cell = (id.z * size.rows + i) * size.cols + j;
    let mean = m[cell] / size.correction1;
    let size_of_steps = sqrt(v[cell] / size.correction2);
    next[cell] = W[cell] - size.rate * mean / (size_of_steps + size.epsilon);
}
