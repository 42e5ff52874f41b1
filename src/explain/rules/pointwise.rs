//! A function of a few numbers in the same place, one of each operand: the gradient of an activation, a step of an optimizer.

use super::{Arithmetic, Element, Line, Made, Names, Place, Strip};
use crate::explain::opened::{tex_equals, tex_number};
use crate::explain::strip::StripRow;
use crate::ground::number::{Format, short};
use crate::math::ops;

/// See the module.
pub(super) struct Pointwise {
    /// The function.
    pub(super) function: ops::Pointwise,
}

/// What stands for the numbers of the operands in a formula.
const HOLES: [char; 3] = ['①', '②', '③'];

impl Pointwise {
    /// The formula; the operands are the [`HOLES`]. Products are written with the sign that the line has for them.
    fn template(&self, times: &str) -> String {
        match self.function {
            ops::Pointwise::Slope(activation) => format!("{}′(①){times}②", activation.written()),
            ops::Pointwise::Descent { rate } => format!("① - {}{times}②", short(rate)),
            ops::Pointwise::FirstMoment { beta } => {
                format!("{}{times}① + {}{times}②", short(beta), short(1.0 - beta))
            }
            ops::Pointwise::SecondMoment { beta } => {
                format!("{}{times}① + {}{times}②²", short(beta), short(1.0 - beta))
            }
            ops::Pointwise::Adam { rate, first, second, epsilon } => {
                let (m, v) = (format!("②/{}", short(first)), format!("③/{}", short(second)));
                format!("① - {}{times}({m}) / (√({v}) + {})", short(rate), short(epsilon))
            }
        }
    }
}

/// A formula with its holes filled.
fn filled(template: &str, with: impl Fn(usize) -> String) -> String {
    HOLES.iter().enumerate().fold(template.to_owned(), |written, (n, hole)| {
        if written.contains(*hole) { written.replace(*hole, &with(n)) } else { written }
    })
}

impl Arithmetic for Pointwise {
    fn value(&self, terms: &[f64]) -> f64 {
        self.function.of(terms)
    }

    fn terms(&self, terms: Vec<f64>) -> Vec<f64> {
        self.function.parts(&terms)
    }

    fn beside(&self, term: f64) -> Option<String> {
        (term != 0.0).then(|| format!("→ {}", short(term)))
    }

    /// ` = GELU′(0.50)×0.30 = 0.87×0.30 = 0.26`
    fn words(&self, line: &mut Line, made: &Made, names: &dyn Names, most: usize) {
        let numbers = made.products();
        if most > 0 {
            line.say(" = ").say(self.formula(made, names, &[]));
        }
        line.say(" = ");
        line.rounded = true;
        let number = |line: &mut Line, n: usize| {
            line.number(numbers.get(n).copied().unwrap_or_default(), made.style_of(n));
        };
        let mut text = String::new();
        for c in self.template("×").chars() {
            match HOLES.iter().position(|&hole| hole == c) {
                Some(n) => {
                    line.say(std::mem::take(&mut text));
                    number(line, n);
                }
                None => text.push(c),
            }
        }
        line.say(text);
        if let (ops::Pointwise::Slope(activation), [x, _]) = (self.function, &numbers[..]) {
            line.say(" = ").say(Format::TWO.say(activation.slope(*x))).say("×");
            number(line, 1);
        }
        line.equals(made.value(), made.style());
    }

    fn formula(&self, place: &Place, _names: &dyn Names, _terms: &[f64]) -> String {
        filled(&self.template(" · "), |n| place.written(n))
    }

    fn latex(&self, made: &Made) -> String {
        let numbers = made.products();
        let number = |n: usize| tex_number(numbers.get(n).copied().unwrap_or_default());
        let written = match self.function {
            ops::Pointwise::Slope(activation) => {
                format!(r"\mathrm{{{}}}'({}) \times {}", activation.written(), number(0), number(1))
            }
            ops::Pointwise::SecondMoment { beta } => {
                let (kept, added) = (tex_number(beta), tex_number(1.0 - beta));
                format!(r"{kept} \times {} + {added} \times {}^2", number(0), number(1))
            }
            ops::Pointwise::Adam { rate, first, second, epsilon } => {
                let (m, v) = (
                    format!("{} / {}", number(1), tex_number(first)),
                    format!("{} / {}", number(2), tex_number(second)),
                );
                let step = format!(r"\frac{{{m}}}{{\sqrt{{{v}}} + {}}}", tex_number(epsilon));
                format!(r"{} - {} \times {step}", number(0), tex_number(rate))
            }
            ops::Pointwise::Descent { .. } | ops::Pointwise::FirstMoment { .. } => {
                filled(&self.template(r" \times "), number)
            }
        };
        format!("= {written} {}", tex_equals(made.value(), false))
    }

    fn picture(&self, place: &Place) -> Vec<Element> {
        let operand = |input| Element::Operand { input, turned: false, bare: input > 0 };
        let mut elements = Element::joined((0..place.stage.operands.len()).map(operand), "·");
        let sign = match self.function {
            ops::Pointwise::Slope(activation) => format!("{}′ →", activation.written()),
            _ => "→".to_owned(),
        };
        elements.extend([Element::sign(sign), Element::Result]);
        elements
    }

    /// The rows of all operands, and what they come to.
    fn strip(&self, made: &Made, names: &dyn Names, done: Option<usize>) -> Option<Strip> {
        let given = StripRow::given(made, names, done);
        let took = given.took.clone();
        let other = |input| StripRow { took: took.clone(), ..StripRow::beside(made, (" ", input), names) };
        let others: Vec<StripRow> = (1..made.stage.operands.len()).map(other).collect();
        Some(Strip::of_row(made, names, done, [given].into_iter().chain(others).collect()))
    }
}
