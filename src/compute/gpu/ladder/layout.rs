//! How the numbers of the work lie on the device: padded, so that no kernel needs a branch at an edge.
//!
//! In buffers the rows of all sentences lie below one another. The subgroup rung reads textures, which have only so many rows: as
//! many sentences as fit make a plane, and the planes lie side by side.

use crate::compute::gpu::recipe::{F32, within};
use crate::ground::lang::Text;
use crate::kernels::{Rung, texels};
use crate::session::Limits;
use crate::session::{Amount, ComputeError};
use crate::study::race::{Numbers, Work};

/// How the numbers lie on the device.
pub(super) struct Layout {
    pub(super) work: Work,
    pub(super) rung: Rung,
    pub(super) lanes: usize,
    /// Planes side by side: 1 in buffers.
    pub(super) planes: usize,
    /// Sentences of a plane, at most.
    pub(super) sentences: usize,
    /// Rows of a plane with their padding.
    pub(super) rows: usize,
    /// Numbers of a head, padded to whole vec4.
    pub(super) features: usize,
    /// Columns of X and of concat with their padding: the inner dimension of both products.
    pub(super) inner: usize,
    /// Columns of Q, K and V side by side.
    pub(super) qkv_columns: usize,
    /// Columns of Y.
    pub(super) columns: usize,
}

impl Layout {
    pub(super) fn new(work: Work, rung: Rung, lanes: usize, limits: &Limits) -> Self {
        let features = work.features().next_multiple_of(4);
        let (to_rows, to_columns, to_inner) = rung.padding(lanes);
        let side = work.heads * features;
        let fit = if rung.reads_textures() { limits.texels as usize / work.tokens } else { work.batch };
        let planes = work.batch.div_ceil(fit.clamp(1, work.batch));
        let sentences = work.batch.div_ceil(planes);
        Self {
            work,
            rung,
            lanes,
            planes,
            sentences,
            rows: (sentences * work.tokens).next_multiple_of(to_rows),
            features,
            inner: work.hidden.max(side).next_multiple_of(to_inner),
            qkv_columns: (3 * side).next_multiple_of(to_columns),
            columns: work.hidden.next_multiple_of(to_columns),
        }
    }

    /// Texels in a row of a texture of so many columns a plane; none where there are buffers.
    pub(super) fn texels(&self, planes: usize, columns: usize) -> Option<usize> {
        self.rung.reads_textures().then(|| texels(planes * columns))
    }

    /// Numbers from a row of a matrix of so many columns a plane to the row below.
    fn down(&self, planes: usize, columns: usize) -> usize {
        self.texels(planes, columns).map_or(planes * columns, |texels| 4 * texels)
    }

    /// Numbers of a matrix that has a row for every word.
    pub(super) fn count(&self, columns: usize) -> usize {
        self.rows * self.down(self.planes, columns)
    }

    /// Where a word's row of such a matrix begins.
    pub(super) fn row(&self, word: usize, columns: usize) -> usize {
        let (sentence, place) = (word / self.work.tokens, word % self.work.tokens);
        let (beside, below) = (sentence / self.sentences, sentence % self.sentences);
        (below * self.work.tokens + place) * self.down(self.planes, columns) + beside * columns
    }

    /// Numbers of all scores.
    pub(super) fn scores(&self) -> usize {
        let Work { batch, tokens, heads, .. } = self.work;
        batch.saturating_mul(heads).saturating_mul(tokens).saturating_mul(tokens)
    }

    /// Whether everything can be bound.
    pub(super) fn fits(&self, limits: &Limits) -> Result<(), ComputeError> {
        let mut limit = limits.tensor.min(limits.buffer);
        if let Some(wide) = self.texels(self.planes, self.qkv_columns) {
            let side = wide.max(self.rows).max(self.inner); // weights have a row for each column of X
            within(|| Text::new("Q、K、V", "Q, K and V"), side as u64, limits.texels.into(), Amount::Texels)?;
            limit = limits.buffer; // they are not bound as a buffer, but go through one
        }
        let held = self.held().into_iter();
        held.map(|(what, numbers)| (what, F32.saturating_mul(numbers as u64)))
            .try_for_each(|(what, bytes)| within(|| what.clone(), bytes, limit, Amount::Bytes))
    }

    /// Numbers of all that is held on the device, by what they are; the largest first, so that a refusal names it.
    fn held(&self) -> [(Text, usize); 7] {
        [
            (Text::new("分数", "scores"), if self.rung.is_fused() { 0 } else { self.scores() }),
            (Text::new("Q、K、V", "Q, K and V"), self.count(self.qkv_columns)),
            (Text::new("X", "X"), self.count(self.inner)),
            (Text::new("上下文", "the context"), self.count(self.inner)),
            (Text::new("结果", "the result"), self.count(self.columns)),
            (Text::new("W_q、W_k、W_v", "W_q, W_k and W_v"), self.inner * self.down(1, self.qkv_columns)),
            (Text::new("W_o", "W_o"), self.inner * self.down(1, self.columns)),
        ]
    }

    /// Bytes of the processor's memory that are taken: the copies that go to the device and come back, and what the device holds
    /// where it has no memory of its own.
    pub(super) fn bytes(&self, shared: bool) -> u64 {
        let held = self.held().into_iter().fold(0_u64, |all, (_, numbers)| all.saturating_add(numbers as u64));
        let copies = (self.count(self.inner) + 3 * self.count(self.columns)) as u64;
        F32.saturating_mul(copies.saturating_add(if shared { held } else { 0 }))
    }

    /// X with rows and columns of zeros added.
    pub(super) fn padded(&self, x: &[f32]) -> Vec<f32> {
        let mut padded = vec![0.0; self.count(self.inner)];
        for (word, row) in x.chunks(self.work.hidden).enumerate() {
            let to = self.row(word, self.inner);
            padded[to..to + row.len()].copy_from_slice(row);
        }
        padded
    }

    /// `W_q`, `W_k` and `W_v` side by side, every head's columns padded.
    pub(super) fn joined_weights(&self, numbers: &Numbers) -> Vec<f32> {
        let (d, hidden, down) = (self.work.features(), self.work.hidden, self.down(1, self.qkv_columns));
        let mut joined = vec![0.0; self.inner * down];
        for (n, w) in numbers.w.iter().take(3).enumerate() {
            for (row, line) in w.chunks(hidden).enumerate() {
                for (column, x) in line.iter().enumerate() {
                    let at = (n * self.work.heads + column / d) * self.features + column % d;
                    joined[row * down + at] = *x;
                }
            }
        }
        joined
    }

    /// `W_o`, its rows where the heads' padded columns lie.
    pub(super) fn output_weights(&self, numbers: &Numbers) -> Vec<f32> {
        let (d, hidden, down) = (self.work.features(), self.work.hidden, self.down(1, self.columns));
        let mut padded = vec![0.0; self.inner * down];
        for (row, line) in numbers.w[3].chunks(hidden).enumerate() {
            let to = (row / d * self.features + row % d) * down;
            padded[to..to + hidden].copy_from_slice(line);
        }
        padded
    }

    /// The rows of the result without their padding: batch·tokens × hidden.
    pub(super) fn unpadded(&self, result: &[f32]) -> Vec<f32> {
        let row = |word| {
            let from = self.row(word, self.columns);
            &result[from..from + self.work.hidden]
        };
        (0..self.work.rows()).flat_map(row).copied().collect()
    }
}
