//! What came out of the √d laboratory.

use super::ComputeError;
use crate::program::Backend;
use crate::study::scaling::{Outcome, Verdict};

/// What came out of an experiment, and the verdict on it.
#[derive(Debug, Clone)]
pub struct Scaling {
    /// The scores' spread, and what softmax makes of them.
    pub outcome: Outcome,
    /// The raw scores, one a pair: for histograms with other bins.
    pub scores: Vec<f32>,
    /// The comparison with the reference.
    pub verdict: Verdict,
    /// Who drew and multiplied.
    pub by: Backend,
    /// Why the CPU stood in for the GPU, where it did.
    pub fallback: Option<ComputeError>,
}
