//! The built-in samples show what their head cards say, and a bad file is refused at the right place.

use qkv::compute::{Compute, Cpu};
use qkv::program::{Symbol, Trace};
use qkv::sample::{BUILTIN, Sample};
use qkv::tensor::Cell;

fn builtin(name: &str) -> Sample {
    Sample::builtin(name).expect("a built-in sample").unwrap_or_else(|error| panic!("{error}"))
}

/// The weights of one head, by word.
struct Head<'a> {
    sample: &'a Sample,
    trace: &'a Trace,
    head: usize,
}

impl Head<'_> {
    /// How much of its attention `asks` gives to `answers`.
    fn weight(&self, asks: &str, answers: &str) -> f32 {
        let at = |words: &[String], word: &str| words.iter().position(|w| w == word).expect("a word of the sample");
        let (row, col) = (at(self.sample.asking(), asks), at(self.sample.answering(), answers));
        let weights = self.trace.find(&self.sample.program, Symbol::WEIGHTS).expect("weights");
        weights.get(Cell::at(row, col).in_head(self.head))
    }

    fn spreads_evenly(&self, asks: &str) -> bool {
        let words = self.sample.answering();
        words.iter().all(|w| (self.weight(asks, w) - 1.0 / words.len() as f32).abs() <= 1e-6)
    }
}

fn run(sample: &Sample) -> Trace {
    Cpu::default().run(&sample.program, &sample.inputs).expect("the CPU always computes")
}

/// What each head of 我爱北京天安门 must show.
fn heads_show(sample: &Sample) -> [bool; 4] {
    let trace = run(sample);
    let head = |head| Head { sample, trace: &trace, head };
    let (h, w) = (head(0), |asks, answers| head(0).weight(asks, answers));
    let subject =
        w("我", "爱") >= 0.8 && w("爱", "我") >= 0.8 && ["北京", "天安门"].iter().all(|p| h.spreads_evenly(p));

    let (h, w) = (head(1), |asks, answers| head(1).weight(asks, answers));
    let object = w("爱", "北京") + w("爱", "天安门") >= 0.9
        && w("北京", "爱") >= 0.8
        && w("天安门", "爱") >= 0.8
        && h.spreads_evenly("我");

    let (h, w) = (head(2), |asks, answers| head(2).weight(asks, answers));
    let places =
        w("天安门", "北京") >= 0.8 && w("北京", "天安门") >= 0.8 && ["我", "爱"].iter().all(|p| h.spreads_evenly(p));

    let h = head(3);
    let previous = sample.tokens.windows(2).all(|pair| {
        let most = h.weight(&pair[1], &pair[0]);
        let others = sample.tokens.iter().filter(|word| **word != pair[0]);
        most >= 0.5 && others.map(|word| h.weight(&pair[1], word)).all(|w| w < most)
    }) && h.spreads_evenly("我");
    [subject, object, places, previous]
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
    assert_eq!(heads_show(&sample), [true; 4]);
    for card in &sample.heads {
        assert!(card.name.is_some() && card.intent.is_some(), "{card:?}");
        assert_eq!((card.features.len(), card.values.len()), (2, 2), "{card:?}");
    }
}

#[test]
fn random_weights_show_nothing() {
    for seed in 0..20 {
        let random = builtin("tiananmen").with_random_weights(seed);
        assert_eq!(heads_show(&random), [false; 4], "seed {seed}");
    }
}
