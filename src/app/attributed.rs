//! The attention of the run that is shown, read another way than raw: what is known of it, and asked for where it is not.

use std::sync::Arc;

use super::edits::or_warn;
use super::results::same_numbers;
use super::{Effect, Model};
use crate::ground::fault::Failure;
use crate::session::{Attributes, Job, Kind, Run};
use crate::study::heads::{Attribution, Reading};

/// What windows of heads read as attention, and what is known of that.
#[derive(Debug, Clone, Default)]
pub(super) struct Attributed {
    reading: Reading,
    known: Option<Known>,
    /// What was asked for last, so that what cannot be had is not asked for again and again.
    asked: Option<(Arc<Run>, usize, Reading)>,
}

/// Another reading of a run.
#[derive(Debug, Clone)]
struct Known {
    run: Arc<Run>,
    batch: usize,
    read: Arc<Attributes>,
}

impl Attributed {
    /// Keeps what was read.
    pub(super) fn learn(&mut self, run: Arc<Run>, batch: usize, read: Arc<Attributes>) {
        self.known = Some(Known { run, batch, read });
    }
}

impl Model {
    /// What windows of heads read as attention.
    pub fn attention(&self) -> Reading {
        let reading = self.attributed.reading;
        if reading.fits(self.program()).is_ok() { reading } else { Reading::Raw }
    }

    fn attributes(&self) -> Option<&Attributes> {
        let (known, run) = (self.attributed.known.as_ref()?, self.run()?);
        let reading = known.read.attribution.reading();
        let fits = reading == self.attention() && known.batch == self.view.cursor.batch;
        (fits && same_numbers(&known.run, run)).then_some(&known.read)
    }

    /// That reading of the run and the sentence that are shown; none where it is raw, or not known yet.
    pub(crate) fn attribution(&self) -> Option<&Attribution> {
        self.attributes().map(|read| &read.attribution)
    }

    /// The metrics of the head at a place among all, in the sentence that is shown, as it is read now; none where that is raw, or
    /// not known yet.
    pub(crate) fn attributed_metrics(&self, at: usize) -> Option<&[Option<f64>]> {
        let read = self.attributes()?;
        let rolled = read.attribution.reading() == Reading::Rollout;
        let place = if rolled { at / self.program().heads().max(1) } else { at };
        read.metrics.get(place).map(Vec::as_slice)
    }

    /// Reads attention the next way that fits; a person is told which do not.
    pub(super) fn read_attention_otherwise(&mut self) -> Vec<Effect> {
        let at = Reading::ALL.iter().position(|&reading| reading == self.attention()).unwrap_or(0);
        let next = Reading::ALL[(at + 1) % Reading::ALL.len()];
        let fits = next.fits(self.program());
        self.attributed.reading = if fits.is_ok() { next } else { Reading::Raw };
        let asked = fits.map(|()| self.attribute()).map_err(|why| why.words());
        or_warn(self, asked)
    }

    /// Asks for the reading of what is shown, unless it is known or was asked for.
    pub(super) fn attribute(&mut self) -> Vec<Effect> {
        let (reading, batch) = (self.attention(), self.view.cursor.batch);
        if reading == Reading::Raw || self.attributes().is_some() {
            return Vec::new();
        }
        let Some(run) = self.run().cloned() else { return Vec::new() };
        let same = |(of, sentence, how): &(Arc<Run>, usize, Reading)| {
            same_numbers(of, &run) && *sentence == batch && *how == reading
        };
        if self.attributed.asked.as_ref().is_some_and(same) && self.waits_for(Kind::Attribute) {
            return Vec::new();
        }
        self.attributed.asked = Some((Arc::clone(&run), batch, reading));
        let sample = Arc::clone(&self.material.sample);
        self.ask(Job::Attribute { sample, run, batch, reading })
    }
}
