//! The gradient of rows of which one was taken: it stands in that row, and all others have none.
//!
//! ```text
//! Y[row,j] = A[0,j]        0 in every other row        rows × cols  from  1 × cols
//! ```

use ndarray::Array2;

use super::{Kernel, Op, Rule, ShapeError, Sources, Term, kernel, operands, shaders};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Cell, Dim, Shape};

/// Why the shader is written as it is.
pub(super) const REASON: Text = kernel::MOVED;

/// One row put where it was taken from. See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PutRow {
    /// Which row, from 0.
    pub row: usize,
    /// The rows that there were.
    pub rows: Dim,
}

impl Op for PutRow {
    fn name(&self) -> &'static str {
        shaders::put_row.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        let op = self.name();
        let [a] = operands(op, inputs)?;
        if a.rows.len != 1 || self.row >= self.rows.len {
            let rule = Text::owned(
                format!("要一行，放进 {} 行里的第 {} 行", self.rows.len, self.row + 1),
                format!("one row is put into row {} of {}", self.row + 1, self.rows.len),
            );
            return Err(ShapeError::Unfit { op, shape: a, rule });
        }
        Ok(Shape { rows: self.rows, ..a })
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        let mut rows = Array2::zeros((part.rows.len(), part.out.cols.len));
        if part.rows.contains(&self.row) {
            let taken = Part { rows: 0..1, ..part.clone() }.of(inputs[0]);
            rows.row_mut(self.row - part.rows.start).assign(&taken.row(0));
        }
        rows
    }

    /// A row that was not taken has no source.
    fn sources(&self, _inputs: &[Shape], cell: Cell) -> Sources {
        let taken = (cell.row == self.row).then(|| Term::one(0, cell.moved(0, cell.col)));
        Sources { rule: Rule::Copy, terms: taken.into_iter().collect() }
    }

    fn kernel(&self, _inputs: &[Shape], out: Shape) -> Kernel {
        let [_, _, rows, cols] = out.lens();
        Kernel::per_cell(shaders::put_row, [rows, cols, self.row].map(|n| n as u32).to_vec(), out)
    }
}
