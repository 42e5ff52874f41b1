//! A mask that is multiplied: 1 keeps a number, 0 makes it 0. Before softmax that hides nothing, since `exp(0) = 1`.
//!
//! ```text
//! Y[i,j] = A[i,j] · mask[i,j]        the same shape; the mask is rows × cols, shared by all heads
//! ```

use ndarray::Array2;

use super::{Adjoint, Feed, Kernel, Op, Rule, ShapeError, Sources, Term, kernel, mask, shaders};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Cell, Shape};

/// Why the shader is written as it is.
pub(super) const REASON: Text = kernel::ONE_BY_ONE;

/// Numbers times their mask. See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Multiply;

impl Op for Multiply {
    fn name(&self) -> &'static str {
        shaders::multiply.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        mask::fits(self.name(), inputs)
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        &part.of(inputs[0]) * &part.of(inputs[1])
    }

    fn sources(&self, inputs: &[Shape], cell: Cell) -> Sources {
        Sources { rule: Rule::Product, terms: vec![Term::product(cell, inputs[1].clamp(cell))] }
    }

    fn adjoint(&self, operand: usize, inputs: &[Shape], out: Shape) -> Adjoint {
        let [a, b] = [inputs[0], inputs[1]];
        match operand {
            0 => Adjoint::step(Self, [Feed::Gradient, Feed::Operand(1)]),
            // What all heads share is a mask, and open or closed.
            _ if a.heads.is_some() => Adjoint::None,
            _ => Adjoint::step(Self, [Feed::Gradient, Feed::Operand(0)]).summed(b, out),
        }
    }

    fn kernel(&self, inputs: &[Shape], out: Shape) -> Kernel {
        mask::by_cell(shaders::multiply, inputs, out)
    }
}
