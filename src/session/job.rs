//! What is asked for: work that a [driver](crate::engine::Driver) carries out.

use std::sync::Arc;

use super::{Ask, Choice, Contents, NewFile, Run};
use crate::ground::text::Lens;
use crate::program::{Inputs, Program};
use crate::source::sample::{Sample, Scenario};
use crate::study::heads::Reading;
use crate::study::learned::Learned;
use crate::study::race::{Cut, Rules, Work};
use crate::study::scaling::Experiment;
use crate::study::train::Checkpoint;

/// One piece of work.
#[derive(Debug, Clone)]
pub enum Job {
    /// Run a program.
    Run {
        /// The program.
        program: Arc<Program>,
        /// Its numbers.
        inputs: Arc<Inputs>,
        /// The stage that is looked at: it is checked first.
        first: usize,
    },
    /// Compare the rest of a large run with its reference.
    Check(Arc<Run>),
    /// Cut a sentence and describe its words.
    Sentence {
        /// The sample under whose weights it goes.
        sample: Arc<Sample>,
        /// As it was typed.
        written: String,
        /// What to cut it into.
        lens: Lens,
    },
    /// Cut another sentence and run it, to stand beside the one that is shown.
    Beside {
        /// The sample under whose weights it goes.
        sample: Arc<Sample>,
        /// What was changed about those.
        scenario: Scenario,
        /// As it was typed.
        written: String,
        /// What to cut it into.
        lens: Lens,
    },
    /// Read a sample: built in, or a file.
    Load(String),
    /// Read a lesson: built in, or a file.
    Lesson(String),
    /// Keep what was learned, in place of what was kept before.
    Keep(Learned),
    /// Write a new file.
    Save {
        /// Where.
        file: NewFile,
        /// What goes into it.
        contents: Contents,
    },
    /// Put words on the clipboard.
    Copy(String),
    /// Say what stands in a folder, for a path that is being typed; without a name in the one that is stood in.
    List(String),
    /// Look at one number of a stage through a kernel.
    Look(Ask),
    /// Measure every head of a sample over many sentences.
    Study {
        /// The sample as it was read.
        sample: Arc<Sample>,
        /// What was changed about it.
        scenario: Scenario,
    },
    /// Read the attention of one sentence of a run another way than raw.
    Attribute {
        /// The sample that was run.
        sample: Arc<Sample>,
        /// The run.
        run: Arc<Run>,
        /// Which sentence of its batch.
        batch: usize,
        /// How it is read.
        reading: Reading,
    },
    /// Draw pairs of random vectors: why √d.
    Scaling(Experiment),
    /// The same work by every contender.
    Race {
        /// The work.
        work: Work,
        /// How it is raced.
        rules: Rules,
    },
    /// Watch host and device while work goes through the queue in pieces, in every scene.
    Queue {
        /// Along what the work is cut.
        cut: Cut,
        /// In how many pieces it is handed over.
        pieces: usize,
    },
    /// Let a learner take some steps, then examine it.
    Train {
        /// From here.
        checkpoint: Arc<Checkpoint>,
        /// So many; none examines it as it is.
        steps: u64,
        /// η, the learning rate.
        rate: f32,
    },
    /// Compute on another backend from now on.
    Open(Choice),
}

/// The kinds of work. Of two requests of one kind the newer replaces the older.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "named as the jobs")]
pub enum Kind {
    Open,
    Copy,
    Save,
    List,
    Run,
    Sentence,
    Beside,
    Load,
    Lesson,
    Keep,
    Look,
    Attribute,
    Study,
    Scaling,
    Race,
    Queue,
    Train,
    Check,
}

impl Job {
    /// The kind of work. The order of kinds is the order in which waiting work is taken up.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Run { .. } => Kind::Run,
            Self::Sentence { .. } => Kind::Sentence,
            Self::Beside { .. } => Kind::Beside,
            Self::Load(_) => Kind::Load,
            Self::Lesson(_) => Kind::Lesson,
            Self::Keep(_) => Kind::Keep,
            Self::Save { .. } => Kind::Save,
            Self::Copy(_) => Kind::Copy,
            Self::List(_) => Kind::List,
            Self::Look(_) => Kind::Look,
            Self::Attribute { .. } => Kind::Attribute,
            Self::Study { .. } => Kind::Study,
            Self::Scaling(_) => Kind::Scaling,
            Self::Race { .. } => Kind::Race,
            Self::Queue { .. } => Kind::Queue,
            Self::Train { .. } => Kind::Train,
            Self::Open(_) => Kind::Open,
            Self::Check(_) => Kind::Check,
        }
    }
}

impl Kind {
    /// Whether such work may take seconds: one piece of it at a time, and nobody waits behind it.
    pub(crate) const fn is_heavy(self) -> bool {
        matches!(self, Self::Study | Self::Scaling | Self::Race | Self::Queue | Self::Train | Self::Check)
    }

    /// Whether a newer request makes an older one pointless. A file that was asked for is written.
    pub(crate) const fn is_replaced(self) -> bool {
        !matches!(self, Self::Save)
    }
}
