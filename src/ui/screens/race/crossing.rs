//! Below the race: where the time went, from how many sentences on the adapter wins, and both sides on a log plot over the floor that the roofline sets.

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::signs;
use crate::app::{Model, Track};
use crate::ground::lang::Text;
use crate::ground::number::short;
use crate::ground::text;
use crate::program::Role;
use crate::study::race::Work;
use crate::study::race::{Contender, Point, wins_from};
use crate::ui::theme::Theme;
use crate::ui::widgets::put;

/// Columns of a point of the plot at least and at most, and of the times on its left.
const STEP: (u16, u16) = (5, 12);
const TIMES: u16 = 9;

/// Rows that a plot needs at least.
const LEAST: u16 = 6;

pub(super) fn draw(model: &Model, theme: Theme, track: &Track, area: Rect, buffer: &mut Buffer) {
    let mut y = area.y;
    for words in crossing(track).into_iter().chain(split(track)) {
        for line in text::wrap(&signs(model, model.say(&words)), usize::from(area.width)) {
            put(buffer, area, area.x, y, &line, theme.strong());
            y += 1;
        }
    }
    let rest = Rect { y: y + 1, height: area.bottom().saturating_sub(y + 1), ..area };
    if rest.height >= LEAST && !track.points.is_empty() {
        plot(model, theme, track, rest, buffer);
    } else if track.plot {
        let words = match (track.points.is_empty(), track.searched) {
            (true, true) => Text::new("没有可画的点：适配器没有跑", "nothing to plot: the adapter did not run"),
            (true, false) => Text::new("还没有点：先跑完这一场", "no points yet: the race comes first"),
            (false, _) => Text::new("窗口太矮，画不下", "the window is too low for the plot"),
        };
        put(buffer, rest, rest.x, rest.y, &signs(model, model.say(&words)), theme.dim());
    }
}

/// Where the time of one run of ours went.
fn split(track: &Track) -> Option<Text> {
    let ours = track.entries.iter().find(|entry| matches!(entry.contender, Contender::Ours(_)))?;
    let split = ours.result.as_ref().ok()?.split?;
    let ms = |time: Duration| short(time.as_secs_f64() * 1e3);
    let (upload, execute, back) = (ms(split.upload), ms(split.execute), ms(split.read_back));
    Some(match split.queue.map(ms) {
        Some(queue) => Text::owned(
            format!("ours 跑一趟：上传 {upload} + 排队 {queue} + 计算 {execute} + 读回 {back} ms"),
            format!("ours, one run: upload {upload} + queue {queue} + compute {execute} + read back {back} ms"),
        ),
        None => Text::owned(
            format!("ours 跑一趟：上传 {upload} + 排队和计算 {execute} + 读回 {back} ms"),
            format!("ours, one run: upload {upload} + queue and compute {execute} + read back {back} ms"),
        ),
    })
}

/// From how many sentences on the adapter wins.
fn crossing(track: &Track) -> Option<Text> {
    let most = track.points.last()?.batch;
    if !track.searched {
        return Some(Text::owned(
            format!("正在找交叉点……已经到 {most} 句"),
            format!("looking for the crossing ... {most} sentences so far"),
        ));
    }
    Some(match wins_from(&track.points) {
        Some(1) => Text::owned(
            format!("在这台机器上，从 1 句起就是适配器赢（测到 {most} 句）。"),
            format!("On this machine the adapter wins from one sentence on (measured up to {most})."),
        ),
        Some(batch) => Text::owned(
            format!("在这台机器上，从 {batch} 句起适配器赢（测到 {most} 句）。"),
            format!("On this machine the adapter wins from {batch} sentences on (measured up to {most})."),
        ),
        None => Text::owned(
            format!("在这台机器上，直到 {most} 句，适配器都没有稳定地快过 CPU。"),
            format!("On this machine the adapter is never reliably faster than the CPU, up to {most} sentences."),
        ),
    })
}

/// Time over sentences, both by powers: processor, adapter, and the floor: the least time that the adapter could take.
fn plot(model: &Model, theme: Theme, track: &Track, area: Rect, buffer: &mut Buffer) {
    let floor = |point: &Point| {
        let work = Work { batch: point.batch, ..track.work };
        track.roof.map(|roof| roof.floor(work).as_secs_f64())
    };
    let seconds = |point: &Point| [Some(point.cpu.as_secs_f64()), Some(point.adapter.as_secs_f64()), floor(point)];
    let all = || track.points.iter().flat_map(|point| seconds(point).into_iter().flatten());
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
                "下限：照实测的乘加和搬运速度，最快也要这么久",
                "the floor: no less by what it multiplies and copies",
            ),
        ),
    ];
    // As wide as the whole search will be: up to 4096 sentences.
    let step = (area.width.saturating_sub(TIMES + 4) / 13).clamp(STEP.0, STEP.1);
    for (n, point) in track.points.iter().enumerate() {
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
        x = put(buffer, area, x, area.bottom() - 1, &signs(model, sign), *style) + 1;
        x = put(buffer, area, x, area.bottom() - 1, &signs(model, model.say(name)), theme.dim()) + 3;
    }
    let axis = signs(model, model.say(&Text::new("句数 →", "sentences →")));
    put(buffer, area, area.x, area.y + rows, &axis, theme.dim());
}
