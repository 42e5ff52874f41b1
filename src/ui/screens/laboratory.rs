//! `d`: the √d laboratory. Random scores as they are, ÷√d and ÷d, and what softmax makes of them over eight keys.
//!
//! ```text
//!  d = 64   100000 random q·k                                              seed 1
//!             σ (theory)         largest   entropy   gradient   |x| > 8
//!  q·k        7.987 (8.000)        0.877     0.313      0.149      31.7 %
//!       ▁▁▁▁▁▂▂▂▂▂▂▂▂▂▂▂▁▁▁▁▁                                            █
//!  q·k / √d   0.998 (1.000)        0.361     1.723      0.365       0.0 %
//!                ▂▄▇█▇▄▂                                             ▁▃█▁▂▁▁▂
//!  …
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::footer;
use crate::app::{Laboratory, Model};
use crate::ground::lang::{Lang, Text};
use crate::ground::number::short;
use crate::ground::text;
use crate::program::Role;
use crate::study::scaling::{Histogram, KEYS, Outcome, Scores};
use crate::ui::theme::Theme;
use crate::ui::widgets::{Popup, bar, put};

/// A full bar of a histogram: this share of all scores in one bin, about as many as a unit normal has at its peak.
const PEAK: f64 = 0.1;

/// Lines beside the three histograms and the words: what is drawn, the headings, three rows of numbers, the axis.
const AROUND: u16 = 2 + 3 + 1;

/// Lines of words and the verdict, on a small screen and on one with room for all of them.
const WORDS: [u16; 2] = [7, 11];

/// Lines of a histogram, at most.
const TALLEST: u16 = 12;

/// Columns of the numbers above a histogram, and where they end.
const NUMBERS: [(Text, u16); 5] = [
    (Text::new("σ（理论）", "σ (theory)"), 27),
    (Text::new("最大权重", "largest"), 37),
    (Text::new("熵", "entropy"), 46),
    (Text::new("梯度", "gradient"), 56),
    (Text::new("|x| > 8", "|x| > 8"), 67),
];

/// Columns between a histogram and the weights beside it, at least.
const BETWEEN: u16 = 3;

/// Columns of the bar of a weight, at most, and one more to its neighbour where there is room.
const WEIGHT: u16 = 4;

/// Columns of the bars on a screen of some width.
#[derive(Clone, Copy)]
struct Bars {
    /// Of a bin.
    bin: u16,
    /// Of a weight, with what is left empty beside it.
    weight: u16,
    /// Where the weights begin.
    weights: u16,
}

impl Bars {
    fn of(bins: usize, room: u16) -> Self {
        let (bins, keys) = (bins as u16, KEYS as u16);
        let bin = if room >= 2 * (bins + keys) + BETWEEN { 2 } else { 1 };
        let left = room.saturating_sub(bin * bins);
        let weight = (left.saturating_sub(BETWEEN) / keys).clamp(1, WEIGHT);
        let gap = left.saturating_sub(weight * keys).clamp(BETWEEN, 2 * BETWEEN + 2);
        Self { bin, weight, weights: bin * bins + gap }
    }

    /// Where the weights end.
    const fn end(self) -> u16 {
        self.weights + self.weight * KEYS as u16 - self.between()
    }

    /// Empty columns between two weights.
    const fn between(self) -> u16 {
        if self.weight > 1 { 1 } else { 0 }
    }
}

pub(in crate::ui) fn draw(model: &Model, theme: Theme, lab: &Laboratory, area: Rect, buffer: &mut Buffer) {
    let title = match model.settings.lang {
        Lang::Zh => "√d 实验室   ←→ d 减一加一  ↑↓ 翻倍减半  Home End 到头  r 重抽  Esc 关闭",
        Lang::En => "√d   Left Right: d by one  Up Down: powers of 2  Home End  r: others  Esc",
    };
    let window = Popup { title: &super::signs(model, title), width: area.width, height: area.height };
    let inside = window.draw(theme, area, buffer);
    what(model, theme, lab, inside, buffer);
    let Some(seen) = lab.seen() else { return };
    let words_lines = if inside.height < 28 { WORDS[0] } else { WORDS[1] };
    let tall = (inside.height.saturating_sub(AROUND + words_lines) / 3).clamp(1, TALLEST);
    let bars = Bars::of(seen.raw.histogram.counts.len(), inside.width);
    headings(model, theme, bars, inside, buffer);
    let mut y = inside.y + 2;
    for ((scores, theory), way) in seen.with_theory().into_iter().zip(["q·k", "q·k / √d", "q·k / d"]) {
        let place = Rect { y, height: tall + 1, ..inside };
        row(model, theme, (scores, theory), (way, seen.drawn), (tall, bars), place, buffer);
        y += tall + 1;
    }
    axis(seen, theme, bars, Rect { y, height: 1, ..inside }, buffer);
    let below = Rect { y: y + 1, height: inside.bottom().saturating_sub(y + 1), ..inside };
    words(model, theme, lab, seen, below, buffer);
}

/// `d = 64   100000 random pairs …`, and how far that is.
fn what(model: &Model, theme: Theme, lab: &Laboratory, area: Rect, buffer: &mut Buffer) {
    let (d, pairs, seed) = (lab.wanted.d(), lab.wanted.pairs(), lab.wanted.seed());
    let x = put(buffer, area, area.x, area.y, &format!("d = {d:<4}"), theme.strong());
    let words = match model.settings.lang {
        Lang::Zh => format!("随机抽 {pairs} 对 q 和 k，各有 {d} 个数；种子 {seed}"),
        Lang::En => format!("{pairs} random pairs of q and k, {d} numbers each; seed {seed}"),
    };
    put(buffer, area, x + 2, area.y, &super::signs(model, &words), theme.ground());
    let drawn = lab.seen().filter(|seen| seen.experiment == lab.wanted).map_or(0, |seen| seen.drawn);
    if drawn < pairs && lab.failed.is_none() {
        let percent = 100 * drawn / pairs;
        let words = match model.settings.lang {
            Lang::Zh => format!("正在抽 {percent}%"),
            Lang::En => format!("drawing {percent}%"),
        };
        put(buffer, area, area.right() - text::columns(&words) as u16, area.y, &words, theme.key());
    }
}

fn headings(model: &Model, theme: Theme, bars: Bars, area: Rect, buffer: &mut Buffer) {
    for (heading, end) in NUMBERS {
        right(buffer, area, end, area.y + 1, &super::signs(model, model.say(&heading)), theme.dim());
    }
    let weights = Text::new("权重", "weights");
    right(buffer, area, bars.end(), area.y + 1, model.say(&weights), theme.dim());
}

/// Words that end at a column of an area.
fn right(buffer: &mut Buffer, area: Rect, end: u16, y: u16, words: &str, style: Style) {
    put(buffer, area, area.x + end.saturating_sub(text::columns(words) as u16), y, words, style);
}

/// One way to divide: its numbers, its histogram, and the weights of its first row.
fn row(
    model: &Model,
    theme: Theme,
    (scores, theory): (&Scores, f64),
    (way, drawn): (&str, usize),
    (tall, bars): (u16, Bars),
    area: Rect,
    buffer: &mut Buffer,
) {
    put(buffer, area, area.x, area.y, &super::signs(model, way), theme.strong());
    let Scores { sigma, largest, entropy, gradient, histogram, .. } = scores;
    let beyond = f64::from(histogram.below + histogram.above) / drawn.max(1) as f64;
    let numbers = [
        format!("{sigma:.3} ({theory:.3})"),
        format!("{largest:.3}"),
        format!("{entropy:.3}"),
        format!("{gradient:.3}"),
        format!("{:.1} %", 100.0 * beyond),
    ];
    for (number, (_, end)) in numbers.iter().zip(NUMBERS) {
        right(buffer, area, end, area.y, number, theme.ground());
    }
    let picture = Rect { y: area.y + 1, height: tall, ..area };
    let mut x = area.x;
    for &count in &histogram.counts {
        let share = f64::from(count) / drawn.max(1) as f64 / PEAK;
        bar(buffer, picture, (x, bars.bin), share, theme, theme.role(Role::Score));
        x += bars.bin;
    }
    let mut x = area.x + bars.weights;
    for &weight in &scores.row {
        bar(buffer, picture, (x, bars.weight - bars.between()), weight, theme, theme.role(Role::Weight));
        x += bars.weight;
    }
}

/// `-8      -4       0 …` under the histograms.
fn axis(seen: &Outcome, theme: Theme, bars: Bars, area: Rect, buffer: &mut Buffer) {
    let histogram: &Histogram = &seen.raw.histogram;
    for (bin, _) in histogram.counts.iter().enumerate().step_by(16) {
        let words = short(histogram.middle(bin));
        let middle = area.x + bin as u16 * bars.bin + bars.bin / 2;
        let x = middle.saturating_sub(words.len() as u16 / 2).max(area.x);
        put(buffer, area, x, area.y, &words, theme.dim());
    }
    let words = format!("1-{KEYS}");
    right(buffer, area, bars.end(), area.y, &words, theme.dim());
}

/// What the numbers say, and whether they are right.
fn words(model: &Model, theme: Theme, lab: &Laboratory, seen: &Outcome, area: Rect, buffer: &mut Buffer) {
    let mut y = area.y;
    let room = area.bottom().saturating_sub(1);
    for text in tell(seen) {
        let lines = text::wrap(&super::signs(model, model.say(&text)), usize::from(area.width));
        if y + lines.len() as u16 > room {
            break;
        }
        for line in lines {
            put(buffer, area, area.x, y, &line, theme.ground());
            y += 1;
        }
    }
    if let Some((words, style)) = verdict(model, theme, lab) {
        put(buffer, area, area.x, room, &super::signs(model, &words), style);
    }
}

/// What the numbers say.
fn tell(seen: &Outcome) -> Vec<Text> {
    let percent = |x: f64| format!("{:.0}%", 100.0 * x);
    let Outcome { raw, by_sqrt_d, by_d, .. } = seen;
    let bounds = Text::owned(
        format!(
            "右边是前 {KEYS} 对的权重。最大权重从 1/{KEYS}（都一样）到 1（一个独占），熵从 2.08 到 0；\
             梯度是 softmax 的雅可比矩阵的范数，0 就学不动了。三者都是各行的平均。"
        ),
        format!(
            "At the right, the weights of the first {KEYS} pairs. The largest weight runs from 1/{KEYS} (all alike) to 1 (one \
             takes everything), entropy from 2.08 to 0; the gradient is the norm of softmax's Jacobian: at 0 nothing \
             can be learned. All three are means over rows."
        ),
    );
    if seen.experiment.d() == 1 {
        let same = Text::new(
            "d = 1 时 √d 和 d 都是 1，三种除法是一回事。按 ↑ 把 d 加大，看它们怎么分开。",
            "At d = 1 both √d and d are 1: the three are the same. Press Up and see them part.",
        );
        return vec![same, bounds];
    }
    let tipped = raw.largest > 0.8;
    let (sigma, largest, gradient) = (short(raw.sigma), percent(raw.largest), short(raw.gradient));
    let undivided = Text::owned(
        format!(
            "不除：σ 跟着 √d 长到 {sigma}，{KEYS} 个键里最大的一个平均拿走 {largest}，梯度 {gradient}{}",
            if tipped { "：softmax 一边倒，几乎学不动。" } else { "；d 再大就要一边倒了。" }
        ),
        format!(
            "Undivided, σ grows with √d to {sigma}: the largest of {KEYS} weights takes {largest}, gradient {gradient}. {}",
            if tipped { "Softmax has tipped over and hardly learns." } else { "With more d it will tip over." }
        ),
    );
    let (sigma, largest) = (short(by_sqrt_d.sigma), percent(by_sqrt_d.largest));
    let rooted = Text::owned(
        format!("除以 √d：σ 是 {sigma}，d 多大都是 1；最大的键拿 {largest}，有轻有重，也学得动。"),
        format!(
            "Divided by √d, σ is {sigma}, and 1 for every d: the largest weight takes {largest}. Some count more, all can learn."
        ),
    );
    let (sigma, largest) = (format!("{:.3}", by_d.sigma), percent(by_d.largest));
    let even = by_d.largest < 0.16;
    let whole = Text::owned(
        format!(
            "除以 d：σ 缩到 {sigma}，最大的键也只拿 {largest}{}",
            if even {
                "，平分是 13%：谁也选不出来，成了取平均。"
            } else {
                "；d 再大就和平分没有两样了。"
            }
        ),
        format!(
            "Divided by d, σ shrinks to {sigma}: the largest weight takes {largest}{}",
            if even {
                ", an equal share is 13%: nobody is chosen, attention takes the plain average."
            } else {
                "; with more d there will be nothing but equal shares."
            }
        ),
    );
    vec![undivided, rooted, whole, bounds]
}

/// Whether the numbers are right, and who drew them; nothing until all are drawn.
fn verdict(model: &Model, theme: Theme, lab: &Laboratory) -> Option<(String, Style)> {
    let zh = model.settings.lang == Lang::Zh;
    if let Some(why) = &lab.failed {
        let words = if zh {
            format!("✗ 没有抽成：{}", why.zh)
        } else {
            format!("✗ nothing could be drawn: {}", why.en)
        };
        return Some((words, theme.bad()));
    }
    let done = lab.finished.as_ref()?;
    let (checked, worst) = (done.verdict.checked, done.verdict.worst.max(done.verdict.figures));
    let machine = footer::machine(model, &done.by);
    Some(match (done.verdict.ok(), zh) {
        (true, true) => (format!("✓ 抽查 {checked} 对，误差最大 {worst:.1e}   {machine}"), theme.good()),
        (true, false) => (format!("✓ {checked} pairs checked, worst {worst:.1e}   {machine}"), theme.good()),
        (false, true) => (format!("✗ 与参考不符，误差 {worst:.1e}   {machine}"), theme.bad()),
        (false, false) => (format!("✗ differs from the reference by {worst:.1e}   {machine}"), theme.bad()),
    })
}
