//! Loss and accuracy over the steps, as bars side by side.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::Page;
use crate::app::windows::TheatreWindow;
use crate::ground::lang::Text;
use crate::ground::text;
use crate::program::Role;
use crate::ui::widgets::{bar, put};

/// Columns of what a curve is called.
const NAME: u16 = 7;

/// Columns between the two.
const GAP: u16 = 3;

/// Lines of a curve on a screen with so many left.
pub(super) const fn lines(room: u16) -> u16 {
    match room {
        0..=24 => 2,
        25..=36 => 4,
        _ => 7,
    }
}

pub(super) fn draw(page: Page, theatre: &TheatreWindow, area: Rect, buffer: &mut Buffer) {
    let half = area.width.saturating_sub(GAP) / 2;
    let (left, right) = (Rect { width: half, ..area }, Rect { x: area.x + half + GAP, width: half, ..area });
    let Some(last) = theatre.moments.last() else { return };
    let losses = &last.checkpoint.losses;
    let most = losses.iter().copied().filter(|loss| loss.is_finite()).fold(f32::MIN_POSITIVE, f32::max);
    let steps = last.checkpoint.step.max(1);
    let room = usize::from(half.saturating_sub(NAME));
    let loss = |column: usize| {
        let (from, to) = (column * losses.len() / room, ((column + 1) * losses.len()).div_ceil(room));
        let part = losses.get(from..to.max(from + 1).min(losses.len()))?;
        (!part.is_empty()).then(|| f64::from(part.iter().sum::<f32>() / part.len() as f32 / most))
    };
    let accuracy = |column: usize| {
        let step = column as u64 * steps / room.max(1) as u64;
        let before = theatre.moments.iter().rev().find(|moment| moment.checkpoint.step <= step)?;
        Some(before.evaluation.accuracy)
    };
    // Where the moment that is looked at stands.
    let at = (theatre.step() * room as u64 / steps).min(room.saturating_sub(1) as u64) as usize;
    curve(page, (&Text::new("损失", "loss"), Role::Score), (&loss, at), left, buffer);
    curve(page, (&Text::new("做对", "right"), Role::Value), (&accuracy, at), right, buffer);
}

/// One curve: what it is called, its colour, its share of full height in each column, and the column to single out.
fn curve(
    page: Page,
    (name, role): (&Text, Role),
    (share, at): (&dyn Fn(usize) -> Option<f64>, usize),
    area: Rect,
    buffer: &mut Buffer,
) {
    let name = text::cut(page.model.say(name), usize::from(NAME) - 1);
    put(buffer, area, area.x, area.bottom().saturating_sub(1), name, page.theme.dim());
    for column in 0..area.width.saturating_sub(NAME) {
        let Some(share) = share(usize::from(column)) else { continue };
        let style = if usize::from(column) == at { page.theme.key() } else { page.theme.role(role) };
        bar(buffer, area, (area.x + NAME + column, 1), share, page.theme, style);
    }
}
