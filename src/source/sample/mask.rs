//! The same sample under another mask.

use std::sync::Arc;

use super::Sample;
use crate::ground::lang::Text;
use crate::math::tensor::{Axis, Tensor};
use crate::program::Name;

/// Which mask is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum MaskChoice {
    /// The sample's own.
    #[default]
    Own,
    /// Every word may look at every word.
    Open,
    /// Every word may look at itself and at what came before (self-attention only).
    Causal,
    /// Every word may look at words at most so many places away (self-attention only).
    Window(usize),
}

impl MaskChoice {
    /// How many choices [`MaskChoice::next`] goes through.
    pub(crate) const COUNT: usize = 5;

    /// The choice after this one: the last of them looks one word around, then two.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::Own => Self::Open,
            Self::Open => Self::Causal,
            Self::Causal => Self::Window(1),
            Self::Window(1) => Self::Window(2),
            Self::Window(_) => Self::Own,
        }
    }

    /// What it lets words see.
    pub fn says(self) -> Text {
        match self {
            Self::Own => Text::new("样例自带的", "the sample's own"),
            Self::Open => Text::new("不遮，谁都可以看谁", "none, every word may look at every word"),
            Self::Causal => Text::new("因果，只看自己和前面", "causal, a word sees itself and what came before"),
            Self::Window(n) => Text::owned(
                format!("窗口，只看前后 {n} 个词"),
                format!("a window, a word sees {n} word{} around it", if n == 1 { "" } else { "s" }),
            ),
        }
    }
}

impl Sample {
    /// The sample under another mask; `None` where that mask makes no sense: a word cannot come
    /// before another in a different sentence.
    pub fn with_mask(&self, choice: MaskChoice) -> Option<Self> {
        let masks = self.program.inputs().iter().filter(|input| input.symbol.name == Name::Mask);
        let masks: Vec<_> = masks.map(|input| input.slot).collect();
        let shape = self.program.shape(*masks.first()?);
        let mask = match choice {
            MaskChoice::Own => return Some(self.clone()),
            MaskChoice::Open => Tensor::from_fn(shape, |_| 1.0),
            MaskChoice::Causal if shape.cols.axis == Axis::Token => {
                Tensor::from_fn(shape, |c| if c.col <= c.row { 1.0 } else { 0.0 })
            }
            MaskChoice::Window(n) if shape.cols.axis == Axis::Token => {
                Tensor::from_fn(shape, |c| if c.col.abs_diff(c.row) <= n { 1.0 } else { 0.0 })
            }
            MaskChoice::Causal | MaskChoice::Window(_) => return None,
        };
        let everywhere = masks.into_iter().map(|slot| (slot, mask.clone()));
        let inputs = self.inputs.with_tensors(&self.program, everywhere).ok()?;
        Some(Self { inputs: Arc::new(inputs), ..self.clone() })
    }
}
