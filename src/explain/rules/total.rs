//! `C = Σ terms`, each a number of one operand: the parts that rows, heads or sentences add to the gradient of what they share.

use super::{Arithmetic, Element, Line, Made, Names, Place, Strip};
use crate::explain::opened::{tex_equals, tex_number};
use crate::explain::strip::StripRow;
use crate::ground::lang::Lang;
use crate::ground::number::short_is_exact;

/// See the module.
pub(super) struct Total;

/// Terms that are written one by one in a formula.
const FEW: usize = 6;

impl Arithmetic for Total {
    fn value(&self, terms: &[f64]) -> f64 {
        // Not `sum`, which begins at -0.
        terms.iter().fold(0.0, |sum, x| sum + x)
    }

    /// ` = 0.30 + 0.50 = 0.80`
    fn words(&self, line: &mut Line, made: &Made, names: &dyn Names, most: usize) {
        let (numbers, style) = (made.products(), made.style_of(0));
        if numbers.is_empty() {
            line.equals(made.value(), made.style());
            return;
        }
        line.say(" = ");
        if numbers.len() <= most.max(1) {
            for (n, &x) in numbers.iter().enumerate() {
                line.say(if n > 0 { " + " } else { "" }).number(x, style);
            }
        } else {
            line.say(match names.lang() {
                Lang::Zh => format!("{} 个数之和", numbers.len()),
                Lang::En => format!("the sum of {} numbers", numbers.len()),
            });
        }
        line.equals(made.value(), made.style());
    }

    /// `dQ[1,2] + dQ[2,2]`; of many the first and the last.
    fn formula(&self, place: &Place, _names: &dyn Names, _terms: &[f64]) -> String {
        let count = place.sources.terms.len();
        if count > FEW {
            return format!("{} + … + {}", place.written(0), place.written(count - 1));
        }
        (0..count).map(|term| place.written(term)).collect::<Vec<_>>().join(" + ")
    }

    fn latex(&self, made: &Made) -> String {
        let numbers = made.products();
        if numbers.is_empty() {
            return tex_equals(made.value(), true);
        }
        let sum = numbers.iter().map(|&x| tex_number(x)).collect::<Vec<_>>().join(" + ");
        format!("= {sum} {}", tex_equals(made.value(), numbers.iter().all(|&x| short_is_exact(x))))
    }

    fn picture(&self, _place: &Place) -> Vec<Element> {
        vec![Element::operand(0), Element::sign("Σ →"), Element::Result]
    }

    /// The numbers that are added up, each under its row, head and sentence.
    fn strip(&self, made: &Made, names: &dyn Names, done: Option<usize>) -> Option<Strip> {
        let numbers: Vec<f32> = made.products().into_iter().map(|x| x as f32).collect();
        let took = if done.is_some_and(|done| done > 0) { 0..numbers.len() } else { 0..0 };
        let name = format!("Σ {}", made.symbol(0));
        let row = StripRow { took, ..StripRow::of_operand(made, 0, name, numbers) };
        let columns = (0..made.sources.terms.len()).map(|term| whose(made, term, names)).collect();
        Some(Strip { columns, rows: vec![row], chosen: None, steps: false })
    }
}

/// Whose part a term is: the row, the head and the sentence, as far as there are several.
fn whose(place: &Place, term: usize, names: &dyn Names) -> String {
    let shape = place.operand(0);
    let Some(from) = place.factor(term).map(|factor| factor.cell) else { return String::new() };
    let row = names.name(shape.rows.axis, from.head, from.row);
    let head = shape.heads.map(|_| format!(".{}", from.head + 1)).unwrap_or_default();
    let sentence = shape.batch.map(|_| format!("@{}", from.batch + 1)).unwrap_or_default();
    format!("{row}{head}{sentence}")
}
