//! What to look at near a number: claims about its row, each derived from the numbers of the trace and from nothing else.
//!
//! A claim is data first, its words second: [`claims`] finds what is true of a row, [`Claim::words`] says it in the reader's
//! language, and `tests/claims.rs` holds every claim against the trace without the code here.

mod claim;
mod row;
mod words;

pub use claim::{Claim, Entry, Fact};

use super::Names;
use crate::ground::lang::Lang;
use crate::math::tensor::MASKED;
use crate::program::{Address, Name, Program, Trace};
use row::Row;

/// What to look at near a cell, in the reader's language; empty where there is nothing to say.
pub fn look(program: &Program, trace: &Trace, address: Address, names: &dyn Names) -> String {
    let said: Vec<String> = claims(program, trace, address, &|column| names.tells_a_place(column))
        .iter()
        .map(|claim| claim.words(program, trace, names))
        .collect();
    said.join(match names.lang() {
        Lang::Zh => "",
        Lang::En => " ",
    })
}

/// What is true of the row of a number and worth a look; nothing of a row that holds infinities or what is no number, of
/// which alarms speak. `tells_a_place` says which columns of H tell where a word stands.
pub fn claims(program: &Program, trace: &Trace, address: Address, tells_a_place: &dyn Fn(usize) -> bool) -> Vec<Claim> {
    let row = Row::of(program, trace, address);
    let name = program.symbol(address.slot).name;
    let is_number = |x: f32| x.is_finite() || (x == MASKED && name == Name::Masked);
    if !row.numbers().into_iter().all(is_number) {
        return Vec::new();
    }
    let by_hand = row.by_hand();
    let facts = if by_hand.is_empty() {
        match name {
            Name::Scores => row.scored(),
            Name::Scaled => row.scaled(),
            Name::Mask | Name::Masked => row.masked(),
            Name::Weights => row.weighted(),
            Name::Context => row.mixed(),
            Name::Concat => row.joined(),
            Name::H => vec![row.meant(tells_a_place).unwrap_or_else(|| row.described())],
            _ => vec![row.described()],
        }
    } else {
        // What was set by hand follows from nothing: only the numbers themselves are spoken of.
        let sum = row.sum().filter(|_| name == Name::Weights);
        [Some(Fact::ByHand(by_hand)), Some(row.described()), sum].into_iter().flatten().collect()
    };
    facts.into_iter().map(|fact| Claim { at: address, fact }).collect()
}
