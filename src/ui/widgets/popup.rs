//! A window over the screen.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::symbols::border;
use ratatui::widgets::{Block, Clear, Widget};

use crate::ui::theme::Theme;

/// Fewer columns than this beside a window are covered too.
const SCRAPS: u16 = 16;

/// A bordered window in the middle of an area.
pub(in crate::ui) struct Popup<'a> {
    pub title: &'a str,
    pub width: u16,
    pub height: u16,
}

impl Popup<'_> {
    /// The columns that a window of this width takes: beside one that is nearly as wide as the screen, scraps of what lies under
    /// it would only confuse.
    pub(crate) fn width(width: u16, area: Rect) -> u16 {
        if width + SCRAPS > area.width { area.width } else { width }
    }

    /// Draws the border, clears what is under it, and returns the room inside.
    pub(crate) fn draw(&self, theme: Theme, area: Rect, buffer: &mut Buffer) -> Rect {
        let width = Self::width(self.width, area);
        let height = self.height.min(area.height);
        let window =
            Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height };
        // A border that falls on the second half of a Chinese character is lost with it: blank the cell before.
        if window.x > area.x {
            for y in window.top()..window.bottom() {
                let cell = &mut buffer[(window.x - 1, y)];
                if crate::ground::text::columns(cell.symbol()) > 1 {
                    cell.set_symbol(" ");
                }
            }
        }
        Clear.render(window, buffer);
        buffer.set_style(window, theme.ground());
        let block =
            Block::bordered().border_set(border::PLAIN).border_style(theme.dim()).title(format!(" {} ", self.title));
        let inside = block.inner(window);
        block.render(window, buffer);
        Rect { x: inside.x + 1, width: inside.width.saturating_sub(2), ..inside }
    }
}
