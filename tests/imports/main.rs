//! Tensors of other programs: what they hold is shown exactly, whatever does not fit is refused at its place, and nothing that a
//! file says makes the reader panic, wait or take memory.
//!
//! `QKV_IMPORTS=100000 cargo test --release --test imports` spoils so many files, instead of the usual number.

#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "../house/mod.rs"]
mod house;
mod maker;
mod refused;
mod screens;
mod spoiled;

use std::path::Path;
use std::sync::Arc;

use qkv::engine::{Driver, Engine, OnDisk};
use qkv::ground::fault::Fault;
use qkv::ground::lang::Text;
use qkv::math::tensor::Tensor;
use qkv::program::{Layer, Ledger, Name, Trace, alarms};
use qkv::source::import;
use qkv::source::model::{Folder, InMemory};
use qkv::source::sample::{Origin, Sample, Scenario};
use qkv::study::heads::{METRICS, all, measured};
use serde_json::Value;

/// Imports a file that is held in memory.
fn open(name: &str, bytes: impl Into<Vec<u8>>) -> Result<Sample, Fault> {
    let folder: Arc<dyn Folder> = Arc::new(InMemory::new().with(name, bytes));
    import::open(&folder, name)
}

/// What a file is refused for, which both languages say.
fn complaint(name: &str, bytes: impl Into<Vec<u8>>) -> Text {
    let words = open(name, bytes).unwrap_err().words().clone();
    assert!(words.zh.contains(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{words:?}");
    assert!(!words.en.contains(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{words:?}");
    assert!(words.en.starts_with(name), "the file is named: {words:?}");
    words
}

/// A file that lies beside this one.
fn fixture(name: &str) -> Sample {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/imports/fixtures");
    let folder: Arc<dyn Folder> = Arc::new(OnDisk::new(here));
    import::open(&folder, name).unwrap()
}

fn traced(sample: &Sample) -> Trace {
    Engine::new().run(&sample.program, &sample.inputs).unwrap().trace
}

fn numbers(sample: &Sample, trace: &Trace, name: Name) -> Vec<f32> {
    let slots = sample.program.slots().filter(|&slot| sample.program.symbol(slot).name == name);
    slots.flat_map(|slot| trace.tensor(slot).as_slice().to_vec()).collect()
}

#[test]
fn attention_of_a_real_model_is_shown_as_it_is() {
    let sample = fixture("minilm.npz");
    assert_eq!(sample.tokens, ["[CLS]", "the", "cat", "sat", ".", "[SEP]"]);
    assert_eq!((sample.origin, sample.name.as_str()), (Origin::Imported, "minilm"));
    assert_eq!((sample.program.layers(), sample.program.heads()), (6, 12));
    let trace = traced(&sample);
    assert_eq!(numbers(&sample, &trace, Name::Weights), numbers(&sample, &trace, Name::Attention));
    assert!(alarms(&sample.program, &trace).is_empty());
    // Layer 1 head 3 is known to look at the previous token.
    let previous = qkv::study::heads::metrics::metric("previous").unwrap();
    let of_all = measured(&sample, &trace, 0, qkv::study::heads::Counted::All, None);
    let place = all(&sample.program).iter().position(|head| head.layer == Some(Layer(0)) && head.head == 2).unwrap();
    assert!(of_all[place][previous].unwrap() > 0.95, "{:?}", of_all[place]);
    assert_eq!(of_all[place].len(), METRICS.len());
}

#[test]
fn weights_and_context_follow_from_queries_keys_and_values() {
    let sample = fixture("qkv.safetensors");
    assert_eq!(sample.tokens, ["I", "love", "Beijing", "Tiananmen"]);
    assert_eq!((sample.program.layers(), sample.program.heads(), sample.program.stages().len()), (3, 2, 15));
    let trace = traced(&sample);
    let expected: Value = serde_json::from_str(include_str!("fixtures/qkv.expected.json")).unwrap();
    for name in [Name::Weights, Name::Context] {
        let found = numbers(&sample, &trace, name);
        let expected = expected[name.as_str()].as_array().unwrap();
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert!((f64::from(*found) - expected.as_f64().unwrap()).abs() < 1e-6, "{name}: {found} {expected}");
        }
    }
    assert!(Ledger::check(&sample.program, &trace).ok());
}

#[test]
fn a_corpus_cannot_be_put_under_it() {
    for name in ["minilm.npz", "qkv.safetensors"] {
        let sample = fixture(name);
        let study = Driver::new(qkv::engine::Builtin)
            .study(&sample, &Scenario::default(), qkv::engine::Watch::nobody())
            .unwrap();
        assert!(study.own && study.sentences == 1, "{name}");
        assert!(study.heads.iter().all(|head| head.label.is_none()), "one sentence names no head");
    }
}

#[test]
fn the_same_numbers_come_from_every_format() {
    let (shape, numbers) = maker::even(3, 2, 4);
    let tokens = ["我", "爱", "北京", "a\u{1b}[2J"];
    let files = [
        ("x.json", maker::json(&tokens, &[("attention", &shape, &numbers)]).into_bytes()),
        ("x.npz", maker::npz(&tokens, &[("attention", &shape, &numbers)])),
        ("x.safetensors", maker::safetensors(&tokens, &[("attention", &shape, &numbers)])),
    ];
    let samples: Vec<Sample> = files.into_iter().map(|(name, bytes)| open(name, bytes).unwrap()).collect();
    for sample in &samples {
        assert_eq!(sample.tokens[..3], tokens[..3]);
        assert_eq!(sample.tokens[3], "a\\u{1b}[2J", "nothing that a terminal would obey");
        let given: Vec<f32> =
            sample.inputs.tensors().iter().flat_map(|tensor: &Arc<Tensor<f32>>| tensor.as_slice().to_vec()).collect();
        assert_eq!(given, numbers);
    }
}

#[test]
fn shapes_with_and_without_layers_and_a_batch_of_one_mean_the_same() {
    let (_, numbers) = maker::even(1, 2, 3);
    let tokens = ["a", "b", "c"];
    for shape in [vec![2, 3, 3], vec![1, 2, 3, 3], vec![1, 1, 2, 3, 3]] {
        let sample = open("x.json", maker::json(&tokens, &[("attention", &shape, &numbers)])).unwrap();
        assert_eq!((sample.program.layers(), sample.program.heads(), sample.tokens.len()), (0, 2, 3), "{shape:?}");
        assert!(sample.program.find(None, Name::Weights).is_some());
    }
    let (_, six) = maker::even(3, 2, 3);
    for shape in [vec![3, 2, 3, 3], vec![3, 1, 2, 3, 3], vec![1, 3, 2, 3, 3]] {
        let sample = open("x.npz", maker::npz(&tokens, &[("attention", &shape, &six)])).unwrap();
        assert_eq!((sample.program.layers(), sample.program.heads()), (3, 2), "{shape:?}");
    }
    // A layer in an array of its own, counted from 0 as PyTorch does or from 1 as we do.
    for first in [0, 1] {
        let names: Vec<String> = (first..first + 3).map(|layer| format!("layer{layer}.attention")).collect();
        let arrays: Vec<(&str, &[usize], &[f32])> =
            names.iter().zip(six.chunks(18)).map(|(name, numbers)| (name.as_str(), &[2, 3, 3][..], numbers)).collect();
        let sample = open("x.safetensors", maker::safetensors(&tokens, &arrays)).unwrap();
        assert_eq!(sample.program.layers(), 3);
        let given: Vec<f32> = sample.inputs.tensors().iter().flat_map(|tensor| tensor.as_slice().to_vec()).collect();
        assert_eq!(given, six, "layers in order");
    }
}

#[test]
fn words_that_are_not_there_are_counted() {
    let (shape, numbers) = maker::even(1, 1, 3);
    let sample = open("x.json", maker::json(&[], &[("attention", &shape, &numbers)])).unwrap();
    assert_eq!(sample.tokens, ["1", "2", "3"]);
}

#[test]
fn a_mask_hides_and_can_be_exchanged() {
    let (q, mask) = (vec![0.5_f32; 3 * 2], [1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0]);
    let shape = [1, 3, 2];
    let arrays: [(&str, &[usize], &[f32]); 4] =
        [("Q", &shape, &q), ("K", &shape, &q), ("V", &shape, &q), ("mask", &[3, 3], &mask)];
    let sample = open("x.npz", maker::npz(&["a", "b", "c"], &arrays)).unwrap();
    let weights = numbers(&sample, &traced(&sample), Name::Weights);
    assert_eq!(weights[..3], [1.0, 0.0, 0.0]);
    let open = Scenario { mask: qkv::source::sample::MaskChoice::Open, ..Scenario::default() };
    let weights = numbers(&sample, &traced(&open.apply(&sample).unwrap()), Name::Weights);
    assert!((weights[0] - 1.0 / 3.0).abs() < 1e-6);
}

#[test]
fn what_is_not_there_cannot_be_changed_and_says_so() {
    let (attention, vectors) = (fixture("minilm.npz"), fixture("qkv.safetensors"));
    let wired = |change: fn(&mut qkv::program::Wiring)| {
        let mut scenario = Scenario::default();
        change(&mut scenario.wiring);
        scenario
    };
    let sharper = wired(|wiring| wiring.temperature = 0.5);
    let swapped = wired(|wiring| wiring.swapped = true);
    assert!(sharper.apply(&vectors).is_ok());
    assert!(swapped.apply(&vectors).unwrap_err().0.en.contains("no W"));
    assert!(sharper.apply(&attention).unwrap_err().0.en.contains("needs Q, K and V"));
    let causal = Scenario { mask: qkv::source::sample::MaskChoice::Causal, ..Scenario::default() };
    assert!(causal.apply(&vectors).is_ok());
    assert!(causal.apply(&attention).unwrap_err().0.en.contains("mask is in them"));
    assert!(Scenario::default().to_toml(&vectors).unwrap_err().0.en.contains("does not fit into a sample file"));
}

#[test]
fn the_documented_exporters_are_those_that_made_the_fixtures() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/IMPORT.md")).unwrap();
    for name in ["export_transformers.py", "export_pytorch.py"] {
        let script = std::fs::read_to_string(root.join("tests/imports").join(name)).unwrap();
        assert!(script.lines().count() <= 15, "{name} is short");
        assert!(page.contains(&format!("```python\n{script}```")), "docs/IMPORT.md shows {name} as it stands");
    }
}
