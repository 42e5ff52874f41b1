// The gradient of heads that were laid side by side too early: rows that were not there took no part.
//
//   dA.h[i,c] = dY[i, h·d + c]   where i < ready
//               0                in the rows behind        heads × rows × d  from  rows × heads·d
//
// Its twin in Rust is src/math/ops/concat_early_adjoint.rs.

override SIDE: u32 = 8; // a workgroup computes SIDE × SIDE cells, one an invocation

struct Size {
    heads: u32,
    rows: u32,
    d: u32,
    ready: u32, // rows that were there
}

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read> dY: array<f32>;
@group(0) @binding(2) var<storage, read_write> dA: array<f32>;

@compute @workgroup_size(SIDE, SIDE)
fn concat_early_adjoint(@builtin(global_invocation_id) id: vec3u) {
    let j = id.x;
    let i = id.y;
    if i >= size.rows || j >= size.d { return; }
    let sentence = id.z / size.heads;
    let h = id.z % size.heads;
    let cell = (id.z * size.rows + i) * size.d + j;
    if i < size.ready {
        dA[cell] = dY[((sentence * size.rows + i) * size.heads + h) * size.d + j];
    } else {
        dA[cell] = 0.0;
    }
}
