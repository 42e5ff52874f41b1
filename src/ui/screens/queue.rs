//! `Q`: the queue. What host and device did when, scene by scene, on one scale; below, the async trap as two bars.

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::app::{Model, Queue};
use crate::ground::lang::{Lang, Text};
use crate::ground::number::short;
use crate::ground::text;
use crate::program::{BackendKind, Role};
use crate::study::race::QUEUED;
use crate::study::race::{Cut, Lane, Scene, Timeline, What, Work};
use crate::ui::theme::Theme;
use crate::ui::widgets::{Popup, put};

/// Columns of the names on the left.
const NAMES: u16 = 8;

pub(in crate::ui) fn draw(model: &Model, theme: Theme, queue: &Queue, area: Rect, buffer: &mut Buffer) {
    let title = match model.settings.lang {
        Lang::Zh => "队列   ↑↓ 分成几份  Tab 按句子切/按头切  空格 慢放  ←→ 前后  r 再测  Esc 关闭",
        Lang::En => "queue  Up Down pieces  Tab cut  Space replay  Left Right  r again  Esc closes",
    };
    let window = Popup { title: &super::signs(model, title), width: area.width, height: area.height };
    let inside = window.draw(theme, area, buffer);
    let page = Page { model, theme, queue, inside };
    let pieces = queue.pieces;
    let s = if pieces == 1 { "" } else { "s" };
    let Work { batch, heads, .. } = QUEUED;
    let d = QUEUED.features();
    let what = match queue.cut {
        Cut::Sentences => Text::owned(
            format!("{batch} 句注意力交给设备，分成 {pieces} 份。主机交出去就走，设备稍后才做完。"),
            format!(
                "{batch} sentences of attention, in {pieces} piece{s}. The host hands over and goes on; the device finishes later."
            ),
        ),
        Cut::Heads => Text::owned(
            format!("{heads} 个头、每头 {d} 维的注意力，分成 {pieces} 次启动。头和头互不相干，一次启动就能全算。"),
            format!(
                "{heads} heads of {d} numbers, attention in {pieces} launch{}. No head needs another: one launch does all of them at once.",
                if pieces == 1 { "" } else { "es" }
            ),
        ),
    };
    let mut y = page.words(&what, inside.y, theme.strong(), buffer);
    if let Some(why) = &queue.failed {
        let words = Text::owned(format!("没有可以看的：{}", why.zh), format!("there is nothing to watch: {}", why.en));
        page.words(&words, y + 1, theme.bad(), buffer);
        return;
    }
    let roomy = inside.height > 26;
    for scene in Scene::ALL {
        y += u16::from(roomy);
        y = page.scene(scene, y, buffer);
    }
    y = page.legend(y + u16::from(roomy), buffer);
    page.trap(y + u16::from(roomy), buffer);
}

struct Page<'a> {
    model: &'a Model,
    theme: Theme,
    queue: &'a Queue,
    inside: Rect,
}

impl Page<'_> {
    fn say(&self, text: &Text) -> String {
        super::signs(self.model, self.model.say(text))
    }

    /// Some words, wrapped; the line below them.
    fn words(&self, text: &Text, mut y: u16, style: Style, buffer: &mut Buffer) -> u16 {
        for line in text::wrap(&self.say(text), usize::from(self.inside.width)) {
            put(buffer, self.inside, self.inside.x, y, &line, style);
            y += 1;
        }
        y
    }

    /// A scene: its name and time, the host's line, the device's line.
    fn scene(&self, scene: Scene, y: u16, buffer: &mut Buffer) -> u16 {
        let name = match scene {
            Scene::OneByOne => Text::new("交一份等一份（循环里同步）", "one by one (synchronize in the loop)"),
            Scene::Ahead => Text::new("一口气全交，最后等一次（流水线）", "all handed over, one wait (pipelined)"),
            Scene::Together => Text::new("合成一份，一次启动", "all in one launch"),
        };
        let (inside, theme) = (self.inside, self.theme);
        let x = put(buffer, inside, inside.x, y, &self.say(&name), theme.key());
        let Some(timeline) = self.queue.timeline(scene) else {
            put(buffer, inside, x + 2, y, &self.say(&Text::new("正在测……", "measuring ...")), theme.dim());
            return y + 3;
        };
        let mut time = format!("{} ms", milliseconds(timeline.done));
        if let Some(first) = self.queue.timeline(Scene::OneByOne).filter(|_| scene != Scene::OneByOne) {
            let times = first.done.as_secs_f64() / timeline.done.as_secs_f64().max(1e-9);
            let (faster, slower) = (short(times), short(times.recip()));
            let factor = if times < 1.0 {
                Text::owned(format!("（更慢，用时是 {slower} 倍）"), format!(" (slower: {slower} times as long)"))
            } else {
                Text::owned(format!("（速度是 {faster} 倍）"), format!(" ({faster} times as fast)"))
            };
            time.push_str(&self.say(&factor));
        }
        put(buffer, inside, x + 2, y, &time, theme.strong());
        let (host, device) = (Text::new("主机", "host"), Text::new("设备", "device"));
        self.lane(timeline, Lane::Host, &host, y + 1, buffer);
        self.lane(timeline, Lane::Device, &device, y + 2, buffer);
        y + 3
    }

    /// What one of the two did: each column shows what took most of its time.
    fn lane(&self, timeline: &Timeline, lane: Lane, name: &Text, y: u16, buffer: &mut Buffer) {
        let (inside, theme) = (self.inside, self.theme);
        put(buffer, inside, inside.x, y, &self.say(name), theme.ground());
        if lane == Lane::Device && !timeline.clocked {
            let words = self
                .say(&Text::new("这个设备没有自己的时钟，看不见", "this device has no clock of its own to look at"));
            put(buffer, inside, inside.x + NAMES, y, &words, theme.dim());
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
            let share = |span: &crate::study::race::Span| {
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
        let theme = self.theme;
        let other = piece % 2 == 1;
        match what {
            What::Upload => ("▲", theme.role(Role::Query)),
            What::Submit => ("s", theme.role(Role::Key)),
            What::Wait => ("·", theme.dim()),
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
        let heads = self.queue.cut == Cut::Heads;
        for (what, name) in rows.into_iter().filter(|(what, _)| !heads || *what != What::Upload) {
            let (sign, style) = self.sign(what, 0);
            x = put(buffer, self.inside, x, y, sign, style) + 1;
            x = put(buffer, self.inside, x, y, &self.say(&name), self.theme.dim()) + 3;
        }
        y + 1
    }

    /// The async trap: the same work by two clocks.
    fn trap(&self, y: u16, buffer: &mut Buffer) {
        let Some(timeline) = self.queue.timeline(Scene::Together) else { return };
        let (inside, theme) = (self.inside, self.theme);
        let heading = Text::new("异步陷阱：什么时候看表？", "the async trap: when does one look at the clock?");
        put(buffer, inside, inside.x, y, &self.say(&heading), theme.key());
        let rows = [
            (Text::new("提交完就看", "after submit"), timeline.submitted, theme.bad()),
            (Text::new("等做完再看", "after wait"), timeline.done, theme.good()),
        ];
        let longest = timeline.done.as_secs_f64().max(1e-9);
        let room = f64::from(inside.width.saturating_sub(30));
        for (n, (name, time, style)) in (0u16..).zip(rows) {
            let y = y + 1 + n;
            put(buffer, inside, inside.x, y, &self.say(&name), theme.ground());
            put(buffer, inside, inside.x + 14, y, &format!("{:>10} ms", milliseconds(time)), theme.ground());
            let bar = "█".repeat((time.as_secs_f64() / longest * room).round().max(1.0) as usize);
            put(buffer, inside, inside.x + 29, y, &bar, style);
        }
        let trap = timeline.trap();
        let times = if trap < 10.0 { short(trap) } else { format!("{trap:.0}") };
        let words = Text::owned(
            format!("差 {times} 倍。不等就停表，量到的只是交活的时间：GPU 的计时一定要先同步。"),
            format!(
                "A factor of {times}. A clock stopped without waiting measures only the hand-over: synchronize before you time a GPU."
            ),
        );
        let mut y = self.words(&words, y + 3, theme.strong(), buffer);
        // Some drivers let no host run ahead: the submission itself waits.
        if self.queue.timeline(Scene::Ahead).is_some_and(|ahead| ahead.pieces > 1 && ahead.trap() < 1.5) {
            let words = Text::new(
                "这里的驱动不让主机跑远：前一份没做完，下一次提交自己就在等（主机那行几乎全是 s）。",
                "This driver lets no host run far ahead: the next submission itself waits for the one before (the host's line is mostly s).",
            );
            y = self.words(&words, y, theme.ground(), buffer);
        }
        let slower = |one: &Timeline| timeline.done.as_secs_f64() > 1.1 * one.done.as_secs_f64();
        if self.queue.timeline(Scene::OneByOne).is_some_and(slower) {
            let software = self.model.run.as_ref().is_some_and(|run| run.trace.by.kind == BackendKind::Software);
            let words = if software {
                Text::new(
                    "合成一份反而慢：软件适配器上核就那么几个，活儿一样多，机器上别的程序也在抢。按 r 再测。",
                    "All in one was slower: a software adapter has the same few cores for the same work, and other programs want them too. r measures again.",
                )
            } else {
                Text::new("这一次合成一份反而慢。按 r 再测。", "This time all in one was slower. r measures again.")
            };
            self.words(&words, y, theme.ground(), buffer);
        }
    }
}

fn milliseconds(time: Duration) -> String {
    format!("{:.2}", time.as_secs_f64() * 1e3)
}
