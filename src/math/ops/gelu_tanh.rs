//! `activation = GELU(inner), by tanh`
//!
//! ```text
//! Y[i,j] = A[i,j]/2 · (1 + tanh(√(2/π) · (A[i,j] + 0.044715·A[i,j]³)))        the same shape
//! ```
//!
//! Hendrycks and Gimpel 2016: the same curve, cheaper. GPT-2.

use ndarray::Array2;

use super::{Activation, Adjoint, Feed, GeluTanhAdjoint, Kernel, Op, ShapeError, Sources, kernel, shaders};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Cell, Shape, Tensor};

/// Why the shader is written as it is.
pub(super) const REASON: Text = kernel::ONE_BY_ONE;

/// See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GeluTanh;

impl Op for GeluTanh {
    fn name(&self) -> &'static str {
        shaders::gelu_tanh.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        Activation::shape(self.name(), inputs)
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        Activation::GeluTanh.rows(inputs, part)
    }

    fn tangent(&self, inputs: &[&Tensor<f64>], tangents: &[Option<&Tensor<f64>>], out: Shape) -> Tensor<f64> {
        Activation::GeluTanh.tangent(inputs, tangents, out)
    }

    fn sources(&self, _inputs: &[Shape], cell: Cell) -> Sources {
        Activation::GeluTanh.sources(cell)
    }

    fn adjoint(&self, _operand: usize, _inputs: &[Shape], _out: Shape) -> Adjoint {
        Adjoint::step(GeluTanhAdjoint, [Feed::Operand(0), Feed::Gradient])
    }

    fn kernel(&self, _inputs: &[Shape], out: Shape) -> Kernel {
        Activation::kernel(shaders::gelu_tanh, out)
    }
}
