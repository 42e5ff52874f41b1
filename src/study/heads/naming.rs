//! The rules that give a head a label. A label is a claim: it is made only where a stated rule passes with a margin, over
//! at least [`super::corpus::ENOUGH`] sentences; otherwise the card says "no clear pattern".

use super::metrics::{METRICS, metric};
use super::study::Over;
use crate::ground::lang::Text;
use crate::ground::number::short;

/// The least mean weight that a rule asks for.
pub(crate) const LEAST: f64 = 0.5;

/// How far that must lie above the next best place.
pub(crate) const MARGIN: f64 = 0.2;

/// How far the weight between two kinds of words, less its standard deviation, must lie above an even share. Random weights
/// stay below 0.25, and the designed heads above 0.45.
pub(crate) const CLEARLY: f64 = 0.4;

/// Of pairs of kinds that do as well within so much, the one met in most sentences names the head: a landmark is a place, and
/// a head that looks for places is not named after landmarks.
pub const NEARLY: f64 = 0.05;

/// Sentences in which two kinds of words must have met.
pub(crate) const MEETINGS: usize = 8;

/// What words of one kind give to words of another.
#[derive(Debug, Clone, PartialEq)]
pub struct Asks {
    /// The words that ask.
    pub from: Text,
    /// The words that are looked for.
    pub to: Text,
    /// The weight they are given together, over the sentences in which both are.
    pub given: Over,
    /// The weight they would be given if all words got the same.
    pub chance: f64,
}

/// What a head may be called, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Label {
    /// Its name in JSON and CSV: `previous word`, `action -> place`.
    pub key: String,
    /// Its name for a person.
    pub name: Text,
    /// The rule that it passes, with its numbers.
    pub because: Text,
}

/// A rule about places: most of the weight lies there, and clearly more than at any other such place.
#[derive(Debug, Clone)]
pub struct Rule {
    /// The metric that must be large.
    pub metric: &'static str,
    /// The label's name.
    pub key: &'static str,
    /// The label for a person.
    pub name: Text,
}

/// The rules about places.
pub(crate) const RULES: &[Rule] = &[
    Rule { metric: "previous", key: "previous word", name: Text::new("看前一个词", "looks at the previous word") },
    Rule { metric: "next", key: "next word", name: Text::new("看后一个词", "looks at the next word") },
    Rule { metric: "self", key: "itself", name: Text::new("看自己", "looks at the word itself") },
    Rule { metric: "first", key: "first word", name: Text::new("看第一个词", "looks at the first word") },
    Rule {
        metric: "same_word", key: "same word", name: Text::new("看相同的词", "looks at the same word elsewhere")
    },
];

/// What stands in place of a label where no rule passes.
pub const fn unnamed() -> Text {
    Text::new("没有明显模式", "no clear pattern")
}

/// The rules in words, for the card.
pub fn rules() -> Text {
    Text::owned(
        format!(
            "命名规则：某个位置（前一个、后一个、自己、第一个、相同的词）平均得到至少 {LEAST} 的权重，并且比其他位置都多 {MARGIN}；\
             或者在至少 {MEETINGS} 句里，一类词把至少 {LEAST} 的权重给了另一类词，而且平均减去标准差仍比平分多 {CLEARLY}。\
             相差不到 {NEARLY} 的，取见到最多的那一对。都不满足，就写「没有明显模式」。"
        ),
        format!(
            "When a head gets a label: one place (previous, next, self, first, same word) receives {LEAST} of the weight on \
             average and {MARGIN} more than any other of them; or in {MEETINGS} \
             sentences or more words of one kind give words of another {LEAST} of their weight, and the mean less one standard \
             deviation is {CLEARLY} above an even share; of pairs within {NEARLY} the one met most often. Otherwise the card says no clear pattern."
        ),
    )
}

/// The label of a head with these metrics, if a rule passes.
pub fn label(metrics: &[Option<Over>], asks: &[Asks]) -> Option<Label> {
    by_place(metrics).or_else(|| by_meaning(asks))
}

fn by_place(metrics: &[Option<Over>]) -> Option<Label> {
    let over = |rule: &Rule| metric(rule.metric).and_then(|at| metrics.get(at).copied().flatten());
    let mut found: Vec<(&Rule, Over)> =
        RULES.iter().filter_map(|rule| over(rule).map(|over| (rule, over))).filter(|(_, o)| o.n >= MEETINGS).collect();
    found.sort_by(|a, b| b.1.mean.total_cmp(&a.1.mean));
    let (rule, best) = *found.first()?;
    let next = found.get(1).map_or(0.0, |(_, over)| over.mean);
    if best.mean < LEAST || best.mean - next < MARGIN {
        return None;
    }
    let (mean, sd, next) = (short(best.mean), short(best.sd), short(next));
    let name = metric(rule.metric).map_or_else(|| Text::same(rule.metric), |at| METRICS[at].name.clone());
    Some(Label {
        key: rule.key.to_owned(),
        name: rule.name.clone(),
        because: Text::owned(
            format!("{} {mean} ± {sd}，第二名 {next}；规则：≥ {LEAST}，多 {MARGIN}", name.zh),
            format!("{} {mean} ± {sd}, the runner-up {next}; rule: >= {LEAST}, {MARGIN} ahead", name.en),
        ),
    })
}

fn by_meaning(asks: &[Asks]) -> Option<Label> {
    let lift = |a: &Asks| a.given.mean - a.given.sd - a.chance;
    let passes = |a: &&Asks| a.given.n >= MEETINGS && a.given.mean >= LEAST && lift(a) >= CLEARLY;
    let passing: Vec<&Asks> = asks.iter().filter(passes).collect();
    let most = passing.iter().map(|a| lift(a)).max_by(f64::total_cmp)?;
    let nearly = passing.iter().filter(|a| lift(a) >= most - NEARLY);
    let best = *nearly.max_by(|a, b| a.given.n.cmp(&b.given.n).then(lift(a).total_cmp(&lift(b))))?;
    let back = passing.iter().find(|a| (&a.from, &a.to) == (&best.to, &best.from));
    let arrow = |a: &Asks| {
        (
            format!("{}→{}", a.from.zh, a.to.zh),
            format!("{} → {}", a.from.en, a.to.en),
            format!("{} -> {}", a.from.en, a.to.en),
        )
    };
    let (mut zh, mut en, mut key) = arrow(best);
    if let Some(back) = back {
        let more = arrow(back);
        zh = format!("{zh}，{}", more.0);
        en = format!("{en}, {}", more.1);
        key = format!("{key}, {}", more.2);
    }
    let (given, sd, chance, n) = (short(best.given.mean), short(best.given.sd), short(best.chance), best.given.n);
    Some(Label {
        key,
        name: Text::owned(zh, en),
        because: Text::owned(
            format!("给了 {given} ± {sd}，平分是 {chance}，{n} 句；规则：≥ {LEAST}，减去标准差仍多 {CLEARLY}"),
            format!(
                "gives {given} ± {sd}, an even share is {chance}, in {n} sentences; rule: >= {LEAST}, less its deviation still {CLEARLY} more"
            ),
        ),
    })
}
