//! Words about one number, made from `sources` and the trace; nothing here is prepared text about a sample.
//!
//! [`arithmetic`] spells out how a cell was computed, with the real numbers; [`look`] says what to look at.

use super::{Address, Program, Role, Rule, Stage, Symbol, Trace, labels};
use crate::lang::Lang;
use crate::number::{short, short_is_exact};
use crate::ops::{Exponentials, Operand, Sources, Term};
use crate::tensor::{Axis, Cell, MASKED};

/// Where a tensor's rows and columns get their names.
pub trait Names {
    /// The language of the names.
    fn lang(&self) -> Lang;

    /// The name of one row or column: 爱, 动作, or a number from 1 where nobody named it.
    fn name(&self, axis: Axis, head: usize, index: usize) -> String;
}

/// A piece of a line, coloured by what its number means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The words.
    pub text: String,
    /// The meaning of the number, where it is one.
    pub role: Option<Role>,
}

/// A dot product longer than this shows its largest terms and the sum of the others.
const TERMS: usize = 8;

/// Terms shown of a longer one.
const LARGEST: usize = 4;

/// A line put together piece by piece.
#[derive(Default)]
struct Line {
    pieces: Vec<Piece>,
    rounded: bool,
}

impl Line {
    fn say(&mut self, text: impl Into<String>) -> &mut Self {
        self.pieces.push(Piece { text: text.into(), role: None });
        self
    }

    fn coloured(&mut self, text: impl Into<String>, role: Role) -> &mut Self {
        self.pieces.push(Piece { text: text.into(), role: Some(role) });
        self
    }

    fn number(&mut self, x: f64, role: Role) -> &mut Self {
        self.rounded |= !short_is_exact(x);
        let text = if x < 0.0 { format!("({})", short(x)) } else { short(x) };
        self.coloured(text, role)
    }

    /// `=` while everything shown so far was exact, `≈` once something was rounded.
    fn equals(&mut self, result: f64, role: Role) -> &mut Self {
        self.rounded |= !short_is_exact(result);
        let sign = if self.rounded { " ≈ " } else { " = " };
        self.say(sign).coloured(short(result), role)
    }
}

/// How the number at an address was computed, with the real numbers:
/// `scores.2[2,4] = q(爱)·k(天安门) = 2×2 + 0×0 = 4`.
pub fn arithmetic(program: &Program, trace: &Trace, address: Address, names: &dyn Names) -> Vec<Piece> {
    let role = role(program, address);
    let value = f64::from(trace.get(address));
    let mut line = Line::default();
    line.coloured(address.display(program), role);
    let Some(stage) = program.made_by(address.slot) else {
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
            sum(&mut line, &sources, read, operand_role, names.lang());
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
        Rule::Gate => gate(&mut line, &sources, value, role, names.lang(), read),
        Rule::Softmax(chosen) => softmax(&mut line, &sources, chosen, value, role, read),
    }
    line.pieces
}

/// The terms of a dot product, or its largest and the sum of the others.
fn sum(line: &mut Line, sources: &Sources, read: impl Fn(Operand) -> f64, role: impl Fn(Operand) -> Role, lang: Lang) {
    let value = |t: &Term| t.factors.iter().map(|&f| read(f)).product::<f64>();
    let mut shown: Vec<usize> = (0..sources.terms.len()).collect();
    if shown.len() > TERMS {
        shown.sort_by(|&a, &b| value(&sources.terms[b]).abs().total_cmp(&value(&sources.terms[a]).abs()));
        shown.truncate(LARGEST);
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
fn product(program: &Program, stage: &Stage, cell: Cell, names: &dyn Names) -> String {
    let (left, right) = (stage.operands[0], stage.operands[1]);
    let vector = |slot| match program.symbol(slot) {
        Symbol::H => "h",
        Symbol::M => "m",
        Symbol::Q => "q",
        Symbol::K => "k",
        other => other.0,
    };
    let row = names.name(program.shape(left).rows.axis, cell.head, cell.row);
    if program.symbol(right) == Symbol::K {
        let key = names.name(program.shape(right).rows.axis, cell.head, cell.col);
        return format!("{}({row})·{}({key})", vector(left), vector(right));
    }
    let column = program.sources(stage, cell).terms.first().map_or(cell.col, |t| t.factors[1].cell.col);
    format!("{}({row})·{}[:,{}]", vector(left), program.symbol(right), column + 1)
}

fn gate(line: &mut Line, sources: &Sources, value: f64, role: Role, lang: Lang, read: impl Fn(Operand) -> f64) {
    let factor = |i: usize| sources.terms[i].factors[0];
    let open = read(factor(1)) != 0.0;
    line.say(" = ").number(read(factor(0)), Role::Score).say("   mask = ");
    line.coloured(if open { "1" } else { "0" }, Role::Mask);
    match (open, lang) {
        (true, Lang::Zh) => line.say("，可以看，原样通过："),
        (true, Lang::En) => line.say(", may be seen, passes unchanged:"),
        (false, Lang::Zh) => line.say("，不许看：softmax 不算它"),
        (false, Lang::En) => line.say(", may not be seen: softmax leaves it out"),
    };
    if open {
        line.say(" ").coloured(short(value), role);
    }
}

/// `exp(2.83 − 2.83) / (1 + 0.06 + 0.06 + 0.06)`.
fn softmax(line: &mut Line, sources: &Sources, chosen: usize, value: f64, role: Role, read: impl Fn(Operand) -> f64) {
    let row: Vec<f64> = sources.terms.iter().map(|t| read(t.factors[0])).collect();
    let steps = Exponentials::of(&row);
    let Some(&score) = row.get(chosen) else { return };
    if score == f64::from(MASKED) {
        line.say(" = ").coloured("0", role).say("   (mask = 0)");
        return;
    }
    line.say(" = exp(").number(score, Role::Score).say(" - ").number(steps.max, Role::Score).say(") / ");
    line.rounded = true;
    if row.len() <= TERMS {
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
    labels::label(program.symbol(address.slot), program.kind()).role
}

fn role_of(program: &Program, stage: &Stage, input: usize) -> Role {
    labels::label(program.symbol(stage.operands[input]), program.kind()).role
}

/// What to look at near a cell, in the reader's language; empty where there is nothing to say.
pub fn look(program: &Program, trace: &Trace, address: Address, names: &dyn Names) -> String {
    let view = Row { program, trace, address, names };
    match program.symbol(address.slot) {
        Symbol::Q | Symbol::K | Symbol::V => view.projected(),
        Symbol::SCORES => view.scored(),
        Symbol::SCALED => view.scaled(),
        Symbol::MASKED => view.masked(),
        Symbol::WEIGHTS => view.weighted(),
        Symbol::CONTEXT => view.mixed(),
        Symbol::CONCAT => view.joined(),
        Symbol::OUTPUT => view.written_back(),
        _ => view.described(),
    }
}

/// The row of the cell that is looked at.
struct Row<'a> {
    program: &'a Program,
    trace: &'a Trace,
    address: Address,
    names: &'a dyn Names,
}

impl Row<'_> {
    fn shape(&self) -> crate::tensor::Shape {
        self.program.shape(self.address.slot)
    }

    fn numbers(&self) -> Vec<f32> {
        let Cell { batch, head, row, .. } = self.address.cell;
        self.trace.tensor(self.address.slot).matrix(batch, head).row(row).to_vec()
    }

    fn word(&self) -> String {
        self.names.name(self.shape().rows.axis, self.address.cell.head, self.address.cell.row)
    }

    fn column(&self, index: usize) -> String {
        self.names.name(self.shape().cols.axis, self.address.cell.head, index)
    }

    /// The columns that are not masked, largest number first.
    fn ranked(&self) -> Vec<(usize, f32)> {
        let mut ranked: Vec<_> = self.numbers().into_iter().enumerate().filter(|&(_, x)| x != MASKED).collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
        ranked
    }

    fn say(&self, zh: String, en: String) -> String {
        match self.names.lang() {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }

    /// The row is the same everywhere: nothing stands out.
    fn is_flat(&self) -> bool {
        let ranked = self.ranked();
        match (ranked.first(), ranked.last()) {
            (Some(first), Some(last)) => first.1 - last.1 <= 1e-6 * first.1.abs().max(1.0),
            _ => true,
        }
    }

    /// Column of largest magnitude.
    fn strongest(&self) -> Option<(usize, f32)> {
        self.ranked().into_iter().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()))
    }

    fn described(&self) -> String {
        let word = self.word();
        let present: Vec<String> = self
            .ranked()
            .into_iter()
            .filter(|&(_, x)| x.abs() > 1e-6)
            .take(3)
            .map(|(j, x)| format!("{} {}", self.column(j), short(f64::from(x))))
            .collect();
        if present.is_empty() {
            return self.say(format!("「{word}」这一行全是 0。"), format!("The row of {word} is all 0."));
        }
        self.say(
            format!("看「{word}」这一行：{}。", present.join("，")),
            format!("Look at the row of {word}: {}.", present.join(", ")),
        )
    }

    fn projected(&self) -> String {
        let word = self.word();
        let (zh, en) = match self.program.symbol(self.address.slot) {
            Symbol::Q => ("查询", "query"),
            Symbol::K => ("键", "key"),
            _ => ("值", "value"),
        };
        let Some((j, x)) = self.strongest().filter(|s| s.1.abs() > 1e-6) else {
            return match self.program.symbol(self.address.slot) {
                Symbol::Q => self.say(
                    format!("「{word}」的查询全是 0：它在这个头里没有要找的东西。"),
                    format!("The query of {word} is all 0: in this head it has nothing to look for."),
                ),
                _ => self.say(
                    format!("「{word}」的{zh}全是 0：这个头从它身上什么也读不到。"),
                    format!("The {en} of {word} is all 0: this head reads nothing from it."),
                ),
            };
        };
        let feature = self.column(j);
        let value = short(f64::from(x));
        self.say(
            format!("看「{word}」这一行：它的{zh}主要在「{feature}」上（{value}）。"),
            format!("Look at the row of {word}: its {en} lies mostly along \"{feature}\" ({value})."),
        )
    }

    fn scored(&self) -> String {
        let word = self.word();
        if self.is_flat() {
            return self.say(
                format!("「{word}」给每个词打的分都一样：在这个头里它谁也不偏爱。"),
                format!("{word} scores every word the same: in this head it prefers nobody."),
            );
        }
        let best = self.best(|x, top| top - x <= 1e-6 * top.abs().max(1.0));
        let top = self.ranked().first().map_or_else(String::new, |t| short(f64::from(t.1)));
        self.say(
            format!("看「{word}」这一行：分数最高的是{}（{top}）。", quoted(&best)),
            format!("Look at the row of {word}: the highest score is {} ({top}).", best.join(", ")),
        )
    }

    /// Names of the columns close to the top, best first, at most three.
    fn best(&self, near: impl Fn(f32, f32) -> bool) -> Vec<String> {
        let ranked = self.ranked();
        let top = ranked.first().map_or(0.0, |t| t.1);
        ranked.into_iter().filter(|&(_, x)| near(x, top)).take(3).map(|(j, _)| self.column(j)).collect()
    }

    fn scaled(&self) -> String {
        let Some(stage) = self.program.made_by(self.address.slot) else { return String::new() };
        let Rule::Quotient(by) = self.program.sources(stage, self.address.cell).rule else { return String::new() };
        let (word, root) = (self.word(), root(by));
        self.say(
            format!("看「{word}」这一行：高低次序没变，只是都除以了 {root}。"),
            format!("Look at the row of {word}: the order stays, every score is divided by {root}."),
        )
    }

    fn masked(&self) -> String {
        let word = self.word();
        let row = self.numbers();
        let hidden = row.iter().filter(|&&x| x == MASKED).count();
        if hidden == 0 {
            return self.say(
                format!("「{word}」可以看所有 {} 个词，这一行没有变化。", row.len()),
                format!("{word} may look at all {} words; its row is unchanged.", row.len()),
            );
        }
        let open = row.len() - hidden;
        self.say(
            format!("「{word}」只能看 {open} 个词，另外 {hidden} 个被遮住了。"),
            format!("{word} may look at {open} of {} words; {hidden} are hidden.", row.len()),
        )
    }

    fn weighted(&self) -> String {
        let word = self.word();
        let ranked = self.ranked();
        let open = ranked.iter().filter(|&&(_, x)| x > 0.0).count();
        if open > 1 && self.flat_where_open() {
            let share = short(1.0 / open as f64);
            return self.say(
                format!("「{word}」没有特别要找的，于是把注意力平均分给 {open} 个词，每份 {share}。"),
                format!("{word} has nothing to look for, so it spreads its attention evenly: {share} for each of {open} words."),
            );
        }
        let top: Vec<_> = ranked.into_iter().filter(|&(_, x)| x >= 0.2).take(3).collect();
        if top.is_empty() {
            return self.say(
                format!("「{word}」把注意力分散给了很多词，没有哪个超过 0.2。"),
                format!("{word} scatters its attention over many words; none gets more than 0.2."),
            );
        }
        let shares = |quote: fn(String) -> String, joint: &str| {
            let share = |&(j, x): &(usize, f32)| format!("{} {}", quote(self.column(j)), short(f64::from(x)));
            top.iter().map(share).collect::<Vec<_>>().join(joint)
        };
        self.say(
            format!("看「{word}」这一行：注意力给了{}。", shares(|w| format!("「{w}」"), "、")),
            format!("Look at the row of {word}: its attention goes to {}.", shares(|w| w, " and ")),
        )
    }

    /// All weights that are not 0 are the same.
    fn flat_where_open(&self) -> bool {
        let open: Vec<f32> = self.numbers().into_iter().filter(|&x| x > 0.0).collect();
        let (low, high) = open.iter().fold((f32::INFINITY, 0.0_f32), |(l, h), &x| (l.min(x), h.max(x)));
        high - low <= 1e-5
    }

    fn mixed(&self) -> String {
        let weights =
            self.program.find(Symbol::WEIGHTS).map(|slot| Row { address: Address { slot, ..self.address }, ..*self });
        let Some(weights) = weights else { return String::new() };
        let Some(&(j, share)) = weights.ranked().first() else { return String::new() };
        let (word, from, share) = (self.word(), weights.column(j), short(f64::from(share)));
        if weights.flat_where_open() {
            return self.say(
                format!("「{word}」平均地取了每个词的值：它的上下文是大家的平均。"),
                format!("{word} takes every word's value in equal parts: its context is their average."),
            );
        }
        self.say(
            format!("「{word}」取得最多的是「{from}」的值，占 {share}。"),
            format!("{word} takes most from the value of {from}: a share of {share}."),
        )
    }

    fn joined(&self) -> String {
        let Some(stage) = self.program.made_by(self.address.slot) else { return String::new() };
        let sources = self.program.sources(stage, self.address.cell);
        let Some(from) = sources.terms.first().and_then(|t| t.factors.first()) else { return String::new() };
        let (column, head) = (self.address.cell.col + 1, from.cell.head + 1);
        self.say(
            format!("第 {column} 列来自头 {head} 的第 {} 列，数字一点没变。", from.cell.col + 1),
            format!("Column {column} is column {} of head {head}, not a digit changed.", from.cell.col + 1),
        )
    }

    fn written_back(&self) -> String {
        let word = self.word();
        let top: Vec<String> = self
            .ranked()
            .into_iter()
            .take(2)
            .map(|(j, x)| format!("{} {}", self.column(j), short(f64::from(x))))
            .collect();
        self.say(
            format!("看「{word}」这一行：它从上下文里得到最多的是 {}。", top.join("、")),
            format!("Look at the row of {word}: what it gained most from its context is {}.", top.join(" and ")),
        )
    }
}

/// 「爱」、「北京」
fn quoted(words: &[String]) -> String {
    words.iter().map(|w| format!("「{w}」")).collect::<Vec<_>>().join("、")
}
