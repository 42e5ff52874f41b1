//! `(P[c] · Σ T − T[c]) / n · dL` of logits, `−T[c] / (n · W[c]) · dL` of weights: the gradient of what a loss was taken of.

use super::{Arithmetic, Element, Line, Made, Names, Place, Strip};
use crate::explain::opened::{tex, tex_equals, tex_number};
use crate::explain::strip::{StripRow, Written};
use crate::ground::lang::Lang;
use crate::ground::number::short;
use crate::math::ops::{Exponentials, pull};

/// See the module.
pub(super) struct LossAdjoint {
    /// The place among all targets.
    pub(super) chosen: usize,
    /// Columns of a row of logits; none where the loss was taken of shares.
    pub(super) cols: Option<usize>,
}

/// What a gradient is made from.
struct Parts {
    /// The share of the column: softmax of the logits, or the weight itself.
    share: f64,
    /// The column's target, that of its row, that of all rows.
    target: f64,
    own: f64,
    asked: f64,
    /// The gradient of the loss.
    gradient: f64,
}

impl LossAdjoint {
    /// The row of logits, or the one weight; the targets; the gradient of the loss.
    fn split<'t>(&self, terms: &'t [f64]) -> (&'t [f64], &'t [f64], f64) {
        let (given, others) = terms.split_at(self.cols.unwrap_or(1).min(terms.len()));
        let [targets @ .., gradient] = others else { return (given, &[], 0.0) };
        (given, targets, *gradient)
    }

    fn parts(&self, terms: &[f64]) -> Parts {
        let (given, targets, gradient) = self.split(terms);
        let target = targets.get(self.chosen).copied().unwrap_or_default();
        let (share, own) = match self.cols {
            Some(cols) => {
                let row = self.chosen / cols * cols;
                let own = targets.get(row..row + cols).unwrap_or_default().iter().sum();
                (Exponentials::of(given).weight(self.chosen % cols), own)
            }
            None => (given.first().copied().unwrap_or_default(), target),
        };
        Parts { share, target, own, asked: targets.iter().sum(), gradient }
    }
}

impl Parts {
    /// What is taken for the share, and for the target.
    fn both(&self, logits: bool) -> [f64; 2] {
        let by = if self.asked == 0.0 { 0.0 } else { self.gradient / self.asked };
        if logits {
            [self.share * self.own * by, -self.target * by]
        } else {
            [0.0, pull(self.share, self.target, self.asked) * self.gradient]
        }
    }
}

impl Arithmetic for LossAdjoint {
    fn value(&self, terms: &[f64]) -> f64 {
        let [share, target] = self.parts(terms).both(self.cols.is_some());
        share + target
    }

    /// What was expected counts for one part, what should have been for the other; the rest says by how much.
    fn terms(&self, terms: Vec<f64>) -> Vec<f64> {
        let [share, target] = self.parts(&terms).both(self.cols.is_some());
        let mut shares = vec![0.0; terms.len()];
        let given = self.cols.unwrap_or(1);
        if let Some(x) = shares.get_mut(self.chosen % given) {
            *x = share;
        }
        if let Some(x) = shares.get_mut(given + self.chosen) {
            *x = target;
        }
        shares
    }

    fn beside(&self, term: f64) -> Option<String> {
        (term != 0.0).then(|| format!("→ {}", short(term)))
    }

    /// ` = (0.40 - 1) / 3×1 = -0.20`, ` = -1 / (3×0.40)×1 = -0.83`
    fn words(&self, line: &mut Line, made: &Made, _names: &dyn Names, _most: usize) {
        let Parts { share, target, own, asked, gradient } = self.parts(&made.products());
        let style = made.style_of(0);
        line.rounded = true;
        if self.cols.is_some() {
            line.say(" = (").number(share, style.in_two());
            if own != 1.0 {
                line.say("×").number(own, made.style_of(1));
            }
            line.say(" - ").number(target, made.style_of(1)).say(format!(") / {}×", short(asked)));
        } else {
            line.say(" = -").number(target, made.style_of(1)).say(format!(" / ({}×", short(asked)));
            line.number(share, style).say(")×");
        }
        line.number(gradient, made.style_of(2)).equals(made.value(), made.style());
    }

    fn formula(&self, place: &Place, _names: &dyn Names, _terms: &[f64]) -> String {
        let (given, targets, gradient) = (place.symbol(0), place.symbol(1), place.symbol(2));
        match self.cols {
            Some(_) => format!("(softmax({given}) - {targets}) / n · {gradient}"),
            None => format!("-{targets} / (n · {}) · {gradient}", place.written(0)),
        }
    }

    fn latex(&self, made: &Made) -> String {
        let Parts { share, target, own, asked, gradient } = self.parts(&made.products());
        let fraction = if self.cols.is_some() {
            format!(r"\frac{{{} \times {} - {}}}{{{}}}", tex(share), tex_number(own), tex_number(target), tex(asked))
        } else {
            format!(r"-\frac{{{}}}{{{} \times {}}}", tex(target), tex(asked), tex_number(share))
        };
        format!(r"= {fraction} \times {} {}", tex_number(gradient), tex_equals(made.value(), false))
    }

    fn picture(&self, _place: &Place) -> Vec<Element> {
        let targets = Element::Operand { input: 1, turned: false, bare: true };
        let sign = if self.cols.is_some() { "softmax -" } else { "·" };
        vec![Element::operand(0), Element::sign(sign), targets, Element::sign("→"), Element::Result]
    }

    /// The row; of logits also its shares; its targets.
    fn strip(&self, made: &Made, names: &dyn Names, done: Option<usize>) -> Option<Strip> {
        let given = StripRow::given(made, names, done);
        let row: Vec<f64> = given.numbers.iter().map(|x| f64::from(x.unwrap_or_default())).collect();
        let exponentials = Exponentials::of(&row);
        let shares = StripRow {
            name: match names.lang() {
                Lang::Zh => "  份额",
                Lang::En => "  shares",
            }
            .to_owned(),
            role: made.role_of(0),
            written: Written::Shares,
            numbers: (0..row.len()).map(|j| Some(exponentials.weight(j) as f32)).collect(),
            took: 0..0,
        };
        let targets = StripRow::beside(made, (if self.cols.is_some() { "-" } else { " " }, 1), names);
        let shares = self.cols.map(|_| shares);
        let rows = [given].into_iter().chain(shares).chain([targets]).collect();
        Some(Strip { steps: self.cols.is_some(), ..Strip::of_row(made, names, done, rows) })
    }
}
