// Rung 2, coalesced: one invocation a cell, neighbours in a workgroup side by side.
//
//   C[i,j] = scale · Σ_m A[i,m] · B[m,j]        (rows × cols) = (rows × inner) · (inner × cols)
//
// Neighbouring invocations read neighbouring columns of B and the same number of A: their loads share cache lines. Nothing else is
// different from rung 1. Still every number is loaded once for each cell that needs it; rung 3 loads it once for a tile.

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

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let i = id.y;
    let j = id.x;
    if i >= size.rows || j >= size.cols { return; }
    let sentence = id.z / size.heads;
    let head = id.z % size.heads;
    let a = size.a_start + sentence * size.a_sentence + head * size.a_head + i * size.a_row;
    let b = size.b_start + sentence * size.b_sentence + head * size.b_head + j * size.b_col;
    var sum = 0.0;
    for (var m = 0u; m < size.inner; m++) {
        sum += A[a + m * size.a_col] * B[b + m * size.b_row];
    }
    C[sentence * size.c_sentence + head * size.c_head + i * size.c_row + j] = sum * size.scale;
}
