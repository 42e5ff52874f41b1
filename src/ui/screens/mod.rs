//! What the widgets are put together to: one screen or window, one file.

mod footer;
mod header;
mod panel;
mod picture;
mod reading;
pub(super) mod small;
pub(super) mod walk;

use crate::app::Model;
use crate::report::Reader;

/// Words in the signs that the person's terminal has.
pub(super) fn signs(model: &Model, words: &str) -> String {
    Reader { lang: model.settings.lang, ascii: model.settings.ascii }.signs(words)
}
