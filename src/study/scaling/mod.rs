//! The √d laboratory: what dot products of random vectors look like, and what softmax makes of them.
//!
//! For unit normal q and k of d features each, `q·k` has mean 0 and standard deviation √d. An [`Experiment`] draws as
//! many such pairs as it is asked for; a backend of [`crate::compute`] draws and multiplies them; an [`Outcome`] is what
//! the scores are like as they are, ÷√d and ÷d; a [`Verdict`] compares them with the f64 reference.
//!
//! The shader and the reference share the random numbers, down to the last bit, and nothing else: see [`Draw`].
//! `docs/SCALING.md` tells the whole story.

mod draw;
mod outcome;
mod verdict;

use std::ops::RangeInclusive;

pub use draw::{Draw, SHADERS};
pub use outcome::{Histogram, KEYS, Outcome, SATURATED, Scores};
pub use verdict::{TOLERANCE, Verdict};

use crate::ground::exit::Exit;
use crate::ground::fault::Failure;
use crate::ground::lang::Text;

/// What to draw: pairs of unit normal vectors of d features, from a seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Experiment {
    d: usize,
    pairs: usize,
    seed: u64,
}

/// An experiment beyond what can be drawn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words().en)]
pub enum ExperimentError {
    /// No features, or too many.
    Features(usize),
    /// Less than one row of keys, or too many pairs.
    Pairs(usize),
}

impl Failure for ExperimentError {
    fn words(&self) -> Text {
        match self {
            Self::Features(d) => {
                let (min, max) = Experiment::FEATURES.into_inner();
                Text::owned(
                    format!("d 是 {d}；可以抽 {min} 到 {max} 个特征"),
                    format!("d is {d}; {min} to {max} features can be drawn"),
                )
            }
            Self::Pairs(pairs) => {
                let (min, max) = Experiment::PAIRS.into_inner();
                Text::owned(
                    format!("要抽 {pairs} 对；可以抽 {min} 到 {max} 对"),
                    format!("{pairs} pairs were asked for; {min} to {max} can be drawn"),
                )
            }
        }
    }

    fn exit(&self) -> Exit {
        Exit::Input
    }
}

impl Experiment {
    /// How many features a query and a key may have.
    pub const FEATURES: RangeInclusive<usize> = 1..=2048;

    /// How many pairs may be drawn: at least one row for softmax.
    pub const PAIRS: RangeInclusive<usize> = KEYS..=1_000_000;

    /// As many pairs as show σ to a quarter of a percent.
    pub const USUAL_PAIRS: usize = 100_000;

    /// An experiment within the limits.
    ///
    /// # Errors
    /// [`ExperimentError`] says which limit.
    pub fn new(d: usize, pairs: usize, seed: u64) -> Result<Self, ExperimentError> {
        if !Self::FEATURES.contains(&d) {
            return Err(ExperimentError::Features(d));
        }
        if !Self::PAIRS.contains(&pairs) {
            return Err(ExperimentError::Pairs(pairs));
        }
        Ok(Self { d, pairs, seed })
    }

    /// Features of each query and key.
    pub const fn d(self) -> usize {
        self.d
    }

    /// Pairs of a query and a key.
    pub const fn pairs(self) -> usize {
        self.pairs
    }

    /// Where the random numbers begin.
    pub const fn seed(self) -> u64 {
        self.seed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_named() {
        assert!(Experiment::new(1, 8, 0).is_ok() && Experiment::new(2048, 1_000_000, u64::MAX).is_ok());
        for (d, pairs, words) in [
            (0, 8, "d is 0; 1 to 2048 features can be drawn"),
            (2049, 8, "d is 2049; 1 to 2048 features can be drawn"),
            (1, 7, "7 pairs were asked for; 8 to 1000000 can be drawn"),
            (1, 1_000_001, "1000001 pairs were asked for; 8 to 1000000 can be drawn"),
        ] {
            assert_eq!(Experiment::new(d, pairs, 0).unwrap_err().to_string(), words);
        }
    }
}
