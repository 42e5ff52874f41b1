//! What the race says: the work, the times, who wins at this size and from which size on.

use std::time::Duration;

use super::super::{Entry as Column, Line, LineRow, Tone};
use super::RaceWindow;
use crate::app::{Model, words};
use crate::ground::fault::Failure;
use crate::ground::lang::Text;
use crate::ground::number::short;
use crate::program::BackendKind;
use crate::study::race::{Contender, Entry, Times, wins_from};

/// Everything, line by line.
pub(super) fn lines(race: &RaceWindow, _model: &Model) -> Vec<Line> {
    let mut lines = vec![
        Line::Heading(race.what()),
        Line::Say(Tone::Dim, race.machine(true)),
        Line::Say(Tone::Dim, RaceWindow::who()),
        Line::Columns(RaceWindow::columns().to_vec()),
    ];
    lines.extend(race.entries.iter().map(|entry| {
        let entries = match figures(entry) {
            Ok(figures) => figures.map(|words| Column::words(Text::same(words))).to_vec(),
            Err(why) => vec![Column::words(why)],
        };
        Line::Row(LineRow { name: Text::same(name(entry.contender)), chosen: false, entries })
    }));
    lines.extend(race.running().map(|words| Line::Say(Tone::Key, words)));
    lines.extend(race.told().into_iter().map(|(tone, words)| Line::Say(tone, words)));
    lines
}

/// Who, and of `ours` which rung.
pub(in crate::app) fn name(contender: Contender) -> String {
    match contender {
        Contender::Ours(rung) => format!("ours ({})", rung.name()),
        other => other.to_string(),
    }
}

/// Median, spread, speed and error of a contender as they are written; or why there is no time.
pub(in crate::app) fn figures(entry: &Entry) -> Result<[String; 4], Text> {
    let times = entry.result.as_ref().map_err(Failure::words)?;
    let ms = milliseconds(times);
    let most = times.warm.last().copied().unwrap_or(times.cold).as_secs_f64() * 1e3;
    let brief = |ms: f64| if ms < 100.0 { format!("{ms:.1}") } else { format!("{ms:.0}") };
    Ok([
        if ms < 100.0 { format!("{ms:.2}") } else { format!("{ms:.0}") },
        format!("{}..{}", brief(times.least().as_secs_f64() * 1e3), brief(most)),
        format!("{:.1}", entry.work.operations() / ms / 1e6),
        format!("{:.0e}", times.error),
    ])
}

fn milliseconds(times: &Times) -> f64 {
    times.median().as_secs_f64() * 1e3
}

impl RaceWindow {
    /// The work.
    pub fn what(&self) -> Text {
        let w = self.work;
        Text::owned(
            format!(
                "{} 句 × {} 词，{} 个头 × {} 维 = 隐藏维度 {}：一层自注意力，fp32",
                w.batch,
                w.tokens,
                w.heads,
                w.features(),
                w.hidden
            ),
            format!(
                "{} sentence{} × {} words, {} head{} × {} = {} numbers a word, fp32",
                w.batch,
                if w.batch == 1 { "" } else { "s" },
                w.tokens,
                w.heads,
                if w.heads == 1 { "" } else { "s" },
                w.features(),
                w.hidden
            ),
        )
    }

    /// Who computes on the adapter's side; in brackets what the driver adds, where it is said `whole`.
    pub fn machine(&self, whole: bool) -> Text {
        let none = || Text::new("没有适配器，或者正在打开", "no adapter, or it is being opened");
        self.adapter.as_ref().map_or_else(none, |by| words::machine(by, whole))
    }

    /// Who the contenders are.
    pub const fn who() -> Text {
        Text::new(
            "ndarray-1、ndarray-all：CPU 用一个线程、用全部线程；ours：试跑后选中的那种写法",
            "ndarray-1, ndarray-all: the CPU on one thread and on all; ours: the kernel that a trial chose",
        )
    }

    /// What the figures of a contender are.
    pub const fn columns() -> [Text; 4] {
        [
            Text::new("中位 ms", "median ms"),
            Text::new("最快..最慢", "least..most"),
            Text::new("GFLOP/s", "GFLOP/s"),
            Text::new("误差", "error"),
        ]
    }

    /// A contender's name, and its figures or why there are none.
    pub fn row(entry: &Entry) -> (String, Result<[String; 4], Text>) {
        (name(entry.contender), figures(entry))
    }

    /// Who is running, how far the race is, and how long it will take.
    pub fn running(&self) -> Option<Text> {
        let Some(running) = self.running else { return self.between() };
        let (name, (n, of)) = (name(running), self.place);
        let (zh, en) = self.left().map_or_else(Default::default, |seconds| {
            (format!("，照前面的速度大约还要 {seconds} 秒"), format!(", about {seconds} s more at this pace"))
        });
        let n = n + 1;
        Some(Text::owned(
            format!("{name} 正在跑，第 {n} 个，共 {of} 个{zh}"),
            format!("{name} running, {n} of {of}{en}"),
        ))
    }

    /// What goes on while nobody runs.
    fn between(&self) -> Option<Text> {
        match (self.over, self.entries.is_empty()) {
            (false, true) => Some(Text::new(
                "正在抽数字、算核对用的参考、试跑选出一级……",
                "drawing the numbers, working the reference out, choosing a rung by trial ...",
            )),
            (true, _) if !self.searched && self.points.is_empty() => Some(Text::new(
                "正在量适配器的上限，然后找交叉点……",
                "measuring the adapter's roof, then looking for the crossing ...",
            )),
            _ => None,
        }
    }

    /// Seconds that those who have not come in will take, if each takes as long as those who have did on average.
    pub fn left(&self) -> Option<u64> {
        let took =
            |entry: &Entry| entry.result.as_ref().ok().map(|times| times.cold + times.warm.iter().sum::<Duration>());
        let times: Vec<Duration> = self.entries.iter().filter_map(took).collect();
        let mean = times.iter().sum::<Duration>() / u32::try_from(times.len()).ok().filter(|count| *count > 0)?;
        let (n, of) = self.place;
        Some((mean * u32::try_from(of.saturating_sub(n)).ok()?).as_secs_f64().ceil() as u64)
    }

    /// What is said under the times. Beside a plot that has the window for itself, only what the plot is about.
    pub fn told(&self) -> Vec<(Tone, Text)> {
        let plain = |words| (Tone::Plain, words);
        let verdict = if self.plot { Vec::new() } else { self.verdict() };
        let measured = self.crossing().into_iter().chain(self.split()).map(|words| (Tone::Strong, words));
        verdict.into_iter().map(plain).chain(measured).chain(self.notes().into_iter().map(plain)).collect()
    }

    /// Who is faster, as measured; nothing until all have come in.
    pub fn verdict(&self) -> Vec<Text> {
        let fastest = |cpu: bool| {
            let on = |entry: &&Entry| matches!(entry.contender, Contender::NdarrayOne | Contender::NdarrayAll) == cpu;
            let timed = self.entries.iter().filter(on).filter_map(|e| Some((milliseconds(e.result.as_ref().ok()?), e)));
            timed.min_by(|a, b| a.0.total_cmp(&b.0))
        };
        if !self.over {
            return Vec::new();
        }
        let mut words = vec![Text::new(
            "结果先和 f64 参考核对，对了才显示时间；只计计算，不含上传和读回（CPU 没有这两步）；首次运行里驱动要编译，单独画成 ░。",
            "Every result is checked against the f64 reference first. Only computing is timed, not upload and read-back, which the processor does without; the first run, in which the driver compiles, is drawn as ░.",
        )];
        match (fastest(true), fastest(false)) {
            (Some((cpu, _)), Some((gpu, best))) if gpu < cpu => {
                let times = short(cpu / gpu);
                words.push(Text::owned(
                    format!(
                        "这个规模上适配器（显卡或软件驱动）赢：{} 的速度是 CPU 的 {times} 倍。",
                        name(best.contender)
                    ),
                    format!(
                        "At this size the adapter wins: {} is {times} times as fast as the processor.",
                        name(best.contender)
                    ),
                ));
            }
            (Some((cpu, best)), Some((gpu, _))) => {
                let times = short(gpu / cpu);
                words.push(Text::owned(
                    format!("这个规模上 CPU 赢：{} 的速度是最快着色器的 {times} 倍。", name(best.contender)),
                    format!(
                        "At this size the processor wins: {} is {times} times as fast as the fastest shader.",
                        name(best.contender)
                    ),
                ));
            }
            _ => words.push(Text::new("只有 CPU 能跑：没有适配器。", "Only the processor ran: there is no adapter.")),
        }
        words
    }

    /// What these times cannot show; nothing until all have come in.
    pub fn notes(&self) -> Vec<Text> {
        let mut words = Vec::new();
        if !self.over {
            return words;
        }
        if self.adapter.as_ref().is_some_and(|by| by.kind == BackendKind::Software) {
            words.push(Text::new(
                "这里的适配器是软件：它就是这台机器的处理器。这场比赛看不出显卡能快多少。",
                "The adapter here is software: it is this machine's processor. This race cannot show what a GPU gains.",
            ));
        }
        if self.work.batch == 1 {
            words.push(Text::new(
                "ndarray-all 按句子分给线程：只有一句，就只用得上一个线程。",
                "ndarray-all shares sentences out to threads: with one sentence it is one thread.",
            ));
        }
        let chosen = self.entries.iter().find_map(|entry| match entry.contender {
            Contender::Ours(rung) => Some(rung),
            _ => None,
        });
        let twice = |rung| self.entries.iter().any(|entry| entry.contender == Contender::Rung(rung));
        if let Some(rung) = chosen.filter(|&rung| twice(rung)) {
            let name = rung.name();
            words.push(Text::owned(
                format!("ours 和 {name} 是同一个核函数，跑了两次：两行的差别是测量的起伏。"),
                format!(
                    "ours and {name} are one kernel, raced twice: what differs between their rows is the measuring."
                ),
            ));
        }
        words
    }

    /// From how many sentences on the adapter wins.
    pub fn crossing(&self) -> Option<Text> {
        let most = self.points.last()?.batch;
        let sizes = self.points.len();
        if !self.searched {
            return Some(Text::owned(
                format!("正在找交叉点……已经到 {most} 句"),
                format!("looking for the crossing ... {most} sentences so far"),
            ));
        }
        Some(match wins_from(&self.points) {
            Some(1) => Text::owned(
                format!("在这台机器上，从 1 句起就是适配器赢（测了 {sizes} 个规模，最多 {most} 句）。"),
                format!(
                    "On this machine the adapter wins from one sentence on ({sizes} sizes measured, up to {most})."
                ),
            ),
            Some(batch) => Text::owned(
                format!("在这台机器上，从 {batch} 句起适配器赢（测了 {sizes} 个规模，最多 {most} 句）。"),
                format!(
                    "On this machine the adapter wins from {batch} sentences on ({sizes} sizes measured, up to {most})."
                ),
            ),
            None => Text::owned(
                format!("在这台机器上，测过的 {sizes} 个规模里（最多 {most} 句），适配器都没有稳定地快过 CPU。"),
                format!(
                    "On this machine the adapter is never reliably faster than the CPU ({sizes} sizes measured, up to {most})."
                ),
            ),
        })
    }

    /// Where the time of one run of ours went.
    pub fn split(&self) -> Option<Text> {
        let ours = self.entries.iter().find(|entry| matches!(entry.contender, Contender::Ours(_)))?;
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

    /// Why the plot is empty, where it has the window for itself.
    pub(crate) fn no_plot(&self) -> Text {
        match (self.points.is_empty(), self.searched) {
            (true, true) => Text::new("没有可画的点：适配器没有跑", "nothing to plot: the adapter did not run"),
            (true, false) => Text::new("还没有点：先跑完这一场", "no points yet: the race comes first"),
            (false, _) => Text::new("窗口太矮，画不下", "the window is too low for the plot"),
        }
    }
}
