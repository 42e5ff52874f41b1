//! Operands that do not fit together.

use crate::ground::exit::Exit;
use crate::ground::fault::Failure;
use crate::ground::lang::Text;
use crate::math::tensor::Shape;

/// Why an op cannot take its operands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words().en)]
pub enum ShapeError {
    /// Another number of operands than the op takes.
    Arity {
        /// The op.
        op: &'static str,
        /// Operands it takes.
        expected: usize,
        /// Operands it was given.
        found: usize,
    },
    /// Two operands whose axes or lengths do not meet.
    Mismatch {
        /// The op.
        op: &'static str,
        /// The first operand.
        left: Shape,
        /// The second operand.
        right: Shape,
        /// What would have fitted.
        rule: Text,
    },
    /// One operand of a shape the op cannot take.
    Unfit {
        /// The op.
        op: &'static str,
        /// The operand.
        shape: Shape,
        /// What would have fitted.
        rule: Text,
    },
}

impl Failure for ShapeError {
    fn words(&self) -> Text {
        match self {
            Self::Arity { op, expected, found } => Text::owned(
                format!("{op} 要 {expected} 个操作数，给了 {found} 个"),
                format!("{op} takes {expected} operands, {found} were given"),
            ),
            Self::Mismatch { op, left, right, rule } => Text::owned(
                format!("{op}：{left} 和 {right} 对不上：{}", rule.zh),
                format!("{op}: {left} does not fit {right}: {}", rule.en),
            ),
            Self::Unfit { op, shape, rule } => Text::owned(
                format!("{op}：{shape} 不能用：{}", rule.zh),
                format!("{op}: {shape} will not do: {}", rule.en),
            ),
        }
    }

    fn exit(&self) -> Exit {
        Exit::Input
    }
}
