//! From how many sentences on the adapter wins.

use std::time::Duration;

/// Both sides with so many sentences, the median each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// Sentences.
    pub batch: usize,
    /// The processor, on one thread or on all: whichever was faster.
    pub cpu: Duration,
    /// The adapter.
    pub adapter: Duration,
}

/// The number of sentences from which on the adapter is faster, as far as was measured; none where it never is.
pub fn wins_from(points: &[Point]) -> Option<usize> {
    let losing = points.iter().rposition(|point| point.adapter >= point.cpu);
    points.get(losing.map_or(0, |at| at + 1)).map(|point| point.batch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_adapter_wins_from_where_it_never_loses_again() {
        let ms = Duration::from_millis;
        let point = |batch, cpu, adapter| Point { batch, cpu: ms(cpu), adapter: ms(adapter) };
        let noisy = [point(1, 1, 3), point(2, 3, 2), point(4, 4, 5), point(8, 9, 6), point(16, 20, 9)];
        assert_eq!(wins_from(&noisy), Some(8));
        assert_eq!(wins_from(&noisy[..3]), None);
        assert_eq!(wins_from(&noisy[4..]), Some(16));
        assert_eq!(wins_from(&[]), None);
    }
}
