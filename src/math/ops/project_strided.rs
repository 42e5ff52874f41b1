//! A projection split into heads by reading `H · W`, which lies row by row in memory, with other strides: what a wrong
//! reshape does.
//!
//! ```text
//! f = h·head + i·row + c        Q.h[i,c] = (H · W)[f / cols of W, f % cols of W]
//! ```
//!
//! | strides | head | row | what it is |
//! |---|---|---|---|
//! | as in `project` | d | heads·d | each head has its own columns |
//! | [`Strides::Reshaped`] | rows·d | d | `view(heads, rows, d)` without a transpose: pieces of rows become rows |
//! | [`Strides::First`] | 0 | heads·d | every head reads the columns of head 1 |

use ndarray::Array2;

use super::{
    Adjoint, AdjointStep, Feed, Kernel, MatMulTransposed, Op, Project, ProjectStridedAdjoint, Rule, ShapeError,
    Sources, Term, TransposedMatMul, kernel, shaders,
};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Axis, Cell, Shape};

/// Why the shader is written as it is.
pub(super) const REASON: Text = kernel::SUMMED;

/// How far apart heads and words are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strides {
    /// The numbers as they lie, cut into heads before words.
    Reshaped,
    /// Those of the first head for every head.
    First,
}

/// The projection into heads, read wrongly. See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProjectStrided {
    /// How many heads share the columns of W.
    pub heads: usize,
    /// What the columns become.
    pub into: Axis,
    /// How they are read.
    pub strides: Strides,
}

impl ProjectStrided {
    /// How far apart two heads and two words are read, of so many words with so many features a head.
    const fn steps(&self, words: usize, d: usize) -> (usize, usize) {
        match self.strides {
            Strides::Reshaped => (words * d, d),
            Strides::First => (0, self.heads * d),
        }
    }

    /// The row and the column of `H · W` that a number is read from.
    const fn from(&self, cell: Cell, words: usize, d: usize) -> (usize, usize) {
        let (head, row) = self.steps(words, d);
        let (flat, wide) = (cell.head * head + cell.row * row + cell.col, self.heads * d);
        (flat / wide, flat % wide)
    }
}

impl Op for ProjectStrided {
    fn name(&self) -> &'static str {
        shaders::project_strided.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        let shape = Project { heads: self.heads, into: self.into }.shape(inputs)?;
        if self.heads < 2 {
            let rule = Text::new("至少要有两个头，才会读错", "only two heads or more can be read wrongly");
            return Err(ShapeError::Unfit { op: self.name(), shape, rule });
        }
        Ok(shape)
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        let (words, w) = (inputs[0], inputs[1]);
        let ([_, _, rows, d], inner) = (part.out.lens(), w.shape().rows.len);
        Array2::from_shape_fn((part.rows.len(), d), |(n, col)| {
            let cell = Cell { batch: part.batch, head: part.head, row: part.rows.start + n, col };
            let (row, column) = self.from(cell, rows, d);
            let word = words.block(part.batch, 0, row..row + 1, 0..inner);
            word.row(0).dot(&w.block(0, 0, 0..inner, column..column + 1).column(0))
        })
    }

    fn sources(&self, inputs: &[Shape], cell: Cell) -> Sources {
        let (words, w) = (inputs[0], inputs[1]);
        let (row, column) = self.from(cell, words.rows.len, w.cols.len / self.heads);
        let word = |m| words.clamp(cell.moved(row, m));
        let terms = (0..words.cols.len).map(|m| Term::product(word(m), Cell::at(m, column))).collect();
        Sources { rule: Rule::Sum, terms }
    }

    fn adjoint(&self, operand: usize, inputs: &[Shape], out: Shape) -> Adjoint {
        let w = inputs[1];
        let read = ProjectStridedAdjoint { into: w.cols.axis, strides: self.strides };
        let last = match operand {
            0 => AdjointStep::new(MatMulTransposed, [Feed::Step(0), Feed::Operand(1)]),
            _ => AdjointStep::new(TransposedMatMul::to(w, out), [Feed::Operand(0), Feed::Step(0)]),
        };
        Adjoint::Steps(vec![AdjointStep::new(read, [Feed::Gradient]), last])
    }

    fn kernel(&self, inputs: &[Shape], out: Shape) -> Kernel {
        let inner = inputs[0].cols.len;
        let [_, heads, rows, cols] = out.lens();
        let (head, row) = self.steps(rows, cols);
        let mut size = [heads, rows, inner, cols, inputs[1].cols.len, head, row].map(|n| n as u32).to_vec();
        size.extend([kernel::strides(inputs[0])[0], kernel::ZERO]);
        Kernel::per_cell(shaders::project_strided, size, out)
    }
}
