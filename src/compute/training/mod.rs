//! Learning on the processor: a learner's program forward and back in f32, as fast as two threads can.
//!
//! [`Learner`] reads the stages of the program and carries out the same mathematics as the program of the way back
//! ([`backward()`](crate::program::backward())), with three liberties. A one-hot row times a table takes the row, and the way back adds to it. From
//! scores to context all is done head by head while it is warm. Gradients of one tensor are added up where they lie. What it finds is
//! compared with the f64 reference of that program, tensor by tensor, in `tests/training.rs`.
//!
//! The sentences are shared out to [`SHARES`] shares, however many threads there are, and what the shares found is added up in
//! their order. So the numbers do not depend on who was faster.

mod attend;
mod kernels;
mod plan;
mod program;
mod share;

use std::sync::Arc;
use std::thread;

pub use self::program::ByProgram;

use self::plan::Plan;
use self::share::Share;
use super::ComputeError;
use crate::ground::lang::Text;
use crate::math::tensor::Tensor;
use crate::program::{Layer, Name, Program, Slot};
use crate::study::train::{Batch, Checkpoint, Evaluation, Example, Likeness, SHOWN, Task, parameters};

/// Shares of a batch, each of which a thread works on.
pub const SHARES: usize = 2;

/// What one pass forward and back found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The loss: the mean over the words that are asked for.
    pub loss: f32,
    /// Its gradient for each parameter, in the order of [`parameters`], row by row.
    pub gradients: Vec<Vec<f32>>,
}

/// A learner's program, made ready for the processor.
#[derive(Debug)]
pub struct Learner {
    task: Task,
    program: Program,
    plan: Plan,
    shares: Vec<Share>,
    parameters: Vec<Slot>,
}

impl Found {
    /// Whether all of it are numbers.
    pub fn is_finite(&self) -> bool {
        // Without a branch at each: a sum that no finite numbers make.
        self.loss.is_finite() && self.gradients.iter().flatten().map(|g| g * 0.0).sum::<f32>() == 0.0
    }
}

impl Learner {
    /// Makes the network of a task ready.
    ///
    /// # Errors
    /// [`ComputeError::Unfit`] where its program has a stage that is not known here.
    pub fn new(task: Task) -> Result<Self, ComputeError> {
        let program =
            task.program().map_err(|error| ComputeError::Unfit(crate::ground::fault::Failure::words(&error)))?;
        let plan = Plan::of(task, &program)?;
        let shares = (0..SHARES).map(|_| Share::default()).collect();
        let parameters = parameters(&program);
        Ok(Self { task, program, plan, shares, parameters })
    }

    /// The program that is carried out.
    pub const fn program(&self) -> &Program {
        &self.program
    }

    /// The loss on these sentences, and its gradients.
    pub fn find(&mut self, weights: &[Arc<Tensor<f32>>], batch: &Batch) -> Found {
        let asked = batch.asked().max(1) as f32;
        let (plan, parameters) = (&self.plan, &self.parameters);
        each(&mut self.shares, batch, |share, own| {
            share.forward(plan, parameters, weights, own);
            share.lose(plan, own, asked);
            share.back(plan, parameters, weights, own);
        });
        let loss = self.shares.iter().map(|share| share.loss).sum::<f64>() / f64::from(asked);
        let mut gradients = vec![Vec::new(); self.parameters.len()];
        for share in &mut self.shares {
            for (sum, &slot) in gradients.iter_mut().zip(&self.parameters) {
                let own = share.gradient(slot);
                if sum.is_empty() {
                    *sum = own.to_vec();
                } else {
                    sum.iter_mut().zip(own).for_each(|(sum, own)| *sum += own);
                }
            }
        }
        Found { loss: loss as f32, gradients }
    }

    /// One step of learning. Where the loss or a gradient is no finite number, nothing is changed.
    ///
    /// # Errors
    /// What was found, where it is not finite.
    pub fn step(&mut self, checkpoint: &mut Checkpoint, rate: f32) -> Result<(), Found> {
        let batch = Batch::new(&self.task.practice(checkpoint.seed, checkpoint.step));
        let found = self.find(&checkpoint.weights, &batch);
        if !found.is_finite() {
            return Err(found);
        }
        checkpoint.take_step(found.loss, &found.gradients, rate);
        Ok(())
    }

    /// Runs these sentences forward: what is found stays in the shares.
    fn forward(&mut self, weights: &[Arc<Tensor<f32>>], batch: &Batch) {
        let (plan, parameters) = (&self.plan, &self.parameters);
        each(&mut self.shares, batch, |share, own| share.forward(plan, parameters, weights, own));
    }

    /// The task that it learns.
    pub const fn task(&self) -> Task {
        self.task
    }

    /// How well the task is done, and how near each head is to what it would best do, on sentences that were kept back; and the
    /// weights of each layer in the first [`SHOWN`] of them.
    pub fn examine(&mut self, checkpoint: &Checkpoint) -> (Evaluation, Vec<Arc<Tensor<f32>>>) {
        let examples = self.task.held_out(checkpoint.seed);
        let mut likeness = Likeness::new(self.task);
        let mut shown = Vec::new();
        for some in examples.chunks(self.task.sizes().batch.max(1)) {
            self.forward(&checkpoint.weights, &Batch::new(some));
            self.count(some, &mut likeness);
            if shown.is_empty() {
                let layers = (0..self.program.layers()).map(Layer);
                let weights = layers.filter_map(|layer| self.tensor(self.program.find(Some(layer), Name::Weights)?));
                shown = weights.map(|weights| Arc::new(first(&weights, SHOWN))).collect();
            }
        }
        (likeness.finish(), shown)
    }

    /// What the attention of a layer receives in a sentence, to make queries of, and keys and values.
    pub fn received(&mut self, checkpoint: &Checkpoint, example: &Example, layer: Layer) -> Option<[Tensor<f32>; 2]> {
        self.forward(&checkpoint.weights, &Batch::new(std::slice::from_ref(example)));
        let [asks, answers] = self.task.received(&self.program, layer)?;
        Some([self.tensor(asks)?, self.tensor(answers)?])
    }

    fn count(&self, examples: &[Example], likeness: &mut Likeness) {
        let Some(logits) = self.program.find(None, Name::Logits).and_then(|slot| self.tensor(slot)) else { return };
        for (sentence, example) in examples.iter().enumerate() {
            let largest = |row: ndarray::ArrayView1<f32>| {
                let place = |best: (usize, f32), (n, &x): (usize, &f32)| if x > best.1 { (n, x) } else { best };
                row.iter().enumerate().fold((0, f32::MIN), place).0
            };
            likeness.written(example, logits.matrix(sentence, 0).rows().into_iter().map(largest));
        }
        for layer in (0..self.program.layers()).map(Layer) {
            let weights = self.program.find(Some(layer), Name::Weights).and_then(|slot| self.tensor(slot));
            if let Some(weights) = weights {
                likeness.measure(layer, examples, &weights);
            }
        }
    }

    /// A tensor as the last pass left it; none where it is not kept for itself: what only leads to the weights of a head.
    pub fn tensor(&self, slot: Slot) -> Option<Tensor<f32>> {
        self.gathered(slot, Share::value)
    }

    /// Its gradient as the last pass back left it, likewise.
    pub fn gradient(&self, slot: Slot) -> Option<Tensor<f32>> {
        self.gathered(slot, |share, slot| share.gradient(slot))
    }

    /// The numbers of all shares in the order in which tensors have them.
    fn gathered(&self, slot: Slot, of: impl Fn(&Share, Slot) -> &[f32]) -> Option<Tensor<f32>> {
        let shape = self.program.shape(slot);
        let slot = self.plan.stands_for(slot);
        let [_, heads, rows, cols] = shape.lens();
        let side_by_side = self.plan.side_by_side(slot) && heads > 1;
        let mut numbers = Vec::with_capacity(shape.count());
        for share in &self.shares {
            let own = of(share, slot);
            if !side_by_side {
                numbers.extend_from_slice(own);
                continue;
            }
            for sentence in own.chunks(rows * heads * cols) {
                for head in 0..heads {
                    let lines = sentence.chunks(heads * cols);
                    numbers.extend(lines.flat_map(|line| &line[head * cols..(head + 1) * cols]));
                }
            }
        }
        let sentences = self.shares.iter().map(|share| share.sentences).sum();
        Tensor::from_vec(shape.with_batch(shape.batch.map(|_| sentences)), numbers)
    }
}

/// The first sentences of a tensor.
fn first(tensor: &Tensor<f32>, sentences: usize) -> Tensor<f32> {
    let shape = tensor.shape().with_batch(tensor.shape().batch.map(|batch| batch.min(sentences)));
    Tensor::from_fn(shape, |cell| tensor.get(cell))
}

/// Shares a batch out and lets each share do its part, side by side.
fn each(shares: &mut [Share], batch: &Batch, work: impl Fn(&mut Share, &Batch) + Sync) {
    let size = batch.sentences.div_ceil(shares.len().max(1));
    let parts: Vec<Batch> = (0..shares.len()).map(|n| batch.part(n * size..((n + 1) * size))).collect();
    thread::scope(|scope| {
        let work = &work;
        let mut pairs = shares.iter_mut().zip(&parts);
        let first = pairs.next();
        for (share, part) in pairs {
            scope.spawn(move || work(share, part));
        }
        if let Some((share, part)) = first {
            work(share, part);
        }
    });
}

/// What is not known here.
fn unknown(op: &str) -> ComputeError {
    ComputeError::Unfit(Text::owned(format!("这里不会学 {op}"), format!("{op} cannot be learned through here")))
}
