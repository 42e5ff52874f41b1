//! `dX[c] = (g[c] − mean g − n[c] · mean(n·g)) / √(σ² + ε)`, `g = γ · dY`, `n` the normalised row: the gradient of a number of a
//! row that was brought to mean 0 and spread 1. Where it was only divided by its root mean square, no mean is taken off.

use super::layer_norm::normalised;
use super::{Arithmetic, Element, Line, Made, Names, Place, Strip};
use crate::explain::opened::{tex, tex_equals, tex_number};
use crate::explain::strip::StripRow;
use crate::ground::lang::Lang;
use crate::ground::number::short;
use crate::math::ops::Moments;

/// See the module.
pub(super) struct NormAdjoint {
    /// The column.
    pub(super) chosen: usize,
    /// ε.
    pub(super) epsilon: f64,
    /// Whether the row was brought to mean 0.
    pub(super) centred: bool,
}

/// The averages that the gradient is made with.
struct Parts {
    spread: f64,
    /// The column's normalised number, and its stretched gradient.
    own: (f64, f64),
    mean: f64,
    stretching: f64,
}

/// The row, and its stretched gradients.
fn halves(terms: &[f64]) -> (&[f64], &[f64]) {
    terms.split_at(terms.len() / 2)
}

impl NormAdjoint {
    fn moments(&self, row: &[f64]) -> Moments {
        if self.centred { Moments::of(row, self.epsilon) } else { Moments::about_zero(row, self.epsilon) }
    }

    fn parts(&self, terms: &[f64]) -> Parts {
        let (row, g) = halves(terms);
        let (moments, count) = (self.moments(row), row.len().max(1) as f64);
        let at = |row: &[f64]| row.get(self.chosen).copied().unwrap_or_default();
        let stretching = row.iter().zip(g).map(|(x, g)| moments.normal(*x) * g).sum::<f64>() / count;
        let mean = if self.centred { g.iter().sum::<f64>() / count } else { 0.0 };
        Parts { spread: moments.spread, own: (moments.normal(at(row)), at(g)), mean, stretching }
    }
}

impl Arithmetic for NormAdjoint {
    fn value(&self, terms: &[f64]) -> f64 {
        let (row, g) = halves(terms);
        let all = self.moments(row).adjoint(row, g, self.centred);
        all.get(self.chosen).copied().unwrap_or_default()
    }

    /// What each gradient comes to in this column; the row itself only says by how much.
    fn terms(&self, terms: Vec<f64>) -> Vec<f64> {
        let (row, g) = halves(&terms);
        let Parts { spread, own: (own, _), .. } = self.parts(&terms);
        let (moments, count) = (self.moments(row), row.len().max(1) as f64);
        let moving = if self.centred { 1.0 } else { 0.0 };
        let share = |(k, (x, g)): (usize, (&f64, &f64))| {
            let kept = if k == self.chosen { 1.0 } else { 0.0 };
            (kept - (moving + own * moments.normal(*x)) / count) / spread * g
        };
        let shares = row.iter().zip(g).enumerate().map(share);
        std::iter::repeat_n(0.0, row.len()).chain(shares).collect()
    }

    fn beside(&self, term: f64) -> Option<String> {
        (term != 0.0).then(|| format!("→ {}", short(term)))
    }

    /// ` = (0.31 - 0.02 - 0.50×0.10) / 1.20 = 0.20`
    fn words(&self, line: &mut Line, made: &Made, _names: &dyn Names, _most: usize) {
        let Parts { spread, own: (n, g), mean, stretching } = self.parts(&made.products());
        let style = made.style_of(2);
        line.rounded = true;
        line.say(" = (").number(g, style);
        if self.centred {
            line.say(" - ").number(mean, style.in_two());
        }
        line.say(" - ");
        line.number(n, made.style_of(0).in_two()).say("×").number(stretching, style.in_two());
        line.say(format!(") / {}", short(spread))).equals(made.value(), made.style());
    }

    fn formula(&self, place: &Place, _names: &dyn Names, _terms: &[f64]) -> String {
        let (gain, gradient) = (place.symbol(1), place.symbol(2));
        if self.centred {
            format!("(g - mean(g) - n·mean(n·g)) / √(σ² + ε), g = {gain}·{gradient}")
        } else {
            format!("(g - n·mean(n·g)) / r, g = {gain}·{gradient}")
        }
    }

    fn latex(&self, made: &Made) -> String {
        let Parts { spread, own: (n, g), mean, stretching } = self.parts(&made.products());
        let moving = if self.centred { format!(" - {}", tex_number(mean)) } else { String::new() };
        let taken = format!(r"{}{moving} - {} \times {}", tex(g), tex_number(n), tex_number(stretching));
        format!(r"= \frac{{{taken}}}{{{}}} {}", tex(spread), tex_equals(made.value(), false))
    }

    fn picture(&self, _place: &Place) -> Vec<Element> {
        let gradient = Element::Operand { input: 2, turned: false, bare: true };
        vec![Element::operand(0), Element::sign("·"), gradient, Element::sign("norm′ →"), Element::Result]
    }

    /// The row as it was normalised, and its gradients stretched by γ.
    fn strip(&self, made: &Made, names: &dyn Names, done: Option<usize>) -> Option<Strip> {
        let terms = made.products();
        let (row, g) = halves(&terms);
        let moments = self.moments(row);
        let (normal, spread) = (row.iter().map(|x| moments.normal(*x) as f32).collect(), moments.spread);
        let (normal_name, stretched_name) = match names.lang() {
            Lang::Zh => {
                (format!("  n（跨度 {}）", short(spread)), format!("  g = {}·{}", made.symbol(1), made.symbol(2)))
            }
            Lang::En => {
                (format!("  n (spread {})", short(spread)), format!("  g = {}·{}", made.symbol(1), made.symbol(2)))
            }
        };
        let stretched = normalised(made, stretched_name, g.iter().map(|&x| x as f32).collect());
        let rows = vec![StripRow::given(made, names, done), normalised(made, normal_name, normal), stretched];
        Some(Strip { steps: true, ..Strip::of_row(made, names, done, rows) })
    }
}
