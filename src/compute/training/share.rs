//! Some of the sentences of a batch: their tensors, forward and back.

use std::mem::take;
use std::sync::Arc;

use super::kernels::{self, Matrix, MatrixMut};
use super::plan::{Plan, Step};
use crate::math::tensor::Tensor;
use crate::program::Slot;
use crate::study::train::{Batch, NOTHING};

/// The tensors of some sentences.
#[derive(Debug, Default)]
pub(super) struct Share {
    pub(super) sentences: usize,
    /// The sum of the losses of its words.
    pub(super) loss: f64,
    values: Vec<Vec<f32>>,
    gradients: Vec<Vec<f32>>,
    /// Gradients to which nothing has come yet.
    fresh: Vec<bool>,
    /// Which rows of tables were taken, for the way back.
    pub(super) room: Vec<f32>,
}

impl Share {
    /// The numbers of a tensor: the rows of all sentences, heads side by side.
    pub(super) fn value(&self, slot: Slot) -> &[f32] {
        self.values.get(slot.0).map_or(&[], Vec::as_slice)
    }

    /// The gradient of a tensor.
    pub(super) fn gradient(&self, slot: Slot) -> &[f32] {
        self.gradients.get(slot.0).map_or(&[], Vec::as_slice)
    }

    /// Makes room for so many sentences.
    fn fit(&mut self, plan: &Plan, sentences: usize) {
        if self.sentences == sentences && !self.values.is_empty() {
            return;
        }
        self.sentences = sentences;
        self.values = vec![Vec::new(); plan.each.len()];
        self.gradients = vec![Vec::new(); plan.each.len()];
        self.fresh = vec![true; plan.each.len()];
        let mut room = |slot: Slot| {
            let count = plan.each[slot.0] * if plan.batched[slot.0] { sentences } else { 1 };
            self.gradients[slot.0] = vec![0.0; count];
            if plan.batched[slot.0] {
                self.values[slot.0] = vec![0.0; count];
            }
        };
        for step in &plan.steps {
            match step {
                Step::Take { table, made, .. } => [*table, *made].map(&mut room),
                Step::Product { w, made, .. } | Step::Transposed { w, made, .. } => [*w, *made].map(&mut room),
                Step::Attend(attend) => [attend.weights, attend.context].map(&mut room),
                Step::Add { made, .. } | Step::Relu { made, .. } => [*made, *made].map(&mut room),
            };
        }
    }

    /// Everything forward, up to the logits.
    pub(super) fn forward(&mut self, plan: &Plan, parameters: &[Slot], weights: &[Arc<Tensor<f32>>], batch: &Batch) {
        self.fit(plan, batch.sentences);
        for step in &plan.steps {
            match step {
                Step::Take { given, table, made } => {
                    let table = given_by(parameters, weights, *table);
                    let rows = batch.rows(*given).unwrap_or_default();
                    let cols = plan.cols[made.0];
                    for (out, &row) in self.values[made.0].chunks_mut(cols).zip(&rows) {
                        out.copy_from_slice(&table[row * cols..(row + 1) * cols]);
                    }
                }
                Step::Product { a, w, made } => {
                    let mut out = take(&mut self.values[made.0]);
                    let w = Matrix::new(given_by(parameters, weights, *w), plan.cols[made.0]);
                    let a = Matrix::new(&self.values[a.0], plan.cols[a.0]);
                    kernels::product(1.0, a, w, 0.0, MatrixMut::new(&mut out, plan.cols[made.0]));
                    self.values[made.0] = out;
                }
                Step::Transposed { a, w, made } => {
                    let mut out = take(&mut self.values[made.0]);
                    let w = Matrix::new(given_by(parameters, weights, *w), plan.cols[a.0]);
                    let a = Matrix::new(&self.values[a.0], plan.cols[a.0]);
                    kernels::product(1.0, a, w.turned(), 0.0, MatrixMut::new(&mut out, plan.cols[made.0]));
                    self.values[made.0] = out;
                }
                Step::Attend(attend) => {
                    let mut out = (take(&mut self.values[attend.weights.0]), take(&mut self.values[attend.context.0]));
                    attend.forward(&self.values, self.sentences, &mut out.0, &mut out.1);
                    (self.values[attend.weights.0], self.values[attend.context.0]) = out;
                }
                Step::Add { a, b, made } => {
                    let mut out = take(&mut self.values[made.0]);
                    let pairs = self.values[a.0].iter().zip(&self.values[b.0]);
                    out.iter_mut().zip(pairs).for_each(|(out, (a, b))| *out = a + b);
                    self.values[made.0] = out;
                }
                Step::Relu { a, made } => {
                    let mut out = take(&mut self.values[made.0]);
                    // A number that is none stays none.
                    out.iter_mut().zip(&self.values[a.0]).for_each(|(out, &a)| *out = if a < 0.0 { 0.0 } else { a });
                    self.values[made.0] = out;
                }
            }
        }
    }

    /// The loss of the words that are asked for, and its gradient for the logits; `asked` words in all shares.
    pub(super) fn lose(&mut self, plan: &Plan, batch: &Batch, asked: f32) {
        let cols = plan.cols[plan.logits.0];
        let logits = &self.values[plan.logits.0];
        let gradients = &mut self.gradients[plan.logits.0];
        self.loss = 0.0;
        for ((row, out), &target) in logits.chunks(cols).zip(gradients.chunks_mut(cols)).zip(&batch.targets) {
            if target == NOTHING {
                out.fill(0.0);
                continue;
            }
            out.copy_from_slice(row);
            let (largest, sum) = kernels::exponentials(out);
            self.loss += f64::from(largest - row[target]) + f64::from(sum).ln();
            let share = 1.0 / (sum * asked);
            for x in out.iter_mut() {
                *x *= share;
            }
            out[target] -= 1.0 / asked;
        }
        self.fresh.fill(true);
        self.fresh[plan.logits.0] = false;
    }

    /// Everything back, down to the tables.
    pub(super) fn back(&mut self, plan: &Plan, parameters: &[Slot], weights: &[Arc<Tensor<f32>>], batch: &Batch) {
        for step in plan.steps.iter().rev() {
            match step {
                Step::Take { given, table, made } => {
                    let rows = batch.rows(*given).unwrap_or_default();
                    let (mut into, _) = self.open(*table, true);
                    let cols = plan.cols[made.0];
                    for (gradient, &row) in self.gradients[made.0].chunks(cols).zip(&rows) {
                        let into = &mut into[row * cols..(row + 1) * cols];
                        into.iter_mut().zip(gradient).for_each(|(into, g)| *into += g);
                    }
                    self.gradients[table.0] = into;
                }
                Step::Product { a, w, made } => {
                    let (cols, inner) = (plan.cols[made.0], plan.cols[a.0]);
                    let (mut into, keep) = self.open(*w, false);
                    let gradient = Matrix::new(&self.gradients[made.0], cols);
                    let left = Matrix::new(&self.values[a.0], inner).turned();
                    kernels::product(1.0, left, gradient, keep, MatrixMut::new(&mut into, cols));
                    self.gradients[w.0] = into;
                    let (mut into, keep) = self.open(*a, false);
                    let gradient = Matrix::new(&self.gradients[made.0], cols);
                    let w = Matrix::new(given_by(parameters, weights, *w), cols).turned();
                    kernels::product(1.0, gradient, w, keep, MatrixMut::new(&mut into, inner));
                    self.gradients[a.0] = into;
                }
                Step::Transposed { a, w, made } => {
                    let (cols, inner) = (plan.cols[made.0], plan.cols[a.0]);
                    let (mut into, keep) = self.open(*w, false);
                    let gradient = Matrix::new(&self.gradients[made.0], cols).turned();
                    let left = Matrix::new(&self.values[a.0], inner);
                    kernels::product(1.0, gradient, left, keep, MatrixMut::new(&mut into, inner));
                    self.gradients[w.0] = into;
                    let (mut into, keep) = self.open(*a, false);
                    let gradient = Matrix::new(&self.gradients[made.0], cols);
                    let w = Matrix::new(given_by(parameters, weights, *w), inner);
                    kernels::product(1.0, gradient, w, keep, MatrixMut::new(&mut into, inner));
                    self.gradients[a.0] = into;
                }
                Step::Attend(attend) => {
                    let context = take(&mut self.gradients[attend.context.0]);
                    let mut of_weights = take(&mut self.gradients[attend.weights.0]);
                    let into = [attend.q, attend.k, attend.v].map(|slot| self.open(slot, false));
                    let sentences = self.sentences;
                    let into = attend.back(&self.values, sentences, &context, &mut of_weights, &mut self.room, into);
                    for (slot, into) in [attend.q, attend.k, attend.v].into_iter().zip(into) {
                        self.gradients[slot.0] = into;
                    }
                    self.gradients[attend.context.0] = context;
                    self.gradients[attend.weights.0] = of_weights;
                }
                Step::Add { a, b, made } => {
                    for slot in [a, b] {
                        self.pass(*slot, *made, |_, g| g);
                    }
                }
                Step::Relu { a, made } => self.pass(*a, *made, |value, g| if value > 0.0 { g } else { 0.0 }),
            }
        }
    }

    /// Adds to a gradient what comes back number by number.
    fn pass(&mut self, slot: Slot, made: Slot, through: impl Fn(f32, f32) -> f32) {
        let (mut into, keep) = self.open(slot, false);
        let pairs = self.values[slot.0].iter().zip(&self.gradients[made.0]);
        if keep == 0.0 {
            into.iter_mut().zip(pairs).for_each(|(into, (&value, &g))| *into = through(value, g));
        } else {
            into.iter_mut().zip(pairs).for_each(|(into, (&value, &g))| *into += through(value, g));
        }
        self.gradients[slot.0] = into;
    }

    /// Takes a gradient out, to be added to, with what it is worth so far: 0 where nothing has come to it yet; or `cleared`.
    fn open(&mut self, slot: Slot, cleared: bool) -> (Vec<f32>, f32) {
        let mut gradient = take(&mut self.gradients[slot.0]);
        let fresh = std::mem::replace(&mut self.fresh[slot.0], false);
        if cleared && fresh {
            gradient.fill(0.0);
        }
        (gradient, if fresh { 0.0 } else { 1.0 })
    }
}

/// The numbers of a parameter.
fn given_by<'w>(parameters: &[Slot], weights: &'w [Arc<Tensor<f32>>], slot: Slot) -> &'w [f32] {
    let at = parameters.iter().position(|&other| other == slot);
    at.and_then(|at| weights.get(at)).map_or(&[], |tensor| tensor.as_slice())
}
