//! One step of learning as one program, to be watched on its way through the queue: forward, backward, step.

use std::sync::Arc;

use super::{Batch, Checkpoint, Task, parameters};
use crate::ground::fault::Fault;
use crate::program::learner::way_back;
use crate::program::training::{Optimizer, Step, add_step};
use crate::program::{About, Inputs, Name, Program, Slot};

/// A step by SGD on one batch of a task.
#[derive(Debug, Clone)]
pub struct OneStep {
    /// Forward, the loss, the way back, the next weights.
    pub program: Program,
    /// Its numbers at the beginning.
    pub inputs: Inputs,
    /// The loss.
    pub loss: Slot,
    /// The next weights, and the weights in whose place they go.
    pub moved: Vec<(Slot, Slot)>,
}

impl OneStep {
    /// The step of a task, from a seed.
    ///
    /// # Errors
    /// Never: every stage of a learner has a way back.
    pub fn new(task: Task, seed: u64, rate: f32) -> Result<Self, Fault> {
        let forward = task.program()?;
        let mut way = way_back(&forward)?;
        let step = Step { optimizer: Optimizer::Sgd, rate, taken: 0 };
        let mut moved = Vec::new();
        for weight in parameters(&forward) {
            let Some(gradient) = way.gradient(weight) else { continue };
            add_step(&mut way, (weight, gradient), &step)?;
            let symbol = way.program.symbol(weight);
            moved.extend(way.program.find(symbol.layer, symbol.name.about(About::Next)).map(|next| (next, weight)));
        }
        let program = way.program;
        let loss = program.find(None, Name::Loss).unwrap_or(Slot(0));
        let checkpoint = Checkpoint::new(task, seed)?;
        // Weights of this step alone: what is learned here is nobody else's.
        let weights: Vec<_> = checkpoint.weights.iter().map(|weights| Arc::new((**weights).clone())).collect();
        let inputs = Batch::new(&task.practice(seed, 0)).inputs(task, &program, &weights)?;
        Ok(Self { program, inputs, loss, moved })
    }

    /// What must lie on the device after a step.
    pub fn wanted(&self) -> Vec<Slot> {
        std::iter::once(self.loss).chain(self.moved.iter().map(|(next, _)| *next)).collect()
    }
}
