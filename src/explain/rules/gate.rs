//! `Y = A where mask = 1`: a number that a mask lets pass; hidden otherwise, or 0 where it is a gradient.

use super::{Arithmetic, Element, Line, Made, Names, Place, Strip};
use crate::explain::opened::{symbol, tex_equals};
use crate::explain::strip::StripRow;
use crate::ground::lang::Lang;
use crate::math::tensor::MASKED_F64;

/// See the module.
pub(super) struct Gate {
    /// What stands where the mask is closed.
    pub(super) closed: f64,
}

/// Whether the mask is open.
fn open(made: &Made) -> bool {
    made.factor(1).is_some_and(|mask| made.read(mask) != 0.0)
}

impl Arithmetic for Gate {
    fn value(&self, terms: &[f64]) -> f64 {
        match terms {
            [number, open, ..] if *open != 0.0 => *number,
            _ => self.closed,
        }
    }

    /// What the mask lets pass counts for all of it. Of scores that are hidden, the mask is told too.
    fn terms(&self, terms: Vec<f64>) -> Vec<f64> {
        if self.closed == MASKED_F64 {
            return terms;
        }
        let passed = self.value(&terms);
        terms.iter().enumerate().map(|(n, _)| if n == 0 { passed } else { 0.0 }).collect()
    }

    /// `scaled.1[1,2] = 2.83   (mask = 1: may be seen)`
    fn words(&self, line: &mut Line, made: &Made, names: &dyn Names, _most: usize) {
        let open = open(made);
        let hides = self.closed == MASKED_F64;
        let why = match (open, names.lang()) {
            (true, Lang::Zh) if !hides => "   mask = 1，看得见，梯度原样传回",
            (true, Lang::En) if !hides => "   mask = 1: it was seen, the gradient comes back unchanged",
            (false, Lang::Zh) if !hides => "   mask = 0，没人看过它，没有梯度传回",
            (false, Lang::En) if !hides => "   mask = 0: nobody saw it, no gradient comes back",
            (true, Lang::Zh) => "   mask = 1，可以看，原样通过",
            (true, Lang::En) => "   mask = 1: may be seen, passes unchanged",
            (false, Lang::Zh) => "   mask = 0，不许看：softmax 不算它",
            (false, Lang::En) => "   mask = 0: may not be seen, softmax leaves it out",
        };
        line.say(" = ");
        if open {
            line.coloured(made.written(0), made.role_of(0)).equals(made.value(), made.style());
        } else {
            line.coloured(if hides { "x" } else { "0" }, made.role());
        }
        line.say(why);
    }

    fn formula(&self, place: &Place, _names: &dyn Names, terms: &[f64]) -> String {
        let open = terms.get(1).is_none_or(|open| *open != 0.0);
        format!("{}, mask = {}", place.written(0), u8::from(open))
    }

    fn latex(&self, made: &Made) -> String {
        if !open(made) {
            return if self.closed == MASKED_F64 { r"= -\infty".into() } else { "= 0".into() };
        }
        let from = made.factor(0).map_or_else(String::new, |o| symbol(made.program, made.address_of(o)));
        format!("= {from} {}", tex_equals(made.value(), true))
    }

    /// The mask stands turned over where its columns are read as rows.
    fn picture(&self, place: &Place) -> Vec<Element> {
        let beside = place.beside(place.cell().moved(0, 1));
        let turned = beside.sources.terms.get(1).is_some_and(|mask| mask.factors[0].cell.row == 1);
        let mask = Element::Operand { input: 1, turned, bare: true };
        vec![Element::operand(0), Element::sign("where"), mask, Element::sign("→"), Element::Result]
    }

    /// The row, its mask, and what passes.
    fn strip(&self, made: &Made, names: &dyn Names, done: Option<usize>) -> Option<Strip> {
        let given = StripRow::given(made, names, done);
        let row = (0..made.shape().cols.len).map(|col| made.at(made.cell().moved(made.cell().row, col)));
        let open = row.map(|made| made.factor(1).map_or(0.0, |mask| made.read(mask) as f32)).collect();
        let mask = StripRow {
            took: given.took.clone(),
            ..StripRow::of_operand(made, 1, format!("· {}", made.symbol(1)), open)
        };
        Some(Strip::of_row(made, names, done, vec![given, mask]))
    }
}
