//! What can be done, in two columns: the keys, and what they do. What is looked for stands above.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::Page;
use crate::app::Target;
use crate::app::windows::{HelpWindow, Line, Window};
use crate::ground::lang::Text;
use crate::ground::text;
use crate::ui::screens::legend;
use crate::ui::widgets::put;

/// Columns of the window, and of the keys in it.
const WIDTH: u16 = 110;
const KEYS: usize = 18;

/// Lines of the legend in full, and how many lines of a window leave room for that.
const LEGEND: u16 = 2;
const TALL: u16 = 26;

/// Part of a line of the list.
enum Part {
    Heading(String),
    Row { keys: String, words: String, chosen: bool },
    Answer(String),
}

/// Draws the window; returns where the terminal's cursor belongs.
pub(super) fn draw(page: Page, window: &HelpWindow, buffer: &mut Buffer) -> Position {
    let Page { model, theme, area, .. } = page;
    let inside = page.frame(&page.context.title, (WIDTH, area.height), buffer);
    let x = put(buffer, inside, inside.x, inside.y, &page.say(&Text::new("找什么：", "search: ")), theme.key());
    let wanted = window.wanted.value();
    if wanted.is_empty() {
        put(buffer, inside, x + 1, inside.y, &page.say(&HelpWindow::hint()), theme.dim());
    }
    let room = usize::from(inside.right().saturating_sub(x + 1));
    let scroll = window.wanted.scroll(room);
    let shown = &wanted[text::cut(wanted, scroll).len()..];
    put(buffer, inside, x, inside.y, shown, theme.strong());
    let cursor = Position::new(x + window.wanted.column().saturating_sub(scroll).min(room) as u16, inside.y);

    // What colours mean, one key away from every page.
    let lines = if inside.height > TALL { LEGEND } else { 1 };
    let below = Rect { y: inside.bottom().saturating_sub(lines), height: lines, ..inside };
    legend::draw(model, theme, below, buffer);
    let list = Rect { y: inside.y + 2, height: inside.height.saturating_sub(3 + lines), ..inside };
    let said = Window::from(window.clone()).says(model);
    let parts = said.iter().flat_map(|line| laid_out(page, line, usize::from(list.width)));
    let parts: Vec<Part> = parts.skip_while(|part| matches!(part, Part::Heading(words) if words.is_empty())).collect();
    // The chosen row stays in sight, with its answer, and with the heading above it where there is room.
    let room = usize::from(list.height);
    let at = parts.iter().position(|part| matches!(part, Part::Row { chosen: true, .. })).unwrap_or(0);
    let end = parts.iter().skip(at + 1).take_while(|part| matches!(part, Part::Answer(_))).count() + at + 1;
    let first = (end + 2).saturating_sub(room.saturating_sub(room / 3)).min(parts.len().saturating_sub(room)).min(at);
    let first = first.max(end.saturating_sub(room));
    let mut row = parts.iter().take(first).filter(|part| matches!(part, Part::Row { .. })).count();
    for (y, part) in (list.y..).zip(parts.iter().skip(first).take(room)) {
        match part {
            Part::Heading(words) => {
                put(buffer, list, list.x, y, words, theme.strong());
            }
            Part::Row { keys, words, chosen } => {
                let line = Rect { y, height: 1, ..list };
                page.targets.note(line, Target::Row(row));
                row += 1;
                if *chosen {
                    buffer.set_style(line, theme.chosen());
                }
                let (keyed, plain) =
                    if *chosen { (theme.chosen(), theme.chosen()) } else { (theme.key(), theme.ground()) };
                let x = put(buffer, list, list.x, y, &text::left(keys, KEYS.max(text::columns(keys))), keyed);
                put(buffer, list, x + 2, y, words, plain);
            }
            Part::Answer(words) => {
                put(buffer, list, list.x + KEYS as u16 + 2, y, words, theme.dim());
            }
        }
    }
    if first + room < parts.len() {
        let more = page.say(&Text::new(" 下面还有 ", " more below "));
        let at = inside.right().saturating_sub(text::columns(&more) as u16 + 1);
        put(buffer, area, at, inside.bottom(), &more, theme.key());
    }
    cursor
}

/// A line as it fits into the window: what does not fit beside the keys goes on below, the chosen row's answer too. A heading
/// keeps clear of what is above.
fn laid_out(page: Page, line: &Line, width: usize) -> Vec<Part> {
    let row = match line {
        Line::Heading(words) => {
            return vec![Part::Heading(String::new()), Part::Heading(page.say(words))];
        }
        Line::Say(_, words) => return vec![Part::Heading(page.say(words))],
        Line::Row(row) => row,
        _ => return Vec::new(),
    };
    let keys = page.say(&row.name);
    let mut words = row.entries.iter().map(|entry| page.say(&entry.words));
    let wrap = |words: &str, beside: usize| text::wrap(words, width.saturating_sub(beside + 2));
    let mut lines = wrap(&words.next().unwrap_or_default(), KEYS.max(text::columns(&keys))).into_iter();
    let first = Part::Row { keys, words: lines.next().unwrap_or_default(), chosen: row.chosen };
    let answer = words.next().filter(|_| row.chosen).map_or_else(Vec::new, |words| wrap(&words, KEYS));
    std::iter::once(first).chain(lines.chain(answer).map(Part::Answer)).collect()
}
