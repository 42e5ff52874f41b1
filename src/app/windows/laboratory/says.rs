//! What the laboratory says: the figures of the three ways to divide, what they mean, whether they are right.

use super::super::{Entry, Line, LineRow, Tone};
use super::LaboratoryWindow;
use crate::app::words;
use crate::ground::lang::Text;
use crate::study::scaling::{KEYS, Outcome, SATURATED, Scores};

/// The three ways to divide.
pub const WAYS: [&str; 3] = ["q·k", "q·k / √d", "q·k / d"];

/// What the figures of a way are.
pub const FIGURES: [Text; 5] = [
    Text::new("σ（理论）", "σ (theory)"),
    Text::new("最大权重", "largest"),
    Text::new("熵", "entropy"),
    Text::new("梯度中位", "gradient"),
    Text::new("饱和行", "saturated"),
];

/// Everything, line by line.
pub(super) fn lines(laboratory: &LaboratoryWindow) -> Vec<Line> {
    let mut lines = vec![Line::Heading(laboratory.what())];
    lines.extend(laboratory.under_way().map(|words| Line::Say(Tone::Key, words)));
    if let Some(seen) = laboratory.seen() {
        lines.push(Line::Columns(FIGURES.to_vec()));
        lines.extend(seen.with_theory().into_iter().zip(WAYS).map(|((scores, theory), way)| {
            let entries = figures(scores, theory).map(|number| Entry::words(Text::same(number)));
            Line::Row(LineRow { name: Text::same(way), chosen: false, entries: entries.to_vec() })
        }));
        lines.extend(LaboratoryWindow::tell(seen).into_iter().map(Line::say));
    }
    lines.extend(laboratory.verdict(true).map(|(tone, words)| Line::Say(tone, words)));
    lines
}

/// The figures of one way to divide as they are written.
pub fn figures(scores: &Scores, theory: f64) -> [String; 5] {
    let Scores { sigma, largest, entropy, median, saturated, .. } = scores;
    [
        format!("{sigma:.3} ({theory:.3})"),
        format!("{largest:.3}"),
        format!("{entropy:.3}"),
        format!("{median:.3}"),
        format!("{:.1} %", 100.0 * saturated),
    ]
}

impl LaboratoryWindow {
    /// What is drawn.
    pub fn what(&self) -> Text {
        let (d, pairs, seed, of_sample) = (self.wanted.d(), self.wanted.pairs(), self.wanted.seed(), self.of_sample);
        Text::owned(
            format!("随机抽 {pairs} 对 q 和 k，各有 {d} 个数（这个样例 d = {of_sample}）；种子 {seed}"),
            format!("{pairs} random q and k of {d} numbers (this sample: d = {of_sample}); seed {seed}"),
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
        // As the figures above write them.
        let written = |x: f64| format!("{x:.3}");
        let percent = |x: f64| format!("{:.0}%", 100.0 * x);
        let Outcome { raw, by_sqrt_d, by_d, .. } = seen;
        let bounds = Text::owned(
            format!(
                "右边是前 {KEYS} 对的权重，一行 {KEYS} 个分数，每个分数来自自己的一对 q、k。σ 是标准差，分数起伏多大；最大权重从 1/{KEYS}（都一样）到 1（一个独占）；\
                 熵说权重分得多散，从 2.08 到 0；梯度是 softmax 的雅可比矩阵（每个权重随每个分数变多快）的范数，取各行的中位数；饱和行是梯度不到 {SATURATED} 的行，几乎学不动。"
            ),
            format!(
                "At the right, the weights of the first {KEYS} pairs: a row of {KEYS} scores, each of a q and k of its own. σ is the standard deviation, how \
                 far scores spread; the largest weight runs from 1/{KEYS} (all alike) to 1 (one takes everything); entropy, how far weights are spread out, from 2.08 to 0; the gradient is the norm of softmax's \
                 Jacobian, how fast each weight moves with each score, of the median row; saturated are rows with less than {SATURATED}, which hardly learn."
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
        let saturated = format!("{:.1} %", 100.0 * raw.saturated);
        let (sigma, largest, gradient) = (written(raw.sigma), percent(raw.largest), written(raw.median));
        let undivided = Text::owned(
            format!(
                "不除：σ 跟着 √d 长到 {sigma}，{KEYS} 个键里最大的一个平均拿走 {largest}，梯度中位数 {gradient}，{saturated} 的行几乎没有梯度{}",
                if tipped { "：softmax 饱和了。" } else { "；d 再大，softmax 就会饱和。" }
            ),
            format!(
                "Undivided, σ grows with √d to {sigma}: the largest of {KEYS} weights takes {largest}, the median gradient is {gradient}, and {saturated} of the rows have hardly any. {}",
                if tipped { "Softmax has saturated." } else { "With more d it will saturate." }
            ),
        );
        let (sigma, largest) = (written(by_sqrt_d.sigma), percent(by_sqrt_d.largest));
        let gradient = written(by_sqrt_d.median);
        let rooted = Text::owned(
            format!(
                "除以 √d：σ 是 {sigma}，d 多大都约是 1；最大的键拿 {largest}，有主有次；梯度中位数 {gradient}，梯度也还在。"
            ),
            format!(
                "Divided by √d, σ is {sigma}, about 1 for every d: the largest weight takes {largest}. Weights differ, and gradients still pass (median {gradient})."
            ),
        );
        let (sigma, largest) = (written(by_d.sigma), percent(by_d.largest));
        let even = by_d.largest < 0.16;
        let whole = Text::owned(
            format!(
                "除以 d：σ 缩到 {sigma}，最大的键也只拿 {largest}{}",
                if even {
                    "，平分是 13%：分不出主次，成了取平均。"
                } else {
                    "；d 再大就和平分没有两样了。"
                }
            ),
            format!(
                "Divided by d, σ shrinks to {sigma}: the largest weight takes {largest}{}",
                if even {
                    ", an equal share is 13%: none stands out, attention takes the plain average."
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
