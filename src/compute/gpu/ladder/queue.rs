//! Where the time goes: the parts of one run, and host and device side by side over several.

use std::time::{Duration, Instant};

use super::{Ladder, Prepared};
use crate::compute::gpu::clock::Clock;
use crate::kernels::Rung;
use crate::session::ComputeError;
use crate::study::race::{Cut, Lane, Numbers, Scene, Span, Split, Timeline, What, Work};

impl Ladder {
    /// Where the time of one run goes: to upload, in the queue, to compute, and to read back.
    ///
    /// # Errors
    /// What the device says.
    pub fn split(&self, prepared: &Prepared) -> Result<Split, ComputeError> {
        let clock = Clock::new(&self.device, 1)?;
        let start = Instant::now();
        self.upload(prepared);
        let empty = self.device.queue.submit([]);
        self.device.wait(empty)?;
        let upload = start.elapsed();
        let start = Instant::now();
        let submission = self.submit(&prepared.steps, clock.as_ref().map(|clock| (clock, 0)));
        self.device.wait(submission)?;
        let ran = start.elapsed();
        let passes = clock.map_or_else(|| Ok(Vec::new()), |clock| clock.read(&self.device))?;
        let execute = passes.first().map(|(from, to)| to.saturating_sub(*from).min(ran));
        let start = Instant::now();
        self.result(prepared)?;
        Ok(Split {
            upload,
            queue: execute.map(|execute| ran.saturating_sub(execute)),
            execute: execute.unwrap_or(ran),
            read_back: start.elapsed(),
        })
    }

    /// Uploads X once more.
    fn upload(&self, prepared: &Prepared) {
        prepared.x.upload(&self.device, &prepared.rows);
    }

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
        let prepared = self.prepare_cut(work, &Numbers::of(work, 1), rung, launches)?;
        for _ in 0..2 {
            self.forward(&prepared)?; // the driver compiles, memory is touched
        }
        // The first step makes Q, K and V, the last multiplies with W_o; what lies between is a step for some heads each.
        let steps = |piece: usize| match cut {
            Cut::Sentences => &prepared.steps[..],
            Cut::Heads => &prepared.steps[1 + piece..2 + piece],
        };
        let clock = Clock::new(&self.device, count as u32)?;
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
                self.upload(&prepared);
                note(What::Upload, piece, &mut spans);
            }
            let submitted = self.submit(steps(piece), clock.as_ref().map(|clock| (clock, piece as u32)));
            note(What::Submit, piece, &mut spans);
            if scene == Scene::OneByOne {
                self.device.wait(submitted)?;
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
            self.device.wait(submission)?;
            note(What::Wait, count - 1, &mut spans);
        }
        let done = start.elapsed();
        let passes = clock.map_or_else(|| Ok(Vec::new()), |clock| clock.read(&self.device))?;
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
