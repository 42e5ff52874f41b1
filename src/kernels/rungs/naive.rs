//! Rung 1: one invocation a cell, neighbours far apart in memory.

use super::{File, Product, Softmax, Spec, Takes, file, none};
use crate::kernels::map::Map;

const PRODUCT: File = file!(
    "matmul_naive",
    "第 1 级：一个线程算一格，相邻的线程算上下相邻的格。它们各读 A 的一行，地址离得远，每次读都要单独取一整条缓存行。",
    "Rung 1: one invocation per cell; neighbouring ones take cells below one another. Each reads a row of A of its own, far from the next one's, and every load fetches a cache line for itself.",
);

/// A row an invocation.
pub(super) const SOFTMAX: Softmax = Softmax {
    file: file!(
        "softmax_rows",
        "一个线程算一行：找最大值，求指数和，再相除。行多的时候够用；行少而长时，大半个机器闲着。",
        "One invocation per row: the maximum, the sum of exponentials, the division. Enough where there are many rows; with few long ones most of the machine is idle.",
    ),
    shared: |_| 1,
    masks: true,
};

pub(in crate::kernels) static NAIVE: Spec = Spec {
    name: "naive",
    subgroups: false,
    product: Product {
        file: PRODUCT,
        takes: Takes::Strided,
        constants: none,
        map: |map, _| Map { side: (64, 1), turned: true, ..map },
    },
    softmax: Some(SOFTMAX),
    attention: None,
    texels: None,
};
