//! `activation = SiLU(gate)`
//!
//! ```text
//! Y[i,j] = A[i,j] / (1 + e^(−A[i,j]))        the same shape
//! ```
//!
//! Hendrycks and Gimpel 2016; Ramachandran et al. 2017 call it Swish. Llama.

use ndarray::Array2;

use super::{Activation, Adjoint, Feed, Kernel, Op, ShapeError, SiluAdjoint, Sources, kernel, shaders};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Cell, Shape, Tensor};

/// Why the shader is written as it is.
pub(super) const REASON: Text = kernel::ONE_BY_ONE;

/// See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Silu;

impl Op for Silu {
    fn name(&self) -> &'static str {
        shaders::silu.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        Activation::shape(self.name(), inputs)
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        Activation::Silu.rows(inputs, part)
    }

    fn tangent(&self, inputs: &[&Tensor<f64>], tangents: &[Option<&Tensor<f64>>], out: Shape) -> Tensor<f64> {
        Activation::Silu.tangent(inputs, tangents, out)
    }

    fn sources(&self, _inputs: &[Shape], cell: Cell) -> Sources {
        Activation::Silu.sources(cell)
    }

    fn adjoint(&self, _operand: usize, _inputs: &[Shape], _out: Shape) -> Adjoint {
        Adjoint::step(SiluAdjoint, [Feed::Operand(0), Feed::Gradient])
    }

    fn kernel(&self, _inputs: &[Shape], out: Shape) -> Kernel {
        Activation::kernel(shaders::silu, out)
    }
}
