//! The way back through an op: which ops make the gradient of an operand.
//!
//! ```text
//! C = op(A, B)        ∂L/∂A and ∂L/∂B from A, B, C and ∂L/∂C
//! ```
//!
//! An adjoint is no special arithmetic but a few steps of ordinary ops, so a gradient has all the facets that a number
//! has: reference, sources, shader. a program of the way back strings them together.

use std::sync::Arc;

use super::{Op, SumShared};
use crate::math::tensor::Shape;

/// What a step of an adjoint reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feed {
    /// An operand of the op, by its position.
    Operand(usize),
    /// The op's result.
    Result,
    /// The gradient of the result: ∂L/∂C.
    Gradient,
    /// What an earlier step of this adjoint made.
    Step(usize),
}

/// One step on the way back.
#[derive(Debug, Clone)]
pub struct AdjointStep {
    /// What is done.
    pub op: Arc<dyn Op>,
    /// With what.
    pub feeds: Vec<Feed>,
}

impl AdjointStep {
    /// A step.
    pub fn new(op: impl Op + 'static, feeds: impl Into<Vec<Feed>>) -> Self {
        Self { op: Arc::new(op), feeds: feeds.into() }
    }
}

/// The gradient of one operand.
#[derive(Debug, Clone)]
pub enum Adjoint {
    /// There is none: the operand is no number that can move a little, as a mask is none.
    None,
    /// The steps; what the last one makes is the gradient. Without any, the gradient of the result passes as it is.
    Steps(Vec<AdjointStep>),
}

impl Adjoint {
    /// The gradient of the result is that of the operand.
    pub const SAME: Self = Self::Steps(Vec::new());

    /// One step.
    pub fn step(op: impl Op + 'static, feeds: impl Into<Vec<Feed>>) -> Self {
        Self::Steps(vec![AdjointStep::new(op, feeds)])
    }

    /// The same for an operand that all sentences or heads of the result shared: their parts are added up.
    #[must_use]
    pub(super) fn summed(self, operand: Shape, out: Shape) -> Self {
        let over_batch = operand.batch.is_none() && out.batch.is_some();
        let over_heads = operand.heads.is_none() && out.heads.is_some();
        match self {
            Self::Steps(mut steps) if over_batch || over_heads => {
                let last = steps.len().checked_sub(1).map_or(Feed::Gradient, Feed::Step);
                steps.push(AdjointStep::new(SumShared { over_batch, over_heads }, [last]));
                Self::Steps(steps)
            }
            other => other,
        }
    }
}
