//! What was changed, to be undone and redone without limit.

use std::sync::Arc;

use super::Model;
use crate::sample::{MaskChoice, Sample};

/// What a change may change.
#[derive(Debug, Clone)]
struct State {
    sample: Arc<Sample>,
    random: bool,
    seed: u64,
    mask: MaskChoice,
    edits: usize,
}

/// The states before this one and, after an undo, those that came later.
#[derive(Debug, Clone, Default)]
pub(super) struct History {
    past: Vec<State>,
    future: Vec<State>,
}

impl Model {
    fn state(&self) -> State {
        let (random, seed) = (self.settings.random, self.settings.seed);
        State { sample: Arc::clone(&self.sample), random, seed, mask: self.mask, edits: self.edits }
    }

    fn restore(&mut self, state: State) {
        (self.sample, self.mask, self.edits) = (state.sample, state.mask, state.edits);
        (self.settings.random, self.settings.seed) = (state.random, state.seed);
    }

    /// Remembers what is shown now, before a change.
    pub(super) fn remember(&mut self) {
        self.history.past.push(self.state());
        self.history.future.clear();
    }

    /// Goes back one change; `false` where there is none.
    pub(super) fn undo(&mut self) -> bool {
        let Some(before) = self.history.past.pop() else { return false };
        self.history.future.push(self.state());
        self.restore(before);
        true
    }

    /// Takes an undo back; `false` where there is none.
    pub(super) fn redo(&mut self) -> bool {
        let Some(after) = self.history.future.pop() else { return false };
        self.history.past.push(self.state());
        self.restore(after);
        true
    }
}
