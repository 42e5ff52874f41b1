//! The mouse: what was done where. What lies there is only known when it is its turn.

use crate::app::{Message, Model};
use crate::ui;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    /// The first button was pressed.
    Press,
    /// The wheel was turned, so many steps down.
    Wheel(isize),
}

/// What was done, and in which column and row, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pointer {
    pub(super) act: Act,
    pub(super) place: (u16, u16),
}

impl Pointer {
    /// What it means to the model, if anything lies there.
    pub(super) fn message(self, model: &Model) -> Option<Message> {
        let target = ui::target(model, model.size, self.place)?;
        Some(match self.act {
            Act::Press => Message::Click(target),
            Act::Wheel(by) => Message::Wheel(target, by),
        })
    }
}
