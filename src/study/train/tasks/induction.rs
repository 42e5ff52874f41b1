//! What came next the last time: a sentence begins anywhere to repeat itself.
//!
//! It takes two heads, one behind the other (Olsson et al. 2022): the first tells every letter which one stands before it, the
//! second looks for the letter that has its own letter before it.

use super::super::{Draw, Example, Part, Pattern, Recipe, Row, Sees, letter};
use super::previous::PREVIOUS;
use crate::ground::lang::Text;
use crate::program::learner::LearnerSizes;

const LETTERS: usize = 24;
const PLACES: usize = 20;
/// The shortest piece that is repeated.
const SHORTEST: usize = 2;

/// The task.
pub(in super::super) static ROW: Row = Row {
    name: "induction",
    title: Text::new("上次后面是什么", "induction"),
    says: Text::new(
        "一段字母会从某处开始重复：写出这个字母上次出现时，后面跟着的那一个。",
        "Somewhere the letters begin to repeat themselves: write what followed this letter the last time.",
    ),
    sees: Sees::Before,
    sizes: || LearnerSizes {
        batch: 64,
        tokens: PLACES,
        vocabulary: LETTERS,
        memory: 0,
        memory_vocabulary: 0,
        layers: 2,
        model: 32,
        heads: 1,
        inner: 0,
    },
    recipe: Recipe { rate: 0.005, warmup: 20, steps: 600, spread: 0.5 },
    held_out: 128,
    patterns: &[
        PREVIOUS,
        Pattern { name: "induction", title: Text::new("归纳头", "induction"), across: false, links: after_the_same },
    ],
    draw,
    word: letter,
    memory_word: letter,
};

fn draw(draw: &mut Draw, _: Part) -> Example {
    let before = draw.below(PLACES - 2 * SHORTEST + 1);
    let piece = draw.among(SHORTEST, (PLACES - before) / 2);
    let letters = draw.order(LETTERS);
    let (piece, others) = letters.split_at(piece);
    let repeated = piece.iter().cycle().take(PLACES - before);
    let words: Vec<usize> = others.iter().take(before).chain(repeated).copied().collect();
    let known = before + piece.len()..PLACES - 1;
    let targets = (0..PLACES).map(|i| known.contains(&i).then(|| words[i + 1])).collect();
    Example { words, targets, ..Example::default() }
}

/// Where a letter is asked for: the places behind the same letter.
fn after_the_same(example: &Example) -> Vec<Vec<usize>> {
    let words = &example.words;
    let behind = |i: usize| (0..i).filter(|&j| words[j] == words[i]).map(|j| j + 1).collect();
    example.targets.iter().enumerate().map(|(i, target)| target.map_or_else(Vec::new, |_| behind(i))).collect()
}
