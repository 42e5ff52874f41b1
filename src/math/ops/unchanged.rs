//! A step that does nothing: every number goes on as it is, as where a mask was made and then forgotten.
//!
//! ```text
//! Y[i,j] = A[i,j]        the same shape
//! ```

use ndarray::Array2;

use super::{Adjoint, Kernel, Op, Rule, ShapeError, Sources, Term, kernel, operands, shaders};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Cell, Shape};

/// Why the shader is written as it is.
pub(super) const REASON: Text = kernel::ONE_BY_ONE;

/// Numbers as they are. See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unchanged;

impl Op for Unchanged {
    fn name(&self) -> &'static str {
        shaders::unchanged.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        operands(self.name(), inputs).map(|[a]| a)
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        part.of(inputs[0]).into_owned()
    }

    fn sources(&self, _inputs: &[Shape], cell: Cell) -> Sources {
        Sources { rule: Rule::Copy, terms: vec![Term::one(0, cell)] }
    }

    fn adjoint(&self, _operand: usize, _inputs: &[Shape], _out: Shape) -> Adjoint {
        Adjoint::SAME
    }

    fn kernel(&self, _inputs: &[Shape], out: Shape) -> Kernel {
        let [_, _, rows, cols] = out.lens();
        Kernel::per_cell(shaders::unchanged, vec![rows as u32, cols as u32], out)
    }
}
