//! The gradient of what went into `SiLU`.
//!
//! ```text
//! dA[i,j] = (σ(A[i,j]) + A[i,j] · σ(A[i,j]) · (1 − σ(A[i,j]))) · dY[i,j]        the same shape; σ(x) = 1 / (1 + e^(−x))
//! ```

use ndarray::Array2;

use super::pointwise::{self, Pointwise};
use super::{Activation, Kernel, Op, ShapeError, Sources, kernel, shaders};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Cell, Shape, Tensor};

/// Why the shader is written as it is.
pub(super) const REASON: Text = kernel::ONE_BY_ONE;

/// `SiLU`, backward: from what went in and the gradient of what came out. See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SiluAdjoint;

/// What it computes of each number.
const SLOPE: Pointwise = Pointwise::Slope(Activation::Silu);

impl Op for SiluAdjoint {
    fn name(&self) -> &'static str {
        shaders::silu_adjoint.name
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
        pointwise::kernel(shaders::silu_adjoint, &[], out)
    }
}
