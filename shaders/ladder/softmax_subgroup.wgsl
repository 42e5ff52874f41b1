// Softmax, rung 6: one subgroup a row, in place; maximum and sum without workgroup memory.
//
//   W[i,j] = exp(A[i,j] − max_k A[i,k]) / Σ_k exp(A[i,k] − max_k A[i,k])
//
// The lanes of a subgroup run together and can see one another's registers: subgroupMax and subgroupAdd replace the six steps and the
// barriers of rung 3.

const LANES: u32 = 8u;

struct Size { rows: u32, cols: u32, unused_0: u32, unused_1: u32 }

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read_write> A: array<f32>;

const LOG2_E: f32 = 1.44269504088896340736;

@compute @workgroup_size($LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
    let row = (group.z * size.rows + group.x) * size.cols;
    var mine = -1e30;
    for (var j = lane; j < size.cols; j += $LANESu) {
        mine = max(mine, A[row + j]);
    }
    let largest = subgroupMax(mine);
    var part = 0.0;
    for (var j = lane; j < size.cols; j += $LANESu) {
        let x = exp2((A[row + j] - largest) * LOG2_E);
        A[row + j] = x;
        part += x;
    }
    let sum = subgroupAdd(part);
    for (var j = lane; j < size.cols; j += $LANESu) {
        A[row + j] /= sum;
    }
}
