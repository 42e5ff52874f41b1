//! What each row adds to the gradient of γ: the normalised number times its gradient. Summed over the rows it is `∂L/∂γ`.
//!
//! ```text
//! C[i,j] = X[i,j] / √(Σ_k X[i,k]² / cols + ε) · dY[i,j]        the same shape as X
//! ```
//!
//! Two steps, this one and `sum_rows`, so that each row is normalised once and not once for every column.

use ndarray::Array2;

use super::{Kernel, Op, Rule, ShapeError, Sources, Term, alike, operands, rms_norm, root_mean_square, shaders};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Cell, Shape, Tensor};

/// Why the shader is written as it is.
pub(super) const REASON: Text = rms_norm::REASON;

/// Root-mean-square normalisation, backward to γ. See the module.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RmsNormGainAdjoint {
    /// What keeps the divisor from 0.
    pub epsilon: f64,
}

impl Op for RmsNormGainAdjoint {
    fn name(&self) -> &'static str {
        shaders::rms_norm_gain_adjoint.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        operands(self.name(), inputs).and_then(|[x, gradient]| alike(self.name(), x, gradient))
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        let mut rows = part.of(inputs[0]).into_owned();
        for mut row in rows.rows_mut() {
            let r = root_mean_square(&row.to_vec(), self.epsilon);
            row.mapv_inplace(|x| x / r);
        }
        rows * &part.of(inputs[1])
    }

    fn tangent(&self, inputs: &[&Tensor<f64>], tangents: &[Option<&Tensor<f64>>], out: Shape) -> Tensor<f64> {
        super::by_difference(self, inputs, tangents, out)
    }

    /// The row of X; behind it the gradient in the same place.
    fn sources(&self, inputs: &[Shape], cell: Cell) -> Sources {
        let row = (0..inputs[0].cols.len).map(|k| Term::one(0, cell.moved(cell.row, k)));
        let rule = Rule::NormGainAdjoint { chosen: cell.col, epsilon: self.epsilon, centred: false };
        Sources { rule, terms: row.chain([Term::one(1, cell)]).collect() }
    }

    fn kernel(&self, _inputs: &[Shape], out: Shape) -> Kernel {
        let [_, _, rows, cols] = out.lens();
        let size = vec![rows as u32, cols as u32, (self.epsilon as f32).to_bits()];
        Kernel::per_row(shaders::rms_norm_gain_adjoint, size, out)
    }
}
