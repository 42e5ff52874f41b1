//! The learning beside the picture.

use ratatui::buffer::Buffer;

use super::Page;
use crate::app::windows::{LearnWindow, Line, Tone, Window};
use crate::ground::lang::Text;
use crate::ground::text;

pub(super) fn draw(page: Page, window: &LearnWindow, buffer: &mut Buffer) {
    let said = Window::from(window.clone()).says(page.model);
    let words = |line: &Line| match line {
        Line::Say(tone, words) | Line::Exact(tone, words) => (*tone, words.clone()),
        _ => (Tone::Plain, Text::same(" ")),
    };
    let mut lines: Vec<(Tone, Text)> = said.iter().map(words).collect();
    let inside = page.frame(&page.context.title, (84, lines.len() as u16 + 6), buffer);
    let tall = |(_, words): &(Tone, Text)| text::wrap(&page.say(words), usize::from(inside.width)).len();
    // What can be read elsewhere steps back where there is no room.
    if lines.iter().map(tall).sum::<usize>() > usize::from(inside.height) {
        lines.retain(|(tone, _)| *tone != Tone::Dim);
    }
    page.passages(&lines, 0, inside, buffer);
}
