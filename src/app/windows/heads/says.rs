//! What the window of heads says, view by view.

use std::iter::once;

use super::{Combine, HeadsWindow, Split, View};
use crate::app::Model;
use crate::app::windows::{Entry, Line, LineRow, Tone};
use crate::explain::Names as _;
use crate::ground::lang::Text;
use crate::ground::number::{Format, short};
use crate::math::tensor::{Axis, Cell, Shape};
use crate::program::{Address, HeadPlace, Name, Slot};
use crate::study::heads::{self, METRICS, Plane, Reading};

/// Entries of a form that are named where several are the largest.
const NAMED: usize = 3;

/// Words that are compared one by one, at most.
const WORDS: usize = 12;

/// Keys that a query is compared with in words, at most.
const KEYS: usize = 8;

impl HeadsWindow {
    /// Everything about the view that is shown, line by line.
    pub(super) fn lines(&self, model: &Model) -> Vec<Line> {
        let mut lines = vec![Line::Heading(self.view.label())];
        if matches!(self.view, View::Gallery | View::Lines) {
            lines.push(Line::Say(Tone::Dim, self.caution(model)));
        }
        match self.view {
            View::Gallery if self.opened.is_some() => {
                lines.push(Line::Say(Tone::Strong, self.picture_title(model)));
                lines.extend(self.numbers(model));
                lines.extend(self.without(model).map(Line::say));
            }
            View::Gallery => {
                if self.shown(model).is_empty() {
                    lines.push(Line::Say(Tone::Dim, Self::none_shown()));
                }
                lines.extend(self.measured(model).into_iter().map(Line::say));
            }
            View::Lines => lines.extend(self.numbers(model)),
            View::Reasons => lines.extend(self.reason_lines(model)),
            View::Plane => {
                lines.extend(Self::lacking(model).map(Line::say));
                if let Some((asked, moved)) = self.planes(model) {
                    lines.extend([plane_title(&asked, true), plane_title(&moved, false)].map(Line::say));
                    lines.extend(self.plane_words(model, &asked).into_iter().map(Line::say));
                }
            }
            View::Forms => lines.extend(self.form_words(model).into_iter().map(Line::say)),
            View::Split => {
                let split = self.split(model);
                lines.extend(split.is_none().then(|| Line::say(Split::none())));
                if let Some(split) = split {
                    let tone = if split.agrees { Tone::Good } else { Tone::Bad };
                    lines.extend([split.large(), split.many()].map(Line::say));
                    lines.extend([Line::Say(tone, split.verdict()), Line::say(Split::average())]);
                }
            }
        }
        lines.push(Line::Say(Tone::Key, self.status(model)));
        lines
    }

    /// `头 2 动词找宾语`: number and name of a head.
    pub(crate) fn head_name(model: &Model, at: usize) -> String {
        let heads = heads::all(model.program());
        let Some(head) = heads.get(at) else { return String::new() };
        if model.attention() == Reading::Rollout {
            return model.say(&rolled(head.layer_number())).to_owned();
        }
        let layers = heads.iter().any(|h| h.layer.is_some());
        let number =
            if layers { format!("{}.{}", head.layer_number(), head.head + 1) } else { (head.head + 1).to_string() };
        let name = model.head_name(head.head).map_or_else(String::new, |name| format!(" {}", model.say(name)));
        format!("{number}{name}")
    }

    /// Whether a head is silenced, by its place among all.
    pub(crate) fn is_silenced(model: &Model, at: usize) -> bool {
        let place = Self::head(model, at).map(|head| HeadPlace { layer: head.layer, head: head.head });
        place.is_some_and(|place| model.material.scenario.silenced.contains(&place))
    }

    /// The words that ask.
    pub fn asking(model: &Model) -> Vec<String> {
        let (shape, names) = (weights_shape(model), model.names());
        shape.map_or_else(Vec::new, |s| (0..s.rows.len).map(|i| names.name(s.rows.axis, 0, i)).collect())
    }

    /// The words that are looked at.
    pub fn answering(model: &Model) -> Vec<String> {
        let (shape, names) = (weights_shape(model), model.names());
        shape.map_or_else(Vec::new, |s| (0..s.cols.len).map(|i| names.name(s.cols.axis, 0, i)).collect())
    }

    /// The weights of the picture, word by word.
    fn numbers(&self, model: &Model) -> Vec<Line> {
        let Some(weights) = self.combined(model) else { return Vec::new() };
        let answering = Self::answering(model).into_iter().map(Text::same).collect();
        // Those of one head are numbers of the trace, unless some of them are hidden.
        let raw = model.attention() == Reading::Raw;
        let plain = self.opened.unwrap_or_default() == Combine::Chosen && self.shows_all() && raw;
        let head = heads::all(model.program()).get(self.chosen).copied().filter(|_| plain);
        let row = |(row, name): (usize, String)| {
            let entry = |col| {
                let weight = weights.at(row, col);
                let number = f64::from(weight);
                let address = head.map(|head| Address {
                    slot: head.weights,
                    cell: Cell { batch: model.view.cursor.batch, head: head.head, row, col },
                });
                let words = Text::same(Format::TWO.write(weight));
                Entry { words, of: address.map(|address| (address, number)) }
            };
            let entries = (0..weights.cols).map(entry).collect();
            Line::Row(LineRow { name: Text::same(name), chosen: row == self.word, entries })
        };
        once(Line::Columns(answering)).chain(Self::asking(model).into_iter().enumerate().map(row)).collect()
    }

    /// Whether no weight is hidden.
    pub(crate) fn shows_all(&self) -> bool {
        self.threshold() == 0.0 && self.kept().is_none() && !self.words_only
    }

    /// What is chosen, and what is hidden.
    pub fn status(&self, model: &Model) -> Text {
        let mut parts = vec![self.chosen_name(model)];
        if matches!(self.view, View::Gallery | View::Lines) && model.attention() != Reading::Raw {
            let Text { zh, en } = model.attention().label();
            parts.push(Text::owned(format!("{zh}（%）"), format!("{en} (%)")));
        }
        if self.threshold() > 0.0 {
            let least = self.threshold();
            parts.push(Text::owned(
                format!("小于 {least} 的权重已隐藏（_）"),
                format!("weights below {least} are hidden (_)"),
            ));
        }
        if self.words_only {
            parts.push(Text::new(
                "没画特殊词元，每行其余的补到 1（|）",
                "special pieces left out, the rest of each row brought to 1 (|)",
            ));
        }
        if let Some(kept) = self.kept() {
            parts.push(Text::owned(
                format!("每行只留最大的 {kept} 个（#）"),
                format!("only the {kept} largest of each row (#)"),
            ));
        }
        if let Some(at) = self.alike.map(|at| at + 1) {
            parts.push(Text::owned(
                format!("按和头 {at} 像不像来排（~）"),
                format!("ordered by likeness to head {at} (~)"),
            ));
        }
        if let Some(filter) = &self.filter {
            let (shown, all) = (self.shown(model).len(), heads::all(model.program()).len());
            parts.push(Text::same(format!("/{} {shown}/{all}", filter.written)));
        }
        let silenced: Vec<String> = model.material.scenario.silenced.iter().map(HeadPlace::to_string).collect();
        if !silenced.is_empty() {
            let silenced = silenced.join(" ");
            parts.push(Text::owned(format!("关掉了头 {silenced}（x）"), format!("silenced: head {silenced} (x)")));
        }
        let join = |of: fn(&Text) -> &str| parts.iter().map(of).collect::<Vec<_>>().join("   ");
        Text::owned(join(|text| &text.zh), join(|text| &text.en))
    }

    /// What the reading of now does not prove; or that it is being worked out.
    pub(crate) fn caution(&self, model: &Model) -> Text {
        let reading = model.attention();
        if reading == Reading::Raw || model.attribution().is_some() {
            let total = self.total(model).unwrap_or_else(|| Text::new("", ""));
            let caution = reading.caution();
            return Text::owned(format!("{}{}", caution.zh, total.zh), format!("{}{}", caution.en, total.en));
        }
        Text::new("正在换一种读法……", "reading it another way ...")
    }

    /// The same in one line, for where the pictures need the room.
    pub(crate) fn brief(model: &Model) -> Text {
        let reading = model.attention();
        if reading == Reading::Raw || model.attribution().is_some() {
            return reading.brief();
        }
        Text::new("正在换一种读法……", "reading it another way ...")
    }

    /// How much the chosen word takes in through the chosen head, where that is weighted by values.
    fn total(&self, model: &Model) -> Option<Text> {
        let (read, trace) = (model.attribution()?, model.trace()?);
        let total = read.total(trace, Self::head(model, self.chosen)?, self.word)?;
        let (name, total) = (Self::asking(model).get(self.word)?.clone(), short(total));
        Some(Text::owned(
            format!("「{name}」这一行合计 Σ‖w·v·W_o‖ = {total}。"),
            format!(" The row of {name} adds up to Σ‖w·v·W_o‖ = {total}."),
        ))
    }

    /// The chosen head, or what stands in its place.
    fn chosen_name(&self, model: &Model) -> Text {
        let name = Self::head_name(model, self.chosen);
        match model.attention() {
            Reading::Rollout => Text::same(name),
            _ => Text::owned(format!("头 {name}"), format!("head {name}")),
        }
    }

    /// In place of pictures, where no head passes the filter.
    pub(crate) const fn none_shown() -> Text {
        Text::new("没有头符合筛选；/ 改筛选", "no head passes the filter; / changes it")
    }

    /// What the chosen head is called and why, and its metrics over many sentences.
    pub fn measured(&self, model: &Model) -> Vec<Text> {
        if model.attention() != Reading::Raw {
            let Some(metrics) = model.attributed_metrics(self.chosen) else { return Vec::new() };
            let name = self.chosen_name(model);
            let heading = Text::owned(format!("{}，在这一句里：", name.zh), format!("{}, in this sentence:", name.en));
            let numbers = METRICS.iter().zip(metrics).filter_map(|(metric, x)| {
                let x = short((*x)?);
                Some((format!("{} {x}", metric.name.zh), format!("{} {x}", metric.name.en)))
            });
            let (zh, en): (Vec<_>, Vec<_>) = numbers.unzip();
            return vec![self.caution(model), heading, Text::owned(zh.join("   "), en.join("   "))];
        }
        let Some((study, profile)) = model.study().and_then(|study| Some((study, study.heads.get(self.chosen)?)))
        else {
            return vec![Text::new("正在许多句子上测量……", "measuring over many sentences ...")];
        };
        let label = profile.label.as_ref().map_or_else(heads::naming::unnamed, |label| {
            let (name, because) = (&label.name, &label.because);
            Text::owned(format!("{} ({})", name.zh, because.zh), format!("{} ({})", name.en, because.en))
        });
        let (n, name) = (study.sentences, Self::head_name(model, self.chosen));
        let heading = Text::owned(
            format!("头 {name}，{n} 句话上测出来：{}", label.zh),
            format!("head {name}, measured over {n} sentences: {}", label.en),
        );
        let numbers = METRICS.iter().zip(&profile.metrics).filter_map(|(metric, over)| {
            over.map(|o| (format!("{} {o}", metric.name.zh), format!("{} {o}", metric.name.en)))
        });
        let (zh, en): (Vec<_>, Vec<_>) = numbers.unzip();
        let numbers = Text::owned(zh.join("   "), en.join("   "));
        let intent = model.head_intent(self.chosen % model.program().heads());
        [heading, numbers].into_iter().chain(intent).collect()
    }

    /// What the enlarged picture is.
    pub(crate) fn picture_title(&self, model: &Model) -> Text {
        let marked: Vec<String> = self.marked.iter().map(|at| (at + 1).to_string()).collect();
        let nth = |n: usize| marked.get(n).map_or("", String::as_str);
        match self.opened.unwrap_or_default() {
            Combine::Chosen => self.chosen_name(model),
            Combine::Average => Text::owned(
                format!("头 {} 的平均", marked.join("、")),
                format!("the mean of heads {}", marked.join(", ")),
            ),
            Combine::Difference => Text::owned(
                format!("头 {} 减去头 {}", nth(0), nth(1)),
                format!("head {} minus head {}", nth(0), nth(1)),
            ),
        }
    }

    /// What the output would lose without the chosen head, word by word.
    pub fn without(&self, model: &Model) -> Option<Text> {
        let ranking = model.ranking()?;
        let chosen = Self::head(model, self.chosen)?;
        let rank = ranking.heads.iter().position(|(head, _)| *head == chosen.head)?;
        let (_, changes) = &ranking.heads[rank];
        let asking = Self::asking(model);
        let words = asking.iter().zip(changes).take(WORDS).map(|(word, x)| format!("{word} {}", short(*x)));
        let words = words.collect::<Vec<_>>().join("  ");
        let (rank, all) = (rank + 1, ranking.heads.len());
        Some(if Self::is_silenced(model, self.chosen) {
            Text::new(
                "这个头已经关掉：它对输出的贡献已置零。x 再打开。",
                "This head is switched off: its part of the output is set to 0. x switches it on again.",
            )
        } else {
            Text::owned(
                format!(
                    "去掉该头，输出变化的长度 ‖Δ‖（每个词）：{words}。按这个变化在 {all} 个头里排第 {rank}。x 关掉它看看。"
                ),
                format!(
                    "Without this head the output moves by ‖Δ‖, a length (each word): {words}. By that it is number {rank} of {all} heads. x switches it off."
                ),
            )
        })
    }

    /// Queries and keys in one plane.
    pub(super) fn asked(&self, model: &Model) -> Option<Plane> {
        let (q, k, ..) = operands(model)?;
        Some(heads::principal(&[self.vectors(model, q)?, self.vectors(model, k)?].concat()))
    }

    /// Values and the chosen word's context in one plane.
    pub(super) fn moved(&self, model: &Model) -> Option<Plane> {
        let (_, _, v, context) = operands(model)?;
        let contexts = self.vectors(model, context)?;
        let own = contexts.get(self.word.min(contexts.len().saturating_sub(1)))?.clone();
        Some(heads::principal(&[self.vectors(model, v)?, vec![own]].concat()))
    }

    /// The rows of a tensor, of the chosen head.
    fn vectors(&self, model: &Model, slot: Slot) -> Option<Vec<Vec<f64>>> {
        let tensor = model.trace()?.tensor(slot);
        let [batches, heads, ..] = tensor.shape().lens();
        let head = self.chosen % model.program().heads();
        let rows = tensor.matrix(model.view.cursor.batch.min(batches - 1), head.min(heads - 1));
        Some(rows.rows().into_iter().map(|row| row.iter().copied().map(f64::from).collect()).collect())
    }

    /// The chosen word's query against every key, and what can be done about it.
    pub(crate) fn plane_words(&self, model: &Model, asked: &Plane) -> Vec<Text> {
        let program = model.program();
        let (asking, answering) = (Self::asking(model), Self::answering(model));
        let word = self.word.min(asking.len().saturating_sub(1));
        let head = self.chosen % program.heads();
        let number = |name: Name, col: usize| {
            let slot = model.find(name)?;
            let cell = program.shape(slot).clamp(Cell { batch: model.view.cursor.batch, head, row: word, col });
            model.trace().map(|trace| f64::from(trace.get(Address { slot, cell })))
        };
        let table = answering.iter().enumerate().take(KEYS).map(|(j, name)| {
            let score = number(Name::Scores, j).map_or_else(String::new, short);
            format!("{name} {score}→{:.2}", number(Name::Weights, j).unwrap_or_default())
        });
        let table = table.collect::<Vec<_>>().join("  ");
        let name = asking.get(word).cloned().unwrap_or_default();
        let projected = Text::owned(
            format!("每个 k 投到「{name}」的 q 所在的直线上，q·k = |q| × 投影长（反向为负）；q·k → 权重：{table}"),
            format!(
                "every k projected on the line of {name}'s q: q·k = |q| times that length, negative the other way; q·k → weight: {table}"
            ),
        );
        let how = if asked.explained.is_none() {
            Text::new(
                "方向键推动这个 q：权重跟着变，context 就在各个 v 围成的形状里移动，因为它是 v 的加权平均。u 撤销。",
                "Arrows push this q: the weights follow, and context moves inside the hull of the v, for it is their weighted mean. u undoes.",
            )
        } else {
            Text::new(
                "维数多于两个：这是主成分投影，图上离得近的，在看不见的方向上可能离得很远；长短和夹角都不可全信。",
                "More than two dimensions: a projection on principal components. What is close here may be far apart in hidden directions; lengths and angles cannot be trusted.",
            )
        };
        let arbitrary = Text::new(
            "这里第二、第三主成分的方差一样大：平面取哪个方向是任意的，换一个同样有道理。",
            "Here the second and third component have the same variance: which plane is shown is arbitrary, another would do as well.",
        );
        [projected, how].into_iter().chain(asked.arbitrary.then_some(arbitrary)).collect()
    }

    /// What the forms say; or that there are none.
    pub(crate) fn form_words(&self, model: &Model) -> Vec<Text> {
        let Some(forms) = self.forms(model) else {
            return vec![Text::new(
                "这里没有 W：词向量直接相比，没有 W_q·W_kᵀ 这张表。",
                "There is no W here: the vectors themselves are compared, so there is no table W_q·W_kᵀ.",
            )];
        };
        let head = self.chosen % model.program().heads();
        let dimension = |n: usize| model.names().name(Axis::Model, head, n);
        let mut words = Vec::new();
        let strongest = &forms.strongest;
        if !strongest.is_empty() {
            let (mut zh, mut en) = (Vec::new(), Vec::new());
            for &((a, b), x) in strongest.iter().take(NAMED) {
                let (a, b, x) = (dimension(a), dimension(b), short(f64::from(x)));
                zh.push(format!("「{a}」行「{b}」列 {x}"));
                en.push(format!("row {a}, column {b}: {x}"));
            }
            if strongest.len() > NAMED {
                zh.push(format!("等 {} 项", strongest.len()));
                en.push(format!("{} more", strongest.len() - NAMED));
            }
            let entries = if strongest.len() > 1 { "entries" } else { "entry" };
            words.push(Text::owned(
                format!("绝对值最大的一项：{}。行是发问的词的维度，列是被看的词的维度：h_i · (W_q·W_kᵀ) · h_jᵀ 就是打分。", zh.join("，")),
                format!("The largest {entries}, signs aside: {}. Rows are dimensions of the word that asks, columns of the word looked at: h_i · (W_q·W_kᵀ) · h_jᵀ is the score.", en.join("; ")),
            ));
        }
        if let Some(share) = forms.asymmetry {
            let share = format!("{:.0}%", 100.0 * share);
            words.push(Text::owned(
                format!("不对称的部分占 {share}：0% 时互换两个词，分数不变；100% 时互换后变号。"),
                format!("Asymmetric part: {share}. At 0% two words that change places keep the score; at 100% its sign turns."),
            ));
        }
        words
    }
}

/// What a rollout up to a layer is called.
pub(in crate::app) fn rolled(layer: usize) -> Text {
    match layer {
        1 => Text::new("第 1 层", "layer 1"),
        _ => Text::owned(format!("第 1–{layer} 层"), format!("layers 1–{layer}")),
    }
}

/// How true a plane is.
pub fn plane_title(plane: &Plane, asking: bool) -> Text {
    let (zh, en) = if asking { ("q 和 k", "q and k") } else { ("v 和 context", "v and context") };
    match plane.explained {
        None => Text::owned(format!("{zh}（就是原样的两个数）"), format!("{en} (exact: two numbers)")),
        Some(share) => Text::owned(
            format!("{zh}（主成分，占方差的 {:.0}%）", 100.0 * share),
            format!("{en} (principal components, {:.0}% of the variance)", 100.0 * share),
        ),
    }
}

/// What meets in scores and in context: Q, K, V and the context itself.
fn operands(model: &Model) -> Option<(Slot, Slot, Slot, Slot)> {
    let of = |name| {
        let stage = model.program().made_by(model.find(name)?)?;
        Some((*stage.operands.first()?, *stage.operands.get(1)?))
    };
    let ((q, k), (_, v)) = (of(Name::Scores)?, of(Name::Context)?);
    Some((q, k, v, model.find(Name::Context)?))
}

fn weights_shape(model: &Model) -> Option<Shape> {
    model.find(Name::Weights).map(|slot| model.program().shape(slot))
}
