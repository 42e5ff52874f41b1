//! `L = −(1/n) · Σ T · ln P`: how little went to where it should, mean of the rows that are asked.

use super::{Arithmetic, Element, Line, Made, Names, Place, Strip};
use crate::explain::opened::{tex, tex_equals};
use crate::explain::strip::{StripRow, Written};
use crate::ground::lang::Lang;
use crate::ground::number::{Format, short};
use crate::math::ops;

/// See the module.
pub(super) struct Loss {
    /// Columns of a row.
    pub(super) cols: usize,
    /// Whether the first operand holds logits, to be made shares of first.
    pub(super) logits: bool,
}

impl Loss {
    /// Of every row what it loses, and its targets' sum.
    fn rows(&self, terms: &[f64]) -> Vec<(f64, f64)> {
        let (given, targets) = terms.split_at(terms.len() / 2);
        let of = if self.logits { ops::surprise } else { ops::missed };
        let rows = given.chunks(self.cols.max(1)).zip(targets.chunks(self.cols.max(1)));
        rows.map(|(given, targets)| (of(given, targets), targets.iter().sum())).collect()
    }

    /// What all rows lose, and how many are asked.
    fn sums(&self, terms: &[f64]) -> (f64, f64) {
        self.rows(terms).into_iter().fold((0.0, 0.0), |(loss, n), (own, asked)| (loss + own, n + asked))
    }
}

impl Arithmetic for Loss {
    fn value(&self, terms: &[f64]) -> f64 {
        let (loss, n) = self.sums(terms);
        if n == 0.0 { 0.0 } else { loss / n }
    }

    /// Each target counts for what its row loses by it; the numbers of the first operand only say how much.
    fn terms(&self, terms: Vec<f64>) -> Vec<f64> {
        let (given, targets) = terms.split_at(terms.len() / 2);
        let (n, cols) = (self.sums(&terms).1, self.cols.max(1));
        let of = if self.logits { ops::surprise } else { ops::missed };
        let own = |(k, &t): (usize, &f64)| {
            if t == 0.0 || n == 0.0 {
                return 0.0;
            }
            let row = k / cols * cols;
            let mut alone = vec![0.0; cols];
            alone[k - row] = t;
            of(&given[row..row + cols], &alone) / n
        };
        let shares = targets.iter().enumerate().map(own);
        std::iter::repeat_n(0.0, given.len()).chain(shares).collect()
    }

    fn beside(&self, term: f64) -> Option<String> {
        (term != 0.0).then(|| format!("→ {}", short(term)))
    }

    /// ` = (0.51 + 1.20) / 2 = 0.86`: the losses of the rows that are asked.
    fn words(&self, line: &mut Line, made: &Made, _names: &dyn Names, most: usize) {
        let terms = made.products();
        let asked: Vec<f64> = self.rows(&terms).into_iter().filter(|(_, n)| *n != 0.0).map(|(loss, _)| loss).collect();
        let ((loss, n), style) = (self.sums(&terms), made.style());
        line.rounded = true;
        line.say(" = ");
        if asked.is_empty() {
            line.rounded = false;
        } else if asked.len() <= most {
            line.say("(");
            for (k, &own) in asked.iter().enumerate() {
                line.say(if k > 0 { " + " } else { "" }).number(own, style.in_two());
            }
            line.say(")").say(format!(" / {}", short(n)));
        } else {
            line.say("Σ / n = ").number(loss, style.in_two()).say(format!(" / {}", short(n)));
        }
        if asked.is_empty() {
            line.coloured(style.format.say(made.value()), style.role);
        } else {
            line.equals(made.value(), style);
        }
    }

    fn formula(&self, place: &Place, _names: &dyn Names, _terms: &[f64]) -> String {
        let (given, targets) = (place.symbol(0), place.symbol(1));
        let shares = if self.logits { format!("softmax({given})") } else { given.to_string() };
        format!("-(1/n) · Σ {targets} · ln {shares}")
    }

    fn latex(&self, made: &Made) -> String {
        let (loss, n) = self.sums(&made.products());
        if n == 0.0 {
            return format!("= {}", tex(made.value()));
        }
        format!(r"= \frac{{{}}}{{{}}} {}", tex(loss), tex(n), tex_equals(made.value(), false))
    }

    fn picture(&self, _place: &Place) -> Vec<Element> {
        let targets = Element::Operand { input: 1, turned: false, bare: true };
        vec![Element::operand(0), Element::sign("·"), targets, Element::sign("- Σ T ln →"), Element::Result]
    }

    /// What every row loses, over how much of a target it has.
    fn strip(&self, made: &Made, names: &dyn Names, done: Option<usize>) -> Option<Strip> {
        let rows = self.rows(&made.products());
        let (losses, asked): (Vec<f32>, Vec<f32>) = rows.iter().map(|&(loss, n)| (loss as f32, n as f32)).unzip();
        let took = if done.is_some_and(|done| done > 0) { 0..losses.len() } else { 0..0 };
        let name = match names.lang() {
            Lang::Zh => "  - Σ T ln，逐行",
            Lang::En => "  - Σ T ln, row by row",
        };
        let span = losses.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
        let first = StripRow {
            name: name.to_owned(),
            role: made.role(),
            written: Written::Own { format: Format::of(&losses), span },
            numbers: losses.into_iter().map(Some).collect(),
            took: took.clone(),
        };
        let second = StripRow { took, ..StripRow::of_operand(made, 1, format!("/ {}", made.symbol(1)), asked) };
        let shape = made.operand(0);
        let [_, heads, in_all, _] = shape.lens();
        let column = |n: usize| {
            let (sentence, head, row) = (n / in_all / heads, n / in_all % heads, n % in_all);
            let name = names.name(shape.rows.axis, head, row);
            let head = shape.heads.map(|_| format!(".{}", head + 1)).unwrap_or_default();
            let sentence = shape.batch.map(|_| format!("@{}", sentence + 1)).unwrap_or_default();
            format!("{name}{head}{sentence}")
        };
        Some(Strip {
            columns: (0..rows.len()).map(column).collect(),
            rows: vec![first, second],
            chosen: None,
            steps: true,
        })
    }
}
