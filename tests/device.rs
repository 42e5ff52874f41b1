//! One device for everybody: what lies on it is not uploaded again, heavy programs run on the fast kernels, and any stage runs on
//! any rung that has a kernel for it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

#[path = "house/device.rs"]
mod device;

use device::device;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread;

use qkv::compute::gpu::{Gpu, Options};
use qkv::compute::{Compute, Cpu};
use qkv::engine::{Builtin, Driver, Engine, Watch};
use qkv::kernels::{Rung, Version};
use qkv::math::tensor::{Cell, Tensor};
use qkv::program::attention::{Sizes, cross_attention, dot_product, self_attention};
use qkv::program::{Address, Inputs, Ledger, Name, Override, Program, Symbol};
use qkv::session::Job;
use qkv::source::sample::Sample;
use qkv::study::race::Cut;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Numbers for a program, its weights so small that results stay around 1; under its mask every word sees itself and, by chance, others.
fn inputs(program: &Program, seed: u64) -> Inputs {
    Inputs::new(program, |symbol: Symbol| {
        let slot = program.find_symbol(symbol)?;
        let (mut random, shape) = (ChaCha8Rng::seed_from_u64(seed ^ slot.0 as u64), program.shape(slot));
        let spread = if let Name::WQ | Name::WK | Name::WV | Name::WO = symbol.name {
            (shape.rows.len as f32).sqrt().recip()
        } else {
            1.0
        };
        let number = |c: Cell| match symbol.name {
            Name::Mask => f32::from(u8::from(c.row == c.col || c.col == 0 || random.random_bool(0.6))),
            _ => spread * random.random_range(-1.0..1.0),
        };
        Some(Tensor::from_fn(shape, number))
    })
    .unwrap()
}

/// Self-attention that nobody wants to wait for by the taught kernels: 84 million multiplications.
fn heavy() -> Program {
    let sizes = Sizes {
        batch: Some(34),
        tokens: 40,
        memory: 0,
        model: 320,
        heads: 4,
        features: 320,
        values: 328,
        output: Some(320),
    };
    self_attention(&sizes).unwrap()
}

#[test]
fn any_stage_runs_on_any_rung_that_has_a_kernel_for_it() {
    let Some(mut gpu) = device(&Options { self_test: false, ..Options::default() }) else { return };
    let shapes = std::env::var("QKV_SHAPES").ok().and_then(|n| n.parse().ok()).unwrap_or(150);
    let mut random = ChaCha8Rng::seed_from_u64(8);
    let mut made = std::collections::BTreeSet::new();
    for n in 0..shapes {
        let heads = random.random_range(1..=4);
        let (features, values) = (heads * random.random_range(1..=9), heads * random.random_range(1..=9));
        let sizes = Sizes {
            batch: random.random_bool(0.5).then(|| random.random_range(1..=3)),
            tokens: random.random_range(1..=20),
            memory: random.random_range(1..=20),
            model: features,
            heads,
            features,
            values,
            output: random.random_bool(0.7).then(|| random.random_range(1..=9)),
        };
        let program = match n % 3 {
            0 => cross_attention(&sizes),
            1 => self_attention(&sizes),
            _ => dot_product(&Sizes { values: features, ..sizes }),
        };
        let program = program.unwrap();
        let able = gpu.rungs(&program);
        let mut order = gpu.order(&program, Rung::Naive);
        // One rung for all, or another for every stage, or none.
        let one = able[random.random_range(0..able.len())];
        let any = |random: &mut ChaCha8Rng| random.random_bool(0.8).then(|| able[random.random_range(0..able.len())]);
        let mixed = random.random_bool(0.6);
        order.rungs.iter_mut().for_each(|rung| *rung = if mixed { any(&mut random) } else { Some(one) });
        let all: Vec<_> = program.stages().iter().map(|stage| stage.output).collect();
        // Some results, or the last alone: only then may a kernel keep the scores to itself.
        let often = if random.random_bool(0.6) { 0.0 } else { 0.5 };
        let some = all.iter().copied().filter(|_| random.random_bool(often)).chain(all.last().copied());
        let some: Vec<_> = some.collect();
        if random.random_bool(0.8) {
            order.wanted = Some(some);
        }
        let mut inputs = inputs(&program, n);
        if random.random_bool(0.3) {
            let stage = &program.stages()[random.random_range(0..all.len())];
            let cell = stage.shape.cells().last().unwrap();
            let overrides = vec![Override { address: Address { slot: stage.output, cell }, value: 0.25 }];
            inputs = inputs.with_overrides(&program, overrides);
            order.by_hand = vec![stage.output];
        }
        let expected = Cpu::default().run(&program, &inputs).unwrap();
        let wanted = order.wanted.clone().unwrap_or(all);
        let (found, versions) = gpu.run_by(&program, &inputs, &order).unwrap();
        for (slot, found) in wanted.iter().zip(&found) {
            let off = |(a, b): (f32, f32)| if a == b { 0.0 } else { (a - b).abs() / b.abs().max(1.0) };
            let worst = found.numbers().zip(expected.tensor(*slot).numbers()).map(off).fold(0.0, f32::max);
            assert!(worst < 2e-5, "{n}: {} off by {worst:e}, {:?}", program.symbol(*slot), order.rungs);
        }
        made.extend(versions.iter().map(|version| version.name()));
    }
    for version in able_versions(&gpu) {
        assert!(made.contains(version.name()), "{} made nothing: {made:?}", version.name());
    }
}

fn able_versions(gpu: &Gpu) -> Vec<Version> {
    let rungs = gpu.rungs(&heavy());
    let fused = rungs.iter().copied().filter(|rung| rung.is_fused()).map(Version::Fused);
    rungs.iter().copied().map(Version::Rung).chain(fused).chain([Version::Taught]).collect()
}

#[test]
fn a_heavy_program_runs_on_a_fast_rung_and_a_small_one_on_the_taught_kernels() {
    let Some(mut gpu) = device(&Options { self_test: false, ..Options::default() }) else { return };
    let program = heavy();
    let given = inputs(&program, 1);
    let trace = gpu.run(&program, &given).unwrap();
    assert!(Ledger::check(&program, &trace).ok());
    assert_ne!(trace.kernel(0), Some("teach"));
    let small = self_attention(&Sizes { batch: None, tokens: 4, model: 8, features: 8, values: 8, ..SMALL }).unwrap();
    let trace = gpu.run(&small, &inputs(&small, 1)).unwrap();
    assert!((0..small.stages().len()).all(|stage| trace.kernel(stage) == Some("teach")));
    // What the taught kernels make is what the fast ones make, as far as f32 goes.
    let output = program.find(None, Name::Output).unwrap();
    let fast = gpu.read(&program, &given, &[output]).unwrap().remove(0);
    let slow = Cpu::default().read(&program, &given, &[output]).unwrap().remove(0);
    let off = fast.numbers().zip(slow.numbers()).map(|(a, b)| (a - b).abs() / b.abs().max(1.0)).fold(0.0, f32::max);
    assert!(off < 1e-4, "{off:e}");
}

const SMALL: Sizes =
    Sizes { batch: None, tokens: 4, memory: 0, model: 8, heads: 2, features: 8, values: 8, output: Some(5) };

#[test]
fn a_number_set_by_hand_is_heeded_by_the_fast_kernels_too() {
    let Some(mut gpu) = device(&Options { self_test: false, ..Options::default() }) else { return };
    let program = heavy();
    let overrides: Vec<Override> = [Name::Q, Name::Scores, Name::Weights, Name::Context, Name::Concat]
        .map(|name| {
            let slot = program.find(None, name).unwrap();
            Override { address: Address { slot, cell: Cell { batch: 3, ..Cell::at(7, 9) } }, value: 2.5 }
        })
        .to_vec();
    let inputs = inputs(&program, 2).with_overrides(&program, overrides.clone());
    let trace = gpu.run(&program, &inputs).unwrap();
    assert!(Ledger::check(&program, &trace).ok());
    assert!(overrides.iter().all(|o| trace.get(o.address) == o.value));
}

#[test]
fn what_lies_on_the_device_is_not_uploaded_again() {
    let Some(mut gpu) = device(&Options { self_test: false, ..Options::default() }) else { return };
    for program in [heavy(), self_attention(&SMALL).unwrap()] {
        let given = inputs(&program, 3);
        let before = gpu.uploads();
        gpu.run(&program, &given).unwrap();
        let first = gpu.uploads();
        assert_eq!(first.tensors - before.tensors, given.tensors().len() as u64, "each once");
        let again = gpu.run(&program, &given).unwrap();
        assert_eq!(gpu.uploads(), first, "nothing has changed");

        // Only what has changed goes there again.
        let words = program.find(None, Name::H).unwrap();
        let mut changed = given.get(words).unwrap().clone();
        changed.set(Cell::at(1, 1), 0.5);
        let edited = given.with_tensors(&program, [(words, changed)]).unwrap();
        let trace = gpu.run(&program, &edited).unwrap();
        let second = gpu.uploads();
        assert_eq!(second.tensors, first.tensors + 1);
        assert!(Ledger::check(&program, &trace).ok());
        assert_ne!(trace.find(&program, None, Name::Q), again.find(&program, None, Name::Q));

        // An undone edit is what was there before; so is another handle's run of the same numbers.
        let undone = gpu.run(&program, &given).unwrap();
        let other = gpu.clone().run(&program, &given).unwrap();
        assert_eq!(gpu.uploads(), second);
        for slot in program.slots() {
            assert_eq!((undone.tensor(slot), other.tensor(slot)), (again.tensor(slot), again.tensor(slot)));
        }
    }
}

#[test]
fn clones_work_side_by_side_and_one_of_them_opens_a_lost_device_again() {
    let Some(gpu) = device(&Options { self_test: false, ..Options::default() }) else { return };
    let program = Arc::new(self_attention(&SMALL).unwrap());
    let given = inputs(&program, 4);
    let expected = gpu.clone().run(&program, &given).unwrap();
    let output = program.find(None, Name::Output).unwrap();
    let lanes: Vec<_> = (0..3)
        .map(|n| {
            let (mut gpu, program, given) = (gpu.clone(), Arc::clone(&program), given.clone());
            thread::spawn(move || {
                let results: Vec<_> = (0..20)
                    .map(|turn| {
                        if (n, turn) == (0, 7) {
                            gpu.lose();
                        }
                        gpu.run(&program, &given).map(|trace| trace.tensor(output).clone())
                    })
                    .collect();
                results
            })
        })
        .collect();
    for lane in lanes {
        for result in lane.join().unwrap() {
            assert_eq!(result.unwrap(), *expected.tensor(output));
        }
    }
    assert_eq!(gpu.reopened(), 1);
}

#[test]
fn a_tensor_larger_than_a_piece_comes_back_whole() {
    let Some(mut gpu) = device(&Options { self_test: false, ..Options::default() }) else { return };
    // scores: 5 · 8 · 420 · 420 numbers, 27 MiB, read back in pieces.
    let sizes =
        Sizes { batch: Some(5), tokens: 420, memory: 0, model: 8, heads: 8, features: 8, values: 8, output: None };
    let program = self_attention(&sizes).unwrap();
    let given = inputs(&program, 5);
    let trace = gpu.run(&program, &given).unwrap();
    assert!(Ledger::check(&program, &trace).ok());
    let slots = [Name::Weights, Name::Scores].map(|name| program.find(None, name).unwrap());
    let some = gpu.read(&program, &given, &slots).unwrap();
    assert_eq!((&some[0], &some[1]), (trace.tensor(slots[0]), trace.tensor(slots[1])));
}

#[test]
fn where_plain_sums_are_too_coarse_the_taught_kernels_compute() {
    let Some(gpu) = device(&Options { self_test: false, ..Options::default() }) else { return };
    let mut engine = Engine::new();
    engine.attach(Box::new(gpu));
    let program = Arc::new(heavy());
    // Scores of some hundred that are the sums of thousands: what a plain f32 sum drops, the ledger sees.
    let given = inputs(&program, 6);
    let large = |slot| given.get(slot).unwrap().map(|x| 40.0 * x);
    let large = [Name::WQ, Name::WK].map(|name| program.find(None, name).unwrap()).map(|slot| (slot, large(slot)));
    let coarse = given.with_tensors(&program, large).unwrap();
    for _ in 0..2 {
        let run = engine.run(&program, &coarse).unwrap();
        assert!(run.ledger.ok() && run.fallback.is_none());
        assert_eq!((run.trace.by.name, run.trace.kernel(3)), ("gpu", Some("teach")));
    }
}

#[test]
fn numbers_that_come_to_lie_where_others_lay_are_not_taken_for_them() {
    let Some(mut gpu) = device(&Options { self_test: false, ..Options::default() }) else { return };
    let program = self_attention(&SMALL).unwrap();
    // Each set of numbers is gone before the next is drawn, which therefore soon lies in the same place.
    let mut places = BTreeSet::new();
    for seed in 0..300 {
        let inputs = inputs(&program, seed);
        places.insert(Arc::as_ptr(&inputs.tensors()[0]).addr());
        let trace = gpu.run(&program, &inputs).unwrap();
        let ledger = Ledger::check(&program, &trace);
        assert!(ledger.ok(), "seed {seed}: {:?}", ledger.worst());
    }
    assert!(places.len() < 300, "no place was used again: nothing was tested");
}

/// Tensors and plans of a program that take some megabytes.
const LARGE: Sizes =
    Sizes { batch: None, tokens: 2, memory: 0, model: 1024, heads: 4, features: 1024, values: 1024, output: None };

#[test]
fn what_a_finished_piece_of_work_left_on_the_device_goes() {
    let Some(gpu) = device(&Options { self_test: false, ..Options::default() }) else { return };
    let mut driver = Driver::new(Builtin);
    driver.attach(Ok(gpu.clone())).unwrap();
    let sample = Sample::builtin(Sample::DEFAULT).unwrap().unwrap();
    let job = Job::Run { program: Arc::clone(&sample.program), inputs: Arc::clone(&sample.inputs), first: 0 };
    driver.carry_out(&job, Watch::nobody()).unwrap().unwrap();
    let held = gpu.held();
    assert!(held > 0);

    // Nothing is uploaded after it that would make room.
    let queue = Job::Queue { cut: Cut::Sentences, pieces: 4 };
    driver.carry_out(&queue, Watch::nobody()).unwrap().unwrap();
    assert_eq!(gpu.held(), held, "the numbers that the queue was watched with are gone");
    driver.carry_out(&job, Watch::nobody()).unwrap().unwrap();
    assert_eq!(gpu.held(), held, "those of the sample are not");
}

#[test]
fn a_plan_that_waits_keeps_no_numbers_that_nobody_has() {
    let Some(mut gpu) = device(&Options { self_test: false, ..Options::default() }) else { return };
    let (large, small) = (self_attention(&LARGE).unwrap(), self_attention(&SMALL).unwrap());
    let kept = inputs(&small, 1);
    gpu.run(&large, &inputs(&large, 2)).unwrap();
    gpu.run(&small, &kept).unwrap();
    gpu.tidy();
    let bytes: usize = kept.tensors().iter().map(|tensor| 4 * tensor.shape().count()).sum();
    assert!(gpu.held() <= 2 * bytes as u64, "{} bytes of {bytes}", gpu.held());
    assert_eq!(gpu.plans(), 2, "the plan itself is kept");
    let again = inputs(&large, 3);
    let trace = gpu.run(&large, &again).unwrap();
    assert!(Ledger::check(&large, &trace).ok());
}

#[test]
fn idle_tensors_are_bounded() {
    let Some(gpu) = device(&Options { self_test: false, ..Options::default() }) else { return };
    let program = self_attention(&LARGE).unwrap();
    // Somebody has all of them still, as the history of changes does; no plan uses any.
    let all: Vec<Inputs> = (0..10).map(|seed| inputs(&program, seed)).collect();
    for given in &all {
        drop(gpu.prepare(&program, given, Rung::Register).unwrap());
    }
    let (tensors, bytes) = (gpu.uploads().tensors, gpu.uploads().bytes);
    assert!(bytes > 100 << 20, "{bytes}");
    gpu.tidy();
    let held = gpu.held();
    assert!((48 << 20..=64 << 20).contains(&held), "{held}");
    // What was used last is still there.
    drop(gpu.prepare(&program, &all[9], Rung::Register).unwrap());
    assert_eq!(gpu.uploads().tensors, tensors);
}
