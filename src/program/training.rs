//! ★ One step of learning, as a program: attention, its loss, the way back, and what the optimizer makes of every W.
//!
//! ```text
//! loss = −Σ targets · ln weights / n        dW = ∂loss/∂W        W_next = W − η · dW
//! ```
//!
//! The targets are rows of attention weights as somebody wishes them: "let 爱 attend to 我". `W_v` and `W_o` have no part in
//! who looks at whom, so they have no gradient.

use std::sync::Arc;

use super::backward::{Backward, backward};
use super::{About, Name, Program, Slot, Symbol};
use crate::ground::lang::Text;
use crate::math::ops::{Adam, AdamFirst, AdamSecond, Op, Sgd, ShapeError, TargetLoss};

/// How a step is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Optimizer {
    /// Against the gradient: `W − η·dW`.
    #[default]
    Sgd,
    /// Adam (Kingma and Ba 2015): as far as the gradient's running mean is sure of itself.
    Adam,
}

impl Optimizer {
    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sgd => "SGD",
            Self::Adam => "Adam",
        }
    }

    /// The rate to begin with.
    pub const fn usual_rate(self) -> f32 {
        match self {
            Self::Sgd => 0.25,
            Self::Adam => 0.0625,
        }
    }
}

/// β₁: how much of the first moment stays.
pub const BETA_1: f64 = 0.9;

/// β₂: how much of the second moment stays.
pub const BETA_2: f64 = 0.999;

/// ε: what keeps Adam's divisor from 0.
pub const EPSILON: f64 = 1e-8;

/// One step: by what, how far, and how many were taken before.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// By what.
    pub optimizer: Optimizer,
    /// η, the learning rate.
    pub rate: f32,
    /// Steps taken before it.
    pub taken: u32,
}

impl Step {
    /// c₁ and c₂, by which Adam's moments are too small as long as they have seen few gradients.
    pub fn corrections(&self) -> (f64, f64) {
        let t = f64::from(self.taken + 1);
        (1.0 - BETA_1.powf(t), 1.0 - BETA_2.powf(t))
    }
}

/// What is learned: the W.
pub const LEARNED: [Name; 4] = [Name::WQ, Name::WK, Name::WV, Name::WO];

/// An attention with a loss on its weights, the way back, and one step of the optimizer.
///
/// # Errors
/// [`ShapeError`] where there is no attention with W of its own: a model of many layers, a query over bare words.
pub fn training(forward: &Program, step: &Step) -> Result<Program, ShapeError> {
    let Some(weights) = forward.find(None, Name::Weights).filter(|_| forward.layers() == 0) else {
        return Err(nothing_to_learn(forward));
    };
    let mut program = forward.clone();
    let targets = program.input(Name::Targets, program.shape(weights)); // as weights
    let loss = program.stage(Name::Loss, TargetLoss, [weights, targets])?; // 1 × 1
    let mut way = backward(&program, loss, |symbol| LEARNED.contains(&symbol.name))?;
    let learned: Vec<Slot> = program.inputs().iter().map(|input| input.slot).collect();
    let learned: Vec<(Slot, Slot)> = learned.into_iter().filter_map(|slot| Some((slot, way.gradient(slot)?))).collect();
    if learned.is_empty() {
        return Err(nothing_to_learn(forward));
    }
    for (weight, gradient) in learned {
        add_step(&mut way, (weight, gradient), step)?;
    }
    Ok(way.program)
}

/// The stages that move one W.
pub(crate) fn add_step(way: &mut Backward, (weight, gradient): (Slot, Slot), step: &Step) -> Result<(), ShapeError> {
    let program = &mut way.program;
    let (symbol, shape) = (program.symbol(weight), program.shape(weight));
    let about = |about| -> Symbol { symbol.name.about(about).of(symbol.layer) };
    let rate = f64::from(step.rate);
    let next = about(About::Next);
    match step.optimizer {
        Optimizer::Sgd => program.push(next, Arc::new(Sgd { rate }), vec![weight, gradient])?,
        Optimizer::Adam => {
            let (first, second) =
                (program.input(about(About::First), shape), program.input(about(About::Second), shape));
            let mut moment = |symbol, op: Arc<dyn Op>, before| program.push(symbol, op, vec![before, gradient]);
            let first = moment(about(About::NextFirst), Arc::new(AdamFirst { beta: BETA_1 }), first)?;
            let second = moment(about(About::NextSecond), Arc::new(AdamSecond { beta: BETA_2 }), second)?;
            let (correction1, correction2) = step.corrections();
            let adam = Adam { rate, correction1, correction2, epsilon: EPSILON };
            program.push(next, Arc::new(adam), vec![weight, first, second])?
        }
    };
    Ok(())
}

fn nothing_to_learn(program: &Program) -> ShapeError {
    let rule = Text::new("这里没有可以学的权重矩阵", "there are no weight matrices to be learned here");
    ShapeError::Unfit { op: "training", shape: program.shape(Slot(0)), rule }
}
