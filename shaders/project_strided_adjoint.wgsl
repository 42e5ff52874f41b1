// The gradient of H · W that was read with other strides: every number back where it was read.
//
//   f = h·head + i·row + c        G[f / cols of W, f % cols of W] = Σ dQ.h[i,c]        over all h, i, c that read it
//
// Its twin in Rust is src/math/ops/project_strided_adjoint.rs.

override SIDE: u32 = 8; // a workgroup computes SIDE × SIDE cells, one an invocation

struct Size {
    heads: u32,
    rows: u32,
    d: u32,
    first: u32, // 1 where every head read the columns of head 1; 0 where heads were cut before words
    zero: u32,  // 0, which only the host knows; see keep()
}

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read> dQ: array<f32>;
@group(0) @binding(2) var<storage, read_write> G: array<f32>;

@compute @workgroup_size(SIDE, SIDE)
fn project_strided_adjoint(@builtin(global_invocation_id) id: vec3u) {
    let j = id.x;
    let i = id.y;
    if i >= size.rows || j >= size.heads * size.d { return; }
    let sentence = id.z * size.heads * size.rows * size.d; // where the sentence begins
    let flat = i * size.heads * size.d + j;

    var sum = Sum();
    if size.first == 0u {
        sum.high = dQ[sentence + flat];
    } else if j < size.d {
        for (var h = 0u; h < size.heads; h++) {
            sum = add(sum, dQ[sentence + (h * size.rows + i) * size.d + j]);
        }
    }
    G[(id.z * size.rows + i) * size.heads * size.d + j] = sum.high + sum.low;
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
