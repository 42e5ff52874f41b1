//! A worked dot product with a blank in it: its last term, or, as help fades, the whole number.

use super::{Draw, Item, Kind};
use crate::ground::lang::Text;
use crate::math::ops::{Rule, Sources, Term};
use crate::program::{Address, Name, Stage};
use crate::study::Concept;
use crate::study::quiz::ground::Ground;
use crate::study::quiz::{Asked, Help, Misconception, Near};

pub(super) const KIND: Kind = Kind {
    name: "missing-term",
    title: Text::new("补上缺的那一项", "fill in the missing term"),
    stages: &[Name::Q, Name::K, Name::V, Name::Scores, Name::Context, Name::Output],
    concept: Concept::of,
    draw,
};

/// A sum of more terms is no exercise.
const TERMS: usize = 8;

/// A dot product that is asked about.
struct Sum<'a> {
    ground: Ground<'a>,
    stage: &'a Stage,
    at: Address,
    sources: Sources,
}

impl Sum<'_> {
    fn factors(&self, term: &Term) -> Vec<f64> {
        let at = |f: &crate::math::ops::Operand| Address { slot: self.stage.operands[f.input], cell: f.cell };
        term.factors.iter().map(|f| self.ground.get(at(f))).collect()
    }

    /// `2×(-1)`
    fn written(&self, term: &Term) -> String {
        let one = |(f, x): (&crate::math::ops::Operand, f64)| {
            let text = self.ground.trace.format(self.stage.operands[f.input]).say(x);
            if x < 0.0 { format!("({text})") } else { text }
        };
        let factors = self.factors(term);
        term.factors.iter().zip(factors).map(one).collect::<Vec<_>>().join("×")
    }

    fn product(&self, term: &Term) -> f64 {
        self.factors(term).iter().product()
    }

    /// The terms, that one left blank; none: all are written.
    fn with_blank(&self, blank: Option<usize>) -> String {
        let term = |(n, term): (usize, &Term)| if Some(n) == blank { "?".to_owned() } else { self.written(term) };
        self.sources.terms.iter().enumerate().map(term).collect::<Vec<_>>().join(" + ")
    }
}

fn draw(draw: &mut Draw) -> Option<Item> {
    let (ground, at) = (draw.ground, draw.at);
    let stage = ground.trace.made_by(ground.program(), at)?;
    let sources = ground.program().sources(stage, at.cell);
    let count = sources.terms.len();
    let multiplies = sources.rule == Rule::Sum && sources.terms.iter().all(|term| term.factors.len() == 2);
    if !multiplies || !(2..=TERMS).contains(&count) {
        return None;
    }
    let sum = Sum { ground, stage, at, sources };
    // Nothing but zeros is worth asking about now and then.
    if sum.sources.terms.iter().all(|term| sum.product(term) == 0.0) && draw.below(4) > 0 {
        return None;
    }
    let blank = sum.sources.terms.iter().rposition(|term| sum.product(term) != 0.0).unwrap_or(count - 1);
    let of_term = matches!(draw.help, Help::Example | Help::LastStep);
    let whole = ground.get(at);
    let right = if of_term { sum.product(&sum.sources.terms[blank]) } else { whole };
    let unit = ground.unit(at.slot)?;
    if !right.is_finite() || !(right == 0.0 || ground.clear(at.slot, right, 0.0)) {
        return None;
    }
    let within = (3.0 * unit).max(0.02 * right.abs());
    let near = misread(&sum, of_term.then_some(blank), whole);
    let asked = Asked::Number { right, within, near: apart(near, right, within) };

    let (name, place) = (ground.display(at), ground.place(at));
    let say = |x: f64| ground.trace.format(at.slot).say(x);
    let question = if of_term {
        let line = format!("{name} = {} = {}", sum.with_blank(Some(blank)), say(whole));
        Text::owned(format!("缺的那一项是多少？{line}"), format!("what is the missing term? {line}"))
    } else {
        let hint = draw.help == Help::Pointer;
        let middle = if hint { format!(" = {}", sum.with_blank(None)) } else { String::new() };
        Text::owned(format!("算出这一格：{name}{middle} = ?"), format!("compute this number: {name}{middle} = ?"))
    };
    let neighbour = ground.neighbour(at).map(|near| ground.arithmetic(near));
    let help = (draw.help == Help::Example).then_some(neighbour).flatten();
    let arithmetic = ground.arithmetic(at);
    Some(Item {
        kind: KIND.name.into(),
        concept: Concept::of(ground.name_of(at.slot)),
        help: help.map(|worked| Text::owned(format!("例：{}", worked.zh), format!("Example: {}", worked.en))),
        given: if draw.help == Help::Free { ground.operands(at) } else { Vec::new() },
        question: Text::owned(format!("{}{}", place.zh, question.zh), format!("{}{}", place.en, question.en)),
        asked,
        cells: vec![at],
        view: Some(at),
        covered: if of_term { Vec::new() } else { ground.veil(&[at]) },
        disputed: Some(at),
        because: if of_term {
            let term = &sum.sources.terms[blank];
            let line = format!("{} = {}", sum.written(term), say(right));
            Text::owned(format!("缺的是 {line}；{}。", arithmetic.zh), format!("It is {line}; {}.", arithmetic.en))
        } else {
            Text::owned(format!("{}。", arithmetic.zh), format!("{}.", arithmetic.en))
        },
    })
}

/// What comes out where something was misunderstood.
fn misread(sum: &Sum, blank: Option<usize>, whole: f64) -> Vec<Near> {
    let near = |number, misconception| Near { number, misconception };
    let Some(blank) = blank else {
        let terms: Vec<f64> = sum.sources.terms.iter().map(|term| sum.product(term)).collect();
        let largest = terms.iter().copied().max_by(|a, b| a.abs().total_cmp(&b.abs())).unwrap_or_default();
        let mut all = vec![
            near(terms.iter().map(|x| x.abs()).sum(), Misconception::SignLost),
            near(largest, Misconception::OneTerm),
            near(sum.sources.terms.iter().flat_map(|term| sum.factors(term)).sum(), Misconception::SumForProduct),
        ];
        all.extend(confused(sum));
        return all;
    };
    let factors = sum.factors(&sum.sources.terms[blank]);
    vec![
        near(-factors.iter().product::<f64>(), Misconception::SignLost),
        near(factors.iter().sum(), Misconception::SumForProduct),
        near(whole, Misconception::WholeForTerm),
    ]
}

/// The number that stands where this one would, were key and query, or key and value, confused.
fn confused(sum: &Sum) -> Option<Near> {
    let (ground, at) = (sum.ground, sum.at);
    let (other, cell, misconception) = match ground.name_of(at.slot) {
        Name::Q => (Name::K, at.cell, Misconception::KeyForQuery),
        Name::K => (Name::Q, at.cell, Misconception::KeyForQuery),
        Name::V => (Name::K, at.cell, Misconception::KeyForValue),
        Name::Scores => (Name::Scores, at.cell.moved(at.cell.col, at.cell.row), Misconception::KeyForQuery),
        _ => return None,
    };
    let slot = ground.beside(at.slot, other)?;
    let number = ground.shape(slot).contains(cell).then(|| ground.get(Address { slot, cell }))?;
    Some(Near { number, misconception })
}

/// Those that are no right answer, and no two alike.
pub(super) fn apart(all: Vec<Near>, right: f64, within: f64) -> Vec<Near> {
    let mut kept: Vec<Near> = Vec::new();
    for near in all {
        let is_wrong = (near.number - right).abs() > 1.5 * within;
        let is_new = kept.iter().all(|other| (other.number - near.number).abs() > 1e-3 * near.number.abs().max(1.0));
        if near.number.is_finite() && is_wrong && is_new {
            kept.push(near);
        }
    }
    kept
}
