//! What the theatre says: how far it is, and whether the heads have found what there is to find.

use super::TheatreWindow;
use crate::app::windows::{Line, Tone};
use crate::ground::lang::Text;
use crate::ground::number::short;
use crate::program::{HeadPlace, Kind};
use crate::study::train::{EMERGED, Moment};

/// Everything: the task, how far it is, what each pattern has come to, and what to do now.
pub(super) fn lines(window: &TheatreWindow) -> Vec<Line> {
    let mut lines = vec![Line::say(window.task.says()), Line::Exact(Tone::Strong, window.now())];
    lines.extend(window.patterns().into_iter().map(|(tone, words)| Line::Exact(tone, words)));
    let (tone, words) = window.onwards();
    lines.push(Line::Say(tone, words));
    lines
}

impl TheatreWindow {
    /// `seed 1   η = 0.01   step 60   loss 0.231   97.5 % right on sentences kept back`
    pub fn now(&self) -> Text {
        let right = |right: f64| {
            Text::owned(format!("没学过的句子对了 {right:.1} %"), format!("{right:.1} % right on sentences kept back"))
        };
        self.told("   ", right)
    }

    /// The same where there is little room: `seed 1  η = 0.01  step 60  loss 0.231  97.5 % right`
    pub fn now_in_short(&self) -> Text {
        self.told("  ", |right| Text::owned(format!("对了 {right:.1} %"), format!("{right:.1} % right")))
    }

    fn told(&self, gap: &str, right: impl Fn(f64) -> Text) -> Text {
        let (seed, rate) = (self.seed, short(f64::from(self.rate)));
        let mut parts =
            vec![Text::owned(format!("种子 {seed}"), format!("seed {seed}")), Text::same(format!("η = {rate}"))];
        if let Some(moment) = self.moment() {
            let step = moment.checkpoint.step;
            parts.push(Text::owned(format!("第 {step} 步"), format!("step {step}")));
            let loss = moment.checkpoint.losses.last();
            parts.extend(loss.map(|loss| Text::owned(format!("损失 {loss:.3}"), format!("loss {loss:.3}"))));
            parts.push(right(100.0 * moment.evaluation.accuracy));
        }
        let joined = |word: fn(&Text) -> &str| parts.iter().map(word).collect::<Vec<_>>().join(gap);
        Text::owned(joined(|part| &part.zh), joined(|part| &part.en))
    }

    /// For each pattern of the task the head that is nearest to it, and whether that is near enough.
    pub fn patterns(&self) -> Vec<(Tone, Text)> {
        let Some(moment) = self.moment() else { return Vec::new() };
        let found = |pattern: &crate::study::train::Pattern| {
            let best = moment.evaluation.best(pattern.name)?;
            let (share, name) = (100.0 * best.value, self.name(best.place));
            let emerged = best.value >= EMERGED;
            let (zh, en) = if emerged { ("成形了", "it has emerged") } else { ("还没成形", "not there yet") };
            let tone = if emerged { Tone::Good } else { Tone::Dim };
            Some((
                tone,
                Text::owned(
                    format!("{}：头 {} 有 {share:.0} % 的注意力在该看的地方，{zh}", pattern.title.zh, name.zh),
                    format!(
                        "{}: head {} looks where it should with {share:.0} % of its attention, {en}",
                        pattern.title.en, name.en
                    ),
                ),
            ))
        };
        self.task.patterns().iter().filter_map(found).collect()
    }

    /// `2.1`: the first head of the second layer; of a translator, where its layer stands.
    pub fn name(&self, head: HeadPlace) -> Text {
        let number = head.to_string().replace("layer", "");
        let (layers, layer) = (self.task.sizes().layers, head.layer.map_or(0, |layer| layer.0));
        match self.task.kind() {
            Kind::Translator if layer < layers => Text::new("编码", "enc."),
            Kind::Translator if layer < 2 * layers => Text::new("解码", "dec."),
            Kind::Translator => Text::new("交叉", "cross"),
            _ => Text::same(number),
        }
    }

    /// What goes on, or what to press.
    pub fn onwards(&self) -> (Tone, Text) {
        if let Some(why) = &self.failed {
            return (Tone::Bad, why.clone());
        }
        let Some(moment) = self.moment() else {
            return (Tone::Key, Text::new("正在准备……", "getting ready ..."));
        };
        if let Some(trouble) = &moment.trouble {
            let (began, advice, step) = (&trouble.began, trouble.advice(), trouble.step);
            return (
                Tone::Bad,
                Text::owned(
                    format!("第 {step} 步算坏了：{}。{}", began.zh, advice.zh),
                    format!("Step {step} broke: {}. {}", began.en, advice.en),
                ),
            );
        }
        if let Some(until) = self.until {
            return (
                Tone::Key,
                Text::owned(format!("正在学，到第 {until} 步停下来"), format!("learning, up to step {until}")),
            );
        }
        (Tone::Plain, self.paused(moment))
    }

    /// What can be done while it pauses.
    fn paused(&self, moment: &Moment) -> Text {
        let usual = self.task.recipe().steps;
        let step = moment.checkpoint.step;
        if self.at + 1 < self.moments.len() {
            return Text::new(
                "这是从前的时刻：按空格从这里重新学，End 回到最后",
                "an earlier moment: Space learns anew from here, End goes back to the last",
            );
        }
        if step == 0 {
            return Text::new(
                "还什么都没学，注意力是乱的。按空格开始",
                "Nothing is learned yet, attention goes anywhere. Space begins",
            );
        }
        let emerged = self
            .task
            .patterns()
            .iter()
            .all(|pattern| moment.evaluation.best(pattern.name).is_some_and(|best| best.value >= EMERGED));
        match (step >= usual, emerged, moment.evaluation.accuracy >= 0.95) {
            (_, true, true) => Text::new(
                "学会了。← 倒回去看它是哪一刻成形的，Enter 走进去看，:save 文件名 存成样例",
                "Learned. ← goes back to when it took shape, Enter walks in, :save FILE keeps it as a sample",
            ),
            (true, false, true) => Text::new(
                "它会做了，可是头的样子和我们想的不一样：学习不保证走我们想的路。空格接着学，r 换个种子",
                "It does the task, but not by the pattern we had in mind: learning may find another way. Space goes on, r takes another seed",
            ),
            (true, ..) => Text::new(
                "这么多步一般够了，它还没学会：空格接着学，+ - 调学习率，r 换个种子",
                "So many steps are usually enough, yet it has not learned: Space goes on, + - change the rate, r takes another seed",
            ),
            (false, ..) => Text::new("停住了，空格接着学", "paused; Space goes on"),
        }
    }
}
