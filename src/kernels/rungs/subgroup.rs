//! Rung 6: tiles in registers, loads shared by the subgroup, matrices in textures; softmax fused.

use super::{Attention, Product, Softmax, Spec, Takes, Texels, file};
use crate::kernels::map::Map;

/// Rows of the result that a lane of the product owns.
const ROWS: usize = 4;

/// Keys between two rescalings of the attention.
const KEYS: usize = 4;

/// Queries that a lane of the attention owns: fewer of wide heads, so that the kernel does not grow too long.
fn queries(d4: usize) -> usize {
    if d4 <= 16 { 4 } else { 2 }
}

pub(in crate::kernels) static SUBGROUP: Spec = Spec {
    name: "subgroup",
    subgroups: true,
    product: Product {
        file: file!(
            "matmul_subgroup" with "elementwise",
            "第 6 级：子组里每个线程只读 B 的一小段，再用广播传给同组的线程，从寄存器到寄存器。矩阵放在纹理里，一次取四个数。在软件适配器上读取最贵，所以这一级最快。",
            "Rung 6: each lane of a subgroup loads its part of B and hands it to the others by broadcast, from registers to registers. Matrices are textures, four numbers a fetch. On a software adapter loads cost most, so this rung is the fastest there.",
        ),
        takes: Takes::Textures(ROWS, 4, 4),
        constants: |lanes| vec![("LANES", lanes), ("ROWS", ROWS)],
        // The rows of one panel of B follow one another, so that it stays in the processor's cache.
        map: |map, lanes| Map { own: (ROWS, 4 * lanes), side: (lanes, 1), turned: true, ..map },
    },
    softmax: Some(Softmax {
        file: file!(
            "softmax_subgroup",
            "一个子组算一行：同组的线程看得见彼此的寄存器，一条 subgroupMax、一条 subgroupAdd 就顶六轮合并，不用屏障。",
            "One subgroup per row: its lanes see one another's registers, so that subgroupMax and subgroupAdd replace six rounds of halving and their barriers.",
        ),
        shared: |lanes| lanes,
        masks: false,
    }),
    attention: Some(Attention {
        file: file!(
            "attention_subgroup",
            "同样是融合的一个核函数，但一个线程管好几个查询；键和值由子组里的线程各读一段，再广播给大家，每四个键才缩放一次。",
            "The same fused kernel, but a lane owns several queries; each lane loads a part of a key or value and hands it round, and sums shrink once for four keys.",
        ),
        name: "fused subgroup",
        constants: |d4, lanes| {
            vec![("LANES", lanes), ("QUERIES", queries(d4)), ("KEYS", KEYS), ("LOADS", d4.div_ceil(lanes))]
        },
        widest: 32,
        queries,
        side: |lanes| lanes,
        idle: true,
    }),
    texels: Some(Texels {
        each: file!(
            "texels_each" with "elementwise",
            "第 6 级：逐个数的步骤也直接读写纹理，一次四个数。夹在两个矩阵乘之间的这一步若用缓冲区，数就得先搬出纹理再搬回去，搬家比计算还贵。",
            "Rung 6: steps that go number by number read and write textures too, four numbers at once. With buffers, between two products, numbers would have to leave a texture and come back: moving would cost more than the step.",
        ),
        rows: file!(
            "texels_rows",
            "第 6 级：一个子组算一行，从纹理到纹理。每个线程隔几格取四个数，整行的最大值、和由子组一起得出；前后都是纹理里的矩阵乘，不用搬数。",
            "Rung 6: a subgroup per row, from texture to texture. Each lane fetches four numbers at a stride; the row's maximum or sum the lanes find together. The products before and behind it live in textures, so nothing is moved.",
        ),
    }),
};
