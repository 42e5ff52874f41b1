//! What is asked and what is answered, as plain data: runs, looks through a kernel, experiments, the machines behind them.
//!
//! [`crate::app`], [`crate::ui`] and [`crate::report`] speak of results in these words; the machines that make them
//! ([`crate::compute`], [`crate::engine`], [`crate::runtime`]) stand above.

mod look;
mod machine;
mod run;
mod scaling;

pub use look::{Ask, Seen};
pub use machine::{AdapterReport, Amount, ComputeError, Hardware, Limits};
pub use run::{Choice, Run};
pub use scaling::Scaling;
