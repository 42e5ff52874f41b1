//! Learning, a slice at a time: steps forward and back, an examination, and the number at which a loss broke.

use std::sync::Arc;

use super::Watch;
use crate::compute::training::{ByProgram, Found, Learner};
use crate::compute::{Compute, Cpu};
use crate::ground::fault::{Failure, Fault};
use crate::ground::lang::Text;
use crate::math::tensor::Tensor;
use crate::program::{Address, Layer, alarms};
use crate::session::ComputeError;
use crate::source::sample::Sample;
use crate::study::train::{Batch, Checkpoint, Moment, Specimen, Task, Trouble, parameters};

/// Who lets learners learn: the processor, which is made for it, or a device that is asked for, by the program as it stands. The
/// network of the last task stays ready.
#[derive(Default)]
pub struct Trainer {
    learner: Option<Learner>,
    device: Option<Box<dyn Compute>>,
    program: Option<ByProgram>,
    failure: Option<ComputeError>,
}

impl Trainer {
    /// Learns on this device from now on, or on the processor. A device that fails is put aside.
    pub fn attach(&mut self, device: Option<Box<dyn Compute>>) {
        (self.device, self.failure) = (device, None);
    }

    /// Why the device was put aside, where it was.
    pub const fn failure(&self) -> Option<&ComputeError> {
        self.failure.as_ref()
    }

    /// One step, on the device where there is one. A step that it fails at is taken by the processor, from the same moment.
    fn step(&mut self, at: &mut Checkpoint, rate: f32) -> Result<Result<(), Found>, Fault> {
        if let Some(device) = &mut self.device {
            let program = match self.program.take() {
                Some(ready) if ready.task() == at.task => self.program.insert(ready),
                _ => self.program.insert(ByProgram::new(at.task)?),
            };
            let batch = Batch::new(&at.task.practice(at.seed, at.step));
            match program.find(&mut **device, &at.weights, &batch) {
                Ok(found) if found.is_finite() => {
                    at.take_step(found.loss, &found.gradients, rate);
                    return Ok(Ok(()));
                }
                Ok(found) => return Ok(Err(found)),
                Err(why) => (self.device, self.failure) = (None, Some(why)),
            }
        }
        Ok(self.learner(at.task)?.step(at, rate))
    }

    /// Some steps from a checkpoint, fewer where it is told to stop. Where the loss is no number any more: why, and the checkpoint is
    /// the last one that had a loss.
    ///
    /// # Errors
    /// Never: every task's network can be carried out.
    pub fn advance(
        &mut self,
        checkpoint: &mut Checkpoint,
        steps: u64,
        rate: f32,
        watch: Watch<'_>,
    ) -> Result<Option<Trouble>, Fault> {
        let start = checkpoint.clone();
        for _ in 0..steps {
            if watch.stopped() {
                break;
            }
            let Err(found) = self.step(checkpoint, rate)? else { continue };
            let trouble = trouble(checkpoint, &found, rate);
            // The step before went too far already. The way to the moment before that one is the same again.
            let sound = checkpoint.step.saturating_sub(1);
            *checkpoint = start;
            while checkpoint.step < sound && self.step(checkpoint, rate)?.is_ok() {}
            return Ok(Some(trouble));
        }
        Ok(None)
    }

    /// A checkpoint, examined.
    ///
    /// # Errors
    /// As [`Trainer::advance`].
    pub fn examine(&mut self, checkpoint: Arc<Checkpoint>, trouble: Option<Trouble>) -> Result<Moment, Fault> {
        let (evaluation, weights) = self.learner(checkpoint.task)?.examine(&checkpoint);
        Ok(Moment { checkpoint, evaluation, weights, trouble })
    }

    /// What a learner became, as a sample: the attention of a layer, the last where none is named, on a sentence that was kept back,
    /// the n-th from 0; `command` makes it anew.
    ///
    /// # Errors
    /// What a sample cannot hold: numbers beyond a million.
    pub fn sample(
        &mut self,
        moment: &Moment,
        (n, layer): (usize, Option<Layer>),
        command: String,
    ) -> Result<Sample, Fault> {
        let at = &moment.checkpoint;
        let examples = at.task.held_out(at.seed);
        let example = examples.get(n).or(examples.first()).cloned().unwrap_or_default();
        let layer = match layer {
            Some(layer) => layer,
            None => at.task.specimen_layer(&at.task.program()?),
        };
        let received = self.learner(at.task)?.received(at, &example, layer);
        let received = received.ok_or_else(|| ComputeError::Unfit(Text::new("没有注意力", "no attention")))?;
        Ok(moment.sample(&Specimen { example, layer, received }, command)?)
    }

    /// The network of a task, made ready where it is not.
    fn learner(&mut self, task: Task) -> Result<&mut Learner, Fault> {
        match self.learner.take() {
            Some(ready) if ready.task() == task => Ok(self.learner.insert(ready)),
            _ => Ok(self.learner.insert(Learner::new(task)?)),
        }
    }
}

/// Why a step could not be taken.
fn trouble(checkpoint: &Checkpoint, found: &Found, rate: f32) -> Trouble {
    let began = broken_forward(checkpoint).or_else(|| broken_back(checkpoint, found));
    let loss = || Text::owned(format!("损失是 {}", found.loss), format!("the loss is {}", found.loss));
    Trouble { step: checkpoint.step + 1, began: began.unwrap_or_else(loss), rate }
}

/// The first number on the way forward that is broken, with the one that began it.
fn broken_forward(checkpoint: &Checkpoint) -> Option<Text> {
    let task = checkpoint.task;
    let program = task.program().ok()?;
    let batch = Batch::new(&task.practice(checkpoint.seed, checkpoint.step));
    let inputs = match batch.inputs(task, &program, &checkpoint.weights) {
        Ok(inputs) => inputs,
        Err(error) => return Some(error.words()),
    };
    let trace = Cpu::default().run(&program, &inputs).ok()?;
    alarms(&program, &trace).first().map(|alarm| alarm.words(&program))
}

/// The first gradient that is broken.
fn broken_back(checkpoint: &Checkpoint, found: &Found) -> Option<Text> {
    let program = checkpoint.task.program().ok()?;
    let mut gradients = parameters(&program).into_iter().zip(&found.gradients);
    gradients.find_map(|(slot, gradient)| {
        let n = gradient.iter().position(|g| !g.is_finite())?;
        let cell = Tensor::<f32>::zeros(program.shape(slot)).shape().cells().nth(n)?;
        let (at, is) = (Address { slot, cell }.display(&program), gradient[n]);
        Some(Text::owned(format!("∂L/∂{at} 是 {is}"), format!("∂L/∂{at} is {is}")))
    })
}
