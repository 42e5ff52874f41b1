//! The CPU backend: every stage by its reference, in f64, rounded to f32 between stages.
//!
//! It needs no driver and is always there.

use std::thread;
use std::time::Instant;

use super::{Compute, ComputeError};
use crate::math::numbers::Reading;
use crate::math::ops::whole;
use crate::math::tensor::Tensor;
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
        let mut outputs: Vec<Tensor<f32>> = Vec::with_capacity(program.stages().len());
        for stage in program.stages() {
            let operand = |&slot| inputs.get(slot).or_else(|| outputs.get(program.stage_of(slot)?));
            let operands: Vec<_> = stage.operands.iter().filter_map(operand).map(Reading::of).collect();
            let operands: Vec<_> = operands.iter().map(Reading::numbers).collect();
            let mut output = whole(stage.op.as_ref(), &operands, stage.shape).to_f32();
            for o in inputs.overrides_of(stage.output) {
                output.set(o.address.cell, o.value);
            }
            outputs.push(output);
        }
        Ok(Trace::new(inputs, outputs, self.backend.clone(), start.elapsed()))
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
