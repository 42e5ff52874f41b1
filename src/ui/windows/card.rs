//! The card of a head, wrapped.

use ratatui::buffer::Buffer;
use ratatui::style::Style;

use super::{Page, signs};
use crate::app::windows::{CardWindow, Line, LineRow, Window};
use crate::ground::text;
use crate::ui::widgets::put;

/// Columns of a metric's name.
const NAME: usize = 16;

pub(super) fn draw(page: Page, window: &CardWindow, buffer: &mut Buffer) {
    let Page { model, area, .. } = page;
    let width = (area.width - 4).min(84);
    let said = Window::from(window.clone()).says(model);
    let lines: Vec<(String, Style)> =
        said.iter().flat_map(|line| wrapped(page, line, usize::from(page.inside(width)))).collect();
    let size = (width, (lines.len() as u16 + 2).clamp(6, area.height - 2));
    let inside = page.frame(&CardWindow::title(model), size, buffer);
    let first = window.line.min(lines.len().saturating_sub(usize::from(inside.height)));
    for (n, (line, style)) in lines.iter().skip(first).enumerate() {
        put(buffer, inside, inside.x, inside.y + n as u16, line, *style);
    }
}

fn wrapped(page: Page, line: &Line, width: usize) -> Vec<(String, Style)> {
    let Page { model, theme, .. } = page;
    let (words, style) = match line {
        Line::Gap => (" ".to_owned(), theme.ground()),
        Line::Say(tone, words) => (page.say(words), page.tone(*tone)),
        Line::Row(row) => (metric(page, row), theme.ground()),
        Line::Heading(words) => (page.say(words), theme.strong()),
        _ => return Vec::new(),
    };
    let lines = text::wrap(&signs(model, &words), width);
    lines.into_iter().map(|line| (line, style)).collect()
}

/// `entropy          0.47 ± 0.02  here 0.45   how evenly …`
fn metric(page: Page, row: &LineRow) -> String {
    let say = |n: usize| row.entries.get(n).map_or("", |entry| page.model.say(&entry.words));
    let name = text::left(page.model.say(&row.name), NAME);
    signs(page.model, &format!("{name} {}  {}   {}", say(0), say(1), say(2)))
}
