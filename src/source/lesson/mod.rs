//! Lessons: ordered steps over samples, with words that hold live numbers, deeds and questions, from a TOML file.
//!
//! ```text
//! bytes ── draft: the file's keys ── resolve: samples, sentences, scenarios, addresses ──> Lesson
//! ```
//!
//! A lesson that was read knows for every step which sample it shows under which scenario, so that playing it only has to run
//! programs. Nothing here opens a file: samples come from whoever asks ([`Material`]). Whether what is claimed holds is found
//! out by playing it, above. `docs/LESSONS.md` shows the format by example.

mod builtin;
mod draft;
mod resolve;
mod said;
mod setting;

use std::sync::Arc;

pub use builtin::{BUILTIN, BuiltinLesson, TEMPLATE};
pub use said::{Said, SaidPiece};
pub use setting::{Condition, PageName, Shown, Spot};

use crate::ground::exit::Exit;
use crate::ground::fault::Failure;
use crate::ground::lang::{Lang, Text};
use crate::ground::text::Lens;
use crate::program::{Name, Statement};
use crate::source::file::FileError;
use crate::source::file::error::Refusal;
pub use crate::source::file::read::At;
use crate::source::sample::Sample;

/// The version of the file format, its first key.
const FORMAT: &str = "qkv-lesson/1";

/// Whoever has the samples that a lesson is about.
pub trait Material {
    /// A sample by its name: built in, or a file beside the lesson.
    ///
    /// # Errors
    /// Words for the person.
    fn sample(&mut self, name: &str) -> Result<Sample, Text>;

    /// A sample with another sentence.
    ///
    /// # Errors
    /// Words for the person.
    fn sentence(&mut self, sample: &Sample, written: &str, lens: Lens) -> Result<Sample, Text>;
}

/// A lesson that cannot be used: everything that is wrong with it, each with its place, a line each. Never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words().en)]
pub struct LessonError(pub Vec<FileError>);

impl Failure for LessonError {
    fn words(&self) -> Text {
        let all: Vec<Text> = self.0.iter().map(Failure::words).collect();
        let lines = |lang| all.iter().map(|words| words.get(lang)).collect::<Vec<_>>().join("\n");
        Text::owned(lines(Lang::Zh), lines(Lang::En))
    }

    fn exit(&self) -> Exit {
        Exit::Input
    }
}

/// What a lesson is about.
#[derive(Debug, Clone)]
pub struct About {
    /// The short name, as in `--lesson first-look`.
    pub name: String,
    /// The title.
    pub title: Text,
    /// How long it takes, in minutes.
    pub minutes: usize,
    /// What one can do afterwards.
    pub goals: Vec<Text>,
    /// The machine names of the concepts that it is about.
    pub concepts: Vec<At<String>>,
}

/// A lesson: what it is about, and its steps.
#[derive(Debug, Clone)]
pub struct Lesson {
    /// What it is about.
    pub about: About,
    /// The steps, in order. Never empty.
    pub steps: Vec<Step>,
    /// The code that computes what it shows, line by line.
    pub code: Vec<CodeLine>,
    /// The file, as errors call it.
    pub file: String,
    /// The text of the file: where something is wrong is found in it.
    pub source: Arc<str>,
}

/// A line of code, and the tensor that it makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeLine {
    /// The line.
    pub line: String,
    /// What it makes.
    pub stage: Option<Name>,
}

/// One step of a lesson.
#[derive(Debug, Clone)]
pub struct Step {
    /// The byte of the file where it begins.
    pub at: usize,
    /// A few words above it.
    pub title: Option<Text>,
    /// What it says.
    pub say: Said,
    /// What only the speaker sees.
    pub notes: Option<Text>,
    /// The sample and what is changed about it.
    pub shown: Arc<Shown>,
    /// Where the walk stands.
    pub spot: Spot,
    /// The window that is open, by its name.
    pub window: Option<At<String>>,
    /// Commands carried out after that, by name.
    pub commands: Vec<At<String>>,
    /// What is claimed beside what its words claim.
    pub claims: Vec<Claim>,
    /// What it waits for.
    pub wait: Option<Wait>,
    /// What it asks.
    pub ask: Option<Ask>,
}

/// A statement as it is written, and where.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// The byte of the file.
    pub at: usize,
    /// As it is written.
    pub text: String,
    /// As it was read.
    pub statement: Statement,
}

/// A deed that a step waits for.
#[derive(Debug, Clone)]
pub struct Wait {
    /// Where it stands.
    pub at: usize,
    /// When it is done.
    pub until: Condition,
    /// One way to do it: names of keys.
    pub keys: At<Vec<String>>,
    /// What to do, in words.
    pub hint: Option<Text>,
}

/// A question of a step.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Where it stands.
    pub at: usize,
    /// What it asks.
    pub what: Asked,
    /// Regions that are not shown before it is answered, as they are written.
    pub cover: Vec<At<String>>,
}

/// Who words a question.
#[derive(Debug, Clone)]
pub enum Asked {
    /// It is made from the live numbers.
    Kind {
        /// The name of the kind of question.
        kind: At<String>,
        /// The number that it is about; else the one under the cursor.
        cell: Option<At<String>>,
        /// How much help is given.
        level: Option<At<String>>,
    },
    /// The lesson words it.
    Own {
        /// The question.
        question: Said,
        /// What may be answered.
        choices: Vec<Choice>,
        /// The one that is right, from 0, where no statement says it.
        answer: Option<usize>,
        /// What is said after the answer.
        why: Option<Said>,
    },
}

/// Something that may be answered.
#[derive(Debug, Clone)]
pub struct Choice {
    /// The words.
    pub words: Said,
    /// What holds where it is right.
    pub holds: Option<Claim>,
    /// What has probably been mixed up where it is wrong.
    pub why: Option<Said>,
}

impl Lesson {
    /// The most bytes of a file that is read as a lesson.
    pub const LARGEST_FILE: usize = 1 << 20;

    /// Lines that the words of a step fit into.
    pub const LINES: usize = 4;

    /// Columns of such a line: a narrow terminal, less its margins.
    pub const COLUMNS: usize = 76;

    /// Reads a lesson; `file` is what errors call it.
    ///
    /// # Errors
    /// Everything that is wrong, each with its place; of one step only the first.
    pub fn parse(source: &str, file: &str, material: &mut dyn Material) -> Result<Self, LessonError> {
        let refused = |refusals: Vec<Refusal>| {
            LessonError(refusals.into_iter().map(|refusal| refusal.locate(source, file)).collect())
        };
        resolve::lesson(source, file, material).map_err(refused)
    }

    /// Reads what a lesson is about, and nothing that would take long.
    ///
    /// # Errors
    /// The first thing that is wrong there.
    pub fn about(source: &str, file: &str) -> Result<About, FileError> {
        resolve::about(source).map_err(|refusal| refusal.locate(source, file))
    }

    /// Reads a lesson from the bytes of a file.
    ///
    /// # Errors
    /// As [`Lesson::parse`], also for the first byte that is not UTF-8.
    pub fn from_bytes(bytes: &[u8], file: &str, material: &mut dyn Material) -> Result<Self, LessonError> {
        let source = crate::source::file::utf8(bytes, file).map_err(|error| LessonError(vec![error]))?;
        Self::parse(source, file, material)
    }

    /// How many numbers and claims are verified, of one language.
    pub fn claims(&self) -> usize {
        self.steps.iter().map(|step| step.say.claims(Lang::En).count() + step.claims.len()).sum()
    }

    /// Something wrong at a byte of the file.
    pub fn refuse(&self, at: usize, words: Text) -> FileError {
        Refusal::new(at, words).locate(&self.source, &self.file)
    }
}
