//! Choices as they are put together: the right one first, then wrong ones, none written like another.

use rand::seq::SliceRandom as _;
use rand_chacha::ChaCha8Rng;

use super::{Asked, Choice, Misconception};
use crate::ground::lang::Text;

/// The most choices of a question.
const MOST: usize = 4;

/// The fewest.
const FEWEST: usize = 3;

/// The right choice and the wrong ones so far.
pub(super) struct Choices(Vec<Choice>);

impl Choices {
    pub(super) fn of(right: Text) -> Self {
        Self(vec![Choice { words: right, misconception: None, why: None }])
    }

    /// Adds a wrong choice, unless it is written like one that is there.
    pub(super) fn wrong(&mut self, words: Text, misconception: impl Into<Option<Misconception>>) {
        let alike = |choice: &Choice| choice.words.zh == words.zh || choice.words.en == words.en;
        if !self.0.iter().any(alike) {
            self.0.push(Choice { words, misconception: misconception.into(), why: None });
        }
    }

    /// The choices in any order: those that were added first, where there are too many; none where there are too few.
    pub(super) fn shuffled(self, rng: &mut ChaCha8Rng) -> Option<Asked> {
        let mut order: Vec<usize> = (0..self.0.len().min(MOST)).collect();
        order.shuffle(rng);
        self.ordered(&order)
    }

    /// The choices in this order.
    pub(super) fn ordered(self, order: &[usize]) -> Option<Asked> {
        let right = order.iter().position(|&n| n == 0)?;
        let choices: Vec<Choice> = order.iter().filter_map(|&n| self.0.get(n).cloned()).collect();
        (choices.len() >= FEWEST).then_some(Asked::Choice { choices, right })
    }
}
