// Rung 4, register tiles: one invocation computes 8 × 8 cells, loads by four and keeps everything in registers.
//
//   C[i,j] = Σ_m A[i,m] · B[m,j]        (rows × cols) = (rows × inner) · (inner × cols)
//
// A number that is loaded is used eight times without going back to memory, no barrier is needed, and one load brings four numbers.
// Rows and columns are padded to 64 and the inner dimension to 4, so that no edge needs a branch.

struct Size {
    rows: u32, cols: u32, inner: u32, unused_0: u32,
    a_step: u32, b_step: u32, c_step: u32, unused_1: u32, // vec4 from a matrix to the next: sentences and heads in z
}

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read> A: array<vec4f>;
@group(0) @binding(2) var<storage, read> B: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> C: array<vec4f>;

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let i = id.y * 8u;                 // the first of 8 rows
    let j = id.x * 2u;                 // the first of 2 vec4 of columns
    let inner = size.inner / 4u;
    let cols = size.cols / 4u;
    let a = id.z * size.a_step + i * inner;
    let b = id.z * size.b_step + j;
    let c = id.z * size.c_step + i * cols + j;
    var sum: array<vec4f, 16>;
    for (var k = 0u; k < inner; k++) {
        let l0 = B[b + (4u * k) * cols];
        let r0 = B[b + (4u * k) * cols + 1u];
        let l1 = B[b + (4u * k + 1u) * cols];
        let r1 = B[b + (4u * k + 1u) * cols + 1u];
        let l2 = B[b + (4u * k + 2u) * cols];
        let r2 = B[b + (4u * k + 2u) * cols + 1u];
        let l3 = B[b + (4u * k + 3u) * cols];
        let r3 = B[b + (4u * k + 3u) * cols + 1u];
        //: each R below 8
        let a$R = A[a + $Ru * inner + k];
        sum[2 * $R] = fma(vec4f(a$R.w), l3, fma(vec4f(a$R.z), l2, fma(vec4f(a$R.y), l1, fma(vec4f(a$R.x), l0, sum[2 * $R]))));
        sum[2 * $R + 1] = fma(vec4f(a$R.w), r3, fma(vec4f(a$R.z), r2, fma(vec4f(a$R.y), r1, fma(vec4f(a$R.x), r0, sum[2 * $R + 1]))));
        //: end
    }
    //: each R below 8
    C[c + $Ru * cols] = sum[2 * $R];
    C[c + $Ru * cols + 1u] = sum[2 * $R + 1];
    //: end
}
