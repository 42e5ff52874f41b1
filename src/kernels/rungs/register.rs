//! Rung 4: tiles in registers, softmax fused.

use super::{Attention, Product, Spec, Takes, file, none};
use crate::kernels::map::Map;

/// vec4 of a head's row up to which a kernel with one query an invocation is written out.
pub(super) const WIDEST: usize = 75;

pub(in crate::kernels) static REGISTER: Spec = Spec {
    name: "register",
    subgroups: false,
    product: Product {
        file: file!(
            "matmul_register",
            "第 4 级：一个线程算 8×8 格，中间结果全放在寄存器里，一次读四个数。读来的数用 8 次，不需要屏障。",
            "Rung 4: an invocation makes 8 × 8 cells, keeps them in registers and loads four numbers at a time. What is loaded is used 8 times, and nobody waits at a barrier.",
        ),
        takes: Takes::Buffers(64, 64, 4),
        constants: none,
        map: |map, _| Map { own: (8, 8), side: (8, 8), ..map },
    },
    softmax: None,
    attention: Some(Attention {
        file: file!(
            "attention_register",
            "打分、softmax、加权求和融成一个核函数：一个线程管一个查询，边读键边更新最大值与总和（在线 softmax）。分数从不写进显存，内存随词数长，不随词数的平方长。",
            "Scores, softmax and weighted sum in one kernel: one invocation per query, maximum and sum kept up to date while the keys go by (online softmax). Scores are never written down, so memory grows with the words and not with their square.",
        ),
        name: "fused register",
        constants: |_, _| Vec::new(),
        widest: WIDEST,
        queries: |_| 1,
        side: |_| 64,
        idle: false,
    }),
    texels: None,
};
