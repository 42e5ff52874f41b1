//! The √d laboratory carried out: drawn in parts, watched while it grows, compared with the reference.

use std::ops::ControlFlow;

use super::Engine;
use crate::compute::Compute;
use crate::program::Backend;
use crate::session::{ComputeError, Scaling};
use crate::study::scaling::{Experiment, Outcome, Verdict};

impl Engine {
    /// Carries an experiment out. After each part, a tenth of a second at most, `watch` sees the raw scores so far and
    /// may break off; then there is no result. A device that fails is put aside and the CPU begins anew.
    ///
    /// # Errors
    /// Never in practice: the CPU backend has no failures of its own.
    pub fn scaling(
        &mut self,
        experiment: Experiment,
        mut watch: impl FnMut(&[f32]) -> ControlFlow<()>,
    ) -> Result<Option<Scaling>, ComputeError> {
        if let Some(device) = &mut self.device {
            match draw(&mut **device, experiment, &mut watch) {
                Ok(drawn) => return Ok(drawn.map(|scores| judged(experiment, scores, device.backend(), None))),
                Err(why) => self.detach(why),
            }
        }
        let drawn = draw(&mut self.cpu, experiment, &mut watch)?;
        Ok(drawn.map(|scores| judged(experiment, scores, self.cpu.backend(), self.failure.clone())))
    }
}

/// All scores of an experiment, unless the watcher breaks off.
fn draw(
    machine: &mut dyn Compute,
    experiment: Experiment,
    watch: &mut impl FnMut(&[f32]) -> ControlFlow<()>,
) -> Result<Option<Vec<f32>>, ComputeError> {
    let mut scores = Vec::with_capacity(experiment.pairs());
    while scores.len() < experiment.pairs() {
        scores.extend(machine.scores(experiment, scores.len())?);
        if watch(&scores).is_break() {
            return Ok(None);
        }
    }
    Ok(Some(scores))
}

fn judged(experiment: Experiment, scores: Vec<f32>, by: &Backend, fallback: Option<ComputeError>) -> Scaling {
    let outcome = Outcome::new(experiment, &scores);
    let verdict = Verdict::check(experiment, &scores);
    Scaling { outcome, scores, verdict, by: by.clone(), fallback }
}
