//! The loss of a row of weights: "let 爱 attend to 我" is a target for a row, and how far the row is from it is a loss.
//!
//! ```text
//! n = Σ T        L = −(1/n) · Σ T[i,j] · ln max(W[i,j], 2⁻¹²⁶)        1 × 1  from  W and T of the same shape, heads included
//! ```
//!
//! W are shares already, so nothing is exponentiated here. A share of 0 has no logarithm: it counts as 2⁻¹²⁶, the smallest
//! number that f32 holds in full, whose logarithm is −87.3. Rows of T that are 0 take no part.

use ndarray::Array2;

use super::cross_entropy::{LOSS, by_row, mean_loss};
use super::{
    Adjoint, Feed, Kernel, Op, Rule, ShapeError, Sources, TargetLossAdjoint, Term, alike, cross_entropy, operands,
    shaders,
};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Cell, Shape, Tensor};

/// Why the shader is written as it is.
pub(super) const REASON: Text = cross_entropy::REASON;

/// The least share whose logarithm is taken.
pub(super) const LEAST: f64 = f32::MIN_POSITIVE as f64;

/// Cross-entropy of shares and targets. See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TargetLoss;

/// The loss of one row: `−Σ_j T[j] · ln W[j]`.
pub fn missed(shares: &[f64], targets: &[f64]) -> f64 {
    // Not `sum`, which begins at -0.
    shares.iter().zip(targets).filter(|(_, t)| **t != 0.0).fold(0.0, |sum, (w, t)| sum - t * w.max(LEAST).ln())
}

impl Op for TargetLoss {
    fn name(&self) -> &'static str {
        shaders::target_loss.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        operands(self.name(), inputs).and_then(|[weights, targets]| alike(self.name(), weights, targets))?;
        Ok(LOSS)
    }

    fn rows(&self, inputs: &[&dyn Numbers], _part: &Part) -> Array2<f64> {
        mean_loss(inputs, missed)
    }

    /// `−(1/n) · Σ T/W · dW`, and of targets `−(1/n) · Σ (ln W + L) · dT`, since they count in n.
    fn tangent(&self, inputs: &[&Tensor<f64>], tangents: &[Option<&Tensor<f64>>], out: Shape) -> Tensor<f64> {
        let (weights, targets) = (inputs[0], inputs[1]);
        let asked: f64 = targets.numbers().sum();
        if asked == 0.0 {
            return Tensor::zeros(out);
        }
        let loss = self.reference(inputs, out).get(Cell::default());
        let by_weights = tangents[0].map_or(0.0, |moved| {
            let each = weights.numbers().zip(targets.numbers()).zip(moved.numbers());
            each.map(|((w, t), dw)| if w < LEAST { 0.0 } else { -t / w * dw }).sum::<f64>()
        });
        let by_targets = tangents[1].map_or(0.0, |moved| {
            weights.numbers().zip(moved.numbers()).map(|(w, dt)| (-w.max(LEAST).ln() - loss) * dt).sum::<f64>()
        });
        Tensor::from_fn(out, |_| (by_weights + by_targets) / asked)
    }

    /// All weights, then all targets.
    fn sources(&self, inputs: &[Shape], _cell: Cell) -> Sources {
        let all = |input: usize| inputs[input].cells().map(move |cell| Term::one(input, cell));
        Sources { rule: Rule::TargetLoss { cols: inputs[0].cols.len }, terms: all(0).chain(all(1)).collect() }
    }

    fn adjoint(&self, operand: usize, _inputs: &[Shape], _out: Shape) -> Adjoint {
        match operand {
            0 => Adjoint::step(TargetLossAdjoint, [Feed::Operand(0), Feed::Operand(1), Feed::Gradient]),
            _ => Adjoint::None, // targets are chosen
        }
    }

    fn kernel(&self, inputs: &[Shape], out: Shape) -> Kernel {
        by_row(shaders::target_loss, inputs, out)
    }
}
