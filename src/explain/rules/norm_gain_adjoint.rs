//! `(x[c] − μ) / √(σ² + ε) · dY[c]`: what a row adds to the gradient of γ.

use super::layer_norm::normalised;
use super::{Arithmetic, Element, Line, Made, Names, Place, Strip};
use crate::explain::opened::{tex, tex_equals, tex_number};
use crate::explain::strip::StripRow;
use crate::ground::lang::Lang;
use crate::ground::number::short;
use crate::math::ops::Moments;

/// See the module.
pub(super) struct NormGainAdjoint {
    /// The column.
    pub(super) chosen: usize,
    /// ε.
    pub(super) epsilon: f64,
    /// Whether the row was brought to mean 0; else it was only divided by its root mean square.
    pub(super) centred: bool,
}

impl NormGainAdjoint {
    fn moments(&self, row: &[f64]) -> Moments {
        if self.centred { Moments::of(row, self.epsilon) } else { Moments::about_zero(row, self.epsilon) }
    }

    /// The number, the moments of its row, its gradient.
    fn parts(&self, terms: &[f64]) -> Option<(f64, Moments, f64)> {
        let [row @ .., gradient] = terms else { return None };
        Some((*row.get(self.chosen)?, self.moments(row), *gradient))
    }
}

impl Arithmetic for NormGainAdjoint {
    fn value(&self, terms: &[f64]) -> f64 {
        self.parts(terms).map_or(0.0, |(x, moments, gradient)| moments.normal(x) * gradient)
    }

    /// The gradient counts for all of it; the row says by how much.
    fn terms(&self, terms: Vec<f64>) -> Vec<f64> {
        let value = self.value(&terms);
        std::iter::repeat_n(0.0, terms.len().saturating_sub(1)).chain([value]).collect()
    }

    fn beside(&self, term: f64) -> Option<String> {
        (term != 0.0).then(|| format!("→ {}", short(term)))
    }

    /// ` = (0.31 - 0.02) / 1.20×0.90 = 0.22`
    fn words(&self, line: &mut Line, made: &Made, _names: &dyn Names, _most: usize) {
        let Some((x, Moments { mean, spread }, gradient)) = self.parts(&made.products()) else { return };
        let style = made.style_of(0);
        line.rounded = true;
        line.say(" = (")
            .number(x, style)
            .say(" - ")
            .number(mean, style.in_two())
            .say(format!(") / {}×", short(spread)));
        line.number(gradient, made.style_of(1)).equals(made.value(), made.style());
    }

    fn formula(&self, place: &Place, _names: &dyn Names, _terms: &[f64]) -> String {
        let gradient = place.written(place.sources.terms.len().saturating_sub(1));
        let x = place.written(self.chosen);
        if self.centred {
            format!("({x} - μ) / √(σ² + ε) · {gradient}")
        } else {
            format!("{x} / r · {gradient}")
        }
    }

    fn latex(&self, made: &Made) -> String {
        let Some((x, Moments { mean, spread }, gradient)) = self.parts(&made.products()) else { return String::new() };
        let from = if self.centred { format!(" - {}", tex_number(mean)) } else { String::new() };
        let fraction = format!(r"\frac{{{}{from}}}{{{}}}", tex(x), tex(spread));
        format!(r"= {fraction} \times {} {}", tex_number(gradient), tex_equals(made.value(), false))
    }

    fn picture(&self, _place: &Place) -> Vec<Element> {
        let gradient = Element::Operand { input: 1, turned: false, bare: true };
        vec![Element::operand(0), Element::sign("norm ×"), gradient, Element::sign("="), Element::Result]
    }

    /// The row, what is left of it at mean 0 and spread 1, its gradients.
    fn strip(&self, made: &Made, names: &dyn Names, done: Option<usize>) -> Option<Strip> {
        let given = StripRow::given(made, names, done);
        let row: Vec<f64> = given.numbers.iter().map(|x| f64::from(x.unwrap_or_default())).collect();
        let moments = self.moments(&row);
        let Moments { mean, spread } = moments;
        let name = match names.lang() {
            _ if !self.centred => format!("  x / {}", short(spread)),
            Lang::Zh => format!("  (x - 均值 {}) / {}", short(mean), short(spread)),
            Lang::En => format!("  (x - mean {}) / {}", short(mean), short(spread)),
        };
        let normal = row.iter().map(|x| moments.normal(*x) as f32).collect();
        let rows = vec![given, normalised(made, name, normal), StripRow::beside(made, ("×", 1), names)];
        Some(Strip { steps: true, ..Strip::of_row(made, names, done, rows) })
    }
}
