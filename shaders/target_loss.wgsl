// The loss of rows of weights that have a target: how little goes where it should.
//
//   n = Σ T        L = −(1/n) · Σ T[i,j] · ln max(W[i,j], 2⁻¹²⁶)        1 × 1  from  W and T of the same shape, heads included
//
// A share of 0 has no logarithm: it counts as the smallest number that f32 holds in full. Rows of T that are 0 take no part.
//
// Its twin in Rust is src/math/ops/target_loss.rs.

override ROWS: u32 = 64; // one workgroup, whose ROWS invocations share the rows

const LOG2_E: f32 = 1.44269504088896340736;
const LEAST: f32 = 0x1p-126;

struct Size {
    rows: u32, // of all sentences and heads
    cols: u32,
    zero: u32, // 0, which only the host knows; see keep()
}

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read> W: array<f32>;
@group(0) @binding(2) var<storage, read> T: array<f32>;
@group(0) @binding(3) var<storage, read_write> L: array<f32>;

var<workgroup> losses: array<f32, ROWS>; // what each invocation found
var<workgroup> targets: array<f32, ROWS>;

@compute @workgroup_size(ROWS)
fn target_loss(@builtin(local_invocation_index) own: u32) {
    var sum = Sum();
    var asked = 0.0;
    for (var i = own; i < size.rows; i += ROWS) {
        let row = i * size.cols; // where row i begins
        for (var j = 0u; j < size.cols; j++) {
            sum = add(sum, -T[row + j] * (log2(max(W[row + j], LEAST)) / LOG2_E));
            asked += T[row + j];
        }
    }
    losses[own] = sum.high + sum.low;
    targets[own] = asked;
    workgroupBarrier();
    if own > 0u { return; }

    var loss = Sum();
    var n = 0.0;
    for (var k = 0u; k < ROWS; k++) {
        loss = add(loss, losses[k]);
        n += targets[k];
    }
    L[0] = select(0.0, (loss.high + loss.low) / n, n != 0.0);
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
