//! The gradient of what was divided by its root mean square. Stretching the row changes nothing in the result: that direction is
//! taken out of the gradient.
//!
//! ```text
//! r = √(Σ_k X[i,k]² / cols + ε)        n = X / r        g = γ · dY
//! dX[i,j] = (g[i,j] − n[i,j] · mean_k (n[i,k] · g[i,k])) / r        the same shape as X; γ is 1 × cols
//! ```
//!
//! Zhang and Sennrich 2019.

use ndarray::Array2;

use super::{Kernel, Moments, Op, Rule, ShapeError, Sources, layer_norm_adjoint, shaders};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Cell, Shape, Tensor};

/// Why the shader is written as it is.
pub(super) const REASON: Text = Text::new(
    "一个线程算一行：先求这一行的均方根，再求要去掉的那个平均，最后逐个写出。",
    "One invocation per row: its root mean square first, then the average that is taken out, then each number.",
);

/// Root-mean-square normalisation, backward: from X, γ and the gradient of the result. See the module.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RmsNormAdjoint {
    /// What keeps the divisor from 0.
    pub epsilon: f64,
}

impl Op for RmsNormAdjoint {
    fn name(&self) -> &'static str {
        shaders::rms_norm_adjoint.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        layer_norm_adjoint::shape(self.name(), inputs)
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        layer_norm_adjoint::rows(inputs, part, (|row: &[f64]| Moments::about_zero(row, self.epsilon), false))
    }

    fn tangent(&self, inputs: &[&Tensor<f64>], tangents: &[Option<&Tensor<f64>>], out: Shape) -> Tensor<f64> {
        super::by_difference(self, inputs, tangents, out)
    }

    /// The row of X, then of each column γ times the gradient.
    fn sources(&self, inputs: &[Shape], cell: Cell) -> Sources {
        let rule = Rule::NormAdjoint { chosen: cell.col, epsilon: self.epsilon, centred: false };
        Sources { rule, terms: layer_norm_adjoint::terms(inputs, cell) }
    }

    fn kernel(&self, _inputs: &[Shape], out: Shape) -> Kernel {
        let [_, _, rows, cols] = out.lens();
        let size = vec![rows as u32, cols as u32, (self.epsilon as f32).to_bits()];
        Kernel::per_row(shaders::rms_norm_adjoint, size, out)
    }
}
