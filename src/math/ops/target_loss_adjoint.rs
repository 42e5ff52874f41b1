//! The gradient of weights that have a target: the smaller the share of what should be looked at, the harder it is pulled.
//!
//! ```text
//! n = Σ T        dW[i,j] = −T[i,j] / (n · W[i,j]) · dL        the same shape as W and T; dL is 1 × 1
//! ```
//!
//! A share below 2⁻¹²⁶ counts as that in the loss, whatever it is, so its gradient is 0.

use ndarray::Array2;

use super::cross_entropy::asked;
use super::cross_entropy_adjoint::{self, fits};
use super::target_loss::LEAST;
use super::{Kernel, Op, Rule, ShapeError, Sources, Term, shaders};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Cell, Shape, Tensor};

/// Why the shader is written as it is.
pub(super) const REASON: Text = cross_entropy_adjoint::REASON;

/// The loss of weights, backward: from weights, targets and the gradient of the loss. See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TargetLossAdjoint;

/// The gradient of one share, where so many rows are asked.
pub fn pull(share: f64, target: f64, asked: f64) -> f64 {
    if target == 0.0 || asked == 0.0 || share < LEAST { 0.0 } else { -target / (asked * share) }
}

impl Op for TargetLossAdjoint {
    fn name(&self) -> &'static str {
        shaders::target_loss_adjoint.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        fits(self.name(), inputs)
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        let (asked, gradient) = (asked(inputs[1]), inputs[2].block(0, 0, 0..1, 0..1)[[0, 0]]);
        let (mut rows, targets) = (part.of(inputs[0]).into_owned(), part.of(inputs[1]));
        rows.zip_mut_with(&targets, |w, &target| *w = pull(*w, target, asked) * gradient);
        rows
    }

    /// `−T/(n·W) · d(dL) + T/(n·W²) · dL · dW`, and of targets `−dL/(n·W) · (dT − T/n · Σ dT)`, since they count in n.
    fn tangent(&self, inputs: &[&Tensor<f64>], tangents: &[Option<&Tensor<f64>>], out: Shape) -> Tensor<f64> {
        let (asked, gradient): (f64, _) = (inputs[1].numbers().sum(), inputs[2].get(Cell::default()));
        let more = tangents[1].map_or(0.0, |moved| moved.numbers().sum::<f64>());
        Tensor::from_fn(out, |c| {
            let (share, pulled) = (inputs[0].get(c), pull(inputs[0].get(c), inputs[1].get(c), asked));
            let by_share = tangents[0].filter(|_| pulled != 0.0).map_or(0.0, |dw| -pulled / share * dw.get(c));
            let by_targets = tangents[1].filter(|_| asked != 0.0);
            let by_targets = by_targets.map_or(0.0, |dt| pull(share, dt.get(c), asked) - pulled / asked * more);
            let own = (by_share + by_targets) * gradient;
            own + tangents[2].map_or(0.0, |moved| pulled * moved.get(Cell::default()))
        })
    }

    /// The weight, all targets, the gradient of the loss.
    fn sources(&self, inputs: &[Shape], cell: Cell) -> Sources {
        let targets = inputs[1].cells().map(|cell| Term::one(1, cell));
        let rule = Rule::TargetLossAdjoint { chosen: inputs[1].offset(cell) };
        let terms = [Term::one(0, cell)].into_iter().chain(targets).chain([Term::one(2, Cell::default())]);
        Sources { rule, terms: terms.collect() }
    }

    fn kernel(&self, _inputs: &[Shape], out: Shape) -> Kernel {
        cross_entropy_adjoint::kernel(shaders::target_loss_adjoint, out)
    }
}
