//! `S = A / divisor`: a number divided by a constant.

use super::{Arithmetic, Element, Line, Made, Names, Place, Strip};
use crate::explain::opened::{tex, tex_equals, tex_number};
use crate::explain::strip::StripRow;
use crate::ground::number::{short, short_is_exact};
use crate::program::{Address, Divisor, Name, Program, Rule};

/// See the module.
pub(super) struct Quotient {
    /// The divisor.
    pub(super) by: f64,
}

/// What a divisor is made of: it is written as it came about, whatever number it comes to.
enum Part {
    /// `√d`
    Root(usize),
    /// `d`, or a temperature.
    Number(f64),
}

impl Part {
    fn plain(&self) -> String {
        match self {
            Self::Root(d) => format!("√{d}"),
            Self::Number(x) => short(*x),
        }
    }

    fn latex(&self) -> String {
        match self {
            Self::Root(d) => format!(r"\sqrt{{{d}}}"),
            Self::Number(x) => tex(*x),
        }
    }
}

/// The parts of the divisor of this attention: √d, d or nothing, by a mistake √`d_model`, and a temperature other than 1. A
/// divisor of another origin is a number.
fn parts(program: &Program, at: Address, by: f64) -> Vec<Part> {
    let (wiring, layer) = (program.wiring(), program.symbol(at.slot).layer);
    let cols = |name: Name| program.find(layer, name).map(|slot| program.shape(slot).cols.len);
    let is = |of_d: f64| of_d * f64::from(wiring.temperature) == by;
    let divisors = || std::iter::once(wiring.divisor).chain(Divisor::ALL);
    let divisor = |d: usize| divisors().find(|divisor| is(divisor.of(d))).map(|divisor| (divisor, d));
    let of_d = match (cols(Name::Q).and_then(divisor), cols(program.kind().asks())) {
        (Some((Divisor::Root, d)), _) => Some(Part::Root(d)),
        (Some((Divisor::Whole, d)), _) => Some(Part::Number(d as f64)),
        (Some((Divisor::One, _)), _) => None,
        (None, Some(model)) if is((model as f64).sqrt()) => Some(Part::Root(model)),
        (None, _) => return vec![Part::Number(by)],
    };
    // As it was typed: the nearest f32 has digits that nobody wrote.
    let temperature = wiring.temperature.to_string().parse().unwrap_or(f64::from(wiring.temperature));
    let by_temperature = (wiring.temperature != 1.0).then_some(Part::Number(temperature));
    let parts: Vec<Part> = of_d.into_iter().chain(by_temperature).collect();
    if parts.is_empty() { vec![Part::Number(by)] } else { parts }
}

/// `√2`, `2`, `√2·0.5`: what the scores of this tensor are divided by, as it came about.
pub(in crate::explain) fn divisor(program: &Program, at: Address) -> String {
    let rule = program.made_by(at.slot).map(|stage| program.sources(stage, at.cell).rule);
    match rule {
        Some(Rule::Quotient(by)) => written(program, at, by),
        _ => String::new(),
    }
}

fn written(program: &Program, at: Address, by: f64) -> String {
    parts(program, at, by).iter().map(Part::plain).collect::<Vec<_>>().join("·")
}

impl Quotient {
    /// `√2`, and in brackets where it is a product.
    fn below(&self, place: &Place) -> String {
        let written = written(place.program, place.address, self.by);
        if written.contains('·') { format!("({written})") } else { written }
    }
}

impl Arithmetic for Quotient {
    fn value(&self, terms: &[f64]) -> f64 {
        terms.first().copied().unwrap_or_default() / self.by
    }

    fn words(&self, line: &mut Line, made: &Made, _names: &dyn Names, _most: usize) {
        let Some(from) = made.factor(0) else { return };
        line.say(" = ")
            .number(made.read(from), made.style_of(from.input))
            .say(format!(" / {}", self.below(made)))
            .equals(made.value(), made.style());
    }

    fn formula(&self, place: &Place, _names: &dyn Names, _terms: &[f64]) -> String {
        format!("{} / {}", place.written(0), self.below(place))
    }

    fn latex(&self, made: &Made) -> String {
        let parts = parts(made.program, made.address, self.by);
        let below = parts.iter().map(Part::latex).collect::<Vec<_>>().join(r" \cdot ");
        let given = made.factor(0).map(|o| made.read(o));
        let exact = given.is_some_and(short_is_exact);
        let above = given.map_or_else(String::new, tex_number);
        format!(r"= \frac{{{above}}}{{{below}}} {}", tex_equals(made.value(), exact))
    }

    fn picture(&self, place: &Place) -> Vec<Element> {
        let by = Element::sign(format!("/ {}", self.below(place)));
        vec![Element::operand(0), by, Element::sign("="), Element::Result]
    }

    /// The row that is divided, and what it comes to.
    fn strip(&self, made: &Made, names: &dyn Names, done: Option<usize>) -> Option<Strip> {
        let given = StripRow::given(made, names, done);
        Some(Strip::of_row(made, names, done, vec![given]))
    }
}
