//! Every sentence about numbers is true: all claims about every row of every stage, over thousands of combinations of samples,
//! sentences, masks, switches, silenced heads and numbers set by hand, held against the numbers by code that has nothing in
//! common with the code that makes them.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a helper that cannot go on fails its test; how much was judged is worth a line"
)]

#[path = "../house/mod.rs"]
mod house;
mod judge;
mod said;

use std::collections::BTreeSet;

use judge::Judge;
use qkv::compute::{Compute, Cpu};
use qkv::explain::{self, Fact};
use qkv::ground::lang::{Lang, Text};
use qkv::ground::text::{Lens, Segmenter};
use qkv::math::tensor::Cell;
use qkv::program::{Address, Divisor, MISTAKES, Name, Program, Slot, Wiring};
use qkv::source::sample::{BUILTIN, Lexicon, MaskChoice, Sample, Scenario};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Sentences of one's own: known and unknown words, repeated ones, one word, more words than the circle of positions has.
const SENTENCES: [(&str, Lens); 12] = [
    ("我爱北京", Lens::Words),
    ("北京爱我", Lens::Words),
    ("天安门", Lens::Words),
    ("我爱我", Lens::Words),
    ("我们在上海吃苹果", Lens::Words),
    ("北京北京北京", Lens::Words),
    ("魑魅魍魉 我 爱", Lens::Words),
    ("我爱北京天安门", Lens::Characters),
    ("我爱", Lens::Bytes),
    ("the cat sat on the mat", Lens::Words),
    ("I love Beijing", Lens::Words),
    ("我 爱 北京 我 爱 上海 我 爱 长城 我 爱", Lens::Words),
];

const MASKS: [MaskChoice; 5] =
    [MaskChoice::Own, MaskChoice::Open, MaskChoice::Causal, MaskChoice::Window(1), MaskChoice::Window(2)];

const TEMPERATURES: [f32; 4] = [1.0, 0.05, 2.0, 20.0];

/// Every position of the switches.
fn switches() -> Vec<Scenario> {
    let mut all = Vec::new();
    for mask in MASKS {
        for divisor in Divisor::ALL {
            for temperature in TEMPERATURES {
                for bits in 0..32_u8 {
                    let on = |bit: u8| bits >> bit & 1 == 0;
                    let (projected, swapped, tied, joined) = (on(0), !on(1), !on(2), on(3));
                    let wiring = Wiring { divisor, temperature, projected, swapped, tied, joined, ..Wiring::default() };
                    all.push(Scenario { mask, positions: on(4), wiring, ..Scenario::default() });
                }
            }
        }
    }
    all
}

/// Samples as they come, and with sentences of one's own.
fn samples() -> Vec<Sample> {
    let mut samples: Vec<Sample> = BUILTIN.iter().map(|sample| sample.load().unwrap()).collect();
    let (lexicon, mut segmenter) = (Lexicon::builtin().unwrap(), Segmenter::default());
    let tiananmen = samples[0].clone();
    samples.extend(SENTENCES.map(|(written, lens)| {
        tiananmen.with_sentence(written, lens, &mut segmenter, &lexicon).unwrap_or_else(|e| panic!("{written}: {e}"))
    }));
    samples
}

/// What was looked at.
#[derive(Default)]
struct Count {
    combinations: usize,
    claims: usize,
    kinds: BTreeSet<String>,
}

/// The columns of H that tell where a word stands, by their names.
fn places(sample: &Sample) -> Vec<usize> {
    let place = |name: &Text| ["constant", "position", "squared"].contains(&&*name.en);
    (0..sample.dimensions.len()).filter(|&col| place(&sample.dimensions[col])).collect()
}

impl Count {
    /// Runs a sample under a scenario and judges everything that is said of it. A scenario that the sample refuses counts for
    /// nothing.
    fn look_at(&mut self, base: &Sample, scenario: &Scenario) {
        let Ok(sample) = scenario.apply(base) else { return };
        self.combinations += 1;
        let places = places(&sample);
        let program = &sample.program;
        let trace = Cpu::default().run(program, &sample.inputs).expect("the CPU always computes");
        for slot in program.slots() {
            for at in rows(program, slot) {
                let claims = explain::claims(program, &trace, at, &|col| sample.tells_a_place(col));
                let name = program.symbol(slot).name;
                if name == Name::Weights && !claims.is_empty() && judge::hides_the_best(program, &trace, at) {
                    let said = claims.iter().any(|c| matches!(c.fact, Fact::Hidden { .. } | Fact::ByHand(_)));
                    assert!(said, "{} {scenario:?}: nobody says what is hidden at {at:?}", sample.text);
                }
                for claim in &claims {
                    self.claims += 1;
                    let judge = Judge { program, trace: &trace, claim, places: &places };
                    let refuse =
                        |why: String| panic!("{} {scenario:?}\n{}: {claim:?}\n{why}", sample.text, at.display(program));
                    judge.fact().unwrap_or_else(refuse);
                    for lang in Lang::ALL {
                        let names = sample.names_in(lang);
                        let said = claim.words(program, &trace, &names);
                        judge.words(&said, &names).unwrap_or_else(|why| refuse(format!("{said}\n{why}")));
                    }
                    let kind = format!("{:?}", claim.fact);
                    self.kinds.insert(kind.split([' ', '(']).next().unwrap().to_owned());
                }
            }
        }
    }
}

/// The first number of each row; of many sentences only some.
fn rows(program: &Program, slot: Slot) -> Vec<Address> {
    let shape = program.shape(slot);
    let some = |cell: &Cell| cell.col == 0 && matches!(cell.batch, 0 | 41);
    let rows: Vec<Address> = shape.cells().filter(some).map(|cell| Address { slot, cell }).collect();
    // A column of concat and of a copy is a claim of its own.
    let copies = program.symbol(slot).name == Name::Concat;
    let columns = if copies { shape.cols.len.min(8) } else { 1 };
    rows.into_iter().flat_map(|a| (0..columns).map(move |col| Address { cell: Cell { col, ..a.cell }, ..a })).collect()
}

/// Numbers set by hand: given ones and computed ones, small, equal, huge and 0.
fn by_hand(sample: &Sample, switches: &Scenario, rng: &mut ChaCha8Rng) -> Scenario {
    let turned = switches.turn_switches(sample).unwrap_or_else(|_| sample.clone());
    let program = &turned.program;
    let slots: Vec<Slot> = program.slots().collect();
    let mut scenario = switches.clone();
    for _ in 0..rng.random_range(1..4) {
        let slot = slots[rng.random_range(0..slots.len())];
        let shape = program.shape(slot);
        let [b, h, r, c] = shape.lens();
        let cell = Cell {
            batch: rng.random_range(0..b),
            head: rng.random_range(0..h),
            row: rng.random_range(0..r),
            col: rng.random_range(0..c),
        };
        let value = [0.0, 1.0, 0.05, -3.0, 1e-9, 700.0, 3e38][rng.random_range(0..7)];
        let cells: Vec<Cell> =
            if rng.random_bool(0.3) { (0..c).map(|col| Cell { col, ..cell }).collect() } else { vec![cell] };
        for cell in cells {
            if let Ok(next) = scenario.with_number(program, Address { slot, cell }, value) {
                scenario = next;
            }
        }
    }
    scenario
}

#[test]
fn no_sentence_is_false() {
    let (samples, switches) = (samples(), switches());
    let mut count = Count::default();
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    for (n, sample) in samples.iter().enumerate() {
        if sample.name == Sample::BATCH {
            for mask in [MaskChoice::Own, MaskChoice::Causal] {
                count.look_at(sample, &Scenario { mask, ..Scenario::default() });
            }
            continue;
        }
        // Every position of every switch for the default sample, every fifth for the others.
        let step = if n == 0 { 1 } else { 5 };
        for scenario in switches.iter().skip(n % step).step_by(step) {
            count.look_at(sample, scenario);
        }
        let heads = sample.program.heads();
        for subset in 1..1_usize << heads {
            let silenced = (0..heads).filter(|h| subset >> h & 1 == 1).map(Into::into).collect();
            count.look_at(sample, &Scenario { silenced, ..switches[subset % switches.len()].clone() });
        }
        // Every mistake under every mask, as it is and with numbers set by hand.
        for mistake in MISTAKES {
            for mask in MASKS {
                let wiring = Wiring { mistake: Some(mistake), ..Wiring::default() };
                let scenario = Scenario { mask, wiring, ..Scenario::default() };
                count.look_at(sample, &scenario);
                count.look_at(sample, &by_hand(sample, &scenario, &mut rng));
            }
        }
        for _ in 0..150 {
            let scenario = &switches[rng.random_range(0..switches.len())];
            let plain = rng.random_bool(0.5);
            count.look_at(sample, &by_hand(sample, if plain { &switches[0] } else { scenario }, &mut rng));
        }
    }
    println!("{} combinations, {} claims, in two languages: {:?}", count.combinations, count.claims, count.kinds);
    assert!(count.combinations >= 5000, "only {} combinations", count.combinations);
    assert_eq!(count.kinds.len(), 19, "a kind of claim that never came up: {:?}", count.kinds);
}

/// A judge that lets everything pass would prove nothing: of true claims with one thing changed it refuses every one.
#[test]
fn the_judge_refuses_what_is_not_so() {
    let tiananmen = Sample::builtin("tiananmen").unwrap().unwrap();
    let mask = |mask| Scenario { mask, ..Scenario::default() };
    let (mut refused, mut kinds) = (0, BTreeSet::new());
    for scenario in [mask(MaskChoice::Own), mask(MaskChoice::Causal), mask(MaskChoice::Window(1))] {
        let sample = scenario.apply(&tiananmen).unwrap();
        let program = &sample.program;
        let trace = Cpu::default().run(program, &sample.inputs).unwrap();
        for at in program.slots().flat_map(|slot| rows(program, slot)) {
            for claim in explain::claims(program, &trace, at, &|col| sample.tells_a_place(col)) {
                let mut lie = claim.clone();
                match &mut lie.fact {
                    Fact::Present(entries)
                    | Fact::Largest(entries)
                    | Fact::Shares(entries)
                    | Fact::Meaning { entries, .. } => entries[0].number += 0.5,
                    Fact::SameScore { no_query, .. } | Fact::Even { no_query, .. } => *no_query = !*no_query,
                    Fact::Best { columns, .. } | Fact::Hidden { columns, .. } | Fact::Most { columns, .. } => {
                        columns[0] = (columns[0] + 1) % 4;
                    }
                    Fact::Average { columns, .. } if columns.len() > 1 => {
                        columns.pop();
                    }
                    Fact::Open { open, .. } => *open += 1,
                    Fact::Copied { column, .. } if trace.tensor(at.slot).get(at.cell) != 0.0 => *column = 1 - *column,
                    Fact::Divided => lie.fact = Fact::Undivided,
                    Fact::Scattered(entry) => entry.number -= 0.1,
                    Fact::Zero => lie.fact = Fact::Present(vec![explain::Entry { column: 0, number: 1.0 }]),
                    _ => continue,
                }
                let verdict = Judge { program, trace: &trace, claim: &lie, places: &places(&sample) }.fact();
                // Two columns of a row may hold the same number: then the other one is as true.
                if matches!(lie.fact, Fact::Copied { .. }) && verdict.is_ok() {
                    continue;
                }
                assert!(verdict.is_err(), "{lie:?} passes for {claim:?}");
                refused += 1;
                kinds.insert(format!("{:?}", claim.fact).split([' ', '(']).next().unwrap().to_owned());
            }
        }
    }
    assert!(refused > 300 && kinds.len() >= 11, "{refused} of {kinds:?}");
}
