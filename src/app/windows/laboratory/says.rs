//! What the laboratory says: the figures of the three ways to divide, what they mean, whether they are right.

use super::super::{Entry, Line, LineRow, Tone};
use super::LaboratoryWindow;
use crate::app::words;
use crate::ground::lang::Text;
use crate::ground::number::short;
use crate::study::scaling::{KEYS, Outcome, Scores};

/// The three ways to divide.
pub const WAYS: [&str; 3] = ["q·k", "q·k / √d", "q·k / d"];

/// What the figures of a way are.
pub const FIGURES: [Text; 5] = [
    Text::new("σ（理论）", "σ (theory)"),
    Text::new("最大权重", "largest"),
    Text::new("熵", "entropy"),
    Text::new("梯度", "gradient"),
    Text::new("|x| > 8", "|x| > 8"),
];

/// Everything, line by line.
pub(super) fn lines(laboratory: &LaboratoryWindow) -> Vec<Line> {
    let mut lines = vec![Line::Heading(laboratory.what())];
    lines.extend(laboratory.under_way().map(|words| Line::Say(Tone::Key, words)));
    if let Some(seen) = laboratory.seen() {
        lines.push(Line::Columns(FIGURES.to_vec()));
        lines.extend(seen.with_theory().into_iter().zip(WAYS).map(|((scores, theory), way)| {
            let entries = figures(scores, theory, seen.drawn).map(|number| Entry::words(Text::same(number)));
            Line::Row(LineRow { name: Text::same(way), chosen: false, entries: entries.to_vec() })
        }));
        lines.extend(LaboratoryWindow::tell(seen).into_iter().map(Line::say));
    }
    lines.extend(laboratory.verdict(true).map(|(tone, words)| Line::Say(tone, words)));
    lines
}

/// The figures of one way to divide as they are written.
pub fn figures(scores: &Scores, theory: f64, drawn: usize) -> [String; 5] {
    let Scores { sigma, largest, entropy, gradient, histogram, .. } = scores;
    let beyond = f64::from(histogram.below + histogram.above) / drawn.max(1) as f64;
    [
        format!("{sigma:.3} ({theory:.3})"),
        format!("{largest:.3}"),
        format!("{entropy:.3}"),
        format!("{gradient:.3}"),
        format!("{:.1} %", 100.0 * beyond),
    ]
}

impl LaboratoryWindow {
    /// What is drawn.
    pub fn what(&self) -> Text {
        let (d, pairs, seed) = (self.wanted.d(), self.wanted.pairs(), self.wanted.seed());
        Text::owned(
            format!("随机抽 {pairs} 对 q 和 k，各有 {d} 个数；种子 {seed}"),
            format!("{pairs} random pairs of q and k, {d} numbers each; seed {seed}"),
        )
    }

    /// How far that is; nothing once it is done.
    pub fn under_way(&self) -> Option<Text> {
        let pairs = self.wanted.pairs();
        let drawn = self.seen().filter(|seen| seen.experiment == self.wanted).map_or(0, |seen| seen.drawn);
        let percent = 100 * drawn / pairs;
        let goes_on = drawn < pairs && self.failed.is_none();
        goes_on.then(|| Text::owned(format!("正在抽 {percent}%"), format!("drawing {percent}%")))
    }

    /// What the numbers say, while or after they are drawn.
    pub fn tell(seen: &Outcome) -> Vec<Text> {
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
    pub fn verdict(&self, whole: bool) -> Option<(Tone, Text)> {
        if let Some(why) = &self.failed {
            let words = Text::owned(format!("✗ 没有抽成：{}", why.zh), format!("✗ nothing could be drawn: {}", why.en));
            return Some((Tone::Bad, words));
        }
        let done = self.finished.as_ref()?;
        let (checked, worst) = (done.verdict.checked, done.verdict.worst.max(done.verdict.figures));
        let Text { zh, en } = words::machine(&done.by, whole);
        Some(if done.verdict.ok() {
            let words = Text::owned(
                format!("✓ 抽查 {checked} 对，误差最大 {worst:.1e}   {zh}"),
                format!("✓ {checked} pairs checked, worst {worst:.1e}   {en}"),
            );
            (Tone::Good, words)
        } else {
            let words = Text::owned(
                format!("✗ 与参考不符，误差 {worst:.1e}   {zh}"),
                format!("✗ differs from the reference by {worst:.1e}   {en}"),
            );
            (Tone::Bad, words)
        })
    }
}
