//! Where a number came from: the cells of the operands that made it, and the arithmetic.
//!
//! The arithmetic is data, so that one description serves the line under the picture, the
//! microscope, the exports and the test that recombines the terms and compares with the reference.

use super::{Exponentials, Rule};
use crate::math::tensor::{Cell, MASKED_F64};

/// A cell of one operand of a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Operand {
    /// Which operand, counted from 0.
    pub input: usize,
    /// Which of its cells.
    pub cell: Cell,
}

/// One term: the product of its factors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// What is multiplied, left to right.
    pub factors: Vec<Operand>,
}

impl Term {
    /// A term of one factor.
    pub fn one(input: usize, cell: Cell) -> Self {
        Self { factors: vec![Operand { input, cell }] }
    }

    /// A product of two factors, of operands 0 and 1.
    pub fn product(left: Cell, right: Cell) -> Self {
        Self { factors: vec![Operand { input: 0, cell: left }, Operand { input: 1, cell: right }] }
    }
}

/// The cells that made one number, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Sources {
    /// The arithmetic.
    pub rule: Rule,
    /// What it is applied to.
    pub terms: Vec<Term>,
}

impl Sources {
    /// Carries the arithmetic out in f64 on the numbers that `read` finds.
    pub fn value(&self, read: impl Fn(Operand) -> f64) -> f64 {
        let terms: Vec<f64> = self.terms.iter().map(|t| t.factors.iter().map(|&f| read(f)).product()).collect();
        let first = terms.first().copied().unwrap_or_default();
        match self.rule {
            Rule::Sum => terms.iter().sum(),
            Rule::Copy => first,
            Rule::Quotient(by) => first / by,
            Rule::Gate => {
                if terms.get(1).is_some_and(|&open| open != 0.0) {
                    first
                } else {
                    MASKED_F64
                }
            }
            Rule::Softmax(chosen) => Exponentials::of(&terms).weight(chosen),
        }
    }
}
