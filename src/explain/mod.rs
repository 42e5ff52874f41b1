//! Everything that is said and shown of one number, made from `sources` and the trace; nothing here is prepared text about
//! a sample.
//!
//! An op says which cells made a number and by which rule ([`crate::math::ops::Sources`]). How a rule makes a number, and
//! how that is written, spelled out, stepped through and drawn, stands in one file of `rules/` a rule. The doors ask it:
//!
//! | door | what comes out | where it is seen |
//! |---|---|---|
//! | [`arithmetic()`] | the computation with the real numbers, in one line | under the picture, `qkv explain` |
//! | [`open()`] | the terms, each of them a number that can be opened in turn; the formula | the microscope |
//! | [`opened::json`], [`opened::latex`] | the same as JSON and as LaTeX | `qkv explain`, what is copied |
//! | [`Ticks`] | a stage number by number and term by term, each tick in words | slow motion |
//! | [`picture()`] | which matrices and signs stand side by side | the page of a stage |
//! | [`whole`] | the program as one formula, and which part of it a stage is | the line under the header |
//! | [`strip()`] | rows of numbers that stand below one another | under the picture, and in narrow windows |
//! | [`value`] | what the terms come to, in f64 | the check against the reference |
//! | [`look()`] | what to look at near the number | the page of a stage |
//!
//! `made.rs` is what a rule is told: a number and the cells that make it, with and without what they hold. `line.rs` puts a
//! line together in the colours of its numbers. Names of rows and columns come from outside, through [`Names`].

mod arithmetic;
pub mod code;
mod line;
mod look;
mod made;
pub mod opened;
mod picture;
mod rules;
mod strip;
pub mod ticks;
pub mod whole;

pub use arithmetic::{arithmetic, arithmetic_of};
pub use line::Piece;
pub use look::{Claim, Entry, Fact, claims, look};
pub use opened::{Opened, open};
pub use picture::{Element, picture};
pub use rules::{Tick, value};
pub use strip::{Strip, StripRow, Written, strip};
pub use ticks::{At, Shown, Ticks};

use crate::ground::lang::Lang;
use crate::math::tensor::Axis;

/// Where a tensor's rows and columns get their names.
pub trait Names {
    /// The language of the names.
    fn lang(&self) -> Lang;

    /// The name of one row or column: 爱, 动作, or a number from 1 where nobody named it.
    fn name(&self, axis: Axis, head: usize, index: usize) -> String;

    /// Whether a column of H tells where a word stands, and not what it means.
    fn tells_a_place(&self, _column: usize) -> bool {
        false
    }
}
