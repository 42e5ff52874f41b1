//! Softmax without taking the largest score off first: right while every exponential fits, lost as soon as one does not.
//!
//! ```text
//! W[i,j] = exp(A[i,j]) / Σ_k exp(A[i,k])        the same shape; exp and Σ in f32
//! ```
//!
//! ```text
//! dW[i,j] = W[i,j] · (dA[i,j] − Σ_k W[i,k] · dA[i,k])
//! ```
//!
//! The largest f32 is about 3.4·10³⁸ = exp(88.7). Above it exp is ∞, the sum too, and ∞ / ∞ is no number. Where every
//! exponential is 0 instead, 0 / 0 is none either. That is what this op is about, so its reference has the range of f32 as
//! well, and only its digits are those of f64.

use ndarray::Array2;

use super::softmax::moved;
use super::{Adjoint, Feed, Kernel, Op, Rule, ShapeError, SoftmaxAdjoint, Sources, Term, operands, shaders};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Cell, MASKED_F64, Shape, Tensor};

/// Why the shader is written as it is.
pub(super) const REASON: Text = Text::new(
    "一个线程算一行，但没有先减最大值：分数超过 88.7，指数就溢出成 ∞，∞ / ∞ 不是数（NaN）。驱动可以当作没有 ∞，所以溢出以后是什么，在这里写明了。",
    "One invocation per row, but the maximum is not taken off: above 88.7 an exponential overflows to ∞, and ∞ / ∞ is no number (NaN). A driver may assume that there are no infinities, so what an overflow leaves is written out here.",
);

/// Softmax whose exponentials may overflow. See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SoftmaxUnshifted;

impl Op for SoftmaxUnshifted {
    fn name(&self) -> &'static str {
        shaders::softmax_unshifted.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        operands(self.name(), inputs).map(|[a]| a)
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        let mut rows = part.of(inputs[0]).into_owned();
        for mut row in rows.rows_mut() {
            let exponentials = Unshifted::of(&row.to_vec());
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
        Sources { rule: Rule::SoftmaxUnshifted(cell.col), terms }
    }

    fn adjoint(&self, _operand: usize, _inputs: &[Shape], _out: Shape) -> Adjoint {
        Adjoint::step(SoftmaxAdjoint, [Feed::Result, Feed::Gradient])
    }

    fn kernel(&self, _inputs: &[Shape], out: Shape) -> Kernel {
        let [_, _, rows, cols] = out.lens();
        let size = vec![rows as u32, cols as u32, f32::NAN.to_bits()];
        Kernel::per_row(shaders::softmax_unshifted, size, out)
    }
}

/// The exponentials of a row as they are, and their sum: both within the range of f32.
#[derive(Debug, Clone, PartialEq)]
pub struct Unshifted {
    /// `exp(x_j)`, 0 where masked.
    pub exp: Vec<f64>,
    /// Their sum.
    pub sum: f64,
}

impl Unshifted {
    /// The steps for one row of scores; masked ones are −∞.
    pub fn of(row: &[f64]) -> Self {
        let exp: Vec<f64> = row.iter().map(|&x| if x == MASKED_F64 { 0.0 } else { in_range(x.exp()) }).collect();
        let sum = in_range(exp.iter().sum());
        Self { exp, sum }
    }

    /// The weight of one score: its exponential over the sum.
    pub fn weight(&self, j: usize) -> f64 {
        self.exp.get(j).copied().unwrap_or_default() / self.sum
    }
}

/// A number that is not negative, as far as f32 reaches: above it ∞, below it 0.
fn in_range(x: f64) -> f64 {
    if x > f64::from(f32::MAX) {
        f64::INFINITY
    } else if x < f64::from(f32::MIN_POSITIVE) {
        0.0
    } else {
        x
    }
}
