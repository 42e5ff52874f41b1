//: each N below ELEMENTWISE

// What is made number by number, four at once: from texture to texture by texels_each.wgsl, of its sums by matmul_subgroup.wgsl.
//
//   f(x, b) = x + b        x / b        x, or lowest where b = 0        GELU(x)        SiLU(x)

const MASKED: f32 = -0x1.fffffep+127; // -f32::MAX: drivers may assume that infinities do not occur
const LOG2_E: f32 = 1.44269504088896340736;
const ROOT_HALF: f32 = 0.70710678118654752440;
const ROOT: f32 = 0.79788456080286535588; // √(2/π)

fn f(x: vec4f, b: vec4f) -> vec4f {
    //: each N below ADD
    return x + b;
    //: end
    //: each N below SCALE
    return x / b;
    //: end
    //: each N below MASK
    return select(x, vec4f(MASKED), b == vec4f());
    //: end
    //: each N below GELU
    return x * 0.5 * (vec4f(1.0) + erf(x * ROOT_HALF));
    //: end
    //: each N below TANH_GELU
    let u = (x + x * x * x * 0.044715) * ROOT;
    // (1 + tanh u) / 2 = 1 / (1 + e^(−2u)); e^80 is as good as infinity, and f32 can hold it.
    return x / (vec4f(1.0) + exponential(min(u * -2.0, vec4f(80.0))));
    //: end
    //: each N below SILU
    return x / (vec4f(1.0) + exponential(min(-x, vec4f(80.0))));
    //: end
}
//: each N below GELU

// The error function by Abramowitz and Stegun 1964, 7.1.26: never more than 1.5e-7 away.
fn erf(x: vec4f) -> vec4f {
    let t = vec4f(1.0) / (vec4f(1.0) + abs(x) * 0.3275911);
    let p = ((((t * 1.061405429 - vec4f(1.453152027)) * t + vec4f(1.421413741)) * t - vec4f(0.284496736)) * t + vec4f(0.254829592)) * t;
    let e = vec4f(1.0) - p * exponential(-min(x * x, vec4f(80.0)));
    return select(e, -e, x < vec4f());
}
//: end
//: each N below POWERS

// exp(x) by way of exp2, which drivers compute more exactly.
fn exponential(x: vec4f) -> vec4f {
    return exp2(x * LOG2_E);
}
//: end
//: end
