//! Every question has exactly one right answer: ten thousand seeds on the built-in samples and on sentences of one's own, held
//! against a reference that has nothing in common with the makers.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a helper that cannot go on fails its test; how much was judged is worth a line"
)]

mod judge;
mod reference;

use std::collections::BTreeMap;

use judge::Judge;
use qkv::compute::{Compute, Cpu};
use qkv::ground::lang::Lang;
use qkv::ground::text::{Lens, Segmenter};
use qkv::program::{Divisor, Name, Trace, Wiring};
use qkv::source::sample::{BUILTIN, Lexicon, MaskChoice, Sample, Scenario};
use qkv::study::Concept;
use qkv::study::quiz::{self, Ground, Help, Item, KINDS, Wanted};
use reference::{Numbers, Otherwise, numbers};

/// Sentences of one's own: known and unknown words, repeated ones, one word.
const SENTENCES: [(&str, Lens); 7] = [
    ("我爱北京", Lens::Words),
    ("天安门", Lens::Words),
    ("我爱我", Lens::Words),
    ("我们在上海吃苹果", Lens::Words),
    ("魑魅魍魉 我 爱", Lens::Words),
    ("我爱北京天安门", Lens::Characters),
    ("the cat sat on the mat", Lens::Words),
];

/// A sample that was run, and the reference of its sentences as far as they were asked for.
struct Run {
    sample: Sample,
    trace: Trace,
    numbers: BTreeMap<usize, Numbers>,
}

impl Run {
    fn of(sample: Sample) -> Self {
        let trace = Cpu::default().run(&sample.program, &sample.inputs).unwrap();
        Self { sample, trace, numbers: BTreeMap::new() }
    }

    fn ground(&self) -> Ground<'_> {
        Ground { sample: &self.sample, trace: &self.trace }
    }

    /// Holds an item against the reference.
    fn judge(&mut self, item: &Item, seed: u64) {
        let sentence = item.cells[0].cell.batch;
        let own = || numbers(&self.sample, sentence, Otherwise::default());
        let numbers = self.numbers.entry(sentence).or_insert_with(own);
        let judge = Judge { sample: &self.sample, trace: &self.trace, item, numbers };
        judge.item().unwrap_or_else(|why| {
            panic!("{} {:?}, seed {seed}\n{item:#?}\n{why}", self.sample.name, self.sample.text);
        });
    }
}

fn five() -> impl Iterator<Item = Sample> {
    BUILTIN.iter().take(5).map(|sample| sample.load().unwrap())
}

/// The samples and sentences of one's own, as they come, with random weights, and under switches.
fn runs() -> Vec<Run> {
    let (lexicon, mut segmenter) = (Lexicon::builtin().unwrap(), Segmenter::default());
    let tiananmen = Sample::builtin("tiananmen").unwrap().unwrap();
    let mut samples: Vec<Sample> = five().collect();
    samples.extend(
        SENTENCES.map(|(written, lens)| tiananmen.with_sentence(written, lens, &mut segmenter, &lexicon).unwrap()),
    );
    let wired = |wiring: Wiring| Scenario { wiring, ..Scenario::default() };
    let scenarios = [
        Scenario::default(),
        Scenario { seed: Some(3), ..Scenario::default() },
        Scenario { seed: Some(4), mask: MaskChoice::Causal, ..Scenario::default() },
        Scenario { mask: MaskChoice::Causal, ..Scenario::default() },
        wired(Wiring { divisor: Divisor::Whole, temperature: 2.0, ..Wiring::default() }),
        Scenario {
            seed: Some(5),
            ..wired(Wiring { swapped: true, tied: true, divisor: Divisor::One, ..Wiring::default() })
        },
    ];
    let mut runs: Vec<Run> = samples
        .iter()
        .flat_map(|sample| scenarios.iter().filter_map(|scenario| scenario.apply(sample).ok()))
        .map(Run::of)
        .collect();
    runs.push(Run::of(Sample::builtin(Sample::BATCH).unwrap().unwrap()));
    runs
}

#[test]
fn every_question_of_ten_thousand_seeds_has_exactly_one_right_answer() {
    let mut runs = runs();
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    let (mut misread, mut right_at) = (BTreeMap::new(), BTreeMap::new());
    let mut asked = 0;
    for seed in 0..10_000_u64 {
        let place = seed as usize % runs.len();
        let run = &mut runs[place];
        // Half of the seeds want a certain kind, so that rare ones are seen often too.
        let kind = (seed % 2 == 0).then(|| KINDS[(seed / 2) as usize % KINDS.len()].name);
        let wanted = Wanted { kind, ..Wanted::default() };
        let help = Help::ALL[(seed / 5) as usize % 4];
        let Some(item) = quiz::draw(run.ground(), &wanted, seed, help) else { continue };
        asked += 1;
        *kinds.entry(item.kind.to_string()).or_default() += 1;
        for choice in item.choices().iter().filter_map(|choice| choice.misconception) {
            *misread.entry(choice).or_insert(0) += 1;
        }
        if let quiz::Asked::Choice { right, .. } = &item.asked {
            *right_at.entry(*right).or_insert(0) += 1;
        }
        run.judge(&item, seed);
    }
    println!("{asked} questions: {kinds:?}\n{misread:?}\n{right_at:?}");
    assert!(asked > 8_000, "{asked}");
    for kind in KINDS {
        let count = kinds.get(kind.name).copied().unwrap_or_default();
        assert!(count >= 150, "{}: {count}", kind.name);
    }
    assert!(right_at.values().all(|&n| n > 300), "the right one stands anywhere: {right_at:?}");
}

#[test]
fn the_same_seed_asks_the_same_question_and_another_seed_another() {
    let run = Run::of(Sample::builtin("tiananmen").unwrap().unwrap());
    let draw = |seed| quiz::draw(run.ground(), &Wanted::default(), seed, Help::Free).unwrap();
    let mut different = 0;
    for seed in 0..40 {
        assert_eq!(draw(seed), draw(seed));
        different += usize::from(draw(seed) != draw(seed + 1));
    }
    assert!(different > 35, "{different}");
}

#[test]
fn what_is_wanted_is_asked() {
    let run = Run::of(Sample::builtin("tiananmen").unwrap().unwrap());
    let program = &run.sample.program;
    for kind in KINDS {
        for &name in kind.stages {
            let Some(slot) = program.find(None, name) else { continue };
            let wanted = Wanted { kind: Some(kind.name), slot: Some(slot), ..Wanted::default() };
            let items: Vec<Item> =
                (0..12).filter_map(|seed| quiz::draw(run.ground(), &wanted, seed, Help::Free)).collect();
            assert!(items.iter().all(|item| item.kind == kind.name && item.concept == (kind.concept)(name)));
        }
        assert_eq!(quiz::kind(kind.name).map(|found| found.name), Some(kind.name));
    }
    let concepts = [
        Concept::Projection,
        Concept::Scores,
        Concept::Scaling,
        Concept::Softmax,
        Concept::WeightedSum,
        Concept::Heads,
        Concept::Shapes,
    ];
    for concept in concepts {
        let wanted = Wanted { concept: Some(concept), ..Wanted::default() };
        for seed in 0..10 {
            let item = quiz::draw(run.ground(), &wanted, seed, Help::Free);
            assert_eq!(item.unwrap_or_else(|| panic!("nothing about {concept}")).concept, concept);
        }
    }
    let nothing = Wanted { kind: Some("riddle"), ..Wanted::default() };
    assert_eq!(quiz::draw(run.ground(), &nothing, 1, Help::Free), None);
}

#[test]
fn a_cell_that_will_do_is_the_one_that_is_asked_for() {
    let run = Run::of(Sample::builtin("tiananmen").unwrap().unwrap());
    let program = &run.sample.program;
    let at = qkv::program::Address::parse("scores.2[2,4]", program).unwrap();
    for kind in ["missing-term", "sign"] {
        let wanted = Wanted { kind: Some(kind), cell: Some(at), ..Wanted::default() };
        let item = quiz::draw(run.ground(), &wanted, 1, Help::Free).unwrap();
        assert_eq!(item.cells[0], at, "{kind}");
    }
}

#[test]
fn every_page_that_shows_numbers_can_be_asked_about() {
    for sample in five() {
        let run = Run::of(sample);
        let program = &run.sample.program;
        for stage in program.stages() {
            // What is only masked, of a sample without a mask, is asked about by its weights.
            let wanted = Wanted { slot: Some(stage.output), ..Wanted::default() };
            let asked = (0..20).filter(|&seed| quiz::draw(run.ground(), &wanted, seed, Help::Free).is_some()).count();
            assert!(asked > 0, "{}: {}", run.sample.name, stage.symbol);
        }
    }
}

#[test]
fn help_fades_from_an_example_to_none() {
    let run = Run::of(Sample::builtin("tiananmen").unwrap().unwrap());
    for kind in KINDS {
        let wanted = Wanted { kind: Some(kind.name), ..Wanted::default() };
        let of = |help| (0..20).find_map(|seed| quiz::draw(run.ground(), &wanted, seed, help));
        if let Some(free) = of(Help::Free) {
            assert_eq!(free.help, None, "{}", kind.name);
        }
        // The help of a worked sum is in its question.
        if let Some(pointed) = of(Help::Pointer).filter(|item| item.kind != "missing-term") {
            assert!(pointed.help.is_some(), "{}", kind.name);
        }
    }
    let scores = run.sample.program.find(None, Name::Scores);
    let wanted = Wanted { kind: Some("missing-term"), slot: scores, ..Wanted::default() };
    let question = |help| quiz::draw(run.ground(), &wanted, 2, help).unwrap().question.get(Lang::En).to_owned();
    let asked: Vec<String> = Help::ALL.into_iter().map(question).collect();
    assert!(asked[0].contains("missing term") && asked[1].contains("missing term"), "{asked:#?}");
    assert!(asked[2].contains('×') && !asked[3].contains('×'), "{asked:#?}");
}
