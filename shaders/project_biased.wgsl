// Q = H · W_q + b_q, split into heads: head h owns the columns h·cols … h·cols + cols − 1 of W and of b. K and V alike.
//
//   Q.h[i,c] = Σ_m H[i,m] · W[m, h·cols + c] + b[h·cols + c]        heads × rows × cols = (rows × inner) · (inner × heads·cols)
//
// Its twin in Rust is src/math/ops/project_biased.rs.

override SIDE: u32 = 8; // a workgroup computes SIDE × SIDE cells, one an invocation

struct Size {
    heads: u32,
    rows: u32,
    inner: u32,
    cols: u32,
    h_sentence: u32, // how far apart two sentences of H lie; 0 where there is only one
    zero: u32,       // 0, which only the host knows; see keep()
}

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read> H: array<f32>;
@group(0) @binding(2) var<storage, read> W: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> Q: array<f32>;

@compute @workgroup_size(SIDE, SIDE)
fn project_biased(@builtin(global_invocation_id) id: vec3u) {
    let c = id.x;
    let i = id.y;
    if i >= size.rows || c >= size.cols { return; }
    let sentence = id.z / size.heads;
    let head = id.z % size.heads;
    let h = sentence * size.h_sentence + i * size.inner; // where row i of H begins
    let w = head * size.cols + c;                        // where this head's column c of W begins

    var sum = Sum();
    for (var m = 0u; m < size.inner; m++) {
        sum = add_product(sum, H[h + m], W[w + m * size.heads * size.cols]);
    }
    sum = add(sum, bias[w]); // column c of this head
    Q[(id.z * size.rows + i) * size.cols + c] = sum.high + sum.low;
}

// -- A sum that keeps what rounding drops: its value is high + low. The same lines stand in every product kernel;
// -- docs/SHADERS.md says why they are needed and why a compiler cannot undo them.

struct Sum { high: f32, low: f32 }

// sum + a·b. Factors cut into halves of 12 bits have products of 24 bits: each is exact in f32.
fn add_product(sum: Sum, a: f32, b: f32) -> Sum {
    let a1 = first_half(a);
    let a2 = a - a1;
    let b1 = first_half(b);
    let b2 = b - b1;
    return add(add(add(add(sum, a1 * b1), a1 * b2), a2 * b1), a2 * b2);
}

// sum + x. Knuth's two-sum: high takes what fits, low what rounding took off.
fn add(sum: Sum, x: f32) -> Sum {
    let high = keep(sum.high + x);
    let arrived = keep(high - sum.high); // the part of x that found room in high
    let low = (sum.high - keep(high - arrived)) + (x - arrived);
    return Sum(high, sum.low + low);
}

// x without the last 12 bits of its mantissa.
fn first_half(x: f32) -> f32 {
    return bitcast<f32>(bitcast<u32>(x) & 0xfffff000u);
}

// x itself, in a way that no compiler sees through: without it drivers shorten (a + b) - a to b.
fn keep(x: f32) -> f32 {
    return bitcast<f32>(bitcast<u32>(x) ^ size.zero);
}
