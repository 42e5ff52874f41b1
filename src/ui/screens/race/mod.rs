//! `R`: the race. Bars come as runs finish; who is checked, how fast, and who wins at this size.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

mod crossing;

use super::footer;
use crate::app::{Model, Track};
use crate::ground::fault::Failure;
use crate::ground::lang::{Lang, Text};
use crate::ground::number::short;
use crate::ground::text;
use crate::program::Role;
use crate::study::race::{Contender, Entry, Times};
use crate::ui::theme::Theme;
use crate::ui::widgets::{Popup, put};

/// Where the columns of a row begin or end.
const NAME: u16 = 18;
const MEDIAN: u16 = 29;
const SPREAD: u16 = 41;
const SPEED: u16 = 51;
const ERROR: u16 = 60;
const BAR: u16 = 62;

/// The shortest time that a bar shows, in ms; each further column is the same factor.
const SHORTEST: f64 = 0.05;

/// The longest, in ms.
const LONGEST: f64 = 20_000.0;

pub(in crate::ui) fn draw(model: &Model, theme: Theme, track: &Track, area: Rect, buffer: &mut Buffer) {
    let title = match model.settings.lang {
        Lang::Zh => "赛跑   ←→ 词数  ↑↓ 句数  , . 头数  [ ] 维数 d  Tab 曲线  r 再跑  Esc 关闭",
        Lang::En => "race  ←→ words  ↑↓ sentences  , . heads  [ ] d  Tab plot  r again  Esc closes",
    };
    let window = Popup { title: &super::signs(model, title), width: area.width, height: area.height };
    let inside = window.draw(theme, area, buffer);
    let say = |text: &Text| super::signs(model, model.say(text));
    let w = track.work;
    let what = Text::owned(
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
    );
    put(buffer, inside, inside.x, inside.y, &say(&what), theme.strong());
    let none = || say(&Text::new("没有适配器，或者正在打开", "no adapter, or it is being opened"));
    let adapter = track.adapter.as_ref().map_or_else(none, |by| footer::machine(model, by));
    put(buffer, inside, inside.x, inside.y + 1, &adapter, theme.dim());
    if track.plot {
        let rest = Rect { y: inside.y + 3, height: inside.height.saturating_sub(3), ..inside };
        crossing::draw(model, theme, track, rest, buffer);
        return;
    }
    let who = Text::new(
        "ndarray-1、ndarray-all：CPU 用一个线程、用全部线程；ours：试跑后选中的那一级",
        "ndarray-1, ndarray-all: the CPU on one thread and on all; ours: the rung that a trial chose",
    );
    if text::columns(&say(&who)) <= usize::from(inside.width) {
        put(buffer, inside, inside.x, inside.y + 2, &say(&who), theme.dim());
    }
    let headings = [
        (Text::new("中位 ms", "median ms"), MEDIAN),
        (Text::new("最快..最慢", "least..most"), SPREAD),
        (Text::new("GFLOP/s", "GFLOP/s"), SPEED),
        (Text::new("误差", "error"), ERROR),
    ];
    for (heading, end) in headings {
        let words = say(&heading);
        put(buffer, inside, inside.x + end - text::columns(&words) as u16, inside.y + 3, &words, theme.dim());
    }
    let bars = if inside.width >= BAR + 24 {
        Text::new("时间（对数） ░ 首次", "time (log)  ░ the first run")
    } else {
        Text::new("时间  ░ 首次", "time  ░ first")
    };
    put(buffer, inside, inside.x + BAR, inside.y + 3, &say(&bars), theme.dim());
    let mut y = inside.y + 4;
    for entry in &track.entries {
        row(model, theme, entry, Rect { y, height: 1, ..inside }, buffer);
        y += 1;
    }
    if let Some(running) = track.running {
        let words = format!("{} {}", name(running), say(&Text::new("正在跑……", "running ...")));
        put(buffer, inside, inside.x, y, &words, theme.key());
    }
    y = (y + 2).min(inside.bottom());
    for words in verdict(track) {
        for line in text::wrap(&say(&words), usize::from(inside.width)) {
            put(buffer, inside, inside.x, y, &line, theme.ground());
            y += 1;
        }
    }
    crossing::draw(model, theme, track, Rect { y, height: inside.bottom().saturating_sub(y), ..inside }, buffer);
}

fn name(contender: Contender) -> String {
    match contender {
        Contender::Ours(rung) => format!("ours ({})", rung.name()),
        other => other.to_string(),
    }
}

fn row(model: &Model, theme: Theme, entry: &Entry, area: Rect, buffer: &mut Buffer) {
    let cpu = matches!(entry.contender, Contender::NdarrayOne | Contender::NdarrayAll);
    let style = theme.role(if cpu { Role::Key } else { Role::Weight });
    put(buffer, area, area.x, area.y, &name(entry.contender), style);
    let times = match &entry.result {
        Ok(times) => times,
        Err(why) => {
            put(buffer, area, area.x + NAME + 1, area.y, &super::signs(model, model.say(&why.words())), theme.dim());
            return;
        }
    };
    let right = |buffer: &mut Buffer, end: u16, words: &str| {
        put(buffer, area, area.x + end - (text::columns(words) as u16).min(end), area.y, words, theme.ground());
    };
    let ms = milliseconds(times);
    let most = times.warm.last().copied().unwrap_or(times.cold).as_secs_f64() * 1e3;
    let brief = |ms: f64| if ms < 100.0 { format!("{ms:.1}") } else { format!("{ms:.0}") };
    right(buffer, MEDIAN, &if ms < 100.0 { format!("{ms:.2}") } else { format!("{ms:.0}") });
    right(buffer, SPREAD, &format!("{}..{}", brief(times.least().as_secs_f64() * 1e3), brief(most)));
    right(buffer, SPEED, &format!("{:.1}", entry.work.operations() / ms / 1e6));
    right(buffer, ERROR, &format!("{:.0e}", times.error));
    let room = f64::from(area.width.saturating_sub(BAR));
    let share = |ms: f64| (ms.clamp(SHORTEST, LONGEST) / SHORTEST).ln() / (LONGEST / SHORTEST).ln();
    // The first run, in which the driver compiles, behind the warm ones.
    for (sign, ms, style) in [("░", times.cold.as_secs_f64() * 1e3, theme.dim()), ("█", ms, style)] {
        let bar = sign.repeat((share(ms) * room).round().max(1.0) as usize);
        put(buffer, area, area.x + BAR, area.y, &bar, style);
    }
}

fn milliseconds(times: &Times) -> f64 {
    times.median().as_secs_f64() * 1e3
}

/// Who is faster, as measured; nothing until all have come in.
fn verdict(track: &Track) -> Vec<Text> {
    let fastest = |cpu: bool| {
        let on = |entry: &&Entry| matches!(entry.contender, Contender::NdarrayOne | Contender::NdarrayAll) == cpu;
        let timed = track.entries.iter().filter(on).filter_map(|e| Some((milliseconds(e.result.as_ref().ok()?), e)));
        timed.min_by(|a, b| a.0.total_cmp(&b.0))
    };
    if !track.over {
        return Vec::new();
    }
    let mut words = vec![Text::new(
        "每个结果都先和 f64 参考核对，对了才显示时间；时间不含上传和读回；首次运行里驱动要编译，单独画成 ░。",
        "Every result is compared with the f64 reference before its time is shown. Upload and read-back are not counted; the first run, in which the driver compiles, is drawn as ░.",
    )];
    match (fastest(true), fastest(false)) {
        (Some((cpu, _)), Some((gpu, best))) if gpu < cpu => {
            let times = short(cpu / gpu);
            words.push(Text::owned(
                format!("这个规模上适配器赢：{} 的速度是 CPU 的 {times} 倍。", name(best.contender)),
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
