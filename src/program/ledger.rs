//! The ledger: a trace compared with its reference, stage by stage.
//!
//! Each stage's reference is evaluated in f64 on the inputs that the stage really received, so that
//! one stage's rounding is not charged to the next. [`end_to_end`] is the other question: how far the
//! last number is from what f64 makes of the sample's own numbers. A number overridden by hand is its own reference.

use super::{Address, Program, Trace};
use crate::math::tensor::{MASKED_F64, Tensor};

/// A stage passes while `|Δ| ≤ TOLERANCE · max(1, |reference|)` in every cell.
pub const TOLERANCE: f64 = 1e-5;

/// The worst cell of one stage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StageVerdict {
    /// Largest `|Δ| / max(1, |reference|)`; infinite where one side is masked or not a number and the other is not.
    pub worst: f64,
    /// Where.
    pub at: Address,
}

impl StageVerdict {
    /// Whether the stage is within tolerance.
    pub fn ok(&self) -> bool {
        self.worst <= TOLERANCE
    }
}

/// The verdict on a trace, one line a stage in the program's order.
#[derive(Debug, Clone, PartialEq)]
pub struct Ledger {
    /// The stages.
    pub stages: Vec<StageVerdict>,
}

impl Ledger {
    /// Compares every stage of a trace with its reference.
    pub fn check(program: &Program, trace: &Trace) -> Self {
        let compare = |i: usize| {
            let stage = &program.stages()[i];
            let operands: Vec<_> = stage.operands.iter().map(|&slot| trace.tensor(slot).to_f64()).collect();
            let mut reference = stage.op.reference(&operands.iter().collect::<Vec<_>>(), stage.shape);
            trace.override_in(program.output_of(i), &mut reference);
            worst(program, i, trace, &reference)
        };
        Self { stages: (0..program.stages().len()).map(compare).collect() }
    }

    /// Whether every stage is within tolerance.
    pub fn ok(&self) -> bool {
        self.stages.iter().all(StageVerdict::ok)
    }

    /// The worst stage.
    pub fn worst(&self) -> Option<&StageVerdict> {
        self.stages.iter().max_by(|a, b| a.worst.total_cmp(&b.worst))
    }
}

/// Every tensor of the program in f64, from the inputs alone: the reference run from end to end.
pub fn reference_run(program: &Program, trace: &Trace) -> Vec<Tensor<f64>> {
    let mut tensors: Vec<Tensor<f64>> = Vec::new();
    for slot in program.slots() {
        let tensor = match program.made_by(slot) {
            None => trace.tensor(slot).to_f64(),
            Some(stage) => {
                let operands: Vec<_> = stage.operands.iter().map(|s| &tensors[s.0]).collect();
                let mut reference = stage.op.reference(&operands, stage.shape);
                trace.override_in(slot, &mut reference);
                reference
            }
        };
        tensors.push(tensor);
    }
    tensors
}

/// The difference of every stage from the reference run of the sample's own numbers.
pub fn end_to_end(program: &Program, trace: &Trace) -> Ledger {
    let reference = reference_run(program, trace);
    let stages =
        (0..program.stages().len()).map(|i| worst(program, i, trace, &reference[program.output_of(i).0])).collect();
    Ledger { stages }
}

/// The worst cell of one stage's output against a reference.
fn worst(program: &Program, stage: usize, trace: &Trace, reference: &Tensor<f64>) -> StageVerdict {
    let slot = program.output_of(stage);
    let found = trace.tensor(slot);
    let mut verdict = StageVerdict { worst: 0.0, at: Address { slot, cell: crate::math::tensor::Cell::default() } };
    for ((cell, found), reference) in reference.shape().cells().zip(found.numbers()).zip(reference.numbers()) {
        let delta = difference(f64::from(found), reference);
        if delta > verdict.worst {
            verdict = StageVerdict { worst: delta, at: Address { slot, cell } };
        }
    }
    verdict
}

/// `|Δ| / max(1, |reference|)`, and infinity where the two cannot be compared. Beyond what f32 holds the right answer is
/// infinity, and where the reference has no value the right answer is none.
fn difference(found: f64, reference: f64) -> f64 {
    let rounded = f64::from(reference as f32);
    if reference.is_nan() || rounded.is_infinite() {
        let same = found == rounded || (found.is_nan() && reference.is_nan());
        return if same { 0.0 } else { f64::INFINITY };
    }
    if reference == MASKED_F64 || found == MASKED_F64 {
        return if found == reference { 0.0 } else { f64::INFINITY };
    }
    let delta = (found - reference).abs() / reference.abs().max(1.0);
    if delta.is_nan() { f64::INFINITY } else { delta }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_compared_is_infinitely_wrong() {
        assert_eq!(difference(MASKED_F64, MASKED_F64), 0.0);
        assert_eq!(difference(MASKED_F64, 1.0), f64::INFINITY);
        assert_eq!(difference(1.0, MASKED_F64), f64::INFINITY);
        assert_eq!(difference(f64::NAN, 1.0), f64::INFINITY);
        assert_eq!(difference(f64::INFINITY, 1.0), f64::INFINITY);
        assert_eq!(difference(f64::INFINITY, 1e39), 0.0, "f32 ends before");
        assert_eq!(difference(f64::NEG_INFINITY, 1e39), f64::INFINITY);
        assert_eq!(difference(f64::NAN, f64::NAN), 0.0);
        assert_eq!(difference(1.0, f64::NAN), f64::INFINITY);
        assert!((difference(10_001.0, 10_000.0) - 1e-4).abs() < 1e-15);
        assert!((difference(0.5, 0.25) - 0.25).abs() < 1e-15);
    }
}
