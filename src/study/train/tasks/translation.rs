//! From Chinese to English: an encoder reads, a decoder writes, and a head across should look at the word that is translated.

use super::super::pairs::{END, PAIRS};
use super::super::{Draw, Example, Part, Pattern, Recipe, Row, Sees};
use crate::ground::lang::Text;
use crate::program::learner::LearnerSizes;

/// The task.
pub(in super::super) static ROW: Row = Row {
    name: "translation",
    title: Text::new("中译英", "translation"),
    says: Text::new(
        "把中文短句译成英文，一次写一个词；词序不同，交叉注意力要自己找到该看哪个词。",
        "Short Chinese sentences into English, a word at a time; the order differs, so cross-attention has to find where to look.",
    ),
    sees: Sees::Before,
    sizes: || LearnerSizes {
        batch: 64,
        tokens: PAIRS.longest_english() + 1,
        vocabulary: PAIRS.english.len(),
        memory: PAIRS.longest_chinese() + 1,
        memory_vocabulary: PAIRS.chinese.len(),
        layers: 1,
        model: 32,
        heads: 1,
        inner: 64,
    },
    recipe: Recipe { rate: 0.01, warmup: 20, steps: 400, spread: 0.05 },
    held_out: 64,
    patterns: &[Pattern {
        name: "alignment",
        title: Text::new("对上原文的词", "alignment"),
        across: true,
        links: |example| example.from.iter().map(|from| from.iter().copied().collect()).collect(),
    }],
    draw,
    word: |n| PAIRS.english.get(n).cloned().unwrap_or_default(),
    memory_word: |n| PAIRS.chinese.get(n).cloned().unwrap_or_default(),
};

fn draw(draw: &mut Draw, part: Part) -> Example {
    let (kept, practice) = PAIRS.held_out(ROW.held_out);
    let pair = match part {
        Part::HeldOut(n) => kept.get(n),
        Part::Practice => practice.get(draw.below(practice.len())),
    };
    let Some(pair) = pair else { return Example::default() };
    let sizes = (ROW.sizes)();
    let padded = |words: &[usize], long: usize| -> Vec<usize> {
        words.iter().copied().chain(std::iter::repeat(END)).take(long).collect()
    };
    // What is written so far begins with the sign of the end: nothing yet.
    let words = std::iter::once(END).chain(pair.english.iter().copied()).collect::<Vec<_>>();
    let asked = pair.english.iter().copied().chain([END]).map(Some);
    Example {
        words: padded(&words, sizes.tokens),
        memory: padded(&pair.chinese, sizes.memory),
        targets: asked.chain(std::iter::repeat(None)).take(sizes.tokens).collect(),
        from: pair.from.iter().copied().chain(std::iter::repeat(None)).take(sizes.tokens).collect(),
    }
}
