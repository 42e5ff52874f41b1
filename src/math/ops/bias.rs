//! A bias: the same row of numbers added to every row.
//!
//! ```text
//! Y[i,j] = A[i,j] + b[j]        the same shape as A; b is 1 × cols
//! ```

use ndarray::Array2;

use super::{Adjoint, Feed, Kernel, Op, Rule, ShapeError, Sources, SumRows, Term, kernel, operands, shaders};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Axis, Cell, Shape, Tensor};

/// Why the shader is written as it is.
pub(super) const REASON: Text = kernel::ONE_BY_ONE;

/// Adding a bias. See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bias;

impl Op for Bias {
    fn name(&self) -> &'static str {
        shaders::bias.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        let op = self.name();
        let [a, b] = operands(op, inputs)?;
        is_vector(op, a, b)?;
        Ok(a)
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        &part.of(inputs[0]) + &vector(inputs[1])
    }

    fn tangent(&self, _inputs: &[&Tensor<f64>], tangents: &[Option<&Tensor<f64>>], out: Shape) -> Tensor<f64> {
        let [a, b] = [tangents[0], tangents[1]];
        Tensor::from_fn(out, |c| a.map_or(0.0, |a| a.get(c)) + b.map_or(0.0, |b| b.get(Cell::at(0, c.col))))
    }

    fn sources(&self, _inputs: &[Shape], cell: Cell) -> Sources {
        Sources { rule: Rule::Sum, terms: vec![Term::one(0, cell), Term::one(1, Cell::at(0, cell.col))] }
    }

    fn adjoint(&self, operand: usize, _inputs: &[Shape], _out: Shape) -> Adjoint {
        match operand {
            0 => Adjoint::SAME,
            _ => Adjoint::step(SumRows, [Feed::Gradient]),
        }
    }

    fn kernel(&self, _inputs: &[Shape], out: Shape) -> Kernel {
        let [_, _, rows, cols] = out.lens();
        Kernel::per_cell(shaders::bias, vec![rows as u32, cols as u32], out)
    }
}

/// Refuses what is not one row of as many numbers as the other has columns.
pub(super) fn is_vector(op: &'static str, of: Shape, vector: Shape) -> Result<(), ShapeError> {
    let one = vector.rows == Axis::Vector.of(1) && vector.batch.is_none() && vector.heads.is_none();
    if one && vector.cols == of.cols {
        return Ok(());
    }
    let rule = Text::new("它要是一行，每一列一个数", "it must be one row with a number for every column");
    Err(ShapeError::Mismatch { op, left: of, right: vector, rule })
}

/// The one row of a vector.
pub(super) fn vector(numbers: &dyn Numbers) -> ndarray::CowArray<'_, f64, ndarray::Ix2> {
    numbers.block(0, 0, 0..1, 0..numbers.shape().cols.len)
}
