//! A matrix as coloured dots, two to a character: `▀` has one colour above and one below.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::program::Role;
use crate::ui::theme::{Paint, Theme};

/// A matrix drawn as dots.
pub(in crate::ui) struct Dots<'a> {
    /// Rows and columns of the matrix.
    pub of: (usize, usize),
    /// Its numbers, row by row, at most 1 in size.
    pub numbers: &'a [f32],
    pub paint: Paint,
    /// Dots across and down. Where a dot stands for several numbers it shows their mean.
    pub grid: (u16, u16),
}

impl Dots<'_> {
    /// Draws it into the upper left of an area.
    pub(crate) fn draw(&self, theme: Theme, area: Rect, buffer: &mut Buffer) {
        let (across, down) = self.grid;
        for line in 0..down.div_ceil(2).min(area.height) {
            for column in 0..across.min(area.width) {
                let (x, y) = (area.x + column, area.y + line);
                let above = self.mean(column, 2 * line);
                let below = (2 * line + 1 < down).then(|| self.mean(column, 2 * line + 1));
                match (theme.dot(self.paint, above), below.map(|x| theme.dot(self.paint, x))) {
                    (Some(top), Some(Some(bottom))) => {
                        buffer[(x, y)].set_symbol("▀").set_style(Style::new().fg(top).bg(bottom));
                    }
                    (Some(top), _) => {
                        buffer[(x, y)].set_symbol("▀").set_style(Style::new().fg(top));
                    }
                    _ => {
                        let mean = below.map_or(above, |below| f32::midpoint(above, below));
                        buffer[(x, y)].set_symbol(shade(mean.abs())).set_style(theme.role(Role::Weight));
                    }
                }
            }
        }
    }

    /// The mean of the numbers under a dot.
    fn mean(&self, column: u16, line: u16) -> f32 {
        let part = |at: u16, dots: u16, len: usize| {
            let start = usize::from(at) * len / usize::from(dots.max(1));
            let end = (usize::from(at) + 1) * len / usize::from(dots.max(1));
            start..end.max(start + 1).min(len)
        };
        let (rows, cols) = (part(line, self.grid.1, self.of.0), part(column, self.grid.0, self.of.1));
        let count = (rows.len() * cols.len()).max(1) as f32;
        let row = |r: usize| self.numbers.get(r * self.of.1 + cols.start..r * self.of.1 + cols.end);
        rows.filter_map(row).flatten().sum::<f32>() / count
    }
}

/// A shade for terminals with few colours.
fn shade(x: f32) -> &'static str {
    match x {
        x if x < 0.05 => " ",
        x if x < 0.25 => "░",
        x if x < 0.5 => "▒",
        x if x < 0.75 => "▓",
        _ => "█",
    }
}
