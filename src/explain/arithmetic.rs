//! How one number was computed, with the real numbers.

use super::line::{Line, Piece};
use super::made::Made;
use super::{Names, rules};
use crate::ground::lang::Lang;
use crate::math::tensor::Cell;
use crate::program::{Address, Program, Trace, labels};

/// A dot product longer than this shows its largest terms and the sum of the others.
const TERMS: usize = 8;

/// How the number at an address was computed, with the real numbers:
/// `scores.2[2,4] = q(爱)·k(天安门) = 2×2 + 0×0 = 4`.
pub fn arithmetic(program: &Program, trace: &Trace, address: Address, names: &dyn Names) -> Vec<Piece> {
    arithmetic_of(program, trace, address, names, TERMS)
}

/// The same with at most so many terms of a sum spelled out, the largest, and the sum of the others: for narrow places.
pub fn arithmetic_of(program: &Program, trace: &Trace, address: Address, names: &dyn Names, most: usize) -> Vec<Piece> {
    let role = labels::label(program.symbol(address.slot).name, program.kind()).role;
    let mut line = Line::default();
    line.coloured(address.display(program), role);
    if let Some(stage) = program.made_by(address.slot) {
        let made = Made::new(program, trace, stage, address);
        if trace.made_by(program, address).is_some() {
            rules::of(made.sources.rule).words(&mut line, &made, names, most);
        } else {
            overridden(&mut line, &made, names.lang());
        }
        return line.pieces;
    }
    let shape = program.shape(address.slot);
    let Cell { head, row, col, .. } = address.cell;
    let place = format!("{} · {}", names.name(shape.rows.axis, head, row), names.name(shape.cols.axis, head, col));
    let said = trace.format(address.slot).say(f64::from(trace.get(address)));
    line.say(" = ").coloured(said, role).say(format!("   {place}"));
    line.pieces
}

/// `scores.2[2,4] = 9   (by hand; computed it is 4)`
fn overridden(line: &mut Line, made: &Made, lang: Lang) {
    let format = made.style().format;
    let computed = format.say(rules::of(made.sources.rule).value(&made.products()));
    line.say(" = ").coloured(format.say(made.value()), made.role()).say(match lang {
        Lang::Zh => format!("   手工指定的数，算出来是 {computed}；Backspace 取消"),
        Lang::En => format!("   set by hand, computed it would be {computed}; Backspace takes it back"),
    });
}
