//! Rung 3: tiles in workgroup memory.

use super::{Product, Softmax, Spec, Takes, file, none};
use crate::kernels::map::Map;

pub(in crate::kernels) static TILED: Spec = Spec {
    name: "tiled",
    subgroups: false,
    product: Product {
        file: file!(
            "matmul_tiled",
            "第 3 级：工作组先把 A、B 的一小块搬进共享内存，再从那里读：一次搬运用 16 次。两道屏障保证搬完才用、用完才换。",
            "Rung 3: the workgroup first brings a tile of A and one of B into memory that it shares, then reads them there: fetched once, used 16 times. Two barriers see to it that tiles are complete before they are read, and read before they change.",
        ),
        takes: Takes::Strided,
        constants: none,
        map: |map, _| Map { side: (16, 16), ..map },
    },
    softmax: Some(Softmax {
        file: file!(
            "softmax_tiled",
            "64 个线程合算一行：各找各的最大值，再两两合并六次，每次都在屏障前等齐。",
            "64 invocations share a row: each finds a maximum of its own, then they are halved six times, all meeting at a barrier after each.",
        ),
        shared: |_| 64,
        masks: true,
    }),
    attention: None,
    texels: None,
};
