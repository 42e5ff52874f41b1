//! What the widgets are put together to: one screen or window, one file.

pub(super) mod card;
pub(super) mod coarser;
pub(super) mod footer;
mod header;
pub(super) mod heads;
pub(super) mod kernel;
pub(super) mod laboratory;
pub(super) mod microscope;
mod panel;
mod picture;
pub(super) mod queue;
mod reading;
pub(super) mod small;
pub(super) mod switches;
pub(super) mod walk;

use crate::app::Model;
use crate::report::Reader;

/// Words in the signs that the person's terminal has.
pub(super) fn signs(model: &Model, words: &str) -> String {
    Reader { lang: model.settings.lang, ascii: model.settings.ascii }.signs(words)
}
