//! The sentences of one step side by side, as numbers and as the tensors that a program is given.

use std::sync::Arc;

use super::{Example, Task, parameters};
use crate::math::tensor::{Cell, Shape, Tensor};
use crate::program::{InputError, Inputs, Name, Program, Symbol};

/// The number that stands where no word is asked for.
pub const NOTHING: usize = usize::MAX;

/// The sentences of one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// How many.
    pub sentences: usize,
    /// Their words, one sentence behind the other.
    pub words: Vec<usize>,
    /// The words of the sentences that are translated.
    pub memory: Vec<usize>,
    /// What is to be written at each word, or [`NOTHING`].
    pub targets: Vec<usize>,
}

impl Batch {
    /// These sentences side by side.
    pub fn new(examples: &[Example]) -> Self {
        Self {
            sentences: examples.len(),
            words: examples.iter().flat_map(|example| example.words.iter().copied()).collect(),
            memory: examples.iter().flat_map(|example| example.memory.iter().copied()).collect(),
            targets: examples.iter().flat_map(|e| e.targets.iter().map(|target| target.unwrap_or(NOTHING))).collect(),
        }
    }

    /// Some of the sentences, as far as there are so many.
    #[must_use]
    pub fn part(&self, some: std::ops::Range<usize>) -> Self {
        let some = some.start.min(self.sentences)..some.end.min(self.sentences);
        let of = |numbers: &[usize]| {
            let each = numbers.len() / self.sentences.max(1);
            numbers[some.start * each..some.end * each].to_vec()
        };
        Self { sentences: some.len(), words: of(&self.words), memory: of(&self.memory), targets: of(&self.targets) }
    }

    /// How many words are asked for.
    pub fn asked(&self) -> usize {
        self.targets.iter().filter(|&&target| target != NOTHING).count()
    }

    /// The words, places or targets of a tensor that is one-hot, row by row; none where it is none of those.
    pub fn rows(&self, name: Name) -> Option<Vec<usize>> {
        let places = |words: &[usize]| {
            let each = (words.len() / self.sentences.max(1)).max(1);
            (0..words.len()).map(|n| n % each).collect()
        };
        match name {
            Name::X => Some(self.words.clone()),
            Name::XP => Some(places(&self.words)),
            Name::XM => Some(self.memory.clone()),
            Name::XPM => Some(places(&self.memory)),
            Name::Targets => Some(self.targets.clone()),
            _ => None,
        }
    }

    /// A one-hot tensor: each row is 1 at its number.
    pub fn one_hot(rows: &[usize], shape: Shape) -> Tensor<f32> {
        let mut tensor = Tensor::zeros(shape);
        let each = shape.rows.len.max(1);
        for (n, &col) in rows.iter().enumerate().filter(|&(_, &col)| col != NOTHING) {
            tensor.set(Cell { batch: n / each, head: 0, row: n % each, col }, 1.0);
        }
        tensor
    }

    /// Everything that a learner's program is given, with or without its way back: these sentences, what is to be written, masks, and
    /// weights in the order of [`parameters`].
    ///
    /// # Errors
    /// [`InputError`] where weights are not finite, or are those of another program.
    pub fn inputs(&self, task: Task, program: &Program, weights: &[Arc<Tensor<f32>>]) -> Result<Inputs, InputError> {
        let slots = parameters(program);
        Inputs::new(program, |symbol: Symbol| {
            let slot = program.find_symbol(symbol)?;
            let shape = program.shape(slot);
            if symbol.name == Name::Mask {
                return Some(Arc::new(task.mask(program, symbol.layer, shape)));
            }
            // ∂L/∂L
            if symbol.name == Name::Loss.gradient() {
                return Some(Arc::new(Tensor::from_fn(shape, |_| 1.0)));
            }
            if let Some(rows) = self.rows(symbol.name) {
                return Some(Arc::new(Self::one_hot(&rows, shape)));
            }
            weights.get(slots.iter().position(|&other| other == slot)?).map(Arc::clone)
        })
    }
}
