// scores of random pairs: what attention would compare before anything is learned.
//
//   score[i] = Σ_c q[c] · k[c]        pairs, from nothing: d unit normals q and k are drawn here for each
//
//   q[c] = √(−2 ln u) · cos 2πv       (Box and Muller 1958)
//   k[c] = √(−2 ln u) · sin 2πv       u and v: 24 bits each of pcg4d(pair, c, seed)
//
// Every number follows from its pair, its c and the seed alone: the order of launches changes nothing.
// Its twin in Rust is src/study/scaling/draw.rs.

override ROWS: u32 = 64; // a workgroup computes ROWS scores, one an invocation

const STRIP: u32 = 32;
const LN_2: f32 = 0.693147180559945309417;
const SQRT_2: f32 = 1.41421356237309504880;
const QUARTER: f32 = 1.57079632679489661923; // a quarter turn, π/2

struct Size {
    first: u32, // the pair of the first score
    pairs: u32, // how many scores
    d: u32,
    seed_low: u32,
    seed_high: u32,
}

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read_write> scores: array<f32>;

@compute @workgroup_size(ROWS)
fn scaling(@builtin(global_invocation_id) id: vec3u) {
    if id.x >= size.pairs { return; }
    let pair = size.first + id.x;
    var sum = 0.0;
    for (var start = 0u; start < size.d; start += STRIP) {
        var strip = 0.0; // summed by itself: short sums round less than a long one
        for (var c = start; c < min(start + STRIP, size.d); c++) {
            let qk = draw(pair, c);
            strip += qk.x * qk.y;
        }
        sum += strip;
    }
    scores[id.x] = sum;
}

// q[c] and k[c] of a pair.
fn draw(pair: u32, c: u32) -> vec2f {
    let bits = pcg4d(vec4u(pair, c, size.seed_low, size.seed_high)) >> vec4u(8u);
    return sqrt(-2.0 * ln(bits.x + 1u)) * direction(bits.y);
}

// The hash pcg4d of Jarzynski and Olano 2020: four words, each of which depends on all four.
fn pcg4d(words: vec4u) -> vec4u {
    var v = words * 1664525u + 1013904223u;
    v.x += v.y * v.w;
    v.y += v.z * v.x;
    v.z += v.x * v.y;
    v.w += v.y * v.z;
    v ^= v >> vec4u(16u);
    v.x += v.y * v.w;
    v.y += v.z * v.x;
    v.z += v.x * v.y;
    v.w += v.y * v.z;
    return v;
}

// The drivers' own log, sin and cos may err by 2⁻¹¹, and each errs in its own way. These are series of plain sums and
// products, which do not; docs/SCALING.md counts their errors.

// ln(n / 2²⁴) for n = 1 … 2²⁴. With n = m·2ᵉ and s = (m − 1)/(m + 1): ln m = 2 (s + s³/3 + s⁵/5 + …), |s| < 0.172.
fn ln(n: u32) -> f32 {
    let bits = bitcast<u32>(f32(n));
    var e = f32(bits >> 23u) - 151.0;                       // the exponent, less its bias of 127 and the 24
    var m = bitcast<f32>((bits & 0x7fffffu) | 0x3f800000u); // 1 … 2
    if m > SQRT_2 {
        m *= 0.5;
        e += 1.0;
    }
    let s = (m - 1.0) / (m + 1.0);
    let s2 = s * s;
    return e * LN_2 + 2.0 * s * (1.0 + s2 * (1.0 / 3.0 + s2 * (1.0 / 5.0 + s2 * (1.0 / 7.0 + s2 / 9.0))));
}

// (cos, sin) of n / 2²⁴ turns. The nearest quarter turn is taken off in whole numbers; what is left is at most π/4.
fn direction(n: u32) -> vec2f {
    let quarters = (n + 0x200000u) >> 22u;
    let a = f32(i32(n) - i32(quarters << 22u)) * (QUARTER / 4194304.0);
    let a2 = a * a;
    let c = 1.0 - a2 / 2.0 * (1.0 - a2 / 12.0 * (1.0 - a2 / 30.0 * (1.0 - a2 / 56.0 * (1.0 - a2 / 90.0))));
    let s = a * (1.0 - a2 / 6.0 * (1.0 - a2 / 20.0 * (1.0 - a2 / 42.0 * (1.0 - a2 / 72.0))));
    let turned = select(vec2f(c, s), vec2f(-s, c), (quarters & 1u) == 1u);
    return select(turned, -turned, (quarters & 2u) == 2u);
}
