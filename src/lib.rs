//! **qkv** opens the inside of attention in a terminal.
pub mod compute;
pub mod engine;
pub mod lang;
pub mod number;
pub mod ops;
pub mod program;
pub mod report;
pub mod sample;
pub mod tensor;
pub mod text;
