//! `C = Σ terms / how many`: the mean of the numbers in one place of several heads.

use super::{Arithmetic, Element, Line, Made, Names, Place, Strip};
use crate::explain::opened::{tex_equals, tex_number};
use crate::explain::strip::StripRow;
use crate::ground::number::short_is_exact;
use crate::program::Address;

/// See the module.
pub(super) struct Mean;

impl Arithmetic for Mean {
    fn value(&self, terms: &[f64]) -> f64 {
        terms.iter().sum::<f64>() / terms.len().max(1) as f64
    }

    /// ` = (0.30 + 0.50) / 2 = 0.40`
    fn words(&self, line: &mut Line, made: &Made, _names: &dyn Names, most: usize) {
        let numbers = made.products();
        let style = made.style_of(0);
        line.say(" = ");
        if numbers.len() <= most {
            line.say("(");
            for (n, &x) in numbers.iter().enumerate() {
                line.say(if n > 0 { " + " } else { "" }).number(x, style);
            }
            line.say(")");
        } else {
            line.say("Σ = ").number(numbers.iter().sum(), style);
        }
        line.say(format!(" / {}", numbers.len())).equals(made.value(), made.style());
    }

    fn formula(&self, place: &Place, _names: &dyn Names, _terms: &[f64]) -> String {
        let count = place.sources.terms.len();
        let terms = (0..count).map(|term| place.written(term)).collect::<Vec<_>>().join(" + ");
        format!("({terms}) / {count}")
    }

    fn latex(&self, made: &Made) -> String {
        let numbers = made.products();
        let sum = numbers.iter().map(|&x| tex_number(x)).collect::<Vec<_>>().join(" + ");
        let exact = numbers.iter().all(|&x| short_is_exact(x));
        format!(r"= \frac{{{sum}}}{{{}}} {}", numbers.len(), tex_equals(made.value(), exact))
    }

    fn picture(&self, place: &Place) -> Vec<Element> {
        let heads = place.operand(0).heads.unwrap_or(1);
        let mut elements = Element::joined((0..heads).map(|head| Element::Head { input: 0, head }), "+");
        elements.extend([Element::sign(format!("Σ / {heads} =")), Element::Result]);
        elements
    }

    /// The row in every head, and what they come to.
    fn strip(&self, made: &Made, names: &dyn Names, done: Option<usize>) -> Option<Strip> {
        let (cell, cols) = (made.cell(), made.shape().cols.len);
        let took = if done.is_some_and(|done| done > 0) { cell.col..cell.col + 1 } else { 0..0 };
        let row = |(n, term): (usize, &crate::math::ops::Term)| {
            let from = term.factors[0];
            let at = |col| Address { cell: from.cell.moved(from.cell.row, col), ..made.address_of(from) };
            let sign = if n > 0 { "+" } else { " " };
            let name = format!("{sign} {}.{}", made.symbol(0), from.cell.head + 1);
            let numbers = (0..cols).map(|col| made.trace.get(at(col))).collect();
            StripRow { took: took.clone(), ..StripRow::of_operand(made, 0, name, numbers) }
        };
        let rows = made.sources.terms.iter().enumerate().map(row).collect();
        Some(Strip::of_row(made, names, done, rows))
    }
}
