//! `W[c] = exp(x[c] − max x) / Σ_j exp(x[j] − max x)`: a share of a row; what is masked takes no part.

use super::{Arithmetic, Element, Line, Made, Names, Place, Strip, Tick};
use crate::explain::opened::{tex, tex_equals, tex_number};
use crate::explain::strip::{StripRow, Written};
use crate::ground::lang::Lang;
use crate::ground::number::{Format, short};
use crate::ground::text;
use crate::math::ops::Exponentials;
use crate::math::tensor::MASKED_F64;

/// See the module.
pub(super) struct Softmax {
    /// The term whose share it is: the column.
    pub(super) chosen: usize,
}

/// Columns for the names of the steps, so that nothing moves when a number is added to them.
const STEP: usize = 16;

/// The columns that are not masked.
fn open(scores: &[f64]) -> Vec<usize> {
    (0..scores.len()).filter(|&j| scores[j] != MASKED_F64).collect()
}

impl Arithmetic for Softmax {
    fn value(&self, terms: &[f64]) -> f64 {
        Exponentials::of(terms).weight(self.chosen)
    }

    /// Their exponentials: each over the sum of all is a share.
    fn terms(&self, terms: Vec<f64>) -> Vec<f64> {
        Exponentials::of(&terms).exp
    }

    fn beside(&self, term: f64) -> Option<String> {
        Some(format!("exp → {}", short(term)))
    }

    /// `exp(2.83 − 2.83) / (1 + 0.06 + 0.06 + 0.06)`.
    fn words(&self, line: &mut Line, made: &Made, _names: &dyn Names, most: usize) {
        let (row, role) = (made.products(), made.style_of(0));
        let exp = role.in_two().format;
        let steps = Exponentials::of(&row);
        let Some(&score) = row.get(self.chosen) else { return };
        if score == MASKED_F64 {
            line.say(" = ").coloured("0", made.role()).say("   (mask = 0)");
            return;
        }
        line.say(" = exp(").number(score, role).say(" - ").number(steps.max, role).say(") / ");
        line.rounded |= row.len() > most || !steps.exp.iter().all(|&e| exp.says_exactly(e));
        if row.len() <= most {
            line.say("(");
            for (j, &e) in steps.exp.iter().enumerate() {
                line.say(if j > 0 { " + " } else { "" }).say(exp.say(e));
            }
            line.say(")");
        } else {
            line.say("Σ exp");
        }
        line.say(" = ").say(exp.say(steps.exp[self.chosen])).say(" / ").say(exp.say(steps.sum));
        line.equals(made.value(), made.style());
    }

    fn formula(&self, place: &Place, _names: &dyn Names, _terms: &[f64]) -> String {
        format!("exp({} - max) / Σ exp({} - max)", place.written(self.chosen), place.symbol(0))
    }

    fn latex(&self, made: &Made) -> String {
        let scores = made.products();
        let row = Exponentials::of(&scores);
        let exp = |x: f64| format!("e^{{{} - {}}}", tex(x), tex_number(row.max));
        let open = |x: &&f64| x.is_finite();
        let sum = scores.iter().filter(open).map(|&x| exp(x)).collect::<Vec<_>>().join(" + ");
        match scores.get(self.chosen).filter(open) {
            // exp is exact at 0 alone: of a row of one score, or of equal ones.
            Some(&x) => {
                let exact = scores.iter().filter(open).all(|&y| y == row.max);
                format!(r"= \frac{{{}}}{{{sum}}} {}", exp(x), tex_equals(made.value(), exact))
            }
            None => "= 0".into(),
        }
    }

    /// The first number of a row: the row's maximum, the differences, their exponentials, the sum. Then a tick a quotient.
    fn ticks(&self, made: &Made) -> Vec<Tick> {
        if self.chosen > 0 {
            return vec![Tick::Share];
        }
        let open = open(&made.products());
        let differences = open.iter().map(|&j| Tick::Difference(j));
        let exponentials = open.iter().map(|&j| Tick::Exponential(j));
        [Tick::Max].into_iter().chain(differences).chain(exponentials).chain([Tick::Total, Tick::Share]).collect()
    }

    fn shares_ticks(&self) -> bool {
        true
    }

    fn took(&self, made: &Made, tick: Tick) -> Vec<usize> {
        match tick {
            Tick::Difference(j) | Tick::Exponential(j) => vec![j],
            Tick::Share => vec![self.chosen],
            _ => open(&made.products()),
        }
    }

    fn ahead(&self, line: &mut Line, _made: &Made, names: &dyn Names) {
        line.say(match (self.chosen, names.lang()) {
            (0, Lang::Zh) => "   先找这一行的最大值",
            (0, Lang::En) => "   first comes the maximum of the row",
            (_, Lang::Zh) => "   还没算",
            (_, Lang::En) => "   not computed yet",
        });
    }

    fn told(&self, line: &mut Line, made: &Made, (tick, _): (Tick, usize), names: &dyn Names, most: usize) {
        let (scores, cell, role, lang) = (made.products(), made.cell(), made.style_of(0), names.lang());
        let exp = role.in_two();
        let (steps, open) = (Exponentials::of(&scores), open(&scores));
        let nth = |j: usize| (1 + open.iter().take_while(|&&k| k < j).count(), open.len());
        let column = |j: usize| names.name(made.shape().cols.axis, cell.head, j);
        // exp is exact at 0 alone.
        let inexact = open.iter().any(|&j| scores[j] != steps.max);
        match tick {
            Tick::Max => {
                let row = names.name(made.shape().rows.axis, cell.head, cell.row);
                line.say(match lang {
                    Lang::Zh => format!("「{row}」这一行的最大值   "),
                    Lang::En => format!("the maximum of the row {row}   "),
                });
                if open.len() <= most {
                    line.say("max").vector(open.iter().map(|&j| scores[j]), role);
                } else {
                    line.say(format!("max({})", made.symbol(0)));
                }
                line.equals(steps.max, role);
            }
            Tick::Difference(j) => {
                line.say(match lang {
                    Lang::Zh => "减去最大值   ",
                    Lang::En => "minus the maximum   ",
                });
                line.number(scores[j], role).say(" - ").number(steps.max, role).equals(scores[j] - steps.max, role);
                line.nth(lang, ("个差", "difference"), nth(j), &column(j));
            }
            Tick::Exponential(j) => {
                line.say("exp(").number(scores[j] - steps.max, role).say(")");
                line.rounded |= scores[j] != steps.max;
                line.equals(steps.exp[j], exp).nth(lang, ("个指数", "exponential"), nth(j), &column(j));
            }
            Tick::Total => {
                line.say(match lang {
                    Lang::Zh => "指数加起来   ",
                    Lang::En => "their sum   ",
                });
                if open.len() <= most {
                    for (n, &j) in open.iter().enumerate() {
                        line.say(if n > 0 { " + " } else { "" }).number(steps.exp[j], exp);
                    }
                } else {
                    line.say("Σ exp");
                }
                line.rounded |= inexact;
                line.equals(steps.sum, exp);
            }
            _ => {
                line.coloured(made.display(), made.role());
                if scores.get(self.chosen) == Some(&MASKED_F64) {
                    line.say(" = ").coloured("0", made.role()).say("   (mask = 0)");
                    return;
                }
                line.say(" = exp / Σ exp").say(" = ").number(steps.exp[self.chosen], exp);
                line.say(" / ").number(steps.sum, exp);
                line.rounded |= inexact;
                line.equals(made.value(), made.style());
            }
        }
    }

    fn picture(&self, _place: &Place) -> Vec<Element> {
        vec![Element::operand(0), Element::sign("softmax →"), Element::Result]
    }

    /// The row of scores, the steps between, and the shares.
    fn strip(&self, made: &Made, names: &dyn Names, done: Option<usize>) -> Option<Strip> {
        let scores = made.row_of(0);
        let steps = Exponentials::of(&scores.iter().map(|&x| f64::from(x)).collect::<Vec<_>>());
        let mut given = StripRow::beside(made, (" ", 0), names);
        let exponentials = exponentials(made, &steps, names.lang());
        let rows = if let Some(done) = done {
            let last = self.last(made, done);
            given.took = match last {
                Some(Tick::Difference(j)) => j..j + 1,
                Some(Tick::Max) => 0..scores.len(),
                _ => 0..0,
            };
            let [less, exp] = in_slow_motion(
                self.chosen,
                last,
                (&given, exponentials),
                (&steps, made.style_of(0).format),
                names.lang(),
            );
            vec![given, less, exp]
        } else {
            vec![given, exponentials]
        };
        Some(Strip { steps: true, ..Strip::of_row(made, names, done, rows) })
    }
}

/// `exp(x - max)` of a row of scores.
fn exponentials(made: &Made, steps: &Exponentials, lang: Lang) -> StripRow {
    let name = match lang {
        Lang::Zh => "  exp(x - 最大值)",
        Lang::En => "  exp(x - max)",
    };
    StripRow {
        name: name.into(),
        role: made.role_of(0),
        written: Written::Shares,
        numbers: steps.exp.iter().map(|&x| Some(x as f32)).collect(),
        took: 0..0,
    }
}

/// The steps between scores and shares, as far as they have come: differences to the maximum, exponentials and their sum.
fn in_slow_motion(
    chosen: usize,
    last: Option<Tick>,
    (scores, exponentials): (&StripRow, StripRow),
    (steps, format): (&Exponentials, Format),
    lang: Lang,
) -> [StripRow; 2] {
    let share = last == Some(Tick::Share) || chosen > 0;
    let count = steps.exp.len();
    // How many columns each step has come through.
    let (differences, exps, summed) = match last {
        _ if share => (count, count, true),
        Some(Tick::Difference(j)) => (j + 1, 0, false),
        Some(Tick::Exponential(j)) => (count, j + 1, false),
        Some(Tick::Total) => (count, count, true),
        _ => (0, 0, false),
    };
    let max = if last.is_some() || share { format.say(steps.max) } else { String::new() };
    let name = match lang {
        Lang::Zh => format!("  减最大值 {max}"),
        Lang::En => format!("  - max {max}"),
    };
    let sum = if summed { format!("  Σ {}", Format::TWO.say(steps.sum)) } else { String::new() };
    let so_far = |x: f32, j: usize| (j < differences || x == f32::NEG_INFINITY).then_some(x);
    let difference = |(j, x): (usize, &Option<f32>)| so_far(x.unwrap_or_default() - steps.max as f32, j);
    let one = |j: usize| j..j + 1;
    let less = StripRow {
        name: text::left(&name, STEP),
        numbers: scores.numbers.iter().enumerate().map(difference).collect(),
        took: match last {
            Some(Tick::Difference(j) | Tick::Exponential(j)) => one(j),
            _ => 0..0,
        },
        ..scores.clone()
    };
    let exp = StripRow {
        name: text::left(&format!("  exp{sum}"), STEP),
        numbers: (0..count).map(|j| (j < exps).then_some(steps.exp[j] as f32)).collect(),
        took: match last {
            Some(Tick::Exponential(j)) => one(j),
            Some(Tick::Total) => 0..count,
            Some(Tick::Share) => one(chosen),
            _ => 0..0,
        },
        ..exponentials
    };
    [less, exp]
}
