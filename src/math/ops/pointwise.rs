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
use crate::math::tensor::{Cell, Shape};

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
