//! Functions of a few numbers in the same place, one of each operand: the gradients of activations, and what an optimizer
//! makes of a weight and its gradient. Each has an op, and so a shader, of its own; here they are as numbers.
//!
//! | | of | source |
//! |---|---|---|
//! | slope | `f′(x) · dy` | the chain rule |
//! | descent | `w − η·g` | Robbins and Monro 1951 |
//! | first moment | `β₁·m + (1 − β₁)·g` | Kingma and Ba 2015, algorithm 1 |
//! | second moment | `β₂·v + (1 − β₂)·g²` | the same |
//! | Adam | `w − η · (m/c₁) / (√(v/c₂) + ε)` | the same; `c₁ = 1 − β₁ᵗ`, `c₂ = 1 − β₂ᵗ` after t steps |

use ndarray::Array2;

use super::{Activation, Kernel, Rule, Shader, ShapeError, Sources, Term, alike};
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Cell, Shape, Tensor};

/// Which function.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pointwise {
    /// `f′(x) · dy`.
    Slope(Activation),
    /// `w − η·g`.
    Descent {
        /// η.
        rate: f64,
    },
    /// `β₁·m + (1 − β₁)·g`.
    FirstMoment {
        /// β₁.
        beta: f64,
    },
    /// `β₂·v + (1 − β₂)·g²`.
    SecondMoment {
        /// β₂.
        beta: f64,
    },
    /// `w − η · (m/c₁) / (√(v/c₂) + ε)`.
    Adam {
        /// η.
        rate: f64,
        /// c₁.
        first: f64,
        /// c₂.
        second: f64,
        /// ε.
        epsilon: f64,
    },
}

impl Pointwise {
    /// How many operands it takes.
    pub const fn arity(self) -> usize {
        if matches!(self, Self::Adam { .. }) { 3 } else { 2 }
    }

    /// The function; numbers that are missing count as 0.
    pub fn of(self, numbers: &[f64]) -> f64 {
        let [a, b, c] = [0, 1, 2].map(|n| numbers.get(n).copied().unwrap_or_default());
        match self {
            Self::Slope(activation) => activation.slope(a) * b,
            Self::Descent { rate } => a - rate * b,
            Self::FirstMoment { beta } => beta * a + (1.0 - beta) * b,
            Self::SecondMoment { beta } => beta * a + (1.0 - beta) * b * b,
            Self::Adam { rate, first, second, epsilon } => a - rate * (b / first) / ((c / second).sqrt() + epsilon),
        }
    }

    /// What each number counts for in the result; they add up to it. One that only says by how much counts for 0.
    pub fn parts(self, numbers: &[f64]) -> Vec<f64> {
        let [a, b] = [0, 1].map(|n| numbers.get(n).copied().unwrap_or_default());
        let value = self.of(numbers);
        match self {
            Self::Slope(_) => vec![0.0, value],
            Self::Descent { .. } => vec![a, value - a],
            Self::FirstMoment { beta } => vec![beta * a, (1.0 - beta) * b],
            Self::SecondMoment { beta } => vec![beta * a, (1.0 - beta) * b * b],
            Self::Adam { .. } => vec![a, value - a, 0.0],
        }
    }

    /// How the result moves with each number.
    fn slopes(self, numbers: [f64; 3]) -> [f64; 3] {
        let [a, b, c] = numbers;
        match self {
            Self::Slope(activation) => [0.0, activation.slope(a), 0.0], // but for x; its ops know
            Self::Descent { rate } => [1.0, -rate, 0.0],
            Self::FirstMoment { beta } => [beta, 1.0 - beta, 0.0],
            Self::SecondMoment { beta } => [beta, 2.0 * (1.0 - beta) * b, 0.0],
            Self::Adam { rate, first, second, epsilon } => {
                let root = (c / second).sqrt();
                let by_square = rate * b / first / (root + epsilon).powi(2) / (2.0 * root * second);
                [1.0, -rate / first / (root + epsilon), if root > 0.0 { by_square } else { 0.0 }]
            }
        }
    }

    /// The derivative, where it is smooth in all operands. Adam's square root has none at 0, and stands still there.
    pub(super) fn tangent(self, inputs: &[&Tensor<f64>], tangents: &[Option<&Tensor<f64>>], out: Shape) -> Tensor<f64> {
        Tensor::from_fn(out, |cell| {
            let slopes = self.slopes([0, 1, 2].map(|n| inputs.get(n).map_or(0.0, |input| input.get(cell))));
            let moved = slopes.iter().zip(tangents);
            moved.map(|(slope, tangent)| tangent.map_or(0.0, |tangent| slope * tangent.get(cell))).sum()
        })
    }

    pub(super) fn shape(self, op: &'static str, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        match inputs {
            [first, others @ ..] if inputs.len() == self.arity() => {
                others.iter().try_for_each(|&other| alike(op, *first, other).map(drop))?;
                Ok(*first)
            }
            _ => Err(ShapeError::Arity { op, expected: self.arity(), found: inputs.len() }),
        }
    }

    pub(super) fn rows(self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        let read: Vec<_> = inputs.iter().map(|&operand| part.of(operand)).collect();
        Array2::from_shape_fn((part.rows.len(), part.out.cols.len), |at| {
            self.of(&read.iter().map(|operand| operand[at]).collect::<Vec<_>>())
        })
    }

    pub(super) fn sources(self, inputs: &[Shape], cell: Cell) -> Sources {
        let terms = (0..inputs.len()).map(|input| Term::one(input, cell)).collect();
        Sources { rule: Rule::Pointwise(self), terms }
    }
}

/// The launch of a shader that takes rows, columns and these constants.
pub(super) fn kernel(shader: Shader, constants: &[f64], out: Shape) -> Kernel {
    let [_, _, rows, cols] = out.lens();
    let constants = constants.iter().map(|&x| (x as f32).to_bits());
    Kernel::per_cell(shader, [rows as u32, cols as u32].into_iter().chain(constants).collect(), out)
}
