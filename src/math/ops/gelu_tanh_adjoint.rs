//! The gradient of what went into GELU by tanh.
//!
//! ```text
//! g = (1 + tanh(√(2/π) · (A + 0.044715·A³))) / 2
//! dA = (g + A · 2g(1 − g) · √(2/π) · (1 + 3 · 0.044715·A²)) · dY        number by number, the same shape
//! ```

use ndarray::Array2;

use super::pointwise::{self, Pointwise};
use super::{Activation, Kernel, Op, ShapeError, Sources, kernel, shaders};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Cell, Shape, Tensor};

/// Why the shader is written as it is.
pub(super) const REASON: Text = kernel::ONE_BY_ONE;

/// GELU by tanh, backward: from what went in and the gradient of what came out. See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GeluTanhAdjoint;

/// What it computes of each number.
const SLOPE: Pointwise = Pointwise::Slope(Activation::GeluTanh);

impl Op for GeluTanhAdjoint {
    fn name(&self) -> &'static str {
        shaders::gelu_tanh_adjoint.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        SLOPE.shape(self.name(), inputs)
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        SLOPE.rows(inputs, part)
    }

    fn tangent(&self, inputs: &[&Tensor<f64>], tangents: &[Option<&Tensor<f64>>], out: Shape) -> Tensor<f64> {
        super::by_difference(self, inputs, tangents, out)
    }

    fn sources(&self, inputs: &[Shape], cell: Cell) -> Sources {
        SLOPE.sources(inputs, cell)
    }

    fn kernel(&self, _inputs: &[Shape], out: Shape) -> Kernel {
        pointwise::kernel(shaders::gelu_tanh_adjoint, &[], out)
    }
}
