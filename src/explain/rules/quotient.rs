//! `S = A / divisor`: a number divided by a constant.

use super::{Arithmetic, Element, Line, Made, Names, Place, Strip};
use crate::explain::opened::{tex, tex_number};
use crate::explain::strip::StripRow;
use crate::ground::number::short;

/// See the module.
pub(super) struct Quotient {
    /// The divisor.
    pub(super) by: f64,
}

impl Arithmetic for Quotient {
    fn value(&self, terms: &[f64]) -> f64 {
        terms.first().copied().unwrap_or_default() / self.by
    }

    fn words(&self, line: &mut Line, made: &Made, _names: &dyn Names, _most: usize) {
        let Some(from) = made.factor(0) else { return };
        line.say(" = ")
            .number(made.read(from), made.role_of(from.input))
            .say(format!(" / {}", root(self.by)))
            .equals(made.value(), made.role());
    }

    fn formula(&self, place: &Place, _names: &dyn Names, _terms: &[f64]) -> String {
        format!("{} / {}", place.written(0), root(self.by))
    }

    fn latex(&self, made: &Made) -> String {
        let root = root(self.by).strip_prefix('√').map_or_else(|| tex(self.by), |n| format!(r"\sqrt{{{n}}}"));
        let above = made.factor(0).map_or_else(String::new, |o| tex_number(made.read(o)));
        format!(r"= \frac{{{above}}}{{{root}}} \approx {}", short(made.value()))
    }

    fn picture(&self, _place: &Place) -> Vec<Element> {
        let by = Element::sign(format!("/ {}", root(self.by)));
        vec![Element::operand(0), by, Element::sign("="), Element::Result]
    }

    /// The row that is divided, and what it comes to.
    fn strip(&self, made: &Made, names: &dyn Names, done: Option<usize>) -> Option<Strip> {
        let given = StripRow::given(made, names, done);
        Some(Strip::of_row(made, names, done, vec![given]))
    }
}

/// `√2` where the divisor is the root of a whole number, else the number.
pub(in crate::explain) fn root(divisor: f64) -> String {
    let square = (divisor * divisor).round();
    if (square - divisor * divisor).abs() < 1e-9 * square && divisor > 1.0 {
        format!("√{square}")
    } else {
        short(divisor)
    }
}
