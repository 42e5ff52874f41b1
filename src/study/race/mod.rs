//! The race as plain data: how much work, who takes part, how each came in, what host and device did when.
//!
//! ```text
//! work       one whole layer over a batch of sentences, as a program with numbers
//! entry      contenders and their times
//! rules      how a race is run
//! crossing   from how many sentences on the adapter wins
//! timeline   host and device side by side
//! ```

mod crossing;
mod entry;
mod rules;
mod timeline;
mod work;

pub use crossing::{Point, wins_from};
pub use entry::{Contender, Entry, NAMES, NoTime, TOLERANCE, Times};
pub use rules::Rules;
pub use timeline::{Cut, Lane, Phase, Roof, Scene, Span, Split, Timeline, What};
pub use work::{QUEUED, Work, WorkError};
