//! Everything that is known of one run, made from that run and reached only while its program is the one that is shown.

use std::sync::Arc;

use super::latest::Latest;
use super::moved::{Moved, moved};
use super::reading::{Read, Reading};
use super::windows::KnownOfHeads;
use super::{Caption, Model};
use crate::ground::number::Format;
use crate::program::{Alarm, Influence, Layer, Ledger, Slot, Trace};
use crate::session::Run;
use crate::source::sample::Place;
use crate::source::sample::Sample;
use crate::study::heads::{self, METRICS, Parts, Ranking};

/// Multiplications up to which heads are ranked while somebody waits for the picture.
const MOST: usize = 1 << 22;

/// A run, what was found in it, and the numbers that the picture shows of it.
#[derive(Debug, Clone)]
pub struct Results {
    run: Arc<Run>,
    /// What its numbers were computed from.
    caption: Caption,
    /// For each head, whether it does what it was designed for.
    kept: Vec<bool>,
    /// How far the changes moved it.
    moved: Option<Moved>,
    /// Of each layer the heads by what the output of a sentence would lose.
    ranked: Vec<Latest<usize, Option<Arc<Ranking>>>>,
    /// Each measure of every head in a sentence.
    measured: [Latest<usize, Arc<[Option<f64>]>>; METRICS.len()],
    /// What the window of heads worked out.
    heads: KnownOfHeads,
    /// What the picture shows of it.
    read: Read,
}

impl Results {
    /// What is found in a run, beside the one before the changes where there is one.
    pub(super) fn of(run: Arc<Run>, before: Option<&Run>, caption: Caption, kept: Vec<bool>) -> Self {
        let moved = before.map(|before| moved(before, &run));
        let measured = std::array::from_fn(|_| Latest::default());
        let ranked = vec![Latest::default(); run.program.layers().max(1)];
        Self { run, caption, kept, moved, ranked, measured, heads: KnownOfHeads::default(), read: Read::default() }
    }

    /// Shows other numbers of it. Says which they are: those of now, where the others cannot be had.
    pub(super) fn read(&mut self, reading: Reading, before: Option<&Arc<Run>>, followed: Option<Place>) -> Reading {
        let (reading, read) = Read::of(&self.run, reading, before, followed);
        self.read = read;
        reading
    }

    /// The verdict on its numbers has gone on.
    pub(super) fn judge(&mut self, ledger: Ledger) {
        self.run = Arc::new(Run { ledger, ..Run::clone(&self.run) });
    }

    /// The run.
    pub const fn run(&self) -> &Arc<Run> {
        &self.run
    }

    /// The numbers that the picture shows.
    pub fn shown(&self) -> &Trace {
        self.read.other.as_ref().unwrap_or(&self.run.trace)
    }

    /// What breaks an invariant.
    pub fn alarms(&self) -> &[Alarm] {
        self.run.trace.alarms(&self.run.program)
    }

    /// For each head, whether it does what it was designed for.
    pub fn kept(&self) -> &[bool] {
        &self.kept
    }

    /// What the changes moved.
    pub const fn moved(&self) -> Option<&Moved> {
        self.moved.as_ref()
    }

    /// The influence of the followed number, while the picture shows it.
    pub const fn influence(&self) -> Option<&Influence> {
        self.read.influence.as_ref()
    }

    /// The heads by what the output would lose without each, in one sentence.
    fn ranking(&self, layer: Option<Layer>, batch: usize) -> Option<Arc<Ranking>> {
        let rank = || {
            // Asked before anything is taken apart, which takes time too.
            Parts::work_of(&self.run.program, layer).filter(|work| *work <= MOST)?;
            Some(Arc::new(Parts::of(&self.run.program, &self.run.trace, layer, batch)?.ranking()))
        };
        self.ranked.get(layer.map_or(0, |layer| layer.0))?.of(batch, rank)
    }

    /// One measure of every head, in the order of [`heads::all`].
    fn measures(&self, metric: usize, sample: &Sample, batch: usize) -> Option<Arc<[Option<f64>]>> {
        let of = METRICS.get(metric)?.of;
        let measure =
            |head: heads::Head| of(&heads::view(sample, self.run.trace.tensor(head.weights), batch, head.head));
        let all = || heads::all(&self.run.program).into_iter().map(measure).collect();
        Some(self.measured[metric].of(batch, all))
    }

    /// What the window of heads worked out of it.
    pub(super) const fn heads(&self) -> &KnownOfHeads {
        &self.heads
    }
}

/// Whether two runs are the same numbers of the same program; the verdicts on them may have gone different ways.
pub(super) fn same_numbers(a: &Run, b: &Run) -> bool {
    let mut slots = a.program.slots();
    Arc::ptr_eq(&a.program, &b.program) && slots.all(|slot| Arc::ptr_eq(a.trace.shared(slot), b.trace.shared(slot)))
}

impl Model {
    /// The latest results, where they are of the program that is shown.
    pub fn results(&self) -> Option<&Results> {
        self.results.as_ref().filter(|results| Arc::ptr_eq(&results.run.program, self.program()))
    }

    /// The latest run of the program that is shown.
    pub fn run(&self) -> Option<&Arc<Run>> {
        self.results().map(Results::run)
    }

    /// Its numbers.
    pub fn trace(&self) -> Option<&Trace> {
        self.run().map(|run| &run.trace)
    }

    /// The numbers that the picture shows.
    pub fn shown(&self) -> Option<&Trace> {
        self.results().map(Results::shown)
    }

    /// What breaks an invariant in the latest result.
    pub fn alarms(&self) -> &[Alarm] {
        self.results().map_or(&[], Results::alarms)
    }

    /// What the changes moved.
    pub fn moved(&self) -> Option<&Moved> {
        self.results().and_then(Results::moved)
    }

    /// The influence of the followed number, while the picture shows it.
    pub fn influence(&self) -> Option<&Influence> {
        self.results().and_then(Results::influence)
    }

    /// How the numbers of a tensor are written.
    pub fn format(&self, slot: Slot) -> Option<Format> {
        self.shown().map(|shown| shown.format(slot))
    }

    /// The heads by what the output would lose without each, in the sentence that is shown.
    pub fn ranking(&self) -> Option<Arc<Ranking>> {
        self.results()?.ranking(self.layer(), self.view.cursor.batch)
    }

    /// One measure of every head in the sentence that is shown.
    pub(crate) fn head_measures(&self, metric: usize) -> Option<Arc<[Option<f64>]>> {
        self.results()?.measures(metric, &self.material.sample, self.view.cursor.batch)
    }

    /// What the numbers on the screen were computed from; changes only together with them. Where none are shown yet, what they
    /// are being computed from.
    pub fn caption(&self) -> Caption {
        self.results().map_or_else(|| self.caption_now(), |results| results.caption.clone())
    }
}
