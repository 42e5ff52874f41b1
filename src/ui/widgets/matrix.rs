//! A matrix as a grid of numbers in coloured cells, with names on its axes.
//!
//! ```text
//!   Q  4×2
//!          动作  地点
//!   我     0.00  0.00
//!   爱   [2.00] 0.00
//! ```

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::{column_names, put, written};
use crate::ground::lang::{Lang, Text};
use crate::ground::number::Format;
use crate::ground::text;
use crate::program::Role;
use crate::ui::theme::{Lit, Paint, Theme};

/// The part of a matrix that is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::ui) struct Window {
    pub rows: Range<usize>,
    pub cols: Range<usize>,
}

/// A matrix to be drawn.
pub(in crate::ui) struct Matrix<'a> {
    /// Its symbol, and perhaps more.
    pub title: String,
    pub role: Role,
    /// Names of all rows and columns, also of those outside the window.
    pub row_names: &'a [String],
    pub col_names: &'a [String],
    /// The number of a cell; none where it has not been computed yet.
    pub number: &'a dyn Fn(usize, usize) -> Option<f32>,
    pub lit: &'a dyn Fn(usize, usize) -> Lit,
    /// A sign after a number: `*` for one that was changed by hand, `!` for one that breaks an invariant.
    pub mark: &'a dyn Fn(usize, usize) -> Option<char>,
    pub format: Format,
    /// The magnitude at the end of the colour scale.
    pub span: f32,
    pub paint: Paint,
    pub window: Window,
    /// Columns and rows of a cell.
    pub cell: (u16, u16),
    /// Columns for the names of the rows; 0 leaves them out.
    pub label: u16,
    /// Whether a column of row sums stands at the right.
    pub sums: bool,
    /// Lines for the names of the columns: none where room is short, two where names are long.
    pub names: u16,
    /// Drawn as one of several that are not looked at.
    pub aside: bool,
    pub lang: Lang,
}

/// Columns of the sums, with their gap.
pub(in crate::ui) const SUMS: u16 = 7;

impl Matrix<'_> {
    /// Columns and rows it takes: a title, column names, and the rows.
    pub(crate) fn size(&self) -> (u16, u16) {
        let Window { rows, cols } = &self.window;
        let sums = if self.sums { SUMS } else { 0 };
        let width = self.label + cols.len() as u16 * self.cell.0 + sums;
        let hint = u16::from(self.hint().is_some());
        (width.max(text::columns(&self.title) as u16), self.above() + rows.len() as u16 * self.cell.1 + hint)
    }

    /// Lines above the first row.
    fn above(&self) -> u16 {
        1 + self.names
    }

    /// Which part is shown, where not all is.
    fn hint(&self) -> Option<String> {
        let part = |range: &Range<usize>, of: usize, what: &Text| {
            let what = what.get(self.lang);
            (range.len() < of).then(|| format!("{what} {}-{}/{of}", range.start + 1, range.end))
        };
        let rows = part(&self.window.rows, self.row_names.len(), &Text::new("行", "rows"));
        let cols = part(&self.window.cols, self.col_names.len(), &Text::new("列", "columns"));
        let parts: Vec<String> = rows.into_iter().chain(cols).collect();
        (!parts.is_empty()).then(|| parts.join("  "))
    }

    /// Draws it into the upper left of an area, cut where the area ends.
    pub(crate) fn draw(&self, theme: Theme, area: Rect, buffer: &mut Buffer) {
        let Window { rows, cols } = &self.window;
        let title = if self.aside { theme.dim() } else { theme.role(self.role).add_modifier(Modifier::BOLD) };
        put(buffer, area, area.x + self.label, area.y, &self.title, title);
        if self.names > 0 {
            let lit = |j| rows.clone().any(|i| !matches!((self.lit)(i, j), Lit::Off | Lit::Even));
            let names = cols.clone().map(|j| (self.col_names[j].as_str(), self.name_style(theme, lit(j))));
            column_names(buffer, area, (area.x + self.label, area.y + 1), self.cell.0, names, self.names);
        }
        if self.sums {
            put(buffer, area, self.column(area, cols.len()), area.y + self.names, "     Σ", theme.dim());
        }
        for (n, i) in rows.clone().enumerate() {
            self.draw_row(theme, i, area.y + self.above() + n as u16 * self.cell.1, area, buffer);
        }
        if let Some(hint) = self.hint() {
            put(
                buffer,
                area,
                area.x + self.label,
                area.y + self.above() + rows.len() as u16 * self.cell.1,
                &hint,
                theme.dim(),
            );
        }
    }

    /// The place of every cell in sight, with its row and column.
    pub(in crate::ui) fn cells(&self, area: Rect) -> impl Iterator<Item = (Rect, usize, usize)> {
        let (width, height) = self.cell;
        let Window { rows, cols } = self.window.clone();
        let at = move |m: usize, n: usize| Rect {
            x: self.column(area, n),
            y: area.y + self.above() + m as u16 * height,
            width,
            height,
        };
        let all =
            rows.enumerate().flat_map(move |(m, row)| cols.clone().enumerate().map(move |(n, col)| (m, row, n, col)));
        all.map(move |(m, row, n, col)| (at(m, n).intersection(area), row, col)).filter(|(place, ..)| !place.is_empty())
    }

    fn column(&self, area: Rect, n: usize) -> u16 {
        area.x + self.label + n as u16 * self.cell.0
    }

    fn name_style(&self, theme: Theme, lit: bool) -> Style {
        if lit && !self.aside { theme.strong() } else { theme.dim() }
    }

    fn draw_row(&self, theme: Theme, i: usize, y: u16, area: Rect, buffer: &mut Buffer) {
        let middle = y + (self.cell.1 - 1) / 2;
        let cols = self.window.cols.clone();
        if self.label > 0 {
            let lit = cols.clone().any(|j| !matches!((self.lit)(i, j), Lit::Off | Lit::Even));
            let name = text::left(&self.row_names[i], usize::from(self.label) - 1);
            put(buffer, area, area.x, middle, &name, self.name_style(theme, lit));
        }
        for (n, j) in cols.clone().enumerate() {
            let (number, lit) = ((self.number)(i, j), (self.lit)(i, j));
            let hidden = number.is_none_or(|x| x == f32::NEG_INFINITY);
            let place = if hidden || self.span == 0.0 { 0.0 } else { number.unwrap_or_default() / self.span };
            let pointed = matches!(lit, Lit::Cursor | Lit::Running | Lit::Factor);
            let style = theme.cell(self.paint, self.role, place, if hidden && !pointed { Lit::Off } else { lit });
            let broken = (self.mark)(i, j) == Some('!');
            let style = if broken { style.patch(theme.alarm()) } else { style };
            let width = usize::from(self.cell.0);
            // Between brackets where there are names; else just clear of the neighbour.
            let words = written(self.format, number, width.saturating_sub(if self.names == 0 { 1 } else { 2 }), theme);
            let framed = match lit {
                _ if self.names == 0 => text::right(&words, width),
                Lit::Cursor => text::right(&format!("[{words}]"), width),
                Lit::Running => text::right(&format!("<{words}>"), width),
                _ => text::right(&format!("{words}{}", (self.mark)(i, j).unwrap_or(' ')), width),
            };
            for line in 0..self.cell.1 {
                // Only the number is underlined, not the empty lines of its cell.
                let (here, style) = if y + line == middle {
                    (framed.clone(), style)
                } else {
                    (" ".repeat(width), style.remove_modifier(Modifier::UNDERLINED))
                };
                put(buffer, area, self.column(area, n), y + line, &here, style);
            }
        }
        if self.sums {
            // Of a row that is not finished there is no sum yet.
            let sum: Option<f64> = (0..self.col_names.len()).map(|j| (self.number)(i, j).map(f64::from)).sum();
            let broken = sum.is_some_and(|sum| format!("{sum:.2}") != "1.00");
            let words = sum.map_or_else(String::new, |sum| format!("{sum:.2}"));
            let words = text::right(&words, usize::from(SUMS) - 1);
            put(
                buffer,
                area,
                self.column(area, cols.len()),
                middle,
                &words,
                if broken { theme.alarm() } else { theme.dim() },
            );
        }
    }
}
