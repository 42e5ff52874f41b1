//! Who takes part in a race, and how each came in.

use std::fmt;
use std::time::Duration;

use super::{Split, Work};
use crate::kernels::Rung;

/// The names of all who can take part.
pub const NAMES: [&str; 9] =
    ["ndarray-1", "ndarray-all", "naive", "coalesced", "tiled", "register", "block", "subgroup", "ours"];

/// Who takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contender {
    /// ndarray on one thread.
    NdarrayOne,
    /// ndarray on all threads.
    NdarrayAll,
    /// A rung of the ladder.
    Rung(Rung),
    /// The rung that a short trial chose.
    Ours(Rung),
}

impl fmt::Display for Contender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NdarrayOne => "ndarray-1",
            Self::NdarrayAll => "ndarray-all",
            Self::Rung(rung) => rung.name(),
            Self::Ours(_) => "ours",
        })
    }
}

/// What came of one contender's run.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Who.
    pub contender: Contender,
    /// What.
    pub work: Work,
    /// How it went, or why it did not.
    pub result: Result<Times, NoTime>,
}

/// Why a contender has no time to show.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum NoTime {
    /// It cannot do this work, or there is nobody to do it.
    #[error("{0}")]
    Refused(String),
    /// Its result is not the reference's.
    #[error("wrong by {0:.1e}")]
    Wrong(f64),
}

/// Times of one contender, all checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Times {
    /// The first run, with what the driver compiles then.
    pub cold: Duration,
    /// The runs after it, the fastest first.
    pub warm: Vec<Duration>,
    /// Largest `|Δ| / max(1, |reference|)` of the rows that were checked.
    pub error: f64,
    /// Where the time of one more run went, on an adapter.
    pub split: Option<Split>,
}

impl Times {
    /// The middle one.
    pub fn median(&self) -> Duration {
        self.warm.get(self.warm.len() / 2).copied().unwrap_or(self.cold)
    }

    /// The fastest.
    pub fn least(&self) -> Duration {
        self.warm.first().copied().unwrap_or(self.cold)
    }
}

/// A result further than this from the reference is no result: its time is not shown.
pub const TOLERANCE: f64 = 1e-4;
