//! The laboratory's ledger: scores that a device drew, compared with the f64 reference of the same pairs.

use super::{Experiment, KEYS, Outcome};
use crate::program;

/// A score passes while `|Δ| ≤ TOLERANCE · max(1, |reference|)`, both ÷√d: the tolerance of every stage.
///
/// Scores are compared ÷√d, where their spread is 1 for every d. A raw score is the sum of d products of numbers that
/// were drawn in f32, each rounded by about 10⁻⁷; no device could hold 10⁻⁵ for a sum of 2048 of them that is near 0.
/// `docs/SCALING.md` has the account.
pub const TOLERANCE: f64 = program::TOLERANCE;

/// Pairs that are computed again, at most.
const CHECKED: usize = 512;

/// What the comparison found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verdict {
    /// How many pairs were compared, in whole rows spread evenly over the experiment.
    pub checked: usize,
    /// Largest `|Δ| / max(1, |reference|)` of a score ÷√d; infinite where one is not a number.
    pub worst: f64,
    /// Which pair that was, counted from 0.
    pub at: usize,
    /// The same for σ, mean, largest weight, entropy and gradient of the rows compared, raw, ÷√d and ÷d.
    pub figures: f64,
}

impl Verdict {
    /// Compares all scores of an experiment, some pairs of them.
    pub fn check(experiment: Experiment, scores: &[f32]) -> Self {
        let pairs = chosen(scores.len().min(experiment.pairs()) / KEYS);
        let found: Vec<f32> = pairs.iter().map(|&pair| scores[pair]).collect();
        let reference: Vec<f64> = pairs.iter().map(|&pair| experiment.score(pair)).collect();

        let root = (experiment.d() as f64).sqrt();
        let mut verdict = Self { checked: pairs.len(), worst: 0.0, at: 0, figures: 0.0 };
        for ((&pair, &found), &reference) in pairs.iter().zip(&found).zip(&reference) {
            let off = difference(f64::from(found) / root, reference / root);
            if off > verdict.worst {
                (verdict.worst, verdict.at) = (off, pair);
            }
        }
        verdict.figures = furthest(&Outcome::new(experiment, &found), &Outcome::new(experiment, &reference));
        verdict
    }

    /// Whether every score and every figure is within tolerance, and there were any.
    pub fn ok(&self) -> bool {
        self.checked > 0 && self.worst <= TOLERANCE && self.figures <= TOLERANCE
    }
}

/// Pairs of whole rows, spread evenly over all rows, the first and the last among them.
fn chosen(rows: usize) -> Vec<usize> {
    let some = rows.min(CHECKED / KEYS);
    let row = |i: usize| i * rows.saturating_sub(1) / some.saturating_sub(1).max(1);
    (0..some).flat_map(|i| (0..KEYS).map(move |key| row(i) * KEYS + key)).collect()
}

/// The largest difference between two outcomes' figures.
fn furthest(found: &Outcome, reference: &Outcome) -> f64 {
    let pairs = found.with_theory().into_iter().zip(reference.with_theory());
    let figures = pairs.flat_map(|((found, _), (reference, _))| found.figures().into_iter().zip(reference.figures()));
    figures.map(|((_, found), (_, reference))| difference(found, reference)).fold(0.0, f64::max)
}

/// `|Δ| / max(1, |reference|)`, and infinity where there is no number.
fn difference(found: f64, reference: f64) -> f64 {
    let delta = (found - reference).abs() / reference.abs().max(1.0);
    if delta.is_nan() { f64::INFINITY } else { delta }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores(experiment: Experiment) -> Vec<f32> {
        (0..experiment.pairs()).map(|pair| experiment.score(pair) as f32).collect()
    }

    #[test]
    fn the_reference_agrees_with_itself() {
        for (d, pairs) in [(1, 8), (3, 15), (16, 512), (16, 5000)] {
            let experiment = Experiment::new(d, pairs, 5).unwrap();
            let verdict = Verdict::check(experiment, &scores(experiment));
            assert_eq!(verdict.checked, (pairs - pairs % KEYS).min(CHECKED));
            assert!(verdict.ok() && verdict.worst < 1e-6, "{verdict:?}");
        }
    }

    #[test]
    fn rows_are_whole_different_and_reach_both_ends() {
        for rows in [1, 2, 63, 64, 65, 12_500] {
            let pairs = chosen(rows);
            assert!(pairs.is_sorted_by(|a, b| a < b), "{rows}");
            assert_eq!((pairs.first(), pairs.last()), (Some(&0), Some(&(rows * KEYS - 1))));
        }
        assert!(chosen(0).is_empty());
    }

    #[test]
    fn one_wrong_score_is_found_where_it_is() {
        let experiment = Experiment::new(64, 512, 9).unwrap();
        for wrong in [scores(experiment)[77] + 0.01, f32::NAN, f32::INFINITY] {
            let mut scores = scores(experiment);
            scores[77] = wrong;
            let verdict = Verdict::check(experiment, &scores);
            assert!(!verdict.ok() && verdict.at == 77, "{wrong}: {verdict:?}");
        }
    }

    #[test]
    fn nothing_proves_nothing() {
        let experiment = Experiment::new(64, 512, 9).unwrap();
        assert!(!Verdict::check(experiment, &[]).ok());
    }
}
