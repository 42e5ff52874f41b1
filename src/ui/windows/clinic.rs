//! The bug clinic: the list of cases, or one of them, wrapped.

use std::ops::RangeFrom;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{Page, signs};
use crate::app::Target;
use crate::app::windows::{ClinicWindow, Line, LineRow, Tone, Window};
use crate::ground::text;
use crate::ui::widgets::{around, put};

/// In fewer lines than these nothing stands apart.
const SHORT: u16 = 14;

/// A line as it stands, how it looks, and which row of the window it is.
type Drawn = (String, Style, Option<usize>);

pub(super) fn draw(page: Page, window: &ClinicWindow, buffer: &mut Buffer) {
    let width = (page.area.width - 4).min(90);
    let said = Window::from(window.clone()).says(page.model);
    let room = usize::from(page.inside(width));
    let short = matches!(page.place, super::Place::Dock(dock) if dock.height < SHORT);
    let said: Vec<Line> = said.into_iter().filter(|line| !(short && *line == Line::Gap)).collect();
    let names = said.iter().filter_map(|line| if let Line::Row(row) = line { Some(&row.name) } else { None });
    let name = names.map(|name| text::columns(page.model.say(name))).max().unwrap_or(0) + 1;
    let mut answers = 0..;
    let lines: Vec<Drawn> = if window.lists {
        said.iter().enumerate().map(|(n, line)| listed(page, line, n, room)).collect()
    } else {
        said.iter().flat_map(|line| wrapped(page, line, &mut answers, (name, room))).collect()
    };
    let size = (width, (lines.len() as u16 + 2).clamp(6, page.area.height - 2));
    let inside = page.frame(&page.context.title, size, buffer);
    let height = usize::from(inside.height);
    let first = if window.lists {
        around(window.chosen, height, lines.len()).start
    } else {
        window.line.min(lines.len().saturating_sub(height))
    };
    for (y, (line, style, row)) in (inside.y..).zip(lines.iter().skip(first).take(height)) {
        let place = Rect { y, height: 1, ..inside }.intersection(inside);
        if let Some(row) = *row {
            page.targets.note(place, Target::Row(row));
            buffer.set_style(place, *style);
        }
        put(buffer, inside, inside.x, y, line, *style);
    }
    if first + height < lines.len() {
        put(buffer, inside, inside.right().saturating_sub(1), inside.bottom().saturating_sub(1), "↓", page.theme.dim());
    }
}

/// A row of the list, cut where it is too long.
fn listed(page: Page, line: &Line, n: usize, room: usize) -> Drawn {
    let Line::Row(row) = line else { return (String::new(), page.theme.ground(), None) };
    let style = if row.chosen { page.theme.chosen() } else { page.theme.ground() };
    let name = page.model.say(&row.name);
    let score = row.entries.first().map_or("", |entry| page.model.say(&entry.words));
    let words = if score.is_empty() { name.to_owned() } else { format!("{name}   {score}") };
    (text::shortened(&signs(page.model, &words), room), style, Some(n))
}

/// A line of a case. What stands as it is and is said plainly, or was answered wrongly, is an answer.
fn wrapped(page: Page, line: &Line, answers: &mut RangeFrom<usize>, (name, room): (usize, usize)) -> Vec<Drawn> {
    let theme = page.theme;
    let whole = |words: &str, style: Style| {
        let lines = text::wrap(&signs(page.model, words), room);
        lines.into_iter().map(|line| (line, style, None)).collect()
    };
    match line {
        Line::Gap => vec![(String::new(), theme.ground(), None)],
        Line::Heading(words) => whole(page.model.say(words), theme.strong()),
        Line::Say(tone, words) => whole(page.model.say(words), page.tone(*tone)),
        Line::Exact(tone, words) => {
            let answer = page.model.say(words).starts_with(|c: char| c.is_ascii_digit());
            let row = if answer && *tone != Tone::Good { answers.next() } else { None };
            vec![(text::shortened(&page.say(words), room), page.tone(*tone), row)]
        }
        Line::Row(row) => vec![(text::shortened(&reading(page, row, (name, room)), room), style_of(page, row), None)],
        _ => Vec::new(),
    }
}

/// `a row of shares sums to          0.45 … 1.85 ✗`
fn reading(page: Page, row: &LineRow, (wide, room): (usize, usize)) -> String {
    let value = row.entries.first().map_or("", |entry| page.model.say(&entry.words));
    let name = text::left(page.model.say(&row.name), wide.min(room.saturating_sub(text::columns(value) + 1)));
    signs(page.model, &format!("{name} {value}"))
}

fn style_of(page: Page, row: &LineRow) -> Style {
    if row.chosen { page.theme.bad() } else { page.theme.ground() }
}
