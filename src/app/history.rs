//! What was changed, to be undone and redone without limit.

use std::sync::Arc;

use super::Model;
use crate::ground::text::Lens;
use crate::source::sample::{Sample, Scenario};

/// What a change may change.
#[derive(Debug, Clone)]
struct State {
    base: Arc<Sample>,
    turned: Arc<Sample>,
    sample: Arc<Sample>,
    scenario: Scenario,
    lens: Lens,
    written: Option<String>,
}

/// The states before this one and, after an undo, those that came later.
#[derive(Debug, Clone, Default)]
pub(super) struct History {
    past: Vec<State>,
    future: Vec<State>,
}

impl Model {
    fn state(&self) -> State {
        let [base, turned, sample] = [&self.base, &self.turned, &self.sample].map(Arc::clone);
        let (scenario, written) = (self.scenario.clone(), self.written.clone());
        State { base, turned, sample, scenario, lens: self.lens, written }
    }

    fn restore(&mut self, state: State) {
        State {
            base: self.base,
            turned: self.turned,
            sample: self.sample,
            scenario: self.scenario,
            lens: self.lens,
            written: self.written,
        } = state;
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
