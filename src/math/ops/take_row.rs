//! One row of many: the word that is asked what comes next.
//!
//! ```text
//! Y[0,j] = A[row,j]        1 × cols  from  rows × cols
//! ```

use ndarray::Array2;

use super::{Adjoint, Feed, Kernel, Op, PutRow, Rule, ShapeError, Sources, Term, kernel, operands, shaders};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Cell, Dim, Shape};

/// Why the shader is written as it is.
pub(super) const REASON: Text = kernel::MOVED;

/// Taking one row. See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TakeRow {
    /// Which row, from 0.
    pub row: usize,
}

impl Op for TakeRow {
    fn name(&self) -> &'static str {
        shaders::take_row.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        let op = self.name();
        let [a] = operands(op, inputs)?;
        if self.row >= a.rows.len {
            let rule = Text::owned(format!("没有第 {} 行", self.row + 1), format!("there is no row {}", self.row + 1));
            return Err(ShapeError::Unfit { op, shape: a, rule });
        }
        Ok(Shape { rows: Dim { len: 1, ..a.rows }, ..a })
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        Part { rows: self.row..self.row + 1, ..part.clone() }.of(inputs[0]).into_owned()
    }

    fn sources(&self, _inputs: &[Shape], cell: Cell) -> Sources {
        Sources { rule: Rule::Copy, terms: vec![Term::one(0, cell.moved(self.row, cell.col))] }
    }

    fn adjoint(&self, _operand: usize, inputs: &[Shape], _out: Shape) -> Adjoint {
        Adjoint::step(PutRow { row: self.row, rows: inputs[0].rows }, [Feed::Gradient])
    }

    fn kernel(&self, inputs: &[Shape], out: Shape) -> Kernel {
        let [_, _, rows, cols] = inputs[0].lens();
        Kernel::per_cell(shaders::take_row, [rows, cols, self.row].map(|n| n as u32).to_vec(), out)
    }
}
