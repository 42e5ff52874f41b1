// The gradient of logits: what the model expected less what came, shared out over the rows that are asked.
//
//   P = softmax(A), row by row        n = Σ_i Σ_j T[i,j]
//   dA[i,j] = (P[i,j] · Σ_k T[i,k] − T[i,j]) / n · dL        the same shape as A and T; dL is 1 × 1
//
// Its twin in Rust is src/math/ops/cross_entropy_adjoint.rs.

override ROWS: u32 = 64; // a workgroup computes ROWS rows, one an invocation

const LOG2_E: f32 = 1.44269504088896340736;

struct Size {
    rows: u32,
    cols: u32,
    count: u32, // targets of all sentences
}

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read> A: array<f32>;
@group(0) @binding(2) var<storage, read> T: array<f32>;
@group(0) @binding(3) var<storage, read> dL: array<f32>;
@group(0) @binding(4) var<storage, read_write> dA: array<f32>;

var<workgroup> targets: array<f32, ROWS>; // what each invocation counted

@compute @workgroup_size(ROWS)
fn cross_entropy_adjoint(@builtin(global_invocation_id) id: vec3u, @builtin(local_invocation_index) own: u32) {
    var counted = 0.0;
    for (var k = own; k < size.count; k += ROWS) {
        counted += T[k];
    }
    targets[own] = counted;
    workgroupBarrier();

    let i = id.x;
    if i >= size.rows { return; }
    var n = 0.0;
    for (var k = 0u; k < ROWS; k++) {
        n += targets[k];
    }
    let by = select(0.0, dL[0] / n, n != 0.0);
    let row = (id.z * size.rows + i) * size.cols; // where row i begins

    var largest = A[row];
    var target_sum = 0.0;
    for (var k = 0u; k < size.cols; k++) {
        largest = max(largest, A[row + k]);
        target_sum += T[row + k];
    }

    var sum = 0.0;
    for (var k = 0u; k < size.cols; k++) {
        sum += exponential(A[row + k] - largest);
    }

    for (var j = 0u; j < size.cols; j++) {
        dA[row + j] = (exponential(A[row + j] - largest) / sum * target_sum - T[row + j]) * by;
    }
}

// exp(x) by way of exp2, which drivers compute more exactly.
fn exponential(x: f32) -> f32 {
    return exp2(x * LOG2_E);
}
