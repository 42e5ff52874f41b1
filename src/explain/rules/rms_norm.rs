//! `Y[c] = x[c] / √(Σ_j x[j]² / n + ε) · γ[c]`: a number of a row over the row's root mean square, stretched.

use super::layer_norm::{normalised, vector};
use super::{Arithmetic, Element, Line, Made, Names, Place, Strip};
use crate::explain::opened::{tex, tex_equals, tex_number};
use crate::explain::strip::StripRow;
use crate::ground::number::short;
use crate::math::ops::root_mean_square;

/// See the module.
pub(super) struct RmsNorm {
    /// The term that is normalised: the column.
    pub(super) chosen: usize,
    /// ε.
    pub(super) epsilon: f64,
}

impl RmsNorm {
    /// The number, the root mean square of its row, and γ, which stands behind the row in the terms.
    fn parts(&self, terms: &[f64]) -> Option<[f64; 3]> {
        let [row @ .., gain] = terms else { return None };
        Some([*row.get(self.chosen)?, root_mean_square(row, self.epsilon), *gain])
    }
}

impl Arithmetic for RmsNorm {
    fn value(&self, terms: &[f64]) -> f64 {
        self.parts(terms).map_or(0.0, |[x, r, gain]| x / r * gain)
    }

    /// ` = 0.31 / 1.20×0.90 = 0.23`
    fn words(&self, line: &mut Line, made: &Made, _names: &dyn Names, _most: usize) {
        let Some([x, r, gain]) = self.parts(&made.products()) else { return };
        line.rounded = true;
        line.say(" = ").number(x, made.style_of(0)).say(" / ").say(short(r)).say("×").number(gain, made.style_of(1));
        line.equals(made.value(), made.style());
    }

    fn formula(&self, place: &Place, _names: &dyn Names, _terms: &[f64]) -> String {
        let gain = place.written(place.sources.terms.len().saturating_sub(1));
        format!("{} / √(mean x² + ε) · {gain}", place.written(self.chosen))
    }

    fn latex(&self, made: &Made) -> String {
        let Some([x, r, gain]) = self.parts(&made.products()) else { return String::new() };
        let equals = tex_equals(made.value(), false);
        format!(r"= \frac{{{}}}{{{}}} \times {} {equals}", tex(x), tex(r), tex_number(gain))
    }

    fn picture(&self, _place: &Place) -> Vec<Element> {
        vec![Element::operand(0), Element::sign("norm →"), Element::Result]
    }

    /// The row, the same over its root mean square, and γ.
    fn strip(&self, made: &Made, names: &dyn Names, done: Option<usize>) -> Option<Strip> {
        let given = StripRow::given(made, names, done);
        let row: Vec<f64> = given.numbers.iter().map(|x| f64::from(x.unwrap_or_default())).collect();
        let r = root_mean_square(&row, self.epsilon);
        let normal = row.iter().map(|x| (x / r) as f32).collect();
        let rows = vec![given, normalised(made, format!("  x / {}", short(r)), normal), vector(made, "×", 1)];
        Some(Strip { steps: true, ..Strip::of_row(made, names, done, rows) })
    }
}
