//! Whether the heads of a designed sample do what they were designed for.
//!
//! A sample says of each head what it is meant for, in fixed words about its own words. They are true of the numbers it was
//! designed with; under another mask, another switch or a changed number they may not be. So the story that each row of
//! weights tells there, which word it looks at or why at none, is kept, and compared with that of a run.

use std::mem::Discriminant;

use super::Sample;
use crate::explain::{self, Fact};
use crate::math::tensor::Cell;
use crate::program::{Address, Backend, Name, Program, Trace};

/// What the weights of one head say of every row.
type Story = Vec<Vec<(Discriminant<Fact>, Vec<usize>)>>;

/// The stories of the heads of a sample as it was designed; none where nobody said what the heads are for.
#[derive(Debug, Clone, Default)]
pub struct Design {
    heads: Vec<Story>,
}

impl Design {
    /// What the heads of a sample do, where its author says what they are for.
    pub fn of(sample: &Sample) -> Self {
        if sample.heads.iter().all(|card| card.intent.is_none()) {
            return Self::default();
        }
        let trace = Trace::by_reference(&sample.program, &sample.inputs, Backend::cpu());
        Self { heads: (0..sample.program.heads()).map(|head| story(&sample.program, &trace, head)).collect() }
    }

    /// For each head of a run of the same words, whether it does what it was designed for.
    pub fn kept(&self, program: &Program, trace: &Trace) -> Vec<bool> {
        let heads = self.heads.iter().enumerate();
        heads.map(|(head, designed)| head < program.heads() && story(program, trace, head) == *designed).collect()
    }
}

/// The story of a head: what is said of each of its rows, whatever the numbers.
fn story(program: &Program, trace: &Trace, head: usize) -> Story {
    let Some(slot) = program.find(None, Name::Weights) else { return Vec::new() };
    let said = |row| {
        let at = Address { slot, cell: Cell { batch: 0, head, row, col: 0 } };
        explain::claims(program, trace, at, &|_| false).iter().map(|claim| claim.fact.gist()).collect()
    };
    (0..program.shape(slot).rows.len).map(said).collect()
}

/// Whether a head has anything to do: some word looks at another more than at the rest.
pub fn is_at_work(program: &Program, trace: &Trace, head: usize) -> bool {
    let Some(slot) = program.find(None, Name::Weights) else { return false };
    let busy = |row| {
        let at = Address { slot, cell: Cell { batch: 0, head, row, col: 0 } };
        let claims = explain::claims(program, trace, at, &|_| false);
        claims.iter().any(|claim| matches!(claim.fact, Fact::Shares(_) | Fact::Scattered(_)))
    };
    (0..program.shape(slot).rows.len).any(busy)
}
