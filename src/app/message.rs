//! What happens to the model, and what the model wants done.

use std::time::Duration;

use super::{Key, Target};
use crate::session::{Answered, Job, NewFile, Progress, Ticket};

/// Something happened.
#[derive(Debug, Clone)]
pub enum Message {
    /// A key was pressed.
    Key(Key),
    /// This was clicked on.
    Click(Target),
    /// The wheel was turned over this, so many steps down.
    Wheel(Target, isize),
    /// Text was pasted.
    Paste(String),
    /// The terminal has this many columns and rows now.
    Resize(u16, u16),
    /// News of a job that goes on.
    Progress(Ticket, Progress),
    /// A job ended. One that is not waited for any more is dropped.
    Answered(Ticket, Answered),
    /// The file of the lesson was written.
    Saved(String),
    /// The wake-up with this ticket that was asked for; an older one is dropped.
    Tick(Ticket),
}

/// Something to be done by the runtime.
#[derive(Debug, Clone)]
pub enum Effect {
    /// Carry a job out; the answer carries the ticket.
    Do(Ticket, Job),
    /// Draw what is on the screen and write it to a new file: a job that only who can draw can make. The answer is that of
    /// [`Job::Save`].
    Picture {
        /// The ticket of the answer.
        ticket: Ticket,
        /// Where it goes.
        file: NewFile,
    },
    /// Break a job off: its answer is not wanted any more.
    Cancel(Ticket),
    /// Wake the model with a [`Message::Tick`] after so long; of several only the last.
    Wake {
        /// How long from now.
        after: Duration,
        /// The ticket to wake it with.
        ticket: Ticket,
    },
    /// Leave.
    Quit,
}
