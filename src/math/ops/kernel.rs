//! A launch as plain data: which shader, its sizes, how many workgroups.
//!
//! Every shader binds a uniform block of sizes at 0, its operands from 1 on, and the result last.

use crate::ground::lang::Text;
use crate::math::tensor::Shape;

/// A WGSL file of `shaders/`, compiled into the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Shader {
    /// The file's name without its ending; also the op's name.
    pub name: &'static str,
    /// The source.
    pub source: &'static str,
}

/// How to launch a shader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kernel {
    /// Which one.
    pub shader: Shader,
    /// The uniform block, in the order of the shader's `struct Size`; f32 by their bits.
    pub size: Vec<u32>,
    /// Workgroups in x, y and z.
    pub workgroups: [u32; 3],
    /// What an invocation makes.
    pub unit: Unit,
}

/// What one invocation of a kernel makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// A cell; a workgroup is as wide and as high as this.
    Cell(u32),
    /// A row; a workgroup makes as many.
    Row(u32),
}

/// Width and height of a workgroup in every kernel that computes one cell an invocation.
const SIDE: u32 = 8;

/// Rows of a workgroup in kernels that compute one row an invocation.
const ROWS: u32 = 64;

impl Kernel {
    /// One invocation for each cell of the result; `z` counts sentences × heads.
    pub(super) fn per_cell(shader: Shader, size: Vec<u32>, out: Shape) -> Self {
        let [batch, heads, rows, cols] = out.lens().map(|n| n as u32);
        Self {
            shader,
            size,
            workgroups: [cols.div_ceil(SIDE), rows.div_ceil(SIDE), batch * heads],
            unit: Unit::Cell(SIDE),
        }
    }

    /// One invocation for each row of the result; `z` counts sentences × heads.
    pub(super) fn per_row(shader: Shader, size: Vec<u32>, out: Shape) -> Self {
        let [batch, heads, rows, _] = out.lens().map(|n| n as u32);
        Self { shader, size, workgroups: [rows.div_ceil(ROWS), 1, batch * heads], unit: Unit::Row(ROWS) }
    }
}

/// The last word of the product kernels' sizes. They sum with compensation, which holds only where the
/// driver's compiler cannot cancel `(a + b) − a`; a zero that it learns at run time keeps it from doing so.
pub(super) const ZERO: u32 = 0;

/// How far apart two sentences and two heads lie in a tensor's numbers; 0 where all share the same.
pub(super) fn strides(shape: Shape) -> [u32; 2] {
    let [_, heads, rows, cols] = shape.lens();
    let matrix = (rows * cols) as u32;
    [if shape.batch.is_some() { heads as u32 * matrix } else { 0 }, if shape.heads.is_some() { matrix } else { 0 }]
}

/// Why the shaders of sums are written as they are.
pub(super) const SUMMED: Text = Text::new(
    "一个线程算一格，公式怎么写它就怎么加。求和带补偿：舍去的零头另记一笔，最后一并加上，分数再大也对得上参考。",
    "One invocation per cell, added up as the formula says. The sum is compensated: what rounding drops is kept apart and added at the end, so that it agrees with the reference however large the scores are.",
);

/// Why the shaders that make each number from one or two are written as they are.
pub(super) const ONE_BY_ONE: Text = Text::new(
    "一个线程算一格，读一两个数，写一个数：这样的步骤只受内存快慢限制。",
    "One invocation per cell: a number or two read, one written. Nothing limits such a step but the speed of memory.",
);

/// Why the shaders that only move numbers are written as they are.
pub(super) const MOVED: Text = Text::new(
    "只是搬数：一个线程搬一格，算一算它原来在哪个头、哪一列。",
    "Numbers only move: one invocation per cell works out which head and column it came from.",
);
