//! From how many sentences on the adapter wins.

use std::time::{Duration, Instant};

use super::{TOLERANCE, cpu, fits_on, memory, worst};
use crate::compute::ComputeError;
use crate::compute::gpu::ladder::Ladder;
use crate::kernels::Rung;
use crate::lab::{Numbers, Work};

/// Sentences are doubled up to this many.
const MOST: usize = 4096;

/// A run that lasts longer ends the search.
const PATIENCE: Duration = Duration::from_millis(900);

/// Warm runs of each side.
const REPETITIONS: usize = 3;

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

/// Measures both sides with 1, 2, 4 … sentences and tells each point; a point whose results differ is left out.
///
/// # Errors
/// What the device says.
pub fn search(
    ladder: &Ladder,
    work: Work,
    rung: Rung,
    threads: usize,
    tell: &mut dyn FnMut(Point) -> bool,
) -> Result<(), ComputeError> {
    let mut batch = 1;
    while batch <= MOST {
        let Ok(work) = Work::new(batch, work.tokens, work.heads, work.hidden) else { return Ok(()) };
        if memory::fits(work.bytes(threads), memory::free()).and_then(|()| fits_on(ladder, work, rung)).is_err() {
            return Ok(());
        }
        let numbers = Numbers::of(work, 1);
        let prepared = match ladder.prepare(work, &numbers, rung) {
            Err(ComputeError::TooLarge { .. }) => return Ok(()),
            prepared => prepared?,
        };
        ladder.forward(&prepared)?; // the driver compiles
        let mut expected = Vec::new();
        let mut on_cpu = |threads| {
            median(|| {
                expected = cpu::forward(work, &numbers, threads);
                Ok(())
            })
        };
        let cpu = on_cpu(1)?.min(on_cpu(threads)?);
        let adapter = median(|| ladder.forward(&prepared))?;
        let result = ladder.result(&prepared)?;
        let off = result.iter().zip(&expected).map(|(a, b)| f64::from((a - b).abs() / b.abs().max(1.0)));
        let equal = worst(off) <= TOLERANCE;
        if (equal && !tell(Point { batch, cpu, adapter })) || cpu.max(adapter) > PATIENCE {
            return Ok(());
        }
        batch *= 2;
    }
    Ok(())
}

fn median(mut once: impl FnMut() -> Result<(), ComputeError>) -> Result<Duration, ComputeError> {
    let mut times = Vec::with_capacity(REPETITIONS);
    for _ in 0..REPETITIONS {
        let start = Instant::now();
        once()?;
        times.push(start.elapsed());
    }
    times.sort();
    Ok(times[REPETITIONS / 2])
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
