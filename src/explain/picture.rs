//! Which matrices and signs stand side by side in the picture of a stage: `Q · Kᵀ = scores`.

use super::made::Place;
use super::rules;
use crate::program::{Address, Program};

/// A part of the picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Element {
    /// An operand's matrix.
    Operand {
        /// Which operand, counted from 0.
        input: usize,
        /// Rows and columns change places, as in Kᵀ.
        turned: bool,
        /// Without the names of its rows, which stand beside it already.
        bare: bool,
    },
    /// One head of an operand, where all of them are shown.
    Head {
        /// Which operand.
        input: usize,
        /// Which head, counted from 0.
        head: usize,
    },
    /// What stands between two matrices.
    Sign(String),
    /// The result.
    Result,
}

impl Element {
    /// An operand as it is.
    pub(crate) const fn operand(input: usize) -> Self {
        Self::Operand { input, turned: false, bare: false }
    }

    pub(crate) fn sign(sign: impl Into<String>) -> Self {
        Self::Sign(sign.into())
    }

    /// Elements with a sign between each two.
    pub(crate) fn joined(elements: impl Iterator<Item = Self>, sign: &str) -> Vec<Self> {
        let between = |(n, element)| (n > 0).then(|| Self::sign(sign)).into_iter().chain([element]);
        elements.enumerate().flat_map(between).collect()
    }
}

/// The picture of the stage that makes a number, left to right; nothing of one that is given.
pub fn picture(program: &Program, address: Address) -> Vec<Element> {
    let Some(stage) = program.made_by(address.slot) else { return Vec::new() };
    let place = Place::new(program, stage, address);
    rules::of(place.sources.rule).picture(&place)
}
