//! Whole models against a reference that shares nothing with the program: `models/reference.rs`, in f64, written from the papers.
//!
//! Tiny checkpoints of every family, from a seed, as `models/tiny.rs` writes them. With `QKV_MODEL` naming the folder of a real
//! one, that one too.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
#![expect(clippy::print_stderr, reason = "figures are told, and what is skipped says so")]

#[path = "house/device.rs"]
mod device;
#[path = "models/reference.rs"]
mod reference;
#[path = "models/tiny.rs"]
mod tiny;

use device::device;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ndarray::{Array2, ArrayView2};
use qkv::compute::gpu::{Gpu, Options};
use qkv::compute::{Compute, Cpu, Since};
use qkv::engine::{Engine, OnDisk};
use qkv::kernels::{Order, Plan, Rung};
use qkv::math::tensor::{Cell, Tensor};
use qkv::program::{Address, Inputs, Layer, Ledger, Name, Override, Trace};
use qkv::session::Choice;
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
fn apart(ours: &ArrayView2<f32>, reference: &ArrayView2<f64>) -> f64 {
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
        apart(&ours.matrix(0, 0), &outcome.hidden[n].view())
    });
    let attention = (0..layers).flat_map(|layer| {
        let ours = find(Some(layer), Name::Weights).unwrap();
        let heads = outcome.attention[layer].outer_iter().enumerate();
        heads.map(move |(head, reference)| apart(&ours.matrix(0, head), &reference)).collect::<Vec<_>>()
    });
    let logits = outcome.logits.as_ref().map(|logits| {
        let asked = sample.model.as_ref().unwrap().sizes.asked;
        apart(&find(None, Name::Logits).unwrap().matrix(0, 0), &logits.select(ndarray::Axis(0), &[asked]).view())
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
    if let Some(mut gpu) = device(&Options::default()) {
        every_checkpoint(&mut gpu);
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

/// Six layers: on a device by the taught kernels, or where it is wide and long by fast ones.
fn six_layers(wide: bool) -> (tempfile::TempDir, Sample) {
    let size = if wide { (256, 1024, 128, 4) } else { (32, 48, 12, 2) };
    let (d, ffn, positions, heads) = size;
    let tiny = Tiny { layers: 6, d, ffn, positions, heads, kv_heads: heads, ..Tiny::of(Family::Gpt2) };
    let folder = tempfile::tempdir().unwrap();
    tiny.write(folder.path());
    let sample = of_ids(&opened(folder.path()), &tiny.ids(positions, 1));
    (folder, sample)
}

/// Products read Q, K and V where the projection left them, and leave the context where the next one reads it.
#[test]
fn within_a_layer_nothing_is_moved_from_texture_to_texture() {
    let (_folder, sample) = six_layers(true);
    let program = &sample.program;
    let last = vec![program.output_of(program.stages().len() - 1)];
    for (lanes, wanted) in [4, 8, 16].into_iter().flat_map(|lanes| [(lanes, None), (lanes, Some(last.clone()))]) {
        let alone = wanted.is_some();
        let order = Order { wanted, ..Order::taught(program).by(Rung::Subgroup, lanes, 16_384) };
        let plan = Plan::new(program, &order);
        let moved = plan.steps.iter().filter(|step| step.launch.file == "ladder/transfer");
        let moved: Vec<_> = moved.map(|step| step.launch.buffers[0].symbol).collect();
        assert_eq!(moved, ["norm_f", "asked"], "behind the layers, at {lanes} lanes, the last alone: {alone}");
    }
}

/// What the processor makes of a model with many words it makes of what the device was asked for, and of nothing else.
#[test]
fn some_results_are_those_of_a_whole_run() {
    let Some(mut gpu) = device(&Options::default()) else { return };
    // A table of 9 MB, more than a software adapter holds.
    let tiny = Tiny {
        layers: 2,
        d: 256,
        ffn: 512,
        positions: 64,
        heads: 4,
        kv_heads: 4,
        vocab: 9000,
        ..Tiny::of(Family::Gpt2)
    };
    let folder = tempfile::tempdir().unwrap();
    tiny.write(folder.path());
    let sample = of_ids(&opened(folder.path()), &tiny.ids(64, 1));
    let program = &sample.program;
    let trace = gpu.run(program, &sample.inputs).unwrap();
    let all = program.stages().len();
    let beginning = program.words_begin();
    assert!(beginning < all, "it ends in words");
    let of = |stage| program.output_of(stage);
    for wanted in [vec![of(all - 1)], vec![of(3)], vec![of(beginning), of(1), program.inputs()[0].slot, of(all - 1)]] {
        let read = gpu.read(program, &sample.inputs, &wanted).unwrap();
        assert_eq!(read.len(), wanted.len());
        for (slot, tensor) in wanted.iter().zip(&read) {
            let whole = trace.tensor(*slot);
            assert_eq!(tensor.shape(), whole.shape());
            let near = |(a, b): (f32, f32)| (a - b).abs() <= 1e-4 * b.abs().max(1.0);
            assert!(tensor.numbers().zip(whole.numbers()).all(near), "{}", program.symbol(*slot));
        }
    }
}

/// A product's kernel makes of its sums what the next stage makes of each number, where nobody wants to see the sums.
#[test]
fn what_follows_a_product_number_by_number_is_made_with_it() {
    let gpu = &mut device(&Options::default());
    for family in Family::ALL {
        let size = Tiny { layers: 2, d: 256, ffn: 512, positions: 64, heads: 4, kv_heads: 4, ..Tiny::of(family) };
        let folder = tempfile::tempdir().unwrap();
        size.write(folder.path());
        let (model, judge) = (opened(folder.path()), reference::Checkpoint::open(folder.path()));
        let ids = size.ids(40, 1);
        let sample = of_ids(&model, &ids);
        let program = &sample.program;
        let last = program.find(Some(Layer(1)), Name::Hidden).unwrap();
        for lanes in [4, 8, 16] {
            let order = Order { wanted: Some(vec![last]), ..Order::taught(program).by(Rung::Subgroup, lanes, 16_384) };
            let plan = Plan::new(program, &order);
            let each = plan.steps.iter().filter(|step| step.launch.file == "ladder/texels_each");
            let each: Vec<_> = each.map(|step| step.launch.buffers[step.launch.result].symbol).collect();
            let before: &[&str] = match family {
                Family::Bert | Family::Roberta | Family::XlmRoberta => &["placed", "embedding"],
                Family::Gpt2 => &["hidden"],
                Family::Llama | Family::Mistral | Family::Qwen2 => &[],
            };
            assert_eq!(each, before, "{family:?}: no more than what stands before the layers, at {lanes} lanes");
        }
        let Some(gpu) = gpu else { continue };
        let made = gpu.read(program, &sample.inputs, &[last]).unwrap();
        let off = apart(&made[0].matrix(0, 0), &judge.run(&Asked::of(&ids)).hidden[2].view());
        assert!(off <= HIDDEN, "{family:?}: {off:e}");
    }
}

/// The inputs with another number in a weight of a layer, counted from 0.
fn edited(sample: &Sample, inputs: &Inputs, (name, layer): (Name, usize), number: f32) -> Inputs {
    let slot = sample.program.find(Some(Layer(layer)), name).unwrap();
    let mut tensor = inputs.get(slot).unwrap().clone();
    tensor.set(Cell::at(1, 2), number);
    inputs.with_tensors(&sample.program, [(slot, tensor)]).unwrap()
}

/// Stages that a run shares with another.
fn shared(sample: &Sample, one: &Trace, other: &Trace) -> usize {
    let stages = sample.program.stages().iter();
    stages.filter(|stage| Arc::ptr_eq(one.shared(stage.output), other.shared(stage.output))).count()
}

fn assert_same_bits(sample: &Sample, one: &Trace, other: &Trace) {
    let bits = |trace: &Trace, slot| trace.tensor(slot).numbers().map(f32::to_bits).collect::<Vec<_>>();
    for stage in sample.program.stages() {
        assert!(bits(one, stage.output) == bits(other, stage.output), "{}", stage.symbol);
    }
}

#[test]
fn an_edit_in_a_layer_is_computed_from_there_on_bit_for_bit() {
    let Some(mut gpu) = device(&Options::default()) else { return };
    for wide in [false, true] {
        let (_folder, sample) = six_layers(wide);
        let (program, all) = (&sample.program, sample.program.stages().len());
        let before = gpu.launches();
        let first = gpu.run(program, &sample.inputs).unwrap();
        let whole = gpu.launches() - before;
        assert_eq!((0..all).any(|n| first.kernel(n) == Some("subgroup")), wide && first.kernel(0).is_some());
        // The fifth layer of six, then back again, then a head's rows of W_o in the first.
        let fifth = edited(&sample, &sample.inputs, (Name::WQ, 4), 1.25);
        let by_hand = {
            let slot = program.find(Some(Layer(5)), Name::Weights).unwrap();
            let address = Address { slot, cell: Cell::at(1, 0) };
            sample.inputs.as_ref().clone().with_overrides(program, vec![Override { address, value: 0.5 }])
        };
        let silent = edited(&sample, &sample.inputs, (Name::WO, 0), 0.0);
        let mut last = first;
        for (inputs, most, transfers) in
            // What is overridden by hand has to lie row by row: that takes another plan, with transfers of its own.
            [
                (&fifth, 0.4, 0),
                (&*sample.inputs, 0.4, 0),
                (&by_hand, 1.0, 2),
                (&*sample.inputs, 1.0, 0),
                (&silent, 1.0, 0),
            ]
        {
            let stale = program.stale(&last, inputs);
            let made = stale.iter().filter(|&&stale| stale).count();
            let before = gpu.launches();
            let now = gpu.rerun(program, inputs, Since { last: &last, stale: &stale }, false).unwrap();
            let launches = gpu.launches() - before;
            assert_eq!(shared(&sample, &now, &last), all - made);
            assert!(
                launches as f64 <= most * whole as f64 + f64::from(transfers),
                "{launches} of {whole} launches for {made} of {all} stages"
            );
            eprintln!("wide: {wide}, {made} of {all} stages anew, {launches} of {whole} launches");
            assert_same_bits(&sample, &now, &gpu.clone().run(program, inputs).unwrap());
            last = now;
        }
        // What another run left on the device is not taken for it.
        let other = edited(&sample, &sample.inputs, (Name::W1, 0), 3.0);
        gpu.run(program, &other).unwrap();
        let stale = program.stale(&last, &fifth);
        let now = gpu.rerun(program, &fifth, Since { last: &last, stale: &stale }, false).unwrap();
        assert_same_bits(&sample, &now, &gpu.clone().run(program, &fifth).unwrap());
    }
}

/// A trained model may hold numbers of thousands that nearly cancel: their sum is as wrong as f32 rounds its terms.
#[test]
fn a_large_sum_is_measured_by_its_terms_and_no_score_is() {
    let (_folder, sample) = six_layers(false);
    let program = &sample.program;
    let third = Some(Layer(2));
    let down = program.find(third, Name::W2).unwrap();
    let n = program.stages().iter().position(|stage| stage.operands.contains(&down)).unwrap();
    let mut tensor = sample.inputs.get(down).unwrap().clone();
    tensor.set(Cell::at(0, 0), 1.0);
    tensor.set(Cell::at(1, 0), -1.0);
    let slot = program.stages()[n].operands[0];
    let large = |col| Override { address: Address { slot, cell: Cell::at(0, col) }, value: 3000.0 };
    let inputs = sample.inputs.with_tensors(program, [(down, tensor)]).unwrap();
    let inputs = inputs.with_overrides(program, vec![large(0), large(1)]);
    let trace = Cpu::default().run(program, &inputs).unwrap();
    assert!(Ledger::check(program, &trace).ok());
    let scores = program.stages().iter().position(|stage| stage.symbol == Name::Scores.of(third)).unwrap();
    // 6000 times 2^-21 is 2.9e-3.
    for (stage, cell, off, ok) in [
        (n, Cell::at(0, 0), 2e-3, true),
        (n, Cell::at(0, 0), -2e-3, true),
        (n, Cell::at(0, 0), 6e-3, false),
        (n, Cell::at(1, 0), 2e-3, false),
        (scores, Cell::at(0, 0), 2e-3, false),
    ] {
        let mut outputs: Vec<Tensor<f32>> = program.stages().iter().map(|s| trace.tensor(s.output).clone()).collect();
        let found = outputs[stage].get(cell);
        outputs[stage].set(cell, found + off);
        let moved = Trace::new(&inputs, outputs, trace.by.clone(), Duration::ZERO);
        let ledger = Ledger::check(program, &moved);
        assert_eq!(ledger.stages[stage].ok(), ok, "{off}: {:?}", ledger.stages[stage]);
        assert_eq!(ledger.stages[stage].at.cell, cell);
    }
}

#[test]
fn the_engine_keeps_what_an_edit_leaves_with_its_verdicts() {
    let (_folder, sample) = six_layers(false);
    for mut engine in [Engine::new(), Engine::open(Choice::Auto).unwrap()] {
        let first = engine.run(&sample.program, &sample.inputs).unwrap();
        assert!(first.ledger.is_complete() && first.ledger.ok());
        let inputs = edited(&sample, &sample.inputs, (Name::W2, 4), 1.5);
        let run = engine.run(&sample.program, &inputs).unwrap();
        let stale = sample.program.stale(&first.trace, &inputs);
        let made = stale.iter().filter(|&&stale| stale).count();
        assert!(made < stale.len() / 3, "{made} of {}", stale.len());
        assert_eq!(shared(&sample, &run.trace, &first.trace), stale.len() - made);
        assert!(run.ledger.is_complete() && run.ledger.ok());
        let kept = |n: &usize| !stale[*n];
        assert!((0..stale.len()).filter(kept).all(|n| run.ledger.stages[n] == first.ledger.stages[n]));
        let whole = Engine::new().run(&sample.program, &inputs).unwrap();
        assert_eq!(whole.ledger.stages.len(), run.ledger.stages.len());
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
