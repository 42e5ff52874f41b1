//! What the watched invocation did, line by line, and where all others were meanwhile.

use super::value::Value;

/// One step of the watched invocation: a line of the source that did something.
#[derive(Debug, Clone, PartialEq)]
pub struct Tick {
    /// The line, from 1.
    pub line: u32,
    /// How many calls deep: 0 is the kernel itself.
    pub depth: usize,
    /// Variables that got a value.
    pub sets: Vec<(String, Value)>,
    /// Numbers that were loaded from buffers.
    pub loads: Vec<Access>,
    /// Numbers that were written to buffers.
    pub stores: Vec<Access>,
    /// How an `if` or the end of a loop was decided.
    pub decided: Option<bool>,
    /// Whether all invocations of the workgroup meet here.
    pub barrier: bool,
    /// Whether a variable begins here with a constant.
    pub begins: bool,
}

/// Some numbers of a buffer, side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Access {
    /// Which buffer, in the order of the bindings.
    pub buffer: usize,
    /// The first number.
    pub place: usize,
    /// How many.
    pub count: usize,
}

/// One step of the kernel itself, by all invocations that took it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wave {
    /// The line, from 1.
    pub line: u32,
    /// Whether it is a barrier.
    pub barrier: bool,
    /// Which invocations took it, a bit each.
    pub taken: Vec<u64>,
}

impl Wave {
    /// Whether an invocation took this step.
    pub fn by(&self, invocation: usize) -> bool {
        self.taken.get(invocation / 64).is_some_and(|bits| bits >> (invocation % 64) & 1 == 1)
    }
}

/// What was seen.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Recording {
    /// The steps of the watched invocation, those of called functions among them.
    pub ticks: Vec<Tick>,
    /// The steps of the whole workgroup, without those of called functions.
    pub waves: Vec<Wave>,
    /// How many invocations ran.
    pub invocations: usize,
}

impl Recording {
    /// The lines that the watched invocation took, sorted.
    pub fn lines(&self) -> Vec<u32> {
        let mut lines: Vec<u32> = self.ticks.iter().map(|tick| tick.line).collect();
        lines.sort_unstable();
        lines.dedup();
        lines
    }

    /// The variables of the kernel itself after so many steps, in the order in which they got their first value.
    pub fn variables(&self, steps: usize) -> Vec<(&str, &Value)> {
        let mut known: Vec<(&str, &Value)> = Vec::new();
        for (name, value) in self.ticks.iter().take(steps).filter(|tick| tick.depth == 0).flat_map(|tick| &tick.sets) {
            match known.iter_mut().find(|(other, _)| other == name) {
                Some((_, old)) => *old = value,
                None => known.push((name, value)),
            }
        }
        known
    }
}

/// Steps that are remembered at most; a kernel of the walk takes far fewer.
const MOST: usize = 400_000;

/// Takes notes while a workgroup runs.
pub(super) struct Recorder {
    pub(super) watched: usize,
    loads: Vec<Access>,
    recording: Recording,
}

impl Recorder {
    pub(super) fn new(watched: usize, invocations: usize) -> Self {
        Self { watched, loads: Vec::new(), recording: Recording { invocations, ..Recording::default() } }
    }

    /// A load of the watched invocation; it belongs to the next step.
    pub(super) fn loaded(&mut self, access: Access) {
        self.loads.push(access);
    }

    /// A step that the invocations of `mask` took.
    pub(super) fn step(&mut self, mask: &[bool], mut tick: Tick) {
        if tick.depth == 0 && self.recording.waves.len() < MOST {
            let mut taken = vec![0u64; mask.len().div_ceil(64)];
            for (i, _) in mask.iter().enumerate().filter(|(_, on)| **on) {
                taken[i / 64] |= 1 << (i % 64);
            }
            self.recording.waves.push(Wave { line: tick.line, barrier: tick.barrier, taken });
        }
        if mask.get(self.watched) == Some(&true) && self.recording.ticks.len() < MOST {
            // A variable that begins with a constant loads nothing: what was loaded belongs to the step after it.
            if !tick.begins {
                tick.loads = std::mem::take(&mut self.loads);
            }
            self.recording.ticks.push(tick);
        }
    }

    pub(super) fn finish(self) -> Recording {
        self.recording
    }
}
