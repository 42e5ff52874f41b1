//! Which bracket is closed here: one inside the other, of three kinds, and all close alike.

use super::super::{Draw, Example, Part, Pattern, Recipe, Row, Sees};
use crate::ground::lang::Text;
use crate::program::learner::LearnerSizes;

const KINDS: usize = 3;
const PLACES: usize = 14;
/// Brackets that are open at a time, at most.
const DEEPEST: usize = 3;

/// The task.
pub(in super::super) static ROW: Row = Row {
    name: "brackets",
    title: Text::new("括号配对", "brackets"),
    says: Text::new(
        "三种括号一层套一层，右括号都写成一样：写出它配的是哪一种左括号。",
        "Three kinds of brackets, one inside the other, all closed by the same sign: write which kind it closes.",
    ),
    sees: Sees::Before,
    sizes: || LearnerSizes {
        batch: 64,
        tokens: PLACES,
        vocabulary: KINDS + 1,
        memory: 0,
        memory_vocabulary: 0,
        layers: 2,
        model: 32,
        heads: 2,
        inner: 64,
    },
    recipe: Recipe { rate: 0.005, warmup: 20, steps: 900, spread: 0.5 },
    held_out: 128,
    patterns: &[Pattern {
        name: "match",
        title: Text::new("看配对的括号", "matching bracket"),
        across: false,
        links: |example| {
            let mut open = Vec::new();
            let mut partner = |(i, &word): (usize, &usize)| {
                if word < KINDS {
                    open.push(i);
                    return Vec::new();
                }
                open.pop().into_iter().collect()
            };
            example.words.iter().enumerate().map(&mut partner).collect()
        },
    }],
    draw,
    word: |n| ["(", "[", "{", "|"].get(n).copied().unwrap_or("|").to_owned(),
    memory_word: |_| String::new(),
};

fn draw(draw: &mut Draw, _: Part) -> Example {
    let mut open = Vec::new();
    let mut example = Example::default();
    for _ in 0..PLACES {
        let (opens, kind) = (draw.below(2) == 0, draw.below(KINDS));
        if open.is_empty() || (opens && open.len() < DEEPEST) {
            open.push(kind);
            example.words.push(kind);
            example.targets.push(None);
        } else {
            example.words.push(KINDS);
            example.targets.push(open.pop());
        }
    }
    example
}
