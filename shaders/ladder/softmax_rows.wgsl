// Softmax, rung 1: one invocation a row, in place.
//
//   W[i,j] = exp(A[i,j] − max_k A[i,k]) / Σ_k exp(A[i,k] − max_k A[i,k])
//
// Plain, and enough where there are many rows. Neighbouring invocations read rows that lie far apart, and a few long rows leave most of the
// machine idle: rung 3 gives a row to a whole workgroup.

struct Size { rows: u32, cols: u32, unused_0: u32, unused_1: u32 }

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read_write> A: array<f32>;
//: each N below MASKED
@group(0) @binding(2) var<storage, read> visible: array<f32>; // rows × cols
//: end

const LOG2_E: f32 = 1.44269504088896340736;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let i = id.x;
    if i >= size.rows { return; }
    let row = (id.z * size.rows + i) * size.cols;
    var largest = -1e30;
    for (var j = 0u; j < size.cols; j++) {
        //: each N below MASKED
        if visible[i * size.cols + j] == 0.0 { A[row + j] = -1e30; }
        //: end
        largest = max(largest, A[row + j]);
    }
    var sum = 0.0;
    for (var j = 0u; j < size.cols; j++) {
        let x = exp2((A[row + j] - largest) * LOG2_E);
        A[row + j] = x;
        sum += x;
    }
    for (var j = 0u; j < size.cols; j++) {
        A[row + j] /= sum;
    }
}
