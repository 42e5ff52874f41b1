//! A checkpoint as it was examined: what a curve, a filmstrip and a report are made of.

use std::sync::Arc;

use super::{Checkpoint, Evaluation};
use crate::ground::lang::Text;
use crate::math::tensor::Tensor;

/// Of so many of the sentences that are kept back it is shown what the heads look at: the first of [`super::Task::held_out`].
pub const SHOWN: usize = 4;

/// A learner at one moment, examined.
#[derive(Debug, Clone, PartialEq)]
pub struct Moment {
    /// Where it is.
    pub checkpoint: Arc<Checkpoint>,
    /// How well it does, and how near its heads are to the patterns.
    pub evaluation: Evaluation,
    /// The weights of each layer, (sentences, heads, words, words), in the first [`SHOWN`] sentences that are kept back.
    pub weights: Vec<Arc<Tensor<f32>>>,
    /// Why it cannot go on like that.
    pub trouble: Option<Trouble>,
}

/// A number on the way that is none, or more than f32 holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Trouble {
    /// The step that was not taken, from 1.
    pub step: u64,
    /// What is broken, and the number that began it, by its address.
    pub began: Text,
    /// The learning rate at which it happened.
    pub rate: f32,
}

impl Trouble {
    /// What to do about it.
    pub fn advice(&self) -> Text {
        Text::new(
            "学习率太大，权重一步就跨过头了：换小十倍，从上一个完好的时刻接着学。",
            "The learning rate is too large, each step jumps too far: make it ten times smaller and go on from the last sound moment.",
        )
    }
}
