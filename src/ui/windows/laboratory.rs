//! The √d laboratory. Random scores as they are, ÷√d and ÷d, and what softmax makes of them over eight keys.
//!
//! ```text
//!  d = 64   100000 random q·k                                              seed 1
//!             σ (theory)         largest   entropy   gradient   |x| > 8
//!  q·k        7.987 (8.000)        0.877     0.313      0.149      31.7 %
//!       ▁▁▁▁▁▂▂▂▂▂▂▂▂▂▂▂▁▁▁▁▁                                            █
//!  q·k / √d   0.998 (1.000)        0.361     1.723      0.365       0.0 %
//!                ▂▄▇█▇▄▂                                             ▁▃█▁▂▁▁▂
//!  …
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Page;
use crate::app::windows::{FIGURES, LaboratoryWindow, Tone, WAYS, figures};
use crate::ground::lang::Text;
use crate::ground::number::short;
use crate::ground::text;
use crate::program::Role;
use crate::study::scaling::{Histogram, KEYS, Outcome, Scores};
use crate::ui::widgets::{bar, put};

/// A full bar of a histogram: this share of all scores in one bin, about as many as a unit normal has at its peak.
const PEAK: f64 = 0.1;

/// Lines beside the three histograms and the words: what is drawn, the headings, three rows of numbers, the axis.
const AROUND: u16 = 2 + 3 + 1;

/// Lines of words and the verdict, on a small screen and on one with room for all of them.
const WORDS: [u16; 2] = [7, 11];

/// Lines of a histogram, at most.
const TALLEST: u16 = 12;

/// Where the figures above a histogram end.
const ENDS: [u16; 5] = [27, 37, 46, 56, 67];

/// Columns between a histogram and the weights beside it, at least.
const BETWEEN: u16 = 3;

/// Columns of the bar of a weight, at most, and one more to its neighbour where there is room.
const WEIGHT: u16 = 4;

/// Columns of the bars on a screen of some width.
#[derive(Clone, Copy)]
struct Bars {
    /// Of a bin.
    bin: u16,
    /// Of a weight, with what is left empty beside it.
    weight: u16,
    /// Where the weights begin.
    weights: u16,
}

impl Bars {
    fn of(bins: usize, room: u16) -> Self {
        let (bins, keys) = (bins as u16, KEYS as u16);
        let bin = if room >= 2 * (bins + keys) + BETWEEN { 2 } else { 1 };
        let left = room.saturating_sub(bin * bins);
        let weight = (left.saturating_sub(BETWEEN) / keys).clamp(1, WEIGHT);
        let gap = left.saturating_sub(weight * keys).clamp(BETWEEN, 2 * BETWEEN + 2);
        Self { bin, weight, weights: bin * bins + gap }
    }

    /// Where the weights end.
    const fn end(self) -> u16 {
        self.weights + self.weight * KEYS as u16 - self.between()
    }

    /// Empty columns between two weights.
    const fn between(self) -> u16 {
        if self.weight > 1 { 1 } else { 0 }
    }
}

pub(super) fn draw(page: Page, lab: &LaboratoryWindow, buffer: &mut Buffer) {
    let inside = page.full(&page.context.title, buffer);
    what(page, lab, inside, buffer);
    let Some(seen) = lab.seen() else { return };
    let words_lines = if inside.height < 28 { WORDS[0] } else { WORDS[1] };
    let tall = (inside.height.saturating_sub(AROUND + words_lines) / 3).clamp(1, TALLEST);
    let bars = Bars::of(seen.raw.histogram.counts.len(), inside.width);
    headings(page, bars, inside, buffer);
    let mut y = inside.y + 2;
    for ((scores, theory), way) in seen.with_theory().into_iter().zip(WAYS) {
        let place = Rect { y, height: tall + 1, ..inside };
        row(page, (scores, theory), (way, seen.drawn), (tall, bars), place, buffer);
        y += tall + 1;
    }
    axis(page, seen, bars, Rect { y, height: 1, ..inside }, buffer);
    let below = Rect { y: y + 1, height: inside.bottom().saturating_sub(y + 1), ..inside };
    words(page, lab, seen, below, buffer);
}

/// `d = 64   100000 random pairs …`, and how far that is.
fn what(page: Page, lab: &LaboratoryWindow, area: Rect, buffer: &mut Buffer) {
    let d = format!("d = {:<4}", lab.wanted.d());
    let x = put(buffer, area, area.x, area.y, &d, page.theme.strong());
    put(buffer, area, x + 2, area.y, &page.say(&lab.what()), page.theme.ground());
    if let Some(words) = lab.under_way() {
        let words = page.say(&words);
        put(buffer, area, area.right() - text::columns(&words) as u16, area.y, &words, page.theme.key());
    }
}

fn headings(page: Page, bars: Bars, area: Rect, buffer: &mut Buffer) {
    for (heading, end) in FIGURES.iter().zip(ENDS) {
        right(buffer, area, end, area.y + 1, &page.say(heading), page.theme.dim());
    }
    let weights = Text::new("权重", "weights");
    right(buffer, area, bars.end(), area.y + 1, page.model.say(&weights), page.theme.dim());
}

/// Words that end at a column of an area.
fn right(buffer: &mut Buffer, area: Rect, end: u16, y: u16, words: &str, style: Style) {
    put(buffer, area, area.x + end.saturating_sub(text::columns(words) as u16), y, words, style);
}

/// One way to divide: its numbers, its histogram, and the weights of its first row.
fn row(
    page: Page,
    (scores, theory): (&Scores, f64),
    (way, drawn): (&'static str, usize),
    (tall, bars): (u16, Bars),
    area: Rect,
    buffer: &mut Buffer,
) {
    let theme = page.theme;
    put(buffer, area, area.x, area.y, &page.say(&Text::new(way, way)), theme.strong());
    for (number, end) in figures(scores, theory).iter().zip(ENDS) {
        right(buffer, area, end, area.y, number, theme.ground());
    }
    let histogram = &scores.histogram;
    let picture = Rect { y: area.y + 1, height: tall, ..area };
    let mut x = area.x;
    for &count in &histogram.counts {
        let share = f64::from(count) / drawn.max(1) as f64 / PEAK;
        bar(buffer, picture, (x, bars.bin), share, theme, theme.role(Role::Score));
        x += bars.bin;
    }
    let mut x = area.x + bars.weights;
    for &weight in &scores.row {
        bar(buffer, picture, (x, bars.weight - bars.between()), weight, theme, theme.role(Role::Weight));
        x += bars.weight;
    }
}

/// `-8      -4       0 …` under the histograms.
fn axis(page: Page, seen: &Outcome, bars: Bars, area: Rect, buffer: &mut Buffer) {
    let histogram: &Histogram = &seen.raw.histogram;
    for (bin, _) in histogram.counts.iter().enumerate().step_by(16) {
        let words = short(histogram.middle(bin));
        let middle = area.x + bin as u16 * bars.bin + bars.bin / 2;
        let x = middle.saturating_sub(words.len() as u16 / 2).max(area.x);
        put(buffer, area, x, area.y, &words, page.theme.dim());
    }
    let words = format!("1-{KEYS}");
    right(buffer, area, bars.end(), area.y, &words, page.theme.dim());
}

/// What the numbers say, and whether they are right.
fn words(page: Page, lab: &LaboratoryWindow, seen: &Outcome, area: Rect, buffer: &mut Buffer) {
    let room = area.bottom().saturating_sub(1);
    let told: Vec<_> = LaboratoryWindow::tell(seen).into_iter().map(|words| (Tone::Plain, words)).collect();
    page.passages(&told, lab.from, Rect { height: area.height.saturating_sub(1), ..area }, buffer);
    if let Some((tone, words)) = lab.verdict(page.model.is_wide()) {
        put(buffer, area, area.x, room, &page.say(&words), page.tone(tone));
    }
}
