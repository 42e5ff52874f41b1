//! Predict, then reveal: questions made from the numbers of a run, each with exactly one right answer.
//!
//! ```text
//! a run, a place in it, a seed, how much help ── a kind draws ──> Item: question, choices, cells, what was wrong with the wrong ones
//! Item + what was given as an answer ── Item::judge ──> Verdict: right, or the likely misconception
//! ```
//!
//! A kind of question is one file of `kinds/`. What is ambiguous is never asked: where two numbers can hardly be told apart
//! as they are written, a kind draws nothing and another is drawn. `tests/quiz/` judges thousands of items with code that
//! shares nothing with the makers.
//!
//! A lesson asks for a kind at a cell by [`draw`], or makes an [`Item`] of its own words.

mod answered;
mod choices;
mod ground;
mod help;
mod item;
mod kinds;
mod misconception;

use rand::seq::SliceRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

pub use answered::{Answered, level};
pub use ground::Ground;
pub use help::Help;
pub use item::{Answer, Asked, Choice, Item, Near, Verdict};
pub use kinds::{KINDS, Kind};
pub use misconception::Misconception;

use self::ground::capital;
use super::Concept;
use crate::math::tensor::Cell;
use crate::program::{Address, Program, Slot};

/// What a question should be about; whatever is left open is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wanted<'a> {
    /// The kind of question.
    pub kind: Option<&'a str>,
    /// What it teaches.
    pub concept: Option<Concept>,
    /// The tensor whose page it is asked on.
    pub slot: Option<Slot>,
    /// The head, from 0.
    pub head: Option<usize>,
    /// The sentence of a batch, from 0.
    pub sentence: Option<usize>,
    /// The number that it is best asked of; another of the same tensor and head, where that one will not do.
    pub cell: Option<Address>,
}

/// A question that is being drawn: from what, where, with how much help.
struct Draw<'a> {
    ground: Ground<'a>,
    at: Address,
    help: Help,
    rng: ChaCha8Rng,
}

/// Cells that are tried before a kind is given up.
const TRIES: usize = 12;

/// The kind of that name.
pub fn kind(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}

/// A question about a run; the same from the same seed. `None` where nothing of what is wanted can be asked here without
/// ambiguity.
pub fn draw(ground: Ground, wanted: &Wanted, seed: u64, help: Help) -> Option<Item> {
    draw_with(ground, wanted, seed, &|_| help)
}

/// The same with as much help as the answers so far ask for.
pub fn draw_for(ground: Ground, wanted: &Wanted, seed: u64, answers: &[Answered]) -> Option<Item> {
    draw_with(ground, wanted, seed, &|concept| level(answers, concept))
}

fn draw_with(ground: Ground, wanted: &Wanted, seed: u64, help: &dyn Fn(Concept) -> Help) -> Option<Item> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut kinds: Vec<&'static Kind> =
        KINDS.iter().filter(|kind| wanted.kind.is_none_or(|name| kind.name == name)).collect();
    kinds.shuffle(&mut rng);
    for kind in kinds {
        let mut pages = pages(ground.program(), kind, wanted);
        pages.shuffle(&mut rng);
        for (slot, attempt) in pages.into_iter().flat_map(|slot| (0..TRIES).map(move |attempt| (slot, attempt))) {
            let asked = wanted.cell.filter(|cell| cell.slot == slot && attempt == 0);
            let at = asked.unwrap_or_else(|| somewhere(ground.program(), slot, wanted, &mut rng));
            let help = help((kind.concept)(ground.program().symbol(slot).name));
            let own = ChaCha8Rng::seed_from_u64(rng.random());
            if let Some(mut item) = kind.draw(&mut Draw { ground, at, help, rng: own }) {
                item.question.en = capital(&item.question.en).into();
                return Some(item);
            }
        }
    }
    None
}

/// So many seeds are tried for one more question of a sheet.
const SEEDS: usize = 60;

/// So many of them are looked at together, to take the kind that was not asked for longest.
const FIRST: usize = 8;

/// Questions for a worksheet, no two alike, in turn about each of what is wanted; fewer where there are not so many.
pub fn sheet(ground: Ground, wanted: &[Wanted], (seed, count): (u64, usize), help: Help) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    let mut next = ChaCha8Rng::seed_from_u64(seed);
    let mut missed = 0;
    for turn in wanted.iter().cycle().take(count) {
        let mut seeds = (0..SEEDS).map(|_| next.random());
        let is_new = |item: &Item| items.iter().all(|other| other.question != item.question);
        let first = seeds.by_ref().take(FIRST).filter_map(|seed| draw(ground, turn, seed, help)).filter(is_new);
        let first: Vec<Item> = first.collect();
        // A kind that was just asked waits its turn, as long as there are others.
        let recent: Vec<&str> = items.iter().rev().take(3).map(|item| &*item.kind).collect();
        let fresh = first.iter().position(|item| !recent.contains(&&*item.kind)).unwrap_or(0);
        let item = first.into_iter().nth(fresh);
        let item = item.or_else(|| seeds.filter_map(|seed| draw(ground, turn, seed, help)).find(is_new));
        missed = if item.is_some() { 0 } else { missed + 1 };
        items.extend(item);
        if missed >= wanted.len() {
            break;
        }
    }
    items
}

/// The tensors at which a kind can ask what is wanted.
fn pages(program: &Program, kind: &Kind, wanted: &Wanted) -> Vec<Slot> {
    let fits = |&slot: &Slot| {
        let name = program.symbol(slot).name;
        wanted.slot.or(wanted.cell.map(|cell| cell.slot)).is_none_or(|wanted| wanted == slot)
            && kind.stages.contains(&name)
            && wanted.concept.is_none_or(|concept| (kind.concept)(name) == concept)
    };
    program.slots().filter(fits).collect()
}

/// A cell of a tensor, drawn: of the head and the sentence that are wanted.
fn somewhere(program: &Program, slot: Slot, wanted: &Wanted, rng: &mut ChaCha8Rng) -> Address {
    let [batch, heads, rows, cols] = program.shape(slot).lens();
    let mut below = |n: usize| rng.random_range(0..n.max(1) as u32) as usize;
    let drawn = [below(batch), below(heads), below(rows), below(cols)];
    let wanted_head = wanted.head.or(wanted.cell.map(|cell| cell.cell.head));
    let sentence = wanted.sentence.or(wanted.cell.map(|cell| cell.cell.batch));
    let cell = Cell {
        batch: sentence.map_or(drawn[0], |sentence| sentence.min(batch - 1)),
        head: wanted_head.map_or(drawn[1], |head| head.min(heads - 1)),
        row: drawn[2],
        col: drawn[3],
    };
    Address { slot, cell }
}

impl Draw<'_> {
    /// A number below `n`, drawn.
    fn below(&mut self, n: usize) -> usize {
        self.rng.random_range(0..n.max(1) as u32) as usize
    }
}
