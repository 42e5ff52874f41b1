//! The gradient of what was turned by its position: turned back.
//!
//! ```text
//! dX[i,c] = dY[i,c] · R[i,c] + dY[i,c'] · R[i, d + c']        c' = c + d/2 where c < d/2, else c − d/2; the same shape as X
//! ```
//!
//! The cosine stays with its feature, the sine goes with the one that was read: that is the transposed rotation.

use ndarray::Array2;

use super::rotate::partner;
use super::{Kernel, Op, Rotate, Rule, ShapeError, Sources, Term, rotate, shaders};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Cell, Shape};

/// Why the shader is written as it is.
pub(super) const REASON: Text = rotate::REASON;

/// Turning back. See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RotateAdjoint;

impl Op for RotateAdjoint {
    fn name(&self) -> &'static str {
        shaders::rotate_adjoint.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        Rotate.shape(inputs)
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        let (y, table, d) = (part.of(inputs[0]), part.of(inputs[1]), part.out.cols.len);
        Array2::from_shape_fn((part.rows.len(), d), |(i, c)| {
            let other = partner(c, d);
            y[[i, c]] * table[[i, c]] + y[[i, other]] * table[[i, d + other]]
        })
    }

    fn sources(&self, inputs: &[Shape], cell: Cell) -> Sources {
        let d = inputs[0].cols.len;
        let other = partner(cell.col, d);
        let term = |from: usize, by: usize| Term::product(cell.moved(cell.row, from), Cell::at(cell.row, by));
        Sources { rule: Rule::Sum, terms: vec![term(cell.col, cell.col), term(other, d + other)] }
    }

    fn kernel(&self, _inputs: &[Shape], out: Shape) -> Kernel {
        let [_, _, rows, d] = out.lens();
        Kernel::per_cell(shaders::rotate_adjoint, vec![rows as u32, d as u32], out)
    }
}
