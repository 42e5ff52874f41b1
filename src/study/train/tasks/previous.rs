//! At each letter the one before it: every place looks one back.

use super::super::{Draw, Example, Part, Pattern, Recipe, Row, Sees, letter};
use crate::ground::lang::Text;
use crate::program::learner::LearnerSizes;

const LETTERS: usize = 10;

/// A head that looks one back.
pub(super) const PREVIOUS: Pattern = Pattern {
    name: "previous",
    title: Text::new("看前一个", "previous token"),
    across: false,
    links: |example| (0..example.words.len()).map(|i| i.checked_sub(1).into_iter().collect()).collect(),
};

/// The task.
pub(in super::super) static ROW: Row = Row {
    name: "previous",
    title: Text::new("抄前一个", "previous letter"),
    says: Text::new(
        "每个位置抄写前一个字母；后面的字母看不见。",
        "At each place write the letter before it; what comes later is hidden.",
    ),
    sees: Sees::Before,
    sizes: || LearnerSizes {
        batch: 64,
        tokens: 12,
        vocabulary: LETTERS,
        memory: 0,
        memory_vocabulary: 0,
        layers: 1,
        model: 32,
        heads: 1,
        inner: 0,
    },
    recipe: Recipe { rate: 0.01, warmup: 20, steps: 100, spread: 0.5 },
    held_out: 128,
    patterns: &[PREVIOUS],
    draw,
    word: letter,
    memory_word: letter,
};

fn draw(draw: &mut Draw, _: Part) -> Example {
    let words: Vec<usize> = (0..12).map(|_| draw.below(LETTERS)).collect();
    let targets = (0..words.len()).map(|i| Some(words[i.checked_sub(1)?])).collect();
    Example { words, targets, ..Example::default() }
}
