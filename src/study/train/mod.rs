//! Small transformers that learn: tasks of which one knows what a head that has learned them must look like.
//!
//! ```text
//! Task         what is to be learned: its sentences from a seed, its network, where a head would best look (Pattern), its Recipe
//! Checkpoint   a learner at one moment: task, seed, step, weights, what Adam remembers, every loss so far
//! Moment       a checkpoint as it was examined: how much it writes rightly, how near each head is, what each head looks at
//! ```
//!
//! How one learns, as data (the screen and `qkv train` alike):
//!
//! ```text
//! Checkpoint::new(task, seed)                             not learned yet
//! Job::Train { checkpoint, steps, rate } ─▶ Answer::Trained(Moment)      a slice: some steps, then an examination
//! ```
//!
//! The next slice begins at `moment.checkpoint`. So to pause is to ask for no more, to step is to ask for one, another rate is
//! another number in the next slice, to begin anew is another seed, and to go back is to take up an earlier checkpoint (`steps: 0`
//! examines it again). Where a checkpoint goes is a function of it and of the rates alone: same backend, same numbers, bit for bit,
//! however it was cut into slices. Where the loss is no number any more a slice ends early, at the last checkpoint that was sound,
//! and [`Moment::trouble`] says at which number it began. Tensors are shared, so keeping every checkpoint costs what changed.
//!
//! A new task is its file in `tasks/` and its row here. Nothing here computes a network: [`crate::engine`] does, through
//! [`crate::compute::training`].

mod batch;
mod checkpoint;
mod draw;
mod emergence;
mod kept;
mod moment;
mod pairs;
mod specimen;
mod step;
mod tasks;
mod whole;

pub use batch::{Batch, NOTHING};
pub use checkpoint::{BETA_1, BETA_2, Checkpoint, EPSILON, Moments};
pub use draw::Draw;
pub use emergence::{Evaluation, HeadMeasure, Likeness};
pub use kept::KeptError;
pub use moment::{Moment, SHOWN, Trouble};
pub use pairs::{Pair, Pairs, PairsError};
pub use specimen::{EMERGED, Specimen};
pub use step::OneStep;

use crate::ground::lang::Text;
use crate::math::ops::ShapeError;
use crate::math::tensor::{Shape, Tensor};
use crate::program::learner::{LearnerSizes, learner, learns, translator};
use crate::program::{Kind, Layer, Name, Program, Slot, Wiring};

/// What a small transformer can be asked to learn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Task {
    /// Write the letters in reverse.
    Reverse,
    /// Write, at each letter, the one before it.
    Previous,
    /// Write what came next the last time.
    Induction,
    /// Write, at each closing bracket, which kind it closes.
    Brackets,
    /// Write the letters in order.
    Sort,
    /// Write the sentence in English.
    Translation,
}

/// Which words a learner sees from each word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sees {
    /// All of them.
    All,
    /// Itself and those before it.
    Before,
}

/// How a task is learned, unless one asks otherwise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recipe {
    /// η, the learning rate.
    pub rate: f32,
    /// Steps over which the rate rises to η.
    pub warmup: u64,
    /// Steps after which it has mostly been learned.
    pub steps: u64,
    /// The spread of the vectors of words and places at the beginning.
    pub spread: f32,
}

/// Where a head would look that does its part of the task.
#[derive(Debug)]
pub struct Pattern {
    /// The name in JSON.
    pub name: &'static str,
    /// What such a head is called.
    pub title: Text,
    /// Whether it looks at the other sentence.
    pub across: bool,
    /// For each word the words that are right; none where nothing is asked of it.
    pub links: fn(&Example) -> Vec<Vec<usize>>,
}

/// One sentence to learn from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Example {
    /// Its words, by their numbers.
    pub words: Vec<usize>,
    /// The words of the sentence that is translated, by theirs.
    pub memory: Vec<usize>,
    /// The word to be written at each word; none where nothing is asked.
    pub targets: Vec<Option<usize>>,
    /// Of a translation, the word that the word to be written comes from.
    pub from: Vec<Option<usize>>,
}

/// Whether a sentence is to learn from, or to be examined with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// To learn from.
    Practice,
    /// Kept back: the n-th, from 0.
    HeldOut(usize),
}

/// What a task is.
#[derive(Debug)]
pub(crate) struct Row {
    name: &'static str,
    title: Text,
    says: Text,
    sees: Sees,
    sizes: fn() -> LearnerSizes,
    recipe: Recipe,
    /// Sentences that it is examined with.
    held_out: usize,
    patterns: &'static [Pattern],
    draw: fn(&mut Draw, Part) -> Example,
    word: fn(usize) -> String,
    memory_word: fn(usize) -> String,
}

impl Task {
    /// Every task.
    pub const ALL: [Self; 6] =
        [Self::Reverse, Self::Previous, Self::Induction, Self::Brackets, Self::Sort, Self::Translation];

    const fn row(self) -> &'static Row {
        match self {
            Self::Reverse => &tasks::reverse::ROW,
            Self::Previous => &tasks::previous::ROW,
            Self::Induction => &tasks::induction::ROW,
            Self::Brackets => &tasks::brackets::ROW,
            Self::Sort => &tasks::sort::ROW,
            Self::Translation => &tasks::translation::ROW,
        }
    }

    /// The name by which it is asked for.
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// The task of that name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|task| task.name() == name)
    }

    /// What it is called.
    pub fn title(self) -> Text {
        self.row().title.clone()
    }

    /// What is asked, in a sentence.
    pub fn says(self) -> Text {
        self.row().says.clone()
    }

    /// How it is learned, unless one asks otherwise.
    pub const fn recipe(self) -> Recipe {
        self.row().recipe
    }

    /// Which words are seen from each word.
    pub const fn sees(self) -> Sees {
        self.row().sees
    }

    /// Where heads would look that have learned it.
    pub const fn patterns(self) -> &'static [Pattern] {
        self.row().patterns
    }

    /// The pattern of that name.
    pub fn pattern(self, name: &str) -> Option<&'static Pattern> {
        self.patterns().iter().find(|pattern| pattern.name == name)
    }

    /// The kind of its program.
    pub const fn kind(self) -> Kind {
        match self {
            Self::Translation => Kind::Translator,
            _ => Kind::Learner,
        }
    }

    /// The sizes of its learner.
    pub fn sizes(self) -> LearnerSizes {
        (self.row().sizes)()
    }

    /// The network that learns it.
    ///
    /// # Errors
    /// Never: the sizes fit.
    pub fn program(self) -> Result<Program, ShapeError> {
        self.program_of(self.sizes().batch)
    }

    /// The same for another number of sentences.
    ///
    /// # Errors
    /// As [`Task::program`].
    pub fn program_of(self, batch: usize) -> Result<Program, ShapeError> {
        let sizes = LearnerSizes { batch, ..self.sizes() };
        match self.kind() {
            Kind::Translator => translator(&sizes, &Wiring::default()),
            _ => learner(&sizes, &Wiring::default()),
        }
    }

    /// The mask of a layer: 1 where a word is seen.
    pub fn mask(self, program: &Program, layer: Option<Layer>, shape: Shape) -> Tensor<f32> {
        let weights = program.find(layer, Name::Weights).map_or(shape, |slot| program.shape(slot));
        // Of a translator only what is being written has a future.
        let later = self.sees() == Sees::Before && weights.rows == weights.cols && !self.reads(layer);
        Tensor::from_fn(shape, |cell| if later && cell.col > cell.row { 0.0 } else { 1.0 })
    }

    /// Whether a layer reads the sentence that is translated.
    fn reads(self, layer: Option<Layer>) -> bool {
        self.kind() == Kind::Translator && layer.is_some_and(|Layer(layer)| layer < self.sizes().layers)
    }

    /// Whether a layer looks at the other sentence.
    pub fn looks_across(self, layer: Layer) -> bool {
        self.kind() == Kind::Translator && layer.0 == 2 * self.sizes().layers
    }

    /// A word of its vocabulary.
    pub fn word(self, number: usize) -> String {
        (self.row().word)(number)
    }

    /// A word of the language it translates from.
    pub fn memory_word(self, number: usize) -> String {
        (self.row().memory_word)(number)
    }

    /// The sentences of a step, to learn from: the same for the same seed and step.
    pub fn practice(self, seed: u64, step: u64) -> Vec<Example> {
        let mut draw = Draw::of_step(seed, step);
        (0..self.sizes().batch).map(|_| (self.row().draw)(&mut draw, Part::Practice)).collect()
    }

    /// The sentences that it is examined with.
    pub fn held_out(self, seed: u64) -> Vec<Example> {
        let mut draw = Draw::held_out(seed);
        (0..self.row().held_out).map(|n| (self.row().draw)(&mut draw, Part::HeldOut(n))).collect()
    }
}

/// The tensors of a learner's program that learn.
pub fn parameters(program: &Program) -> Vec<Slot> {
    program.inputs().iter().filter(|input| learns(input.symbol.name)).map(|input| input.slot).collect()
}

/// The n-th letter.
fn letter(n: usize) -> String {
    char::from(b'a' + (n % 26) as u8).to_string()
}

#[cfg(test)]
mod tests;
