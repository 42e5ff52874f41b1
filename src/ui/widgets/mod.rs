//! Small pictures that borrow their data and know nothing of the model.

mod matrix;
mod popup;
mod strip;

pub(super) use matrix::{Matrix, SUMS, Window};
pub(super) use popup::Popup;
pub(super) use strip::{Strip, StripRow};

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::text;

/// Writes text into an area's row, cut at its right edge. Returns the column after it.
pub(super) fn put(buffer: &mut Buffer, area: Rect, x: u16, y: u16, words: &str, style: Style) -> u16 {
    if y < area.top() || y >= area.bottom() || x >= area.right() {
        return x;
    }
    let words = text::cut(words, usize::from(area.right() - x));
    buffer.set_string(x, y, words, style);
    x + text::columns(words) as u16
}
