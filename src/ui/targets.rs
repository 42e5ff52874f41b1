//! Where on the screen what can be pointed at is: noted by whatever draws it, so that it is where it is drawn.

use std::cell::RefCell;

use ratatui::layout::{Position, Rect};

use crate::app::Target;

/// Places and what is there; what was noted later lies over what was noted before.
#[derive(Debug, Default)]
pub(super) struct Targets(Option<RefCell<Vec<(Rect, Target)>>>);

impl Targets {
    /// Nobody asks for them.
    pub(super) const fn unasked() -> Self {
        Self(None)
    }

    /// They are collected.
    pub(super) fn collected() -> Self {
        Self(Some(RefCell::default()))
    }

    /// Something stands here.
    pub(super) fn note(&self, place: Rect, target: Target) {
        if let Some(all) = &self.0 {
            all.borrow_mut().push((place, target));
        }
    }

    /// All that was noted.
    pub(super) fn all(self) -> Vec<(Rect, Target)> {
        self.0.map(RefCell::into_inner).unwrap_or_default()
    }
}

/// What lies on top at a place.
pub(super) fn on_top(all: &[(Rect, Target)], place: (u16, u16)) -> Option<Target> {
    let here = |(rect, _): &&(Rect, Target)| rect.contains(Position::from(place));
    all.iter().rev().find(here).map(|(_, target)| *target)
}
