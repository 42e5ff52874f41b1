//! The running mean of a gradient: where the last steps agree.
//!
//! ```text
//! m'[i,j] = β₁ · m[i,j] + (1 − β₁) · g[i,j]        the same shape
//! ```
//!
//! Kingma and Ba 2015, algorithm 1.

use ndarray::Array2;

use super::pointwise::{self, Pointwise};
use super::{Kernel, Op, ShapeError, Sources, kernel, shaders};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Cell, Shape, Tensor};

/// Why the shader is written as it is.
pub(super) const REASON: Text = kernel::ONE_BY_ONE;

/// The first moment of Adam: from the mean so far and a gradient. See the module.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdamFirst {
    /// β₁: how much of the mean stays.
    pub beta: f64,
}

impl AdamFirst {
    /// What it computes of the numbers in one place.
    const fn function(self) -> Pointwise {
        Pointwise::FirstMoment { beta: self.beta }
    }
}

impl Op for AdamFirst {
    fn name(&self) -> &'static str {
        shaders::adam_first.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        self.function().shape(self.name(), inputs)
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        self.function().rows(inputs, part)
    }

    fn tangent(&self, inputs: &[&Tensor<f64>], tangents: &[Option<&Tensor<f64>>], out: Shape) -> Tensor<f64> {
        self.function().tangent(inputs, tangents, out)
    }

    fn sources(&self, inputs: &[Shape], cell: Cell) -> Sources {
        self.function().sources(inputs, cell)
    }

    fn kernel(&self, _inputs: &[Shape], out: Shape) -> Kernel {
        pointwise::kernel(shaders::adam_first, &[self.beta, 1.0 - self.beta], out)
    }
}
