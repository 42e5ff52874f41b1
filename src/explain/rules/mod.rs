//! One file a rule of arithmetic, all of its facets in it: adding a rule is a row of [`Rule`], a file here and its row in
//! [`of`].
//!
//! | file | rule | in words |
//! |---|---|---|
//! | `sum.rs` | [`Rule::Sum`] | a dot product, a weighted sum, or numbers of several operands added up |
//! | `copy.rs` | [`Rule::Copy`] | a number that only moves |
//! | `product.rs` | [`Rule::Product`] | two numbers in the same place, multiplied |
//! | `mean.rs` | [`Rule::Mean`] | numbers added up and divided by how many they are |
//! | `quotient.rs` | [`Rule::Quotient`] | a number divided by a constant |
//! | `gate.rs` | [`Rule::Gate`], [`Rule::Pass`] | a number that a mask lets pass, or hides; a gradient that it lets pass |
//! | `activation.rs` | [`Rule::Activation`] | a function of one number |
//! | `layer_norm.rs` | [`Rule::LayerNorm`] | a number of a row brought to mean 0 and spread 1 |
//! | `rms_norm.rs` | [`Rule::RmsNorm`] | a number over its row's root mean square |
//! | `softmax.rs` | [`Rule::Softmax`] | a share of a row |
//! | `softmax_column.rs` | [`Rule::SoftmaxColumn`] | a share of a column |
//! | `softmax_unshifted.rs` | [`Rule::SoftmaxUnshifted`] | a share of a row whose exponentials may overflow |
//! | `total.rs` | [`Rule::Total`] | numbers of one operand added up |
//! | `softmax_adjoint.rs` | [`Rule::SoftmaxAdjoint`] | the gradient of a score |
//! | `norm_adjoint.rs` | [`Rule::NormAdjoint`] | the gradient of a number that was normalised |
//! | `norm_gain_adjoint.rs` | [`Rule::NormGainAdjoint`] | what a row adds to the gradient of γ |
//! | `pointwise.rs` | [`Rule::Pointwise`] | the gradient of an activation, a step of an optimizer |
//! | `loss.rs` | [`Rule::CrossEntropy`], [`Rule::TargetLoss`] | a loss |
//! | `loss_adjoint.rs` | [`Rule::CrossEntropyAdjoint`], [`Rule::TargetLossAdjoint`] | the gradient of what a loss was taken of |
//!
//! Nothing else asks which rule it is, [`Arithmetic`] has the questions; but who needs the divisor of a quotient takes it
//! out of the rule.

mod activation;
mod copy;
mod gate;
mod layer_norm;
mod loss;
mod loss_adjoint;
mod mean;
mod norm_adjoint;
mod norm_gain_adjoint;
mod pointwise;
mod product;
pub(super) mod quotient;
mod rms_norm;
mod softmax;
mod softmax_adjoint;
mod softmax_column;
mod softmax_unshifted;
mod sum;
mod total;

use super::Names;
use super::line::Line;
use super::made::{Made, Place};
use super::picture::Element;
use super::strip::Strip;
use crate::ground::lang::Lang;
use crate::math::ops::{Operand, Rule, Sources};
use crate::math::tensor::MASKED_F64;

/// What happens at one tick of a stage in slow motion. A rule whose ticks are none of these adds its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tick {
    /// This term is added.
    Term(usize),
    /// This row of the right operand, times its share, is added to the whole row.
    Row(usize),
    /// The number is made in one go.
    Whole,
    /// The largest score of the row is found.
    Max,
    /// The largest is taken from the score in this column.
    Difference(usize),
    /// The exponential of that difference.
    Exponential(usize),
    /// The exponentials are added up.
    Total,
    /// The exponential of this cell over their sum.
    Share,
}

/// How a rule makes a number, and everything that is said and shown of it.
///
/// | facet | asked by |
/// |---|---|
/// | [`value`](Self::value), [`terms`](Self::terms), [`beside`](Self::beside) | the number opened, the check that its terms recombine |
/// | [`words`](Self::words) | the line of arithmetic under a picture, `qkv explain` |
/// | [`formula`](Self::formula), [`latex`](Self::latex) | the microscope, the exports |
/// | [`ticks`](Self::ticks) and those below it | slow motion |
/// | [`picture`](Self::picture) | the page of a stage: which matrices stand beside one another |
/// | [`strip`](Self::strip) | the rows of numbers under them |
///
/// A rule that makes each number in one go, from one number, says its value, words, formula, LaTeX, picture and strip;
/// the rest stands.
pub(crate) trait Arithmetic {
    /// What the terms come to, each of them the product of its factors. In f64, and no more than the formula.
    fn value(&self, terms: &[f64]) -> f64;

    /// What each term counts for in the result: itself, unless something is done to it first.
    fn terms(&self, terms: Vec<f64>) -> Vec<f64> {
        terms
    }

    /// What is written behind a term in a list of all: what it counts for. Nothing where that is the number itself.
    fn beside(&self, _term: f64) -> Option<String> {
        None
    }

    /// The arithmetic with the real numbers, from the first `=` to the result: ` = 2×2 + 0×0 = 4`. Of a long sum at most so
    /// many terms.
    fn words(&self, line: &mut Line, made: &Made, names: &dyn Names, most: usize);

    /// The formula in symbols: `q(爱)·k(天安门)`. What the terms come to is given where it is known.
    fn formula(&self, place: &Place, names: &dyn Names, terms: &[f64]) -> String;

    /// What stands right of the number's symbol in LaTeX: `= \frac{4}{\sqrt{2}} \approx 2.83`.
    fn latex(&self, made: &Made) -> String;

    /// What happens, tick by tick, until the number is made.
    fn ticks(&self, _made: &Made) -> Vec<Tick> {
        vec![Tick::Whole]
    }

    /// What has just happened when so many ticks have been made.
    fn last(&self, made: &Made, done: usize) -> Option<Tick> {
        let ticks = self.ticks(made);
        ticks.get(done.min(ticks.len()).checked_sub(1)?).copied()
    }

    /// Whether the first number of a row also takes the ticks that its whole row shares, and the others one each.
    fn shares_ticks(&self) -> bool {
        false
    }

    /// Whether a stage makes whole rows at once.
    fn by_row(&self, _place: &Place) -> bool {
        false
    }

    /// The terms that a tick takes: all, where the number is made in one go.
    fn took(&self, made: &Made, _tick: Tick) -> Vec<usize> {
        (0..made.sources.terms.len()).collect()
    }

    /// How far the number is after so many of its ticks, where it grows.
    fn running(&self, _made: &Made, _done: usize) -> Option<f64> {
        None
    }

    /// What comes first, before any tick; the number's address stands before it.
    fn ahead(&self, line: &mut Line, _made: &Made, names: &dyn Names) {
        line.say(match names.lang() {
            Lang::Zh => "   还没算",
            Lang::En => "   not computed yet",
        });
    }

    /// The tick that was just made and how many have been, with the real numbers; of a row at most so many.
    /// [`Tick::Whole`] is told by [`words`](Self::words).
    fn told(&self, _line: &mut Line, _made: &Made, _tick: (Tick, usize), _names: &dyn Names, _most: usize) {}

    /// The matrices and signs of the stage's picture, left to right.
    fn picture(&self, place: &Place) -> Vec<Element>;

    /// The rows of numbers under it, none where nothing is computed. In slow motion so many ticks have been made.
    fn strip(&self, made: &Made, names: &dyn Names, done: Option<usize>) -> Option<Strip>;
}

/// The file of a rule.
pub(crate) fn of(rule: Rule) -> Box<dyn Arithmetic> {
    match rule {
        Rule::Sum => Box::new(sum::Sum),
        Rule::Copy => Box::new(copy::Copy),
        Rule::Quotient(by) => Box::new(quotient::Quotient { by }),
        Rule::Gate => Box::new(gate::Gate { closed: MASKED_F64 }),
        Rule::Pass => Box::new(gate::Gate { closed: 0.0 }),
        Rule::Product => Box::new(product::Product),
        Rule::Mean => Box::new(mean::Mean),
        Rule::Activation(function) => Box::new(activation::Activation { function }),
        Rule::LayerNorm { chosen, epsilon } => Box::new(layer_norm::LayerNorm { chosen, epsilon }),
        Rule::RmsNorm { chosen, epsilon } => Box::new(rms_norm::RmsNorm { chosen, epsilon }),
        Rule::Softmax(chosen) => Box::new(softmax::Softmax { chosen }),
        Rule::SoftmaxColumn(chosen) => Box::new(softmax_column::SoftmaxColumn { chosen }),
        Rule::SoftmaxUnshifted(chosen) => Box::new(softmax_unshifted::SoftmaxUnshifted { chosen }),
        Rule::Total => Box::new(total::Total),
        Rule::SoftmaxAdjoint(chosen) => Box::new(softmax_adjoint::SoftmaxAdjoint { chosen }),
        Rule::NormAdjoint { chosen, epsilon, centred } => {
            Box::new(norm_adjoint::NormAdjoint { chosen, epsilon, centred })
        }
        Rule::NormGainAdjoint { chosen, epsilon, centred } => {
            Box::new(norm_gain_adjoint::NormGainAdjoint { chosen, epsilon, centred })
        }
        Rule::Pointwise(function) => Box::new(pointwise::Pointwise { function }),
        Rule::CrossEntropy { cols } => Box::new(loss::Loss { cols, logits: true }),
        Rule::TargetLoss { cols } => Box::new(loss::Loss { cols, logits: false }),
        Rule::CrossEntropyAdjoint { chosen, cols } => Box::new(loss_adjoint::LossAdjoint { chosen, cols: Some(cols) }),
        Rule::TargetLossAdjoint { chosen } => Box::new(loss_adjoint::LossAdjoint { chosen, cols: None }),
    }
}

/// Carries the arithmetic out in f64 on the numbers that `read` finds.
pub fn value(sources: &Sources, read: impl Fn(Operand) -> f64) -> f64 {
    let terms: Vec<f64> = sources.terms.iter().map(|t| t.factors.iter().map(|&f| read(f)).product()).collect();
    of(sources.rule).value(&terms)
}
