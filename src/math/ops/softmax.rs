//! `weights = softmax(masked)`, row by row: scores become shares that sum to 1.
//!
//! ```text
//! m = max_j A[i,j]        W[i,j] = exp(A[i,j] − m) / Σ_k exp(A[i,k] − m)        the same shape
//! ```
//!
//! ```text
//! dW[i,j] = W[i,j] · (dA[i,j] − Σ_k W[i,k] · dA[i,k])
//! ```
//!
//! Subtracting the row maximum changes nothing in the quotient and keeps exp from overflowing.
//! Masked entries take no part: not in the maximum, not in the sum, and their weight is 0.

use ndarray::Array2;

use super::{Adjoint, Feed, Kernel, Op, Rule, ShapeError, SoftmaxAdjoint, Sources, Term, operands, shaders};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Cell, MASKED_F64, Shape, Tensor};

/// Why the shader is written as it is.
pub(super) const REASON: Text = Text::new(
    "一个线程算一行，因为一行里的数要共用同一个最大值和同一个总和。先减最大值，指数就不会溢出。",
    "One invocation per row, since the numbers of a row share one maximum and one sum. The maximum is taken off first, so that no exponential overflows.",
);

/// Softmax over each row. See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Softmax;

impl Op for Softmax {
    fn name(&self) -> &'static str {
        shaders::softmax.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        operands(self.name(), inputs).map(|[a]| a)
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        let mut rows = part.of(inputs[0]).into_owned();
        for mut row in rows.rows_mut() {
            let exponentials = Exponentials::of(&row.to_vec());
            for (j, x) in row.iter_mut().enumerate() {
                *x = exponentials.weight(j);
            }
        }
        rows
    }

    fn tangent(&self, inputs: &[&Tensor<f64>], tangents: &[Option<&Tensor<f64>>], out: Shape) -> Tensor<f64> {
        tangents[0].map_or_else(|| Tensor::zeros(out), |scores| moved(&self.reference(inputs, out), scores))
    }

    fn sources(&self, inputs: &[Shape], cell: Cell) -> Sources {
        let terms = (0..inputs[0].cols.len).map(|j| Term::one(0, cell.moved(cell.row, j))).collect();
        Sources { rule: Rule::Softmax(cell.col), terms }
    }

    fn adjoint(&self, _operand: usize, _inputs: &[Shape], _out: Shape) -> Adjoint {
        Adjoint::step(SoftmaxAdjoint, [Feed::Result, Feed::Gradient])
    }

    fn kernel(&self, _inputs: &[Shape], out: Shape) -> Kernel {
        let [_, _, rows, cols] = out.lens();
        Kernel::per_row(shaders::softmax, vec![rows as u32, cols as u32], out)
    }
}

/// How far weights move where their scores do: `dW[i,j] = W[i,j] · (dA[i,j] − Σ_k W[i,k] · dA[i,k])`.
pub(super) fn moved(weights: &Tensor<f64>, scores: &Tensor<f64>) -> Tensor<f64> {
    let mut moved = Tensor::zeros(*weights.shape());
    let [batch, heads, ..] = weights.shape().lens();
    for (s, h) in (0..batch).flat_map(|s| (0..heads).map(move |h| (s, h))) {
        let (w, da) = (weights.matrix(s, h), scores.matrix(s, h));
        let mean = (&w * &da).sum_axis(ndarray::Axis(1)).insert_axis(ndarray::Axis(1)); // rows × 1
        moved.set_matrix(s, h, &(&w * &(&da - &mean)));
    }
    moved
}

/// Softmax as it is computed: row maximum, differences, exponentials, their sum, the quotients.
#[derive(Debug, Clone, PartialEq)]
pub struct Exponentials {
    /// The largest score.
    pub max: f64,
    /// `exp(x_j − max)`, 0 where masked.
    pub exp: Vec<f64>,
    /// Their sum.
    pub sum: f64,
}

impl Exponentials {
    /// The steps for one row of scores; masked ones are −∞.
    pub fn of(row: &[f64]) -> Self {
        let max = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let exp: Vec<f64> = row.iter().map(|&x| if x == MASKED_F64 { 0.0 } else { (x - max).exp() }).collect();
        let sum = exp.iter().sum();
        Self { max, exp, sum }
    }

    /// The weight of one score: its exponential over the sum; 0 where all are masked.
    pub fn weight(&self, j: usize) -> f64 {
        if self.sum == 0.0 {
            return 0.0;
        }
        self.exp.get(j).copied().unwrap_or_default() / self.sum
    }
}
