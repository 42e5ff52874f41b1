//! `Y = f(A)`: a function of one number, as GELU.

use super::{Arithmetic, Element, Line, Made, Names, Place, Strip};
use crate::explain::opened::{tex, tex_equals};
use crate::explain::strip::{StripRow, Written};
use crate::math::ops;

/// See the module.
pub(super) struct Activation {
    /// The function.
    pub(super) function: ops::Activation,
}

impl Arithmetic for Activation {
    fn value(&self, terms: &[f64]) -> f64 {
        self.function.of(terms.first().copied().unwrap_or_default())
    }

    /// ` = GELU(0.50) = 0.50×0.69 = 0.35`: the number, and which share of it passes.
    fn words(&self, line: &mut Line, made: &Made, _names: &dyn Names, _most: usize) {
        let Some(from) = made.factor(0) else { return };
        let (x, style) = (made.read(from), made.style_of(from.input));
        line.say(format!(" = {}(", self.function.written())).number(x, style).say(") = ").number(x, style);
        line.rounded = true;
        line.say("×").number(self.function.gate(x), style.in_two());
        line.equals(made.value(), made.style());
    }

    fn formula(&self, place: &Place, _names: &dyn Names, _terms: &[f64]) -> String {
        format!("{}({})", self.function.written(), place.written(0))
    }

    fn latex(&self, made: &Made) -> String {
        let x = made.factor(0).map_or(0.0, |from| made.read(from));
        format!(r"= \mathrm{{{}}}({}) {}", self.function.written(), tex(x), tex_equals(made.value(), x == 0.0))
    }

    fn picture(&self, _place: &Place) -> Vec<Element> {
        vec![Element::operand(0), Element::sign(format!("{} →", self.function.written())), Element::Result]
    }

    /// The row, and which share of each number passes.
    fn strip(&self, made: &Made, names: &dyn Names, done: Option<usize>) -> Option<Strip> {
        let given = StripRow::given(made, names, done);
        let share = |x: &Option<f32>| Some(self.function.gate(f64::from(x.unwrap_or_default())) as f32);
        let gate = StripRow {
            name: "× ".into(),
            role: made.role_of(0),
            written: Written::Shares,
            numbers: given.numbers.iter().map(share).collect(),
            took: given.took.clone(),
        };
        Some(Strip::of_row(made, names, done, vec![given, gate]))
    }
}
