// Every head's context, side by side, before all of them were there.
//
//   concat[i, h·d + c] = context.h[i,c]   where i < ready
//                        0                in the rows behind        rows × heads·d  from  heads × rows × d
//
// Its twin in Rust is src/math/ops/concat_early.rs.

override SIDE: u32 = 8; // a workgroup computes SIDE × SIDE cells, one an invocation

struct Size {
    heads: u32,
    rows: u32,
    d: u32,
    ready: u32, // rows that were there
}

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read> context: array<f32>;
@group(0) @binding(2) var<storage, read_write> concatenated: array<f32>;

@compute @workgroup_size(SIDE, SIDE)
fn concat_early(@builtin(global_invocation_id) id: vec3u) {
    let cols = size.heads * size.d;
    let j = id.x;
    let i = id.y;
    if i >= size.rows || j >= cols { return; }
    let sentence = id.z; // the result has no heads of its own
    let h = j / size.d;
    let c = j % size.d;
    let cell = (sentence * size.rows + i) * cols + j;
    if i < size.ready {
        concatenated[cell] = context[((sentence * size.heads + h) * size.rows + i) * size.d + c];
    } else {
        concatenated[cell] = 0.0; // what a new buffer holds
    }
}
