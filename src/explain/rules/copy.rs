//! `C = A`: a number that only moves, as it is. Where it comes from nowhere, nothing was written yet, and it is 0.

use super::{Arithmetic, Element, Line, Made, Names, Place, Strip};
use crate::explain::opened::{symbol, tex_equals};
use crate::ground::lang::Lang;

/// See the module.
pub(super) struct Copy;

impl Arithmetic for Copy {
    fn value(&self, terms: &[f64]) -> f64 {
        terms.first().copied().unwrap_or_default()
    }

    fn words(&self, line: &mut Line, made: &Made, names: &dyn Names, _most: usize) {
        let Some(from) = made.factor(0) else {
            line.say(" = ").coloured("0", made.role()).say(match names.lang() {
                Lang::Zh => "   还没有写到这里：新的缓冲区里是 0",
                Lang::En => "   nothing was written here yet: a new buffer holds 0",
            });
            return;
        };
        line.say(" = ").coloured(made.written(0), made.role_of(from.input)).equals(made.value(), made.style());
    }

    fn formula(&self, place: &Place, _names: &dyn Names, _terms: &[f64]) -> String {
        if place.factor(0).is_none() { "0".to_owned() } else { place.written(0) }
    }

    fn latex(&self, made: &Made) -> String {
        let Some(from) = made.factor(0) else { return "= 0".to_owned() };
        format!("= {} {}", symbol(made.program, made.address_of(from)), tex_equals(made.value(), true))
    }

    /// The operand and the result; heads that come to lie side by side in the result do so before it, too.
    fn picture(&self, place: &Place) -> Vec<Element> {
        let mut elements = match (place.operand(0).heads, place.shape().heads) {
            (Some(heads), None) => Element::joined((0..heads).map(|head| Element::Head { input: 0, head }), "|"),
            _ => vec![Element::operand(0)],
        };
        // A head that is cut out of the words is a part of them and not the same.
        let cut = place.shape().cols.len < place.operand(0).cols.len;
        elements.extend([Element::sign(if cut { "→" } else { "=" }), Element::Result]);
        elements
    }

    fn strip(&self, _made: &Made, _names: &dyn Names, _done: Option<usize>) -> Option<Strip> {
        None
    }
}
