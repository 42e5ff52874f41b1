//! The built-in samples show what their head cards say. Bad files: see `tests/bad_samples.rs`.
#![expect(clippy::expect_used, clippy::panic, reason = "a helper that cannot go on fails its test")]

use qkv::compute::{Compute, Cpu};
use qkv::math::tensor::{Axis, Cell};
use qkv::program::{Name, Trace};
use qkv::source::sample::{BUILTIN, HeadCard, Origin, Sample};

fn builtin(name: &str) -> Sample {
    Sample::builtin(name).expect("a built-in sample").unwrap_or_else(|error| panic!("{error}"))
}

/// The weights of one head, by word.
struct Head<'a> {
    sample: &'a Sample,
    trace: &'a Trace,
    index: usize,
}

impl Head<'_> {
    /// How much of its attention `asks` gives to `answers`.
    fn weight(&self, asks: &str, answers: &str) -> f32 {
        let at = |words: &[String], word: &str| words.iter().position(|w| w == word).expect("a word of the sample");
        let (row, col) = (at(self.sample.asking(), asks), at(self.sample.answering(), answers));
        let weights = self.trace.find(&self.sample.program, None, Name::Weights).expect("weights");
        weights.get(Cell::at(row, col).in_head(self.index))
    }

    fn spreads_evenly(&self, asks: &str) -> bool {
        let words = self.sample.answering();
        words.iter().all(|w| (self.weight(asks, w) - 1.0 / words.len() as f32).abs() <= 1e-6)
    }
}

fn run(sample: &Sample) -> Trace {
    Cpu::default().run(&sample.program, &sample.inputs).expect("the CPU always computes")
}

/// Which heads of 我爱北京天安门 look where they should.
fn heads_look_right(sample: &Sample) -> [bool; 4] {
    let trace = run(sample);
    let w = |head, asks, answers| Head { sample, trace: &trace, index: head }.weight(asks, answers);
    let subject_and_verb = w(0, "我", "爱") >= 0.8 && w(0, "爱", "我") >= 0.8;
    let verb_and_object =
        w(1, "爱", "北京") + w(1, "爱", "天安门") >= 0.9 && w(1, "北京", "爱") < 0.3 && w(1, "天安门", "爱") < 0.3;
    let city_and_landmark = w(2, "天安门", "北京") >= 0.8 && w(2, "北京", "天安门") >= 0.8;
    let previous_word = sample.tokens.windows(2).all(|pair| {
        let most = w(3, &pair[1], &pair[0]);
        let others = sample.tokens.iter().filter(|word| **word != pair[0]);
        most >= 0.5 && others.map(|word| w(3, &pair[1], word)).all(|w| w < most)
    });
    [subject_and_verb, verb_and_object, city_and_landmark, previous_word]
}

#[test]
fn every_built_in_sample_loads_under_its_own_name() {
    assert_eq!(Sample::names().next(), Some(Sample::DEFAULT));
    for built in BUILTIN {
        let sample = built.load().unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(sample.name, built.name);
        run(&sample);
    }
}

#[test]
fn every_head_of_tiananmen_does_what_its_card_says() {
    let sample = builtin("tiananmen");
    assert_eq!(heads_look_right(&sample), [true; 4]);
    let trace = run(&sample);
    for (head, words) in
        [vec!["北京", "天安门"], vec!["我", "北京", "天安门"], vec!["我", "爱"], vec![]].into_iter().enumerate()
    {
        for word in words {
            let head = Head { sample: &sample, trace: &trace, index: head };
            assert!(head.spreads_evenly(word), "{word} has nothing to look for in head {}", head.index + 1);
        }
    }
    for card in &sample.heads {
        assert!(card.name.is_some() && card.intent.is_some(), "{card:?}");
        assert_eq!((card.features.len(), card.values.len()), (2, 2), "{card:?}");
    }
}

#[test]
fn random_weights_show_nothing() {
    for seed in 0..20 {
        let random = builtin("tiananmen").with_random_weights(seed);
        assert_eq!(heads_look_right(&random), [false; 4], "seed {seed}");
    }
}

#[test]
fn h1h2_comes_out_as_computed_by_hand() {
    let sample = builtin("h1h2");
    let trace = run(&sample);
    let found =
        |symbol| trace.find(&sample.program, None, symbol).expect("a tensor of the program").as_slice().to_vec();
    assert_eq!(found(Name::Q), [3., 1., -1., 2., 2., 2., 2., 0.]);
    assert_eq!(found(Name::K), [2., -1., 1., 1., 0., 2., -2., 2.]);
    assert_eq!(found(Name::V), [1., 4., 2., 0.]);
    assert_eq!(found(Name::Scores), [6., 8., 4., 0.]);
    assert_eq!(found(Name::Scaled), [3., 4., 2., 0.]);
    let thousandths = |symbol| found(symbol).iter().map(|x| (x * 1000.0).round()).collect::<Vec<_>>();
    assert_eq!(thousandths(Name::Weights), [269., 731., 881., 119.]);
    assert_eq!(thousandths(Name::Context), [1731., 1076., 1119., 3523.]);
}

#[test]
fn the_translator_looks_at_the_right_word() {
    let sample = builtin("translation");
    let trace = run(&sample);
    let head = Head { sample: &sample, trace: &trace, index: 0 };
    assert!(head.weight("I love ?", "北京") >= 0.9);
}

#[test]
fn every_english_word_finds_its_counterpart() {
    let sample = builtin("translation-cross");
    let trace = run(&sample);
    let head = Head { sample: &sample, trace: &trace, index: 0 };
    for (english, chinese) in [("I", "我"), ("love", "爱"), ("Tiananmen", "天安门"), ("Beijing", "北京")] {
        assert!(head.weight(english, chinese) >= 0.8, "{english}");
    }
    assert!(head.spreads_evenly("in"));
}

#[test]
fn random_weights_come_from_their_seed_alone() {
    let sample = builtin("tiananmen");
    let random = sample.with_random_weights(7);
    assert_eq!(random.inputs, sample.with_random_weights(7).inputs);
    assert_ne!(random.inputs, sample.with_random_weights(8).inputs);
    assert_eq!(random.origin, Origin::Random);
    assert!(random.heads.iter().all(|card| *card == HeadCard::default()) && random.heads.len() == 4);
    for (symbol, drawn) in [("H", false), ("W_q", true), ("W_k", true), ("W_v", true), ("mask", false), ("W_o", true)] {
        let slot =
            sample.program.slots().find(|&s| sample.program.symbol(s).name.as_str() == symbol).expect("an input");
        assert_eq!(random.inputs.get(slot) != sample.inputs.get(slot), drawn, "{symbol}");
    }
    // Without weights there is nothing to draw.
    let dot = builtin("translation");
    assert_eq!(dot.with_random_weights(7).inputs, dot.inputs);
    assert_eq!(dot.with_random_weights(7).origin, dot.origin);
}

#[test]
fn the_batch_has_the_articles_scale() {
    let batch = builtin("batch64x8x256");
    assert_eq!(batch.sizes.batch, Some(64));
    let q = batch.program.find(None, Name::Q).expect("Q");
    assert_eq!(batch.program.shape(q).to_string(), "Batch 64 × Head 8 × Token 16 × Feature 32");
    assert!(batch.program.find(None, Name::Output).is_some());
    assert!(batch.to_toml().is_none(), "a file holds one sentence");
}

#[test]
fn what_is_written_reads_back_the_same() {
    for built in BUILTIN.iter().filter(|built| built.name != Sample::BATCH) {
        let sample = built.load().expect("a built-in sample");
        for sample in [sample.with_random_weights(3), sample] {
            let written = sample.to_toml().expect("one sentence");
            let back = Sample::parse(&written, "written").unwrap_or_else(|error| panic!("{error}\n{written}"));
            assert_eq!(back.inputs, sample.inputs, "{written}");
            assert_eq!(format!("{back:?}"), format!("{sample:?}"));
            assert_eq!(back.to_toml(), Some(written));
        }
    }
}

#[test]
fn chinese_has_its_own_punctuation() {
    let han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    for sample in BUILTIN.iter().map(|built| built.load().expect("a built-in sample")) {
        let heads = sample.heads.iter().flat_map(|card| [&card.name, &card.intent]).flatten();
        for text in heads.chain([&sample.title]) {
            let letters: Vec<char> = text.zh.chars().collect();
            let stray = letters.windows(2).find(|pair| (han(pair[0]) || pair[0] == '」') && ",:;?!.".contains(pair[1]));
            assert!(stray.is_none(), "{stray:?} in {}", text.zh);
            assert!(!text.en.chars().any(|c| "\u{ff0c}\u{3002}\u{ff1a}\u{ff1b}".contains(c)), "{}", text.en);
        }
    }
}

#[test]
fn edges_carry_their_names() {
    let en = |sample: &Sample, axis, head| {
        sample.axis_labels(axis, head).iter().map(|text| text.en.to_string()).collect::<Vec<_>>()
    };
    let sample = builtin("tiananmen");
    assert_eq!(sample.row_labels(Axis::Token), ["我", "爱", "北京", "天安门"]);
    assert_eq!(en(&sample, Axis::Model, 0), en(&sample, Axis::Output, 0));
    assert_eq!(en(&sample, Axis::Feature, 1), ["action", "place"]);
    assert_eq!(en(&sample, Axis::HeadValue, 0).len(), 8);
    assert_eq!(en(&sample, Axis::HeadFeature, 0)[2..4], ["2 action", "2 place"], "two heads may share a name");
    assert!(en(&sample, Axis::Feature, 9).is_empty(), "no such head");

    let cross = builtin("translation-cross");
    assert_eq!(cross.row_labels(Axis::Memory), ["我", "爱", "北京", "天安门"]);
    assert_eq!(cross.row_labels(Axis::Token)[2], "Tiananmen");

    // In a dot-product sample the words' dimensions are the features and the values.
    let dot = builtin("translation");
    assert_eq!(dot.row_labels(Axis::Token), ["I love ?"]);
    assert_eq!(dot.row_labels(Axis::Memory)[2], "北京");
    assert_eq!(en(&dot, Axis::Feature, 0), en(&dot, Axis::Model, 0));

    let bare = builtin("h1h2");
    assert!(en(&bare, Axis::Model, 0).is_empty() && en(&bare, Axis::HeadFeature, 0).is_empty());
}

#[test]
fn the_example_of_the_guide_works() {
    let guide = include_str!("../docs/SAMPLES.md");
    let example = guide.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    let sample = Sample::parse(example, "docs/SAMPLES.md").unwrap_or_else(|error| panic!("{error}"));
    let trace = run(&sample);
    let head = Head { sample: &sample, trace: &trace, index: 0 };
    assert!(head.weight("cat", "chases") >= 0.8, "an animal asks for an action");
    for name in Sample::names() {
        assert!(guide.contains(&format!("`{name}`")), "{name} is not in the guide");
    }
}
