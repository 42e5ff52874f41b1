//! What is found out about attention, as plain data and rules: heads measured and compared, why √d, who is faster, which
//! mistakes code makes; questions about all of it; and [`Concept`], what a learner may have understood.
//!
//! Nothing here opens a device, starts a thread or reads a clock: [`crate::engine`] does, and fills these in.

pub mod clinic;
mod concept;
pub mod heads;
pub mod learned;
pub mod quiz;
pub mod race;
pub mod scaling;
pub mod train;

pub use concept::Concept;
