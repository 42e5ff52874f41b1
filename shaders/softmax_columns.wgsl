// Softmax taken down each column instead of along each row.
//
//   m = max_i A[i,j]        W[i,j] = exp(A[i,j] − m) / Σ_k exp(A[k,j] − m)        the same shape
//
// Masked entries take no part: not in the maximum, not in the sum, and their weight is 0.
// Its twin in Rust is src/math/ops/softmax_columns.rs.

override SIDE: u32 = 8; // a workgroup computes SIDE × SIDE cells, one an invocation

const MASKED: f32 = -0x1.fffffep+127; // -f32::MAX, as mask.wgsl writes it
const LOG2_E: f32 = 1.44269504088896340736;

struct Size {
    rows: u32,
    cols: u32,
}

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read> A: array<f32>;
@group(0) @binding(2) var<storage, read_write> W: array<f32>;

@compute @workgroup_size(SIDE, SIDE)
fn softmax_columns(@builtin(global_invocation_id) id: vec3u) {
    let j = id.x;
    let i = id.y;
    if i >= size.rows || j >= size.cols { return; }
    let column = id.z * size.rows * size.cols + j; // where column j begins

    var largest = MASKED;
    for (var k = 0u; k < size.rows; k++) {
        let a = A[column + k * size.cols];
        if a != MASKED { largest = max(largest, a); }
    }

    var sum = 0.0;
    for (var k = 0u; k < size.rows; k++) {
        let a = A[column + k * size.cols];
        if a != MASKED { sum += exponential(a - largest); }
    }

    let own = column + i * size.cols;
    if A[own] != MASKED {
        W[own] = exponential(A[own] - largest) / sum;
    } else {
        W[own] = 0.0;
    }
}

// exp(x) by way of exp2, which drivers compute more exactly.
fn exponential(x: f32) -> f32 {
    return exp2(x * LOG2_E);
}
