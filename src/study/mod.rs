//! What is found out about attention, as plain data and rules: heads measured and compared, why √d, who is faster,
//! and which mistakes code makes.
//!
//! Nothing here opens a device, starts a thread or reads a clock: [`crate::engine`] does, and fills these in.

pub mod clinic;
pub mod heads;
pub mod race;
pub mod scaling;
