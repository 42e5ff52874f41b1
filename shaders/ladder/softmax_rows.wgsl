// Softmax of every row, one invocation a row, in place.
//
//   W[i,j] = exp(A[i,j] − max_k A[i,k]) / Σ_k exp(A[i,k] − max_k A[i,k])

struct Size { rows: u32, cols: u32, unused_0: u32, unused_1: u32 }

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read_write> A: array<f32>;

const LOG2_E: f32 = 1.44269504088896340736;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let i = id.y * groups.x * 64u + id.x;
    if i >= size.rows { return; }
    let row = i * size.cols;
    var largest = A[row];
    for (var j = 1u; j < size.cols; j++) { largest = max(largest, A[row + j]); }
    var sum = 0.0;
    for (var j = 0u; j < size.cols; j++) {
        let x = exp2((A[row + j] - largest) * LOG2_E);
        A[row + j] = x;
        sum += x;
    }
    for (var j = 0u; j < size.cols; j++) { A[row + j] /= sum; }
}
