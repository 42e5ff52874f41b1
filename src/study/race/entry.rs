//! Who takes part in a race, and how each came in.

use std::fmt;
use std::time::Duration;

use super::{Split, Work};
use crate::ground::exit::Exit;
use crate::ground::fault::{Failure, Fault};
use crate::ground::lang::Text;
use crate::kernels::Rung;

/// The names of all who can take part.
pub const NAMES: [&str; 3 + Rung::ALL.len()] = {
    let mut names = ["ours"; 3 + Rung::ALL.len()];
    (names[0], names[1]) = ("ndarray-1", "ndarray-all");
    let mut n = 0;
    while n < Rung::ALL.len() {
        names[2 + n] = Rung::ALL[n].name();
        n += 1;
    }
    names
};

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
#[error("{}", self.words().en)]
pub enum NoTime {
    /// The processor's memory is too small for the work.
    Memory {
        /// Bytes that it needs.
        needed: u64,
        /// Bytes that are free.
        free: u64,
    },
    /// There is no adapter to run on.
    NoAdapter,
    /// It would take longer than anybody waits.
    TooSlow,
    /// The device could not do it.
    Device(Fault),
    /// Its result is not the reference's: off by so much.
    Wrong(f64),
}

impl Failure for NoTime {
    fn words(&self) -> Text {
        match self {
            Self::Memory { needed, free } => {
                let gibibytes = |bytes: u64| bytes as f64 / f64::from(1 << 30);
                let (needed, free) = (gibibytes(*needed), gibibytes(*free));
                Text::owned(
                    format!("需要 {needed:.1} GiB 内存，空闲的有 {free:.1} GiB"),
                    format!("it needs {needed:.1} GiB of memory, {free:.1} GiB are free"),
                )
            }
            Self::NoAdapter => Text::new("没有适配器", "no adapter"),
            Self::TooSlow => Text::new("没有让它跑：要好多秒", "left out: it would take many seconds"),
            Self::Device(fault) => fault.words().clone(),
            Self::Wrong(off) => Text::owned(format!("误差 {off:.1e}，结果不对"), format!("wrong by {off:.1e}")),
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Self::Device(fault) => fault.exit(),
            Self::NoAdapter => Exit::NoAdapter,
            Self::Memory { .. } => Exit::Input,
            Self::TooSlow | Self::Wrong(_) => Exit::Failed,
        }
    }
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
