//! The loss of a prediction: how surprised a model is by the words that really came.
//!
//! ```text
//! P = softmax(A), row by row        n = Σ_i Σ_j T[i,j]
//! L = −(1/n) · Σ_i Σ_j T[i,j] · ln P[i,j]        1 × 1  from  A and T, rows × cols each, all sentences together
//! ```
//!
//! T has a 1 at the word that came, or shares that sum to 1; so n counts the rows that are asked. Rows of T that are 0 take no
//! part; without any target the loss is 0. Computed as `ln Σ_k exp(A[k] − max A) − (A[j] − max A)`, which neither overflows
//! nor meets the logarithm of 0.

use ndarray::Array2;

use super::{
    Adjoint, CrossEntropyAdjoint, Exponentials, Feed, Kernel, Op, Rule, ShapeError, Sources, Term, alike, operands,
    shaders,
};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Axis, Cell, Shape, Tensor};

/// Why the shader is written as it is.
pub(super) const REASON: Text = Text::new(
    "只有一个数要写，所以整个工作组一起算：每个线程隔 64 行取一行，最后把各自的和加起来。",
    "There is one number to write, so a whole workgroup works on it: each invocation takes every 64th row, and their sums are added up at the end.",
);

/// Cross-entropy of logits and targets. See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CrossEntropy;

/// The shape of a loss: one number.
pub(super) const LOSS: Shape = Shape::matrix(Axis::Vector.of(1), Axis::Vector.of(1));

/// The cross-entropy of one row: `−Σ_j T[j] · ln softmax(A)[j]`.
pub fn surprise(logits: &[f64], targets: &[f64]) -> f64 {
    let Exponentials { max, sum, .. } = Exponentials::of(logits);
    logits.iter().zip(targets).filter(|(_, t)| **t != 0.0).map(|(x, t)| t * (sum.ln() - (x - max))).sum()
}

/// Every sentence and head of a tensor.
pub(super) fn planes(shape: Shape) -> impl Iterator<Item = (usize, usize)> {
    let [batch, heads, ..] = shape.lens();
    (0..batch).flat_map(move |batch| (0..heads).map(move |head| (batch, head)))
}

/// `Σ T`: how many rows are asked.
pub(super) fn asked(targets: &dyn Numbers) -> f64 {
    let shape = *targets.shape();
    planes(shape).map(|(s, h)| targets.block(s, h, 0..shape.rows.len, 0..shape.cols.len).sum()).sum()
}

/// The mean of a loss over the rows that are asked: `of` of every row and its targets.
pub(super) fn mean_loss(inputs: &[&dyn Numbers], of: impl Fn(&[f64], &[f64]) -> f64) -> Array2<f64> {
    let (given, targets) = (inputs[0], inputs[1]);
    let shape = *given.shape();
    let (rows, cols) = (shape.rows.len, shape.cols.len);
    let mut sum = 0.0;
    for ((s, h), i) in planes(shape).flat_map(|plane| (0..rows).map(move |i| (plane, i))) {
        let row = |numbers: &dyn Numbers| numbers.block(s, h, i..i + 1, 0..cols).iter().copied().collect::<Vec<_>>();
        sum += of(&row(given), &row(targets));
    }
    let asked = asked(targets);
    Array2::from_elem((1, 1), if asked == 0.0 { 0.0 } else { sum / asked })
}

/// The launch of a loss: one workgroup, whose invocations share the rows of all sentences and heads.
pub(super) fn by_row(shader: super::Shader, inputs: &[Shape], out: Shape) -> Kernel {
    let [batch, heads, rows, cols] = inputs[0].lens();
    Kernel::per_row(shader, vec![(batch * heads * rows) as u32, cols as u32, super::kernel::ZERO], out)
}

impl Op for CrossEntropy {
    fn name(&self) -> &'static str {
        shaders::cross_entropy.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        operands(self.name(), inputs).and_then(|[logits, targets]| alike(self.name(), logits, targets))?;
        Ok(LOSS)
    }

    fn rows(&self, inputs: &[&dyn Numbers], _part: &Part) -> Array2<f64> {
        mean_loss(inputs, surprise)
    }

    fn tangent(&self, inputs: &[&Tensor<f64>], tangents: &[Option<&Tensor<f64>>], out: Shape) -> Tensor<f64> {
        super::by_difference(self, inputs, tangents, out)
    }

    /// All logits, then all targets.
    fn sources(&self, inputs: &[Shape], _cell: Cell) -> Sources {
        let all = |input: usize| inputs[input].cells().map(move |cell| Term::one(input, cell));
        Sources { rule: Rule::CrossEntropy { cols: inputs[0].cols.len }, terms: all(0).chain(all(1)).collect() }
    }

    fn adjoint(&self, operand: usize, _inputs: &[Shape], _out: Shape) -> Adjoint {
        match operand {
            0 => Adjoint::step(CrossEntropyAdjoint, [Feed::Operand(0), Feed::Operand(1), Feed::Gradient]),
            _ => Adjoint::None, // targets are chosen
        }
    }

    fn kernel(&self, inputs: &[Shape], out: Shape) -> Kernel {
        by_row(shaders::cross_entropy, inputs, out)
    }
}
