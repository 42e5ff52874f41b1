//! The queue: what host and device did when, scene by scene, on one scale; below, the async trap as two bars.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Page;
use crate::app::windows::{QueueWindow, milliseconds};
use crate::ground::lang::Text;
use crate::program::Role;
use crate::study::race::{Cut, Lane, Phase, Scene, Span, Timeline, What};
use crate::ui::widgets::put;

/// Columns of the names on the left.
const NAMES: u16 = 8;

pub(super) fn draw(page: Page, queue: &QueueWindow, buffer: &mut Buffer) {
    let inside = page.full(&page.context.title, buffer);
    let mut y = page.paragraph(&queue.what(), page.theme.strong(), (inside, inside.y), buffer);
    if let Some(why) = queue.why_not() {
        page.paragraph(&why, page.theme.bad(), (inside, y + 1), buffer);
        return;
    }
    let drawn = Drawn { page, queue, inside };
    let roomy = inside.height > 26;
    for scene in Scene::of(queue.cut) {
        y += u16::from(roomy);
        y = drawn.scene(scene, y, buffer);
    }
    y = drawn.legend(y + u16::from(roomy), buffer);
    drawn.trap(y + u16::from(roomy), buffer);
}

struct Drawn<'a> {
    page: Page<'a>,
    queue: &'a QueueWindow,
    inside: Rect,
}

impl Drawn<'_> {
    /// A scene: its name and time, the host's line, the device's line.
    fn scene(&self, scene: Scene, y: u16, buffer: &mut Buffer) -> u16 {
        let (page, inside, theme) = (self.page, self.inside, self.page.theme);
        let x = put(buffer, inside, inside.x, y, &page.say(&self.queue.name(scene)), theme.key());
        let (Some(timeline), Some(time)) = (self.queue.timeline(scene), self.queue.time(scene)) else {
            put(buffer, inside, x + 2, y, &page.say(&QueueWindow::measuring()), theme.dim());
            return y + 3;
        };
        put(buffer, inside, x + 2, y, &page.say(&time), theme.strong());
        let (host, device) = (Text::new("主机", "host"), Text::new("设备", "device"));
        self.lane(timeline, Lane::Host, &host, y + 1, buffer);
        self.lane(timeline, Lane::Device, &device, y + 2, buffer);
        y + 3
    }

    /// What one of the two did: each column shows what took most of its time.
    fn lane(&self, timeline: &Timeline, lane: Lane, name: &Text, y: u16, buffer: &mut Buffer) {
        let (page, inside, theme) = (self.page, self.inside, self.page.theme);
        put(buffer, inside, inside.x, y, &page.say(name), theme.ground());
        if lane == Lane::Device && !timeline.clocked {
            put(buffer, inside, inside.x + NAMES, y, &page.say(&QueueWindow::no_clock()), theme.dim());
            return;
        }
        let columns = inside.width.saturating_sub(NAMES);
        let whole = self.queue.longest().as_secs_f64().max(1e-9);
        let shown = self.queue.shown().as_secs_f64();
        for column in 0..columns {
            let from = whole * f64::from(column) / f64::from(columns);
            let to = whole * f64::from(column + 1) / f64::from(columns);
            if from >= shown {
                break;
            }
            let share = |span: &Span| {
                let overlap = span.to.as_secs_f64().min(to) - span.from.as_secs_f64().max(from);
                (overlap.max(0.0), *span)
            };
            let spans = timeline.spans.iter().filter(|span| span.lane == lane).map(share);
            let most = spans.max_by(|a, b| a.0.total_cmp(&b.0)).filter(|(share, _)| *share > 0.0);
            if let Some((_, span)) = most {
                let (sign, style) = self.sign(span.what, span.piece);
                put(buffer, inside, inside.x + NAMES + column, y, sign, style);
            }
        }
    }

    /// How a stretch is drawn; pieces take turns to be told apart.
    fn sign(&self, what: What, piece: usize) -> (&'static str, Style) {
        let theme = self.page.theme;
        let other = piece % 2 == 1;
        match what {
            What::Upload => ("▲", theme.role(Role::Query)),
            What::Submit => ("s", theme.role(Role::Key)),
            What::Wait => ("·", theme.dim()),
            What::Run if self.queue.cut == Cut::Steps => match Phase::of(piece) {
                Phase::Forward => ("█", theme.role(Role::Weight)),
                Phase::Backward => ("▓", theme.role(Role::Score)),
                Phase::Step => ("▒", theme.role(Role::Value)),
            },
            What::Run => (if other { "▒" } else { "█" }, theme.role(Role::Weight)),
        }
    }

    fn legend(&self, y: u16, buffer: &mut Buffer) -> u16 {
        let rows = [
            (What::Upload, Text::new("上传", "upload")),
            (What::Submit, Text::new("提交", "submit")),
            (What::Wait, Text::new("等", "wait")),
            (What::Run, Text::new("计算（相邻两份一深一浅）", "compute (shades alternate)")),
        ];
        let mut x = self.inside.x + NAMES;
        let uploads = self.queue.cut == Cut::Sentences;
        let learns = self.queue.cut == Cut::Steps;
        let phases = [Text::new("前向", "forward"), Text::new("反向", "backward"), Text::new("更新", "step")];
        let rows = rows.into_iter().filter(|(what, _)| uploads || *what != What::Upload);
        let rows = rows.filter(|(what, _)| !learns || *what != What::Run).map(|(what, name)| (what, 0, name));
        let phases = phases.into_iter().enumerate().filter(|_| learns).map(|(n, name)| (What::Run, n, name));
        for (what, piece, name) in rows.chain(phases) {
            let (sign, style) = self.sign(what, piece);
            x = put(buffer, self.inside, x, y, sign, style) + 1;
            x = put(buffer, self.inside, x, y, &self.page.say(&name), self.page.theme.dim()) + 3;
        }
        y + 1
    }

    /// The async trap: the same work by two clocks.
    fn trap(&self, y: u16, buffer: &mut Buffer) {
        let (page, inside, theme) = (self.page, self.inside, self.page.theme);
        let Some(clocks) = self.queue.clocks() else { return };
        put(buffer, inside, inside.x, y, &page.say(&QueueWindow::trap_heading()), theme.key());
        let longest = clocks[1].1.as_secs_f64().max(1e-9);
        let room = f64::from(inside.width.saturating_sub(30));
        for ((n, (name, time)), style) in (0u16..).zip(clocks).zip([theme.bad(), theme.good()]) {
            let y = y + 1 + n;
            put(buffer, inside, inside.x, y, &page.say(&name), theme.ground());
            put(buffer, inside, inside.x + 14, y, &format!("{:>10} ms", milliseconds(time)), theme.ground());
            let bar = "█".repeat((time.as_secs_f64() / longest * room).round().max(1.0) as usize);
            put(buffer, inside, inside.x + 29, y, &bar, style);
        }
        let mut y = y + 3;
        for (tone, words) in self.queue.trap(page.model) {
            y = page.paragraph(&words, page.tone(tone), (inside, y), buffer);
        }
    }
}
