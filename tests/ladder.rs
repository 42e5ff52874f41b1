//! Every rung of the ladder does the same work: equal to the f64 reference on shapes that divide nothing.
//!
//! `QKV_SHAPES=500 cargo test --test ladder` tries as many; drivers compile most kernels anew for each head size.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

#[path = "house/device.rs"]
mod device;

use device::device;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use qkv::compute::gpu::{Gpu, Options};
use qkv::compute::ndarray::{self, Workspace};
use qkv::engine::race::{PATIENCE, Race, Tuned, search};
use qkv::kernels::template::unrolled;
use qkv::kernels::{Rung, Seen, reason, written_out};
use qkv::math::ops::SHADERS;
use qkv::math::tensor::{Cell, Tensor};
use qkv::program::{Inputs, Name, Program};
use qkv::session::ComputeError;
use qkv::study::race::TOLERANCE;
use qkv::study::race::{Contender, NAMES, NoTime, Point};
use qkv::study::race::{Cut, Scene, Work};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Shapes tried unless more are asked for.
const SHAPES: usize = 16;

/// The adapter; none where there is none and none is compulsory.
fn adapter() -> Option<Gpu> {
    device(&Options { self_test: false, patience: PATIENCE, ..Options::default() })
}

/// Every tensor of a program by the reference of its op, in f64 throughout.
fn reference(program: &Program, inputs: &Inputs) -> Vec<Tensor<f64>> {
    let mut tensors: Vec<Tensor<f64>> = Vec::new();
    for slot in program.slots() {
        tensors.push(match program.made_by(slot) {
            None => inputs.get(slot).unwrap().to_f64(),
            Some(stage) => {
                let operands: Vec<_> = stage.operands.iter().map(|slot| &tensors[slot.0]).collect();
                stage.op.reference(&operands, stage.shape)
            }
        });
    }
    tensors
}

/// How far a result is from the reference at most.
fn furthest(found: &Tensor<f32>, reference: &Tensor<f64>) -> f64 {
    assert_eq!(found.shape(), reference.shape());
    let off = |(x, r): (f32, f64)| {
        let off = (f64::from(x) - r).abs() / r.abs().max(1.0);
        if f64::from(x) == r { 0.0 } else { off }
    };
    let differences = found.numbers().zip(reference.numbers()).map(off);
    differences.fold(0.0, |m: f64, x| if x.is_nan() { f64::INFINITY } else { m.max(x) })
}

fn output(program: &Program, tensors: &[Tensor<f64>]) -> Tensor<f64> {
    tensors[program.stages().last().unwrap().output.0].clone()
}

/// The inputs with a mask under which every word sees itself and, by chance, others.
fn masked(program: &Program, inputs: &Inputs, random: &mut ChaCha8Rng) -> Inputs {
    let slot = program.find(None, Name::Mask).unwrap();
    let mut open = |c: Cell| f32::from(u8::from(c.row == c.col || random.random_bool(0.4)));
    inputs.with_tensors(program, [(slot, Tensor::from_fn(program.shape(slot), &mut open))]).unwrap()
}

/// The inputs with a mask under which every word sees itself and those before it.
fn causal(program: &Program, inputs: &Inputs) -> Inputs {
    let slot = program.find(None, Name::Mask).unwrap();
    let earlier = Tensor::from_fn(program.shape(slot), |c: Cell| f32::from(u8::from(c.col <= c.row)));
    assert_eq!(Seen::by(&earlier), if earlier.as_slice().len() > 1 { Seen::Earlier } else { Seen::All });
    inputs.with_tensors(program, [(slot, earlier)]).unwrap()
}

#[test]
fn every_rung_equals_the_reference_on_any_shape() {
    let Some(gpu) = adapter() else { return };
    let shapes = std::env::var("QKV_SHAPES").ok().and_then(|n| n.parse().ok()).unwrap_or(SHAPES);
    let mut random = ChaCha8Rng::seed_from_u64(5);
    let mut tried = [0; Rung::ALL.len()];
    for n in 0..shapes {
        let heads = random.random_range(1..=16);
        let features = random.random_range(1..=300 / heads);
        let tokens = random.random_range(1..=if n % 4 == 0 { 300 } else { 40 });
        let batch = random.random_range(1..=3);
        let work = Work::new(batch, tokens, heads, heads * features).unwrap();
        let (program, mut inputs) = work.layer(n as u64).unwrap();
        inputs = match n % 3 {
            0 => masked(&program, &inputs, &mut random),
            1 => causal(&program, &inputs),
            _ => inputs,
        };
        let expected = output(&program, &reference(&program, &inputs));
        for rung in gpu.rungs(&program) {
            let mut prepared = gpu.prepare(&program, &inputs, rung).unwrap();
            prepared.forward().unwrap();
            let worst = furthest(&prepared.result().unwrap(), &expected);
            assert!(worst < 1e-5, "{} {work:?}: {worst:e}", rung.name());
            tried[rung as usize] += 1;
        }
    }
    // The last rung needs subgroups of one size, which not every adapter has.
    assert!(tried[..Rung::Subgroup as usize].iter().all(|&n| n == shapes), "{tried:?}");
}

#[test]
fn more_rows_than_a_texture_has_lie_side_by_side() {
    let Some(gpu) = adapter() else { return };
    let work = Work::new(1500, 45, 2, 8).unwrap(); // textures have 8192 to 32768 rows
    let (program, inputs) = work.layer(3).unwrap();
    let expected = output(&program, &reference(&program, &inputs));
    for rung in gpu.rungs(&program).into_iter().filter(|rung| rung.is_fused()) {
        let mut prepared = gpu.prepare(&program, &inputs, rung).unwrap();
        prepared.forward().unwrap();
        let worst = furthest(&prepared.result().unwrap(), &expected);
        assert!(worst < 1e-5, "{}: {worst:e}", rung.name());
    }
}

#[test]
fn heads_in_launches_of_their_own_give_the_same() {
    let Some(gpu) = adapter() else { return };
    let work = Work::new(3, 21, 6, 48).unwrap();
    let (program, inputs) = work.layer(4).unwrap();
    let expected = output(&program, &reference(&program, &inputs));
    let fused = gpu.rungs(&program).into_iter().filter(|rung| rung.is_fused());
    for (rung, launches) in fused.flat_map(|rung| [(rung, 2), (rung, 4), (rung, 6)]) {
        let mut prepared = gpu.prepare_cut(&program, &inputs, rung, launches).unwrap();
        prepared.forward().unwrap();
        assert!(furthest(&prepared.result().unwrap(), &expected) < 1e-5, "{} in {launches}", rung.name());
    }
}

#[test]
fn the_processor_equals_the_reference_on_one_thread_and_on_three() {
    let mut random = ChaCha8Rng::seed_from_u64(6);
    let mut workspace = Workspace::default(); // larger and smaller work, masked or not, in the same memory
    for seed in 0..20 {
        let heads = random.random_range(1..=8);
        let hidden = heads * random.random_range(1..=12);
        let work = Work::new(random.random_range(1..=5), random.random_range(1..=20), heads, hidden).unwrap();
        let (program, mut inputs) = work.layer(seed).unwrap();
        if seed % 2 == 0 {
            inputs = masked(&program, &inputs, &mut random);
        }
        let expected = output(&program, &reference(&program, &inputs));
        for threads in [1, 3] {
            let y = ndarray::forward(&program, &inputs, threads, &mut workspace, &|| false).unwrap().unwrap();
            assert!(furthest(&y, &expected) < 1e-5, "{work:?} on {threads}");
        }
    }
}

#[test]
fn the_processor_hears_within_a_head_that_its_work_is_not_wanted() {
    let (program, inputs) = Work::new(64, 8, 4, 8).unwrap().layer(1).unwrap();
    for threads in [1, 3] {
        let asked = AtomicUsize::new(0);
        let stop = || asked.fetch_add(1, Ordering::SeqCst) >= 20;
        let mut workspace = Workspace::default();
        assert!(ndarray::forward(&program, &inputs, threads, &mut workspace, &stop).unwrap().is_none());
        assert!(asked.into_inner() < 64, "of 256 heads of sentences few were worked out");
    }
}

#[test]
fn fused_attention_needs_memory_by_the_words_not_by_their_square() {
    let Some(gpu) = adapter() else { return };
    let bytes = |tokens: usize, rung: Rung| {
        let (program, inputs) = Work::new(1, tokens, 2, 16).unwrap().layer(1).unwrap();
        gpu.prepare(&program, &inputs, rung).unwrap().bytes() as f64
    };
    let growth = |rung| bytes(2048, rung) / bytes(512, rung);
    assert!(growth(Rung::Register) < 4.1, "{}", growth(Rung::Register));
    assert!(growth(Rung::Coalesced) > 10.0, "scores are written down: {}", growth(Rung::Coalesced));
}

#[test]
fn what_is_too_large_is_refused_before_anything_is_allocated() {
    let Some(gpu) = adapter() else { return };
    let work = Work::new(64, 2048, 8, 64).unwrap();
    let why = gpu.bytes(&work.program().unwrap(), Rung::Naive).err().unwrap().to_string();
    assert!(why.starts_with("scores: 8192 MiB needed"), "{why}");
}

#[test]
fn the_race_shows_no_time_of_a_wrong_result_and_stops_when_told() {
    let gpu = adapter();
    let work = Work::new(2, 9, 2, 8).unwrap();
    let race = Race::new(gpu.as_ref(), work, 1).unwrap();
    let contenders = race.contenders(&mut Tuned::default());
    assert!(contenders.len() >= 2 && contenders.iter().all(|c| NAMES.contains(&c.to_string().as_str())));
    for contender in contenders {
        let entry = race.run(contender, 3, PATIENCE, &|| false).unwrap();
        let times = entry.result.unwrap();
        assert!(times.error < TOLERANCE && times.warm.len() == 3 && times.warm.is_sorted(), "{contender}");
        let stopped = race.run(contender, 3, PATIENCE, &|| true).map(|entry| entry.result.unwrap().warm.len());
        let on_cpu = matches!(contender, Contender::NdarrayOne | Contender::NdarrayAll);
        assert_eq!(
            stopped,
            (!on_cpu).then_some(0),
            "{contender}: the adapter's cold run is kept, the processor's broken off"
        );
    }
    assert!(Race::begin(gpu.as_ref(), work, 1, &|| true).unwrap().is_none(), "the reference, too, is broken off");
    let hurried = race.run(Contender::NdarrayOne, 5, Duration::ZERO, &|| false).unwrap().result.unwrap();
    assert_eq!(hurried.warm.len(), 1, "one warm run always happens");
    let alone = Race::new(None, work, 1).unwrap().run(Contender::Rung(Rung::Naive), 1, PATIENCE, &|| false).unwrap();
    assert_eq!(alone.result, Err(NoTime::NoAdapter));
}

#[test]
fn every_rung_stays_within_what_every_device_promises() {
    let widths: Vec<usize> = (1..=75).filter(|d4| *d4 < 3 || d4 % 16 == 0 || *d4 == 75).collect();
    let written = [4, 8, 16].into_iter().flat_map(|lanes| written_out(lanes, &widths));
    for (file, source) in written {
        let module = naga::front::wgsl::parse_str(&source).unwrap_or_else(|why| panic!("{file}: {why}"));
        let mut validator =
            naga::valid::Validator::new(naga::valid::ValidationFlags::all(), naga::valid::Capabilities::SUBGROUP);
        validator.subgroup_stages(naga::valid::ShaderStages::COMPUTE);
        validator.subgroup_operations(naga::valid::SubgroupOperationSet::all());
        validator.validate(&module).unwrap_or_else(|why| panic!("{file}: {why:?}"));
        let workgroup: u32 = module.entry_points[0].workgroup_size.iter().product();
        let global = |space: fn(&naga::AddressSpace) -> bool| {
            module.global_variables.iter().filter(move |(_, variable)| space(&variable.space))
        };
        let size = |ty: naga::Handle<naga::Type>| module.types[ty].inner.size(module.to_ctx());
        let shared: u32 = global(|s| *s == naga::AddressSpace::WorkGroup).map(|(_, v)| size(v.ty)).sum();
        let buffers = global(|s| matches!(s, naga::AddressSpace::Storage { .. })).count();
        let textures = global(|s| *s == naga::AddressSpace::Handle).count();
        let within = workgroup <= 256 && shared <= 16 << 10 && buffers <= 8 && textures <= 4;
        assert!(within, "{file}: {workgroup} {shared} {buffers} {textures}");
        assert!(reason(file).is_some() || file == "ladder/peak", "{file}: the lens has no reason for it");
    }
    for shader in SHADERS {
        assert!(reason(shader.name).is_some(), "{}: the lens has no reason for it", shader.name);
    }
}

#[test]
fn a_device_lost_in_the_middle_of_a_race_leaves_the_processor_running() {
    let Some(gpu) = device(&Options { reopen: false, self_test: false, ..Options::default() }) else { return };
    let work = Work::new(2, 9, 2, 8).unwrap();
    let race = Race::new(Some(&gpu), work, 1).unwrap();
    let prepared = gpu.prepare(race.program(), race.inputs(), Rung::Register).unwrap();
    prepared.forward().unwrap();
    gpu.lose();
    assert!(prepared.forward().is_err() && gpu.timeline(Scene::Ahead, (work, Cut::Sentences, 2), Rung::Tiled).is_err());
    for rung in gpu.rungs(race.program()) {
        let Err(why @ NoTime::Device(_)) = race.run(Contender::Rung(rung), 2, PATIENCE, &|| false).unwrap().result
        else {
            panic!("{}", rung.name())
        };
        assert!(why.to_string().contains("lost"), "{why}");
    }
    let on_cpu = race.run(Contender::NdarrayAll, 2, PATIENCE, &|| false).unwrap().result.unwrap();
    assert_eq!(on_cpu.warm.len(), 2);
}

#[test]
fn a_device_lost_in_the_middle_of_a_race_is_opened_once_for_all() {
    let Some(gpu) = adapter() else { return };
    let race = Race::new(Some(&gpu), Work::new(2, 9, 2, 8).unwrap(), 1).unwrap();
    let prepared = gpu.prepare(race.program(), race.inputs(), Rung::Register).unwrap();
    gpu.lose();
    let Err(ComputeError::Lost(_)) = prepared.forward() else { panic!("it is lost") };
    for rung in gpu.rungs(race.program()) {
        let entry = race.run(Contender::Rung(rung), 1, PATIENCE, &|| false).unwrap();
        assert!(entry.result.is_ok(), "{}: {:?}", rung.name(), entry.result);
    }
    gpu.timeline(Scene::Ahead, (Work::new(2, 9, 2, 8).unwrap(), Cut::Sentences, 2), Rung::Tiled).unwrap();
    assert_eq!(gpu.reopened(), 1);
}

#[test]
fn repeated_lines_are_written_out() {
    let source = "const N: u32 = 9u;\n//: each A below N\nx$A;\n//: each B below 2\ny$A_$B;\n//: end\n//: end\nz$N;";
    let written = unrolled(source, &[("N", 2)]);
    assert_eq!(written, "const N: u32 = 2u;\nx0;\ny0_0;\ny0_1;\nx1;\ny1_0;\ny1_1;\nz2;\n");
}

#[test]
fn no_rung_is_faster_than_the_roof() {
    let Some(gpu) = adapter() else { return };
    let roof = gpu.roof().unwrap();
    assert!(roof.flops > 1e8 && roof.bytes > 1e8, "{roof:?}");
    let work = Work::new(4, 64, 4, 64).unwrap();
    let race = Race::new(Some(&gpu), work, 1).unwrap();
    for rung in gpu.rungs(race.program()) {
        let times = race.run(Contender::Rung(rung), 5, PATIENCE, &|| false).unwrap().result.unwrap();
        assert!(times.least() > roof.floor(work), "{}: {times:?} under {roof:?}", rung.name());
        assert!(times.split.is_some());
    }
}

#[test]
fn the_search_for_the_crossing_doubles_until_it_is_told_to_stop() {
    let Some(gpu) = adapter() else { return };
    let work = Work::new(1, 8, 2, 16).unwrap();
    let mut points = Vec::new();
    let mut tell = |point: Point| {
        points.push(point.batch);
        points.len() < 4
    };
    search(&gpu, work, Rung::Register, 2, &mut tell).unwrap();
    assert_eq!(points, [1, 2, 4, 8]);
}

#[test]
fn what_the_trial_chose_is_remembered_by_adapter_and_size() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache").join("tuned.toml");
    let (work, other) = (Work::new(4, 16, 2, 16).unwrap(), Work::new(4, 32, 2, 16).unwrap());
    let mut tuned = Tuned::at(path.clone());
    tuned.remember("this one", work, Rung::Register);
    let again = Tuned::at(path.clone());
    assert_eq!(again.rung("this one", work), Some(Rung::Register));
    assert_eq!((again.rung("this one", other), again.rung("another", work)), (None, None));
    // Two who race at once lose nothing of each other, and leave nothing lying about.
    let (mut one, mut two) = (Tuned::at(path.clone()), Tuned::at(path.clone()));
    one.remember("one", work, Rung::Block);
    two.remember("two", work, Rung::Subgroup);
    let both = Tuned::at(path.clone());
    assert_eq!((both.rung("one", work), both.rung("two", work)), (Some(Rung::Block), Some(Rung::Subgroup)));
    assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    tuned.remember("this one", work, Rung::Naive);
    assert_eq!(Tuned::at(path.clone()).rung("this one", work), None, "no trial could have chosen it");
    std::fs::write(&path, "rungs = 7").unwrap();
    assert_eq!(Tuned::at(path.clone()).rung("this one", work), None, "a broken file is as good as none");

    let Some(gpu) = adapter() else { return };
    let mut tuned = Tuned::at(path.clone());
    let chosen = Race::new(Some(&gpu), work, 1).unwrap().choose(&mut tuned).unwrap();
    assert_eq!(Tuned::at(path.clone()).rung(&gpu.machine(), work), Some(chosen));
    // What is remembered decides, whatever a new trial would say.
    tuned.remember(&gpu.machine(), work, Rung::Tiled);
    assert_eq!(Race::new(Some(&gpu), work, 1).unwrap().choose(&mut Tuned::at(path)), Some(Rung::Tiled));
}
