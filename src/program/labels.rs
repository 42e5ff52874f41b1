//! The words that travel with each tensor: its meaning, title, formula and what the stage does.
//!
//! One row a symbol. Screens, the plain walk and the exports all read from here.

use super::{Program, Slot, Symbol};
use crate::lang::Text;

/// What a number means. Each role has one colour on every screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Word vectors: H, M.
    Word,
    /// Learned or designed parameters: the W.
    Parameter,
    /// Queries.
    Query,
    /// Keys.
    Key,
    /// Values.
    Value,
    /// Scores, before and after scaling and masking.
    Score,
    /// The mask.
    Mask,
    /// Attention weights.
    Weight,
    /// Context vectors, concat and output.
    Context,
}

/// The words of one tensor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// What its numbers mean.
    pub role: Role,
    /// The title of the stage.
    pub title: Text,
    /// The formula in symbols; empty for inputs.
    pub formula: &'static str,
    /// What happens here and why, in one or two sentences.
    pub says: Text,
}
