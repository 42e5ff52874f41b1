//! Every head as a picture of equal scale: written where there is room for numbers, else dots. One of them fills the window.

use std::iter::once;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Page, paragraphs};
use crate::app::Target;
use crate::app::windows::{Combine, HeadsWindow, NAMED, NUMBER, Tiles, Weights};
use crate::ground::lang::Text;
use crate::ground::number::Format;
use crate::ground::text;
use crate::program::{Kind, Role};
use crate::study::heads::Reading;
use crate::ui::theme::{Lit, Paint};
use crate::ui::widgets::{Cells, Dots, Matrix, SUMS, Window, around, below, column_names, put};

/// Lines that what is measured needs.
const MEASURED: u16 = 6;

pub(super) fn draw(page: Page, heads: &HeadsWindow, area: Rect, buffer: &mut Buffer) {
    if heads.opened.is_some() {
        return large(page, heads, area, buffer);
    }
    let Page { model, theme, .. } = page;
    let shown = heads.shown(model);
    if shown.is_empty() {
        put(buffer, area, area.x, area.y + 1, &page.say(&HeadsWindow::none_shown()), theme.dim());
        return;
    }
    let tiles = Tiles::of(model, shown.len());
    // Each head's share in the output: the ranking that silencing would give.
    let ranking = model.ranking();
    let chosen = shown.iter().position(|&at| at == heads.chosen).unwrap_or(0);
    let first = (chosen / tiles.columns + 1).saturating_sub(tiles.rows);
    let body = below(area, 1);
    for (n, &at) in shown.iter().enumerate().skip(first * tiles.columns).take(tiles.columns * tiles.rows) {
        let (column, row) = ((n % tiles.columns) as u16, (n / tiles.columns - first) as u16);
        let place = Rect {
            x: body.x + column * tiles.size.0,
            y: body.y + row * tiles.size.1,
            width: tiles.size.0 - 2,
            height: tiles.size.1 - 1,
        }
        .intersection(body);
        page.targets.note(place, Target::Row(at));
        let mark = if heads.marked.contains(&at) { "*" } else { "" };
        let silent = if HeadsWindow::is_silenced(model, at) { " (x)" } else { "" };
        let rank = ranking.as_ref().and_then(|r| {
            let of = HeadsWindow::head(model, at).filter(|head| head.layer == model.layer())?;
            r.heads.iter().position(|(head, _)| *head == of.head)
        });
        let rank = rank.filter(|_| model.attention() != Reading::Rollout);
        let rank = rank.map_or_else(String::new, |rank| format!(" #{}", rank + 1));
        let name = format!("{mark}{}{silent}", HeadsWindow::head_name(model, at));
        let room = usize::from(place.width).saturating_sub(text::columns(&rank));
        let title = format!("{}{rank}", text::cut(&name, room));
        let style = if n == chosen { theme.chosen() } else { theme.strong() };
        put(buffer, place, place.x, place.y, &title, style);
        let picture = below(place, 1);
        if tiles.numbers {
            let Some(weights) = heads.weights(model, at) else { continue };
            numbers(page, &weights, tiles.label, picture, buffer);
        } else {
            let Some(means) = heads.dots(model, at, tiles.dots) else { continue };
            Dots { means: &means, across: tiles.dots.0, paint: Paint::Share }.draw(theme, picture, buffer);
        }
    }
    // What the chosen head is like, where the pictures leave room.
    let lines = shown.len().div_ceil(tiles.columns).min(tiles.rows) as u16 * tiles.size.1;
    let rest = below(body, lines);
    if rest.height >= MEASURED {
        paragraphs(page, &heads.measured(model), rest, buffer);
    }
    let (from, to) = (first * tiles.columns + 1, ((first + tiles.rows) * tiles.columns).min(shown.len()));
    let part = part(from, to, shown.len());
    // Attention alone has no output to rank its heads by.
    let says = if model.attention() != Reading::Raw {
        HeadsWindow::brief(model)
    } else if model.program().kind() == Kind::ImportedAttention {
        Text::new("Enter 放大", "Enter enlarges")
    } else {
        Text::new(
            "# 后面的数：按「没有它输出变多少」排第几。Enter 放大",
            "#: rank by how far the output moves without it. Enter enlarges",
        )
    };
    // Which heads are in sight is said whole.
    let part = model.say(&part);
    let room = usize::from(area.width).saturating_sub(text::columns(part));
    let hint = format!("{}{part}", text::shortened(model.say(&says), room));
    put(buffer, area, area.x, area.y, text::cut(&hint, usize::from(area.width)), theme.dim());
}

/// Which heads are in sight, where not all are.
fn part(from: usize, to: usize, all: usize) -> Text {
    if to - from + 1 >= all {
        return Text::new("", "");
    }
    Text::owned(format!("   第 {from}-{to} 个，共 {all} 个"), format!("   {from}-{to} of {all}"))
}

fn numbers(page: Page, weights: &Weights, label: u16, area: Rect, buffer: &mut Buffer) {
    let Page { model, theme, .. } = page;
    let (mut area, mut width) = (area, NUMBER);
    if label > 0 {
        let (asking, answering) = (HeadsWindow::asking(model), HeadsWindow::answering(model));
        width = NAMED;
        let names = answering.iter().map(|name| (name.as_str(), theme.dim()));
        column_names(buffer, area, (area.x + label, area.y), width, names, 1);
        for (row, name) in asking.iter().enumerate() {
            let name = text::cut(name, usize::from(label) - 1);
            put(buffer, area, area.x, area.y + 1 + row as u16, name, theme.dim());
        }
        area = Rect {
            x: area.x + label,
            y: area.y + 1,
            width: area.width.saturating_sub(label),
            height: area.height.saturating_sub(1),
        };
    }
    for row in 0..weights.rows.min(usize::from(area.height)) {
        for col in 0..weights.cols {
            let x = weights.at(row, col);
            let words = text::right(&format!("{} ", Format::TWO.write(x)), usize::from(width));
            let style = theme.cell(Paint::Share, Role::Weight, x, Lit::Even);
            put(buffer, area, area.x + col as u16 * width, area.y + row as u16, &words, style);
        }
    }
}

/// One picture, as large as it gets: the chosen head, the mean of the marked, or the difference of two.
fn large(page: Page, heads: &HeadsWindow, area: Rect, buffer: &mut Buffer) {
    let Page { model, theme, .. } = page;
    let Some(weights) = heads.combined(model) else { return };
    let combine = heads.opened.unwrap_or_default();
    let title = model.say(&heads.picture_title(model)).to_owned();
    let (asking, answering) = (HeadsWindow::asking(model), HeadsWindow::answering(model));
    let widest = |names: &[String]| names.iter().map(|n| text::columns(n)).max().unwrap_or(0) as u16;
    let label = (widest(&asking) + 1).min(12);
    let cell = (widest(&answering) + 2).clamp(7, 11);
    let room = usize::from(area.width.saturating_sub(label + SUMS) / cell);
    let lines = usize::from(area.height.saturating_sub(6));
    let signed = combine == Combine::Difference;
    let matrix = Matrix {
        title,
        role: Role::Weight,
        row_names: &asking,
        col_names: &answering,
        number: &|r, c| Some(weights.at(r, c)),
        covered: &|_, _| false,
        lit: &|r, _| if r == heads.word { Lit::Source } else { Lit::Even },
        mark: &|_, _| None,
        format: Format { decimals: 2, scientific: false },
        span: &|_, _| 1.0,
        paint: if signed { Paint::Signed } else { Paint::Share },
        window: Window {
            rows: around(heads.word.min(weights.rows - 1), lines, weights.rows),
            cols: around(0, room, weights.cols),
        },
        cell: (cell, 1),
        label,
        sums: !signed && heads.shows_all(),
        names: 1,
        cells: Cells::Framed,
        says_rows: true,
        aside: false,
        lang: model.settings.lang,
    };
    let place = below(area, 1);
    matrix.draw(theme, place, buffer);
    let (_, height) = matrix.size();
    let y = place.y + height + 1;
    if combine == Combine::Chosen && y < area.bottom() {
        let rest = Rect { y, height: area.bottom() - y, ..area };
        let without = heads.without(model).filter(|_| model.attention() != Reading::Rollout);
        let words: Vec<Text> = once(heads.caution(model)).chain(without).collect();
        paragraphs(page, &words, rest, buffer);
    }
}
