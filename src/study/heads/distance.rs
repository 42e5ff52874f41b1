//! How alike two heads are: the Jensen–Shannon distance of their rows, the mean over all of them.
//!
//! For two rows p and q with m = (p + q)/2 the divergence is JS = ½ Σ p log₂(p/m) + ½ Σ q log₂(q/m); the distance is its root, a
//! metric between 0 (the same) and 1 (nothing in common) (Endres and Schindelin 2003).

use crate::math::tensor::{Cell, Tensor};

/// The distance between two heads of one tensor of weights in one sentence.
pub fn distance(weights: &Tensor<f32>, batch: usize, a: usize, b: usize) -> f64 {
    let [_, _, rows, cols] = weights.shape().lens();
    let row = |head, row| {
        (0..cols).map(move |col| f64::from(weights.get(Cell { batch, head, row, col }))).collect::<Vec<_>>()
    };
    (0..rows).map(|i| of_rows(&row(a, i), &row(b, i))).sum::<f64>() / rows.max(1) as f64
}

/// The distance between two rows of shares.
fn of_rows(p: &[f64], q: &[f64]) -> f64 {
    let half = |x: f64, m: f64| if x > 0.0 { 0.5 * x * (x / m).log2() } else { 0.0 };
    let pairs = p.iter().zip(q);
    let divergence: f64 = pairs.map(|(&p, &q)| half(p, f64::midpoint(p, q)) + half(q, f64::midpoint(p, q))).sum();
    divergence.clamp(0.0, 1.0).sqrt()
}

/// All heads, the most alike to one of them first; that one itself leads.
pub fn order_by_likeness(weights: &Tensor<f32>, batch: usize, to: usize) -> Vec<usize> {
    let heads = weights.shape().heads.unwrap_or(1);
    let mut order: Vec<(f64, usize)> = (0..heads).map(|head| (distance(weights, batch, to, head), head)).collect();
    order.sort_by(|a, b| (a.1 != to).cmp(&(b.1 != to)).then(a.0.total_cmp(&b.0)).then(a.1.cmp(&b.1)));
    order.into_iter().map(|(_, head)| head).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_is_0_and_nothing_in_common_is_1() {
        assert!(of_rows(&[0.5, 0.5], &[0.5, 0.5]).abs() < 1e-12);
        assert!((of_rows(&[1.0, 0.0], &[0.0, 1.0]) - 1.0).abs() < 1e-12);
        // By hand: p = (1, 0), q = (½, ½), m = (¾, ¼): ½ log₂ 4/3 + ¼ log₂ 2/3 + ¼ log₂ 2 = 0.311278.
        assert!((of_rows(&[1.0, 0.0], &[0.5, 0.5]).powi(2) - 0.311_278).abs() < 1e-6);
    }
}
