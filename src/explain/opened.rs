//! One number opened: its formula, its terms, and the numbers those are made of, as deep as one asks.

use serde::Serialize;

use super::{Names, arithmetic, root};
use crate::math::ops::{Exponentials, Operand};
use crate::program::{Address, Program, Rule, Stage, Trace};

/// A number that takes part in another.
#[derive(Debug, Clone, PartialEq)]
pub struct Factor {
    /// Where it lives.
    pub address: Address,
    /// Its value in the trace.
    pub value: f64,
}

/// A term: the product of its factors; the exponential of its one factor in a softmax.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// Its value.
    pub value: f64,
    /// What it is made of.
    pub factors: Vec<Factor>,
}

/// A number and how it was made.
#[derive(Debug, Clone, PartialEq)]
pub struct Opened {
    /// Where it lives.
    pub address: Address,
    /// Its value in the trace.
    pub value: f64,
    /// The op that made it; none for a number that was given.
    pub op: Option<&'static str>,
    /// The arithmetic; none for a number that was given.
    pub rule: Option<Rule>,
    /// What it is made of: of a sum, terms that add up to the value.
    pub terms: Vec<Term>,
}

/// Opens one number of a trace.
pub fn open(program: &Program, trace: &Trace, address: Address) -> Opened {
    let value = f64::from(trace.get(address));
    let Some(stage) = trace.made_by(program, address) else {
        return Opened { address, value, op: None, rule: None, terms: Vec::new() };
    };
    let sources = program.sources(stage, address.cell);
    let factor = |o: &Operand| {
        let address = Address { slot: stage.operands[o.input], cell: o.cell };
        Factor { address, value: f64::from(trace.get(address)) }
    };
    let mut terms: Vec<Term> = (sources.terms.iter())
        .map(|term| {
            let factors: Vec<Factor> = term.factors.iter().map(factor).collect();
            Term { value: factors.iter().map(|f| f.value).product(), factors }
        })
        .collect();
    if matches!(sources.rule, Rule::Softmax(_)) {
        let row = Exponentials::of(&terms.iter().map(|t| t.value).collect::<Vec<_>>());
        for (term, exp) in terms.iter_mut().zip(row.exp) {
            term.value = exp;
        }
    }
    Opened { address, value, op: Some(stage.op.name()), rule: Some(sources.rule), terms }
}

impl Opened {
    /// The formula in symbols, with the row and column that meet: `Σ_m q(爱)[m] · k(天安门)[m]`.
    pub fn formula(&self, program: &Program, names: &dyn Names) -> String {
        let Some(stage) = program.made_by(self.address.slot) else { return String::new() };
        match self.rule {
            Some(Rule::Sum) => arithmetic::product(program, stage, self.address.cell, names),
            Some(Rule::Quotient(by)) => format!("{} / {}", self.operand(program, stage, 0), root(by)),
            Some(Rule::Gate) => format!("{}, mask = 1", self.operand(program, stage, 0)),
            Some(Rule::Softmax(_)) => {
                let row = &self.operand(program, stage, 0);
                format!("exp({row} - max) / Σ exp({} - max)", program.symbol(stage.operands[0]))
            }
            _ => self.operand(program, stage, 0),
        }
    }

    /// The address of the operand that stands where this number does.
    fn operand(&self, program: &Program, stage: &Stage, input: usize) -> String {
        let chosen = if let Some(Rule::Softmax(chosen)) = self.rule { chosen } else { 0 };
        let factor = self.terms.get(chosen).and_then(|t| t.factors.get(input));
        factor.map_or_else(|| program.symbol(stage.operands[input]).to_string(), |f| f.address.display(program))
    }
}

/// An opened number as `qkv explain --format json` writes it.
#[derive(Debug, Serialize)]
pub struct Json {
    address: String,
    value: Option<f64>,
    formula: String,
    op: Option<&'static str>,
    terms: Vec<JsonTerm>,
}

#[derive(Debug, Serialize)]
struct JsonTerm {
    value: Option<f64>,
    factors: Vec<JsonFactor>,
}

#[derive(Debug, Serialize)]
struct JsonFactor {
    address: String,
    value: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    formula: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    op: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    terms: Option<Vec<JsonTerm>>,
}

/// Opens a number and, `depth` levels down, the numbers it is made of. A masked number is `null`.
pub fn json(program: &Program, trace: &Trace, address: Address, depth: usize, names: &dyn Names) -> Json {
    let opened = open(program, trace, address);
    Json {
        address: address.display(program),
        value: finite(opened.value),
        formula: opened.formula(program, names),
        op: opened.op,
        terms: json_terms(program, trace, &opened, depth, names),
    }
}

fn json_terms(program: &Program, trace: &Trace, opened: &Opened, depth: usize, names: &dyn Names) -> Vec<JsonTerm> {
    let factor = |f: &Factor| {
        let inner = (depth > 1).then(|| open(program, trace, f.address)).filter(|inner| inner.op.is_some());
        JsonFactor {
            address: f.address.display(program),
            value: finite(f.value),
            formula: inner.as_ref().map(|inner| inner.formula(program, names)),
            op: inner.as_ref().and_then(|inner| inner.op),
            terms: inner.map(|inner| json_terms(program, trace, &inner, depth - 1, names)),
        }
    };
    let term = |t: &Term| JsonTerm { value: finite(t.value), factors: t.factors.iter().map(factor).collect() };
    opened.terms.iter().map(term).collect()
}

fn finite(x: f64) -> Option<f64> {
    x.is_finite().then_some(x)
}

/// The number in LaTeX: `\mathrm{scores}^{(2)}_{2,4} = 2 \times 2 + 0 \times 0 = 4`.
pub fn latex(program: &Program, trace: &Trace, address: Address) -> String {
    let opened = open(program, trace, address);
    let value = crate::ground::number::short(opened.value);
    let number = |x: f64| if x < 0.0 { format!("({})", tex(x)) } else { tex(x) };
    let left = symbol(program, address);
    let product = |t: &Term| t.factors.iter().map(|f| number(f.value)).collect::<Vec<_>>().join(r" \times ");
    let first = opened.terms.first();
    match opened.rule {
        None => format!("{left} = {value}"),
        Some(Rule::Sum) => {
            let sum = opened.terms.iter().map(product).collect::<Vec<_>>().join(" + ");
            format!("{left} = {sum} \\approx {value}")
        }
        Some(Rule::Quotient(by)) => {
            let root = root(by).strip_prefix('√').map_or_else(|| tex(by), |n| format!(r"\sqrt{{{n}}}"));
            format!(r"{left} = \frac{{{}}}{{{root}}} \approx {value}", first.map_or_else(String::new, product))
        }
        Some(Rule::Softmax(chosen)) => {
            let scores: Vec<f64> = opened.terms.iter().map(|t| t.factors[0].value).collect();
            let row = Exponentials::of(&scores);
            let exp = |x: f64| format!("e^{{{} - {}}}", tex(x), number(row.max));
            let open = |x: &&f64| x.is_finite();
            let sum = scores.iter().filter(open).map(|&x| exp(x)).collect::<Vec<_>>().join(" + ");
            match scores.get(chosen).filter(open) {
                Some(&x) => format!(r"{left} = \frac{{{}}}{{{sum}}} \approx {value}", exp(x)),
                None => format!("{left} = 0"),
            }
        }
        Some(Rule::Gate) if !opened.value.is_finite() => format!(r"{left} = -\infty"),
        Some(Rule::Copy | Rule::Gate) => {
            let from = first.and_then(|t| t.factors.first()).map_or_else(String::new, |f| symbol(program, f.address));
            format!("{left} = {from} \\approx {value}")
        }
    }
}

fn tex(x: f64) -> String {
    let text = crate::ground::number::short(x);
    match text.split_once('e') {
        Some((digits, power)) => format!(r"{digits} \cdot 10^{{{power}}}"),
        None => text,
    }
}

/// `\mathrm{scores}^{(2)}_{2,4}`, `Q^{(2)}_{2,1}`, `W_{q,\,3,1}`.
fn symbol(program: &Program, address: Address) -> String {
    let name = program.symbol(address.slot).name.as_str();
    let (row, col) = (address.cell.row + 1, address.cell.col + 1);
    let head =
        program.shape(address.slot).heads.map(|_| format!("^{{({})}}", address.cell.head + 1)).unwrap_or_default();
    match name.split_once('_') {
        Some((letter, index)) => format!(r"{letter}{head}_{{{index},\,{row},{col}}}"),
        None if name.len() == 1 => format!("{name}{head}_{{{row},{col}}}"),
        None => format!(r"\mathrm{{{name}}}{head}_{{{row},{col}}}"),
    }
}
