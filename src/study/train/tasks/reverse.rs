//! Ten letters, written backward: every place looks at the one across from it.

use super::super::{Draw, Example, Part, Pattern, Recipe, Row, Sees, letter};
use crate::ground::lang::Text;
use crate::program::learner::LearnerSizes;

const LETTERS: usize = 10;

/// The task.
pub(in super::super) static ROW: Row = Row {
    name: "reverse",
    title: Text::new("倒着写", "reverse"),
    says: Text::new(
        "十个字母，倒过来写：第一个位置要写最后一个字母。",
        "Ten letters, written backward: the first place writes the last letter.",
    ),
    sees: Sees::All,
    sizes: || LearnerSizes {
        batch: 64,
        tokens: 10,
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
    patterns: &[Pattern {
        name: "antidiagonal",
        title: Text::new("反对角线", "antidiagonal"),
        across: false,
        links: |example| {
            let last = example.words.len() - 1;
            (0..=last).map(|i| vec![last - i]).collect()
        },
    }],
    draw,
    word: letter,
    memory_word: letter,
};

fn draw(draw: &mut Draw, _: Part) -> Example {
    let words: Vec<usize> = (0..10).map(|_| draw.below(LETTERS)).collect();
    let targets = words.iter().rev().copied().map(Some).collect();
    Example { words, targets, ..Example::default() }
}
