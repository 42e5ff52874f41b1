//! The gradient of `H · W` that was read with other strides: every number back where it was read.
//!
//! ```text
//! f = h·head + i·row + c        G[f / cols of W, f % cols of W] = Σ dQ.h[i,c]        over all h, i, c that read it
//! ```
//!
//! A reshape reads every number once; where every head reads the columns of head 1, those have a part from each head, and the
//! others none.

use ndarray::Array2;

use super::project::per_head;
use super::{Kernel, Op, Rule, ShapeError, Sources, Strides, Term, kernel, operands, shaders};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Axis, Cell, Shape};

/// Why the shader is written as it is.
pub(super) const REASON: Text = Text::new(
    "一个线程算一格：看看哪些头的哪一格是从这里读的，把它们的梯度加起来。",
    "One invocation per cell: it finds the cells of the heads that were read from here, and adds up their gradients.",
);

/// The projection that was read wrongly, backward to the product. See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProjectStridedAdjoint {
    /// What the columns of W counted.
    pub into: Axis,
    /// How they were read.
    pub strides: Strides,
}

impl ProjectStridedAdjoint {
    /// The cells that read this one.
    fn readers(self, gradient: Shape, cell: Cell) -> Vec<Cell> {
        let [_, heads, rows, d] = gradient.lens();
        let flat = cell.row * heads * d + cell.col;
        let own = |head, row, col| Cell { head, row, col, ..cell };
        match self.strides {
            Strides::Reshaped => vec![own(flat / (rows * d), flat / d % rows, flat % d)],
            Strides::First if cell.col < d => (0..heads).map(|head| own(head, cell.row, cell.col)).collect(),
            Strides::First => Vec::new(),
        }
    }
}

impl Op for ProjectStridedAdjoint {
    fn name(&self) -> &'static str {
        shaders::project_strided_adjoint.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        let op = self.name();
        let [a] = operands(op, inputs)?;
        let Some(heads) = a.heads else {
            let rule = Text::new("没有分成头", "it has no heads");
            return Err(ShapeError::Unfit { op, shape: a, rule });
        };
        let shape = Shape { heads: None, cols: self.into.of(heads * a.cols.len), ..a };
        per_head(op, shape, heads).map(|_| shape)
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        let gradient = inputs[0];
        Array2::from_shape_fn((part.rows.len(), part.out.cols.len), |(n, col)| {
            let cell = Cell { batch: part.batch, head: 0, row: part.rows.start + n, col };
            let read = |c: Cell| gradient.block(c.batch, c.head, c.row..c.row + 1, c.col..c.col + 1)[[0, 0]];
            self.readers(*gradient.shape(), cell).into_iter().map(read).fold(0.0, |sum, x| sum + x)
        })
    }

    fn sources(&self, inputs: &[Shape], cell: Cell) -> Sources {
        let terms = self.readers(inputs[0], cell).into_iter().map(|from| Term::one(0, from)).collect();
        Sources { rule: Rule::Total, terms }
    }

    fn kernel(&self, inputs: &[Shape], out: Shape) -> Kernel {
        let [_, heads, rows, d] = inputs[0].lens();
        let first = u32::from(self.strides == Strides::First);
        let mut size = [heads, rows, d].map(|n| n as u32).to_vec();
        size.extend([first, kernel::ZERO]);
        Kernel::per_cell(shaders::project_strided_adjoint, size, out)
    }
}
