//! Host and device side by side over several pieces of work.

use std::time::{Duration, Instant};

use super::Gpu;
use super::clock::Clock;
use crate::ground::fault::Fault;
use crate::ground::lang::Text;
use crate::kernels::{Order, Rung};
use crate::session::ComputeError;
use crate::study::race::{Cut, Lane, Phase, Scene, Span, Timeline, What, Work};
use crate::study::train::{OneStep, Task};

impl Gpu {
    /// Hands the work over in so many pieces, in one of the ways that there are, and notes who did what when. A rung that is to be
    /// cut by heads is a fused one; steps of learning are work of their own, for which none is chosen.
    ///
    /// # Errors
    /// What the device says.
    pub fn timeline(
        &self,
        scene: Scene,
        (whole, cut, pieces): (Work, Cut, usize),
        rung: Rung,
    ) -> Result<Timeline, ComputeError> {
        let count = if scene == Scene::Together { 1 } else { pieces };
        let (work, launches) = match cut {
            Cut::Sentences => (Work { batch: cut.share(whole, count), ..whole }, 1),
            Cut::Heads => (whole, count),
            Cut::Steps => return self.learning(scene, pieces),
        };
        let unfit = |fault: Fault| ComputeError::Unfit(fault.words().clone());
        let (program, inputs) = work.layer(1).map_err(unfit)?;
        let prepared = self.prepare_cut(&program, &inputs, rung, launches)?;
        for _ in 0..2 {
            prepared.forward()?; // the driver compiles, memory is touched
        }
        let device = prepared.device();
        // The first step makes Q, K and V, the last multiplies with W_o; what lies between is a step for some heads each.
        let steps = |piece: usize| if cut == Cut::Sentences { 0..prepared.launches() } else { 1 + piece..2 + piece };
        let clock = Clock::new(device, count as u32)?;
        let mut noted = Noted::begin();
        let mut submission = None;
        for piece in 0..count {
            if cut == Cut::Sentences {
                prepared.upload()?;
                noted.note(What::Upload, piece);
            }
            let submitted = prepared.submit(steps(piece), clock.as_ref().map(|clock| (clock, piece as u32)));
            noted.note(What::Submit, piece);
            if scene == Scene::OneByOne {
                device.wait(submitted)?;
                noted.note(What::Wait, piece);
            } else {
                submission = Some(submitted);
            }
        }
        let submitted = noted.handing_over();
        if let Some(submission) = submission {
            device.wait(submission)?;
            noted.note(What::Wait, count - 1);
        }
        let done = noted.start.elapsed();
        let passes = clock.map_or_else(|| Ok(Vec::new()), |clock| clock.read(device))?;
        let (ran, clocked) = device_spans(passes, done);
        let spans = noted.spans.into_iter().chain(ran).collect();
        Ok(Timeline { scene, pieces: count, spans, submitted, done, clocked, losses: Vec::new() })
    }
}

/// The task whose steps are watched, and the rate: a batch of 64 sentences of ten letters.
const LEARNED: (Task, f32) = (Task::Reverse, 0.1);

/// The host's line while it is being noted.
struct Noted {
    start: Instant,
    last: Duration,
    spans: Vec<Span>,
}

impl Noted {
    fn begin() -> Self {
        Self { start: Instant::now(), last: Duration::ZERO, spans: Vec::new() }
    }

    /// Time in which the host did not wait.
    fn handing_over(&self) -> Duration {
        let busy = self.spans.iter().filter(|span| span.what != What::Wait);
        busy.map(|span| span.to.saturating_sub(span.from)).sum()
    }

    fn note(&mut self, what: What, piece: usize) {
        let now = self.start.elapsed();
        self.spans.push(Span { lane: Lane::Host, what, piece, from: self.last, to: now });
        self.last = now;
    }
}

impl Gpu {
    /// Learns for so many steps, each handed over in three pieces (forward, backward, step), and notes who did what when. The
    /// weights move on the device: each step begins where the one before ended.
    ///
    /// # Errors
    /// What the device says.
    pub fn learning(&self, scene: Scene, steps: usize) -> Result<Timeline, ComputeError> {
        let (task, rate) = LEARNED;
        let one = OneStep::new(task, 1, rate).map_err(|fault| ComputeError::Unfit(fault.words().clone()))?;
        let mut prepared = {
            // Stage by stage, each tensor row by row in a storage of its own.
            let order = Order::taught(&one.program).wanting(one.wanted());
            self.prepare_ordered(&one.program, &one.inputs, order)?
        };
        let slots: Vec<_> = one.moved.iter().flat_map(|&(next, weight)| [next, weight]).collect();
        if !prepared.stand_alone(&slots) {
            let why = Text::new("权重没有各自放在一处", "weights do not lie each by themselves");
            return Err(ComputeError::Unfit(why));
        }
        let forward = prepared.launches_to(one.loss);
        let back = one.moved.iter().map(|&(next, _)| prepared.launches_to(next)).min().unwrap_or(forward) - 1;
        let phases = [0..forward, forward..back.max(forward), back.max(forward)..prepared.launches()];
        for _ in 0..2 {
            prepared.forward()?; // the driver compiles, memory is touched
        }
        let count = 3 * steps;
        let device = prepared.device().clone();
        let clock = Clock::new(&device, count as u32)?;
        let mut losses = Vec::new();
        let mut noted = Noted::begin();
        for piece in 0..count {
            let phase = Phase::of(piece);
            let moved: &[_] = if phase == Phase::Step { &one.moved } else { &[] };
            let range = phases[piece % 3].clone();
            let submission = prepared.submit_moving(range, moved, clock.as_ref().map(|clock| (clock, piece as u32)));
            noted.note(What::Submit, piece);
            match (scene, phase) {
                (Scene::OneByOne, _) => device.wait(submission)?,
                (Scene::Reading, Phase::Step) => losses.push(prepared.number(one.loss)?),
                _ if piece + 1 == count => device.wait(submission)?,
                _ => continue,
            }
            noted.note(What::Wait, piece);
        }
        let done = noted.start.elapsed();
        let submitted = noted.handing_over();
        let passes = clock.map_or_else(|| Ok(Vec::new()), |clock| clock.read(&device))?;
        if losses.is_empty() {
            losses.push(prepared.number(one.loss)?);
        }
        let (ran, clocked) = device_spans(passes, done);
        let spans = noted.spans.into_iter().chain(ran).collect();
        Ok(Timeline { scene, pieces: count, spans, submitted, done, clocked, losses })
    }
}

/// The device's line. Two clocks: its last end is set to the moment at which the host heard of it.
fn device_spans(passes: Vec<(Duration, Duration)>, done: Duration) -> (Vec<Span>, bool) {
    let end = passes.last().map(|(_, to)| *to).unwrap_or_default();
    let shift = done.saturating_sub(end);
    let clocked = !passes.is_empty() && end <= done;
    let ran = passes.into_iter().enumerate().filter(|_| clocked).map(|(piece, (from, to))| Span {
        lane: Lane::Device,
        what: What::Run,
        piece,
        from: from + shift,
        to: to + shift,
    });
    (ran.collect(), clocked)
}
