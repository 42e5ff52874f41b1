//! Where numbers come from: sample files, built-in and random.

pub mod sample;
