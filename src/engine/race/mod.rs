//! The race: the same program by every contender, each checked against the reference before its time is shown.
//!
//! ```text
//! course    a whole race: every contender in turn
//! memory    what does not fit is refused before anything is allocated
//! crossing  from how many sentences on the adapter wins
//! ```
//!
//! The processor's contenders are those of `compute::ndarray`; the adapter's are plans of `kernels`, run by `compute::gpu`.

mod course;
mod crossing;
mod memory;

use std::thread;
use std::time::{Duration, Instant};

use crate::compute::gpu::Gpu;
pub use crate::compute::gpu::Tuned;
use crate::compute::ndarray::{self, Stop, Workspace};
use crate::ground::fault::Fault;
use crate::kernels::Rung;
use crate::math::tensor::{Cell, Tensor};
use crate::program::{Inputs, Program};
use crate::session::ComputeError;
pub(super) use course::race;
pub use crossing::search;

use crate::study::race::{Contender, Entry, NoTime, TOLERANCE, Times, Work};

/// Sentences of the result that are compared with the f64 reference.
const CHECKED: usize = 3;

/// How long one run may take before the device counts as hung: the plain rungs need a quarter of a minute on a software adapter.
pub const PATIENCE: Duration = Duration::from_mins(2);

/// Sentences of the trial that chooses a rung.
const TRIAL: usize = 8;

/// The race course: the work as a program, its numbers, and some sentences of the result by the reference.
pub struct Race<'a> {
    gpu: Option<&'a Gpu>,
    work: Work,
    program: Program,
    inputs: Inputs,
    /// Which sentences they are, and their result.
    sentences: Vec<usize>,
    reference: Tensor<f64>,
}

impl<'a> Race<'a> {
    /// Draws the numbers and works some sentences out by the reference of every op.
    ///
    /// # Errors
    /// [`NoTime::Memory`] where the work does not fit into the memory that is free.
    pub fn new(gpu: Option<&'a Gpu>, work: Work, seed: u64) -> Result<Self, NoTime> {
        let begun = Self::begin(gpu, work, seed, &|| false)?;
        begun.ok_or(NoTime::TooSlow) // nobody stops it
    }

    /// The same; none where `stop` breaks it off, which is heard after each stage: those of long sentences take seconds.
    ///
    /// # Errors
    /// As [`Race::new`].
    pub fn begin(gpu: Option<&'a Gpu>, work: Work, seed: u64, stop: Stop) -> Result<Option<Self>, NoTime> {
        memory::fits(work.bytes(threads()), memory::free())?;
        let (program, inputs) = work.layer(seed).map_err(NoTime::Device)?;
        let some = CHECKED.min(work.batch);
        let sentences: Vec<usize> = (0..some).map(|n| n * (work.batch - 1) / (some - 1).max(1)).collect();
        let reference = reference(work, (&program, &inputs), &sentences, stop).map_err(NoTime::Device)?;
        Ok(reference.map(|reference| Self { gpu, work, program, inputs, sentences, reference }))
    }

    /// The program.
    pub const fn program(&self) -> &Program {
        &self.program
    }

    /// Its numbers.
    pub const fn inputs(&self) -> &Inputs {
        &self.inputs
    }

    /// Who can take part: the processor, every rung of the adapter, and the one that a short trial chooses.
    pub fn contenders(&self, tuned: &mut Tuned) -> Vec<Contender> {
        let ours = self.choose(tuned).map(Contender::Ours);
        field(self.gpu, &self.program).into_iter().chain(ours).collect()
    }

    /// The rung that does a small part of the work fastest. Rungs that write scores down are left out where those would
    /// not fit. What won before on the same adapter and driver needs no trial.
    pub fn choose(&self, tuned: &mut Tuned) -> Option<Rung> {
        let gpu = self.gpu?;
        let machine = gpu.machine();
        let known = tuned.rung(&machine, self.work).filter(|rung| gpu.rungs(&self.program).contains(rung));
        if known.is_some() {
            return known;
        }
        let chosen = self.trial(gpu)?;
        tuned.remember(&machine, self.work, chosen);
        Some(chosen)
    }

    fn trial(&self, gpu: &Gpu) -> Option<Rung> {
        let (small, inputs) = Work { batch: self.work.batch.min(TRIAL), ..self.work }.layer(1).ok()?;
        let time = |rung: Rung| {
            fits_on(gpu, &self.program, rung).ok()?;
            let prepared = gpu.prepare(&small, &inputs, rung).ok()?;
            prepared.forward().ok()?; // the driver compiles
            let start = Instant::now();
            prepared.forward().ok()?;
            Some((start.elapsed(), rung))
        };
        let candidates = gpu.rungs(&self.program).into_iter().filter(|rung| rung.is_tried());
        candidates.filter_map(time).min_by_key(|(time, _)| *time).map(|(_, rung)| rung)
    }

    /// One contender's runs: a cold one, whose result is checked, and as many more as asked for, within its time. None where
    /// `stop` breaks the cold one off.
    pub fn run(&self, contender: Contender, repetitions: usize, patience: Duration, stop: Stop) -> Option<Entry> {
        let result = match contender {
            Contender::NdarrayOne => self.on_cpu(1, repetitions, patience, stop).transpose()?,
            Contender::NdarrayAll => self.on_cpu(threads(), repetitions, patience, stop).transpose()?,
            Contender::Rung(rung) | Contender::Ours(rung) => self.on_adapter(rung, repetitions, patience, stop),
        };
        Some(Entry { contender, work: self.work, result })
    }

    fn on_cpu(
        &self,
        threads: usize,
        repetitions: usize,
        patience: Duration,
        stop: Stop,
    ) -> Result<Option<Times>, NoTime> {
        let mut workspace = Workspace::default();
        let mut once = || ndarray::forward(&self.program, &self.inputs, threads, &mut workspace, stop);
        let start = Instant::now();
        let Some(y) = once()? else { return Ok(None) };
        let cold = start.elapsed();
        let error = self.check(&y)?;
        let warm = repeat(repetitions, patience, stop, || Ok(once()?.is_some()))?;
        Ok(Some(Times { cold, warm, error, split: None }))
    }

    fn on_adapter(&self, rung: Rung, repetitions: usize, patience: Duration, stop: Stop) -> Result<Times, NoTime> {
        let gpu = self.gpu.ok_or(NoTime::NoAdapter)?;
        fits_on(gpu, &self.program, rung)?;
        let start = Instant::now();
        let mut prepared = gpu.prepare(&self.program, &self.inputs, rung)?;
        prepared.forward()?;
        let y = prepared.result()?;
        let cold = start.elapsed();
        let error = self.check(&y)?;
        drop(y);
        let warm = repeat(repetitions, patience, stop, || prepared.forward().map(|()| true))?;
        let split = Some(prepared.split()?);
        Ok(Times { cold, warm, error, split })
    }

    /// How far a result is from the reference.
    ///
    /// # Errors
    /// [`NoTime::Wrong`] where it is further than [`TOLERANCE`].
    pub fn check(&self, result: &Tensor<f32>) -> Result<f64, NoTime> {
        let off = |cell: Cell| {
            let reference = self.reference.get(cell);
            let found = f64::from(result.get(Cell { batch: self.sentences[cell.batch], ..cell }));
            (found - reference).abs() / reference.abs().max(1.0)
        };
        let error = worst(self.reference.shape().cells().map(off));
        if error <= TOLERANCE { Ok(error) } else { Err(NoTime::Wrong(error)) }
    }
}

/// Everybody but the one that a trial has still to choose: the processor, and every rung of the adapter.
fn field(gpu: Option<&Gpu>, program: &Program) -> Vec<Contender> {
    let rungs = gpu.map_or_else(Vec::new, |gpu| gpu.rungs(program));
    [Contender::NdarrayOne, Contender::NdarrayAll].into_iter().chain(rungs.into_iter().map(Contender::Rung)).collect()
}

/// What everybody has to show where the work itself is refused.
pub fn refused(gpu: Option<&Gpu>, work: Work, why: &NoTime) -> Vec<Entry> {
    // Which rungs there are, a single sentence tells as well.
    let field = Work { batch: 1, ..work }.program().map_or_else(|_| Vec::new(), |program| field(gpu, &program));
    field.into_iter().map(|contender| Entry { contender, work, result: Err(why.clone()) }).collect()
}

/// Some sentences of the work by the reference of every op, in f64 throughout; none where that is not wanted any more.
fn reference(
    work: Work,
    (all, inputs): (&Program, &Inputs),
    sentences: &[usize],
    stop: Stop,
) -> Result<Option<Tensor<f64>>, Fault> {
    let program = Work { batch: sentences.len(), ..work }.program()?;
    let mut tensors: Vec<Tensor<f64>> = Vec::with_capacity(program.slots().count());
    for slot in program.slots() {
        if stop() {
            return Ok(None);
        }
        let shape = program.shape(slot);
        let tensor = if let Some(stage) = program.made_by(slot) {
            let operands: Vec<_> = stage.operands.iter().map(|slot| &tensors[slot.0]).collect();
            stage.op.reference(&operands, shape)
        } else {
            let given = all.find_symbol(program.symbol(slot)).and_then(|slot| inputs.get(slot));
            Tensor::from_fn(shape, |cell| {
                let of = shape.batch.map_or(cell, |_| Cell { batch: sentences[cell.batch], ..cell });
                given.map_or(0.0, |given| f64::from(given.get(of)))
            })
        };
        tensors.push(tensor);
    }
    Ok(Some(tensors.pop().unwrap_or_else(|| Tensor::zeros(program.shape(crate::program::Slot(0))))))
}

/// Threads that this machine runs at once.
pub fn threads() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Whether a rung's work fits: onto the device, and into the memory that is free where the device has none of its own.
fn fits_on(gpu: &Gpu, program: &Program, rung: Rung) -> Result<(), NoTime> {
    memory::fits(gpu.bytes(program, rung)?, memory::free())
}

/// The largest of some differences; one that is no number is beyond all.
fn worst(differences: impl Iterator<Item = f64>) -> f64 {
    differences.fold(0.0, |most: f64, x| if x.is_nan() { f64::INFINITY } else { most.max(x) })
}

/// Warm runs, sorted, until so much time has passed: the first one happens in any case. One that was broken off does not count.
fn repeat(
    repetitions: usize,
    patience: Duration,
    stop: Stop,
    mut once: impl FnMut() -> Result<bool, ComputeError>,
) -> Result<Vec<Duration>, ComputeError> {
    let (mut times, begun) = (Vec::new(), Instant::now());
    for n in 0..repetitions {
        if stop() || (n > 0 && begun.elapsed() > patience) {
            break;
        }
        let start = Instant::now();
        if !once()? {
            break;
        }
        times.push(start.elapsed());
    }
    times.sort();
    Ok(times)
}
