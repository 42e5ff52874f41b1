//! How much to ask of a device at once.
//!
//! A launch that lasts freezes the desktop of whoever draws with the same device, and one of seconds is killed by the
//! system's watchdog. So long work goes to the device in pieces, each as large as the last ones say it may be.

use std::time::Duration;

/// How long a piece should take: short enough to go unnoticed, long enough to outweigh its launch.
const AIM: Duration = Duration::from_millis(40);

/// How much the next piece may grow. The first ones are slow for other reasons: the driver compiles.
const GROWTH: f64 = 4.0;

/// The first piece, in steps of work: what the slowest adapter does in a tenth of a second.
const FIRST: f64 = 1_048_576.0;

/// Steps of work that a device does while a piece should last.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pace {
    steps: f64,
}

impl Default for Pace {
    fn default() -> Self {
        Self { steps: FIRST }
    }
}

impl Pace {
    /// How many pieces of so many steps to do next; at least one.
    pub(super) fn pieces(self, steps: usize) -> usize {
        ((self.steps / steps.max(1) as f64) as usize).max(1)
    }

    /// Learns from what was done.
    pub(super) fn took(&mut self, steps: usize, time: Duration) {
        // A small rest is all launch and tells nothing about a whole piece, unless it was slow.
        if time > AIM || steps as f64 > self.steps / 2.0 {
            let in_time = steps as f64 * AIM.as_secs_f64() / time.as_secs_f64().max(1e-6);
            self.steps = in_time.clamp(1.0, self.steps * GROWTH);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A device that does so many steps a second, after a launch of half a millisecond.
    fn device(speed: f64) -> impl Fn(usize) -> Duration {
        move |steps| Duration::from_micros(500) + Duration::from_secs_f64(steps as f64 / speed)
    }

    #[test]
    fn every_device_finds_its_pace() {
        for speed in [1e5, 1e7, 3e8, 1e10, 1e12] {
            let (time, mut pace) = (device(speed), Pace::default());
            for _ in 0..20 {
                let steps = pace.pieces(1);
                pace.took(steps, time(steps));
            }
            let last = time(pace.pieces(1)).as_secs_f64();
            assert!((0.02..0.06).contains(&last), "{speed:e}: {last} s");
        }
    }

    #[test]
    fn a_small_rest_does_not_slow_it_down() {
        let mut pace = Pace { steps: 1e8 };
        pace.took(100, Duration::from_millis(1));
        assert_eq!(pace, Pace { steps: 1e8 });
        pace.took(100, Duration::from_millis(80));
        assert_eq!(pace, Pace { steps: 50.0 }, "slow is slow");
    }

    #[test]
    fn there_is_always_one_piece_and_it_may_be_any_size() {
        let mut pace = Pace::default();
        pace.took(2048, Duration::from_hours(1));
        assert_eq!((pace.pieces(2048), pace.pieces(0)), (1, 1));
        pace.took(0, Duration::ZERO);
        assert!(pace.pieces(1) >= 1);
    }
}
