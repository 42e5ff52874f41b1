// Grouped-query attention: several heads that ask share one head of keys and values.
//
//   Y.h[i,c] = A.g[i,c]        g = the whole part of h / group        heads × rows × cols  from  heads/group × rows × cols
//
// Its twin in Rust is src/math/ops/share_heads.rs.

override SIDE: u32 = 8; // a workgroup computes SIDE × SIDE cells, one an invocation

struct Size {
    heads: u32,
    rows: u32,
    cols: u32,
    group: u32,
}

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read> A: array<f32>;
@group(0) @binding(2) var<storage, read_write> Y: array<f32>;

@compute @workgroup_size(SIDE, SIDE)
fn share_heads(@builtin(global_invocation_id) id: vec3u) {
    let c = id.x;
    let i = id.y;
    if i >= size.rows || c >= size.cols { return; }
    let sentence = id.z / size.heads;
    let g = (id.z % size.heads) / size.group;
    let first = sentence * (size.heads / size.group) + g;
    Y[(id.z * size.rows + i) * size.cols + c] = A[(first * size.rows + i) * size.cols + c];
}
