//! The CPU backend: every stage by its reference, in f64, rounded to f32 between stages.
//!
//! It needs no driver and is always there.

use std::thread;
use std::time::Instant;

use super::{Compute, ComputeError, Since};
use crate::program::{Backend, Inputs, Program, Trace};
use crate::study::scaling::Experiment;

/// Features that a thread draws at a time: 20 to 40 ms.
const DRAWS: usize = 1 << 18;

/// The processor.
#[derive(Debug, Clone)]
pub struct Cpu {
    backend: Backend,
}

impl Default for Cpu {
    fn default() -> Self {
        Self { backend: Backend::cpu() }
    }
}

impl Compute for Cpu {
    fn backend(&self) -> &Backend {
        &self.backend
    }

    fn run(&mut self, program: &Program, inputs: &Inputs) -> Result<Trace, ComputeError> {
        let start = Instant::now();
        let mut trace = Trace::by_reference(program, inputs, self.backend.clone());
        trace.elapsed = start.elapsed();
        Ok(trace)
    }

    fn rerun(&mut self, program: &Program, inputs: &Inputs, since: Since<'_>, _: bool) -> Result<Trace, ComputeError> {
        let start = Instant::now();
        let Since { last, stale } = since;
        let mut trace = Trace::by_reference_since(program, inputs, last, stale, self.backend.clone());
        trace.elapsed = start.elapsed();
        Ok(trace)
    }

    fn scores(&mut self, experiment: Experiment, first: usize) -> Result<Vec<f32>, ComputeError> {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let each = (DRAWS / experiment.d()).max(1);
        let mut scores = vec![0.0; (threads * each).min(experiment.pairs().saturating_sub(first))];
        thread::scope(|scope| {
            for (pairs, scores) in (first..).step_by(each).zip(scores.chunks_mut(each)) {
                scope.spawn(move || {
                    for (pair, score) in (pairs..).zip(scores) {
                        *score = experiment.score(pair) as f32;
                    }
                });
            }
        });
        Ok(scores)
    }
}
