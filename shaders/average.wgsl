// The mean of all heads, instead of all heads side by side.
//
//   mean[i,c] = Σ_h context.h[i,c] / heads        rows × d  from  heads × rows × d
//
// Its twin in Rust is src/math/ops/average.rs.

override SIDE: u32 = 8; // a workgroup computes SIDE × SIDE cells, one an invocation

struct Size {
    heads: u32,
    rows: u32,
    cols: u32,
}

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read> context: array<f32>;
@group(0) @binding(2) var<storage, read_write> mean: array<f32>;

@compute @workgroup_size(SIDE, SIDE)
fn average(@builtin(global_invocation_id) id: vec3u) {
    let c = id.x;
    let i = id.y;
    if i >= size.rows || c >= size.cols { return; }
    let sentence = id.z; // the result has no heads of its own
    var sum = 0.0;
    for (var h = 0u; h < size.heads; h++) {
        sum += context[((sentence * size.heads + h) * size.rows + i) * size.cols + c];
    }
    mean[(sentence * size.rows + i) * size.cols + c] = sum / f32(size.heads);
}
