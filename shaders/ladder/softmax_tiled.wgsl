// Softmax, rung 3: one workgroup a row, in place; 64 invocations share the row, its maximum and its sum.
//
//   W[i,j] = exp(A[i,j] − max_k A[i,k]) / Σ_k exp(A[i,k] − max_k A[i,k])
//
// Each invocation takes every 64th number. What each found is halved six times in workgroup memory, 64 → 32 → … → 1, a barrier after every
// step: nobody may read what another has not yet written.

struct Size { rows: u32, cols: u32, unused_0: u32, unused_1: u32 }

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read_write> A: array<f32>;
//: each N below MASKED
@group(0) @binding(2) var<storage, read> visible: array<f32>; // rows × cols
//: end

const LOG2_E: f32 = 1.44269504088896340736;
var<workgroup> found: array<f32, 64>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
    let row = (group.z * size.rows + group.x) * size.cols;
    var largest = -1e30;
    for (var j = local; j < size.cols; j += 64u) {
        //: each N below MASKED
        if visible[group.x * size.cols + j] == 0.0 { A[row + j] = -1e30; }
        //: end
        largest = max(largest, A[row + j]);
    }
    found[local] = largest;
    workgroupBarrier(); // everyone has written
    for (var half = 32u; half > 0u; half /= 2u) {
        if local < half { found[local] = max(found[local], found[local + half]); }
        workgroupBarrier();
    }
    largest = found[0];
    workgroupBarrier(); // everyone has read; the memory is free for the sum
    var sum = 0.0;
    for (var j = local; j < size.cols; j += 64u) {
        let x = exp2((A[row + j] - largest) * LOG2_E);
        A[row + j] = x;
        sum += x;
    }
    found[local] = sum;
    workgroupBarrier();
    for (var half = 32u; half > 0u; half /= 2u) {
        if local < half { found[local] += found[local + half]; }
        workgroupBarrier();
    }
    sum = found[0];
    for (var j = local; j < size.cols; j += 64u) {
        A[row + j] /= sum;
    }
}
