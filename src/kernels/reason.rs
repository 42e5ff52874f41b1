//! Why each kernel is written as it is, in a learner's words: one row a file of `shaders/ladder/`. The op of a shader says its own.

use crate::ground::lang::Text;
use crate::math::ops;

/// The reason for a kernel, by the name of its file; none for one that makes no stage.
pub fn reason(file: &str) -> Option<Text> {
    Some(match file.strip_prefix("ladder/").unwrap_or(file) {
        "matmul_naive" => Text::new(
            "第 1 级：一个线程算一格，相邻的线程算上下相邻的格。它们各读 A 的一行，地址离得远，每次读都要单独取一整条缓存行。",
            "Rung 1: one invocation per cell; neighbouring ones take cells below one another. Each reads a row of A of its own, far from the next one's, and every load fetches a cache line for itself.",
        ),
        "matmul_coalesced" => Text::new(
            "第 2 级：只改一处，让相邻的线程算左右相邻的格。它们读 B 里挨着的列、A 里同一个数，一条缓存行大家分。每个数仍然被读很多遍。",
            "Rung 2: one change, neighbouring invocations take cells side by side. They read adjoining columns of B and the same number of A, and share cache lines. Still each number is loaded many times.",
        ),
        "matmul_tiled" => Text::new(
            "第 3 级：工作组先把 A、B 的一小块搬进共享内存，再从那里读：一次搬运用 16 次。两道栅栏保证搬完才用、用完才换。",
            "Rung 3: the workgroup first brings a tile of A and one of B into memory that it shares, then reads them there: fetched once, used 16 times. Two barriers see to it that tiles are complete before they are read, and read before they change.",
        ),
        "matmul_register" => Text::new(
            "第 4 级：一个线程算 8×8 格，中间结果全放在寄存器里，一次读四个数。读来的数用 8 次，不需要栅栏。",
            "Rung 4: an invocation makes 8 × 8 cells, keeps them in registers and loads four numbers at a time. What is loaded is used 8 times, and nobody waits at a barrier.",
        ),
        "matmul_block" => Text::new(
            "第 5 级：把第 3 级的共享内存和第 4 级的寄存器合起来。从显存取来的数供 64 格用，从共享内存取的供 8 格用：这是为真正的显卡写的。",
            "Rung 5: the tiles of rung 3 and the registers of rung 4 together. A number from far away serves 64 cells, one from workgroup memory 8: the way to write it for a real GPU.",
        ),
        "matmul_subgroup" => Text::new(
            "第 6 级：子组里每个线程只读 B 的一小段，再用广播传给同组的线程，从寄存器到寄存器。矩阵放在纹理里，一次取四个数。在软件适配器上读取最贵，所以这一级最快。",
            "Rung 6: each lane of a subgroup loads its part of B and hands it to the others by broadcast, from registers to registers. Matrices are textures, four numbers a fetch. On a software adapter loads cost most, so this rung is the fastest there.",
        ),
        "softmax_rows" => Text::new(
            "一个线程算一行：找最大值，求指数和，再相除。行多的时候够用；行少而长时，大半个机器闲着。",
            "One invocation per row: the maximum, the sum of exponentials, the division. Enough where there are many rows; with few long ones most of the machine is idle.",
        ),
        "softmax_tiled" => Text::new(
            "64 个线程合算一行：各找各的最大值，再两两合并六次，每次都在栅栏前等齐。",
            "64 invocations share a row: each finds a maximum of its own, then they are halved six times, all meeting at a barrier after each.",
        ),
        "softmax_subgroup" => Text::new(
            "一个子组算一行：同组的线程看得见彼此的寄存器，一条 subgroupMax、一条 subgroupAdd 就顶六轮合并，不用栅栏。",
            "One subgroup per row: its lanes see one another's registers, so that subgroupMax and subgroupAdd replace six rounds of halving and their barriers.",
        ),
        "attention_register" => Text::new(
            "打分、softmax、加权求和融成一个核：一个线程管一个查询，边读键边更新最大值与总和（在线 softmax）。分数从不写进显存，内存随词数长，不随词数的平方长。",
            "Scores, softmax and weighted sum in one kernel: one invocation per query, maximum and sum kept up to date while the keys go by (online softmax). Scores are never written down, so memory grows with the words and not with their square.",
        ),
        "attention_block" => Text::new(
            "同样是融合的一个核，但 64 个查询合用：一批键和值先搬进共享内存，大家都从那里读。",
            "The same fused kernel, but 64 queries work together: some keys and values come into workgroup memory, and all read them there.",
        ),
        "attention_subgroup" => Text::new(
            "同样是融合的一个核，但一个线程管好几个查询；键和值由子组里的线程各读一段，再广播给大家，每四个键才缩放一次。",
            "The same fused kernel, but a lane owns several queries; each lane loads a part of a key or value and hands it round, and sums shrink once for four keys.",
        ),
        shader => return ops::reason(shader),
    })
}
