//! The list of built-in samples, to choose from.

use super::deeds::perform;
use super::keymap::{self, Deed, Key};
use super::{Effect, Model, Overlay};
use crate::ground::lang::Text;
use crate::session::Job;

/// The built-in samples, to choose from.
#[derive(Debug, Clone)]
pub struct List {
    /// Names and titles.
    pub rows: Vec<(&'static str, Text)>,
    /// The chosen row.
    pub chosen: usize,
}

pub(super) fn press(model: &mut Model, key: Key, mut list: List) -> Vec<Effect> {
    let last = list.rows.len().saturating_sub(1);
    if key == Key::Enter {
        return list.rows.get(list.chosen).map_or_else(Vec::new, |row| model.ask(Job::Load(row.0.to_owned())));
    }
    match keymap::deed(key) {
        Some(Deed::Down) => list.chosen = (list.chosen + 1).min(last),
        Some(Deed::Up) => list.chosen = list.chosen.saturating_sub(1),
        Some(Deed::Stage(n)) => list.chosen = usize::from(n - 1).min(last),
        Some(Deed::Close | Deed::Samples | Deed::Quit) => return Vec::new(),
        Some(deed @ (Deed::Language | Deed::Theme)) => {
            perform(model, deed);
        }
        _ => {}
    }
    model.overlay = Overlay::Samples(list);
    Vec::new()
}
