//! Where numbers come from: sample files, built-in and random; models from the hub.

pub mod file;
pub mod lesson;
pub mod model;
pub mod sample;
