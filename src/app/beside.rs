//! A second sentence beside the one that is shown: run under the same weights and the same changes of them.

use std::sync::Arc;

use super::windows::{BesideWindow, Window};
use super::{Effect, Model};
use crate::ground::lang::Text;
use crate::session::{Job, Second};

impl Model {
    /// The second sentence and its run, where one was asked for.
    pub fn second(&self) -> Option<&Second> {
        let kind = self.program().kind();
        self.beside.as_deref().filter(|second| second.sample.program.kind() == kind)
    }

    /// Keeps it.
    pub(super) fn keep_second(&mut self, second: Arc<Second>) {
        self.beside = Some(second);
    }

    /// Keeps it, and shows it where it is not shown yet.
    pub(super) fn show_second(&mut self, second: Arc<Second>) {
        self.keep_second(second);
        if !self.windows.iter().any(|window| matches!(window, Window::Beside(_))) {
            BesideWindow::open(self);
        }
    }

    /// Asks for it.
    pub(super) fn ask_beside(&mut self, written: String) -> Vec<Effect> {
        let (sample, lens) = (Arc::clone(&self.material.base), self.material.lens);
        let scenario = self.material.scenario.of_weights();
        self.ask(Job::Beside { sample, scenario, written, lens })
    }

    /// The same, as a person asks for it.
    ///
    /// # Errors
    /// Words where the words that ask are not those that answer: then there are no two sentences of one kind.
    pub(super) fn asked_beside(&mut self, written: String) -> Result<Vec<Effect>, Text> {
        let kind = self.program().kind();
        if kind.has_one_query() || kind.has_memory() {
            return Err(Text::new(
                "两句并排只用于自注意力：每个词都去看同一句里的词",
                "two sentences go beside each other in self-attention only, where all words look at words of their own sentence",
            ));
        }
        Ok(self.ask_beside(written))
    }
}
