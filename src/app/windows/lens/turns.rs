//! The subgroups of a workgroup, each at its own pace.

use crate::session::Seen;

/// Two numbers stirred until they look like chance.
fn mixed(a: usize, b: usize) -> u64 {
    let stirred = (a as u64 ^ (b as u64) << 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (stirred ^ stirred >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 32
}

/// How far the subgroups of a workgroup are. Hardware runs each at its own pace, and so do they here; at a barrier they wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turns {
    /// Steps of each subgroup.
    pub steps: Vec<usize>,
}

impl Turns {
    /// Invocations of a subgroup.
    pub fn lanes(seen: &Seen) -> usize {
        let written_for = seen.launch.lanes as usize;
        let real = seen.hardware.as_ref().and_then(|hardware| hardware.lanes).unwrap_or(8);
        if written_for > 1 { written_for } else { real.max(1) }
    }

    /// The state after so many turns. In a turn a subgroup takes a step or, by a fixed rule that looks like chance, is not
    /// scheduled; at a barrier it waits until all are there.
    pub fn after(seen: &Seen, turns: usize) -> Self {
        let mut now = Self { steps: vec![0; seen.recording.invocations.div_ceil(Self::lanes(seen))] };
        for turn in 0..turns {
            now.advance(seen, turn);
        }
        now
    }

    /// Turns until all subgroups are done.
    pub fn turns(seen: &Seen) -> usize {
        let end = seen.recording.waves.len();
        let mut now = Self::after(seen, 0);
        let mut turn = 0;
        while now.steps.iter().any(|&steps| steps < end) {
            now.advance(seen, turn);
            turn += 1;
        }
        turn
    }

    fn advance(&mut self, seen: &Seen, turn: usize) {
        let waves = &seen.recording.waves;
        let least = self.steps.iter().copied().min().unwrap_or(0);
        for (subgroup, steps) in self.steps.iter_mut().enumerate() {
            // The step just taken was a barrier: on only when the last has come.
            let waits = *steps > 0 && waves.get(*steps - 1).is_some_and(|wave| wave.barrier) && least < *steps;
            let scheduled = !mixed(turn, subgroup).is_multiple_of(3);
            if !waits && scheduled && *steps < waves.len() {
                *steps += 1;
            }
        }
    }

    /// Whether a subgroup waits at a barrier for others.
    pub fn waits(&self, seen: &Seen, subgroup: usize) -> bool {
        let Some(&steps) = self.steps.get(subgroup) else { return false };
        let least = self.steps.iter().copied().min().unwrap_or(0);
        steps > least && steps > 0 && seen.recording.waves.get(steps - 1).is_some_and(|wave| wave.barrier)
    }

    /// Whether all have met at the same barrier.
    pub(super) fn all_at_a_barrier(&self, seen: &Seen) -> bool {
        let first = self.steps.first().copied().unwrap_or(0);
        let barrier = first > 0 && seen.recording.waves.get(first - 1).is_some_and(|wave| wave.barrier);
        barrier && self.steps.iter().all(|&steps| steps == first)
    }
}
