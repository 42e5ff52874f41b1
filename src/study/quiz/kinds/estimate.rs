//! About how much is this number? Within 20 % counts.

use super::missing_term::apart;
use super::{Draw, Item, Kind};
use crate::ground::lang::Text;
use crate::math::ops::{Exponentials, Rule};
use crate::math::tensor::{Axis, Cell, MASKED_F64};
use crate::program::{Address, Name, Stage};
use crate::study::Concept;
use crate::study::quiz::ground::Ground;
use crate::study::quiz::{Asked, Misconception, Near};

pub(super) const KIND: Kind = Kind {
    name: "estimate",
    title: Text::new("估一估（20% 以内）", "estimate within 20 %"),
    stages: &[Name::Scaled, Name::Weights, Name::Context],
    concept: Concept::of,
    draw,
};

/// How far an estimate may be off, as a share of the number.
const SHARE: f64 = 0.2;

fn draw(draw: &mut Draw) -> Option<Item> {
    let (ground, at) = (draw.ground, draw.at);
    let stage = ground.trace.made_by(ground.program(), at)?;
    let right = ground.get(at);
    if !ground.clear(at.slot, right, 0.0) {
        return None;
    }
    let within = SHARE * right.abs();
    let near = match ground.program().sources(stage, at.cell).rule {
        Rule::Quotient(_) => scaled(ground, stage, at),
        Rule::Softmax(chosen) => weight(ground, stage, at, chosen),
        Rule::Sum => context(ground, stage, at),
        _ => return None,
    };
    let asked = Asked::Number { right, within, near: apart(near, right, within) };
    let (name, place, arithmetic) = (ground.display(at), ground.place(at), ground.arithmetic(at));
    let formula = formula(ground, at);
    let example = ground.neighbour(at).filter(|near| near.cell.row != at.cell.row).map(|near| {
        let worked = ground.arithmetic(near);
        Text::owned(format!("例：{}", worked.zh), format!("Example: {}", worked.en))
    });
    let operands = ground.operands(at);
    let nearly = Text::owned(
        format!("{} = {}，其中 {}", name, formula.zh, joined(&operands, |t| &t.zh, "，")),
        format!("{} = {}, where {}", name, formula.en, joined(&operands, |t| &t.en, ", ")),
    );
    let pointer = Text::owned(format!("{name} = {}", formula.zh), format!("{name} = {}", formula.en));
    Some(Item {
        kind: KIND.name.into(),
        concept: Concept::of(ground.name_of(at.slot)),
        help: draw.help.of(example, nearly, pointer),
        given: given(ground, operands, at),
        question: Text::owned(
            format!("{}{name} 大约是多少？（误差 20% 以内都算对）", place.zh),
            format!("{}about how much is {name}? (within 20 % counts)", place.en),
        ),
        asked,
        cells: vec![at],
        view: Some(at),
        covered: ground.veil(&covered(ground, at)),
        disputed: Some(at),
        because: Text::owned(format!("{}。", arithmetic.zh), format!("{}.", arithmetic.en)),
    })
}

fn joined(lines: &[Text], pick: fn(&Text) -> &str, between: &str) -> String {
    lines.iter().map(pick).collect::<Vec<_>>().join(between)
}

/// What must be known besides the operands: of a scaled score, d.
fn given(ground: Ground, mut operands: Vec<Text>, at: Address) -> Vec<Text> {
    if ground.name_of(at.slot) == Name::Scaled
        && let Some(q) = ground.beside(at.slot, Name::Q)
    {
        let mut line = format!("d = {}", ground.shape(q).cols.len);
        let temperature = ground.program().wiring().temperature;
        if temperature != 1.0 {
            line = format!("{line}, T = {temperature}");
        }
        operands.push(Text::same(line));
    }
    operands
}

/// A weight can be told from the others of its row, which add up to 1 with it.
fn covered(ground: Ground, at: Address) -> Vec<Address> {
    if ground.name_of(at.slot) == Name::Weights { ground.cells(at) } else { vec![at] }
}

/// `exp(x - max) / Σ exp(x - max)`
fn formula(ground: Ground, at: Address) -> Text {
    use crate::explain::open;
    use crate::ground::lang::Lang;
    let opened = open(ground.program(), ground.trace, at);
    let line = |lang: Lang| opened.formula(ground.program(), &ground.sample.names_in(lang));
    Text::owned(line(Lang::Zh), line(Lang::En))
}

fn near(number: f64, misconception: Misconception) -> Near {
    Near { number, misconception }
}

/// Undivided, divided by d, divided by the root of `d_model`.
fn scaled(ground: Ground, stage: &Stage, at: Address) -> Vec<Near> {
    let score = ground.get(ground.at(stage.operands[0], at.cell));
    let d = ground.beside(at.slot, Name::Q).map_or(1, |q| ground.shape(q).cols.len) as f64;
    let model = ground.sample.sizes.model as f64;
    vec![
        near(score, Misconception::ForgotDivisor),
        near(score / d, Misconception::DividedByD),
        near(score / model.sqrt(), Misconception::ModelForHead),
    ]
}

/// The score itself, its share without exp, with the mask as 0, and softmax over the column.
fn weight(ground: Ground, stage: &Stage, at: Address, chosen: usize) -> Vec<Near> {
    let slot = stage.operands[0];
    let scores = ground.row(ground.at(slot, at.cell));
    let score = scores[chosen];
    let open = scores.iter().filter(|&&x| x != MASKED_F64);
    let masked_as_zero: Vec<f64> = scores.iter().map(|&x| if x == MASKED_F64 { 0.0 } else { x }).collect();
    let column: Vec<f64> = (0..ground.shape(slot).rows.len)
        .map(|row| ground.get(ground.at(slot, Cell { row, ..at.cell })))
        .collect();
    vec![
        near(Exponentials::of(&column).weight(at.cell.row), Misconception::WrongAxis),
        near(Exponentials::of(&masked_as_zero).weight(chosen), Misconception::MaskAsZero),
        near(score / open.sum::<f64>(), Misconception::NoExponential),
        near(score, Misconception::NoSoftmax),
    ]
}

/// The plain average of the values, the largest term alone, and keys in the place of values.
fn context(ground: Ground, stage: &Stage, at: Address) -> Vec<Near> {
    let (weights, values) = (stage.operands[0], stage.operands[1]);
    let row = ground.row(ground.at(weights, at.cell));
    let value = |slot, n: usize| ground.get(ground.at(slot, at.cell.moved(n, at.cell.col)));
    let count = row.len().max(1) as f64;
    let mut all = vec![near((0..row.len()).map(|n| value(values, n)).sum::<f64>() / count, Misconception::WeightsForgotten)];
    if let Some(keys) = ground.beside(at.slot, Name::K).filter(|&keys| at.cell.col < ground.shape(keys).cols.len) {
        let sum = (0..row.len()).map(|n| row[n] * value(keys, n)).sum();
        all.push(near(sum, Misconception::KeyForValue));
    }
    let largest = (0..row.len()).map(|n| row[n] * value(values, n)).max_by(|a, b| a.abs().total_cmp(&b.abs()));
    all.extend(largest.map(|term| near(term, Misconception::OneTerm)));
    if ground.shape(weights).rows.axis == Axis::Token && ground.shape(weights).cols.axis == Axis::Token {
        let weight = |n: usize| ground.get(ground.at(weights, at.cell.moved(n, at.cell.row)));
        all.push(near((0..row.len()).map(|n| weight(n) * value(values, n)).sum(), Misconception::TookColumn));
    }
    all
}
