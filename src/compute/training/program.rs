//! Learning on any machine: the program with its way back, carried out as it stands, one submission a step.

use std::sync::Arc;

use super::{Found, unknown};
use crate::compute::{Compute, ComputeError};
use crate::ground::fault::Failure;
use crate::math::tensor::Tensor;
use crate::program::backward::Backward;
use crate::program::learner::way_back;
use crate::program::{Name, Slot};
use crate::study::train::{Batch, Task, parameters};

/// A learner's program with its way back, and what is read of it.
#[derive(Debug)]
pub struct ByProgram {
    task: Task,
    way: Backward,
    /// The loss, then the gradient of every parameter.
    wanted: Vec<Slot>,
}

impl ByProgram {
    /// The program of a task.
    ///
    /// # Errors
    /// Never: every stage of a learner has a way back.
    pub fn new(task: Task) -> Result<Self, ComputeError> {
        let words = |error: crate::math::ops::ShapeError| ComputeError::Unfit(Failure::words(&error));
        let forward = task.program().map_err(words)?;
        let way = way_back(&forward).map_err(words)?;
        let loss = way.program.find(None, Name::Loss).ok_or_else(|| unknown("loss"))?;
        let gradients = parameters(&forward).into_iter().map(|slot| way.gradient(slot));
        let gradients = gradients.collect::<Option<Vec<Slot>>>().ok_or_else(|| unknown("gradient"))?;
        Ok(Self { task, way, wanted: [vec![loss], gradients].concat() })
    }

    /// The task.
    pub const fn task(&self) -> Task {
        self.task
    }

    /// The program with its way back.
    pub const fn way(&self) -> &Backward {
        &self.way
    }

    /// The loss on these sentences, and its gradients, as this machine finds them.
    ///
    /// # Errors
    /// [`ComputeError`] when the machine cannot.
    pub fn find(
        &self,
        machine: &mut dyn Compute,
        weights: &[Arc<Tensor<f32>>],
        batch: &Batch,
    ) -> Result<Found, ComputeError> {
        let inputs = batch.inputs(self.task, &self.way.program, weights);
        let inputs = inputs.map_err(|error| ComputeError::Unfit(Failure::words(&error)))?;
        let mut read = machine.read(&self.way.program, &inputs, &self.wanted)?.into_iter();
        let loss = read.next().and_then(|loss| loss.as_slice().first().copied()).unwrap_or(f32::NAN);
        Ok(Found { loss, gradients: read.map(|gradient| gradient.as_slice().to_vec()).collect() })
    }
}
