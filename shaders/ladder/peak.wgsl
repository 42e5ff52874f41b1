// The roof: nothing but multiplications and additions, in registers.
//
//   sum_n = sum_n · a + b        eight independent sums of four numbers, size.turns times
//
// No kernel can be faster than this one: what a rung reaches is measured against it. The sums depend on the invocation, so that no
// compiler can work them out beforehand.

struct Size { turns: u32, unused_0: u32, unused_1: u32, unused_2: u32 }

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read_write> out: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let a = vec4f(0.5 + f32(id.x % 7u) * 0.01);
    let b = vec4f(0.25, 0.5, 0.75, 1.0);
    var s0 = b;
    var s1 = b * 2.0;
    var s2 = b * 3.0;
    var s3 = b * 4.0;
    var s4 = b * 5.0;
    var s5 = b * 6.0;
    var s6 = b * 7.0;
    var s7 = b * 8.0;
    for (var turn = 0u; turn < size.turns; turn++) {
        s0 = fma(s0, a, b);
        s1 = fma(s1, a, b);
        s2 = fma(s2, a, b);
        s3 = fma(s3, a, b);
        s4 = fma(s4, a, b);
        s5 = fma(s5, a, b);
        s6 = fma(s6, a, b);
        s7 = fma(s7, a, b);
    }
    out[id.x] = s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7;
}
