//! `dA[c] = W[c] · (dW[c] − Σ_k W[k] · dW[k])`: the gradient of a score, by its row of the softmax's Jacobian.

use super::{Arithmetic, Element, Line, Made, Names, Place, Strip};
use crate::explain::opened::{tex, tex_equals, tex_number};
use crate::explain::strip::{StripRow, Written};
use crate::ground::lang::Lang;
use crate::ground::number::{Format, short};

/// See the module.
pub(super) struct SoftmaxAdjoint {
    /// The column; the row, where a column was made shares of.
    pub(super) chosen: usize,
}

/// The rows that a gradient is made from.
struct Rows {
    weights: Vec<f64>,
    gradients: Vec<f64>,
    /// `Σ_k W[k] · dW[k]`.
    mean: f64,
}

impl Rows {
    /// The last two factors of every term but the last are those of a column.
    fn of(made: &Made) -> Self {
        let columns = made.sources.terms.len().saturating_sub(1);
        let read = |k: usize| -> Vec<f64> {
            let terms = made.sources.terms.iter().take(columns);
            terms.map(|term| term.factors.get(k).map_or(0.0, |&factor| made.read(factor))).collect()
        };
        let (weights, gradients) = (read(1), read(2));
        let mean = weights.iter().zip(&gradients).map(|(w, dw)| w * dw).sum();
        Self { weights, gradients, mean }
    }

    /// The row of the Jacobian: how the score of each column moves this column's share.
    fn jacobian(&self, chosen: usize) -> impl Iterator<Item = f64> {
        let own = self.weights.get(chosen).copied().unwrap_or_default();
        let kept = move |k| if k == chosen { own } else { 0.0 };
        self.weights.iter().enumerate().map(move |(k, w)| kept(k) - own * w)
    }

    fn at(&self, chosen: usize) -> (f64, f64) {
        let get = |row: &[f64]| row.get(chosen).copied().unwrap_or_default();
        (get(&self.weights), get(&self.gradients))
    }
}

impl Arithmetic for SoftmaxAdjoint {
    fn value(&self, terms: &[f64]) -> f64 {
        self.terms(terms.to_vec()).iter().fold(0.0, |sum, x| sum + x)
    }

    /// Each column's is taken off; the last, the column's own, is kept.
    fn terms(&self, terms: Vec<f64>) -> Vec<f64> {
        let last = terms.len().saturating_sub(1);
        terms.into_iter().enumerate().map(|(k, x)| if k == last { x } else { -x }).collect()
    }

    fn beside(&self, term: f64) -> Option<String> {
        Some(format!("→ {}", short(term)))
    }

    /// ` = weights.1[1,2] · (dweights.1[1,2] - Σ) = 0.40×(0.30 - 0.12) = 0.07`
    fn words(&self, line: &mut Line, made: &Made, names: &dyn Names, most: usize) {
        let rows = Rows::of(made);
        let ((w, dw), style) = (rows.at(self.chosen), made.style_of(1));
        if most > 0 {
            line.say(" = ").say(self.formula(made, names, &[]));
        }
        line.say(" = ").number(w, made.style_of(0)).say("×(").number(dw, style).say(" - ");
        line.number(rows.mean, style).say(")").equals(made.value(), made.style());
    }

    fn formula(&self, place: &Place, _names: &dyn Names, _terms: &[f64]) -> String {
        let (w, dw) = (place.symbol(0), place.symbol(1));
        let kept = place.sources.terms.last().map_or(&[][..], |term| &term.factors);
        let mut written = kept.iter().map(|&factor| place.address_of(factor).display(place.program));
        let (own, gradient) = (written.next().unwrap_or_default(), written.next().unwrap_or_default());
        format!("{own} · ({gradient} - Σ {w}·{dw})")
    }

    fn latex(&self, made: &Made) -> String {
        let rows = Rows::of(made);
        let (w, dw) = rows.at(self.chosen);
        let result = tex_equals(made.value(), false);
        format!(r"= {} \times ({} - {}) {result}", tex_number(w), tex(dw), tex_number(rows.mean))
    }

    fn picture(&self, _place: &Place) -> Vec<Element> {
        let gradient = Element::Operand { input: 1, turned: false, bare: true };
        vec![Element::operand(0), Element::sign("·"), gradient, Element::sign("softmax′ →"), Element::Result]
    }

    /// The shares, their gradients, the row of the Jacobian, and its products with the gradients, which add up to the number.
    fn strip(&self, made: &Made, names: &dyn Names, done: Option<usize>) -> Option<Strip> {
        let rows = Rows::of(made);
        let jacobian: Vec<f32> = rows.jacobian(self.chosen).map(|x| x as f32).collect();
        let products: Vec<f32> =
            jacobian.iter().zip(&rows.gradients).map(|(j, dw)| (f64::from(*j) * dw) as f32).collect();
        let took = if done.is_some_and(|done| done > 0) { 0..products.len() } else { 0..0 };
        let own = |name: &str, role, numbers: Vec<f32>| StripRow {
            name: name.to_owned(),
            role,
            written: Written::Own {
                format: Format::of(&numbers),
                span: numbers.iter().fold(0.0_f32, |most, x| most.max(x.abs())),
            },
            numbers: numbers.into_iter().map(Some).collect(),
            took: took.clone(),
        };
        let (own_share, products_named) = match names.lang() {
            Lang::Zh => ("× 雅可比", "= 乘积"),
            Lang::En => ("× Jacobian", "= products"),
        };
        // Where a column was made shares of, its numbers stand below one another.
        let (shape, cell) = (made.shape(), made.cell());
        let down = made.stage.op.name() == "softmax_columns_adjoint";
        let (along, across, at) = if down {
            (shape.rows.axis, shape.cols.axis, cell.col)
        } else {
            (shape.cols.axis, shape.rows.axis, cell.row)
        };
        let given = |input: usize, numbers: &[f64]| {
            let name = format!("  {} {}", made.symbol(input), names.name(across, cell.head, at));
            StripRow::of_operand(made, input, name, numbers.iter().map(|&x| x as f32).collect())
        };
        let count = jacobian.len();
        let rows = vec![
            given(0, &rows.weights),
            given(1, &rows.gradients),
            own(own_share, made.role_of(0), jacobian),
            own(products_named, made.role(), products),
        ];
        let columns = (0..count).map(|k| names.name(along, cell.head, k)).collect();
        Some(Strip { columns, rows, chosen: None, steps: true })
    }
}
