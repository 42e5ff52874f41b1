//! `W[r] = exp(x[r] − max x) / Σ_i exp(x[i] − max x)`: a share of a column; what is masked takes no part.
//!
//! The arithmetic is that of a row, so it is told as there; what stands below one another is the column.

use super::softmax::Softmax;
use super::{Arithmetic, Element, Line, Made, Names, Place, Strip};
use crate::explain::strip::{StripRow, Written};
use crate::ground::lang::Lang;
use crate::math::ops::Exponentials;

/// See the module.
pub(super) struct SoftmaxColumn {
    /// The term whose share it is: the row.
    pub(super) chosen: usize,
}

impl SoftmaxColumn {
    /// The same arithmetic over the same terms.
    const fn softmax(&self) -> Softmax {
        Softmax { chosen: self.chosen }
    }
}

impl Arithmetic for SoftmaxColumn {
    fn value(&self, terms: &[f64]) -> f64 {
        self.softmax().value(terms)
    }

    fn terms(&self, terms: Vec<f64>) -> Vec<f64> {
        self.softmax().terms(terms)
    }

    fn beside(&self, term: f64) -> Option<String> {
        self.softmax().beside(term)
    }

    fn words(&self, line: &mut Line, made: &Made, names: &dyn Names, most: usize) {
        self.softmax().words(line, made, names, most);
    }

    /// `exp(masked.1[2,3] - max) / Σ exp(masked.1[:,3] - max)`
    fn formula(&self, place: &Place, _names: &dyn Names, _terms: &[f64]) -> String {
        let (own, from) = (place.written(self.chosen), place.symbol(0));
        let head = place.operand(0).heads.map(|_| format!(".{}", place.cell().head + 1)).unwrap_or_default();
        format!("exp({own} - max) / Σ exp({from}{head}[:,{}] - max)", place.cell().col + 1)
    }

    fn latex(&self, made: &Made) -> String {
        self.softmax().latex(made)
    }

    fn picture(&self, _place: &Place) -> Vec<Element> {
        vec![Element::operand(0), Element::sign("softmax →"), Element::Result]
    }

    /// The column of scores, their exponentials, and the column of shares; the rows give their names.
    fn strip(&self, made: &Made, names: &dyn Names, done: Option<usize>) -> Option<Strip> {
        let (cell, shape) = (made.cell(), made.shape());
        let (scores, steps) = (made.products(), Exponentials::of(&made.products()));
        let name = names.name(shape.cols.axis, cell.head, cell.col);
        let took = if done.is_some_and(|done| done > 0) { 0..scores.len() } else { 0..0 };
        let column = |name: String, numbers: Vec<f32>| StripRow {
            took: took.clone(),
            ..StripRow::of_operand(made, 0, name, numbers)
        };
        let given = column(format!("  {} ↓ {name}", made.symbol(0)), scores.iter().map(|&x| x as f32).collect());
        let exp = match names.lang() {
            Lang::Zh => "  exp(x - 最大值)",
            Lang::En => "  exp(x - max)",
        };
        let exponentials =
            StripRow { written: Written::Shares, ..column(exp.into(), steps.exp.iter().map(|&x| x as f32).collect()) };
        // What is computed from here on is not there yet; the rows above are.
        let there = |row: usize| done.is_none_or(|done| row < cell.row || (row == cell.row && done > 0));
        let share = |row: usize| there(row).then(|| made.at(cell.moved(row, cell.col)).value() as f32);
        let result = StripRow {
            name: format!("= {} ↓ {name}", made.stage.symbol),
            role: made.role(),
            written: Written::As(made.address.slot),
            numbers: (0..shape.rows.len).map(share).collect(),
            took: 0..0,
        };
        let columns = (0..shape.rows.len).map(|row| names.name(shape.rows.axis, cell.head, row)).collect();
        Some(Strip { columns, rows: vec![given, exponentials, result], chosen: Some(cell.row), steps: true })
    }
}
