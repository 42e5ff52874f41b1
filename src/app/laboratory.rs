//! The √d laboratory: which experiment is wanted, and what has come of it.

use std::sync::Arc;

use super::deeds::perform;
use super::keymap::{self, Deed, Key};
use super::{Effect, Model, Overlay};
use crate::ground::fault::Fault;
use crate::ground::lang::Text;
use crate::session::{Job, Kind, Scaling};
use crate::study::scaling::{Experiment, ExperimentError, Outcome};

/// The features of a head in the paper that asked the question: where the laboratory begins.
const FIRST: usize = 64;

/// The laboratory while its window is open.
#[derive(Debug, Clone)]
pub struct Laboratory {
    /// What is to be drawn.
    pub wanted: Experiment,
    /// The latest outcome: of what is wanted, or of what was wanted before while its first part is being drawn.
    pub outcome: Option<Arc<Outcome>>,
    /// The comparison with the reference and who drew, once all is drawn.
    pub finished: Option<Arc<Scaling>>,
    /// Why nothing could be drawn.
    pub failed: Option<Text>,
}

/// Opens the laboratory.
pub(super) fn enter(model: &mut Model) -> Vec<Effect> {
    let first = Experiment::new(FIRST, Experiment::USUAL_PAIRS, model.settings.seed);
    first.map_or_else(|_| Vec::new(), |wanted| ask(model, wanted, None))
}

/// Asks for an experiment; what was seen of the one before stays until there is something to see of this one.
fn ask(model: &mut Model, wanted: Experiment, outcome: Option<Arc<Outcome>>) -> Vec<Effect> {
    model.overlay = Overlay::Laboratory(Laboratory { wanted, outcome, finished: None, failed: None });
    model.ask(Job::Scaling(wanted))
}

/// Left and Right turn d by one, Up and Down through the powers of two, Home and End to its limits; `r` draws others.
pub(super) fn press(model: &mut Model, key: Key, laboratory: Laboratory) -> Vec<Effect> {
    let Laboratory { wanted, outcome, .. } = &laboratory;
    let (d, seed) = (wanted.d(), wanted.seed());
    let (least, most) = (*Experiment::FEATURES.start(), *Experiment::FEATURES.end());
    let deed = keymap::deed(key);
    let next = match deed {
        Some(Deed::Left) => (d - 1, seed),
        Some(Deed::Right) => (d + 1, seed),
        Some(Deed::Up) => ((d + 1).next_power_of_two(), seed),
        Some(Deed::Down) => (d.next_power_of_two() / 2, seed),
        Some(Deed::RowStart | Deed::FirstStage) => (least, seed),
        Some(Deed::RowEnd | Deed::LastStage) => (most, seed),
        Some(Deed::RandomRow) => (d, seed.wrapping_add(1)),
        Some(Deed::Close | Deed::Open | Deed::Quit | Deed::Laboratory) => {
            return model.cancel(Kind::Scaling);
        }
        Some(Deed::Language | Deed::Theme) => {
            model.overlay = Overlay::Laboratory(laboratory);
            return deed.map_or_else(Vec::new, |deed| perform(model, deed));
        }
        _ => (d, seed),
    };
    let experiment: Result<_, ExperimentError> = Experiment::new(next.0.clamp(least, most), wanted.pairs(), next.1);
    match experiment {
        Ok(next) if next != *wanted => ask(model, next, outcome.clone()),
        _ => {
            model.overlay = Overlay::Laboratory(laboratory);
            Vec::new()
        }
    }
}

/// What is drawn so far.
pub(super) fn progress(model: &mut Model, outcome: Arc<Outcome>) {
    if let Overlay::Laboratory(laboratory) = &mut model.overlay {
        laboratory.outcome = Some(outcome);
    }
}

/// All that was asked for, or why not.
pub(super) fn hear(model: &mut Model, result: Result<Arc<Scaling>, Fault>) {
    if let Overlay::Laboratory(laboratory) = &mut model.overlay {
        match result {
            Ok(scaling) => laboratory.finished = Some(scaling),
            Err(why) => laboratory.failed = Some(why.words().clone()),
        }
    }
}

impl Laboratory {
    /// What there is to see.
    pub fn seen(&self) -> Option<&Outcome> {
        self.finished.as_ref().map(|scaling| &scaling.outcome).or(self.outcome.as_deref())
    }
}
