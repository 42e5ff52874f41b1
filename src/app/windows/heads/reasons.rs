//! Is attention an explanation? The words that one word looks at, by weight, by what they add, by what is missing without them.

use super::HeadsWindow;
use crate::app::Model;
use crate::app::windows::{Entry, Line, LineRow, Tone};
use crate::ground::lang::Text;
use crate::ground::number::short;
use crate::program::Kind;
use crate::study::heads::{Parts, Reasons, ranks};

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

impl HeadsWindow {
    pub(super) fn reason(&self, model: &Model) -> Option<Reasoned> {
        let parts = Parts::of(model.program(), model.trace()?, model.layer(), model.view.cursor.batch)?;
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

    /// Why there are neither reasons nor points; nothing where there are.
    pub(crate) fn lacking(model: &Model) -> Option<Text> {
        (model.program().kind() == Kind::ImportedAttention).then(|| {
            Text::new(
                "文件里只有注意力权重，没有 Q、K、V：词带来了什么，这里看不到。给 Q、K、V 就有这张图。",
                "The file holds attention alone, no Q, K or V: what the words bring cannot be seen. With Q, K and V there is a picture here.",
            )
        })
    }

    /// Whose reasons they are.
    pub(crate) fn reasons_heading(&self, model: &Model) -> Text {
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

    pub(super) fn reason_lines(&self, model: &Model) -> Vec<Line> {
        let Some(reasoned) = self.reasoned(model) else {
            return Self::lacking(model).into_iter().map(Line::say).collect();
        };
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
}

impl Reasoned {
    /// The three measures.
    pub const fn columns() -> [Text; 3] {
        [
            Text::new("权重 #名次", "weight #rank"),
            Text::new("‖权重·v·W_o‖ 长度", "‖weight·v·W_o‖"),
            Text::new("去掉它输出变多少", "output moves without"),
        ]
    }

    /// Whether the measures disagree most about a word.
    pub(crate) fn differs(&self, word: usize) -> bool {
        self.reasons.disagreement.is_some_and(|(most, ..)| most == word)
    }

    /// How far the measures agree, and what a weight does not say.
    pub fn words(&self, answering: &[String]) -> Vec<Text> {
        let correlation = |r: Option<f64>| r.map_or_else(|| Text::new("没法比", "undefined"), |r| Text::same(short(r)));
        let (a, b) = (correlation(self.reasons.weights_norms), correlation(self.reasons.weights_effects));
        let spearman = Text::owned(
            format!("名次相关（斯皮尔曼）：权重与 ‖权重·v·W_o‖ {}，权重与去掉的效果 {}。", a.zh, b.zh),
            format!(
                "Rank correlation (Spearman): weight with ‖weight·v·W_o‖ {}, weight with what is missing {}.",
                a.en, b.en
            ),
        );
        let most = match self.reasons.disagreement {
            None => Text::new(
                "按权重和按去掉的效果，没有哪两个词的先后相反（并列的名次取平均，如 #1.5）。",
                "By weight and by effect no two words stand in opposite order (equal ones share the mean of their ranks, as #1.5).",
            ),
            Some((j, by_weight, by_effect)) => {
                let name = answering.get(j).map_or("", String::as_str);
                Text::owned(
                    format!(
                        "最不一致的是「{name}」：按权重排第 {by_weight}，按去掉的效果排第 {by_effect}（并列的取平均）。"
                    ),
                    format!(
                        "They disagree most about {name}: number {by_weight} by weight, number {by_effect} by effect (equal ones share the mean of their ranks)."
                    ),
                )
            }
        };
        let limits = Text::new(
            "权重只说从哪里取多少，不说取来的是什么、后面用没用上；它能不能当解释，有争论（Jain 和 Wallace 2019；Wiegreffe 和 Pinter 2019）。",
            "A weight says how much was taken from where, not what was taken or whether it was used; whether it explains is disputed (Jain and Wallace 2019; Wiegreffe and Pinter 2019).",
        );
        vec![spearman, most, limits]
    }
}
