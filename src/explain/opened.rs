//! One number opened: its formula, its terms, and the numbers those are made of, as deep as one asks.

use serde::Serialize;

use super::made::{Made, Place};
use super::{Names, rules};
use crate::ground::number::{short, short_is_exact};
use crate::math::ops::Operand;
use crate::program::{Address, Program, Rule, Trace};

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
    let made = Made::new(program, trace, stage, address);
    let factor = |&o: &Operand| Factor { address: made.address_of(o), value: made.read(o) };
    let rule = made.sources.rule;
    let values = rules::of(rule).terms(made.products());
    let terms = (made.sources.terms.iter().zip(values))
        .map(|(term, value)| Term { value, factors: term.factors.iter().map(factor).collect() })
        .collect();
    Opened { address, value, op: Some(stage.op.name()), rule: Some(rule), terms }
}

impl Opened {
    /// The formula in symbols, with the row and column that meet: `q(爱)·k(天安门)`.
    pub fn formula(&self, program: &Program, names: &dyn Names) -> String {
        let Some(stage) = program.made_by(self.address.slot) else { return String::new() };
        let place = Place::new(program, stage, self.address);
        let terms: Vec<f64> = self.terms.iter().map(|term| term.value).collect();
        match self.rule {
            Some(rule) => rules::of(rule).formula(&place, names, &terms),
            // Set by hand: there is nothing to write but what it would have come from.
            None => place.symbol(0).to_string(),
        }
    }

    /// What is written behind a term in a list of all: `= 0.03`. Nothing where the term is the number itself.
    pub fn beside(&self, term: &Term) -> String {
        self.rule.and_then(|rule| rules::of(rule).beside(term.value)).unwrap_or_default()
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
    let left = symbol(program, address);
    let Some(stage) = trace.made_by(program, address) else {
        return format!("{left} {}", tex_equals(f64::from(trace.get(address)), true));
    };
    let made = Made::new(program, trace, stage, address);
    format!("{left} {}", rules::of(made.sources.rule).latex(&made))
}

/// A number as a factor: in brackets where it is negative.
pub(super) fn tex_number(x: f64) -> String {
    if x < 0.0 { format!("({})", tex(x)) } else { tex(x) }
}

/// `= 4`; `\approx 2.83` where the result, or what it was made of, was rounded to be written.
pub(super) fn tex_equals(result: f64, exact: bool) -> String {
    let sign = if exact && short_is_exact(result) { "=" } else { r"\approx" };
    format!("{sign} {}", tex(result))
}

/// A number, with its power of ten written out.
pub(super) fn tex(x: f64) -> String {
    if x.is_nan() {
        return r"\mathrm{NaN}".to_owned();
    }
    if x == f64::INFINITY {
        return r"\infty".to_owned();
    }
    let text = short(x);
    match text.split_once('e') {
        Some((digits, power)) => format!(r"{digits} \cdot 10^{{{power}}}"),
        None => text,
    }
}

/// `\mathrm{scores}^{(2)}_{2,4}`, `Q^{(2)}_{2,1}`, `W_{q,\,3,1}`.
pub(super) fn symbol(program: &Program, address: Address) -> String {
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
