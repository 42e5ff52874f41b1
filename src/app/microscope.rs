//! The microscope: a number opened, and the numbers opened from it in turn.

use super::deeds::{copy, perform, step};
use super::keymap::{self, Deed, Key};
use super::{Effect, Model, Overlay};
use crate::explain::{self, Opened};
use crate::program::Address;

/// Terms that a page of the microscope moves.
const TERMS_PAGE: isize = 10;

/// A number opened, and the numbers opened from it in turn.
#[derive(Debug, Clone)]
pub struct Microscope {
    /// The way down: the first was under the cursor, the last is open. Never empty.
    pub path: Vec<Look>,
}

/// One number under the microscope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// The number.
    pub address: Address,
    /// The chosen term, in the order of [`ranked`].
    pub term: usize,
    /// The chosen factor of that term.
    pub factor: usize,
}

impl Look {
    /// A number just opened.
    pub const fn at(address: Address) -> Self {
        Self { address, term: 0, factor: 0 }
    }
}

/// The order in which terms are listed: as they are added, or the largest first where there are many.
pub fn ranked(opened: &Opened) -> Vec<usize> {
    const MANY: usize = 12;
    let mut order: Vec<usize> = (0..opened.terms.len()).collect();
    if order.len() > MANY {
        order.sort_by(|&a, &b| opened.terms[b].value.abs().total_cmp(&opened.terms[a].value.abs()));
    }
    order
}

/// Up and Down choose a term, Left and Right one of its factors, Enter opens it, Esc goes back.
pub(super) fn press(model: &mut Model, key: Key, mut microscope: Microscope) -> Vec<Effect> {
    let (Some(trace), Some(look)) = (model.trace(), microscope.path.last_mut()) else { return Vec::new() };
    let opened = explain::open(model.program(), trace, look.address);
    let order = ranked(&opened);
    let factors = |term: usize| order.get(term).and_then(|&t| opened.terms.get(t)).map_or(&[][..], |t| &t.factors);
    match keymap::deed(key) {
        Some(Deed::Down) => look.term = step(look.term, 1, order.len()),
        Some(Deed::Up) => look.term = step(look.term, -1, order.len()),
        Some(Deed::NextStage | Deed::Step | Deed::Play) => look.term = step(look.term, TERMS_PAGE, order.len()),
        Some(Deed::PreviousStage | Deed::Back) => look.term = step(look.term, -TERMS_PAGE, order.len()),
        Some(Deed::Left) => look.factor = step(look.factor, -1, factors(look.term).len()),
        Some(Deed::Right) => look.factor = step(look.factor, 1, factors(look.term).len()),
        Some(Deed::Open) => {
            let chosen = factors(look.term).get(look.factor).or(factors(look.term).first());
            if let Some(address) = chosen.map(|f| f.address) {
                microscope.path.push(Look::at(address));
            }
        }
        Some(Deed::Close) => {
            microscope.path.pop();
        }
        Some(Deed::CopyText | Deed::CopyLatex) => {
            let (address, latex) = (look.address, keymap::deed(key) == Some(Deed::CopyLatex));
            let effects = copy(model, address, latex);
            model.overlay = Overlay::Microscope(microscope);
            return effects;
        }
        Some(Deed::Quit) => return Vec::new(),
        Some(deed @ (Deed::Language | Deed::Theme)) => {
            perform(model, deed);
        }
        _ => {}
    }
    if !microscope.path.is_empty() {
        model.overlay = Overlay::Microscope(microscope);
    }
    Vec::new()
}
