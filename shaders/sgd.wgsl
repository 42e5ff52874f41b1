// A step downhill: every weight moves against its gradient.
//
//   W'[i,j] = W[i,j] − η · g[i,j]        the same shape
//
// Its twin in Rust is src/math/ops/sgd.rs.

override SIDE: u32 = 8; // a workgroup computes SIDE × SIDE cells, one an invocation

struct Size {
    rows: u32,
    cols: u32,
    rate: f32, // η
}

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read> W: array<f32>;
@group(0) @binding(2) var<storage, read> g: array<f32>;
@group(0) @binding(3) var<storage, read_write> next: array<f32>;

@compute @workgroup_size(SIDE, SIDE)
fn sgd(@builtin(global_invocation_id) id: vec3u) {
    let j = id.x;
    let i = id.y;
    if i >= size.rows || j >= size.cols { return; }
    let cell = (id.z * size.rows + i) * size.cols + j;
    next[cell] = W[cell] - size.rate * g[cell];
}
