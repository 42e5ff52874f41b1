//! What happens to the model, and what the model wants done.

use std::sync::Arc;
use std::time::Duration;

use super::{Key, News};
use crate::ground::lang::Text;
use crate::ground::text::Lens;
use crate::program::{Inputs, Program};
use crate::session::{Ask, Choice, Run, Scaling, Seen};
use crate::source::sample::{Sample, Scenario};
use crate::study::heads::Study;
use crate::study::race::{Cut, Timeline, Work};
use crate::study::scaling::{Experiment, Outcome};

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Message {
    /// A key was pressed.
    Key(Key),
    /// Text was pasted.
    Paste(String),
    /// The terminal has this many columns and rows now.
    Resize(u16, u16),
    /// A result arrived; it belongs to the request of that generation.
    Ran {
        /// Which request.
        generation: u64,
        /// The result.
        run: Arc<Run>,
    },
    /// No result will come for that request.
    Failed {
        /// Which request.
        generation: u64,
        /// Why, for a person.
        why: String,
    },
    /// A sample was read, or could not be.
    Loaded(Result<Arc<Sample>, String>),
    /// A sentence was cut and described, or could not be.
    Written {
        /// Which request.
        request: u64,
        /// The sentence as it was typed.
        written: String,
        /// How finely it was cut.
        lens: Lens,
        /// The sample with that sentence, or what is wrong with it.
        result: Result<Arc<Sample>, Text>,
    },
    /// A part of an experiment was drawn: what it is like so far.
    Drawing {
        /// Which request.
        request: u64,
        /// What the scores are like.
        outcome: Arc<Outcome>,
    },
    /// An experiment was drawn and checked, or could not be.
    Drawn {
        /// Which request.
        request: u64,
        /// What came of it, or why not, for a person.
        result: Result<Arc<Scaling>, String>,
    },
    /// What happened in a race.
    Race {
        /// Which request.
        request: u64,
        /// What happened.
        news: News,
    },
    /// Host and device were watched during one scene, or could not be.
    Watched {
        /// Which request.
        request: u64,
        /// What they did when, or why that is not known, for a person.
        result: Result<Timeline, String>,
    },
    /// What the heads are like over many sentences, or why that is not known.
    Studied {
        /// Which request.
        request: u64,
        /// Under which changes of the weights.
        scenario: Scenario,
        /// What they are like, or why not.
        result: Result<Arc<Study>, String>,
    },
    /// A number was seen through a kernel, or could not be.
    Seen {
        /// Which request.
        request: u64,
        /// What was seen, or why not, for a person.
        result: Result<Arc<Seen>, String>,
    },
    /// Something was written to a file: its name, or why not.
    Saved(Result<String, String>),
    /// Something was copied: the file that holds it too, if one could be written.
    Copied(Option<String>),
    /// What the search for a device came to: its name, or why there is none.
    Device(Result<String, String>),
    /// The wake-up of that ticket.
    Tick(u64),
}

/// Something the model wants done. The runtime answers with messages.
#[derive(Debug, Clone)]
pub enum Effect {
    /// Run a program. An older request that still waits may be dropped.
    Run {
        /// Comes back with the result.
        generation: u64,
        /// The program.
        program: Arc<Program>,
        /// Its numbers.
        inputs: Arc<Inputs>,
    },
    /// Read a built-in sample or a file.
    Load(String),
    /// Cut and describe a sentence under a sample's heads.
    Sentence {
        /// Comes back with the answer.
        request: u64,
        /// The sample as it was read.
        sample: Arc<Sample>,
        /// The sentence as it was typed.
        written: String,
        /// How finely it is cut.
        lens: Lens,
    },
    /// Draw an experiment of the √d laboratory, and no other one any more.
    Experiment {
        /// Comes back with the answers.
        request: u64,
        /// What to draw; none breaks off what is being drawn.
        experiment: Option<Experiment>,
    },
    /// Race over some work, and over no other any more.
    Race {
        /// Comes back with the news.
        request: u64,
        /// What to race over; none stops the race.
        work: Option<Work>,
    },
    /// Watch host and device during every scene of the queue.
    Watch {
        /// Comes back with the answers.
        request: u64,
        /// Along what the work is cut.
        cut: Cut,
        /// Pieces that it is handed over in.
        pieces: usize,
    },
    /// Measure the heads of a sample over many sentences.
    Study {
        /// Comes back with the answer.
        request: u64,
        /// The sample as it was read.
        sample: Arc<Sample>,
        /// What is changed about its weights.
        scenario: Scenario,
    },
    /// Look at a number through a kernel.
    Look {
        /// Comes back with the answer.
        request: u64,
        /// Which number, and which kernel.
        ask: Ask,
    },
    /// Write a file that is not there yet.
    Save {
        /// Its name.
        path: String,
        /// What it holds.
        contents: String,
    },
    /// Put a text into the clipboard, and into a file for terminals that cannot.
    Copy(String),
    /// Compute on another backend from now on.
    Backend(Choice),
    /// Answer with a tick after a while. Only the latest such request counts.
    Wake {
        /// How long to wait.
        after: Duration,
        /// Comes back with the tick.
        ticket: u64,
    },
    /// Leave.
    Quit,
}
