//! A step downhill, as long for every weight: the mean gradient over how large it usually is.
//!
//! ```text
//! W'[i,j] = W[i,j] − η · (m[i,j]/c₁) / (√(v[i,j]/c₂) + ε)        the same shape; c₁ = 1 − β₁ᵗ, c₂ = 1 − β₂ᵗ after t steps
//! ```
//!
//! Both means begin at 0; c₁ and c₂ make up for that. Kingma and Ba 2015, algorithm 1.

use ndarray::Array2;

use super::pointwise::{self, Pointwise};
use super::{Kernel, Op, ShapeError, Sources, kernel, shaders};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Cell, Shape, Tensor};

/// Why the shader is written as it is.
pub(super) const REASON: Text = kernel::ONE_BY_ONE;

/// Adam: from a weight and both moments the next weight. See the module.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Adam {
    /// η: how far a step goes at most, about.
    pub rate: f64,
    /// c₁ = 1 − β₁ᵗ after t steps.
    pub correction1: f64,
    /// c₂ = 1 − β₂ᵗ after t steps.
    pub correction2: f64,
    /// What keeps the divisor from 0.
    pub epsilon: f64,
}

impl Adam {
    /// What it computes of the numbers in one place.
    const fn function(self) -> Pointwise {
        Pointwise::Adam { rate: self.rate, first: self.correction1, second: self.correction2, epsilon: self.epsilon }
    }
}

impl Op for Adam {
    fn name(&self) -> &'static str {
        shaders::adam.name
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
        pointwise::kernel(shaders::adam, &[self.rate, self.correction1, self.correction2, self.epsilon], out)
    }
}
