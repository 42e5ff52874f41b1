// Softmax without taking the largest score off first.
//
//   W[i,j] = exp(A[i,j]) / Σ_k exp(A[i,k])        the same shape
//
// Masked entries take no part. A driver may assume that infinities do not occur, so what an overflow leaves is written out:
// ∞ in the sum makes every weight 0 but that of an exponential which is ∞ itself; ∞ / ∞ and 0 / 0 are no number.
// Its twin in Rust is src/math/ops/softmax_unshifted.rs.

override ROWS: u32 = 64; // a workgroup computes ROWS rows, one an invocation

const MASKED: f32 = -0x1.fffffep+127; // -f32::MAX, as mask.wgsl writes it
const LOG2_E: f32 = 1.44269504088896340736;
const LARGEST: f32 = 0x1.fffffep+127;   // what f32 holds at most
const SMALLEST: f32 = 0x1p-126;         // and, above 0, at least
const OVERFLOWS: f32 = 88.72283;        // exp of more than this is beyond it

struct Size {
    rows: u32,
    cols: u32,
    nan: u32, // the bits of a NaN, which no constant may have
}

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read> A: array<f32>;
@group(0) @binding(2) var<storage, read_write> W: array<f32>;

@compute @workgroup_size(ROWS)
fn softmax_unshifted(@builtin(global_invocation_id) id: vec3u) {
    let i = id.x;
    if i >= size.rows { return; }
    let row = (id.z * size.rows + i) * size.cols; // where row i begins

    // A quarter of the sum, which fits where the whole does not.
    var quarter = 0.0;
    var overflows = false;
    for (var j = 0u; j < size.cols; j++) {
        if A[row + j] != MASKED {
            if A[row + j] > OVERFLOWS {
                overflows = true;
            } else {
                quarter = min(quarter + 0.25 * exponential(A[row + j]), 0.5 * LARGEST);
            }
        }
    }
    overflows = overflows || quarter > 0.25 * LARGEST;
    let sum = 4.0 * min(quarter, 0.25 * LARGEST);

    for (var j = 0u; j < size.cols; j++) {
        let a = A[row + j];
        if (overflows && a > OVERFLOWS) || (!overflows && sum == 0.0) {
            W[row + j] = bitcast<f32>(size.nan); // ∞ / ∞, 0 / 0
        } else if overflows || a == MASKED {
            W[row + j] = 0.0;
        } else {
            W[row + j] = exponential(a) / sum;
        }
    }
}

// exp(x) by way of exp2, which drivers compute more exactly; 0 where it is smaller than what every device holds.
fn exponential(x: f32) -> f32 {
    let e = exp2(x * LOG2_E);
    return select(e, 0.0, e < SMALLEST);
}
