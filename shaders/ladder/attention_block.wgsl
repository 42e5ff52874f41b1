// Fused attention, block rung: an invocation a query, keys and values fetched once for the 64 queries of a workgroup.
//
//   O[i] = Σ_j softmax_j(q_i·k_j / √d) · v_j
//
// As in the register rung the softmax is kept up to date while the keys go by (Dao et al. 2022), but KEYS of them come into workgroup
// memory together: every query then reads them there. All invocations stay to the end, for all fetch; those beyond the last query
// compute it once more and keep it to themselves.

const KEYS: u32 = 16u; // fewer of wide heads: workgroup memory holds no more
const D4: u32 = 8u;    // vec4 in a head's row

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

var<workgroup> some_keys: array<vec4f, KEYS * D4>;
var<workgroup> some_values: array<vec4f, KEYS * D4>;

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3u,
    @builtin(global_invocation_id) id: vec3u,
    @builtin(local_invocation_index) index: u32,
) {
    let i = min(id.x, size.queries - 1u);
    let first = (group.z / size.heads) * size.words;         // the sentence's first row
    let column = (size.first_head + group.z % size.heads) * $D4u;
    let mine = (first + i) * size.row + column;
    //: each C below D4
    let q$C = QKV[mine + $Cu] * size.scale;
    var o$C = vec4f();
    //: end
    var m = -1e30;
    var l = 0.0;
    var keys = size.keys;
    //: each N below EARLIER
    keys = min(keys, 64u * (group.x + 1u)); // no word of the workgroup sees one behind its last
    //: end
    for (var start = 0u; start < keys; start += KEYS) {
        for (var n = index; n < KEYS * D4; n += 64u) {
            let row = (first + min(start + n / D4, size.keys - 1u)) * size.row + column + n % D4;
            some_keys[n] = QKV[row + size.k_start];
            some_values[n] = QKV[row + size.v_start];
        }
        workgroupBarrier(); // they are there
        for (var j = 0u; j < min(KEYS, size.keys - start); j++) {
            var open = true;
            //: each N below EARLIER
            open = start + j <= i;
            //: end
            //: each N below MASKED
            open = visible[i * size.keys + start + j] != 0.0;
            //: end
            var t = vec4f();
            //: each C below D4
            t = fma(q$C, some_keys[j * D4 + $Cu], t);
            //: end
            let s = select(-1e30, t.x + t.y + t.z + t.w, open);
            let largest = max(m, s);
            let shrink = exp2(m - largest);
            let p = select(0.0, exp2(s - largest), open);
            m = largest;
            l = fma(l, shrink, p);
            //: each C below D4
            o$C = fma(vec4f(p), some_values[j * D4 + $Cu], o$C * shrink);
            //: end
        }
        workgroupBarrier(); // nobody reads them any more
    }
    if id.x < size.queries {
        let result = ((group.z / size.heads) * size.queries + i) * size.out_row + column;
        //: each C below D4
        O[result + $Cu] = o$C / l;
        //: end
    }
}
