// Q = H without weights: the columns of the words are dealt out to the heads.
//
//   Q.h[i,c] = H[i, h·d + c]        heads × rows × d  from  rows × heads·d
//
// Its twin in Rust is src/math/ops/split.rs.

override SIDE: u32 = 8; // a workgroup computes SIDE × SIDE cells, one an invocation

struct Size {
    heads: u32,
    rows: u32,
    d: u32,
}

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read> H: array<f32>;
@group(0) @binding(2) var<storage, read_write> Q: array<f32>;

@compute @workgroup_size(SIDE, SIDE)
fn split(@builtin(global_invocation_id) id: vec3u) {
    let c = id.x;
    let i = id.y;
    if i >= size.rows || c >= size.d { return; }
    let sentence = id.z / size.heads;
    let h = id.z % size.heads;
    Q[(id.z * size.rows + i) * size.d + c] = H[(sentence * size.rows + i) * size.heads * size.d + h * size.d + c];
}
