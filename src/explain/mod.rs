//! Words about one number, made from `sources` and the trace; nothing here is prepared text about a sample.
//!
//! [`arithmetic`] spells out how a cell was computed, with the real numbers; [`look`] says what to look at; [`open`] gives
//! the number's terms, each of them a number that can be opened in turn; [`Ticks`] walks through a stage number by number
//! and term by term.

mod arithmetic;
mod look;
pub mod opened;
mod telling;
pub mod ticks;

pub use arithmetic::{arithmetic, arithmetic_of, root};
pub use look::look;
pub use opened::{Opened, open};
pub use ticks::{At, Shown, Tick, Ticks};

use crate::ground::lang::Lang;
use crate::math::tensor::Axis;
use crate::program::Role;

/// Where a tensor's rows and columns get their names.
pub trait Names {
    /// The language of the names.
    fn lang(&self) -> Lang;

    /// The name of one row or column: 爱, 动作, or a number from 1 where nobody named it.
    fn name(&self, axis: Axis, head: usize, index: usize) -> String;
}

/// A piece of a line, coloured by what its number means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The words.
    pub text: String,
    /// The meaning of the number, where it is one.
    pub role: Option<Role>,
}
