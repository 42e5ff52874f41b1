//! How one number was computed, with the real numbers.

use super::{Names, Piece};
use crate::ground::lang::Lang;
use crate::ground::number::{short, short_is_exact};
use crate::math::ops::{Exponentials, Operand, Sources, Term};
use crate::math::tensor::{Cell, MASKED};
use crate::program::{Address, Name, Program, Role, Rule, Stage, Trace, labels};

/// A dot product longer than this shows its largest terms and the sum of the others.
const TERMS: usize = 8;

/// Terms shown of a longer one.
const LARGEST: usize = 4;

/// A line put together piece by piece.
#[derive(Default)]
pub(super) struct Line {
    pub(super) pieces: Vec<Piece>,
    pub(super) rounded: bool,
}

impl Line {
    pub(super) fn say(&mut self, text: impl Into<String>) -> &mut Self {
        self.pieces.push(Piece { text: text.into(), role: None });
        self
    }

    pub(super) fn coloured(&mut self, text: impl Into<String>, role: Role) -> &mut Self {
        self.pieces.push(Piece { text: text.into(), role: Some(role) });
        self
    }

    pub(super) fn number(&mut self, x: f64, role: Role) -> &mut Self {
        self.rounded |= !short_is_exact(x);
        let text = if x < 0.0 { format!("({})", short(x)) } else { short(x) };
        self.coloured(text, role)
    }

    /// `(0.03, 0.85)`
    pub(super) fn vector(&mut self, numbers: impl Iterator<Item = f64>, role: Role) -> &mut Self {
        let numbers: Vec<f64> = numbers.collect();
        self.rounded |= !numbers.iter().all(|&x| short_is_exact(x));
        let words: Vec<String> = numbers.into_iter().map(short).collect();
        self.coloured(format!("({})", words.join(", ")), role)
    }

    /// `=` while everything shown so far was exact, `≈` once something was rounded.
    pub(super) fn equals(&mut self, result: f64, role: Role) -> &mut Self {
        self.rounded |= !short_is_exact(result);
        let sign = if self.rounded { " ≈ " } else { " = " };
        self.say(sign).coloured(short(result), role)
    }
}

/// How the number at an address was computed, with the real numbers:
/// `scores.2[2,4] = q(爱)·k(天安门) = 2×2 + 0×0 = 4`.
pub fn arithmetic(program: &Program, trace: &Trace, address: Address, names: &dyn Names) -> Vec<Piece> {
    arithmetic_of(program, trace, address, names, TERMS)
}

/// The same with at most so many terms of a sum spelled out, the largest, and the sum of the others: for narrow places.
pub fn arithmetic_of(program: &Program, trace: &Trace, address: Address, names: &dyn Names, most: usize) -> Vec<Piece> {
    let role = role(program, address);
    let value = f64::from(trace.get(address));
    let mut line = Line::default();
    line.coloured(address.display(program), role);
    let Some(stage) = trace.made_by(program, address) else {
        if let Some(stage) = program.made_by(address.slot) {
            return overridden(line, program, trace, stage, address, value, names.lang());
        }
        let shape = program.shape(address.slot);
        let Cell { head, row, col, .. } = address.cell;
        let place = format!("{} · {}", names.name(shape.rows.axis, head, row), names.name(shape.cols.axis, head, col));
        line.say(" = ").coloured(short(value), role).say(format!("   {place}"));
        return line.pieces;
    };
    let sources = program.sources(stage, address.cell);
    let read = |o: Operand| f64::from(trace.get(Address { slot: stage.operands[o.input], cell: o.cell }));
    let operand_role = |o: Operand| role_of(program, stage, o.input);
    match sources.rule {
        Rule::Sum => {
            line.say(" = ").say(product(program, stage, address.cell, names)).say(" = ");
            sum(&mut line, &sources, most, read, operand_role, names.lang());
            line.equals(value, role);
        }
        Rule::Copy => {
            let Some(from) = sources.terms.first().and_then(|t| t.factors.first()) else { return line.pieces };
            let there = Address { slot: stage.operands[from.input], cell: from.cell };
            line.say(" = ").coloured(there.display(program), operand_role(*from)).equals(value, role);
        }
        Rule::Quotient(by) => {
            let Some(from) = sources.terms.first().and_then(|t| t.factors.first()) else { return line.pieces };
            line.say(" = ")
                .number(read(*from), operand_role(*from))
                .say(format!(" / {}", root(by)))
                .equals(value, role);
        }
        Rule::Gate => {
            let from = Address { slot: stage.operands[0], cell: address.cell }.display(program);
            gate(&mut line, &from, &sources, value, role, names.lang(), read);
        }
        Rule::Softmax(chosen) => softmax(&mut line, &sources, (chosen, most), value, role, read),
    }
    line.pieces
}

/// `scores.2[2,4] = 9   (by hand; computed it is 4)`
fn overridden(
    mut line: Line,
    program: &Program,
    trace: &Trace,
    stage: &Stage,
    address: Address,
    value: f64,
    lang: Lang,
) -> Vec<Piece> {
    let read = |o: Operand| f64::from(trace.get(Address { slot: stage.operands[o.input], cell: o.cell }));
    let computed = short(program.sources(stage, address.cell).value(read));
    line.say(" = ").coloured(short(value), role(program, address)).say(match lang {
        Lang::Zh => format!("   手工指定，算出来本该是 {computed}；Backspace 取消"),
        Lang::En => format!("   set by hand, computed it would be {computed}; Backspace takes it back"),
    });
    line.pieces
}

/// The terms of a dot product, or its largest and the sum of the others.
fn sum(
    line: &mut Line,
    sources: &Sources,
    most: usize,
    read: impl Fn(Operand) -> f64,
    role: impl Fn(Operand) -> Role,
    lang: Lang,
) {
    let value = |t: &Term| t.factors.iter().map(|&f| read(f)).product::<f64>();
    let mut shown: Vec<usize> = (0..sources.terms.len()).collect();
    if shown.len() > most {
        shown.sort_by(|&a, &b| value(&sources.terms[b]).abs().total_cmp(&value(&sources.terms[a]).abs()));
        shown.truncate(most.min(LARGEST));
        shown.sort_unstable();
    }
    for (n, &i) in shown.iter().enumerate() {
        if n > 0 {
            line.say(" + ");
        }
        for (k, &factor) in sources.terms[i].factors.iter().enumerate() {
            if k > 0 {
                line.say("×");
            }
            line.number(read(factor), role(factor));
        }
    }
    let others = sources.terms.len() - shown.len();
    if others > 0 {
        let rest: f64 = (0..sources.terms.len()).filter(|i| !shown.contains(i)).map(|i| value(&sources.terms[i])).sum();
        line.rounded |= !short_is_exact(rest);
        line.say(match lang {
            Lang::Zh => format!(" + 其余 {others} 项共 {}", short(rest)),
            Lang::En => format!(" + the other {others} terms, {} together", short(rest)),
        });
    }
}

/// `q(爱)·k(天安门)`, `h(爱)·W_q[:,1]`: which row meets which column.
pub(super) fn product(program: &Program, stage: &Stage, cell: Cell, names: &dyn Names) -> String {
    let (left, right) = (stage.operands[0], stage.operands[1]);
    let vector = |slot| match program.symbol(slot).name {
        Name::H => "h",
        Name::M => "m",
        Name::Q => "q",
        Name::K => "k",
        other => other.as_str(),
    };
    let row = names.name(program.shape(left).rows.axis, cell.head, cell.row);
    if program.symbol(right).name == Name::K {
        let key = names.name(program.shape(right).rows.axis, cell.head, cell.col);
        return format!("{}({row})·{}({key})", vector(left), vector(right));
    }
    let column = program.sources(stage, cell).terms.first().map_or(cell.col, |t| t.factors[1].cell.col);
    format!("{}({row})·{}[:,{}]", vector(left), program.symbol(right).name, column + 1)
}

/// `scaled.1[1,2] = 2.83   (mask = 1: may be seen)`
fn gate(
    line: &mut Line,
    from: &str,
    sources: &Sources,
    value: f64,
    role: Role,
    lang: Lang,
    read: impl Fn(Operand) -> f64,
) {
    let open = read(sources.terms[1].factors[0]) != 0.0;
    let why = match (open, lang) {
        (true, Lang::Zh) => "   mask = 1，可以看，原样通过",
        (true, Lang::En) => "   mask = 1: may be seen, passes unchanged",
        (false, Lang::Zh) => "   mask = 0，不许看：softmax 不算它",
        (false, Lang::En) => "   mask = 0: may not be seen, softmax leaves it out",
    };
    line.say(" = ");
    if open {
        line.coloured(from, Role::Score).equals(value, role);
    } else {
        line.coloured("x", role);
    }
    line.say(why);
}

/// `exp(2.83 − 2.83) / (1 + 0.06 + 0.06 + 0.06)`.
fn softmax(
    line: &mut Line,
    sources: &Sources,
    (chosen, most): (usize, usize),
    value: f64,
    role: Role,
    read: impl Fn(Operand) -> f64,
) {
    let row: Vec<f64> = sources.terms.iter().map(|t| read(t.factors[0])).collect();
    let steps = Exponentials::of(&row);
    let Some(&score) = row.get(chosen) else { return };
    if score == f64::from(MASKED) {
        line.say(" = ").coloured("0", role).say("   (mask = 0)");
        return;
    }
    line.say(" = exp(").number(score, Role::Score).say(" - ").number(steps.max, Role::Score).say(") / ");
    line.rounded |= row.len() > most || !steps.exp.iter().all(|&e| short_is_exact(e));
    if row.len() <= most {
        line.say("(");
        for (j, &e) in steps.exp.iter().enumerate() {
            line.say(if j > 0 { " + " } else { "" }).say(short(e));
        }
        line.say(")");
    } else {
        line.say("Σ exp");
    }
    line.say(" = ").say(short(steps.exp[chosen])).say(" / ").say(short(steps.sum)).equals(value, role);
}

/// `√2` where the divisor is the root of a whole number, else the number.
pub fn root(divisor: f64) -> String {
    let square = (divisor * divisor).round();
    if (square - divisor * divisor).abs() < 1e-9 * square && divisor > 1.0 {
        format!("√{square}")
    } else {
        short(divisor)
    }
}

/// What the numbers of an address mean.
fn role(program: &Program, address: Address) -> Role {
    labels::label(program.symbol(address.slot).name, program.kind()).role
}

fn role_of(program: &Program, stage: &Stage, input: usize) -> Role {
    labels::label(program.symbol(stage.operands[input]).name, program.kind()).role
}
