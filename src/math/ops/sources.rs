//! Where a number came from: the cells of the operands that made it, and the arithmetic.
//!
//! The arithmetic is data, so that one description serves the line under the picture, the
//! microscope, the exports and the test that recombines the terms and compares with the reference.

use super::Rule;
use crate::math::tensor::Cell;

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
