//! What the scores of an experiment are like: their spread, and what softmax makes of them.

use super::Experiment;
use crate::math::ops::Exponentials;

/// Keys of a row: softmax sees the scores eight at a time, in the order of their pairs.
pub const KEYS: usize = 8;

/// A row whose gradient is below this hardly learns: with equal weights it is 0.33.
pub const SATURATED: f64 = 0.01;

/// An experiment's scores as they are, ÷√d and ÷d.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// What was drawn.
    pub experiment: Experiment,
    /// How many of its pairs these are the scores of.
    pub drawn: usize,
    /// `q·k` as it is: σ is √d.
    pub raw: Scores,
    /// `q·k / √d`: σ is 1.
    pub by_sqrt_d: Scores,
    /// `q·k / d`: σ is 1/√d.
    pub by_d: Scores,
}

impl Outcome {
    /// What these scores are like: those of all pairs, or of the first while others are still being drawn. At least one
    /// row of [`KEYS`]; with fewer there is nothing to say, and every number is 0.
    pub fn new(experiment: Experiment, scores: &[impl Copy + Into<f64>]) -> Self {
        let d = experiment.d() as f64;
        let divided = |by: f64| Scores::of(&scores.iter().map(|&score| score.into() / by).collect::<Vec<f64>>());
        let drawn = scores.len();
        Self { experiment, drawn, raw: divided(1.0), by_sqrt_d: divided(d.sqrt()), by_d: divided(d) }
    }

    /// Raw, ÷√d and ÷d, each with the σ that theory gives it.
    pub fn with_theory(&self) -> [(&Scores, f64); 3] {
        let root = (self.experiment.d() as f64).sqrt();
        [(&self.raw, root), (&self.by_sqrt_d, 1.0), (&self.by_d, root.recip())]
    }
}

/// What many scores are like. Means over rows leave an incomplete last row out.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Scores {
    /// Their mean, near 0.
    pub mean: f64,
    /// Their standard deviation.
    pub sigma: f64,
    /// The largest of a row's weights, the mean over all rows: 1/8 when softmax cannot tell the keys apart, 1 when one
    /// key takes everything.
    pub largest: f64,
    /// `−Σ p ln p` of a row's weights, the mean over all rows, in nats: ln 8 ≈ 2.08 when all are alike, 0 when one key
    /// takes everything.
    pub entropy: f64,
    /// How much a row's weights move with its scores, the mean over all rows: the Frobenius norm of the Jacobian of
    /// softmax, `‖diag(p) − p·pᵀ‖`. Where it is 0, no gradient passes.
    pub gradient: f64,
    /// The same of the middle row: the mean is held up by a few rows while most have nothing left.
    pub median: f64,
    /// The share of rows whose gradient is below [`SATURATED`].
    pub saturated: f64,
    /// The weights of the first row: one example.
    pub row: Vec<f64>,
    /// How many scores fell where.
    pub histogram: Histogram,
}

impl Scores {
    /// What these scores are like.
    pub fn of(scores: &[f64]) -> Self {
        let mean = mean(scores.iter().copied());
        let variance = self::mean(scores.iter().map(|x| (x - mean).powi(2)));
        let rows: Vec<Vec<f64>> = scores.chunks_exact(KEYS).map(weights).collect();
        let gradients: Vec<f64> = rows.iter().map(|row| gradient(row)).collect();
        let over_rows = |what: fn(&[f64]) -> f64| self::mean(rows.iter().map(|row| what(row)));
        Self {
            mean,
            sigma: variance.sqrt(),
            largest: over_rows(|p| p.iter().copied().fold(0.0, f64::max)),
            entropy: over_rows(entropy),
            gradient: over_rows(gradient),
            median: middle(&gradients),
            saturated: gradients.iter().filter(|&&g| g < SATURATED).count() as f64 / gradients.len().max(1) as f64,
            row: rows.first().cloned().unwrap_or_default(),
            histogram: Histogram::usual(scores),
        }
    }

    /// The numbers that are compared with the reference, by their names in JSON.
    pub fn figures(&self) -> [(&'static str, f64); 5] {
        let Self { mean, sigma, largest, entropy, gradient, .. } = *self;
        [("mean", mean), ("sigma", sigma), ("largest", largest), ("entropy", entropy), ("gradient", gradient)]
    }
}

fn mean(numbers: impl Iterator<Item = f64>) -> f64 {
    let (n, sum) = numbers.fold((0_u32, 0.0), |(n, sum), x| (n + 1, sum + x));
    sum / f64::from(n.max(1))
}

/// The middle of some numbers; 0 of none.
fn middle(numbers: &[f64]) -> f64 {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

/// The softmax of a row.
fn weights(row: &[f64]) -> Vec<f64> {
    let exponentials = Exponentials::of(row);
    (0..row.len()).map(|j| exponentials.weight(j)).collect()
}

/// `−Σ p ln p`, in nats; a weight of 0 adds nothing.
fn entropy(p: &[f64]) -> f64 {
    p.iter().filter(|&&p| p > 0.0).map(|p| -p * p.ln()).sum()
}

/// `‖diag(p) − p·pᵀ‖`, entry by entry: the shorter formula cancels where one weight is almost 1.
fn gradient(p: &[f64]) -> f64 {
    let entry = |i: usize, j: usize| if i == j { p[i] * (1.0 - p[i]) } else { p[i] * p[j] };
    let squares = (0..p.len()).flat_map(|i| (0..p.len()).map(move |j| entry(i, j).powi(2)));
    squares.sum::<f64>().sqrt()
}

/// How many scores fell into each of many bins of one width, the middle one around 0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Histogram {
    /// The width of a bin, in scores.
    pub width: f64,
    /// Scores in each bin; as many bins left of the middle one as right of it.
    pub counts: Vec<u32>,
    /// Scores left of the first bin.
    pub below: u32,
    /// Scores right of the last bin.
    pub above: u32,
}

impl Histogram {
    /// 65 bins of a quarter, from about −8 to 8. The same axis for every d and for raw, ÷√d and ÷d: on it, raw scores
    /// flow apart as d grows, scores ÷d shrink to a needle, and scores ÷√d stay where they are.
    pub fn usual(scores: &[f64]) -> Self {
        Self::of(scores, 0.25, 65)
    }

    /// Counts scores into bins of a width above 0. An even number of bins gets one more, so that one stands in the middle.
    pub fn of(scores: &[f64], width: f64, bins: usize) -> Self {
        let half = bins / 2;
        let mut histogram = Self { width, counts: vec![0; 2 * half + 1], below: 0, above: 0 };
        for x in scores {
            let bin = (x / width).round() + half as f64; // rounding is symmetric around 0
            let counter = match histogram.counts.get_mut(bin as usize) {
                _ if bin < 0.0 => &mut histogram.below,
                Some(counter) => counter,
                None => &mut histogram.above,
            };
            *counter += 1;
        }
        histogram
    }

    /// The middle of a bin, in scores.
    pub fn middle(&self, bin: usize) -> f64 {
        (bin as f64 - (self.counts.len() / 2) as f64) * self.width
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-12
    }

    #[test]
    fn equal_scores_weigh_the_same() {
        let scores = Scores::of(&[3.0; 16]);
        assert_eq!((scores.mean, scores.sigma), (3.0, 0.0));
        assert!(near(scores.largest, 0.125) && near(scores.entropy, 8f64.ln()), "{scores:?}");
        // ‖diag(p) − p·pᵀ‖ of p = 1/8: eight entries 7/64 and fifty-six 1/64.
        assert!(near(scores.gradient, (8.0 * 49.0 + 56.0_f64).sqrt() / 64.0), "{scores:?}");
    }

    #[test]
    fn a_score_far_above_the_others_takes_everything_and_lets_no_gradient_pass() {
        let row = [0.0, 0.0, 50.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        let scores = Scores::of(&row);
        let rest = (-50_f64).exp();
        assert!(near(scores.largest, 1.0) && scores.entropy < 1e-18 && scores.entropy > rest, "{scores:?}");
        assert!(scores.gradient > 0.0 && scores.gradient < 1e-15, "{scores:?}");
    }

    #[test]
    fn the_gradient_is_the_norm_of_the_derivatives() {
        let row = [0.3, -1.2, 2.0, 0.0, 0.7, -0.4, 1.1, -2.5];
        let step = 1e-5;
        let mut squares = 0.0;
        for j in 0..KEYS {
            let moved = |by: f64| {
                let mut row = row;
                row[j] += by;
                weights(&row)
            };
            squares += moved(step).iter().zip(moved(-step)).map(|(a, b)| ((a - b) / (2.0 * step)).powi(2)).sum::<f64>();
        }
        assert!((gradient(&weights(&row)) - squares.sqrt()).abs() < 1e-9);
    }

    #[test]
    fn an_incomplete_row_counts_for_the_spread_only() {
        let row = [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        let more = [&row[..], &[100.0; 3]].concat();
        let (alone, more) = (Scores::of(&row), Scores::of(&more));
        assert_eq!((alone.largest, alone.entropy, alone.gradient), (more.largest, more.entropy, more.gradient));
        assert!(more.sigma > alone.sigma);
        assert_eq!(Scores::of(&[]).figures().map(|(_, x)| x), [0.0; 5]);
    }

    #[test]
    fn every_score_falls_into_one_bin() {
        let scores = [-9.0, -0.5, -0.126, -0.1, 0.0, 0.1, 0.126, 0.5, 0.51, 9.0, 1e30];
        let histogram = Histogram::of(&scores, 0.25, 5);
        assert_eq!((histogram.below, histogram.counts.as_slice(), histogram.above), (1, &[1, 1, 3, 1, 2][..], 2));
        assert_eq!([0, 2, 4].map(|bin| histogram.middle(bin)), [-0.5, 0.0, 0.5]);
        assert_eq!(Histogram::usual(&scores).counts.len(), 65);
    }
}
