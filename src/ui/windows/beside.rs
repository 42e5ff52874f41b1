//! Two sentences beside each other.
//!
//! ```text
//! layer 4, head 2
//!   first    second   first second    Δ      first      second
//!   The      The       0.01   0.01  +0.00    ▀▀▀▀       ▀▀▀▀
//! ▸ it       it        0.03   0.02  −0.01    ▀▀▀▀       ▀▀▀▀
//!   tired    wide      0.68   0.30  −0.38    ▀▀▀▀       ▀▀▀▀
//! In the row of it, 0.40 of the weight went elsewhere …
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Page;
use crate::app::Target;
use crate::app::windows::{BesideWindow, difference, written};
use crate::ground::lang::Text;
use crate::ground::text;
use crate::program::Role;
use crate::study::heads::means;
use crate::ui::theme::{Lit, Paint};
use crate::ui::widgets::{Dots, around, put};

/// Columns of a weight.
const NUMBER: u16 = 7;

/// Columns of a word at most.
const WORD: u16 = 14;

/// Columns of the sign before the chosen row.
const SIGN: u16 = 2;

/// Lines for the words below.
const BELOW: u16 = 5;

/// Columns between the numbers and the pictures, and between those.
const GAP: u16 = 3;

/// The longer side of a picture in dots, at most.
const DOTS: u16 = 48;

pub(super) fn draw(page: Page, window: &BesideWindow, buffer: &mut Buffer) {
    let Page { model, theme, .. } = page;
    let inside = page.full(&page.context.title, buffer);
    let pairs = BesideWindow::pairs(model);
    let Some(rows) = window.rows(model, window.chosen) else { return };
    put(buffer, inside, inside.x, inside.y, &page.say(&window.heading(model)), theme.strong());
    let words: Vec<(String, String)> = pairs.iter().map(|&pair| BesideWindow::words(model, pair)).collect();
    let widest = |of: fn(&(String, String)) -> &String| {
        words.iter().map(|pair| text::columns(of(pair)) as u16 + 1).max().unwrap_or(0).clamp(7, WORD)
    };
    let (first, second) = (widest(|pair| &pair.0), widest(|pair| &pair.1));
    let body = Rect { y: inside.y + 1, height: inside.height.saturating_sub(1 + BELOW), ..inside };
    let (a, b) = (page.say(&Text::new("第一句", "first")), page.say(&Text::new("第二句", "second")));
    let at = body.x + SIGN;
    let numbers = at + first + second;
    put(buffer, body, at, body.y, &text::left(&a, first.into()), theme.dim());
    put(buffer, body, at + first, body.y, &text::left(&b, second.into()), theme.dim());
    for (n, name) in [a.as_str(), b.as_str(), "Δ"].into_iter().enumerate() {
        let x = numbers + n as u16 * NUMBER;
        put(buffer, body, x, body.y, &text::right(name, usize::from(NUMBER)), theme.dim());
    }
    let room = usize::from(body.height.saturating_sub(1));
    let shown = around(window.row, room, pairs.len());
    if shown.len() < pairs.len() {
        let part = format!("{}-{}/{}", shown.start + 1, shown.end, pairs.len());
        put(buffer, inside, numbers, inside.y, &text::right(&part, usize::from(3 * NUMBER)), theme.dim());
    }
    for (line, n) in shown.clone().enumerate() {
        let y = body.y + 1 + line as u16;
        let pair = pairs[n];
        page.targets.note(Rect { x: body.x, y, width: SIGN + first + second + 3 * NUMBER, height: 1 }, Target::Row(n));
        let chosen = n == window.row;
        if chosen {
            put(buffer, body, body.x, y, "▸", theme.key());
        }
        let style = match (pair.same, chosen) {
            (_, true) => theme.chosen(),
            (false, false) => theme.key(),
            (true, false) => theme.ground(),
        };
        put(buffer, body, at, y, &text::left(&words[n].0, usize::from(first) - 1), style);
        put(buffer, body, at + first, y, &text::left(&words[n].1, usize::from(second) - 1), style);
        let (x, other) = rows.weights.get(n).copied().unwrap_or_default();
        for (k, weight) in [x, other].into_iter().enumerate() {
            let style = theme.cell(Paint::Share, Role::Weight, weight.unwrap_or(0.0) as f32, Lit::Even);
            let place = numbers + k as u16 * NUMBER + 1;
            put(buffer, body, place, y, &text::right(&written(weight), usize::from(NUMBER) - 1), style);
        }
        let moved = rows.moved(n);
        let style = if BesideWindow::is_lit(moved) { theme.key() } else { theme.dim() };
        put(buffer, body, numbers + 2 * NUMBER, y, &text::right(&difference(moved), NUMBER.into()), style);
    }
    pictures(page, window, Rect { x: numbers + 3 * NUMBER + GAP, ..body }.intersection(body), buffer);
    let mut below = Rect { y: inside.bottom().saturating_sub(BELOW - 1), height: BELOW - 1, ..inside };
    for words in window.about(model) {
        let y = page.paragraph(&words, theme.ground(), (below, below.y), buffer);
        below = Rect { y, height: below.bottom().saturating_sub(y), ..below };
    }
}

/// The head in both sentences: beside each other, or one above the other, where there is room.
fn pictures(page: Page, window: &BesideWindow, area: Rect, buffer: &mut Buffer) {
    let Some(matrices) = BesideWindow::matrices(page.model, window.chosen) else { return };
    let most = matrices.iter().map(|(_, words)| *words).max().unwrap_or(1).max(1);
    let fits = |across: u16, down: u16| {
        let side = across.min(2 * down).min(DOTS);
        // Every word has as many dots, where there are dots for every word.
        let words = most.min(usize::from(u16::MAX)) as u16;
        if side >= words { side - side % words } else { side }
    };
    let beside = fits(area.width.saturating_sub(GAP) / 2, area.height.saturating_sub(1));
    let stacked = fits(area.width, (area.height / 2).saturating_sub(1));
    let (side, step) =
        if beside >= stacked { (beside, (beside + GAP, 0)) } else { (stacked, (0, stacked.div_ceil(2) + 1)) };
    if side < 6 {
        return;
    }
    let titles = [Text::new("第一句", "first"), Text::new("第二句", "second")];
    for (n, ((numbers, words), title)) in matrices.iter().zip(titles).enumerate() {
        let place = Rect { x: area.x + n as u16 * step.0, y: area.y + n as u16 * step.1, ..area }.intersection(area);
        put(buffer, place, place.x, place.y, &page.say(&title), page.theme.dim());
        let own = (usize::from(side) * words).div_ceil(most) as u16;
        let picture =
            Rect { y: place.y + 1, height: place.height.saturating_sub(1), width: place.width.min(own), ..place };
        let means = means((numbers.len() / (*words).max(1), *words), numbers, (own, own));
        Dots { means: &means, across: own, paint: Paint::Share }.draw(page.theme, picture, buffer);
    }
}
