//! `activation = ReLU(inner)`
//!
//! ```text
//! Y[i,j] = max(0, A[i,j])        the same shape
//! ```
//!
//! Vaswani et al. 2017, eq. 2.

use ndarray::Array2;

use super::{Activation, Adjoint, Feed, Kernel, Op, ReluAdjoint, ShapeError, Sources, kernel, shaders};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Cell, Shape, Tensor};

/// Why the shader is written as it is.
pub(super) const REASON: Text = kernel::ONE_BY_ONE;

/// See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Relu;

impl Op for Relu {
    fn name(&self) -> &'static str {
        shaders::relu.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        Activation::shape(self.name(), inputs)
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        Activation::Relu.rows(inputs, part)
    }

    fn tangent(&self, inputs: &[&Tensor<f64>], tangents: &[Option<&Tensor<f64>>], out: Shape) -> Tensor<f64> {
        Activation::Relu.tangent(inputs, tangents, out)
    }

    fn sources(&self, _inputs: &[Shape], cell: Cell) -> Sources {
        Activation::Relu.sources(cell)
    }

    fn adjoint(&self, _operand: usize, _inputs: &[Shape], _out: Shape) -> Adjoint {
        Adjoint::step(ReluAdjoint, [Feed::Operand(0), Feed::Gradient])
    }

    fn kernel(&self, _inputs: &[Shape], out: Shape) -> Kernel {
        Activation::kernel(shaders::relu, out)
    }
}
