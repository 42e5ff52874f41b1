//! What the widgets are put together to: one screen or window, one file.

mod beginning;
mod end;
mod fit;
mod footer;
mod formula;
mod header;
pub(super) mod legend;
mod lesson;
mod panel;
mod picture;
pub(super) mod places;
mod predictions;
mod reading;
mod set;
pub(super) mod small;
pub(super) mod walk;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::Model;
use crate::report::Reader;
use crate::ui::theme::Theme;

/// What is said to the person, over windows that cover the line where it stands: beside their borders.
pub(super) fn notice(model: &Model, theme: Theme, area: Rect, buffer: &mut Buffer) {
    if let Some(notice) = &model.notice {
        let line = Rect { x: area.x + 1, y: area.bottom() - 2, width: area.width - 2, height: 1 };
        footer::say(model.say(&notice.text), notice.bad, theme, line, buffer);
    }
}

/// Words in the signs that the person's terminal has.
pub(super) fn signs(model: &Model, words: &str) -> String {
    Reader { lang: model.settings.lang, ascii: model.settings.ascii }.signs(words)
}
