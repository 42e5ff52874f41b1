//! `dX[c] = (g[c] − mean g − n[c] · mean(n·g)) / √(σ² + ε)`, `g = γ · dY`, `n` the normalised row: the gradient of a number of a
//! row that was brought to mean 0 and spread 1.

use super::layer_norm::normalised;
use super::{Arithmetic, Element, Line, Made, Names, Place, Strip};
use crate::explain::opened::{tex, tex_equals, tex_number};
use crate::explain::strip::StripRow;
use crate::ground::lang::Lang;
use crate::ground::number::short;
use crate::math::ops::{Moments, normalised_adjoint};

/// See the module.
pub(super) struct LayerNormAdjoint {
    /// The column.
    pub(super) chosen: usize,
    /// ε.
    pub(super) epsilon: f64,
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

impl LayerNormAdjoint {
    fn parts(&self, terms: &[f64]) -> Parts {
        let (row, g) = halves(terms);
        let (Moments { mean, spread }, count) = (Moments::of(row, self.epsilon), row.len().max(1) as f64);
        let n: Vec<f64> = row.iter().map(|x| (x - mean) / spread).collect();
        let at = |row: &[f64]| row.get(self.chosen).copied().unwrap_or_default();
        let stretching = n.iter().zip(g).map(|(n, g)| n * g).sum::<f64>() / count;
        Parts { spread, own: (at(&n), at(g)), mean: g.iter().sum::<f64>() / count, stretching }
    }
}

impl Arithmetic for LayerNormAdjoint {
    fn value(&self, terms: &[f64]) -> f64 {
        let (row, g) = halves(terms);
        normalised_adjoint(row, g, self.epsilon).get(self.chosen).copied().unwrap_or_default()
    }

    /// What each gradient comes to in this column; the row itself only says by how much.
    fn terms(&self, terms: Vec<f64>) -> Vec<f64> {
        let (row, g) = halves(&terms);
        let Parts { spread, own: (own, _), .. } = self.parts(&terms);
        let (Moments { mean, .. }, count) = (Moments::of(row, self.epsilon), row.len().max(1) as f64);
        let share = |(k, (x, g)): (usize, (&f64, &f64))| {
            let kept = f64::from(u8::from(k == self.chosen));
            (kept - (1.0 + own * (x - mean) / spread) / count) / spread * g
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
        line.say(" = (").number(g, style).say(" - ").number(mean, style.in_two()).say(" - ");
        line.number(n, made.style_of(0).in_two()).say("×").number(stretching, style.in_two());
        line.say(format!(") / {}", short(spread))).equals(made.value(), made.style());
    }

    fn formula(&self, place: &Place, _names: &dyn Names, _terms: &[f64]) -> String {
        let (gain, gradient) = (place.symbol(1), place.symbol(2));
        format!("(g - mean(g) - n·mean(n·g)) / √(σ² + ε), g = {gain}·{gradient}")
    }

    fn latex(&self, made: &Made) -> String {
        let Parts { spread, own: (n, g), mean, stretching } = self.parts(&made.products());
        let taken = format!(r"{} - {} - {} \times {}", tex(g), tex_number(mean), tex_number(n), tex_number(stretching));
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
        let Moments { mean, spread } = Moments::of(row, self.epsilon);
        let normal = row.iter().map(|x| ((x - mean) / spread) as f32).collect();
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
