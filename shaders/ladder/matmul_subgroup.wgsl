// Rung 6, subgroup broadcast: a lane owns ROWS rows of the result and every lane's columns.
//
//   C[i,j] = Σ_m A[i,m] · B[m,j]        (rows × cols) = (rows × inner) · (inner × cols)
//
// A load is what costs on a software adapter, so none is done twice in a subgroup: each lane loads four numbers of a row of B, and all
// lanes hand theirs round by broadcast, from registers to registers. A lane multiplies them by its own rows of A. The matrices are
// textures, four numbers a texel: such an adapter fetches a texel as a whole, and the numbers of a buffer one by one. (A storage
// texture, for one that could be sampled is looked up by mip level, lane by lane.)

const LANES: u32 = 8u;
const ROWS: u32 = 4u;

struct Size {
    rows: u32, cols: u32, inner: u32, unused_0: u32,
    a_step: u32, b_step: u32, c_step: u32, unused_1: u32, // texels from a matrix to the next, side by side: z counts them
}

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var A: texture_storage_2d<rgba32float, read>;
@group(0) @binding(2) var B: texture_storage_2d<rgba32float, read>;
@group(0) @binding(3) var C: texture_storage_2d<rgba32float, write>;

@compute @workgroup_size($LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
    let i = (group.y * $LANESu + lane) * $ROWSu;   // the first of this lane's rows
    let j = group.x * $LANESu;                     // the subgroup's first texel of columns
    let a = group.z * size.a_step;
    let b = group.z * size.b_step + j + lane;
    let c = group.z * size.c_step + j;
    let inner = size.inner / 4u;
    //: each R below ROWS
    //: each L below LANES
    var c$R_$L = vec4f();
    //: end
    //: end
    for (var k = 0u; k < inner; k++) {
        //: each R below ROWS
        let a$R = textureLoad(A, vec2u(a + k, i + $Ru));
        //: end
        //: each M below 4
        let mine$M = textureLoad(B, vec2u(b, 4u * k + $Mu));
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
    textureStore(C, vec2u(c + $Lu, i + $Ru), c$R_$L);
    //: end
    //: end
}
