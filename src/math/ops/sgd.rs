//! A step downhill: every weight moves against its gradient.
//!
//! ```text
//! W'[i,j] = W[i,j] − η · g[i,j]        the same shape
//! ```
//!
//! Robbins and Monro 1951.

use ndarray::Array2;

use super::pointwise::{self, Pointwise};
use super::{Kernel, Op, ShapeError, Sources, kernel, shaders};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Cell, Shape, Tensor};

/// Why the shader is written as it is.
pub(super) const REASON: Text = kernel::ONE_BY_ONE;

/// Gradient descent: from a weight and its gradient the next weight. See the module.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sgd {
    /// η: how far a step goes.
    pub rate: f64,
}

impl Sgd {
    /// What it computes of the numbers in one place.
    const fn function(self) -> Pointwise {
        Pointwise::Descent { rate: self.rate }
    }
}

impl Op for Sgd {
    fn name(&self) -> &'static str {
        shaders::sgd.name
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
        pointwise::kernel(shaders::sgd, &[self.rate], out)
    }
}
