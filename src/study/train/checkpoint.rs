//! A learner at one moment, and what one step makes of it: Adam (Kingma and Ba 2015), the mean of the gradients over the root of the
//! mean of their squares.

use std::sync::Arc;

use super::Task;
use crate::math::tensor::Tensor;

/// β₁, how much the mean of the gradients keeps of what it was.
pub const BETA_1: f32 = 0.9;
/// β₂, how much the mean of their squares keeps. Hundreds of steps are few, so it forgets sooner than in the paper.
pub const BETA_2: f32 = 0.99;
/// ε, what keeps the quotient finite.
pub const EPSILON: f32 = 1e-8;

/// What Adam remembers of the gradients of one tensor.
#[derive(Debug, Clone, PartialEq)]
pub struct Moments {
    /// Their mean.
    pub first: Arc<Tensor<f32>>,
    /// The mean of their squares.
    pub second: Arc<Tensor<f32>>,
}

/// A learner at one moment: everything that it takes to go on from there.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkpoint {
    /// What it learns.
    pub task: Task,
    /// What its weights and its sentences are drawn from.
    pub seed: u64,
    /// The steps it has taken.
    pub step: u64,
    /// Its weights, in the order of [`super::parameters`].
    pub weights: Vec<Arc<Tensor<f32>>>,
    /// What its optimizer remembers of each.
    pub moments: Vec<Moments>,
    /// The loss at every step so far.
    pub losses: Vec<f32>,
    /// The learning rates so far: each with the step from which on it was used.
    pub rates: Vec<(u64, f32)>,
}

impl Checkpoint {
    /// The first moment of a learner with these weights.
    pub(super) fn beginning(task: Task, seed: u64, weights: Vec<Tensor<f32>>) -> Self {
        let still = |weights: &Tensor<f32>| Arc::new(Tensor::zeros(*weights.shape()));
        let moments = weights.iter().map(|w| Moments { first: still(w), second: still(w) }).collect();
        let weights = weights.into_iter().map(Arc::new).collect();
        Self { task, seed, step: 0, weights, moments, losses: Vec::new(), rates: Vec::new() }
    }

    /// The rate of the next step: it rises over the first ones.
    pub fn rate_now(&self, rate: f32) -> f32 {
        let warmup = self.task.recipe().warmup.max(1);
        rate * ((self.step + 1).min(warmup) as f32 / warmup as f32)
    }

    /// One step along these gradients, in the order of the weights; `loss` is what it was before the step.
    pub fn take_step(&mut self, loss: f32, gradients: &[Vec<f32>], rate: f32) {
        if self.rates.last().is_none_or(|&(_, last)| last != rate) {
            self.rates.push((self.step, rate));
        }
        let rate = self.rate_now(rate);
        let n = (self.step + 1).min(i32::MAX as u64) as i32;
        let unbiased = |beta: f32| (1.0 - f64::from(beta).powi(n)) as f32;
        let (first_of, second_of) = (unbiased(BETA_1), unbiased(BETA_2));
        for ((weights, moments), gradient) in self.weights.iter_mut().zip(&mut self.moments).zip(gradients) {
            // Whoever else holds the tensors keeps them as they were.
            let weights = Arc::make_mut(weights).as_slice_mut().iter_mut();
            let first = Arc::make_mut(&mut moments.first).as_slice_mut().iter_mut();
            let second = Arc::make_mut(&mut moments.second).as_slice_mut().iter_mut();
            for (((w, m), v), &g) in weights.zip(first).zip(second).zip(gradient) {
                *m = BETA_1 * *m + (1.0 - BETA_1) * g;
                *v = BETA_2 * *v + (1.0 - BETA_2) * g * g;
                *w -= rate * (*m / first_of) / ((*v / second_of).sqrt() + EPSILON);
            }
        }
        self.losses.push(loss);
        self.step += 1;
    }
}
