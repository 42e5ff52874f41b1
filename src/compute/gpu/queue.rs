//! Host and device side by side over several pieces of work.

use std::time::{Duration, Instant};

use super::Gpu;
use super::clock::Clock;
use crate::ground::fault::Fault;
use crate::kernels::Rung;
use crate::session::ComputeError;
use crate::study::race::{Cut, Lane, Scene, Span, Timeline, What, Work};

impl Gpu {
    /// Hands the work over in so many pieces, in one of the ways that there are, and notes who did what when. A rung that is to be
    /// cut by heads is a fused one.
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
        };
        let unfit = |fault: Fault| ComputeError::Unfit(fault.words().clone());
        let (program, inputs) = work.layer(1).map_err(unfit)?;
        let prepared = self.prepare_cut(&program, &inputs, rung, launches)?;
        for _ in 0..2 {
            prepared.forward()?; // the driver compiles, memory is touched
        }
        let device = prepared.device();
        // The first step makes Q, K and V, the last multiplies with W_o; what lies between is a step for some heads each.
        let steps = |piece: usize| match cut {
            Cut::Sentences => 0..prepared.launches(),
            Cut::Heads => 1 + piece..2 + piece,
        };
        let clock = Clock::new(device, count as u32)?;
        let mut spans = Vec::new();
        let start = Instant::now();
        let mut last = Duration::ZERO;
        let mut note = |what, piece, spans: &mut Vec<Span>| {
            let now = start.elapsed();
            spans.push(Span { lane: Lane::Host, what, piece, from: last, to: now });
            last = now;
        };
        let mut submission = None;
        for piece in 0..count {
            if cut == Cut::Sentences {
                prepared.upload()?;
                note(What::Upload, piece, &mut spans);
            }
            let submitted = prepared.submit(steps(piece), clock.as_ref().map(|clock| (clock, piece as u32)));
            note(What::Submit, piece, &mut spans);
            if scene == Scene::OneByOne {
                device.wait(submitted)?;
                note(What::Wait, piece, &mut spans);
            } else {
                submission = Some(submitted);
            }
        }
        let host = |spans: &[Span], wanted: fn(What) -> bool| -> Duration {
            spans.iter().filter(|span| wanted(span.what)).map(|span| span.to.saturating_sub(span.from)).sum()
        };
        let submitted = host(&spans, |what| what != What::Wait);
        if let Some(submission) = submission {
            device.wait(submission)?;
            note(What::Wait, count - 1, &mut spans);
        }
        let done = start.elapsed();
        let passes = clock.map_or_else(|| Ok(Vec::new()), |clock| clock.read(device))?;
        // Two clocks: the device's last end is set to the moment at which the host heard of it.
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
        spans.extend(ran);
        Ok(Timeline { scene, pieces: count, spans, submitted, done, clocked })
    }
}
