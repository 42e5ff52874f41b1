//! What is asked and what is answered, as plain data.
//!
//! ```text
//! job      what is asked for, under a ticket
//! answer   progress while it goes on, and what ends it
//! ticket   which request an answer belongs to
//! taken    files and words that a person takes away
//! run look scaling machine   what is in the answers
//! ```
//!
//! [`crate::app`], [`crate::ui`] and [`crate::report`] speak of results in these words; the machines that make them
//! ([`crate::compute`], [`crate::engine`], [`crate::runtime`]) stand above.

mod answer;
mod job;
mod look;
mod machine;
mod notes;
mod run;
mod scaling;
mod taken;
mod ticket;

pub use answer::{Answer, Answered, Attributes, Listed, Listing, News, Progress, Second};
pub use job::{Job, Kind};
pub use look::{Ask, Seen};
pub use machine::{AdapterReport, Amount, ComputeError, Hardware, Limits};
pub use notes::Notes;
pub use run::{Choice, Run};
pub use scaling::Scaling;
pub use taken::{Clipboard, Contents, Copied, Matrices, MatrixFormat, NewFile};
pub use ticket::{Ticket, Tickets};
