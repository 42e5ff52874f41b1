// Rung 5, block: the tiles of rung 3 and the registers of rung 4 together.
//
//   C[i,j] = Σ_m A[i,m] · B[m,j]        (rows × cols) = (rows × inner) · (inner × cols)
//
// A workgroup fetches 64 × 16 numbers of A and 16 × 64 of B into workgroup memory; each of its 64 invocations makes 8 × 8 cells of
// them. What comes from far away serves 64 cells, what comes from workgroup memory 8. This is what GPUs are good at; a software
// adapter pays for barriers and tiles with nothing to gain. Rows and columns are padded to 64 and the inner dimension to 16.

struct Size {
    rows: u32, cols: u32, inner: u32, unused_0: u32,
    a_step: u32, b_step: u32, c_step: u32, unused_1: u32, // vec4 from a matrix to the next: sentences and heads in z
}

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read> A: array<vec4f>;
@group(0) @binding(2) var<storage, read> B: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> C: array<vec4f>;

var<workgroup> left: array<vec4f, 256>;  // 16 × 64 of A, turned: a vec4 is 4 rows of one column
var<workgroup> right: array<vec4f, 256>; // 16 × 64 of B: a vec4 is 4 columns of one row

@compute @workgroup_size(8, 8)
fn main(
    @builtin(workgroup_id) group: vec3u,
    @builtin(local_invocation_id) local: vec3u,
    @builtin(local_invocation_index) index: u32,
) {
    let inner = size.inner / 4u;
    let cols = size.cols / 4u;
    let four = index / 4u;             // which 4 rows of A's tile this invocation fetches,
    let part = index % 4u;             // and which 4 of its 16 columns
    let a = group.z * size.a_step + (group.y * 64u + four * 4u) * inner + part;
    let b = group.z * size.b_step + (index / 16u) * cols + group.x * 16u + index % 16u;
    var sum: array<vec4f, 16>;         // 8 rows of 2 vec4
    for (var k = 0u; k < inner; k += 4u) {
        let a0 = A[a + k];
        let a1 = A[a + k + inner];
        let a2 = A[a + k + 2u * inner];
        let a3 = A[a + k + 3u * inner];
        left[(4u * part) * 16u + four] = vec4f(a0.x, a1.x, a2.x, a3.x);
        left[(4u * part + 1u) * 16u + four] = vec4f(a0.y, a1.y, a2.y, a3.y);
        left[(4u * part + 2u) * 16u + four] = vec4f(a0.z, a1.z, a2.z, a3.z);
        left[(4u * part + 3u) * 16u + four] = vec4f(a0.w, a1.w, a2.w, a3.w);
        right[index] = B[b + 4u * k * cols];
        right[index + 64u] = B[b + (4u * k + 4u) * cols];
        right[index + 128u] = B[b + (4u * k + 8u) * cols];
        right[index + 192u] = B[b + (4u * k + 12u) * cols];
        workgroupBarrier(); // the tiles are there
        for (var m = 0u; m < 16u; m++) {
            let upper = left[m * 16u + 2u * local.y];
            let lower = left[m * 16u + 2u * local.y + 1u];
            let near = right[m * 16u + 2u * local.x];
            let far = right[m * 16u + 2u * local.x + 1u];
            sum[0] = fma(vec4f(upper.x), near, sum[0]);
            sum[1] = fma(vec4f(upper.x), far, sum[1]);
            sum[2] = fma(vec4f(upper.y), near, sum[2]);
            sum[3] = fma(vec4f(upper.y), far, sum[3]);
            sum[4] = fma(vec4f(upper.z), near, sum[4]);
            sum[5] = fma(vec4f(upper.z), far, sum[5]);
            sum[6] = fma(vec4f(upper.w), near, sum[6]);
            sum[7] = fma(vec4f(upper.w), far, sum[7]);
            sum[8] = fma(vec4f(lower.x), near, sum[8]);
            sum[9] = fma(vec4f(lower.x), far, sum[9]);
            sum[10] = fma(vec4f(lower.y), near, sum[10]);
            sum[11] = fma(vec4f(lower.y), far, sum[11]);
            sum[12] = fma(vec4f(lower.z), near, sum[12]);
            sum[13] = fma(vec4f(lower.z), far, sum[13]);
            sum[14] = fma(vec4f(lower.w), near, sum[14]);
            sum[15] = fma(vec4f(lower.w), far, sum[15]);
        }
        workgroupBarrier(); // nobody reads them any more
    }
    let c = group.z * size.c_step + (group.y * 64u + local.y * 8u) * cols + group.x * 16u + local.x * 2u;
    //: each R below 8
    C[c + $Ru * cols] = sum[2 * $R];
    C[c + $Ru * cols + 1u] = sum[2 * $R + 1];
    //: end
}
