//! A matrix as coloured dots, two to a character: `▀` has one colour above and one below.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::program::Role;
use crate::ui::theme::{Paint, Theme};

/// A matrix drawn as dots.
pub(in crate::ui) struct Dots<'a> {
    /// The number of each dot, line by line, at most 1 in size: see [`means`](crate::study::heads::means).
    pub means: &'a [f32],
    /// Dots in a line.
    pub across: u16,
    pub paint: Paint,
}

impl Dots<'_> {
    /// Draws it into the upper left of an area.
    pub(crate) fn draw(&self, theme: Theme, area: Rect, buffer: &mut Buffer) {
        let lines: Vec<&[f32]> = self.means.chunks(usize::from(self.across.max(1))).collect();
        for (y, pair) in (area.top()..area.bottom()).zip(lines.chunks(2)) {
            let (above, below) = (pair[0], pair.get(1));
            for ((column, &above), x) in above.iter().enumerate().zip(area.left()..area.right()) {
                let below = below.and_then(|below| below.get(column).copied());
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
