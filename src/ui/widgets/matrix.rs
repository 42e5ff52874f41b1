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

/// How the numbers of a matrix stand in their cells, from the roomiest on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ui) enum Cells {
    /// With room for brackets around the number under the cursor.
    Framed,
    /// Just clear of the neighbour.
    Close,
    /// No numbers: their colours, or where there are none, signs that are the darker the larger they are.
    Heat,
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
    /// Whether a cell is covered: its number is what somebody is asked for.
    pub covered: &'a dyn Fn(usize, usize) -> bool,
    pub lit: &'a dyn Fn(usize, usize) -> Lit,
    /// A sign after a number: `*` for one that was changed by hand, `!` for one that breaks an invariant.
    pub mark: &'a dyn Fn(usize, usize) -> Option<char>,
    pub format: Format,
    /// The magnitude at the end of a cell's colour scale.
    pub span: &'a dyn Fn(usize, usize) -> f32,
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
    /// Whether it says which of its rows are shown, where not all are.
    pub says_rows: bool,
    /// How numbers stand in their cells.
    pub cells: Cells,
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
        let hint = u16::from(self.hint(usize::MAX).is_some());
        (width.max(text::columns(&self.title) as u16), self.above() + rows.len() as u16 * self.cell.1 + hint)
    }

    /// Lines above the first row.
    fn above(&self) -> u16 {
        1 + self.names
    }

    /// Which part is shown, where not all is: in as many words as there is room for.
    fn hint(&self, room: usize) -> Option<String> {
        let part = |range: &Range<usize>, of: usize, (long, short): (Text, &str)| {
            let place = format!("{}-{}/{of}", range.start + 1, range.end);
            let forms = [format!("{} {place}", long.get(self.lang)), format!("{short}{place}")];
            (range.len() < of).then_some(forms)
        };
        let rows = part(&self.window.rows, self.row_names.len(), (Text::new("行", "rows"), "↓"));
        let cols = part(&self.window.cols, self.col_names.len(), (Text::new("列", "columns"), "→"));
        let parts: Vec<[String; 2]> = rows.filter(|_| self.says_rows).into_iter().chain(cols).collect();
        let form = |n: usize, apart| parts.iter().map(|forms| forms[n].as_str()).collect::<Vec<_>>().join(apart);
        let forms = [form(0, "  "), form(1, "  "), form(1, "")];
        let fitting = forms.iter().find(|form| text::columns(form) <= room).unwrap_or(&forms[2]);
        (!parts.is_empty()).then(|| fitting.clone())
    }

    /// Draws it into the upper left of an area, cut where the area ends.
    pub(crate) fn draw(&self, theme: Theme, area: Rect, buffer: &mut Buffer) {
        let Window { rows, cols } = &self.window;
        let title = if self.aside { theme.dim() } else { theme.role(self.role).add_modifier(Modifier::BOLD) };
        let room = usize::from(area.width.saturating_sub(self.label));
        // What stands under the cursor is said whole or not at all: half a number is another number.
        let whole = Some(self.title.as_str()).filter(|title| text::columns(title) <= room);
        let plain = whole.or_else(|| self.title.split("  [").next()).unwrap_or_default();
        let words = text::shortened(plain, room);
        put(buffer, area, area.x + self.label, area.y, &words, title);
        if self.names > 0 {
            self.draw_column_names(theme, area, buffer);
        }
        if self.sums {
            put(buffer, area, self.column(area, cols.len()), area.y + self.names, "     Σ", theme.dim());
        }
        for (n, i) in rows.clone().enumerate() {
            self.draw_row(theme, i, area.y + self.above() + n as u16 * self.cell.1, area, buffer);
        }
        let beside = area.width.saturating_sub(self.label);
        if let Some(hint) = self.hint(beside.into()) {
            let y = area.y + self.above() + rows.len() as u16 * self.cell.1;
            // Under the names too, where it is longer than the numbers.
            let under = if text::columns(&hint) > usize::from(beside) { 0 } else { self.label };
            put(buffer, area, area.x + under, y, &hint, theme.dim());
        }
    }

    /// The names of the columns; of cells narrower than their names, only that of the
    /// column under the cursor, or of the only one in play.
    fn draw_column_names(&self, theme: Theme, area: Rect, buffer: &mut Buffer) {
        let Window { rows, cols } = &self.window;
        let lit = |j| rows.clone().any(|i| !matches!((self.lit)(i, j), Lit::Off | Lit::Even));
        let fit = || cols.clone().all(|j| text::columns(&self.col_names[j]) < usize::from(self.cell.0));
        if self.cells == Cells::Framed || fit() {
            let names = cols.clone().map(|j| (self.col_names[j].as_str(), self.name_style(theme, lit(j))));
            return column_names(buffer, area, (area.x + self.label, area.y + 1), self.cell.0, names, self.names);
        }
        let cursor = |j| rows.clone().any(|i| matches!((self.lit)(i, j), Lit::Cursor | Lit::Running));
        let mut named = cols.clone().enumerate().filter(|(_, j)| cursor(*j));
        let mut alone = cols.clone().enumerate().filter(|(_, j)| lit(*j));
        let only = |(first, rest): (Option<(usize, usize)>, usize)| first.filter(|_| rest == 0);
        let Some((n, j)) = named.next().or_else(|| only((alone.next(), alone.count()))) else { return };
        // The sign of the sums stands in the same line.
        let right = if self.sums { self.column(area, cols.len()).min(area.right()) } else { area.right() };
        let left = area.x + self.label;
        let name = text::shortened(&self.col_names[j], usize::from(right.saturating_sub(left)));
        let wide = text::columns(&name) as u16;
        // It ends with its column, where it can.
        let x = (self.column(area, n) + self.cell.0).saturating_sub(wide).max(left);
        let x = x.min(right.saturating_sub(wide));
        put(buffer, area, x, area.y + self.names, &name, self.name_style(theme, true));
    }

    /// The place of every cell in sight, with its row and column.
    pub(in crate::ui) fn places(&self, area: Rect) -> impl Iterator<Item = (Rect, usize, usize)> {
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
            let name = text::shortened(&self.row_names[i], usize::from(self.label) - 1);
            put(buffer, area, area.x, middle, &name, self.name_style(theme, lit));
        }
        for (n, j) in cols.clone().enumerate() {
            let number = (self.number)(i, j).filter(|_| !(self.covered)(i, j));
            let lit = (self.lit)(i, j);
            let hidden = number.is_none_or(|x| x == f32::NEG_INFINITY);
            let span = (self.span)(i, j);
            let place = if hidden || span == 0.0 { 0.0 } else { number.unwrap_or_default() / span };
            let pointed = matches!(lit, Lit::Cursor | Lit::Running | Lit::Factor);
            let style = theme.cell(self.paint, self.role, place, if hidden && !pointed { Lit::Off } else { lit });
            let broken = (self.mark)(i, j) == Some('!');
            let style = if broken { style.patch(theme.alarm()) } else { style };
            let width = usize::from(self.cell.0);
            let mark = (self.mark)(i, j);
            let framed = match (self.cells, lit) {
                _ if (self.covered)(i, j) => covered(lit, width),
                (Cells::Heat, _) => heat(theme, (number, place, lit), mark, width),
                (Cells::Close, _) => text::right(&written(self.format, number, width.saturating_sub(1), theme), width),
                (Cells::Framed, _) => {
                    let words = written(self.format, number, width.saturating_sub(2), theme);
                    match lit {
                        Lit::Cursor => text::right(&format!("[{words}]"), width),
                        Lit::Running => text::right(&format!("<{words}>"), width),
                        _ => text::right(&format!("{words}{}", mark.unwrap_or(' ')), width),
                    }
                }
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
            let sum: Option<f64> = (0..self.col_names.len())
                .map(|j| (self.number)(i, j).filter(|_| !(self.covered)(i, j)).map(f64::from))
                .sum();
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

/// A cell whose number is what somebody is asked for.
fn covered(lit: Lit, width: usize) -> String {
    match lit {
        Lit::Cursor if width > 2 => text::right("[?]", width),
        _ if width > 2 => text::right("? ", width),
        _ => text::right("?", width),
    }
}

/// A cell without its number. Colours say how large it is; on terminals without them, signs do, underlined where it is negative.
fn heat(theme: Theme, (number, place, lit): (Option<f32>, f32, Lit), mark: Option<char>, width: usize) -> String {
    const SHADES: [char; 5] = [' ', '░', '▒', '▓', '█'];
    let shade = || {
        let step = (place.abs().clamp(0.0, 1.0) * 4.0).ceil() as usize;
        if theme.has_shades() { ' ' } else { SHADES[step] }
    };
    let sign = match (number, mark) {
        (None, _) => '·',
        (Some(f32::NEG_INFINITY), _) => 'x',
        (_, Some(mark)) => mark,
        _ => shade(),
    };
    match lit {
        Lit::Cursor | Lit::Running | Lit::Factor if width > 1 => text::right("[]", width),
        Lit::Cursor | Lit::Running | Lit::Factor => "+".repeat(width),
        _ => sign.to_string().repeat(width),
    }
}
