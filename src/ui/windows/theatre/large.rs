//! One head large: what each word looks at now, and what it should look at, word by word.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::Page;
use crate::app::windows::TheatreWindow;
use crate::ground::lang::Text;
use crate::ground::text;
use crate::program::Role;
use crate::ui::theme::{Lit, Paint};
use crate::ui::widgets::put;

/// Columns of a row's name, at most.
const NAME: u16 = 10;

/// Columns of a number, at most.
const CELL: u16 = 6;

/// Lines that the chosen head takes: a title, the words above, a line a word.
pub(super) fn lines(theatre: &TheatreWindow) -> u16 {
    let rows = theatre.chosen().and_then(|head| theatre.words(head)).map_or(0, |(rows, _)| rows.len());
    rows as u16 + 2
}

pub(super) fn draw(page: Page, theatre: &TheatreWindow, area: Rect, buffer: &mut Buffer) {
    let (Some(head), Some(moment)) = (theatre.chosen(), theatre.moment()) else { return };
    let (Some(words), Some((_, cols, numbers))) = (theatre.words(head), theatre.weights(moment, head)) else { return };
    let half = area.width.saturating_sub(4) / 2;
    let name = theatre.name(head);
    let now = Text::owned(format!("头 {} 现在", name.zh), format!("head {} now", name.en));
    heat(page, &now, (&words, &numbers), Rect { width: half, ..area }, buffer);
    let right = Rect { x: area.x + half + 4, width: half, ..area };
    let Some((pattern, share)) = theatre.nearest(moment, head) else {
        let free = Text::new("这个头该看哪里，任务没有规定", "the task does not say where this head should look");
        put(buffer, right, right.x, right.y, page.model.say(&free), page.theme.dim());
        return;
    };
    let share = 100.0 * share;
    let title = Text::owned(
        format!("该是{}：平均 {share:.0} % 已经在这里", pattern.title.zh),
        format!("ideal, {}: {share:.0} % lies here by now", pattern.title.en),
    );
    heat(page, &title, (&words, &theatre.right(pattern, cols)), right, buffer);
}

/// Weights with their words: numbers where there is room, colours alone where there is not.
fn heat(
    page: Page,
    title: &Text,
    ((rows, cols), numbers): (&(Vec<String>, Vec<String>), &[f32]),
    area: Rect,
    buffer: &mut Buffer,
) {
    let theme = page.theme;
    put(buffer, area, area.x, area.y, &page.say(title), theme.strong());
    let name = (rows.iter().map(|word| text::columns(word)).max().unwrap_or(0) as u16 + 1).min(NAME);
    let cell = (area.width.saturating_sub(name) / cols.len().max(1) as u16).clamp(1, CELL);
    for (n, word) in cols.iter().enumerate() {
        let x = area.x + name + n as u16 * cell;
        let word = text::cut(word, usize::from(cell.saturating_sub(1)).max(1));
        let x = x + cell.saturating_sub(text::columns(word) as u16 + 1);
        put(buffer, area, x, area.y + 1, word, theme.dim());
    }
    for (row, word) in rows.iter().enumerate() {
        let y = area.y + 2 + row as u16;
        put(buffer, area, area.x, y, text::cut(word, usize::from(name) - 1), theme.dim());
        for col in 0..cols.len() {
            let x = numbers.get(row * cols.len() + col).copied().unwrap_or(0.0);
            let words = match cell {
                ..4 => shade(x).to_owned(),
                // Between two numbers stays a gap: `.97`, and 1 as `1.0`.
                4 => format!("{:.3} ", format!("{x:.2}").trim_start_matches('0')),
                _ => format!("{x:.2} "),
            };
            let words = text::right(&words, usize::from(cell));
            let style = theme.cell(Paint::Share, Role::Weight, x, Lit::Even);
            put(buffer, area, area.x + name + col as u16 * cell, y, &words, style);
        }
    }
}

/// A sign for how much, where there is no room for a number.
const fn shade(x: f32) -> &'static str {
    match x {
        x if x < 0.05 => " ",
        x if x < 0.3 => ".",
        x if x < 0.7 => "+",
        _ => "#",
    }
}
