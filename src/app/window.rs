//! A window of words that scrolls.

use super::deeds::perform;
use super::keymap::{self, Deed, Key};
use super::{Effect, Model, Overlay};

/// Lines that a page moves.
const PAGE: usize = 10;

/// A window of words scrolls with the keys that move; Esc, Enter, `q` and the key that opened it close it. The language
/// and the head may change under it.
pub(super) fn press(model: &mut Model, key: Key, line: usize, window: fn(usize) -> Overlay) -> Vec<Effect> {
    model.overlay = match keymap::deed(key) {
        Some(Deed::Down) => window(line + 1),
        Some(Deed::Up) => window(line.saturating_sub(1)),
        Some(Deed::NextStage | Deed::Step | Deed::Play) => window(line + PAGE),
        Some(Deed::PreviousStage | Deed::Back) => window(line.saturating_sub(PAGE)),
        Some(Deed::Close | Deed::Open | Deed::Card | Deed::Quit) => Overlay::None,
        Some(deed @ (Deed::Language | Deed::Theme | Deed::NextHead | Deed::PreviousHead)) => {
            perform(model, deed);
            window(line)
        }
        _ => window(line),
    };
    Vec::new()
}
