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
    let said = |words: Text| signs(model, model.say(&words));
    let (long, lines) = laid_out(entries().map(|(long, _)| said(long)), area.width);
    let (words, lines) = if lines <= area.height {
        (long, lines)
    } else {
        laid_out(entries().map(|(_, short)| said(short)), area.width)
    };
    for (n, (words, x, y)) in words.iter().enumerate() {
        let x = sample(n, theme, (area, area.x + x, area.y + y), buffer);
        put(buffer, area, x + 1, area.y + y, words, theme.dim());
    }
    lines
}

/// Columns between two entries.
const GAP: u16 = 2;

fn width(n: usize, words: &str) -> u16 {
    let sample = if n < 2 { SAMPLE } else { 6 };
    sample + 1 + text::columns(words) as u16
}

/// Where each entry begins, one after the other as far as a line goes; and the lines that takes.
fn laid_out(entries: [String; 5], room: u16) -> (Vec<(String, u16, u16)>, u16) {
    let (mut x, mut y) = (0, 0);
    let placed = entries.into_iter().enumerate().map(|(n, words)| {
        let wide = width(n, &words);
        if x + wide > room && x > 0 {
            (x, y) = (0, y + 1);
        }
        let at = (words, x, y);
        x += wide + GAP;
        at
    });
    (placed.collect(), y + 1)
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
