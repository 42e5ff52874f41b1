// The gradient of weights that have a target: the smaller the share of what should be looked at, the harder it is pulled.
//
//   n = Σ T        dW[i,j] = −T[i,j] / (n · W[i,j]) · dL        the same shape as W and T; dL is 1 × 1
//
// A share below 2⁻¹²⁶ counts as that in the loss, whatever it is: its gradient is 0.
// Its twin in Rust is src/math/ops/target_loss_adjoint.rs.

override ROWS: u32 = 64; // a workgroup computes ROWS rows, one an invocation

const LEAST: f32 = 0x1p-126;

struct Size {
    rows: u32,
    cols: u32,
    count: u32, // targets of all sentences and heads
}

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read> W: array<f32>;
@group(0) @binding(2) var<storage, read> T: array<f32>;
@group(0) @binding(3) var<storage, read> dL: array<f32>;
@group(0) @binding(4) var<storage, read_write> dW: array<f32>;

var<workgroup> targets: array<f32, ROWS>; // what each invocation counted

@compute @workgroup_size(ROWS)
fn target_loss_adjoint(@builtin(global_invocation_id) id: vec3u, @builtin(local_invocation_index) own: u32) {
    var counted = 0.0;
    for (var k = own; k < size.count; k += ROWS) {
        counted += T[k];
    }
    targets[own] = counted;
    workgroupBarrier();

    let i = id.x;
    if i >= size.rows { return; }
    var n = 0.0;
    for (var k = 0u; k < ROWS; k++) {
        n += targets[k];
    }
    let by = select(0.0, -dL[0] / n, n != 0.0);
    let row = (id.z * size.rows + i) * size.cols; // where row i begins

    for (var j = 0u; j < size.cols; j++) {
        let pulled = T[row + j] != 0.0 && W[row + j] >= LEAST;
        // A share that small must not be divided by where nothing comes of it.
        dW[row + j] = select(0.0, T[row + j] / max(W[row + j], LEAST) * by, pulled);
    }
}
