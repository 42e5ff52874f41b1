//! The keys and commands, in two columns.

use ratatui::buffer::Buffer;

use super::Page;
use crate::app::windows::{HelpWindow, Line, Window};
use crate::ground::lang::Text;
use crate::ground::text;
use crate::ui::widgets::put;

/// Columns of the window, and of the keys in it.
const WIDTH: u16 = 76;
const KEYS: usize = 20;

pub(super) fn draw(page: Page, window: &HelpWindow, buffer: &mut Buffer) {
    let Page { model, theme, area, .. } = page;
    let said = Window::from(window.clone()).says(model);
    let lines: Vec<(String, String)> = said.iter().flat_map(|line| wrapped(page, line)).collect();
    let height = (lines.len() as u16 + 2).min(area.height - 2);
    let inside = page.frame(&page.context.title, (WIDTH, height), buffer);
    let shown = usize::from(inside.height);
    let first = window.line.min(lines.len().saturating_sub(shown));
    for (n, (key, does)) in lines.iter().skip(first).take(shown).enumerate() {
        let y = inside.y + n as u16;
        put(buffer, inside, inside.x, y, &text::left(key, KEYS.max(text::columns(key))), theme.key());
        put(buffer, inside, inside.x + KEYS.max(text::columns(key)) as u16 + 2, y, does, theme.ground());
    }
    if first + shown < lines.len() {
        let more = page.say(&Text::new("下面还有", "more below"));
        put(buffer, area, inside.right().saturating_sub(12), inside.bottom(), &more, theme.key());
    }
}

/// A line as it fits into the window: what does not fit beside the keys goes on below. A heading keeps clear of what is above.
fn wrapped(page: Page, line: &Line) -> Vec<(String, String)> {
    let model = page.model;
    let (key, does) = match line {
        Line::Heading(words) => return vec![Default::default(), (model.say(words).to_owned(), String::new())],
        Line::Row(row) => {
            let words = row.entries.iter().map(|entry| model.say(&entry.words));
            (model.say(&row.name).to_owned(), words.collect::<Vec<_>>().join(" "))
        }
        _ => return Vec::new(),
    };
    let room = usize::from(WIDTH).saturating_sub(6 + KEYS.max(text::columns(&key)));
    let mut parts = text::wrap(&does, room).into_iter();
    let first = (key, parts.next().unwrap_or_default());
    [first].into_iter().chain(parts.map(|part| (String::new(), part))).collect()
}
