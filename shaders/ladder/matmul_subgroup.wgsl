// Rung 5, subgroup broadcast: a lane owns ROWS rows of the result and every lane's columns.
//
//   C[i,j] = Σ_m A[i,m] · B[m,j]        (rows × cols) = (rows × inner) · (inner × cols)
//
// A load is what costs on a software adapter, so none is done twice in a subgroup: each lane loads one vec4 of a row of B, and all lanes
// hand theirs round by broadcast, from registers to registers. A lane multiplies them by its own rows of A.

const LANES: u32 = 8u;
const ROWS: u32 = 4u;

struct Size {
    rows: u32, cols: u32, inner: u32, unused_0: u32,
    a_step: u32, b_step: u32, c_step: u32, unused_1: u32, // vec4 from a matrix to the next: sentences and heads in z
}

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read> A: array<vec4f>;
@group(0) @binding(2) var<storage, read> B: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> C: array<vec4f>;

@compute @workgroup_size($LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
    let i = (group.y * $LANESu + lane) * $ROWSu;   // the first of this lane's rows
    let j = group.x * $LANESu;                     // the subgroup's first vec4 of columns
    let inner = size.inner / 4u;
    let cols = size.cols / 4u;
    let a = group.z * size.a_step + i * inner;
    let b = group.z * size.b_step + j + lane;
    let c = group.z * size.c_step + i * cols + j;
    //: each R below ROWS
    //: each L below LANES
    var c$R_$L = vec4f();
    //: end
    //: end
    for (var k = 0u; k < inner; k++) {
        //: each R below ROWS
        let a$R = A[a + $Ru * inner + k];
        //: end
        //: each M below 4
        let mine$M = B[b + (4u * k + $Mu) * cols];
        //: end
        //: each L below LANES
        {
            // Four products in a row before a sum is put back: not all of them fit into registers.
            //: each M below 4
            let b$M = subgroupBroadcast(mine$M, $Lu);
            //: end
            //: each R below ROWS
            c$R_$L = fma(vec4f(a$R.w), b3, fma(vec4f(a$R.z), b2, fma(vec4f(a$R.y), b1, fma(vec4f(a$R.x), b0, c$R_$L))));
            //: end
        }
        //: end
    }
    //: each R below ROWS
    //: each L below LANES
    C[c + $Ru * cols + $Lu] = c$R_$L;
    //: end
    //: end
}
