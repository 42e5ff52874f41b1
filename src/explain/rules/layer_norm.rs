//! `Y[c] = (x[c] − μ) / √(σ² + ε) · γ[c] + β[c]`: a number of a row brought to mean 0 and spread 1, stretched and moved.

use super::{Arithmetic, Element, Line, Made, Names, Place, Strip};
use crate::explain::opened::{tex, tex_equals, tex_number};
use crate::explain::strip::{StripRow, Written};
use crate::ground::lang::Lang;
use crate::ground::number::{Format, short};
use crate::math::ops::Moments;

/// See the module.
pub(super) struct LayerNorm {
    /// The term that is normalised: the column.
    pub(super) chosen: usize,
    /// ε.
    pub(super) epsilon: f64,
}

/// What the numbers of a row are made from.
struct Parts {
    moments: Moments,
    x: f64,
    gain: f64,
    shift: f64,
}

impl LayerNorm {
    /// The row, γ and β stand behind one another in the terms.
    fn parts(&self, terms: &[f64]) -> Option<Parts> {
        let [row @ .., gain, shift] = terms else { return None };
        let (moments, x) = (Moments::of(row, self.epsilon), *row.get(self.chosen)?);
        Some(Parts { moments, x, gain: *gain, shift: *shift })
    }
}

impl Arithmetic for LayerNorm {
    fn value(&self, terms: &[f64]) -> f64 {
        self.parts(terms)
            .map_or(0.0, |Parts { moments, x, gain, shift }| (x - moments.mean) / moments.spread * gain + shift)
    }

    /// ` = (0.31 - 0.02) / 1.20 × 0.90 + 0.10 = 0.32`
    fn words(&self, line: &mut Line, made: &Made, _names: &dyn Names, _most: usize) {
        let Some(Parts { moments, x, gain, shift }) = self.parts(&made.products()) else { return };
        let style = made.style_of(0);
        line.rounded = true;
        let mean = short(moments.mean);
        let mean = if moments.mean < 0.0 { format!("({mean})") } else { mean };
        line.say(" = (").number(x, style).say(" - ").say(mean).say(") / ").say(short(moments.spread));
        line.say("×").number(gain, made.style_of(1)).say(" + ").number(shift, made.style_of(2));
        line.equals(made.value(), made.style());
    }

    fn formula(&self, place: &Place, _names: &dyn Names, _terms: &[f64]) -> String {
        let count = place.sources.terms.len();
        let [gain, shift] = [count.saturating_sub(2), count.saturating_sub(1)].map(|term| place.written(term));
        format!("({} - μ) / √(σ² + ε) · {gain} + {shift}", place.written(self.chosen))
    }

    fn latex(&self, made: &Made) -> String {
        let Some(Parts { moments, x, gain, shift }) = self.parts(&made.products()) else { return String::new() };
        let fraction = format!(r"\frac{{{} - {}}}{{{}}}", tex(x), tex_number(moments.mean), tex(moments.spread));
        format!(r"= {fraction} \times {} + {} {}", tex_number(gain), tex_number(shift), tex_equals(made.value(), false))
    }

    fn picture(&self, _place: &Place) -> Vec<Element> {
        vec![Element::operand(0), Element::sign("norm →"), Element::Result]
    }

    /// The row, what is left of it at mean 0 and spread 1, γ and β.
    fn strip(&self, made: &Made, names: &dyn Names, done: Option<usize>) -> Option<Strip> {
        let given = StripRow::given(made, names, done);
        let row: Vec<f64> = given.numbers.iter().map(|x| f64::from(x.unwrap_or_default())).collect();
        let Moments { mean, spread } = Moments::of(&row, self.epsilon);
        let name = match names.lang() {
            Lang::Zh => format!("  (x - 均值 {}) / {}", short(mean), short(spread)),
            Lang::En => format!("  (x - mean {}) / {}", short(mean), short(spread)),
        };
        let normal = row.iter().map(|x| ((x - mean) / spread) as f32).collect();
        let rows = vec![given, normalised(made, name, normal), vector(made, "×", 1), vector(made, "+", 2)];
        Some(Strip { steps: true, ..Strip::of_row(made, names, done, rows) })
    }
}

/// A row brought to its usual spread, in digits of its own.
pub(super) fn normalised(made: &Made, name: String, numbers: Vec<f32>) -> StripRow {
    let span = numbers.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
    StripRow {
        name,
        role: made.role_of(0),
        written: Written::Own { format: Format::of(&numbers), span },
        numbers: numbers.into_iter().map(Some).collect(),
        took: 0..0,
    }
}

/// The one row of an operand that is a vector.
pub(super) fn vector(made: &Made, sign: &str, input: usize) -> StripRow {
    let numbers = made.trace.tensor(made.slot(input)).numbers().collect();
    StripRow::of_operand(made, input, format!("{sign} {}", made.symbol(input)), numbers)
}
