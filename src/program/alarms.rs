//! Invariants of a trace that a change may break: rows of weights, and of whatever else shares values out, sum to 1; every
//! number is one.

use super::{Address, Name, Program, Rule, Trace, imported};
use crate::ground::lang::Text;
use crate::ground::number::short;
use crate::math::ops::Operand;
use crate::math::tensor::{Cell, MASKED};

/// How far the sum of a row may be from 1: f32 keeps rows of 512 shares well within it. Rows that are given instead of
/// computed may be as far off as [`imported::ROW_SUM`].
const ROW_SUM: f64 = 1e-4;

/// What is broken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Broken {
    /// A row of weights that sums to this instead of 1.
    RowSum(f64),
    /// ∞ − ∞, 0 / 0: no value.
    NotANumber,
    /// More than f32 holds.
    Infinite,
}

/// One broken invariant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Alarm {
    /// What is broken.
    pub what: Broken,
    /// Where: the first such number of its stage, the first number of a row.
    pub at: Address,
    /// The number that brought it about: the earliest broken one on the way there, or one that was overridden by hand.
    pub cause: Address,
    /// Whether that number was set by hand.
    pub by_hand: bool,
}

/// What is broken in a trace: the first of each kind at each stage, in the program's order.
pub fn alarms(program: &Program, trace: &Trace) -> Vec<Alarm> {
    let mut alarms = Vec::new();
    for i in 0..program.stages().len() {
        let slot = program.output_of(i);
        let tensor = trace.tensor(slot);
        // One quick look is enough nearly always.
        let sound = match program.symbol(slot).name {
            Name::Masked => all(tensor.as_slice(), |x| x < f32::INFINITY),
            _ => all(tensor.as_slice(), f32::is_finite),
        };
        for what in [Broken::NotANumber, Broken::Infinite] {
            if sound {
                continue;
            }
            let first = tensor.shape().cells().find(|&cell| broken(program, slot, tensor.get(cell)) == Some(what));
            if let Some(cell) = first {
                let at = Address { slot, cell };
                let cause = cause(program, trace, at);
                alarms.push(Alarm { what, at, cause, by_hand: trace.is_overridden(cause) });
            }
        }
        let symbol = program.symbol(slot);
        if symbol.name == Name::Weights || program.shares(symbol.layer) == Some(slot) {
            let given = program.find(symbol.layer, Name::Attention).is_some();
            alarms.extend(row_sum(trace, slot, if given { imported::ROW_SUM } else { ROW_SUM }));
        }
    }
    alarms
}

/// Whether something holds of all numbers: without a branch at each.
fn all(numbers: &[f32], holds: impl Fn(f32) -> bool) -> bool {
    numbers.iter().filter(|&&x| !holds(x)).count() == 0
}

/// What is wrong with one number; a masked score is as it should be.
fn broken(program: &Program, slot: super::Slot, x: f32) -> Option<Broken> {
    if x.is_nan() {
        Some(Broken::NotANumber)
    } else if x.is_infinite() && !(x == MASKED && program.symbol(slot).name == Name::Masked) {
        Some(Broken::Infinite)
    } else {
        None
    }
}

/// The first row of weights that does not sum to 1 although all of it are numbers.
fn row_sum(trace: &Trace, slot: super::Slot, most: f64) -> Option<Alarm> {
    let tensor = trace.tensor(slot);
    let cols = tensor.shape().cols.len;
    let sums = tensor.as_slice().chunks(cols).map(|row| row.iter().map(|&x| f64::from(x)).sum::<f64>());
    let (row, sum) = sums.enumerate().find(|(_, sum)| sum.is_finite() && (sum - 1.0).abs() > most)?;
    let cell = tensor.shape().cells().nth(row * cols)?;
    let at = Address { slot, cell };
    let in_row = |o: &Address| o.slot == slot && Cell { col: 0, ..o.cell } == cell;
    let cause = trace.overrides().iter().map(|o| o.address).find(in_row).unwrap_or(at);
    Some(Alarm { what: Broken::RowSum(sum), at, cause, by_hand: trace.is_overridden(cause) })
}

/// Goes back from a broken number as long as one that made it is broken too.
fn cause(program: &Program, trace: &Trace, at: Address) -> Address {
    let mut cause = at;
    while let Some(stage) = trace.made_by(program, cause) {
        let sources = program.sources(stage, cause.cell);
        let factors = sources.terms.iter().flat_map(|term| &term.factors);
        let address = |o: &Operand| Address { slot: stage.operands[o.input], cell: o.cell };
        let is_broken = |a: &Address| broken(program, a.slot, trace.get(*a)).is_some();
        let Some(earlier) = factors.map(address).find(is_broken) else { break };
        cause = earlier;
    }
    cause
}

impl Alarm {
    /// Whether this number is broken, or broke others. Of a row that does not sum to 1, only the number that was
    /// overridden is.
    pub fn breaks(&self, number: Address) -> bool {
        number == self.cause || (number == self.at && !matches!(self.what, Broken::RowSum(_)))
    }

    /// What is broken and why, for a person.
    pub fn words(&self, program: &Program) -> Text {
        let (at, cause) = (self.at.display(program), self.cause.display(program));
        let because = |zh: String, en: String| {
            if self.at == self.cause {
                (zh, en)
            } else {
                (format!("{zh}，由 {cause} 引起"), format!("{en}, because of {cause}"))
            }
        };
        let rule = program.made_by(self.at.slot).map(|stage| program.sources(stage, self.at.cell).rule);
        let divides = matches!(rule, Some(Rule::SoftmaxUnshifted(_)));
        let (sign, over) = if divides { ("/", "over") } else { ("-", "minus") };
        let (zh, en) = match self.what {
            Broken::RowSum(sum) => {
                let sum = short(sum);
                if self.by_hand {
                    (
                        format!("{at} 这一行加起来是 {sum}，不是 1：{cause} 被改过"),
                        format!("the row of {at} sums to {sum}, not 1: {cause} was set by hand"),
                    )
                } else {
                    (format!("{at} 这一行加起来是 {sum}，不是 1"), format!("the row of {at} sums to {sum}, not 1"))
                }
            }
            Broken::NotANumber => because(
                format!("{at} 不是数（NaN）：∞ {sign} ∞ 没有值"),
                format!("{at} is no number (NaN): infinity {over} infinity has no value"),
            ),
            Broken::Infinite => because(
                format!("{at} 是无穷大：32 位浮点数装不下"),
                format!("{at} is infinite: more than a 32-bit number holds"),
            ),
        };
        Text::owned(zh, en)
    }
}
