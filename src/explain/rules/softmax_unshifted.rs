//! `W[c] = exp(x[c]) / Σ_j exp(x[j])`: a share of a row whose exponentials may be more than f32 holds.

use super::{Arithmetic, Element, Line, Made, Names, Place, Strip};
use crate::explain::opened::{tex, tex_equals};
use crate::explain::strip::{StripRow, Written};
use crate::ground::number::{Format, short};
use crate::math::ops::Unshifted;
use crate::math::tensor::MASKED_F64;

/// See the module.
pub(super) struct SoftmaxUnshifted {
    /// The term whose share it is: the column.
    pub(super) chosen: usize,
}

impl Arithmetic for SoftmaxUnshifted {
    fn value(&self, terms: &[f64]) -> f64 {
        Unshifted::of(terms).weight(self.chosen)
    }

    /// Their exponentials: each over the sum of all is a share.
    fn terms(&self, terms: Vec<f64>) -> Vec<f64> {
        Unshifted::of(&terms).exp
    }

    fn beside(&self, term: f64) -> Option<String> {
        Some(format!("exp → {}", short(term)))
    }

    /// `exp(100) / (1.50 + inf) = inf / inf = NaN`
    fn words(&self, line: &mut Line, made: &Made, _names: &dyn Names, most: usize) {
        let row = made.products();
        let steps = Unshifted::of(&row);
        let Some(&score) = row.get(self.chosen) else { return };
        if score == MASKED_F64 && made.value() == 0.0 {
            line.say(" = ").coloured("0", made.role()).say("   (mask = 0)");
            return;
        }
        line.say(" = exp(").number(score, made.style_of(0)).say(") / ");
        line.rounded = true;
        if row.len() <= most {
            let sum = steps.exp.iter().map(|&e| short(e)).collect::<Vec<_>>().join(" + ");
            line.say(format!("({sum})"));
        } else {
            line.say("Σ exp");
        }
        line.say(format!(" = {} / {}", short(steps.exp[self.chosen]), short(steps.sum)));
        line.equals(made.value(), made.style());
    }

    fn formula(&self, place: &Place, _names: &dyn Names, _terms: &[f64]) -> String {
        format!("exp({}) / Σ exp({})", place.written(self.chosen), place.symbol(0))
    }

    fn latex(&self, made: &Made) -> String {
        let scores = made.products();
        let open = |x: &&f64| x.is_finite();
        let sum = scores.iter().filter(open).map(|&x| format!("e^{{{}}}", tex(x))).collect::<Vec<_>>().join(" + ");
        match scores.get(self.chosen).filter(open) {
            Some(&x) => format!(r"= \frac{{e^{{{}}}}}{{{sum}}} {}", tex(x), tex_equals(made.value(), false)),
            None => format!("= {}", tex(made.value())),
        }
    }

    fn picture(&self, _place: &Place) -> Vec<Element> {
        vec![Element::operand(0), Element::sign("softmax →"), Element::Result]
    }

    /// The row of scores, their exponentials, and the shares.
    fn strip(&self, made: &Made, names: &dyn Names, done: Option<usize>) -> Option<Strip> {
        let given = StripRow::given(made, names, done);
        let exp: Vec<f32> = Unshifted::of(&made.products()).exp.iter().map(|&x| x as f32).collect();
        let span = exp.iter().copied().filter(|x| x.is_finite()).fold(0.0_f32, f32::max);
        let exponentials = StripRow {
            name: "  exp(x)".into(),
            written: Written::Own { format: Format::of(&exp), span },
            numbers: exp.into_iter().map(Some).collect(),
            took: given.took.clone(),
            ..given.clone()
        };
        Some(Strip { steps: true, ..Strip::of_row(made, names, done, vec![given, exponentials]) })
    }
}
