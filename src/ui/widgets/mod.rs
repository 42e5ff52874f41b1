//! Small pictures that borrow their data and know nothing of the model.

mod dots;
mod links;
mod matrix;
mod popup;
mod strip;

pub(super) use dots::Dots;
pub(super) use links::Links;
pub(super) use matrix::{Cells, Matrix, SUMS, Window};
pub(super) use popup::{Dock, Popup};
pub(super) use strip::{Strip, StripRow};

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::theme::Theme;
use crate::explain::Piece;
use crate::ground::number::Format;
use crate::ground::text;

/// The part of `all` that is shown where there is room for `room`: the place `at` stays in sight, in the middle where it can.
pub(super) fn around(at: usize, room: usize, all: usize) -> Range<usize> {
    let start = if all <= room { 0 } else { at.saturating_sub(room / 2).min(all - room) };
    start..all.min(start + room)
}

/// An area without its first lines.
pub(super) fn below(area: Rect, lines: u16) -> Rect {
    let lines = lines.min(area.height);
    Rect { y: area.y + lines, height: area.height - lines, ..area }
}

/// Writes text into an area's row, cut at its right edge. Returns the column after it.
pub(super) fn put(buffer: &mut Buffer, area: Rect, x: u16, y: u16, words: &str, style: Style) -> u16 {
    if y < area.top() || y >= area.bottom() || x >= area.right() {
        return x;
    }
    let words = text::cut(words, usize::from(area.right() - x));
    buffer.set_string(x, y, words, style);
    x + text::columns(words) as u16
}

/// A number as a cell shows it: `x` where masked, a dot where it has not been computed yet. A sum on its way may be longer
/// than any finished number: then it is written with fewer digits.
pub(super) fn written(format: Format, number: Option<f32>, room: usize, theme: Theme) -> String {
    match number {
        None if theme.ascii => ".".to_owned(),
        None => "·".to_owned(),
        Some(f32::NEG_INFINITY) => "x".to_owned(),
        Some(x) => {
            let whole = format.write(x);
            let shorter = (0..format.decimals).rev().map(|decimals| Format { decimals, ..format }.write(x));
            std::iter::once(whole.clone()).chain(shorter).find(|words| words.len() <= room).unwrap_or(whole)
        }
    }
}

/// A bar from an area's lower edge upwards, `share` of its height; a share that is not 0 is never quite nothing.
pub(super) fn bar(buffer: &mut Buffer, area: Rect, (x, wide): (u16, u16), share: f64, theme: Theme, style: Style) {
    const EIGHTHS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
    const ASCII: [&str; 9] = [" ", ".", ".", ".", ":", ":", ":", "#", "#"];
    let steps = if theme.ascii { ASCII } else { EIGHTHS };
    let most = f64::from(8 * area.height);
    let mut height = (share.clamp(0.0, 1.0) * most).round() as usize;
    height = height.max(usize::from(share > 0.0));
    for y in area.rows().rev().map(|row| row.y) {
        let step = steps[height.min(8)];
        put(buffer, area, x, y, &step.repeat(usize::from(wide)), style);
        height = height.saturating_sub(8);
    }
}

/// Names above columns of numbers, right-aligned with them. Names too long for a column stand on two lines in turn,
/// so that each may use its neighbour's room. Returns the lines that takes.
pub(super) fn column_names<'a>(
    buffer: &mut Buffer,
    area: Rect,
    (x, y): (u16, u16),
    cell: u16,
    names: impl Iterator<Item = (&'a str, Style)>,
    lines: u16,
) {
    for (n, (name, style)) in names.enumerate() {
        let in_turn = lines > 1 && n % 2 == 0;
        // The last line is the nearest to the numbers.
        let y = if in_turn { y } else { y + lines - 1 };
        let right = x + (n as u16 + 1) * cell - 1;
        // The first may begin a column before its matrix: there is always a gap.
        let left = area.x.saturating_sub(1);
        let room = if lines > 1 { (right - left).min(2 * cell - 2) } else { cell - 1 };
        let name = text::shortened(name, usize::from(room));
        put(buffer, area, right - text::columns(&name) as u16, y, &name, style);
    }
}

/// Lines that the names need above columns of that width: two where one is too long for its own column.
pub(super) fn name_lines<'a>(names: impl Iterator<Item = &'a str>, cell: u16) -> u16 {
    let mut names = names;
    1 + u16::from(names.any(|n| text::columns(n) as u16 > cell - 1))
}

/// Pieces one after the other, onto the next line before a ` + ` or ` = ` where they do not fit. Returns the line after
/// the last.
pub(super) fn flow(pieces: &[Piece], theme: Theme, area: Rect, buffer: &mut Buffer) -> u16 {
    let (mut x, mut y) = (area.x, area.y);
    for group in groups(pieces) {
        let width: usize = group.iter().map(|piece| text::columns(&piece.text)).sum();
        if x + width as u16 > area.right() && x > area.x {
            (x, y) = (area.x + 3, y + 1);
        }
        for piece in group {
            let style = piece.role.map_or_else(|| theme.ground(), |r| theme.role(r).add_modifier(Modifier::BOLD));
            x = put(buffer, area, x, y, &piece.text, style);
        }
    }
    (y + 1).min(area.bottom())
}

/// A line of arithmetic with as many of its terms as so many lines hold: the numbers of terms to be tried, the most first. The
/// result is never what is left out.
pub(super) fn fitting(
    spelled: impl Fn(usize) -> Vec<Piece>,
    terms: &[usize],
    (width, lines): (u16, u16),
) -> Vec<Piece> {
    let mut all = terms.iter().map(|&most| spelled(most));
    all.find(|pieces| flow_lines(pieces, width) <= lines).unwrap_or_else(|| spelled(terms.last().copied().unwrap_or(1)))
}

/// How many lines [`flow`] needs.
fn flow_lines(pieces: &[Piece], width: u16) -> u16 {
    let (mut x, mut lines) = (0, 1);
    for group in groups(pieces) {
        let wide: usize = group.iter().map(|piece| text::columns(&piece.text)).sum();
        if x + wide > usize::from(width) && x > 0 {
            (x, lines) = (3, lines + 1);
        }
        x += wide;
    }
    lines
}

/// Pieces that stay on one line: a sign and what follows it.
fn groups(pieces: &[Piece]) -> impl Iterator<Item = &[Piece]> {
    pieces.chunk_by(|_, next| !next.text.starts_with(' '))
}
