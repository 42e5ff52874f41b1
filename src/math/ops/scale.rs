//! `scaled = scores / √d`: keeps the spread of the scores near 1 whatever the number of features.
//!
//! ```text
//! S[i,j] = A[i,j] / divisor        the same shape
//! ```
//!
//! Vaswani et al. 2017, §3.2.1: for components of variance 1 the dot product has variance d.

use ndarray::Array2;

use super::{Adjoint, Feed, Kernel, Op, Rule, ShapeError, Sources, Term, kernel, operands, shaders};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Cell, Shape};

/// Why the shader is written as it is.
pub(super) const REASON: Text = kernel::ONE_BY_ONE;

/// Division by a constant. See the module.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// What every score is divided by.
    pub divisor: f64,
}

impl Op for Scale {
    fn name(&self) -> &'static str {
        shaders::scale.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        operands(self.name(), inputs).map(|[a]| a)
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        part.of(inputs[0]).mapv(|x| x / self.divisor)
    }

    fn sources(&self, _inputs: &[Shape], cell: Cell) -> Sources {
        Sources { rule: Rule::Quotient(self.divisor), terms: vec![Term::one(0, cell)] }
    }

    fn adjoint(&self, _operand: usize, _inputs: &[Shape], _out: Shape) -> Adjoint {
        Adjoint::step(*self, [Feed::Gradient])
    }

    fn kernel(&self, _inputs: &[Shape], out: Shape) -> Kernel {
        let [_, _, rows, cols] = out.lens();
        let size = vec![rows as u32, cols as u32, (self.divisor as f32).to_bits()];
        Kernel::per_cell(shaders::scale, size, out)
    }
}
