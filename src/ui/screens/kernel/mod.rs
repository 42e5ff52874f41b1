//! `K`: the GPU lens. Left the shader, the lines that made the number lit; right who made it, from what, and how it stands.

mod facts;
mod map;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::app::{KernelLens, Model, Progress};
use crate::ground::lang::{Lang, Text};
use crate::ground::text;
use crate::session::Seen;
use crate::ui::theme::Theme;
use crate::ui::widgets::{Popup, put};

/// A line of words and its colour.
type Line = (String, Style);

/// Columns of the line numbers and the mark beside them.
const GUTTER: u16 = 6;

pub(in crate::ui) fn draw(model: &Model, theme: Theme, lens: &KernelLens, area: Rect, buffer: &mut Buffer) {
    let title = match (model.settings.lang, area.width < 100) {
        (Lang::Zh, _) => "GPU 镜头   n b 走/退一行  空格 走完一轮  w 整个工作组  Tab 换写法  Esc 关闭",
        (Lang::En, true) => "GPU lens   n b step  Space round  w group  Tab rung  Esc closes",
        (Lang::En, false) => {
            "GPU lens   n b: one line on, back  Space: once round  w: whole workgroup  Tab: other kernels  Esc closes"
        }
    };
    let window = Popup { title: &super::signs(model, title), width: area.width, height: area.height };
    let inside = window.draw(theme, area, buffer);
    let Some(seen) = lens.seen.as_deref() else {
        let looking = Text::new("正在看……", "looking ...");
        let words = model.say(lens.failed.as_ref().unwrap_or(&looking));
        put(buffer, inside, inside.x, inside.y, &super::signs(model, words), theme.strong());
        return;
    };
    let mut y = heading(model, theme, lens, seen, inside, buffer);
    if let Some(why) = &lens.failed {
        put(buffer, inside, inside.x, y, model.say(why), theme.bad());
    }
    y += 1;
    // The whole text of the line in work stands below, where the column is too narrow for it.
    let below = 2;
    let body = Rect { y, height: inside.bottom().saturating_sub(y + below), ..inside };
    let left = Rect { width: (body.width * 11 / 20).min(96), ..body };
    let right = Rect { x: left.right() + 2, width: body.width.saturating_sub(left.width + 2), ..body };
    let at = place(lens, seen);
    source(theme, seen, &at, left, buffer);
    let lines = facts::lines(model, theme, lens, seen, usize::from(right.width));
    let most = lines.len().saturating_sub(usize::from(right.height));
    for (n, (words, style)) in lines.iter().skip(lens.scroll.min(most)).take(usize::from(right.height)).enumerate() {
        put(buffer, right, right.x, right.y + n as u16, &super::signs(model, words), *style);
    }
    if lens.scroll < most {
        let more = if model.settings.lang == Lang::Zh { "PgDn 下面还有" } else { "PgDn: more below" };
        put(buffer, inside, right.x, body.bottom(), more, theme.key());
    }
    whole_line(model, theme, seen, &at, Rect { y: body.bottom(), height: below, ..inside }, buffer);
}

/// Which number, which shader, and which kernels there are; the line below.
fn heading(model: &Model, theme: Theme, lens: &KernelLens, seen: &Seen, area: Rect, buffer: &mut Buffer) -> u16 {
    let name = seen.address.display(model.program());
    let x = put(buffer, area, area.x, area.y, &name, theme.strong());
    put(buffer, area, x + 2, area.y, &format!("shaders/{}.wgsl", seen.launch.file), theme.dim());
    // Where not all have room, those before the chosen one make way.
    let width = |from: usize, to: usize| -> usize {
        seen.versions[from..=to].iter().map(|version| version.name().len() + 3).sum()
    };
    let chosen = seen.versions.iter().position(|version| *version == lens.version).unwrap_or(0);
    let room = usize::from(area.width).saturating_sub(3);
    let first = (0..chosen).find(|&first| width(first, chosen) <= room).unwrap_or(chosen);
    let mut x = area.x;
    if first > 0 {
        x = put(buffer, area, x, area.y + 1, "<", theme.key());
    }
    for (n, version) in seen.versions.iter().enumerate().skip(first) {
        if width(first, n) > room {
            put(buffer, area, x, area.y + 1, ">", theme.key());
            break;
        }
        let style = if n == chosen { theme.chosen() } else { theme.ground() };
        x = put(buffer, area, x, area.y + 1, &format!(" {} ", version.name()), style) + 1;
    }
    area.y + 2
}

/// Where things stand: the line in work, and which lines were taken.
struct Place {
    /// From 1; none before the first step.
    now: Option<u32>,
    lit: Vec<u32>,
    /// The lines on which subgroups stand.
    stand: Vec<u32>,
}

fn place(lens: &KernelLens, seen: &Seen) -> Place {
    let recording = &seen.recording;
    let lit = recording.lines();
    let Some(turns) = lens.turns else {
        let tick = lens.steps.checked_sub(1).and_then(|at| recording.ticks.get(at));
        return Place { now: tick.map(|tick| tick.line), lit, stand: Vec::new() };
    };
    let line = |steps: &usize| steps.checked_sub(1).and_then(|at| recording.waves.get(at)).map(|wave| wave.line);
    let stand: Vec<u32> = Progress::after(seen, turns).steps.iter().filter_map(line).collect();
    let own = seen.owner.local as usize / Progress::lanes(seen);
    let now = Progress::after(seen, turns).steps.get(own).and_then(line);
    Place { now, lit, stand }
}

/// The shader, the line in work in sight.
fn source(theme: Theme, seen: &Seen, at: &Place, area: Rect, buffer: &mut Buffer) {
    let lines: Vec<&str> = seen.launch.source.lines().collect();
    let room = usize::from(area.height);
    // Before the first step: where the kernel itself begins.
    let entry = lines.iter().position(|line| line.starts_with("@compute")).map_or(0, |n| n + 1);
    let focus = match at.now.map(|line| line as usize) {
        Some(line) if line < entry => line,
        line => line.unwrap_or(0).max(entry + room / 2),
    };
    let first = focus.saturating_sub(room / 2 + 1).min(lines.len().saturating_sub(room));
    for (n, line) in lines.iter().enumerate().skip(first).take(room) {
        let number = n as u32 + 1;
        let y = area.y + (n - first) as u16;
        let lit = at.lit.contains(&number);
        let (mark, style) = match () {
            () if at.now == Some(number) => ("►", theme.chosen()),
            () if at.stand.contains(&number) => ("▹", theme.key()),
            () if lit => ("│", theme.strong()),
            () if line.trim_start().starts_with("//") => (" ", theme.dim()),
            () => (" ", theme.dim()),
        };
        let marked = if lit || at.stand.contains(&number) { theme.key() } else { theme.dim() };
        put(buffer, area, area.x, y, &format!("{number:>4}{mark}"), marked);
        let room = usize::from(area.width.saturating_sub(GUTTER));
        put(buffer, area, area.x + GUTTER, y, &shortened(line, room), style);
    }
}

/// The line in work at its full length.
fn whole_line(model: &Model, theme: Theme, seen: &Seen, at: &Place, area: Rect, buffer: &mut Buffer) {
    let line = at.now.and_then(|line| seen.launch.source.lines().nth((line as usize).checked_sub(1)?));
    let width = usize::from(area.width);
    let words = match line {
        // Where it is still too long, its comment goes first.
        Some(line) if text::columns(line.trim()) > width => {
            shortened(line.split("//").next().unwrap_or(line).trim(), width)
        }
        Some(line) => line.trim().to_owned(),
        None if model.settings.lang == Lang::Zh => "竖线标出的行算出了这个数。按 n 一行一行走。".into(),
        None => "The marked lines made this number. Press n to walk through them.".into(),
    };
    // Room is left for the hint that there is more on the right.
    for (n, part) in text::wrap(&words, width).iter().take(1).enumerate() {
        put(buffer, area, area.x, area.y + 1 + n as u16, &super::signs(model, part), theme.key());
    }
}

/// A line of code, an ellipsis where it does not end here.
fn shortened(line: &str, width: usize) -> String {
    if text::columns(line) <= width {
        return line.to_owned();
    }
    format!("{}…", text::cut(line, width.saturating_sub(1)))
}
