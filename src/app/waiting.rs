//! What the model waits for: of each kind of work the latest request.

use std::collections::BTreeMap;

use super::{Effect, Model};
use crate::session::{Job, Kind, Ticket, Tickets};

/// The tickets of the answers that are wanted. An answer under any other is dropped.
#[derive(Debug, Clone, Default)]
pub(super) struct Waiting {
    tickets: Tickets,
    wanted: BTreeMap<Kind, Ticket>,
}

impl Waiting {
    /// The kind of work that this ticket was given out for, while its answer is wanted.
    pub(super) fn kind(&self, ticket: Ticket) -> Option<Kind> {
        self.wanted.iter().find(|(_, wanted)| **wanted == ticket).map(|(kind, _)| *kind)
    }

    /// The answer is there.
    pub(super) fn over(&mut self, kind: Kind) {
        self.wanted.remove(&kind);
    }
}

impl Model {
    /// A ticket that nobody has: for work, or a wake-up.
    pub(super) const fn issue(&mut self) -> Ticket {
        self.waiting.tickets.issue()
    }

    /// Asks for work; an older request of its kind is not waited for any more.
    pub(super) fn ask(&mut self, job: Job) -> Vec<Effect> {
        vec![Effect::Do(self.want(job.kind()), job)]
    }

    /// The ticket of an answer that is wanted from now on, in place of an older one of its kind.
    pub(super) fn want(&mut self, kind: Kind) -> Ticket {
        let ticket = self.issue();
        self.waiting.wanted.insert(kind, ticket);
        ticket
    }

    /// Whether work of a kind is on its way.
    pub fn waits_for(&self, kind: Kind) -> bool {
        self.waiting.wanted.contains_key(&kind)
    }

    /// The ticket of the request of a kind that is on its way.
    pub fn ticket(&self, kind: Kind) -> Option<Ticket> {
        self.waiting.wanted.get(&kind).copied()
    }

    /// Breaks work of a kind off, where any is on its way.
    pub(super) fn cancel(&mut self, kind: Kind) -> Vec<Effect> {
        self.waiting.wanted.remove(&kind).map(Effect::Cancel).into_iter().collect()
    }
}
