//! The gradient of what went into `ReLU`.
//!
//! ```text
//! dA[i,j] = dY[i,j] where A[i,j] > 0, else 0        the same shape
//! ```

use ndarray::Array2;

use super::pointwise::{self, Pointwise};
use super::{Activation, Kernel, Op, ShapeError, Sources, kernel, shaders};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Cell, Shape, Tensor};

/// Why the shader is written as it is.
pub(super) const REASON: Text = kernel::ONE_BY_ONE;

/// `ReLU`, backward: from what went in and the gradient of what came out. See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReluAdjoint;

/// What it computes of each number.
const SLOPE: Pointwise = Pointwise::Slope(Activation::Relu);

impl Op for ReluAdjoint {
    fn name(&self) -> &'static str {
        shaders::relu_adjoint.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        SLOPE.shape(self.name(), inputs)
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        SLOPE.rows(inputs, part)
    }

    fn tangent(&self, inputs: &[&Tensor<f64>], tangents: &[Option<&Tensor<f64>>], out: Shape) -> Tensor<f64> {
        SLOPE.tangent(inputs, tangents, out) // the slope is a step, which stands still but at 0
    }

    fn sources(&self, inputs: &[Shape], cell: Cell) -> Sources {
        SLOPE.sources(inputs, cell)
    }

    fn kernel(&self, _inputs: &[Shape], out: Shape) -> Kernel {
        pointwise::kernel(shaders::relu_adjoint, &[], out)
    }
}
