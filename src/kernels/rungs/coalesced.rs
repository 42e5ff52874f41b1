//! Rung 2: one invocation a cell, neighbours side by side in memory.

use super::{Product, Spec, Takes, file, none};
use crate::kernels::map::Map;

pub(in crate::kernels) static COALESCED: Spec = Spec {
    name: "coalesced",
    subgroups: false,
    product: Product {
        file: file!(
            "matmul_coalesced",
            "第 2 级：只改一处，让相邻的线程算左右相邻的格。它们读 B 里挨着的列、A 里同一个数，一条缓存行大家分。每个数仍然被读很多遍。",
            "Rung 2: one change, neighbouring invocations take cells side by side. They read adjoining columns of B and the same number of A, and share cache lines. Still each number is loaded many times.",
        ),
        takes: Takes::Strided,
        constants: none,
        map: |map, _| Map { side: (1, 64), ..map },
    },
    softmax: None,
    attention: None,
    texels: None,
};
