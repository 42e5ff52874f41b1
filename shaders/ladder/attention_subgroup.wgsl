// Fused attention, subgroup rung: a lane owns QUERIES queries; keys and values are loaded once a subgroup and handed round.
//
//   O[i] = Σ_j softmax_j(q_i·k_j / √d) · v_j
//
// As in the register rung the softmax is kept up to date while the keys go by, here KEYS of them at a time, so that what was summed shrinks
// once for all of them. A row of K or V is loaded by as many lanes as it has texels of four numbers, one load each, and broadcast.

const LANES: u32 = 8u;
const QUERIES: u32 = 4u;
const KEYS: u32 = 4u;
const D4: u32 = 8u;    // texels in a head's row
const LOADS: u32 = 1u; // loads of a lane for a row: D4 / LANES, rounded up

struct Size {
    queries: u32, heads: u32, row: u32, out_row: u32, // texels in a row of QKV and of O
    k_start: u32, v_start: u32, scale: f32, keys: u32, // scale: log2(e) / √d
    words: u32, sentences: u32, first_head: u32, unused_0: u32, // rows of a sentence; sentences below one another
}

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var QKV: texture_storage_2d<rgba32float, read>;
//: each N below MASKED
@group(0) @binding(2) var<storage, read> visible: array<f32>; // queries × keys
//: end
@group(0) @binding($OUT) var O: texture_storage_2d<rgba32float, write>;

@compute @workgroup_size($LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
    let sentence = group.z / size.heads;
    let below = sentence % size.sentences;                   // a texture has only so many rows:
    let beside = sentence / size.sentences;                  // the other sentences lie beside the first
    let head = (size.first_head + group.z % size.heads) * $D4u;
    let column = beside * size.row + head;
    let first = below * size.words;                          // the sentence's first row
    let i = (group.x * $LANESu + lane) * $QUERIESu;
    //: each Q below QUERIES
    let mine$Q = first + min(i + $Qu, size.queries - 1u);
    var m$Q = -1e30;
    var l$Q = 0.0;
    //: each C below D4
    let q$Q_$C = textureLoad(QKV, vec2u(column + $Cu, mine$Q)) * size.scale;
    var o$Q_$C = vec4f();
    //: end
    //: end
    var keys = size.keys;
    //: each N below EARLIER
    keys = min(keys, (group.x + 1u) * $LANESu * $QUERIESu); // no word of the subgroup sees one behind its last
    //: end
    for (var j = 0u; j < keys; j += $KEYSu) {
        //: each K below KEYS
        let row$K = first + min(j + $Ku, size.keys - 1u);
        //: each N below LOADS
        let key$K_$N = textureLoad(QKV, vec2u(column + size.k_start + lane + $Nu * $LANESu, row$K));
        //: end
        //: each Q below QUERIES
        var t$Q_$K = vec4f();
        //: end
        //: each C below D4
        {
            let k = subgroupBroadcast(key$K_$LOAD(C), $LANE(C)u);
            //: each Q below QUERIES
            t$Q_$K = fma(q$Q_$C, k, t$Q_$K);
            //: end
        }
        //: end
        //: end
        //: each Q below QUERIES
        var largest$Q = m$Q;
        //: each K below KEYS
        var open$Q_$K = j + $Ku < size.keys;
        //: each N below EARLIER
        open$Q_$K &= j + $Ku <= i + $Qu;
        //: end
        //: each N below MASKED
        open$Q_$K &= visible[min(i + $Qu, size.queries - 1u) * size.keys + min(j + $Ku, size.keys - 1u)] != 0.0;
        //: end
        let s$Q_$K = select(-1e30, t$Q_$K.x + t$Q_$K.y + t$Q_$K.z + t$Q_$K.w, open$Q_$K);
        largest$Q = max(largest$Q, s$Q_$K);
        //: end
        let shrink$Q = exp2(m$Q - largest$Q);
        m$Q = largest$Q;
        l$Q = l$Q * shrink$Q;
        //: each K below KEYS
        let p$Q_$K = exp2(s$Q_$K - largest$Q);
        l$Q += p$Q_$K;
        //: end
        //: end
        //: each K below KEYS
        //: each N below LOADS
        let value$K_$N = textureLoad(QKV, vec2u(column + size.v_start + lane + $Nu * $LANESu, row$K));
        //: end
        //: end
        //: each C below D4
        {
            //: each K below KEYS
            let v$K = subgroupBroadcast(value$K_$LOAD(C), $LANE(C)u);
            //: end
            //: each Q below QUERIES
            var sum$Q = o$Q_$C * shrink$Q;
            //: each K below KEYS
            sum$Q = fma(vec4f(p$Q_$K), v$K, sum$Q);
            //: end
            o$Q_$C = sum$Q;
            //: end
        }
        //: end
    }
    //: each Q below QUERIES
    if i + $Qu < size.queries {
        //: each C below D4
        textureStore(O, vec2u(beside * size.out_row + head + $Cu, below * size.queries + i + $Qu), o$Q_$C / l$Q);
        //: end
    }
    //: end
}
