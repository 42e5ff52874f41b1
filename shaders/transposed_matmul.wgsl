// C = Aᵀ · B: the gradient of a weight matrix, ∂L/∂W = Hᵀ · ∂L/∂Q, and of what a product reads row by row.
//
//   C[i,j] = Σ_m A[m,i] · B[m,j]        (rows × cols) = (inner × rows)ᵀ · (inner × cols)
//
// What all sentences or heads shared is summed over those, too; the result then has no such axis.
// Its twin in Rust is src/math/ops/transposed_matmul.rs.

override SIDE: u32 = 8; // a workgroup computes SIDE × SIDE cells, one an invocation

struct Size {
    heads: u32,
    rows: u32,
    inner: u32,
    cols: u32,
    // Sentences and heads that the sum runs over; 1 where each has its own result.
    summed_sentences: u32,
    summed_heads: u32,
    // How far apart two sentences and two heads lie; 0 where all share the same numbers.
    a_sentence: u32,
    a_head: u32,
    b_sentence: u32,
    b_head: u32,
    zero: u32, // 0, which only the host knows; see keep()
}

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read> A: array<f32>;
@group(0) @binding(2) var<storage, read> B: array<f32>;
@group(0) @binding(3) var<storage, read_write> C: array<f32>;

@compute @workgroup_size(SIDE, SIDE)
fn transposed_matmul(@builtin(global_invocation_id) id: vec3u) {
    let j = id.x;
    let i = id.y;
    if i >= size.rows || j >= size.cols { return; }
    let sentence = id.z / size.heads;
    let head = id.z % size.heads;

    var sum = Sum();
    for (var s = sentence; s < sentence + size.summed_sentences; s++) {
        for (var h = head; h < head + size.summed_heads; h++) {
            let a = s * size.a_sentence + h * size.a_head + i; // where column i of A begins
            let b = s * size.b_sentence + h * size.b_head + j; // where column j of B begins
            for (var m = 0u; m < size.inner; m++) {
                sum = add_product(sum, A[a + m * size.rows], B[b + m * size.cols]);
            }
        }
    }
    C[(id.z * size.rows + i) * size.cols + j] = sum.high + sum.low;
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
