//! The mathematics: arrays with named axes, and the operations that attention is made of.

pub mod numbers;
pub mod ops;
pub mod tensor;
