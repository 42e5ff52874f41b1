//! Numbers from a seed: the sentences of every step, and the weights a learner begins with.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::{Checkpoint, Task, parameters};
use crate::math::tensor::Tensor;
use crate::program::{Name, Program};

/// Streams of one seed: what is drawn from one says nothing about another.
const WEIGHTS: u64 = 0;
const HELD_OUT: u64 = 1;
const STEPS: u64 = 2;

/// Numbers to make sentences of.
#[derive(Debug, Clone)]
pub struct Draw(ChaCha8Rng);

impl Draw {
    fn stream(seed: u64, stream: u64) -> Self {
        let mut numbers = ChaCha8Rng::seed_from_u64(seed);
        numbers.set_stream(stream);
        Self(numbers)
    }

    /// Those of a step.
    pub(super) fn of_step(seed: u64, step: u64) -> Self {
        Self::stream(seed, STEPS + step)
    }

    /// Those of the sentences that are kept back.
    pub(super) fn held_out(seed: u64) -> Self {
        Self::stream(seed, HELD_OUT)
    }

    /// Those that a list is shuffled by once and for all.
    pub(super) fn of_list() -> Self {
        Self::stream(0, HELD_OUT)
    }

    /// A number below n; each as often as any other, but for one in 2³².
    pub fn below(&mut self, n: usize) -> usize {
        ((u64::from(self.0.next_u32()) * n as u64) >> 32) as usize
    }

    /// A number of these.
    pub fn among(&mut self, from: usize, to: usize) -> usize {
        from + self.below(to + 1 - from)
    }

    /// The numbers below n in any order (Fisher and Yates 1938).
    pub fn order(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        for i in (1..n).rev() {
            order.swap(i, self.below(i + 1));
        }
        order
    }
}

/// The weights a learner begins with, in the order of [`parameters`]: normal numbers, for tables of vectors as wide as the task
/// says, for matrices so that what goes through them keeps its size.
pub(super) fn weights(task: Task, program: &Program, seed: u64) -> Vec<Tensor<f32>> {
    let mut numbers = Draw::stream(seed, WEIGHTS).0;
    let mut drawn = |slot| {
        let shape = program.shape(slot);
        let spread = match program.symbol(slot).name {
            Name::WE | Name::WP | Name::WEM | Name::WPM => task.recipe().spread,
            Name::WU => (shape.cols.len as f32).sqrt().recip(),
            _ => (shape.rows.len as f32).sqrt().recip(),
        };
        Tensor::from_fn(shape, |_| {
            let z: f32 = StandardNormal.sample(&mut numbers);
            spread * z
        })
    };
    parameters(program).into_iter().map(&mut drawn).collect()
}

impl Checkpoint {
    /// A learner that has not learned anything yet.
    ///
    /// # Errors
    /// Never: the sizes of a task fit.
    pub fn new(task: Task, seed: u64) -> Result<Self, crate::math::ops::ShapeError> {
        let program = task.program()?;
        Ok(Self::beginning(task, seed, weights(task, &program, seed)))
    }
}
