//! Rung 5: tiles in workgroup memory, and in registers what an invocation makes of them; softmax fused.

use super::{Attention, Product, Spec, Takes, file, none, register::WIDEST};
use crate::kernels::map::Map;

/// Keys and values that the attention keeps in workgroup memory: 16 at most, and no more than fit into the 16 KiB that every
/// device has.
fn kept_keys(d4: usize) -> usize {
    ((16 << 10) / (2 * 16 * d4.max(1))).min(16)
}

pub(in crate::kernels) static BLOCK: Spec = Spec {
    name: "block",
    subgroups: false,
    product: Product {
        file: file!(
            "matmul_block",
            "第 5 级：把第 3 级的共享内存和第 4 级的寄存器合起来。从显存取来的数供 64 格用，从共享内存取的供 8 格用：这是为真正的显卡写的。",
            "Rung 5: the tiles of rung 3 and the registers of rung 4 together. A number from far away serves 64 cells, one from workgroup memory 8: the way to write it for a real GPU.",
        ),
        takes: Takes::Buffers(64, 64, 16),
        constants: none,
        map: |map, _| Map { own: (8, 8), side: (8, 8), ..map },
    },
    softmax: None,
    attention: Some(Attention {
        file: file!(
            "attention_block",
            "同样是融合的一个核函数，但 64 个查询合用：一批键和值先搬进共享内存，大家都从那里读。",
            "The same fused kernel, but 64 queries work together: some keys and values come into workgroup memory, and all read them there.",
        ),
        name: "fused block",
        constants: |d4, _| vec![("KEYS", kept_keys(d4))],
        widest: WIDEST,
        queries: |_| 1,
        side: |_| 64,
        idle: true,
    }),
    texels: None,
};
