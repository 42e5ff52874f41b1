// Rung 6, subgroup broadcast: a lane owns ROWS rows of the result and every lane's columns.
//
//   C[i,j] = Σ_m A[i,m] · B[m,j]        (rows × cols) = (rows × inner) · (inner × cols)
//
// A load is what costs on a software adapter, so none is done twice in a subgroup: each lane loads four numbers of a row of B, and all
// lanes hand theirs round by broadcast, from registers to registers. A lane multiplies them by its own rows of A. The matrices are
// textures, four numbers a texel: such an adapter fetches a texel as a whole, and the numbers of a buffer one by one. (A storage
// texture, for one that could be sampled is looked up by mip level, lane by lane.)
//
// PANELS: B comes as panels of a subgroup's columns, all rows of one panel before the next. What is fetched next lies next, and the
// subgroups of all rows of A fetch it one after another, while it is in the cache. A subgroup works on COLS panels, so that what it
// fetches of A serves them all. TURNED: B's columns lie as rows, as keys do. A lane
// fetches four numbers of a column, and hands a column round instead of four.
//
// ELEMENTWISE: the sums are not what is wanted, but f of each of them, as elementwise.wgsl has it: GELU, or what a residual sum adds.
//
// CAREFUL: what rounding takes off a sum is summed up too. Scores need that: large products of queries and keys nearly cancel.

const LANES: u32 = 8u;
const ROWS: u32 = 4u;
const COLS: u32 = 2u; // texels of columns for a lane of the subgroup
const TALL: u32 = 32u; // rows of a panel of B in a row of texels
const PART: u32 = 64u; // texels of A after which what was summed up is put aside

struct Size {
    rows: u32, cols: u32, inner: u32, zero: u32, // 0, which only the host knows; see keep()
    a_step: u32, b_step: u32, c_step: u32, // texels from a matrix to the next, side by side: z counts them
    a_start: u32, b_start: u32, other_x: u32, other_y: u32, unused_0: u32, // the first texel of the first matrix
}

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var A: texture_storage_2d<rgba32float, read>;
@group(0) @binding(2) var B: texture_storage_2d<rgba32float, read>;
//: each N below TWO
@group(0) @binding(3) var other: texture_storage_2d<rgba32float, read>; // rows × cols
//: end
@group(0) @binding($OUT) var C: texture_storage_2d<rgba32float, write>;

@compute @workgroup_size($LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
    let i = (group.x * $LANESu + lane) * $ROWSu;   // the first of this lane's rows
    let j = group.y * $COLSu * $LANESu;            // the subgroup's first texel of columns
    let a = size.a_start + group.z * size.a_step;
    //: each P below ROWWISE
    let b = size.b_start + group.z * size.b_step + j + lane;
    //: end
    //: each P below TURNED
    let b = size.b_start + group.z * size.b_step;
    //: end
    //: each P below PANELS
    let b = (group.z * size.b_step + j) * size.inner; // the first texel of the first panel
    //: end
    let c = group.z * size.c_step + j;
    let inner = size.inner / 4u;
    //: each R below ROWS
    //: each G below COLS
    //: each L below LANES
    var all$R_$G_$L = vec4f();
    //: end
    //: end
    //: end
    //: each S below CAREFUL
    //: each R below ROWS
    //: each G below COLS
    //: each L below LANES
    var low$R_$G_$L = vec4f();
    //: end
    //: end
    //: end
    //: end
    // A long sum is rounded at every step, and the more the larger it is: sums of 256 products are added up instead.
    for (var part = 0u; part < inner; part += PART) {
    //: each R below ROWS
    //: each G below COLS
    //: each L below LANES
    var c$R_$G_$L = vec4f();
    //: end
    //: end
    //: end
    for (var k = part; k < min(part + PART, inner); k++) {
        //: each R below ROWS
        let a$R = textureLoad(A, vec2u(a + k, i + $Ru));
        //: end
        //: each G below COLS
        //: each P below ROWWISE
        //: each M below 4
        let mine$G_$M = textureLoad(B, vec2u(b, 4u * k + $Mu));
        //: end
        //: end
        //: each P below PANELS
        let place$G = b + ($Gu * size.inner + 4u * k) * $LANESu;
        let x$G = place$G % (TALL * $LANESu) + lane;
        let y$G = place$G / (TALL * $LANESu);
        //: each M below 4
        let mine$G_$M = textureLoad(B, vec2u(x$G + $Mu * $LANESu, y$G));
        //: end
        //: end
        //: each P below TURNED
        //: each M below 4
        let column$M = textureLoad(B, vec2u(b + k, 4u * j + $Mu * $LANESu + lane));
        //: end
        let columns = array(column0, column1, column2, column3);
        //: end
        //: each L below LANES
        {
            // Four products in a row before a sum is put back: not all of them fit into registers.
            //: each P below SHARED
            //: each M below 4
            let b$M = subgroupBroadcast(mine$G_$M, $Lu);
            //: end
            //: end
            //: each P below TURNED
            //: each M below 4
            let t$M = subgroupBroadcast(columns[(4u * $Lu + $Mu) / $LANESu], (4u * $Lu + $Mu) % $LANESu);
            //: end
            //: each M below 4
            let b$M = vec4f(t0[$M], t1[$M], t2[$M], t3[$M]);
            //: end
            //: end
            //: each S below PLAIN
            //: each R below ROWS
            c$R_$G_$L = fma(vec4f(a$R.w), b3, fma(vec4f(a$R.z), b2, fma(vec4f(a$R.y), b1, fma(vec4f(a$R.x), b0, c$R_$G_$L))));
            //: end
            //: end
            //: each S below CAREFUL
            //: each R below ROWS
            {
                //: each M below 4
                let x$M = vec4f(a$R[$M]) * b$M;
                let high$M = keep(c$R_$G_$L + x$M);
                let arrived$M = keep(high$M - c$R_$G_$L); // the part of x that found room in high
                low$R_$G_$L += (c$R_$G_$L - keep(high$M - arrived$M)) + (x$M - arrived$M);
                c$R_$G_$L = high$M;
                //: end
            }
            //: end
            //: end
        }
        //: end
        //: end
    }
    //: each R below ROWS
    //: each G below COLS
    //: each L below LANES
    all$R_$G_$L += c$R_$G_$L;
    //: end
    //: end
    //: end
    }
    //: each S below CAREFUL
    //: each R below ROWS
    //: each G below COLS
    //: each L below LANES
    all$R_$G_$L += low$R_$G_$L;
    //: end
    //: end
    //: end
    //: end
    //: each R below ROWS
    //: each G below COLS
    //: each L below LANES
    //: each N below BARE
    textureStore(C, vec2u(c + $Gu * $LANESu + $Lu, i + $Ru), all$R_$G_$L);
    //: end
    //: each N below TWO
    let b$R_$G_$L = textureLoad(other, vec2u(size.other_x + j + $Gu * $LANESu + $Lu, size.other_y + i + $Ru));
    //: end
    //: each N below ALONE
    let b$R_$G_$L = vec4f();
    //: end
    //: each N below ELEMENTWISE
    textureStore(C, vec2u(c + $Gu * $LANESu + $Lu, i + $Ru), f(all$R_$G_$L, b$R_$G_$L));
    //: end
    //: end
    //: end
    //: end
}
//: each S below CAREFUL

// x itself, in a way that no compiler sees through: without it drivers shorten (a + b) - a to b.
fn keep(x: vec4f) -> vec4f {
    return bitcast<vec4f>(bitcast<vec4u>(x) ^ vec4u(size.zero));
}
//: end
