//! What the window of heads says, view by view.

use std::iter::once;

use super::{Combine, HeadsWindow, View};
use crate::app::Model;
use crate::app::windows::{Entry, Line, LineRow, Tone};
use crate::explain::Names as _;
use crate::ground::lang::Text;
use crate::ground::number::short;
use crate::math::tensor::{Axis, Cell, Shape};
use crate::program::{Address, Name, Slot, TOLERANCE};
use crate::study::heads::{self, Forms, METRICS, Parts, Plane, Reasons, ranks};

/// Words that are compared one by one, at most.
const WORDS: usize = 12;

/// Keys that a query is compared with in words, at most.
const KEYS: usize = 8;

/// The words that one word looks at, by three measures.
#[derive(Debug, Clone)]
pub struct Reasoned {
    /// The words that are looked at, the heaviest first.
    pub order: Vec<usize>,
    /// Of each measure the numbers and their ranks.
    pub lists: [(Vec<f64>, Vec<f64>); 3],
    /// The measures themselves.
    pub reasons: Reasons,
}

/// A large projection cut into heads, beside one head's own small one.
#[derive(Debug, Clone)]
pub struct Split {
    /// Rows of H and its columns, heads, numbers of a head.
    pub sizes: (usize, usize, usize, usize),
    /// The head.
    pub head: usize,
    /// The largest difference between the two.
    pub apart: f64,
    /// Whether that is rounding.
    pub agrees: bool,
    /// The small one's numbers, row by row.
    pub small: Vec<f64>,
}

impl HeadsWindow {
    /// Everything about the view that is shown, line by line.
    pub(super) fn lines(&self, model: &Model) -> Vec<Line> {
        let mut lines = vec![Line::Heading(self.view.label())];
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

    /// `头 2 动词和宾语`: number and name of a head.
    pub fn head_name(model: &Model, at: usize) -> String {
        let heads = heads::all(model.program());
        let Some(head) = heads.get(at) else { return String::new() };
        let layers = heads.iter().any(|h| h.layer.is_some());
        let number =
            if layers { format!("{}.{}", head.layer_number(), head.head + 1) } else { (head.head + 1).to_string() };
        let card = model.material.sample.heads.get(head.head).and_then(|card| card.name.as_ref());
        let name = card.map_or_else(String::new, |name| format!(" {}", model.say(name)));
        format!("{number}{name}")
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
        let plain = self.opened.unwrap_or_default() == Combine::Chosen && self.shows_all();
        let head = heads::all(model.program()).get(self.chosen).copied().filter(|_| plain);
        let row = |(row, name): (usize, String)| {
            let entry = |col| {
                let number = f64::from(weights.at(row, col));
                let address = head.map(|head| Address {
                    slot: head.weights,
                    cell: Cell { batch: model.view.cursor.batch, head: head.head, row, col },
                });
                let words = Text::same(format!("{number:.2}"));
                Entry { words, of: address.map(|address| (address, number)) }
            };
            let entries = (0..weights.cols).map(entry).collect();
            Line::Row(LineRow { name: Text::same(name), chosen: row == self.word, entries })
        };
        once(Line::Columns(answering)).chain(Self::asking(model).into_iter().enumerate().map(row)).collect()
    }

    /// Whether no weight is hidden.
    pub fn shows_all(&self) -> bool {
        self.threshold() == 0.0 && self.kept().is_none()
    }

    /// What is chosen, and what is hidden.
    pub fn status(&self, model: &Model) -> Text {
        let name = Self::head_name(model, self.chosen);
        let mut parts = vec![Text::owned(format!("头 {name}"), format!("head {name}"))];
        if self.threshold() > 0.0 {
            let least = self.threshold();
            parts.push(Text::owned(
                format!("小于 {least} 的权重已隐藏（t）"),
                format!("weights below {least} are hidden (t)"),
            ));
        }
        if let Some(kept) = self.kept() {
            parts.push(Text::owned(
                format!("每行只留最大的 {kept} 个（K）"),
                format!("only the {kept} largest of each row (K)"),
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
        let silenced: Vec<String> = model.material.scenario.silenced.iter().map(|h| (h + 1).to_string()).collect();
        if !silenced.is_empty() {
            let silenced = silenced.join(" ");
            parts.push(Text::owned(format!("关掉了头 {silenced}（x）"), format!("silenced: head {silenced} (x)")));
        }
        let join = |of: fn(&Text) -> &str| parts.iter().map(of).collect::<Vec<_>>().join("   ");
        Text::owned(join(|text| &text.zh), join(|text| &text.en))
    }

    /// In place of pictures, where no head passes the filter.
    pub const fn none_shown() -> Text {
        Text::new("没有头符合筛选；/ 改筛选", "no head passes the filter; / changes it")
    }

    /// What the chosen head is called and why, and its metrics over many sentences.
    pub fn measured(&self, model: &Model) -> Vec<Text> {
        let Some((study, profile)) = model.study().and_then(|study| Some((study, study.heads.get(self.chosen)?)))
        else {
            return vec![Text::new("正在许多句子上测量……", "measuring over many sentences ...")];
        };
        let label = profile.label.as_ref().map_or_else(
            || Text::new("混合", "mixed"),
            |label| {
                let (name, because) = (&label.name, &label.because);
                Text::owned(format!("{} ({})", name.zh, because.zh), format!("{} ({})", name.en, because.en))
            },
        );
        let (n, name) = (study.sentences, Self::head_name(model, self.chosen));
        let heading = Text::owned(
            format!("头 {name}，{n} 句话上测出来：{}", label.zh),
            format!("head {name}, measured over {n} sentences: {}", label.en),
        );
        let numbers = METRICS
            .iter()
            .zip(&profile.metrics)
            .filter_map(|(metric, over)| over.map(|o| format!("{} {:.2} ± {:.2}", metric.key, o.mean, o.sd)));
        let numbers = Text::same(numbers.collect::<Vec<_>>().join("   "));
        let card = model.material.sample.heads.get(self.chosen % model.program().heads());
        [heading, numbers].into_iter().chain(card.and_then(|card| card.intent.clone())).collect()
    }

    /// What the enlarged picture is.
    pub fn picture_title(&self, model: &Model) -> Text {
        let marked: Vec<String> = self.marked.iter().map(|at| (at + 1).to_string()).collect();
        let nth = |n: usize| marked.get(n).map_or("", String::as_str);
        match self.opened.unwrap_or_default() {
            Combine::Chosen => {
                let name = Self::head_name(model, self.chosen);
                Text::owned(format!("头 {name}"), format!("head {name}"))
            }
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
        let rank = ranking.heads.iter().position(|(head, _)| *head == self.chosen)?;
        let (_, changes) = &ranking.heads[rank];
        let asking = Self::asking(model);
        let words = asking.iter().zip(changes).take(WORDS).map(|(word, x)| format!("{word} {}", short(*x)));
        let words = words.collect::<Vec<_>>().join("  ");
        let (rank, all) = (rank + 1, ranking.heads.len());
        Some(if model.material.scenario.silenced.contains(&self.chosen) {
            Text::new(
                "这个头已经关掉：它的话到不了输出。x 再打开。",
                "This head is silenced: what it says does not reach the output. x lets it speak again.",
            )
        } else {
            Text::owned(
                format!("没有这个头，输出要变多少（‖Δ‖，每个词）：{words}。在 {all} 个头里排第 {rank}。x 关掉它看看。"),
                format!(
                    "How far the output moves without this head (‖Δ‖ for each word): {words}. Rank {rank} of {all}. x silences it."
                ),
            )
        })
    }

    /// The words that the chosen word looks at, by three measures; none where there are no numbers.
    pub fn reasoned(&self, model: &Model) -> Option<Reasoned> {
        let parts = Parts::of(model.program(), model.trace()?, None, model.view.cursor.batch)?;
        let heads: Vec<usize> =
            if self.together { (0..parts.heads()).collect() } else { vec![self.chosen % parts.heads()] };
        let word = self.word.min(parts.queries().saturating_sub(1));
        let reasons = parts.reasons(&heads, word);
        let mut order: Vec<usize> = (0..reasons.weights.len()).collect();
        order.sort_by(|&a, &b| reasons.weights[b].total_cmp(&reasons.weights[a]).then(a.cmp(&b)));
        let ranked = |list: &Vec<f64>| (list.clone(), ranks(list));
        let lists = [&reasons.weights, &reasons.norms, &reasons.effects].map(ranked);
        Some(Reasoned { order, lists, reasons })
    }

    /// Whose reasons they are.
    pub fn reasons_heading(&self, model: &Model) -> Text {
        let asking = Self::asking(model);
        let name = asking.get(self.word.min(asking.len().saturating_sub(1))).cloned().unwrap_or_default();
        let head = Self::head_name(model, self.chosen);
        let over = if self.together {
            Text::new("所有头合起来（A 只看一个头）", "all heads together (A: one head)")
        } else {
            Text::owned(format!("头 {head}（A 所有头合起来）"), format!("head {head} (A: all heads together)"))
        };
        Text::owned(format!("「{name}」看别的词：{}", over.zh), format!("{name} looks at other words: {}", over.en))
    }

    fn reason_lines(&self, model: &Model) -> Vec<Line> {
        let Some(reasoned) = self.reasoned(model) else { return Vec::new() };
        let answering = Self::answering(model);
        let mut lines = vec![Line::Say(Tone::Strong, self.reasons_heading(model))];
        lines.push(Line::Columns(Reasoned::columns().to_vec()));
        lines.extend(reasoned.order.iter().map(|&j| {
            let entry = |(list, ranks): &(Vec<f64>, Vec<f64>)| {
                Entry::words(Text::same(format!("{:.2} #{}", list[j], ranks[j])))
            };
            let entries = reasoned.lists.iter().map(entry).collect();
            let name = answering.get(j).cloned().unwrap_or_default();
            Line::Row(LineRow { name: Text::same(name), chosen: reasoned.differs(j), entries })
        }));
        lines.extend(reasoned.words(&answering).into_iter().map(Line::say));
        lines
    }

    /// Queries and keys in one plane, values and the chosen word's context in another; none where there are no numbers.
    pub fn planes(&self, model: &Model) -> Option<(Plane, Plane)> {
        let trace = model.trace()?;
        let (q, k, v, context) = operands(model)?;
        let head = self.chosen % model.program().heads();
        let vectors = |slot: Slot| -> Vec<Vec<f64>> {
            let tensor = trace.tensor(slot);
            let [batches, heads, rows, cols] = tensor.shape().lens();
            let (batch, head) = (model.view.cursor.batch.min(batches - 1), head.min(heads - 1));
            let number = |row, col| f64::from(tensor.get(Cell { batch, head, row, col }));
            (0..rows).map(|row| (0..cols).map(|col| number(row, col)).collect()).collect()
        };
        let contexts = vectors(context);
        let own = contexts.get(self.word.min(contexts.len().saturating_sub(1)))?.clone();
        let asked = heads::principal(&[vectors(q), vectors(k)].concat());
        let moved = heads::principal(&[vectors(v), vec![own]].concat());
        Some((asked, moved))
    }

    /// The chosen word's query against every key, and what can be done about it.
    pub fn plane_words(&self, model: &Model, asked: &Plane) -> Vec<Text> {
        let program = model.program();
        let (asking, answering) = (Self::asking(model), Self::answering(model));
        let word = self.word.min(asking.len().saturating_sub(1));
        let head = self.chosen % program.heads();
        let number = |name: Name, col: usize| {
            let slot = program.find(None, name)?;
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
            format!("「{name}」的 q 投到每个 k 上：q·k → 权重：{table}"),
            format!("q of {name} projected on every k: q·k → weight: {table}"),
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
        vec![projected, how]
    }

    /// What the chosen head asks of whom, and what it moves; none where there are no W.
    pub fn forms(&self, model: &Model) -> Option<Forms> {
        Forms::of(model.program(), model.trace()?, None, self.chosen % model.program().heads())
    }

    /// What the forms say; or that there are none.
    pub fn form_words(&self, model: &Model) -> Vec<Text> {
        let Some(forms) = self.forms(model) else {
            return vec![Text::new(
                "这里没有 W：点积注意力直接拿词向量去比，谈不上双线性形式。",
                "There is no W here: dot-product attention compares the vectors themselves, so there is no form to show.",
            )];
        };
        let head = self.chosen % model.program().heads();
        let dimension = |n: usize| model.names().name(Axis::Model, head, n);
        let mut words = Vec::new();
        if let Some(((a, b), x)) = forms.asks.strongest() {
            let (a, b, x) = (dimension(a), dimension(b), short(f64::from(x)));
            words.push(Text::owned(
                format!("这个头里最响的一问：「{a}」问，「{b}」答（{x}）。行是问的一方，列是答的一方：h_i · (W_q·W_kᵀ) · h_jᵀ 就是打分。"),
                format!("The loudest question of this head: {a} asks, {b} answers ({x}). Rows ask, columns answer: h_i · (W_q·W_kᵀ) · h_jᵀ is the score."),
            ));
        }
        if let Some(share) = forms.asks.asymmetry() {
            let share = format!("{:.0}%", 100.0 * share);
            words.push(Text::owned(
                format!("不对称的部分占 {share}：0% 是有问必有反问，100% 是问答的方向完全相反。"),
                format!("Asymmetric part: {share}. At 0% whoever asks is asked back alike; at 100% the answer is always the opposite."),
            ));
        }
        words
    }

    /// The chosen head's own small projection, beside what was cut from the large one; none where there is no `W_q`.
    pub fn split(&self, model: &Model) -> Option<Split> {
        let (program, trace) = (model.program(), model.trace()?);
        let find = |name| trace.find(program, None, name);
        let (h, w, q) = (find(Name::H)?, find(Name::WQ)?, find(Name::Q)?);
        let (heads, d) = (program.heads(), q.shape().cols.len);
        let head = self.chosen % heads;
        let (rows, inner) = (h.shape().rows.len, h.shape().cols.len);
        let batch = model.view.cursor.batch;
        // This head's own columns of W_q alone.
        let alone = |row: usize, col: usize| {
            let term = |m: usize| {
                let factor = f64::from(w.get(Cell { row: m, col: head * d + col, ..Cell::default() }));
                f64::from(h.get(Cell { batch, head: 0, row, col: m })) * factor
            };
            (0..inner).map(term).sum::<f64>()
        };
        let small: Vec<f64> = (0..rows).flat_map(|r| (0..d).map(move |c| (r, c))).map(|(r, c)| alone(r, c)).collect();
        let cut = |n: usize| f64::from(q.get(Cell { batch, head, row: n / d, col: n % d }));
        let apart = small.iter().enumerate().map(|(n, x)| (x - cut(n)).abs()).fold(0.0, f64::max);
        let agrees = apart <= TOLERANCE * f64::from(q.numbers().fold(1.0_f32, |m, x| m.max(x.abs())));
        Some(Split { sizes: (rows, inner, heads, d), head, apart, agrees, small })
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
    let program = model.program();
    let of = |name| program.stages().iter().find(|s| s.symbol.name == name).map(|s| (s.operands[0], s.operands[1]));
    let ((q, k), (_, v)) = (of(Name::Scores)?, of(Name::Context)?);
    Some((q, k, v, program.find(None, Name::Context)?))
}

fn weights_shape(model: &Model) -> Option<Shape> {
    let program = model.program();
    program.find(None, Name::Weights).map(|slot| program.shape(slot))
}

impl Reasoned {
    /// The three measures.
    pub const fn columns() -> [Text; 3] {
        [
            Text::new("权重", "weight"),
            Text::new("‖权重·v·W_o‖", "‖weight·v·W_o‖"),
            Text::new("拿掉它，输出变多少", "output moves without"),
        ]
    }

    /// Whether the measures disagree most about a word.
    pub fn differs(&self, word: usize) -> bool {
        self.reasons.disagreement.is_some_and(|(most, ..)| most == word)
    }

    /// How far the measures agree, and what a weight does not say.
    pub fn words(&self, answering: &[String]) -> Vec<Text> {
        let correlation = |r: Option<f64>| r.map_or_else(|| Text::new("没法比", "undefined"), |r| Text::same(short(r)));
        let (a, b) = (correlation(self.reasons.weights_norms), correlation(self.reasons.weights_effects));
        let spearman = Text::owned(
            format!("名次相关（斯皮尔曼）：权重与 ‖权重·v·W_o‖ {}，权重与拿掉的效果 {}。", a.zh, b.zh),
            format!(
                "Rank correlation (Spearman): weight with ‖weight·v·W_o‖ {}, weight with what is missing {}.",
                a.en, b.en
            ),
        );
        let most = match self.reasons.disagreement {
            None => {
                Text::new("三种排法在这里说的是一回事。", "Here weight and effect put the words in the same order.")
            }
            Some((j, by_weight, by_effect)) => {
                let name = answering.get(j).map_or("", String::as_str);
                Text::owned(
                    format!("最不一致的是「{name}」：按权重排第 {by_weight}，按拿掉的效果排第 {by_effect}。"),
                    format!(
                        "They disagree most about {name}: number {by_weight} by weight, number {by_effect} by effect."
                    ),
                )
            }
        };
        let limits = Text::new(
            "权重只说从哪里取，不说取来的是什么、后面用没用上：权重高，证明不了它就是原因。",
            "A weight says where something was taken from, not what was taken or whether it was used: a high weight does not prove a cause.",
        );
        vec![spearman, most, limits]
    }
}

impl Split {
    /// In place of it, where there is nothing to split.
    pub const fn none() -> Text {
        Text::new("这里没有 W_q，没有什么可拆的。", "There is no W_q here, so there is nothing to split.")
    }

    /// What the large one is.
    pub fn large(&self) -> Text {
        let (_, inner, heads, d) = self.sizes;
        let all = heads * d;
        Text::owned(
            format!("一个大的：H · W_q（{inner}×{all}），再按头切开"),
            format!("one large: H · W_q ({inner}×{all}), then cut"),
        )
    }

    /// What the small ones are.
    pub fn many(&self) -> Text {
        let (_, inner, heads, d) = self.sizes;
        Text::owned(
            format!("{heads} 个小的：每个头 H · W_q（{inner}×{d}）"),
            format!("{heads} small: H · W_q of each head ({inner}×{d})"),
        )
    }

    /// Whether they are the same.
    pub fn verdict(&self) -> Text {
        let (_, inner, heads, d) = self.sizes;
        let (mark, apart, all) = (if self.agrees { "✓" } else { "✗" }, self.apart, heads * d);
        let parameters = inner * all;
        Text::owned(
            format!(
                "{mark} 两边最大相差 {apart:.1e}；参数一样多：{inner}×{all} = {heads}×({inner}×{d}) = {parameters}"
            ),
            format!(
                "{mark} the two differ by {apart:.1e} at most; as many parameters: {inner}×{all} = {heads}×({inner}×{d}) = {parameters}"
            ),
        )
    }

    /// Why heads are set side by side.
    pub const fn average() -> Text {
        Text::new(
            "要是不拼接而取平均：各头的意见混成一份，谁说的就分不清了；拼接让 W_o 决定每个头听多少。",
            "If the heads were averaged instead: their answers would blend, and who said what would be lost. Side by side, W_o decides how much of each is heard.",
        )
    }
}
