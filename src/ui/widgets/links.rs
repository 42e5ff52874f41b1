//! Two columns of words joined by lines: the stronger the line, the more one attends to the other.
//!
//! ```text
//! 我      ────────────╮     我      0.03
//! 爱      ━━━━━━━━━━━━╲     爱      0.03
//! 北京                 ╲━━  北京    0.47
//! ```

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::symbols::Marker;
use ratatui::widgets::Widget;
use ratatui::widgets::canvas::{Canvas, Line};

use super::{around, put};
use crate::ground::text;
use crate::ui::theme::Theme;

/// Weights below this draw no line, or everything would be grey.
const FAINT: f32 = 0.02;

/// Weights from here on are drawn thick.
const STRONG: f32 = 0.5;

/// Among so many words only the strongest lines of each are drawn.
const MANY: usize = 12;

/// How many lines a word keeps among many; the chosen one keeps all.
const KEPT: usize = 3;

/// Dots to a line of text in braille.
const DOTS: f64 = 4.0;

/// Columns of a word at most.
const WORD: usize = 16;

/// The widest that lines run.
const RUN: u16 = 70;

/// Lines of text between two words at most.
const APART: usize = 5;

/// Words that ask at the left, words that answer at the right.
pub(in crate::ui) struct Links<'a> {
    pub(in crate::ui) asking: &'a [String],
    pub(in crate::ui) answering: &'a [String],
    /// How many heads are drawn over each other, each in its colour.
    pub(in crate::ui) heads: usize,
    /// The weight of a head between two words.
    pub(in crate::ui) weight: &'a dyn Fn(usize, usize, usize) -> f32,
    /// The word at the left that is looked at.
    pub(in crate::ui) chosen: usize,
    /// Whether only its lines are drawn.
    pub(in crate::ui) only: bool,
}

/// A line: its weight, its head, and the words that it joins, by their places in sight.
type Link = (f32, usize, usize, usize, bool);

impl Links<'_> {
    /// Draws as many words as there is room for, the chosen one among them. Returns the lines of text it took.
    pub(in crate::ui) fn draw(&self, theme: Theme, area: Rect, buffer: &mut Buffer) -> u16 {
        let widest = |words: &[String]| words.iter().map(|w| text::columns(w)).max().unwrap_or(0).min(WORD) as u16 + 2;
        let (left, right) = (widest(self.asking), widest(self.answering));
        // The numbers of the chosen word stand behind the words at the right.
        let middle = area.width.saturating_sub(left + right + 7).min(RUN);
        let longest = self.asking.len().max(self.answering.len()).max(1);
        let all = usize::from(area.height);
        // As far apart as there is room; where there is none, a part around the chosen word, and a line that says so.
        let apart = (all / longest).clamp(1, APART);
        let room = if longest * apart > all { all.saturating_sub(1) } else { all / apart };
        let (rows, cols) =
            (around(self.chosen, room, self.asking.len()), around(self.chosen, room, self.answering.len()));
        let y = |n: usize| area.y + (n * apart) as u16;
        for (n, row) in rows.clone().enumerate() {
            let words = text::shortened(&self.asking[row], usize::from(left - 2));
            let style = if row == self.chosen { theme.chosen() } else { theme.ground() };
            put(buffer, area, area.x, y(n), &text::left(&words, usize::from(left - 2)), style);
        }
        let beyond = area.x + left + middle + 1;
        for (n, col) in cols.clone().enumerate() {
            put(
                buffer,
                area,
                beyond,
                y(n),
                &text::shortened(&self.answering[col], usize::from(right - 2)),
                theme.ground(),
            );
            if self.heads == 1 && !self.asking.is_empty() {
                let number = (self.weight)(0, self.chosen.min(self.asking.len() - 1), col);
                put(buffer, area, beyond + right, y(n), &format!("{number:.2}"), theme.dim());
            }
        }
        let shown = rows.len().max(cols.len());
        let height = ((shown * apart) as u16).min(area.height);
        let canvas = Rect { x: area.x + left, y: area.y, width: middle, height };
        self.lines(theme, (&self.links(&rows, &cols), apart), canvas, buffer);
        if shown == longest {
            return height;
        }
        let hint = format!("{}-{}/{longest}", rows.start + 1, rows.end.max(cols.end));
        put(buffer, area, area.x, area.y + height, &hint, theme.dim());
        height + 1
    }

    /// The lines worth drawing, the faint first, so that the strong lie above them.
    fn links(&self, rows: &Range<usize>, cols: &Range<usize>) -> Vec<Link> {
        let many = self.asking.len().max(self.answering.len()) >= MANY;
        let mut links = Vec::new();
        for head in 0..self.heads {
            for (from, row) in rows.clone().enumerate() {
                let chosen = row == self.chosen;
                if self.only && !chosen {
                    continue;
                }
                let link = |(to, col)| ((self.weight)(head, row, col), head, from, to, chosen);
                let mut own: Vec<Link> = cols.clone().enumerate().map(link).filter(|link| link.0 >= FAINT).collect();
                if many && !chosen {
                    own.sort_by(|a, b| b.0.total_cmp(&a.0));
                    own.truncate(KEPT);
                }
                links.extend(own);
            }
        }
        links.sort_by(|a, b| a.0.total_cmp(&b.0));
        links
    }

    fn lines(&self, theme: Theme, (links, apart): (&[Link], usize), canvas: Rect, buffer: &mut Buffer) {
        let (wide, tall) = (f64::from(canvas.width) * 2.0, f64::from(canvas.height) * DOTS);
        let at = |n: usize| tall - (n * apart) as f64 * DOTS - DOTS / 2.0;
        let paint = |marker: Marker, links: &[Link], buffer: &mut Buffer| {
            let drawn = Canvas::default().marker(marker).background_color(theme.canvas());
            let drawn = drawn.x_bounds([0.0, wide]).y_bounds([0.0, tall]).paint(|context| {
                for &(weight, head, from, to, chosen) in links {
                    let color = theme.line(head, weight, chosen || self.only);
                    let thick = if weight >= STRONG { 2 } else { 0 };
                    for shift in 0..=thick {
                        let shift = f64::from(shift) - f64::from(thick) / 2.0;
                        context.draw(&Line { x1: 0.0, y1: at(from) + shift, x2: wide, y2: at(to) + shift, color });
                    }
                }
            });
            drawn.render(canvas, buffer);
        };
        if theme.has_shades() && !theme.ascii {
            return paint(Marker::Braille, links, buffer);
        }
        // Without shades of colour, and without braille, the sign says how strong a line is.
        let strong = links.partition_point(|link| link.0 < STRONG);
        let some = links.partition_point(|link| link.0 < STRONG / 3.0);
        for (marker, part) in [
            (Marker::Custom('.'), &links[..some]),
            (Marker::Custom('+'), &links[some..strong]),
            (Marker::Custom('#'), &links[strong..]),
        ] {
            if !part.is_empty() {
                paint(marker, part, buffer);
            }
        }
    }
}
