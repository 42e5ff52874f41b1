// The running mean of a squared gradient: how large the last steps were.
//
//   v'[i,j] = β₂ · v[i,j] + (1 − β₂) · g[i,j]²        the same shape
//
// Its twin in Rust is src/math/ops/adam_second.rs.

override SIDE: u32 = 8; // a workgroup computes SIDE × SIDE cells, one an invocation

struct Size {
    rows: u32,
    cols: u32,
    kept: f32,  // β₂
    added: f32, // 1 − β₂
}

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read> v: array<f32>;
@group(0) @binding(2) var<storage, read> g: array<f32>;
@group(0) @binding(3) var<storage, read_write> next: array<f32>;

@compute @workgroup_size(SIDE, SIDE)
fn adam_second(@builtin(global_invocation_id) id: vec3u) {
    let j = id.x;
    let i = id.y;
    if i >= size.rows || j >= size.cols { return; }
    let cell = (id.z * size.rows + i) * size.cols + j;
    next[cell] = size.kept * v[cell] + size.added * g[cell] * g[cell];
}
