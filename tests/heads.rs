//! Heads measured, named, taken apart: against numbers worked out by hand, and against running the program again.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use proptest::prelude::*;
use qkv::compute::{Compute, Cpu};
use qkv::ground::text::Segmenter;
use qkv::math::tensor::{Axis, Cell, Shape, Tensor};
use qkv::program::attention::{Sizes, attention};
use qkv::program::{Inputs, Kind, Name, Program, Symbol, Trace, Wiring};
use qkv::source::sample::{Lexicon, MaskChoice, Sample, Scenario};
use qkv::study::heads::{
    self, Attribution, Corpus, Filter, Forms, METRICS, Parts, Reading, Study, StudyError, View, metrics, principal,
    spearman,
};

fn words(n: usize) -> Vec<String> {
    (0..n).map(|i| format!("w{i}")).collect()
}

/// One head of n words whose weights follow a rule.
fn pattern(n: usize, weight: impl Fn(usize, usize) -> f32) -> Tensor<f32> {
    let shape = Shape::matrix(Axis::Token.of(n), Axis::Token.of(n)).with_heads(1);
    Tensor::from_fn(shape, |c: Cell| weight(c.row, c.col))
}

/// The metrics by name.
fn measured(weights: &Tensor<f32>, words: &[String]) -> impl Fn(&str) -> Option<f64> {
    let view = View { weights, batch: 0, head: 0, queries: words, keys: words, same: true, empty: &[] };
    let found = metrics::measure(&view);
    move |key| found[metrics::metric(key).unwrap()]
}

fn near(found: Option<f64>, expected: f64) -> bool {
    found.is_some_and(|x| (x - expected).abs() < 1e-6)
}

#[test]
fn metrics_of_patterns_worked_out_by_hand() {
    let four = words(4);
    // Everybody looks at everybody: distances 0 1 2 3 / 1 0 1 2 / … add up to 20 of 16 weights.
    let uniform = pattern(4, |_, _| 0.25);
    let of = measured(&uniform, &four);
    assert!(near(of("entropy"), 4f64.ln()) && near(of("largest"), 0.25) && near(of("distance"), 20.0 / 16.0));
    for place in ["self", "previous", "next", "first"] {
        assert!(near(of(place), 0.25), "{place}");
    }
    assert_eq!(of("same_word"), None, "no word stands twice");

    let identity = pattern(4, |i, j| f32::from(u8::from(i == j)));
    let of = measured(&identity, &four);
    assert!(near(of("entropy"), 0.0) && near(of("largest"), 1.0) && near(of("self"), 1.0) && near(of("distance"), 0.0));
    assert!(near(of("previous"), 0.0) && near(of("next"), 0.0) && near(of("first"), 0.0));

    // The first word has no previous one and looks at itself: three of four rows look one word away.
    let previous = pattern(4, |i, j| f32::from(u8::from(j == i.saturating_sub(1))));
    let of = measured(&previous, &four);
    assert!(near(of("previous"), 1.0) && near(of("self"), 0.25) && near(of("distance"), 0.75));
    assert!(near(of("first"), 1.0 / 3.0), "of the three later words one stands next to the first");

    // Word i sees i + 1 words: entropy ln 1 … ln 4, weight 1/(i + 1) on each.
    let causal = pattern(4, |i, j| if j <= i { 1.0 / (i as f32 + 1.0) } else { 0.0 });
    let of = measured(&causal, &four);
    assert!(near(of("entropy"), (2f64.ln() + 3f64.ln() + 4f64.ln()) / 4.0));
    assert!(near(of("self"), (1.0 + 1.0 / 2.0 + 1.0 / 3.0 + 1.0 / 4.0) / 4.0));
    let later = (1.0 / 2.0 + 1.0 / 3.0 + 1.0 / 4.0) / 3.0;
    assert!(near(of("previous"), later) && near(of("first"), later) && near(of("next"), 0.0));
    assert!(near(of("distance"), (0.0 + 0.5 + 1.0 + 1.5) / 4.0));
    assert!(near(of("largest"), (1.0 + 1.0 / 2.0 + 1.0 / 3.0 + 1.0 / 4.0) / 4.0));
}

#[test]
fn what_followed_the_same_word_earlier_is_induction() {
    let words: Vec<String> = ["a", "b", "c", "a", "b"].map(String::from).to_vec();
    // Row 4 (a) looks at b, which followed the first a; row 5 (b) gives 0.4 to c, which followed the first b.
    let weights = pattern(5, |i, j| match (i, j) {
        (3, 1) => 1.0,
        (4, 2) => 0.4,
        (4, 4) => 0.6,
        (0..=2, _) if i == j => 1.0,
        _ => 0.0,
    });
    assert!(near(measured(&weights, &words)("induction"), 0.7), "(1 + 0.4) / 2");
    assert_eq!(measured(&weights, &self::words(5))("induction"), None, "no word came before");
    // Twice in a row the follower is the word itself, which says nothing.
    let twice: Vec<String> = ["a", "a", "c", "d", "e"].map(String::from).to_vec();
    assert_eq!(measured(&weights, &twice)("induction"), None);
    // What stands for any unknown word is nobody's same word.
    let unknown: Vec<String> = ["[UNK]", "b", "c", "[UNK]", "e"].map(String::from).to_vec();
    let of = measured(&weights, &unknown);
    assert_eq!((of("induction"), of("same_word")), (None, None));
}

#[test]
fn among_words_alone_each_row_sums_to_1_again() {
    let words: Vec<String> = ["[CLS]", "a", "b", "[SEP]"].map(String::from).to_vec();
    let weights = pattern(4, |i, j| match (i, j) {
        (1, 0) => 0.5,
        (1, 1) => 0.1,
        (1, 2) => 0.4,
        (2, 3) | (0 | 3, 0) => 1.0,
        _ => 0.0,
    });
    let left = metrics::Words::of(&weights, 0, &words, |n| n == 0 || n == 3);
    assert_eq!(left.words, ["a", "b"]);
    let found = metrics::measure(&left.view(0));
    let of = |key| found[metrics::metric(key).unwrap()];
    // b gave everything to [SEP], so that row a alone counts: 0.1 and 0.4 become 0.2 and 0.8.
    assert!(near(of("self"), 0.2) && near(of("next"), 0.8) && near(of("largest"), 0.8));
    assert_eq!((of("previous"), of("first")), (None, None), "the only row that could have one is empty");
}

#[test]
fn the_same_word_elsewhere_and_other_words_in_cross_attention() {
    let words: Vec<String> = ["a", "b", "a"].map(String::from).to_vec();
    let weights = pattern(3, |i, j| if i == j { 0.2 } else { 0.4 });
    assert!(near(measured(&weights, &words)("same_word"), 0.4), "rows 1 and 3 give 0.4 to each other");
    // Words looked at are others: nobody is their previous one.
    let keys: Vec<String> = ["b", "c", "b"].map(String::from).to_vec();
    let view = View { weights: &weights, batch: 0, head: 0, queries: &words, keys: &keys, same: false, empty: &[] };
    let found = metrics::measure(&view);
    let of = |key| found[metrics::metric(key).unwrap()];
    assert!([of("self"), of("previous"), of("next"), of("first"), of("distance")].iter().all(Option::is_none));
    assert!(near(of("same_word"), 0.8), "b looks at both b's: 0.4 + 0.4");
}

fn study(sample: &Sample, scenario: &Scenario, (segmenter, lexicon): (&mut Segmenter, &Lexicon)) -> Study {
    let mut cpu = Cpu::default();
    let run = |program: &Arc<Program>, inputs: &Inputs| {
        cpu.run(program, inputs).map_err(|error| StudyError::Run(error.into()))
    };
    Study::of(sample, scenario, &Corpus::builtin().unwrap(), (segmenter, lexicon), run).unwrap()
}

#[test]
fn the_corpus_is_large_and_in_two_languages() {
    let corpus = Corpus::builtin().unwrap();
    let english = corpus.sentences.iter().filter(|s| s.is_ascii()).count();
    assert!(corpus.sentences.len() >= 40 && english >= 16 && corpus.sentences.len() - english >= 16);
    assert!(Corpus::parse("format = \"qkv-corpus/2\"\nsentences = []").unwrap_err().to_string().contains("expected"));
    assert!(Corpus::parse("format = \"qkv-corpus/1\"\nsentences = [\"a\"]").is_err());
}

#[test]
fn the_designed_heads_are_called_what_they_are() {
    let (mut segmenter, lexicon) = (Segmenter::new(), Lexicon::builtin().unwrap());
    let sample = Sample::builtin(Sample::DEFAULT).unwrap().unwrap();
    let study = study(&sample, &Scenario::default(), (&mut segmenter, &lexicon));
    assert!(!study.own && study.sentences >= 40);
    let labels: Vec<Option<&str>> = study.heads.iter().map(|h| h.label.as_ref().map(|l| l.key.as_str())).collect();
    let expected = [
        "person -> action, action -> person",
        "action -> place, place -> action",
        "city -> landmark, landmark -> city",
        "previous word",
    ];
    for (n, (label, expected)) in labels.iter().zip(expected).enumerate() {
        let label = label.unwrap_or("no clear pattern");
        assert!(label.split(", ").all(|part| expected.contains(part)), "head {}: {label}, expected {expected}", n + 1);
    }
    let previous = study.heads[3].metrics[metrics::metric("previous").unwrap()].unwrap();
    assert!(previous.mean > 0.6 && previous.sd > 0.0 && previous.n >= 40, "{previous:?}");
}

#[test]
fn random_weights_get_no_label() {
    let (mut segmenter, lexicon) = (Segmenter::new(), Lexicon::builtin().unwrap());
    let sample = Sample::builtin(Sample::DEFAULT).unwrap().unwrap();
    let mut labels = 0;
    for seed in 0..1000 {
        let random = sample.with_random_weights(seed);
        let study = study(&random, &Scenario::default(), (&mut segmenter, &lexicon));
        labels += study.heads.iter().filter(|head| head.label.is_some()).count();
    }
    assert!(labels <= 10, "{labels} of 1000 seeds");
}

#[test]
fn a_sample_that_takes_no_other_sentence_is_measured_on_its_own_and_not_named() {
    let (mut segmenter, lexicon) = (Segmenter::new(), Lexicon::builtin().unwrap());
    for name in ["h1h2", "translation", "translation-cross"] {
        let sample = Sample::builtin(name).unwrap().unwrap();
        let study = study(&sample, &Scenario::default(), (&mut segmenter, &lexicon));
        assert!(study.own && study.sentences == 1, "{name}");
        assert!(study.heads.iter().all(|head| head.label.is_none() && head.metrics[0].is_some()), "{name}");
    }
}

#[test]
fn filters_say_what_is_wrong() {
    let metrics: Vec<Option<f64>> = METRICS.iter().map(|m| (m.key != "same_word").then_some(0.6)).collect();
    let accepts = |filter: &str| Filter::parse(filter).unwrap().unwrap().accepts(&metrics);
    assert!(accepts("previous>0.5 & entropy<1") && accepts(" self >= 0.6 ") && accepts("next<=0.6"));
    assert!(
        !accepts("previous>0.5 & entropy<0.5") && !accepts("same_word>=0"),
        "a head without the metric is not shown"
    );
    assert_eq!(Filter::parse("  & ").unwrap(), None);
    for (bad, why) in
        [("prev>1", "`prev`"), ("entropy", "compares nothing"), ("entropy<x", "`x`"), ("entropy<inf", "`inf`")]
    {
        assert!(Filter::parse(bad).unwrap_err().to_string().contains(why), "{bad}");
    }
}

/// A small random program with `W_o`, causal or open.
fn drawn(tokens: usize, heads: usize, d: usize, causal: bool, seed: u64) -> Sample {
    let sizes = Sizes {
        batch: None,
        tokens,
        memory: tokens,
        model: 5,
        heads,
        features: heads * d,
        values: heads * d,
        output: Some(4),
    };
    let sample = Sample::drawn(sizes, seed).unwrap();
    if causal { sample.with_mask(MaskChoice::Causal).unwrap() } else { sample }
}

fn run(program: &Program, inputs: &Inputs) -> Trace {
    Cpu::default().run(program, inputs).unwrap()
}

/// The same numbers, some of them changed.
fn with(sample: &Sample, symbol: Symbol, change: impl Fn(Cell, f32) -> f32) -> Inputs {
    let find = |s: Symbol| {
        let tensor = sample.inputs.get(sample.program.find_symbol(s)?)?;
        Some(if s == symbol { Tensor::from_fn(*tensor.shape(), |c| change(c, tensor.get(c))) } else { tensor.clone() })
    };
    Inputs::new(&sample.program, find).unwrap()
}

/// Three words that look at others through random weights. A number belongs to its symbol and cell, whatever the sizes;
/// `from` says which cell of the whole a cell is.
fn cross(memory: usize, heads: usize, d: usize, from: impl Fn(Symbol, Cell) -> Cell, seed: u64) -> (Program, Inputs) {
    let (features, output) = (heads * d, Some(4));
    let sizes = Sizes { batch: None, tokens: 3, memory, model: 5, heads, features, values: features, output };
    let program = attention(Kind::CrossAttention, &sizes, &Wiring::default()).unwrap();
    let number = |symbol: Symbol, c: Cell| {
        let name = symbol.name.as_str().bytes().fold(seed, |n, b| n * 31 + u64::from(b));
        let mixed =
            (name * 1_000_003 + c.row as u64 * 8191 + c.col as u64 * 131).wrapping_mul(6_364_136_223_846_793_005);
        (mixed >> 40) as f32 / f32::from(1_u16 << 12).powi(2) - 0.5
    };
    let find = |symbol: Symbol| {
        let shape = program.shape(program.find_symbol(symbol)?);
        Some(Tensor::from_fn(shape, |c| {
            if symbol.name == Name::Mask { 1.0 } else { 4.0 * number(symbol, from(symbol, c)) }
        }))
    };
    let inputs = Inputs::new(&program, find).unwrap();
    (program, inputs)
}

fn row(trace: &Trace, program: &Program, row: usize) -> Vec<f64> {
    let output = trace.find(program, None, Name::Output).unwrap();
    (0..output.shape().cols.len).map(|col| f64::from(output.get(Cell { row, col, ..Cell::default() }))).collect()
}

fn gap(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn silencing_equals_running_without_the_rows_of_w_o(
        tokens in 1_usize..7, heads in 1_usize..5, d in 1_usize..4, causal: bool, seed in 0_u64..1000, which in 0_usize..8,
    ) {
        let sample = drawn(tokens, heads, d, causal, seed);
        let program = &sample.program;
        let silent = which % heads;
        let trace = run(program, &sample.inputs);
        let parts = Parts::of(program, &trace, None, 0).unwrap();
        let rows = silent * d..(silent + 1) * d;
        let without = run(program, &with(&sample, Name::WO.into(), |c, x| if rows.contains(&c.row) { 0.0 } else { x }));
        // The switch does the same.
        let switched = Scenario { silenced: [silent.into()].into(), ..Scenario::default() }.apply(&sample).unwrap();
        let switched_trace = run(&switched.program, &switched.inputs);
        for i in 0..tokens {
            let part = parts.of_heads(&[silent], i);
            let expected: Vec<f64> = row(&trace, program, i).iter().zip(&part).map(|(x, y)| x - y).collect();
            prop_assert!(gap(&expected, &row(&without, program, i)) < 1e-5);
            prop_assert_eq!(row(&without, program, i), row(&switched_trace, &switched.program, i));
        }
    }

    #[test]
    fn leaving_out_equals_running_without_the_key_and_value(
        tokens in 2_usize..7, heads in 1_usize..4, d in 1_usize..4, seed in 0_u64..1000, which in 0_usize..8,
    ) {
        let (program, inputs) = cross(tokens, heads, d, |_, c| c, seed);
        let parts = Parts::of(&program, &run(&program, &inputs), None, 0).unwrap();
        let gone = which % tokens;
        // Cross-attention without the word: one row of M less.
        let skip = |symbol: Symbol, c: Cell| if symbol.name == Name::M { Cell { row: c.row + usize::from(c.row >= gone), ..c } } else { c };
        let (smaller, fewer) = cross(tokens - 1, heads, d, skip, seed);
        let without = run(&smaller, &fewer);
        let all: Vec<usize> = (0..heads).collect();
        for i in 0..3 {
            prop_assert!(gap(&parts.without(&all, i, gone), &row(&without, &smaller, i)) < 1e-5);
        }
    }

    #[test]
    fn the_parts_add_up_to_the_output(tokens in 1_usize..7, heads in 1_usize..5, d in 1_usize..4, causal: bool, seed in 0_u64..1000) {
        let sample = drawn(tokens, heads, d, causal, seed);
        let trace = run(&sample.program, &sample.inputs);
        let parts = Parts::of(&sample.program, &trace, None, 0).unwrap();
        let all: Vec<usize> = (0..heads).collect();
        for i in 0..tokens {
            prop_assert!(gap(&parts.of_heads(&all, i), &row(&trace, &sample.program, i)) < 1e-5);
        }
        prop_assert_eq!(parts.ranking().heads.len(), heads);
    }
}

#[test]
fn rank_correlation_by_hand() {
    assert!(near(spearman(&[1.0, 2.0, 3.0], &[10.0, 20.0, 30.0]), 1.0));
    assert!(near(spearman(&[1.0, 2.0, 3.0], &[3.0, 2.0, 1.0]), -1.0));
    // Ranks 1 2.5 2.5 4 against 1 3 2 4: Pearson 4.5 / √(4.5 · 5) = 0.948683.
    assert!(near(spearman(&[4.0, 3.0, 3.0, 1.0], &[9.0, 5.0, 7.0, 2.0]), 0.948_683_3));
    assert_eq!(spearman(&[1.0, 1.0], &[1.0, 2.0]), None);
}

#[test]
fn a_head_whose_value_matters_less_than_its_weight() {
    // 我 gives most weight to 爱 in head 1, and leaving 爱 out moves it most.
    let sample = Sample::builtin(Sample::DEFAULT).unwrap().unwrap();
    let trace = run(&sample.program, &sample.inputs);
    let parts = Parts::of(&sample.program, &trace, None, 0).unwrap();
    let reasons = parts.reasons(&[0], 0);
    let largest = |x: &[f64]| (0..x.len()).max_by(|&a, &b| x[a].total_cmp(&x[b])).unwrap();
    assert_eq!((largest(&reasons.weights), largest(&reasons.effects)), (1, 1));
    assert!((reasons.weights.iter().sum::<f64>() - 1.0).abs() < 1e-6);
}

#[test]
fn the_forms_of_the_designed_heads_say_what_asks_for_what() {
    let sample = Sample::builtin(Sample::DEFAULT).unwrap().unwrap();
    let trace = run(&sample.program, &sample.inputs);
    let dimension = |name: &str| sample.dimensions.iter().position(|d| d.en == name).unwrap();
    let forms = Forms::of(&sample.program, &trace, None, 1).unwrap();
    // An action asks for a place: 2 × 2.
    assert_eq!(forms.asks.numbers[[dimension("action"), dimension("place")]], 4.0);
    // scores = H · form · Hᵀ.
    let h = trace.find(&sample.program, None, Name::H).unwrap().matrix(0, 0).to_owned();
    let scores = h.dot(&forms.asks.numbers).dot(&h.t());
    let expected = trace.find(&sample.program, None, Name::Scores).unwrap().matrix(0, 1).to_owned();
    assert!((&scores - &expected).iter().all(|x| x.abs() < 1e-4));
    // And what it moves is the head's part of the output: weights · H · moves.
    let weights = trace.find(&sample.program, None, Name::Weights).unwrap().matrix(0, 1).to_owned();
    let moved = weights.dot(&h).dot(&forms.moves.numbers);
    let parts = Parts::of(&sample.program, &trace, None, 0).unwrap();
    for i in 0..4 {
        let row: Vec<f64> = moved.row(i).iter().map(|&x| f64::from(x)).collect();
        assert!(gap(&row, &parts.of_heads(&[1], i)) < 1e-5);
    }
}

#[test]
fn principal_components_agree_with_numpy() {
    // Made with numpy 2: points from the formula below; c = p - p.mean(0); w, v = numpy.linalg.eigh(c.T @ c / len(p));
    // coordinates c @ v[:, ::-1][:, :2], each component's largest entry made positive; explained w[::-1][:2].sum() / w.sum().
    let point = |i: usize| {
        (0..5).map(|c| f64::from((i * 7 + c * 3) as u32 % 11) + 0.5 * f64::from((i * c) as u32 % 4)).collect()
    };
    let points: Vec<Vec<f64>> = (0..8).map(point).collect();
    let plane = principal(&points);
    for (found, expected) in plane.points.iter().zip(NUMPY) {
        assert!((found.x - expected[0]).abs() < 1e-9 && (found.y - expected[1]).abs() < 1e-9, "{found:?} {expected:?}");
    }
    assert!((plane.explained.unwrap() - NUMPY_EXPLAINED).abs() < 1e-12, "{:?}", plane.explained);
    // Two dimensions are exact and stay what they are.
    let exact = principal(&[vec![1.0, 2.0], vec![-3.0, 0.5]]);
    assert_eq!((exact.explained, exact.points[1].x, exact.points[1].y), (None, -3.0, 0.5));
}

/// What numpy makes of the points of the test below.
#[expect(clippy::unreadable_literal, reason = "as numpy prints them")]
const NUMPY: [[f64; 2]; 8] = [
    [-6.3653654046935, 1.80481515056806],
    [5.2733564327821, -0.999699092854947],
    [-3.62454219750878, -3.82276864218995],
    [-2.39862360474496, 6.33529253233242],
    [4.74971297986858, -2.09157592572218],
    [-5.22362584731064, -3.71119880667047],
    [3.70497505495024, 5.60350729025267],
    [3.88411258665697, -3.11837250571561],
];
#[expect(clippy::unreadable_literal, reason = "as numpy prints it")]
const NUMPY_EXPLAINED: f64 = 0.756482002812839;

#[test]
fn a_plane_that_could_be_another_one_says_so() {
    // Three axes alike: whichever two are shown, two others would do as well.
    let alike: Vec<Vec<f64>> =
        (0..3).flat_map(|i| [1.0, -1.0].map(|s| (0..3).map(|c| if c == i { s } else { 0.0 }).collect())).collect();
    assert!(principal(&alike).arbitrary);
    let mut clear = alike;
    clear[4][2] = 0.5;
    clear[5][2] = -0.5;
    assert!(!principal(&clear).arbitrary);
    assert!(!principal(&[vec![1.0, 0.0], vec![-1.0, 0.0]]).arbitrary);
}

#[test]
fn one_sentence_has_no_spread_and_a_tie_is_no_disagreement() {
    let over = |numbers: &[f64]| qkv::study::heads::Over::of(numbers).unwrap().to_string();
    assert_eq!((over(&[0.47]), over(&[0.4, 0.6])), ("0.47".to_owned(), "0.50 ± 0.14".to_owned()));
    // Word by word: wherever a disagreement is named, some other word stands in the opposite order.
    let sample = Sample::builtin(Sample::DEFAULT).unwrap().unwrap();
    let trace = Cpu::default().run(&sample.program, &sample.inputs).unwrap();
    let parts = Parts::of(&sample.program, &trace, None, 0).unwrap();
    for (head, query) in (0..4).flat_map(|head| (0..4).map(move |query| (head, query))) {
        let reasons = parts.reasons(&[head], query);
        let apart = |a: f64, b: f64| (a - b).abs() > 1e-5;
        let opposite = |j: usize, k: usize| {
            let (w, e) = (&reasons.weights, &reasons.effects);
            apart(w[j], w[k]) && apart(e[j], e[k]) && (w[j] > w[k]) != (e[j] > e[k])
        };
        let any = (0..4).any(|j| (0..4).any(|k| opposite(j, k)));
        assert_eq!(reasons.disagreement.is_some(), any, "head {head}, word {query}: {reasons:?}");
    }
}

#[test]
fn evenness_does_not_depend_on_the_length() {
    let of = |weights: &Tensor<f32>, n: usize| measured(weights, &words(n))("evenness");
    let looking_back = |row: usize, col: usize| if col <= row { 1.0 / (row + 1) as f32 } else { 0.0 };
    for (n, even) in [(2, pattern(2, |_, _| 0.5)), (4, pattern(4, |_, _| 0.25)), (4, pattern(4, looking_back))] {
        assert!((of(&even, n).unwrap() - 1.0).abs() < 1e-6, "{even:?}");
    }
    let itself = pattern(2, |row, col| if row == col { 1.0 } else { 0.0 });
    assert_eq!(of(&itself, 2), None, "a row that sees one word has no choice");
}

/// What weights times lengths say is what each word adds to the output, which `Parts` finds by adding it up.
#[test]
fn what_is_weighted_by_values_is_what_each_word_adds_to_the_output() {
    let mut cells = 0;
    for builtin in qkv::source::sample::BUILTIN {
        let sample = Sample::builtin(builtin.name).unwrap().unwrap();
        let trace = Cpu::default().run(&sample.program, &sample.inputs).unwrap();
        assert_eq!(
            Attribution::of(Reading::Rollout, &sample.program, &trace, 0, &|| false).is_some(),
            sample.program.layers() > 1
        );
        let read = Attribution::of(Reading::Values, &sample.program, &trace, 0, &|| false).unwrap();
        for head in heads::all(&sample.program) {
            let parts = Parts::of(&sample.program, &trace, head.layer, 0).unwrap();
            let matrix = read.matrix(&trace, head);
            let cols = trace.tensor(head.weights).shape().cols.len;
            for query in 0..parts.queries() {
                let norms = parts.reasons(&[head.head], query).norms;
                let sum: f64 = norms.iter().sum();
                let total = read.total(&trace, head, query).unwrap();
                assert!((total - sum).abs() <= 1e-9 * sum.max(1.0), "{}: {total} and {sum}", sample.name);
                for (col, norm) in norms.iter().enumerate().filter(|_| sum > 1e-9) {
                    let share = f64::from(matrix[query * cols + col]);
                    assert!((share - norm / sum).abs() < 1e-6, "{}: {share} and {norm} of {sum}", sample.name);
                    cells += 1;
                }
            }
        }
    }
    assert!(cells > 100, "{cells}");
}
