//! Where numbers come from: sample files, built-in and random.

pub mod file;
pub mod lesson;
pub mod model;
pub mod sample;
