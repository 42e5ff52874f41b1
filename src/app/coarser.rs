//! The window of coarser words: which of the coarser cuts it shows.

use super::deeds::{around, perform};
use super::keymap::{self, Deed, Key};
use super::{Effect, Model, Overlay};

/// The key that opened it, and Left and Right, go through the coarser cuts; heads change under it.
pub(super) fn press(model: &mut Model, key: Key, mut which: usize) -> Vec<Effect> {
    let count = model.sample.coarser.len();
    match keymap::deed(key) {
        Some(Deed::Coarser | Deed::Right) => which = around(which, 1, count),
        Some(Deed::Left) => which = around(which, -1, count),
        Some(Deed::Close | Deed::Open | Deed::Quit) => return Vec::new(),
        Some(deed @ (Deed::Language | Deed::Theme | Deed::NextHead | Deed::PreviousHead)) => {
            perform(model, deed);
        }
        _ => {}
    }
    model.overlay = Overlay::Coarser(which);
    Vec::new()
}
