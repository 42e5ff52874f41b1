//! What comes back: progress while work goes on, and the answer that ends it.

use std::sync::Arc;

use super::{Copied, Run, Scaling, Seen};
use crate::ground::fault::Fault;
use crate::ground::text::Lens;
use crate::program::{Backend, Ledger};
use crate::source::lesson::Lesson;
use crate::source::sample::{Sample, Scenario};
use crate::study::heads::{Attribution, Study};
use crate::study::race::{Contender, Entry, Point, Roof, Timeline};
use crate::study::scaling::Outcome;
use crate::study::train::Moment;

/// How work ended: with an answer, or with what went wrong.
pub type Answered = Result<Answer, Fault>;

/// The answer to a [`super::Job`] of the same name.
#[derive(Debug, Clone)]
pub enum Answer {
    /// The numbers, and the verdict on them.
    Run(Arc<Run>),
    /// The sample with another sentence.
    Sentence {
        /// The sample.
        sample: Arc<Sample>,
        /// The sentence as it was typed.
        written: String,
        /// What it is cut into.
        lens: Lens,
    },
    /// The other sentence, run.
    Beside(Arc<Second>),
    /// The sample that was read.
    Load(Arc<Sample>),
    /// The lesson that was read.
    Lesson(Arc<Lesson>),
    /// What was learned is kept.
    Keep,
    /// The file that was written.
    Save(String),
    /// Where what was copied is now.
    Copy(Copied),
    /// What stands in the folder, by name; nothing of one that cannot be read.
    List(Vec<Listed>),
    /// What was seen.
    Look(Arc<Seen>),
    /// What the heads are like.
    Study {
        /// Under these changes.
        scenario: Scenario,
        /// What was measured.
        study: Arc<Study>,
    },
    /// The attention of one sentence, read another way.
    Attribute {
        /// Of which run.
        run: Arc<Run>,
        /// Of which sentence of its batch.
        batch: usize,
        /// What was read.
        read: Arc<Attributes>,
    },
    /// The experiment, drawn to its end.
    Scaling(Arc<Scaling>),
    /// The race is over, and so is the search for the crossing.
    Race,
    /// Every scene was watched.
    Queue,
    /// The learner some steps later, or as far as it came before its loss was no number.
    Trained(Arc<Moment>),
    /// The verdict on all of a large run.
    Check(Ledger),
    /// The device that computes from now on; none where that is the processor's own reference.
    Open(Option<Backend>),
}

/// What stands in a folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// What it is.
    pub what: Listing,
}

/// What something in a folder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Listing {
    /// A folder that holds a model.
    Model,
    /// Another folder.
    Folder,
    /// No folder.
    File,
}

/// A second sentence, and its run.
#[derive(Debug, Clone)]
pub struct Second {
    /// The sample with that sentence, under the changes.
    pub sample: Arc<Sample>,
    /// Its run.
    pub run: Arc<Run>,
    /// What was changed about the weights.
    pub scenario: Scenario,
    /// The sentence as it was typed.
    pub written: String,
}

/// A run read another way than raw.
#[derive(Debug, Clone, PartialEq)]
pub struct Attributes {
    /// What it takes beside the weights.
    pub attribution: Attribution,
    /// The metrics of every head that it has a matrix of, in the order of [`crate::study::heads::Reading::heads`].
    pub metrics: Vec<Vec<Option<f64>>>,
}

/// News of work that goes on.
#[derive(Debug, Clone)]
pub enum Progress {
    /// The experiment as far as it is drawn.
    Scaling(Arc<Outcome>),
    /// Something happened in the race.
    Race(News),
    /// One scene of the queue.
    Queue(Timeline),
    /// The verdict as far as a large run has been checked.
    Check(Ledger),
}

/// What happened in a race.
#[derive(Debug, Clone)]
pub enum News {
    /// The adapter's side is ready, or there is none.
    Adapter(Option<Backend>),
    /// A contender has started: the n-th, from 0, of so many.
    Started {
        /// Who.
        contender: Contender,
        /// Which one.
        n: usize,
        /// Of how many.
        of: usize,
    },
    /// This one has come in.
    In(Entry),
    /// That was the last.
    Over,
    /// What the adapter can do at most.
    Roof(Roof),
    /// Both sides with so many sentences.
    Point(Point),
}
