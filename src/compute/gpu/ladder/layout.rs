//! How the numbers of the work lie on the device: padded, so that no kernel needs a branch at an edge.

use crate::compute::ComputeError;
use crate::compute::gpu::recipe::Limits;
use crate::kernels::{ROWS_A_LANE, Rung};
use crate::lab::{Numbers, Work};

/// Rows to which a matrix is padded.
const ROWS: usize = 64;

/// Columns to which a matrix is padded.
const COLUMNS: usize = 32;

/// How the numbers lie on the device.
pub(super) struct Layout {
    pub(super) work: Work,
    pub(super) rung: Rung,
    pub(super) lanes: usize,
    /// Rows of X with their padding.
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
    pub(super) fn new(work: Work, rung: Rung, lanes: usize) -> Self {
        let features = work.features().next_multiple_of(4);
        let columns = COLUMNS.max(4 * lanes);
        let side = work.heads * features;
        Self {
            work,
            rung,
            lanes,
            rows: work.rows().next_multiple_of(ROWS.max(lanes * ROWS_A_LANE)),
            features,
            inner: work.hidden.max(side).next_multiple_of(4),
            qkv_columns: (3 * side + 4 * lanes).next_multiple_of(columns),
            columns: work.hidden.next_multiple_of(columns),
        }
    }

    /// Numbers of all scores.
    pub(super) fn scores(&self) -> usize {
        let Work { batch, tokens, heads, .. } = self.work;
        batch.saturating_mul(heads).saturating_mul(tokens).saturating_mul(tokens)
    }

    /// Whether every buffer can be bound.
    pub(super) fn fits(&self, limits: &Limits) -> Result<(), ComputeError> {
        let mut largest = vec![("Q, K and V", self.rows * self.qkv_columns), ("the result", self.rows * self.columns)];
        if !self.rung.is_fused() {
            largest.push(("scores", self.scores()));
        }
        let limit = limits.tensor.min(limits.buffer);
        for (what, numbers) in largest {
            let needed = 4 * numbers as u64;
            if needed > limit {
                return Err(ComputeError::TooLarge { what: what.into(), needed, limit });
            }
        }
        Ok(())
    }

    /// X with rows and columns of zeros added.
    pub(super) fn padded(&self, x: &[f32]) -> Vec<f32> {
        let mut padded = vec![0.0; self.rows * self.inner];
        for (to, row) in padded.chunks_mut(self.inner).zip(x.chunks(self.work.hidden)) {
            to[..row.len()].copy_from_slice(row);
        }
        padded
    }

    /// `W_q`, `W_k` and `W_v` side by side, every head's columns padded.
    pub(super) fn joined_weights(&self, numbers: &Numbers) -> Vec<f32> {
        let (d, hidden) = (self.work.features(), self.work.hidden);
        let mut joined = vec![0.0; self.inner * self.qkv_columns];
        for (n, w) in numbers.w.iter().take(3).enumerate() {
            for (row, line) in w.chunks(hidden).enumerate() {
                for (column, x) in line.iter().enumerate() {
                    let at = (n * self.work.heads + column / d) * self.features + column % d;
                    joined[row * self.qkv_columns + at] = *x;
                }
            }
        }
        joined
    }

    /// `W_o`, its rows where the heads' padded columns lie.
    pub(super) fn output_weights(&self, numbers: &Numbers) -> Vec<f32> {
        let (d, hidden) = (self.work.features(), self.work.hidden);
        let mut padded = vec![0.0; self.inner * self.columns];
        for (row, line) in numbers.w[3].chunks(hidden).enumerate() {
            let to = (row / d * self.features + row % d) * self.columns;
            padded[to..to + hidden].copy_from_slice(line);
        }
        padded
    }
}
