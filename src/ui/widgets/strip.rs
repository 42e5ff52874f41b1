//! Rows of numbers lined up term by term, as one writes a dot product by hand.
//!
//! ```text
//!              人称  动作  地点
//!    concat 爱  0.85  0.05  0.94
//!  × W_o        1     0     0
//!  =            0.85  0     0
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use super::put;
use crate::number::Format;
use crate::program::Role;
use crate::text;
use crate::ui::theme::{Lit, Paint, Theme};

/// One row: a name, its numbers, and how they are drawn.
pub(in crate::ui) struct StripRow {
    pub name: String,
    pub role: Role,
    pub paint: Paint,
    pub numbers: Vec<f32>,
    pub format: Format,
    pub span: f32,
}

/// The rows and the names of their columns.
pub(in crate::ui) struct Strip {
    pub col_names: Vec<String>,
    pub rows: Vec<StripRow>,
    /// The column of the cursor, where one is singled out.
    pub chosen: Option<usize>,
}

impl Strip {
    /// Columns of the widest name, with a gap.
    fn label(&self) -> usize {
        self.rows.iter().map(|r| text::columns(&r.name)).max().unwrap_or(0) + 1
    }

    fn cell(&self) -> usize {
        let numbers = |r: &StripRow| r.format.width(r.numbers.iter().copied());
        self.rows.iter().map(numbers).max().unwrap_or(1).max(4) + 2
    }

    /// Rows it takes.
    pub fn height(&self) -> u16 {
        self.rows.len() as u16 + 1
    }

    /// Draws as many columns as fit, around the chosen one.
    pub fn draw(&self, theme: &Theme, area: Rect, buffer: &mut Buffer) {
        let (label, cell) = (self.label(), self.cell());
        let room = usize::from(area.width).saturating_sub(label) / cell;
        let count = self.col_names.len();
        let start = match self.chosen {
            Some(chosen) if count > room => chosen.saturating_sub(room / 2).min(count - room),
            _ => 0,
        };
        let shown = start..count.min(start + room);
        let at = |n: usize| area.x + (label + n * cell) as u16;
        for (n, j) in shown.clone().enumerate() {
            let name = format!("{} ", text::right(text::cut(&self.col_names[j], cell - 1), cell - 1));
            let style = if self.chosen == Some(j) { theme.strong() } else { theme.dim() };
            put(buffer, area, at(n), area.y, &name, style);
        }
        for (r, row) in self.rows.iter().enumerate() {
            let y = area.y + 1 + r as u16;
            put(buffer, area, area.x, y, &row.name, theme.role(row.role).add_modifier(Modifier::BOLD));
            for (n, j) in shown.clone().enumerate() {
                let Some(&number) = row.numbers.get(j) else { continue };
                let hidden = number == f32::NEG_INFINITY;
                let place = if hidden || row.span == 0.0 { 0.0 } else { number / row.span };
                let last = r + 1 == self.rows.len();
                let lit = if self.chosen == Some(j) && last { Lit::Cursor } else { Lit::Source };
                let (open, close) = if lit == Lit::Cursor { ('[', ']') } else { (' ', ' ') };
                let words = if hidden { "x".to_owned() } else { row.format.write(number) };
                let framed = format!("{open}{}{close}", text::right(&words, cell - 2));
                put(buffer, area, at(n), y, &framed, theme.cell(row.paint, row.role, place, lit));
            }
        }
        if shown.len() < count {
            let hint = format!(" {}-{}/{count}", shown.start + 1, shown.end);
            put(buffer, area, area.x, area.y, &text::left(&hint, label), theme.dim());
        }
    }
}
