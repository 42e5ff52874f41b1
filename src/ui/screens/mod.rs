//! What the widgets are put together to: one screen or window, one file.

mod beginning;
mod end;
mod fit;
mod footer;
mod formula;
mod header;
pub(super) mod legend;
mod panel;
mod picture;
pub(super) mod places;
mod reading;
pub(super) mod small;
pub(super) mod walk;

use crate::app::Model;
use crate::report::Reader;

/// Words in the signs that the person's terminal has.
pub(super) fn signs(model: &Model, words: &str) -> String {
    Reader { lang: model.settings.lang, ascii: model.settings.ascii }.signs(words)
}
