// Rung 3, tiled: a workgroup computes 16 × 16 cells from tiles of A and B that it shares.
//
//   C[i,j] = scale · Σ_m A[i,m] · B[m,j]        (rows × cols) = (rows × inner) · (inner × cols)
//
// Each number of a tile is loaded once and used 16 times, by way of workgroup memory and two barriers a tile. On a GPU that is what
// workgroup memory is for; a software adapter has no such memory, and pays for the barriers with nothing to gain.

struct Size {
    rows: u32, cols: u32, inner: u32, heads: u32,
    // How far apart two rows and two columns lie: a transposed matrix is the same numbers with the two exchanged.
    a_row: u32, a_col: u32, b_row: u32, b_col: u32,
    c_row: u32, a_sentence: u32, a_head: u32, b_sentence: u32,
    b_head: u32, c_sentence: u32, c_head: u32, a_start: u32,
    b_start: u32, scale: f32, unused_0: u32, unused_1: u32,
}

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read> A: array<f32>;
@group(0) @binding(2) var<storage, read> B: array<f32>;
@group(0) @binding(3) var<storage, read_write> C: array<f32>;

const TILE: u32 = 16;
var<workgroup> left: array<f32, 256>;
var<workgroup> right: array<f32, 256>;

@compute @workgroup_size(TILE, TILE)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(local_invocation_id) local: vec3u) {
    let i = id.y;
    let j = id.x;
    let sentence = id.z / size.heads;
    let head = id.z % size.heads;
    let a = size.a_start + sentence * size.a_sentence + head * size.a_head + i * size.a_row;
    let b = size.b_start + sentence * size.b_sentence + head * size.b_head + j * size.b_col;
    var sum = 0.0;
    for (var first = 0u; first < size.inner; first += TILE) {
        let m = first + local.x;
        let n = first + local.y;
        var x = 0.0;
        if i < size.rows && m < size.inner { x = A[a + m * size.a_col]; }
        left[local.y * TILE + local.x] = x;
        x = 0.0;
        if n < size.inner && j < size.cols { x = B[b + n * size.b_row]; }
        right[local.y * TILE + local.x] = x;
        workgroupBarrier(); // the tiles are there
        for (var k = 0u; k < TILE; k++) {
            sum += left[local.y * TILE + k] * right[k * TILE + local.x];
        }
        workgroupBarrier(); // nobody reads them any more
    }
    if i >= size.rows || j >= size.cols { return; }
    C[sentence * size.c_sentence + head * size.c_head + i * size.c_row + j] = sum * size.scale;
}
