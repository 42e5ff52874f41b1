//! What a head asks of whom (`W_q·W_kᵀ`) and what it moves (`W_v·W_o`), as tables over the named dimensions.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Page, paragraphs};
use crate::app::windows::HeadsWindow;
use crate::explain::Names as _;
use crate::ground::lang::Text;
use crate::ground::number::Format;
use crate::ground::text;
use crate::math::tensor::Axis;
use crate::program::Role;
use crate::study::heads::Form;
use crate::ui::theme::{Lit, Paint};
use crate::ui::widgets::{Cells, Matrix, Window, below, name_lines, put};

/// Columns of a number, at least and at most.
const CELL: (u16, u16) = (5, 9);

pub(super) fn draw(page: Page, heads: &HeadsWindow, area: Rect, buffer: &mut Buffer) {
    let words = heads.form_words(page.model);
    let Some(forms) = heads.forms(page.model) else {
        return paragraphs(page, &words, below(area, 1), buffer);
    };
    let below = 5;
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(below + 1), ..area };
    let used = table(page, &forms.asks, "W_q·W_kᵀ", Role::Score, body, buffer);
    let rest = Rect { x: body.x + used + 3, width: body.width.saturating_sub(used + 3), ..body };
    if rest.width > 24 {
        table(page, &forms.moves, "W_v·W_o", Role::Context, rest, buffer);
    } else {
        let more = Text::new("W_v·W_o 要更宽的终端才放得下", "W_v·W_o needs a wider terminal");
        put(buffer, area, area.x, area.y, &page.say(&more), page.theme.dim());
    }
    let last = Rect { y: area.bottom().saturating_sub(below), height: below, ..area };
    paragraphs(page, &words, last, buffer);
}

/// As much of a table as fits; returns the columns it took.
fn table(page: Page, form: &Form, title: &str, role: Role, area: Rect, buffer: &mut Buffer) -> u16 {
    let Page { model, theme, .. } = page;
    let (rows, cols) = form.numbers.dim();
    let names = model.names();
    let named = |n: usize| names.name(Axis::Model, 0, n);
    let out = |n: usize| if cols == rows { named(n) } else { names.name(Axis::Output, 0, n) };
    // No more can be in sight; only that is measured.
    let (most_rows, most_cols) = (rows.min(usize::from(area.height)), cols.min(usize::from(area.width / CELL.0)));
    let (row_names, col_names): (Vec<String>, Vec<String>) =
        ((0..rows).map(named).collect(), (0..cols).map(out).collect());
    let label = (row_names.iter().map(|n| text::columns(n)).max().unwrap_or(0) as u16 + 1).min(12);
    let row = |r: usize| (0..most_cols).map(move |c| form.numbers[[r, c]]);
    let numbers: Vec<f32> = (0..most_rows).flat_map(row).collect();
    let format = Format::of(&numbers);
    let cell = (format.width(numbers.iter().copied()) as u16 + 2).clamp(CELL.0, CELL.1);
    let lines = name_lines(col_names.iter().map(String::as_str), cell);
    let room_cols = usize::from(area.width.saturating_sub(label) / cell).min(most_cols);
    let room_rows = usize::from(area.height.saturating_sub(2 + lines)).min(most_rows);
    let matrix = Matrix {
        title: format!("{}  {rows}×{cols}", super::super::signs(model, title)),
        role,
        row_names: &row_names,
        col_names: &col_names,
        number: &|r, c| Some(form.numbers[[r, c]]),
        covered: &|_, _| false,
        lit: &|_, _| Lit::Even,
        mark: &|_, _| None,
        format,
        span: &|_, _| form.largest,
        paint: Paint::Signed,
        window: Window { rows: 0..room_rows, cols: 0..room_cols },
        cell: (cell, 1),
        label,
        sums: false,
        names: lines,
        cells: Cells::Framed,
        says_rows: true,
        aside: false,
        lang: model.settings.lang,
    };
    let (width, _) = matrix.size();
    matrix.draw(theme, area, buffer);
    width
}
