//! Rows of numbers lined up term by term, as one writes a dot product by hand.
//!
//! ```text
//!              人称  动作  地点
//!    concat 爱  0.85  0.05  0.94
//!  × W_o        1     0     0
//!  =            0.85  0     0
//! ```

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use super::{put, written};
use crate::ground::number::Format;
use crate::ground::text;
use crate::program::Role;
use crate::ui::theme::{Lit, Paint, Theme};

/// One row: a name, its numbers, and how they are drawn.
#[derive(Clone)]
pub(in crate::ui) struct StripRow {
    pub name: String,
    pub role: Role,
    pub paint: Paint,
    /// None where they have not been computed yet.
    pub numbers: Vec<Option<f32>>,
    pub format: Format,
    pub span: f32,
    /// In slow motion, the columns that the last tick took.
    pub took: Range<usize>,
}

/// The rows and the names of their columns.
pub(in crate::ui) struct Strip {
    pub col_names: Vec<String>,
    pub rows: Vec<StripRow>,
    /// The column of the cursor, where one is singled out.
    pub chosen: Option<usize>,
}

/// Names longer than this do not widen their columns.
const LONGEST_NAME: usize = 11;

impl Strip {
    /// Columns of the widest name, with a gap.
    fn label(&self) -> usize {
        let names = self.rows.iter().map(|r| text::columns(&r.name)).max().unwrap_or(0);
        // Room for the words that say which part is shown, where that may be a part.
        let hint = if self.col_names.len() > 9 { " 100-110/256".len() } else { 0 };
        names.max(hint) + 1
    }

    /// Columns of a cell: with room for the names of all columns where they fit, else for the numbers.
    fn cell(&self, width: u16) -> usize {
        let numbers = |r: &StripRow| r.format.width(r.numbers.iter().flatten().copied());
        let tight = self.rows.iter().map(numbers).max().unwrap_or(1).max(3) + 2;
        let names = self.col_names.iter().map(|n| text::columns(n)).max().unwrap_or(0);
        let roomy = tight.max((names + 2).min(LONGEST_NAME));
        if self.label() + self.col_names.len() * roomy <= usize::from(width) { roomy } else { tight }
    }

    fn name_lines(&self, width: u16) -> u16 {
        super::name_lines(self.col_names.iter().map(String::as_str), self.cell(width) as u16)
    }

    /// Rows it takes.
    pub(crate) fn height(&self, width: u16) -> u16 {
        self.rows.len() as u16 + self.name_lines(width)
    }

    /// Draws as many columns as fit, around the chosen one.
    pub(crate) fn draw(&self, theme: Theme, area: Rect, buffer: &mut Buffer) {
        let (label, cell, above) = (self.label(), self.cell(area.width), self.name_lines(area.width));
        let room = usize::from(area.width).saturating_sub(label) / cell;
        let count = self.col_names.len();
        let start = match self.chosen {
            Some(chosen) if count > room => chosen.saturating_sub(room / 2).min(count - room),
            _ => 0,
        };
        let shown = start..count.min(start + room);
        let at = |n: usize| area.x + (label + n * cell) as u16;
        let style = |j| if self.chosen == Some(j) { theme.strong() } else { theme.dim() };
        let names = shown.clone().map(|j| (self.col_names[j].as_str(), style(j)));
        let mut beside = area;
        if shown.len() < count {
            let hint = format!(" {}-{}/{count}", shown.start + 1, shown.end);
            put(buffer, area, area.x, area.y, text::cut(&hint, label), theme.dim());
            // The names keep clear of it.
            let taken = (text::columns(&hint) + 1).min(label) as u16;
            beside = Rect { x: area.x + taken, width: area.width.saturating_sub(taken), ..area };
        }
        super::column_names(buffer, beside, (at(0), area.y), cell as u16, names, above);
        for (r, row) in self.rows.iter().enumerate() {
            let y = area.y + above + r as u16;
            put(buffer, area, area.x, y, &row.name, theme.role(row.role).add_modifier(Modifier::BOLD));
            for (n, j) in shown.clone().enumerate() {
                let Some(&number) = row.numbers.get(j) else { continue };
                let hidden = number.is_none_or(|x| x == f32::NEG_INFINITY);
                let place = if hidden || row.span == 0.0 { 0.0 } else { number.unwrap_or_default() / row.span };
                let last = r + 1 == self.rows.len();
                let lit = match number {
                    _ if self.chosen == Some(j) && last => Lit::Cursor,
                    None => Lit::Off,
                    Some(_) if row.took.contains(&j) => Lit::Factor,
                    Some(_) => Lit::Source,
                };
                let words = written(row.format, number, cell - 2, theme);
                let framed = if lit == Lit::Cursor { format!("[{words}]") } else { format!("{words} ") };
                let framed = text::right(&framed, cell);
                put(buffer, area, at(n), y, &framed, theme.cell(row.paint, row.role, place, lit));
            }
        }
    }
}
