//! The GPU lens. Left the shader, the lines that made the number lit; right who made it, from what, and how it stands.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Page;
use crate::app::windows::{LensWindow, Line, Marks, Turns};
use crate::ground::lang::Text;
use crate::ground::text;
use crate::session::Seen;
use crate::ui::widgets::put;

/// Columns of the line numbers and the mark beside them.
const GUTTER: u16 = 6;

pub(super) fn draw(page: Page, lens: &LensWindow, buffer: &mut Buffer) {
    let theme = page.theme;
    let inside = page.full(&page.context.title, buffer);
    let Some(seen) = lens.seen() else {
        put(buffer, inside, inside.x, inside.y, &page.say(&lens.waiting()), theme.strong());
        return;
    };
    let mut y = heading(page, lens, seen, inside, buffer);
    if let Some(why) = &lens.failed {
        put(buffer, inside, inside.x, y, page.model.say(why), theme.bad());
    }
    y += 1;
    // The whole text of the line in work stands below, where the column is too narrow for it.
    let below = 2;
    let body = Rect { y, height: inside.bottom().saturating_sub(y + below), ..inside };
    let left = Rect { width: (body.width * 11 / 20).min(96), ..body };
    let right = Rect { x: left.right() + 2, width: body.width.saturating_sub(left.width + 2), ..body };
    let at = place(lens, seen);
    source(page, seen, &at, left, buffer);
    let lines = laid_out(page, &lens.facts(page.model), usize::from(right.width));
    let most = lines.len().saturating_sub(usize::from(right.height));
    for (n, (words, style)) in lines.iter().skip(lens.scroll.min(most)).take(usize::from(right.height)).enumerate() {
        put(buffer, right, right.x, right.y + n as u16, words, *style);
    }
    if lens.scroll < most {
        let more = page.say(&Text::new("PgDn 下面还有", "PgDn: more below"));
        put(buffer, inside, right.x, body.bottom(), &more, theme.key());
    }
    whole_line(page, seen, &at, Rect { y: body.bottom(), height: below, ..inside }, buffer);
}

/// Lines as they fit a column of that width.
fn laid_out(page: Page, facts: &[Line], width: usize) -> Vec<(String, Style)> {
    let theme = page.theme;
    let mut lines: Vec<(String, Style)> = Vec::new();
    let blank = (String::new(), theme.ground());
    let mut since = 0;
    let wrap = |words: &Text, style: Style| {
        let lines = text::wrap(page.model.say(words), width).into_iter();
        lines.map(move |line| (line, style)).collect::<Vec<_>>()
    };
    for fact in facts {
        match fact {
            Line::Heading(words) => {
                if !lines.is_empty() {
                    lines.push(blank.clone());
                }
                lines.extend(wrap(words, theme.key()));
                since = lines.len();
            }
            Line::Say(tone, words) => lines.extend(wrap(words, page.tone(*tone))),
            Line::Exact(tone, words) => {
                lines.push((text::cut(page.model.say(words), width).to_owned(), page.tone(*tone)));
            }
            Line::Bar { tone, name, share: (done, all), words } => {
                let room = width.saturating_sub(22).clamp(6, 40);
                let done = done * room / (*all).max(1);
                let bar = format!("{}{}", "█".repeat(done), "·".repeat(room - done));
                lines.push((format!("{name} {bar} {}", page.model.say(words)), page.tone(*tone)));
            }
            Line::Marks(marks) => lines.extend(map(page, marks, width)),
            Line::Room(room) => lines.resize(lines.len().max(since + room), blank.clone()),
            Line::Gap => lines.push(blank.clone()),
            Line::Pieces(_) | Line::Columns(_) | Line::Row(_) => {}
        }
    }
    lines.into_iter().map(|(line, style)| (super::signs(page.model, &line), style)).collect()
}

/// Signs with a space between; the focus in sight.
fn map(page: Page, marks: &Marks, width: usize) -> Vec<(String, Style)> {
    let across = marks.rows.first().map_or(0, |row| row.chars().count());
    if marks.legend.is_some() && 2 * across > width {
        return Vec::new();
    }
    let room = across.min(width / 2);
    let first = marks.focus.saturating_sub(room.saturating_sub(1));
    let row = |row: &String| {
        let signs: String = row.chars().skip(first).take(room).flat_map(|sign| [sign, ' ']).collect();
        (signs.trim_end().to_owned(), page.tone(marks.tone))
    };
    let legend = marks.legend.iter().flat_map(|words| text::wrap(page.model.say(words), width));
    marks.rows.iter().map(row).chain(legend.map(|line| (line, page.theme.dim()))).collect()
}

/// Which number, which shader, and which kernels there are; the line below.
fn heading(page: Page, lens: &LensWindow, seen: &Seen, area: Rect, buffer: &mut Buffer) -> u16 {
    let theme = page.theme;
    let name = lens.number().map_or_else(String::new, |(name, _)| name);
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

fn place(lens: &LensWindow, seen: &Seen) -> Place {
    let recording = &seen.recording;
    let lit = recording.lines();
    let Some(turns) = lens.turns else {
        let tick = lens.steps.checked_sub(1).and_then(|at| recording.ticks.get(at));
        return Place { now: tick.map(|tick| tick.line), lit, stand: Vec::new() };
    };
    let line = |steps: &usize| steps.checked_sub(1).and_then(|at| recording.waves.get(at)).map(|wave| wave.line);
    let stand: Vec<u32> = Turns::after(seen, turns).steps.iter().filter_map(line).collect();
    let own = seen.owner.local as usize / Turns::lanes(seen);
    let now = Turns::after(seen, turns).steps.get(own).and_then(line);
    Place { now, lit, stand }
}

/// The shader, the line in work in sight.
fn source(page: Page, seen: &Seen, at: &Place, area: Rect, buffer: &mut Buffer) {
    let theme = page.theme;
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
fn whole_line(page: Page, seen: &Seen, at: &Place, area: Rect, buffer: &mut Buffer) {
    let line = at.now.and_then(|line| seen.launch.source.lines().nth((line as usize).checked_sub(1)?));
    let width = usize::from(area.width);
    let words = match line {
        // Where it is still too long, its comment goes first.
        Some(line) if text::columns(line.trim()) > width => {
            shortened(line.split("//").next().unwrap_or(line).trim(), width)
        }
        Some(line) => line.trim().to_owned(),
        None => {
            let begin = Text::new(
                "竖线标出的行算出了这个数。按 n 一行一行走。",
                "The marked lines made this number. Press n to walk through them.",
            );
            page.model.say(&begin).to_owned()
        }
    };
    // Room is left for the hint that there is more on the right.
    for (n, part) in text::wrap(&words, width).iter().take(1).enumerate() {
        put(buffer, area, area.x, area.y + 1 + n as u16, &super::signs(page.model, part), page.theme.key());
    }
}

/// A line of code, an ellipsis where it does not end here.
fn shortened(line: &str, width: usize) -> String {
    if text::columns(line) <= width {
        return line.to_owned();
    }
    format!("{}…", text::cut(line, width.saturating_sub(1)))
}
