//! The weights between the pieces of words, and what they add up to between the words themselves.
//!
//! ```text
//!   weights 7×7                        by words 4×4
//!        我 爱 北 京 天 安 门                我   爱  北京 天安门
//!   我   …                        ->   我   …
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Page;
use crate::app::windows::CoarserWindow;
use crate::ground::lang::Text;
use crate::ground::number::Format;
use crate::ground::text;
use crate::math::tensor::{Cell, Tensor};
use crate::program::Role;
use crate::ui::theme::{Lit, Paint};
use crate::ui::widgets::{Cells, Matrix, SUMS, Window, around, put};

/// Columns of a weight at least: `0.12` with a space on either side.
const CELL: u16 = 6;

/// Columns between the two matrices.
const BETWEEN: u16 = 5;

/// Lines above a matrix: its title and the names of its columns.
const ABOVE: u16 = 2;

pub(super) fn draw(page: Page, window: &CoarserWindow, buffer: &mut Buffer) {
    let Page { model, theme, area, .. } = page;
    let rows = model.material.sample.tokens.len().min(usize::from(u16::MAX) / 2) as u16;
    let inside = page.frame(&page.context.title, (area.width, (rows + ABOVE + 7).min(area.height - 2)), buffer);
    let Some((pieces, fine, coarse)) = window.shown(model) else { return };
    let label = pieces.lens.label();
    let y = page.paragraph(&CoarserWindow::rule(pieces), theme.ground(), (inside, inside.y), buffer);
    let below = Rect { y: y + 1, height: inside.bottom().saturating_sub(y + 1), ..inside };
    let place = CoarserWindow::place(model);
    let number = model.say(&Text::new("头", "head")).to_owned();
    let fine_title = format!("weights  {}   {number} {}", size(fine), place.head + 1);
    let coarse_title = format!("{}  {}", model.say(&label), size(&coarse));
    // The coarse one is the smaller and keeps its width; the fine one shows what there is room for.
    let half = (below.width - BETWEEN) / 2;
    let right = wanted(&coarse, &pieces.words)
        .min(half.max(below.width.saturating_sub(BETWEEN + wanted(fine, &model.material.sample.tokens))));
    let left = Rect { width: below.width - BETWEEN - right, ..below };
    let used = matrix(page, (fine, place), (fine_title, &model.material.sample.tokens), left, buffer);
    let sign = below.x + used + 1;
    put(buffer, below, sign, below.y + ABOVE, &page.say(&Text::new("→", "→")), theme.strong());
    let beside = Rect { x: sign + 3, width: below.right().saturating_sub(sign + 3), ..below };
    matrix(page, (&coarse, place), (coarse_title, &pieces.words), beside, buffer);
}

fn size(tensor: &Tensor<f32>) -> String {
    let shape = tensor.shape();
    format!("{}×{}", shape.rows.len, shape.cols.len)
}

/// Columns of a matrix that is shown whole.
fn wanted(tensor: &Tensor<f32>, words: &[String]) -> u16 {
    labels(words) + (tensor.shape().cols.len.min(1000) as u16) * cell(words) + SUMS
}

/// Columns of a cell: its column's name fits, unless it is a long one.
fn cell(words: &[String]) -> u16 {
    words.iter().map(|word| text::columns(word) as u16 + 2).max().unwrap_or(CELL).clamp(CELL, 10)
}

fn labels(words: &[String]) -> u16 {
    (words.iter().map(|word| text::columns(word)).max().unwrap_or(0) as u16 + 1).min(12)
}

/// As much of a matrix of weights as fits; returns the columns it took.
fn matrix(
    page: Page,
    (tensor, place): (&Tensor<f32>, Cell),
    (title, words): (String, &[String]),
    area: Rect,
    buffer: &mut Buffer,
) -> u16 {
    let Page { model, theme, .. } = page;
    let (rows, cols) = (tensor.shape().rows.len, tensor.shape().cols.len);
    let (label, cell) = (labels(words), cell(words));
    let fit_rows = usize::from(area.height.saturating_sub(ABOVE + 1)).min(rows);
    let fit_cols = usize::from(area.width.saturating_sub(label + SUMS) / cell).min(cols);
    let matrix = Matrix {
        title,
        role: Role::Weight,
        row_names: words,
        col_names: words,
        number: &|row, col| Some(tensor.get(place.moved(row, col))),
        covered: &|_, _| false,
        lit: &|_, _| Lit::Even,
        mark: &|_, _| None,
        format: Format { decimals: 2, scientific: false },
        span: &|_, _| 1.0,
        paint: Paint::Share,
        window: Window {
            rows: around(model.view.cursor.row.min(rows - 1), fit_rows, rows),
            cols: around(model.view.cursor.col.min(cols - 1), fit_cols, cols),
        },
        cell: (cell, 1),
        label,
        sums: true,
        names: 1,
        cells: Cells::Framed,
        says_rows: true,
        aside: false,
        lang: model.settings.lang,
    };
    let (width, _) = matrix.size();
    matrix.draw(theme, area, buffer);
    width
}
