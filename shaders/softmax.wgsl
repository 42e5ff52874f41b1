// weights = softmax(masked), row by row: scores become shares that sum to 1.
//
//   m = max_j A[i,j]        W[i,j] = exp(A[i,j] − m) / Σ_k exp(A[i,k] − m)        the same shape
//
// Masked entries take no part: not in the maximum, not in the sum, and their weight is 0.
// Its twin in Rust is src/math/ops/softmax.rs.

override ROWS: u32 = 64; // a workgroup computes ROWS rows, one an invocation

const MASKED: f32 = -0x1.fffffep+127; // -f32::MAX, as mask.wgsl writes it
const LOG2_E: f32 = 1.44269504088896340736;

struct Size {
    rows: u32,
    cols: u32,
}

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read> A: array<f32>;
@group(0) @binding(2) var<storage, read_write> W: array<f32>;

@compute @workgroup_size(ROWS)
fn softmax(@builtin(global_invocation_id) id: vec3u) {
    let i = id.x;
    if i >= size.rows { return; }
    let row = (id.z * size.rows + i) * size.cols; // where row i begins

    var largest = MASKED;
    for (var j = 0u; j < size.cols; j++) {
        if A[row + j] != MASKED { largest = max(largest, A[row + j]); }
    }

    var sum = 0.0;
    for (var j = 0u; j < size.cols; j++) {
        if A[row + j] != MASKED { sum += exponential(A[row + j] - largest); }
    }

    for (var j = 0u; j < size.cols; j++) {
        if A[row + j] != MASKED {
            W[row + j] = exponential(A[row + j] - largest) / sum;
        } else {
            W[row + j] = 0.0;
        }
    }
}

// exp(x) by way of exp2, which drivers compute more exactly.
fn exponential(x: f32) -> f32 {
    return exp2(x * LOG2_E);
}
