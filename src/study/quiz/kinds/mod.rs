//! The kinds of questions: one file each, one row here.

use super::{Draw, Item};
use crate::ground::lang::Text;
use crate::program::Name;
use crate::study::Concept;

/// A kind of question.
#[derive(Debug)]
pub struct Kind {
    /// Its name in files and commands.
    pub name: &'static str,
    /// What a person calls it.
    pub title: Text,
    /// On the pages of which tensors it can be asked.
    pub stages: &'static [Name],
    /// What it is about, on the page of a tensor.
    pub concept: fn(Name) -> Concept,
    /// Draws one; none where it would be ambiguous there.
    draw: fn(&mut Draw) -> Option<Item>,
}

impl Kind {
    pub(super) fn draw(&self, draw: &mut Draw) -> Option<Item> {
        (self.draw)(draw)
    }
}

/// The registry: one row a kind, which is also its file.
macro_rules! kinds {
    ($($file:ident,)*) => {
        $(mod $file;)*

        /// Every kind, in the order in which the walk comes to what they ask.
        pub static KINDS: &[Kind] = &[$($file::KIND,)*];
    };
}

kinds! {
    missing_term,
    sign,
    order,
    estimate,
    largest_weight,
    unmasked,
    temperature,
    edit,
    wrong_cell,
    shape,
    copied,
}
