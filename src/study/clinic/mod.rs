//! The bug clinic: real mistakes from attention code, each shown on a sample by what it does, to be found and named.
//!
//! | file | what stands there |
//! |---|---|
//! | `cases.rs` | the cases: one row each. What is told, three hints, what gives it away, what may be answered, what the code looks like |
//! | `checks.rs` | what can be read off a run and must hold in every right program: one row each |
//! | `progress.rs` | one case being worked on, and what was needed to solve it |
//!
//! The mistakes themselves are programs, see [`crate::program::mistakes`]. A new case is a row in `cases.rs`, and, where its
//! mistake is new, a row there.

mod cases;
mod checks;
mod progress;

pub use cases::CASES;
pub use checks::{CHECKS, Check, Finding};
pub use progress::{Progress, Score};

use crate::ground::lang::Text;
use crate::math::tensor::Cell;
use crate::program::{MISTAKES, Mistake, Program, Trace, Wiring};
use crate::source::sample::{MaskChoice, Scenario};

/// A mistake shown on a sample.
#[derive(Debug)]
pub struct Case {
    /// The name in commands. It names the symptom and not the mistake.
    pub name: &'static str,
    /// The symptom, in a few words.
    pub title: Text,
    /// The name of the mistake.
    pub mistake: &'static str,
    /// The built-in sample that it is shown on.
    pub sample: &'static str,
    /// The mask there.
    pub mask: MaskChoice,
    /// The temperature there.
    pub temperature: f32,
    /// What somebody comes with.
    pub told: Text,
    /// Three hints, each clearer than the one before; the last one points to [`Case::cell`].
    pub hints: [Text; 3],
    /// A number that gives it away when it is opened.
    pub cell: &'static str,
    /// What can be seen of it without opening anything.
    pub sign: Sign,
    /// Other mistakes that it may be taken for.
    pub others: [&'static str; 3],
    /// The lines as they are, and as they should be.
    pub code: Code,
    /// Why it matters.
    pub why: Text,
}

/// A few lines of code.
#[derive(Debug)]
pub struct Code {
    /// With the mistake.
    pub wrong: &'static [&'static str],
    /// Without it.
    pub right: &'static [&'static str],
}

/// What can be seen of a mistake: it is there in the mistaken program and not in the right one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// The check of this name fails.
    Check(&'static str),
    /// In a head, a word does not look most at the words that it is meant to look at.
    LooksElsewhere {
        /// The head, from 0.
        head: usize,
        /// The word that looks, from 0.
        query: usize,
        /// Where it should look, from 0.
        keys: &'static [usize],
    },
}

impl Sign {
    /// Whether it can be seen in a run.
    pub fn is_seen(self, program: &Program, trace: &Trace) -> bool {
        match self {
            Self::Check(name) => {
                let check = CHECKS.iter().find(|check| check.name == name);
                check.and_then(|check| check.of(program, trace)).is_some_and(|finding| finding.holds == Some(false))
            }
            Self::LooksElsewhere { head, query, keys } => {
                let Some(slot) = program.shares(None) else { return false };
                let cols = 0..program.shape(slot).cols.len;
                let share = |col| trace.tensor(slot).get(Cell { batch: 0, head, row: query, col });
                let most = cols.clone().map(share).fold(f32::NEG_INFINITY, f32::max);
                let best: Vec<usize> = cols.filter(|&col| most - share(col) <= 1e-5).collect();
                best != keys
            }
        }
    }
}

impl Case {
    /// The case of that name.
    pub fn by_name(name: &str) -> Option<&'static Self> {
        CASES.iter().find(|case| case.name == name)
    }

    /// The mistake.
    pub fn mistake(&self) -> Option<&'static Mistake> {
        Mistake::by_name(self.mistake)
    }

    /// What is made of the sample: the mistake is in it, and still to be found.
    pub fn scenario(&self) -> Scenario {
        let right = self.right();
        Scenario { wiring: Wiring { mistake: self.mistake(), unnamed: true, ..right.wiring }, ..right }
    }

    /// The same without the mistake.
    pub fn right(&self) -> Scenario {
        let wiring = Wiring { temperature: self.temperature, ..Wiring::default() };
        Scenario { mask: self.mask, wiring, ..Scenario::default() }
    }

    /// What may be answered, in the order in which mistakes are listed.
    pub fn choices(&self) -> Vec<&'static Mistake> {
        MISTAKES.iter().filter(|m| m.name == self.mistake || self.others.contains(&m.name)).collect()
    }
}
