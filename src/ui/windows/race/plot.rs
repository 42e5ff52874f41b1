//! Below the race: where the time went, from how many sentences on the adapter wins, and both sides on a log plot over the floor that the roofline sets.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::{Page, signs};
use crate::app::windows::RaceWindow;
use crate::ground::lang::Text;
use crate::ground::number::short;
use crate::ground::text;
use crate::program::Role;
use crate::study::race::{Point, Work};
use crate::ui::widgets::put;

/// Columns of a point of the plot at least and at most, and of the times on its left.
const STEP: (u16, u16) = (5, 12);
const TIMES: u16 = 9;

/// Rows that a plot needs at least.
const LEAST: u16 = 6;

/// What is to be said, and the plot where there is room.
pub(super) fn draw(page: Page, race: &RaceWindow, area: Rect, buffer: &mut Buffer) {
    let y = page.passages(&race.told(), race.from, area, buffer);
    let rest = Rect { y: y + 1, height: area.bottom().saturating_sub(y + 1), ..area };
    if rest.height >= LEAST && !race.points.is_empty() {
        plot(page, race, rest, buffer);
    } else if race.plot {
        put(buffer, rest, rest.x, rest.y, &page.say(&race.no_plot()), page.theme.dim());
    }
}

/// Time over sentences, both by powers: processor, adapter, and the floor: the least time that the adapter could take.
fn plot(page: Page, race: &RaceWindow, area: Rect, buffer: &mut Buffer) {
    let theme = page.theme;
    let floor = |point: &Point| {
        let work = Work { batch: point.batch, ..race.work };
        race.roof.map(|roof| roof.floor(work).as_secs_f64())
    };
    let seconds = |point: &Point| [Some(point.cpu.as_secs_f64()), Some(point.adapter.as_secs_f64()), floor(point)];
    let all = || race.points.iter().flat_map(|point| seconds(point).into_iter().flatten());
    let (least, most) = (all().fold(f64::INFINITY, f64::min).max(1e-7), all().fold(0.0, f64::max));
    let rows = area.height - 2;
    let row = |time: f64| {
        let share = (time.max(least) / least).ln() / (most / least).ln().max(1e-9);
        area.y + rows - 1 - (share * f64::from(rows - 1)).round() as u16
    };
    for y in [area.y, area.y + rows - 1] {
        let time = if y == area.y { most } else { least };
        put(
            buffer,
            area,
            area.x,
            y,
            &text::right(&format!("{} ms", short(time * 1e3)), usize::from(TIMES)),
            theme.dim(),
        );
    }
    let drawn = [
        ("□", theme.role(Role::Key), Text::new("CPU", "processor")),
        ("●", theme.role(Role::Weight), Text::new("适配器", "adapter")),
        (
            "_",
            theme.dim(),
            Text::new(
                "适配器分步算的下限：照实测的乘加和搬运速度（含 Q、K、V 写出读回；融合的核函数可以更快）",
                "the floor of the adapter, stage by stage: its measured speed, Q, K and V written and read (a fused kernel may be faster)",
            ),
        ),
    ];
    // As wide as the whole search will be: up to 4096 sentences.
    let step = (area.width.saturating_sub(TIMES + 4) / 13).clamp(STEP.0, STEP.1);
    for (n, point) in race.points.iter().enumerate() {
        let x = area.x + TIMES + 2 + step * n as u16;
        // The floor first: where two fall together, the measured one is seen.
        for (which, time) in seconds(point).into_iter().enumerate().rev() {
            let Some(time) = time else { continue };
            let (sign, style, _) = &drawn[which];
            // The floor is a line, seen on both sides of what stands before it.
            let (x, sign) = if which == 2 { (x - 1, sign.repeat(3)) } else { (x, (*sign).to_owned()) };
            put(buffer, area, x, row(time), &sign, *style);
        }
        put(buffer, area, x, area.y + rows, &point.batch.to_string(), theme.dim());
    }
    let mut x = area.x + TIMES + 2;
    for (sign, style, name) in &drawn {
        x = put(buffer, area, x, area.bottom() - 1, &signs(page.model, sign), *style) + 1;
        x = put(buffer, area, x, area.bottom() - 1, &page.say(name), theme.dim()) + 3;
    }
    let axis = page.say(&Text::new("句数 →", "sentences →"));
    put(buffer, area, area.x, area.y + rows, &axis, theme.dim());
}
