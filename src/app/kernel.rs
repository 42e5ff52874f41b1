//! The GPU lens: a number seen through a kernel, and how far its shader has been stepped.

use std::sync::Arc;

use super::deeds::{around, perform};
use super::keymap::{self, Deed, KernelDeed, Key};
use super::update::warn;
use super::{Effect, Model, Overlay, Page};
use crate::ground::fault::Fault;
use crate::ground::lang::Text;
use crate::kernels::Version;
use crate::kernels::mirror::{Recording, Tick};
use crate::session::{Ask, Job, Seen};

/// The lens while its window is open.
#[derive(Debug, Clone)]
pub struct KernelLens {
    /// What is seen: of what is wanted, or of what was wanted before while the answer is on its way.
    pub seen: Option<Arc<Seen>>,
    /// Why nothing can be seen.
    pub failed: Option<Text>,
    /// The kernel that is wanted.
    pub version: Version,
    /// Steps of the chosen invocation that were taken.
    pub steps: usize,
    /// Turns of the whole workgroup that were taken; none where one invocation is watched.
    pub turns: Option<usize>,
    /// Whether functions are stepped into.
    pub inside: bool,
    /// The first line shown on the right.
    pub scroll: usize,
    /// Keys that were pressed while what they are about was on its way; they are carried out when it is there.
    waiting: Vec<KernelDeed>,
    /// Whether a request is being answered.
    pending: bool,
}

/// Opens the lens on the number under the cursor.
pub(super) fn enter(model: &mut Model) -> Vec<Effect> {
    let lens = KernelLens {
        seen: None,
        failed: None,
        version: Version::Taught,
        steps: 0,
        turns: None,
        inside: false,
        scroll: 0,
        waiting: Vec::new(),
        pending: false,
    };
    ask(model, lens)
}

/// Asks for what the lens wants to see. Given numbers were made by nobody: there is nothing to see of them.
fn ask(model: &mut Model, mut lens: KernelLens) -> Vec<Effect> {
    let (Page::Stage(stage), Some(run)) = (model.page, model.run.clone()) else {
        warn(
            model,
            Text::new(
                "这些数是给定的，不是算出来的；按 n 到某个阶段再按 K",
                "these numbers are given, no shader made them: go to a stage with n, then press K",
            ),
        );
        return Vec::new();
    };
    if !Arc::ptr_eq(&run.program, model.program()) {
        return Vec::new(); // the numbers of the new program are on their way
    }
    lens.pending = true;
    let ask = Ask { run, stage, address: model.result(stage), version: lens.version };
    model.overlay = Overlay::Kernel(lens);
    model.ask(Job::Look(ask))
}

/// The keys of [`keymap::kernel_bindings`], and those of the walk that move through cells, heads and stages.
pub(super) fn press(model: &mut Model, key: Key, lens: KernelLens) -> Vec<Effect> {
    if let Some(deed) = keymap::kernel_deed(key) {
        return carry_out(model, deed, lens);
    }
    let deed = keymap::deed(key);
    match deed {
        Some(Deed::Close | Deed::Quit | Deed::Kernel) => Vec::new(),
        Some(Deed::Language | Deed::Theme) => {
            model.overlay = Overlay::Kernel(lens);
            deed.map_or_else(Vec::new, |deed| perform(model, deed))
        }
        Some(
            deed @ (Deed::Up
            | Deed::Down
            | Deed::Left
            | Deed::Right
            | Deed::RowStart
            | Deed::RowEnd
            | Deed::NextHead
            | Deed::PreviousHead
            | Deed::NextSentence
            | Deed::PreviousSentence),
        ) => {
            perform(model, deed);
            ask(model, lens)
        }
        _ => {
            model.overlay = Overlay::Kernel(lens);
            Vec::new()
        }
    }
}

/// One of the lens's own deeds: at once, or as soon as what it is about can be seen. Another kernel can be asked for before the
/// last one has been seen.
fn carry_out(model: &mut Model, deed: KernelDeed, mut lens: KernelLens) -> Vec<Effect> {
    let by = match deed {
        KernelDeed::Version => 1,
        KernelDeed::VersionBack => -1,
        _ => 0,
    };
    match &lens.seen {
        Some(seen) if by != 0 && lens.waiting.is_empty() => {
            let now = seen.versions.iter().position(|version| *version == lens.version).unwrap_or(0);
            lens.version = seen.versions[around(now, by, seen.versions.len())];
            (lens.steps, lens.turns, lens.scroll) = (0, lens.turns.map(|_| 0), 0);
            return ask(model, lens);
        }
        Some(_) if !lens.pending => lens.turn(deed),
        _ => lens.waiting.push(deed),
    }
    model.overlay = Overlay::Kernel(lens);
    Vec::new()
}

/// What was seen, or why not.
pub(super) fn hear(model: &mut Model, result: Result<Arc<Seen>, Fault>) -> Vec<Effect> {
    let Overlay::Kernel(lens) = &mut model.overlay else { return Vec::new() };
    match result {
        Ok(seen) => {
            lens.steps = lens.steps.min(seen.recording.ticks.len());
            (lens.seen, lens.failed) = (Some(seen), None);
        }
        Err(why) => {
            lens.failed = Some(why.words().clone());
            lens.waiting.clear();
        }
    }
    lens.pending = false;
    let mut effects = Vec::new();
    for deed in std::mem::take(&mut lens.waiting) {
        let Overlay::Kernel(lens) = &model.overlay else { break };
        let asked = carry_out(model, deed, lens.clone());
        // Only the last kernel that was asked for is wanted.
        effects = if asked.is_empty() { effects } else { asked };
    }
    effects
}

impl KernelLens {
    /// Whether a step is one that the lens stops at: those inside functions only where they are stepped into.
    pub fn shows(&self, tick: &Tick) -> bool {
        self.inside || tick.depth == 0
    }

    fn turn(&mut self, deed: KernelDeed) {
        let Some(seen) = self.seen.clone() else { return };
        let recording = &seen.recording;
        match deed {
            KernelDeed::Group => {
                self.turns = if self.turns.is_some() { None } else { seen.whole.then_some(0) };
                self.scroll = 0; // what is asked for stands at the top
            }
            KernelDeed::Inside => self.inside = !self.inside,
            KernelDeed::Down => self.scroll += 8,
            KernelDeed::Up => self.scroll = self.scroll.saturating_sub(8),
            _ => match self.turns {
                Some(turns) => self.turns = Some(turned(&seen, turns, deed)),
                None => self.steps = self.stepped(recording, deed),
            },
        }
    }

    /// Where a deed leads one invocation.
    fn stepped(&self, recording: &Recording, deed: KernelDeed) -> usize {
        let ticks = &recording.ticks;
        let shown = |tick: &Tick| self.shows(tick);
        match deed {
            KernelDeed::Step => next(ticks, self.steps, shown),
            KernelDeed::Back => ticks[..self.steps.saturating_sub(1)].iter().rposition(shown).map_or(0, |at| at + 1),
            KernelDeed::Round => {
                // On to where this line comes again after others; to the end where it does not.
                let line = self.steps.checked_sub(1).and_then(|at| ticks.get(at)).map(|tick| tick.line);
                let leaves = |tick: &Tick| shown(tick) && Some(tick.line) != line;
                let again = |tick: &Tick| shown(tick) && (line.is_none() || Some(tick.line) == line);
                let from = if line.is_some() { next(ticks, self.steps, leaves) } else { self.steps };
                next(ticks, from, again)
            }
            KernelDeed::Start => 0,
            KernelDeed::End => ticks.len(),
            _ => self.steps,
        }
    }
}

fn next(ticks: &[Tick], from: usize, wanted: impl Fn(&Tick) -> bool) -> usize {
    let rest = ticks.get(from..).unwrap_or(&[]);
    rest.iter().position(wanted).map_or(ticks.len(), |at| from + at + 1)
}

/// Where a deed leads the whole workgroup.
fn turned(seen: &Seen, turns: usize, deed: KernelDeed) -> usize {
    let all = Progress::turns(seen);
    match deed {
        KernelDeed::Step => (turns + 1).min(all),
        KernelDeed::Back => turns.saturating_sub(1),
        KernelDeed::Round => {
            let met = |turn: &usize| Progress::after(seen, *turn).all_at_a_barrier(seen);
            (turns + 1..=all).find(met).unwrap_or(all)
        }
        KernelDeed::Start => 0,
        KernelDeed::End => all,
        _ => turns,
    }
}

/// Two numbers stirred until they look like chance.
fn mixed(a: usize, b: usize) -> u64 {
    let stirred = (a as u64 ^ (b as u64) << 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (stirred ^ stirred >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 32
}

/// How far the subgroups of a workgroup are. Hardware runs each at its own pace, and so do they here; at a barrier they wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Steps of each subgroup.
    pub steps: Vec<usize>,
}

impl Progress {
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
    fn all_at_a_barrier(&self, seen: &Seen) -> bool {
        let first = self.steps.first().copied().unwrap_or(0);
        let barrier = first > 0 && seen.recording.waves.get(first - 1).is_some_and(|wave| wave.barrier);
        barrier && self.steps.iter().all(|&steps| steps == first)
    }
}
