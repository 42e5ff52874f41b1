//! `activation = GELU(inner)`
//!
//! ```text
//! Y[i,j] = A[i,j]/2 · (1 + erf(A[i,j]/√2))        the same shape
//! ```
//!
//! Hendrycks and Gimpel 2016: x times the chance that a normal number lies below it. BERT.

use ndarray::Array2;

use super::{Activation, Adjoint, Feed, GeluAdjoint, Kernel, Op, ShapeError, Sources, kernel, shaders};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Cell, Shape, Tensor};

/// Why the shader is written as it is.
pub(super) const REASON: Text = kernel::ONE_BY_ONE;

/// See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gelu;

impl Op for Gelu {
    fn name(&self) -> &'static str {
        shaders::gelu.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        Activation::shape(self.name(), inputs)
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        Activation::Gelu.rows(inputs, part)
    }

    fn tangent(&self, inputs: &[&Tensor<f64>], tangents: &[Option<&Tensor<f64>>], out: Shape) -> Tensor<f64> {
        Activation::Gelu.tangent(inputs, tangents, out)
    }

    fn sources(&self, _inputs: &[Shape], cell: Cell) -> Sources {
        Activation::Gelu.sources(cell)
    }

    fn adjoint(&self, _operand: usize, _inputs: &[Shape], _out: Shape) -> Adjoint {
        Adjoint::step(GeluAdjoint, [Feed::Operand(0), Feed::Gradient])
    }

    fn kernel(&self, _inputs: &[Shape], out: Shape) -> Kernel {
        Activation::kernel(shaders::gelu, out)
    }
}
