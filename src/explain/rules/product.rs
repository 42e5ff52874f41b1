//! `Y = A · B`, number by number: two numbers in the same place, multiplied.

use super::{Arithmetic, Element, Line, Made, Names, Place, Strip};
use crate::explain::opened::{tex_equals, tex_number};
use crate::explain::strip::StripRow;
use crate::ground::number::short_is_exact;
use crate::math::ops::Operand;

/// See the module.
pub(super) struct Product;

/// The numbers that are multiplied.
fn factors<'a>(place: &'a Place) -> impl Iterator<Item = Operand> + 'a {
    place.sources.terms.iter().flat_map(|term| term.factors.iter().copied())
}

impl Arithmetic for Product {
    fn value(&self, terms: &[f64]) -> f64 {
        terms.first().copied().unwrap_or_default()
    }

    /// `scaled.1[1,2] · mask[1,2] = 2.83×0 = 0`
    fn words(&self, line: &mut Line, made: &Made, names: &dyn Names, _most: usize) {
        line.say(" = ").say(self.formula(made, names, &[])).say(" = ");
        for (n, factor) in factors(made).enumerate() {
            line.say(if n > 0 { "×" } else { "" }).number(made.read(factor), made.style_of(factor.input));
        }
        line.equals(made.value(), made.style());
    }

    fn formula(&self, place: &Place, _names: &dyn Names, _terms: &[f64]) -> String {
        let written = factors(place).map(|factor| place.address_of(factor).display(place.program));
        written.collect::<Vec<_>>().join(" · ")
    }

    fn latex(&self, made: &Made) -> String {
        let numbers: Vec<f64> = factors(made).map(|factor| made.read(factor)).collect();
        let product = numbers.iter().map(|&x| tex_number(x)).collect::<Vec<_>>().join(r" \times ");
        format!("= {product} {}", tex_equals(made.value(), numbers.iter().all(|&x| short_is_exact(x))))
    }

    fn picture(&self, _place: &Place) -> Vec<Element> {
        let right = Element::Operand { input: 1, turned: false, bare: true };
        vec![Element::operand(0), Element::sign("×"), right, Element::sign("="), Element::Result]
    }

    /// Both rows, and what they come to.
    fn strip(&self, made: &Made, names: &dyn Names, done: Option<usize>) -> Option<Strip> {
        let given = StripRow::given(made, names, done);
        let by = StripRow {
            took: given.took.clone(),
            ..StripRow::of_operand(made, 1, format!("× {}", made.symbol(1)), made.row_of(1))
        };
        Some(Strip::of_row(made, names, done, vec![given, by]))
    }
}
