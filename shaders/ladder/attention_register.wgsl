// Fused attention, register rung: one invocation a query, softmax kept up to date while the keys go by.
//
//   O[i] = Σ_j softmax_j(q_i·k_j / √d) · v_j
//
// The scores are never written down: memory grows with the words, not with their square. The online softmax (Milakov and Gimelshein
// 2018; Dao et al. 2022) keeps the largest score so far, m, and the sum l of exp(s − m); when m grows, what was summed shrinks by exp(m_old − m).

const D4: u32 = 8u; // vec4 in a head's row

struct Size {
    queries: u32, heads: u32, row: u32, out_row: u32, // vec4 in a row of QKV and of O
    k_start: u32, v_start: u32, scale: f32, keys: u32, // scale: log2(e) / √d
    words: u32, unused_0: u32, first_head: u32, unused_1: u32, // rows of a sentence
}

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read> QKV: array<vec4f>;
//: each N below MASKED
@group(0) @binding(2) var<storage, read> visible: array<f32>; // queries × keys
//: end
@group(0) @binding($OUT) var<storage, read_write> O: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let i = id.x;
    if i >= size.queries { return; }
    let first = (id.z / size.heads) * size.words;            // the sentence's first row
    let column = (size.first_head + id.z % size.heads) * $D4u;
    let mine = (first + i) * size.row + column;
    //: each C below D4
    let q$C = QKV[mine + $Cu] * size.scale;
    var o$C = vec4f();
    //: end
    var m = -1e30;
    var l = 0.0;
    var keys = size.keys;
    //: each N below EARLIER
    keys = min(keys, i + 1u); // a word sees itself and those before it
    //: end
    for (var j = 0u; j < keys; j++) {
        //: each N below MASKED
        if visible[i * size.keys + j] == 0.0 { continue; }
        //: end
        let key = (first + j) * size.row + column + size.k_start;
        var t = vec4f();
        //: each C below D4
        t = fma(q$C, QKV[key + $Cu], t);
        //: end
        let s = t.x + t.y + t.z + t.w;
        let largest = max(m, s);
        let shrink = exp2(m - largest);
        let p = exp2(s - largest);
        m = largest;
        l = fma(l, shrink, p);
        let value = (first + j) * size.row + column + size.v_start;
        //: each C below D4
        o$C = fma(vec4f(p), QKV[value + $Cu], o$C * shrink);
        //: end
    }
    let result = ((id.z / size.heads) * size.queries + i) * size.out_row + column;
    //: each C below D4
    O[result + $Cu] = o$C / l;
    //: end
}
