//! The heavy work of the race: one whole layer of multi-head self-attention over a batch of sentences.
//!
//! `Q, K, V = X·W_q, X·W_k, X·W_v`, `O = softmax(Q·Kᵀ/√d)·V` in each head, `Y = concat(O)·W_o`.

use std::sync::Arc;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use crate::ground::exit::Exit;
use crate::ground::fault::{Failure, Fault};
use crate::ground::lang::Text;
use crate::math::tensor::Tensor;
use crate::program::attention::{Sizes, self_attention};
use crate::program::{Inputs, Name, Program};

/// How much work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Work {
    /// Sentences side by side.
    pub batch: usize,
    /// Words in each.
    pub tokens: usize,
    /// Heads.
    pub heads: usize,
    /// Numbers a word; each head has `hidden / heads` of them.
    pub hidden: usize,
}

/// What the queue is watched with: the article's batch, with its 8 heads of 32 numbers.
pub const QUEUED: Work = Work { batch: 64, tokens: 32, heads: 8, hidden: 256 };

/// Work that cannot be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words().en)]
pub enum WorkError {
    /// Nothing to do.
    Nothing(&'static str),
    /// Heads that cannot share the hidden size.
    Uneven {
        /// The heads.
        heads: usize,
        /// The hidden size.
        hidden: usize,
    },
    /// More than fits into memory.
    TooMuch(usize, usize, usize),
}

impl Failure for WorkError {
    fn words(&self) -> Text {
        match self {
            Self::Nothing(name) => {
                Text::owned(format!("{name} 是 0，至少要 1"), format!("{name} is 0, expected 1 or more"))
            }
            Self::Uneven { heads, hidden } => Text::owned(
                format!("{hidden} 个数不能由 {heads} 个头平分"),
                format!("{heads} heads cannot share {hidden} numbers evenly"),
            ),
            Self::TooMuch(batch, tokens, hidden) => Text::owned(
                format!("{batch} 个句子，每句 {tokens} 个词，每词 {hidden} 个数，太多了：最多 {} 个数", Work::MOST),
                format!(
                    "{batch} sentences of {tokens} words with {hidden} numbers each are too many: at most {} numbers",
                    Work::MOST
                ),
            ),
        }
    }

    fn exit(&self) -> Exit {
        Exit::Input
    }
}

impl Work {
    /// Numbers of X at most: half a gibibyte.
    pub(crate) const MOST: usize = 1 << 27;

    /// Work within the limits.
    ///
    /// # Errors
    /// [`WorkError`] says which limit.
    pub fn new(batch: usize, tokens: usize, heads: usize, hidden: usize) -> Result<Self, WorkError> {
        let named = [("batch", batch), ("tokens", tokens), ("heads", heads), ("hidden", hidden)];
        if let Some((name, _)) = named.iter().find(|(_, n)| *n == 0) {
            return Err(WorkError::Nothing(name));
        }
        if !hidden.is_multiple_of(heads) {
            return Err(WorkError::Uneven { heads, hidden });
        }
        let numbers = batch.checked_mul(tokens).and_then(|n| n.checked_mul(hidden));
        match numbers {
            Some(n) if n <= Self::MOST && hidden * hidden <= Self::MOST => Ok(Self { batch, tokens, heads, hidden }),
            _ => Err(WorkError::TooMuch(batch, tokens, hidden)),
        }
    }

    /// Rows of X.
    pub const fn rows(self) -> usize {
        self.batch * self.tokens
    }

    /// Numbers of a head.
    pub const fn features(self) -> usize {
        self.hidden / self.heads
    }

    /// Bytes that a processor holds at once while it does this on so many threads: X, Q, K, V, concat, Y, the weights, and on each
    /// thread the scores of one head. Saturates.
    pub fn bytes(self, threads: usize) -> u64 {
        let Self { batch, tokens, hidden, .. } = self;
        let numbers = |factors: [usize; 4]| factors.iter().fold(1_u64, |all, &n| all.saturating_mul(n as u64));
        [numbers([6, batch, tokens, hidden]), numbers([4, hidden, hidden, 1]), numbers([threads, tokens, tokens, 1])]
            .into_iter()
            .fold(0, u64::saturating_add)
            .saturating_mul(4)
    }

    /// Floating-point operations, a multiplication and an addition counted as two: four projections, scores, and the
    /// weighted sums. Softmax is left out.
    pub(crate) fn operations(self) -> f64 {
        let (rows, hidden, tokens) = (self.rows() as f64, self.hidden as f64, self.tokens as f64);
        8.0 * rows * hidden * hidden + 4.0 * rows * tokens * hidden
    }

    /// The work as a program.
    ///
    /// # Errors
    /// Never for work within the limits.
    pub fn program(self) -> Result<Program, Fault> {
        let Self { batch, tokens, heads, hidden } = self;
        let side = Sizes {
            batch: Some(batch),
            tokens,
            memory: 0,
            model: hidden,
            heads,
            features: hidden,
            values: hidden,
            output: Some(hidden),
        };
        Ok(self_attention(&side)?)
    }

    /// The work as a program, and numbers for it: the same from the same seed. They are normal; the weights so small that results
    /// stay around 1. The mask hides nothing.
    ///
    /// # Errors
    /// Never for work within the limits.
    pub fn layer(self, seed: u64) -> Result<(Program, Inputs), Fault> {
        let program = self.program()?;
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let spread = (self.hidden as f32).sqrt().recip();
        let drawn = [Name::H, Name::WQ, Name::WK, Name::WV, Name::WO].map(|name| {
            let spread = if name == Name::H { 1.0 } else { spread };
            let tensor = program.find(None, name).map(|slot| {
                let mut number =
                    || spread * <StandardNormal as Distribution<f32>>::sample(&StandardNormal, &mut random);
                Arc::new(Tensor::from_fn(program.shape(slot), |_| number()))
            });
            (name, tensor)
        });
        let inputs = Inputs::new(&program, |symbol| match drawn.iter().find(|(drawn, _)| *drawn == symbol.name) {
            Some((_, tensor)) => tensor.clone(),
            None => Some(Arc::new(Tensor::from_fn(program.shape(program.find_symbol(symbol)?), |_| 1.0))),
        })?;
        Ok((program, inputs))
    }
}
