//! Eight letters in order: behind them they are written again, each looks for the next.

use super::super::{Draw, Example, Part, Pattern, Recipe, Row, Sees, letter};
use crate::ground::lang::Text;
use crate::program::learner::LearnerSizes;

const LETTERS: usize = 20;
const COUNT: usize = 8;
/// The sign behind which the order begins.
const BEGIN: usize = LETTERS;

/// The task.
pub(in super::super) static ROW: Row = Row {
    name: "sort",
    title: Text::new("排序", "sort"),
    says: Text::new(
        "八个不同的字母，在等号后面按顺序写一遍：每写一个，就去找比它大的里面最小的。",
        "Eight different letters, written in order behind the sign: each looks for the smallest that is larger.",
    ),
    sees: Sees::Before,
    sizes: || LearnerSizes {
        batch: 64,
        tokens: 2 * COUNT,
        vocabulary: LETTERS + 1,
        memory: 0,
        memory_vocabulary: 0,
        layers: 1,
        model: 32,
        heads: 1,
        inner: 0,
    },
    recipe: Recipe { rate: 0.01, warmup: 20, steps: 600, spread: 0.5 },
    held_out: 128,
    patterns: &[Pattern {
        name: "next",
        title: Text::new("看下一个", "next in order"),
        across: false,
        links: |example| {
            let place = |&letter: &usize| example.words[..COUNT].iter().position(|other| *other == letter);
            example.targets.iter().map(|target| target.as_ref().and_then(place).into_iter().collect()).collect()
        },
    }],
    draw,
    word: |n| if n == BEGIN { "=".to_owned() } else { letter(n) },
    memory_word: |_| String::new(),
};

fn draw(draw: &mut Draw, _: Part) -> Example {
    let letters = draw.order(LETTERS)[..COUNT].to_vec();
    let mut sorted = letters.clone();
    sorted.sort_unstable();
    let words = letters.into_iter().chain([BEGIN]).chain(sorted[..COUNT - 1].iter().copied()).collect();
    let targets = vec![None; COUNT].into_iter().chain(sorted.into_iter().map(Some)).collect();
    Example { words, targets, ..Example::default() }
}
