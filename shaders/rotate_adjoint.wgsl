// The gradient of what was turned by its position: turned back.
//
//   dX[i,c] = dY[i,c] · R[i,c] + dY[i,c'] · R[i, d + c']        c' = c + d/2 where c < d/2, else c − d/2
//
// Its twin in Rust is src/math/ops/rotate_adjoint.rs.

override SIDE: u32 = 8; // a workgroup computes SIDE × SIDE cells, one an invocation

struct Size {
    rows: u32,
    d: u32,
}

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read> dY: array<f32>;
@group(0) @binding(2) var<storage, read> R: array<f32>;
@group(0) @binding(3) var<storage, read_write> dX: array<f32>;

@compute @workgroup_size(SIDE, SIDE)
fn rotate_adjoint(@builtin(global_invocation_id) id: vec3u) {
    let c = id.x;
    let i = id.y;
    if i >= size.rows || c >= size.d { return; }
    let half = size.d / 2u;
    let partner = select(c - half, c + half, c < half);
    let row = (id.z * size.rows + i) * size.d; // where row i of this head begins
    let r = i * 2u * size.d;                   // where row i of the table begins: cosines, then sines
    dX[row + c] = dY[row + c] * R[r + c] + dY[row + partner] * R[r + size.d + partner];
}
