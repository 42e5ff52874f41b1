//! What colours and marks mean.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::signs;
use crate::app::Model;
use crate::ground::lang::Text;
use crate::ground::text;
use crate::program::Role;
use crate::ui::theme::{Lit, Paint, Theme};
use crate::ui::widgets::put;

/// Steps of a scale.
const STEPS: i8 = 4;

/// Columns of a sample of a colour.
const SAMPLE: u16 = 2 * STEPS as u16 + 1;

/// Each meaning in full where the lines of the area hold that, else in a word. Returns the lines it took.
pub(in crate::ui) fn draw(model: &Model, theme: Theme, area: Rect, buffer: &mut Buffer) -> u16 {
    let full = entries().map(|(long, _)| long);
    let words = if lines(model, &full, area.width) <= area.height { full } else { entries().map(|(_, short)| short) };
    let (mut x, mut y) = (area.x, area.y);
    for (n, words) in words.iter().enumerate() {
        let words = signs(model, model.say(words));
        if x + width(n, &words) > area.right() && x > area.x {
            (x, y) = (area.x, y + 1);
        }
        x = sample(n, theme, (area, x, y), buffer);
        x = put(buffer, area, x + 1, y, &words, theme.dim()) + GAP;
    }
    y + 1 - area.y
}

/// Columns between two entries.
const GAP: u16 = 2;

fn width(n: usize, words: &str) -> u16 {
    let sample = if n < 2 { SAMPLE } else { 6 };
    sample + 1 + text::columns(words) as u16
}

/// The lines that they take.
fn lines(model: &Model, entries: &[Text], room: u16) -> u16 {
    let (mut x, mut lines) = (0, 1);
    for (n, words) in entries.iter().enumerate() {
        let wide = width(n, &signs(model, model.say(words)));
        if x + wide > room && x > 0 {
            (x, lines) = (0, lines + 1);
        }
        x += wide + GAP;
    }
    lines
}

/// What each sample stands for: in full, and in a word.
fn entries() -> [(Text, Text); 5] {
    let both = |zh, en, short_zh, short_en| (Text::new(zh, en), Text::new(short_zh, short_en));
    [
        both("蓝是负数，红是正数，越浓越大", "blue below 0, red above; the deeper the larger", "负…正", "- … +"),
        both("份额，从 0 到 1", "shares, from 0 to 1", "份额", "0…1"),
        both("光标所在的数", "the number under the cursor", "光标", "cursor"),
        both("算出它的数", "the numbers that made it", "来源", "sources"),
        both("改过的、不对劲的、被遮住的数", "changed by hand, breaks a rule, masked", "改 错 遮", "marks"),
    ]
}

/// Draws a sample; returns the column after it.
fn sample(n: usize, theme: Theme, (area, x, y): (Rect, u16, u16), buffer: &mut Buffer) -> u16 {
    let place = |step: i8| f32::from(step) / f32::from(STEPS);
    match n {
        0 => {
            for (step, x) in (-STEPS..=STEPS).zip(x..) {
                let sign = match (theme.has_shades(), step.signum()) {
                    (true, _) | (_, 0) => " ",
                    (_, 1) => "+",
                    _ => "-",
                };
                put(buffer, area, x, y, sign, theme.cell(Paint::Signed, Role::Score, place(step), Lit::Even));
            }
            x + SAMPLE
        }
        1 => {
            for (step, x) in (0..=2 * STEPS).zip(x..) {
                let style = theme.cell(Paint::Share, Role::Weight, place(step) / 2.0, Lit::Even);
                put(buffer, area, x, y, if theme.has_shades() { " " } else { "%" }, style);
            }
            x + SAMPLE
        }
        2 => put(buffer, area, x, y, "[0.47]", theme.cell(Paint::Share, Role::Weight, 0.5, Lit::Cursor)),
        3 => put(buffer, area, x, y, " 2.00 ", theme.cell(Paint::Signed, Role::Score, 0.8, Lit::Source)),
        _ => put(buffer, area, x, y, "* ! x ", theme.strong()),
    }
}
