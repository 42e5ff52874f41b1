//! The race: the same work by every contender, each checked against the reference before its time is shown.
//!
//! ```text
//! memory   what does not fit is refused before anything is allocated
//! cpu      ndarray on one thread, and on all
//! ladder   every rung on the adapter (compute::gpu::ladder)
//! ```

mod course;
pub mod cpu;
mod crossing;
mod memory;
mod tuned;

use std::cell::OnceCell;
use std::thread;
use std::time::{Duration, Instant};

use crate::compute::gpu::ladder::{Ladder, Prepared};
use crate::kernels::Rung;
use crate::session::ComputeError;
pub(super) use course::race;
pub use crossing::search;
pub use tuned::Tuned;

use crate::study::race::{Contender, Entry, NoTime, Numbers, TOLERANCE, Times, Work};

/// Rows of the result that are compared with the f64 reference.
const CHECKED: usize = 6;

/// Sentences of the trial that chooses a rung.
const TRIAL: usize = 8;

/// The race course: the work, its numbers, and the rows of the result by the reference.
pub struct Race<'a> {
    ladder: Option<&'a Ladder>,
    work: Work,
    numbers: Numbers,
    rows: Vec<(usize, Vec<f64>)>,
}

impl<'a> Race<'a> {
    /// Draws the numbers and works some rows out by the formula.
    ///
    /// # Errors
    /// [`NoTime::Memory`] where the work does not fit into the memory that is free.
    pub fn new(ladder: Option<&'a Ladder>, work: Work, seed: u64) -> Result<Self, NoTime> {
        memory::fits(work.bytes(threads()), memory::free())?;
        let numbers = Numbers::of(work, seed);
        let some = CHECKED.min(work.rows());
        let row = |n: usize| n * (work.rows() - 1) / (some - 1).max(1);
        let rows = (0..some).map(|n| (row(n), numbers.reference(work, row(n)))).collect();
        Ok(Self { ladder, work, numbers, rows })
    }

    /// Who can take part: the processor, every rung of the adapter, and the one that a short trial chooses.
    pub fn contenders(&self, tuned: &mut Tuned) -> Vec<Contender> {
        let ours = self.choose(tuned).map(Contender::Ours);
        field(self.ladder, self.work).into_iter().chain(ours).collect()
    }

    /// The rung that does a small part of the work fastest. Rungs that write scores down are left out where those would
    /// not fit. What won before on the same adapter and driver needs no trial.
    pub fn choose(&self, tuned: &mut Tuned) -> Option<Rung> {
        let ladder = self.ladder?;
        let machine = ladder.machine();
        let known = tuned.rung(&machine, self.work).filter(|rung| ladder.rungs(self.work).contains(rung));
        if known.is_some() {
            return known;
        }
        let chosen = self.trial(ladder)?;
        tuned.remember(&machine, self.work, chosen);
        Some(chosen)
    }

    fn trial(&self, ladder: &Ladder) -> Option<Rung> {
        let small = Work { batch: self.work.batch.min(TRIAL), ..self.work };
        let numbers = Numbers::of(small, 1);
        let time = |rung: Rung| {
            fits_on(ladder, self.work, rung).ok()?;
            let prepared = ladder.prepare(small, &numbers, rung).ok()?;
            ladder.forward(&prepared).ok()?; // the driver compiles
            let start = Instant::now();
            ladder.forward(&prepared).ok()?;
            Some((start.elapsed(), rung))
        };
        let candidates = ladder.rungs(self.work).into_iter().filter(|&rung| rung.is_fused() || rung == Rung::Tiled);
        candidates.filter_map(time).min_by_key(|(time, _)| *time).map(|(_, rung)| rung)
    }

    /// One contender's runs: a cold one, whose result is checked, and as many more as asked for, until `stop` says so.
    pub fn run(&self, contender: Contender, repetitions: usize, stop: &dyn Fn() -> bool) -> Entry {
        let result = match contender {
            Contender::NdarrayOne => self.on_cpu(1, repetitions, stop),
            Contender::NdarrayAll => self.on_cpu(threads(), repetitions, stop),
            Contender::Rung(rung) | Contender::Ours(rung) => self.on_adapter(rung, repetitions, stop),
        };
        Entry { contender, work: self.work, result }
    }

    fn on_cpu(&self, threads: usize, repetitions: usize, stop: &dyn Fn() -> bool) -> Result<Times, NoTime> {
        let start = Instant::now();
        let y = cpu::forward(self.work, &self.numbers, threads);
        let cold = start.elapsed();
        let error = self.check(&y)?;
        let once = || {
            cpu::forward(self.work, &self.numbers, threads);
            Ok(())
        };
        Ok(Times { cold, warm: repeat(repetitions, stop, once)?, error, split: None })
    }

    fn on_adapter(&self, rung: Rung, repetitions: usize, stop: &dyn Fn() -> bool) -> Result<Times, NoTime> {
        let ladder = self.ladder.ok_or(NoTime::NoAdapter)?;
        fits_on(ladder, self.work, rung)?;
        let start = Instant::now();
        let prepared: Prepared = ladder.prepare(self.work, &self.numbers, rung)?;
        ladder.forward(&prepared)?;
        let y = ladder.result(&prepared)?;
        let cold = start.elapsed();
        let error = self.check(&y)?;
        let warm = repeat(repetitions, stop, || ladder.forward(&prepared))?;
        let split = Some(ladder.split(&prepared)?);
        Ok(Times { cold, warm, error, split })
    }

    /// How far a result is from the reference.
    fn check(&self, y: &[f32]) -> Result<f64, NoTime> {
        let hidden = self.work.hidden;
        let difference = |(row, reference): &(usize, Vec<f64>)| {
            let found = &y[row * hidden..(row + 1) * hidden];
            let off = reference.iter().zip(found).map(|(r, x)| (f64::from(*x) - r).abs() / r.abs().max(1.0));
            worst(off)
        };
        let error = self.rows.iter().map(difference).fold(0.0, f64::max);
        if error <= TOLERANCE { Ok(error) } else { Err(NoTime::Wrong(error)) }
    }
}

/// Everybody but the one that a trial has still to choose: the processor, and every rung of the adapter.
fn field(ladder: Option<&Ladder>, work: Work) -> Vec<Contender> {
    let rungs = ladder.map_or_else(Vec::new, |ladder| ladder.rungs(work));
    [Contender::NdarrayOne, Contender::NdarrayAll].into_iter().chain(rungs.into_iter().map(Contender::Rung)).collect()
}

/// What everybody has to show where the work itself is refused.
pub fn refused(ladder: Option<&Ladder>, work: Work, why: &NoTime) -> Vec<Entry> {
    let entry = |contender| Entry { contender, work, result: Err(why.clone()) };
    field(ladder, work).into_iter().map(entry).collect()
}

/// `stop`, or once so much time has passed since it was first asked: before the first warm run, which therefore always happens.
pub fn within(patience: Duration, stop: &dyn Fn() -> bool) -> impl Fn() -> bool {
    let start: OnceCell<Instant> = OnceCell::new();
    move || {
        let enough = start.get().is_some_and(|start| start.elapsed() > patience);
        start.get_or_init(Instant::now);
        stop() || enough
    }
}

/// Threads that this machine runs at once.
pub fn threads() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Whether a rung's work fits: onto the device, and into the memory that is free where the device has none of its own.
fn fits_on(ladder: &Ladder, work: Work, rung: Rung) -> Result<(), NoTime> {
    memory::fits(ladder.bytes(work, rung)?, memory::free())
}

/// The largest of some differences; one that is no number is beyond all.
fn worst(differences: impl Iterator<Item = f64>) -> f64 {
    differences.fold(0.0, |most: f64, x| if x.is_nan() { f64::INFINITY } else { most.max(x) })
}

/// Warm runs, sorted.
fn repeat(
    repetitions: usize,
    stop: &dyn Fn() -> bool,
    mut once: impl FnMut() -> Result<(), ComputeError>,
) -> Result<Vec<Duration>, ComputeError> {
    let mut times = Vec::new();
    for _ in 0..repetitions {
        if stop() {
            break;
        }
        let start = Instant::now();
        once()?;
        times.push(start.elapsed());
    }
    times.sort();
    Ok(times)
}
