//! Whole models against a reference that shares nothing with the program: `models/reference.rs`, in f64, written from the papers.
//!
//! Tiny checkpoints of every family, from a seed, as `models/tiny.rs` writes them. With `QKV_MODEL` naming the folder of a real
//! one, that one too.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should stop")]
#![expect(clippy::print_stderr, reason = "figures are told, and what is skipped says so")]

#[path = "models/reference.rs"]
mod reference;
#[path = "models/tiny.rs"]
#[allow(dead_code, reason = "each test takes what it needs")]
mod tiny;

use std::path::Path;
use std::sync::Arc;

use ndarray::{Array2, ArrayView2};
use qkv::compute::gpu::Gpu;
use qkv::compute::{Compute, Cpu};
use qkv::engine::OnDisk;
use qkv::math::tensor::Tensor;
use qkv::program::{Layer, Ledger, Name, Trace};
use qkv::session::ComputeError;
use qkv::source::model::{Folder, Model, Piece};
use qkv::source::sample::{MaskChoice, Sample};
use reference::{Asked, Mask, Outcome};
use tiny::{Family, Numbers, Tiny};

/// How far hidden vectors, attention and logits may be from the reference.
const HIDDEN: f64 = 5e-5;
const ATTENTION: f64 = 1e-5;
const LOGITS: f64 = 1e-4;

fn opened(folder: &Path) -> Arc<Model> {
    let folder: Arc<dyn Folder> = Arc::new(OnDisk::new(folder));
    Arc::new(Model::open(&folder, "tiny").unwrap())
}

fn of_ids(model: &Arc<Model>, ids: &[u32]) -> Sample {
    let piece = |(n, &id): (usize, &u32)| Piece {
        id,
        text: model.checkpoint.tokenizer.decode(id),
        special: false,
        starts_word: true,
        word: n,
    };
    model.sample_of("ids", ids.iter().enumerate().map(piece).collect()).unwrap()
}

/// The largest difference of two matrices.
fn apart(ours: ArrayView2<f32>, reference: &ArrayView2<f64>) -> f64 {
    assert_eq!(ours.dim(), reference.dim());
    let off = |(&x, &r): (&f32, &f64)| if x.is_nan() { f64::INFINITY } else { (f64::from(x) - r).abs() };
    ours.iter().zip(reference).map(off).fold(0.0, f64::max)
}

/// How far the hidden vectors, the attention and the logits of a run are from the reference at most.
fn furthest(sample: &Sample, trace: &Trace, outcome: &Outcome) -> [f64; 3] {
    let find = |layer: Option<usize>, name: Name| -> Option<&Tensor<f32>> {
        trace.find(&sample.program, layer.map(Layer), name)
    };
    let layers = outcome.attention.len();
    let hidden = (0..=layers).map(|n| {
        let ours = find(n.checked_sub(1), Name::Hidden).unwrap();
        apart(ours.matrix(0, 0), &outcome.hidden[n].view())
    });
    let attention = (0..layers).flat_map(|layer| {
        let ours = find(Some(layer), Name::Weights).unwrap();
        let heads = outcome.attention[layer].outer_iter().enumerate();
        heads.map(move |(head, reference)| apart(ours.matrix(0, head), &reference)).collect::<Vec<_>>()
    });
    let logits = outcome.logits.as_ref().map(|logits| {
        let asked = sample.model.as_ref().unwrap().sizes.asked;
        apart(find(None, Name::Logits).unwrap().matrix(0, 0), &logits.select(ndarray::Axis(0), &[asked]).view())
    });
    [hidden.fold(0.0, f64::max), attention.fold(0.0, f64::max), logits.unwrap_or_default()]
}

fn written(found: [f64; 3]) -> String {
    found.map(|x| format!("{x:.1e}")).join(" ")
}

fn holds(what: &str, [hidden, attention, logits]: [f64; 3]) {
    assert!(hidden <= HIDDEN, "{what}: hidden {hidden:e}");
    assert!(attention <= ATTENTION, "{what}: attention {attention:e}");
    assert!(logits <= LOGITS, "{what}: logits {logits:e}");
}

/// Tiny checkpoints of every family: each kind of numbers, in one file and in several, with and without what differs.
fn checkpoints() -> Vec<Tiny> {
    let of = |family| {
        let plain = Tiny::of(family);
        let numbers = [Numbers::F16, Numbers::Bf16].map(|numbers| Tiny { numbers, seed: 2, ..plain.clone() });
        let shards = Tiny { shards: 3, layers: 3, seed: 3, ..plain.clone() };
        let bare = Tiny { head: false, prefix: !plain.prefix, seed: 4, ..plain.clone() };
        let other = Tiny {
            tied: !plain.tied,
            legacy: true,
            heads: 2,
            kv_heads: plain.kv_heads.min(2),
            seed: 5,
            ..plain.clone()
        };
        [plain].into_iter().chain(numbers).chain([shards, bare, other])
    };
    Family::ALL.into_iter().flat_map(of).collect()
}

/// Runs every checkpoint on texts of one piece, of some and of as many as it takes.
fn every_checkpoint(backend: &mut dyn Compute) {
    let mut worst = [0.0_f64; 3];
    for tiny in checkpoints() {
        let folder = tempfile::tempdir().unwrap();
        tiny.write(folder.path());
        let (model, judge) = (opened(folder.path()), reference::Checkpoint::open(folder.path()));
        for (n, count) in [1, 7, model.checkpoint.config.positions].into_iter().enumerate() {
            let ids = tiny.ids(count, n as u64);
            let own = of_ids(&model, &ids);
            for (choice, mask) in
                [(MaskChoice::Own, Mask::Family), (MaskChoice::Open, Mask::All), (MaskChoice::Causal, Mask::Causal)]
            {
                let sample = own.with_mask(choice).unwrap();
                let trace = backend.run(&sample.program, &sample.inputs).unwrap();
                assert!(Ledger::check(&sample.program, &trace).ok(), "{tiny:?}");
                let found = furthest(&sample, &trace, &judge.run(&Asked { mask, ..Asked::of(&ids) }));
                holds(&format!("{tiny:?} {count} {choice:?}"), found);
                (0..3).for_each(|i| worst[i] = worst[i].max(found[i]));
            }
        }
    }
    eprintln!("{}: hidden, attention, logits at most {}", backend.backend(), written(worst));
}

#[test]
fn every_family_equals_the_reference_on_the_processor() {
    every_checkpoint(&mut Cpu::default());
}

#[test]
fn every_family_equals_the_reference_on_a_device() {
    match Gpu::open() {
        Ok(mut gpu) => every_checkpoint(&mut gpu),
        Err(why @ ComputeError::NoAdapter(_)) if std::env::var_os("QKV_REQUIRE_GPU").is_none() => {
            eprintln!("skipped: {why}");
        }
        Err(why) => panic!("{why}"),
    }
}

/// A mask drawn by hand, the same in every layer.
#[test]
fn a_mask_of_ones_own_hides_what_it_hides_in_the_reference() {
    for family in Family::ALL {
        let tiny = Tiny::of(family);
        let folder = tempfile::tempdir().unwrap();
        tiny.write(folder.path());
        let (model, judge) = (opened(folder.path()), reference::Checkpoint::open(folder.path()));
        let ids = tiny.ids(9, 1);
        let sample = of_ids(&model, &ids).with_mask(MaskChoice::Window(2)).unwrap();
        let seen = Array2::from_shape_fn((9, 9), |(i, j): (usize, usize)| u8::from(i.abs_diff(j) <= 2));
        let trace = Cpu::default().run(&sample.program, &sample.inputs).unwrap();
        let asked = Asked { mask: Mask::Given(&seen), ..Asked::of(&ids) };
        holds(&format!("{family:?}"), furthest(&sample, &trace, &judge.run(&asked)));
    }
}

/// The real model that `QKV_MODEL` names.
#[test]
fn a_real_model_equals_the_reference() {
    let Some(folder) = std::env::var_os("QKV_MODEL") else {
        eprintln!("skipped: QKV_MODEL names no folder");
        return;
    };
    let folder = Path::new(&folder);
    let (model, judge) = (opened(folder), reference::Checkpoint::open(folder));
    let mut backend: Box<dyn Compute> =
        Gpu::open().map_or_else(|_| Box::new(Cpu::default()) as _, |gpu| Box::new(gpu) as _);
    for text in ["The animal didn't cross the street because it was too tired.", "我爱北京天安门", "x"] {
        let sample = model.sample(text).unwrap();
        let ids: Vec<u32> = sample.model.as_ref().unwrap().pieces.iter().map(|piece| piece.id).collect();
        let trace = backend.run(&sample.program, &sample.inputs).unwrap();
        let ledger = Ledger::check(&sample.program, &trace);
        let worst = ledger.worst().unwrap();
        eprintln!("{text}: {} pieces, ledger {:e} at {}", ids.len(), worst.worst, worst.at.display(&sample.program));
        assert!(ledger.ok());
        let found = furthest(&sample, &trace, &judge.run(&Asked::of(&ids)));
        eprintln!("{text}: hidden, attention, logits at most {}", written(found));
        holds(text, found);
    }
}
