//! Rows with Chinese or emoji are always sent whole.
//!
//! A wide glyph that moves leaves its old background behind (ratatui 0.30.2), so a row that holds
//! one, or held one in the frame before, is not trusted to the diff.

use ratatui::buffer::{Buffer, CellDiffOption};

use crate::ground::text;

/// Which rows of the frame before held a wide glyph.
#[derive(Debug, Default)]
pub struct WideRows(Vec<bool>);

impl WideRows {
    /// Marks the rows of a finished frame that must be sent whole.
    pub fn mark(&mut self, buffer: &mut Buffer) {
        let area = buffer.area;
        let holds_wide = |y| (area.left()..area.right()).any(|x| text::columns(buffer[(x, y)].symbol()) > 1);
        let now: Vec<bool> = (area.top()..area.bottom()).map(holds_wide).collect();
        for (i, y) in (area.top()..area.bottom()).enumerate() {
            if now[i] || self.0.get(i).copied().unwrap_or(false) {
                for x in area.left()..area.right() {
                    buffer[(x, y)].set_diff_option(CellDiffOption::AlwaysUpdate);
                }
            }
        }
        self.0 = now;
    }
}
