//! Where numbers come from: sample files, built-in and random; models from the hub; what other programs computed.

pub mod file;
pub mod import;
pub mod lesson;
pub mod model;
pub mod sample;
