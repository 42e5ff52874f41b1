//! A question about the page: help, question, choices or a line to type a number in, and what the answer was worth.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::Page;
use crate::app::Target;
use crate::app::windows::QuizWindow;
use crate::ground::lang::Text;
use crate::ground::text;
use crate::program::Address;
use crate::ui::widgets::put;

/// Columns between two choices on one line.
const BETWEEN: u16 = 3;

/// Room that it would like to have.
const SIZE: (u16, u16) = (78, 14);

pub(super) fn draw(page: Page, window: &QuizWindow, buffer: &mut Buffer) -> Option<Position> {
    let Page { theme, .. } = page;
    let inside = page.frame(&page.context.title, SIZE, buffer);
    let (item, answered) = (window.item(), window.is_over());
    let width = usize::from(inside.width);
    let height = |words: &Text| text::wrap(&page.say(words), width).len() as u16;
    let below = window.feedback().map_or(0, |(_, words)| height(&words) + height(&item.because));
    let choices = rows(page, window, inside.width);
    let answer = if item.asks_for_a_number() { 1 } else { choices.iter().map(|place| place.1).max().unwrap_or(0) + 1 };
    let needed = height(&item.question) + answer + below + 1;
    // Where the picture has no room for digits, the numbers that one needs stand here; help goes first where lines are few.
    let given = Text::owned(joined(&item.given, |text| &text.zh), joined(&item.given, |text| &text.en));
    let given = Some(&given).filter(|_| has_no_digits(page, window) && !answered && !item.given.is_empty());
    let given = given.filter(|given| needed + height(given) <= inside.height);
    let needed = needed + given.map_or(0, height);
    let help = item.help.as_ref().filter(|help| !answered && needed + height(help) <= inside.height);
    let roomy = needed + help.map_or(0, height) + 3 <= inside.height;
    let mut y = inside.y;
    if let Some(help) = help {
        y = page.paragraph(help, theme.dim(), (inside, y), buffer) + u16::from(roomy);
    }
    y = page.paragraph(&item.question, theme.strong(), (inside, y), buffer);
    if let Some(given) = given {
        y = page.paragraph(given, theme.ground(), (inside, y), buffer);
    }
    y += u16::from(roomy);
    let mut cursor = None;
    if item.asks_for_a_number() {
        let typed = window.typed();
        let x = put(buffer, inside, inside.x, y, "> ", theme.key());
        put(buffer, inside, x, y, typed.value(), theme.strong());
        if !answered && y < inside.bottom() {
            cursor = Some(Position { x: (x + typed.column() as u16).min(inside.right().saturating_sub(1)), y });
        }
        y += 1;
    } else if !answered || needed <= inside.height {
        draw_choices(page, window, (&choices, Rect { y, ..inside }.intersection(inside)), buffer);
        y += answer;
    } else if let Some(right) = window.right() {
        // Where there is no room for all of them, the right one.
        put(buffer, inside, inside.x, y, &written(page, window, right), theme.good());
        y += 1;
    }
    if let Some((tone, words)) = window.feedback() {
        y = page.paragraph(&words, page.tone(tone), (inside, y + u16::from(roomy)), buffer);
        y = page.paragraph(&item.because, theme.ground(), (inside, y), buffer);
    } else if answered {
        y = page.paragraph(&item.because, theme.ground(), (inside, y + u16::from(roomy)), buffer);
    }
    if let Some(typed) = window.counted().filter(|_| y < inside.bottom()) {
        let x = put(buffer, inside, inside.x, y, "> ", theme.key());
        put(buffer, inside, x, y, typed.value(), theme.strong());
        cursor = Some(Position { x: (x + typed.column() as u16).min(inside.right().saturating_sub(1)), y });
        y += 1;
    }
    if y < inside.bottom() {
        let y = if roomy { y + 1 } else { inside.bottom() - 1 };
        put(buffer, inside, inside.x, y, &page.say(&window.next()), theme.key());
    }
    cursor
}

/// So many columns of numbers are too many for digits in a picture of several matrices.
const MANY: usize = 10;

/// Whether the picture may have no room for the digits that one needs.
fn has_no_digits(page: Page, window: &QuizWindow) -> bool {
    let columns = |at: &Address| page.model.program().shape(at.slot).cols.len;
    !page.model.is_wide() || window.item().cells.iter().any(|at| columns(at) > MANY)
}

/// Lines one after the other.
fn joined(lines: &[Text], pick: fn(&Text) -> &str) -> String {
    lines.iter().map(pick).collect::<Vec<_>>().join("   ")
}

/// `2 北京`: a choice as it is written.
fn written(page: Page, window: &QuizWindow, n: usize) -> String {
    let words = window.item().choices().get(n).map_or_else(String::new, |choice| page.say(&choice.words));
    let mark = match window.right() {
        Some(right) if right == n => "✓",
        Some(_) if window.chosen() == n => "✗",
        None if window.chosen() == n => "▸",
        _ => " ",
    };
    let hands: Vec<String> = window.hands(n).iter().map(usize::to_string).collect();
    let hands = if hands.is_empty() { String::new() } else { format!("  [{}]", hands.join(" → ")) };
    crate::ui::screens::signs(page.model, &format!("{mark}{} {words}{hands}", n + 1))
}

/// The column and the line of each choice: side by side as far as they fit.
fn rows(page: Page, window: &QuizWindow, width: u16) -> Vec<(u16, u16)> {
    let (mut x, mut y) = (0, 0);
    (0..window.item().choices().len())
        .map(|n| {
            let wide = text::columns(&written(page, window, n)) as u16;
            if x > 0 && x + wide > width {
                (x, y) = (0, y + 1);
            }
            let place = (x, y);
            x += wide + BETWEEN;
            place
        })
        .collect()
}

fn draw_choices(page: Page, window: &QuizWindow, (places, area): (&[(u16, u16)], Rect), buffer: &mut Buffer) {
    for (n, &(x, y)) in places.iter().enumerate() {
        let theme = page.theme;
        let style = match window.right() {
            Some(right) if right == n => theme.good(),
            Some(_) if window.chosen() == n => theme.bad(),
            Some(_) => theme.dim(),
            None if window.chosen() == n => theme.chosen(),
            None => theme.ground(),
        };
        let right = put(buffer, area, area.x + x, area.y + y, &written(page, window, n), style);
        let place = Rect { x: area.x + x, y: area.y + y, width: right.saturating_sub(area.x + x), height: 1 };
        page.targets.note(place.intersection(area), Target::Row(n));
    }
}
