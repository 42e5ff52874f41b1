//! The mirror carries the shaders' own WGSL out on the CPU: for every version of every stage it ends on the reference's numbers,
//! and on the device's.
//!
//! `QKV_SHAPES=500 cargo test --release --test mirror` tries as many random programs.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

#[path = "house/device.rs"]
mod device;

use device::device;
use std::collections::BTreeSet;
use std::sync::Arc;

use qkv::compute::gpu::Options;
use qkv::compute::{Compute, Cpu};
use qkv::engine::Engine;
use qkv::kernels::mirror::{Memory, Mirror, MirrorError};
use qkv::kernels::{Launch, Rung, Version, launch, versions};
use qkv::math::tensor::{Cell, Tensor};
use qkv::program::attention::{Sizes, self_attention};
use qkv::program::{Address, Inputs, Name, Program, TOLERANCE, Trace};
use qkv::session::Ask;
use qkv::source::sample::{BUILTIN, Sample};
use qkv::study::clinic::CASES;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Widths of subgroups that are tried where no device says otherwise.
const LANES: [usize; 3] = [4, 8, 16];

/// Random programs that are tried unless more are asked for.
const SHAPES: usize = 12;

fn traced(sample: &Sample) -> (Arc<Program>, Trace) {
    let trace = Cpu::default().run(&sample.program, &sample.inputs).unwrap();
    (Arc::clone(&sample.program), trace)
}

fn builtin(name: &str) -> Sample {
    Sample::builtin(name).unwrap().unwrap()
}

/// Every stored sample as it is, and every case of the clinic with its mistake: whether it is one, too.
fn samples() -> Vec<(&'static str, bool, Sample)> {
    let stored =
        BUILTIN.iter().map(|b| b.name).filter(|name| *name != Sample::BATCH).map(|name| (name, false, builtin(name)));
    let mistaken = CASES.iter().map(|case| (case.name, true, case.scenario().apply(&builtin(case.sample)).unwrap()));
    stored.chain(mistaken).collect()
}

/// How far a number is from another; shaders write hidden scores as a finite one.
fn off(found: f32, expected: f32) -> f64 {
    if found.is_nan() && expected.is_nan() {
        return 0.0;
    }
    if found <= -1e30 && expected <= -1e30 {
        return 0.0;
    }
    let off = f64::from((found - expected).abs()) / f64::from(expected.abs()).max(1.0);
    if off.is_nan() { f64::INFINITY } else { off }
}

fn cells(trace: &Trace, program: &Program, stage: usize) -> Vec<Cell> {
    trace.tensor(program.output_of(stage)).shape().cells().collect()
}

/// The numbers that a launch starts with.
fn filled(launch: &Launch, trace: &Trace) -> Vec<Vec<f32>> {
    launch.filled(|slot| trace.tensor(slot))
}

fn place(launch: &Launch, cell: Cell) -> usize {
    launch.place((cell.batch, cell.head), cell.row, cell.col)
}

#[test]
fn every_version_of_every_stage_ends_on_the_references_numbers() {
    let mut tried = 0;
    let mut known = BTreeSet::new();
    for (name, mistaken, sample) in samples() {
        let (program, trace) = traced(&sample);
        // Of a mistaken program only what a right one does not do.
        let op = |stage: usize| program.stages()[stage].op.name();
        let stages: Vec<usize> = (0..program.stages().len()).filter(|&n| !mistaken || !known.contains(op(n))).collect();
        known.extend(stages.iter().map(|&stage| op(stage)));
        for (stage, lanes) in stages.into_iter().flat_map(|stage| LANES.map(|lanes| (stage, lanes))) {
            for version in versions(&program, &trace, stage, Some(lanes)) {
                let launch = launch(&program, &trace, stage, version, lanes).unwrap();
                let mut memory = Memory::new(&launch, &filled(&launch, &trace));
                let mirror = Mirror::new(&launch).unwrap_or_else(|why| panic!("{}: {why}", launch.file));
                mirror.all(&mut memory, u64::MAX).unwrap();
                for cell in cells(&trace, &program, stage) {
                    let expected = trace.tensor(program.output_of(stage)).get(cell);
                    let found = memory.number(launch.result, place(&launch, cell)).unwrap();
                    let what = (name, program.stages()[stage].symbol, version.name(), lanes, cell);
                    assert!(off(found, expected) <= TOLERANCE, "{what:?}: {found} for {expected}");
                }
                assert_eq!(launch.workgroups, launch.map.workgroups(), "{}", launch.file);
                // Every step stands on a line that does something.
                let watched = mirror
                    .watch(launch.map.owner((0, 0), 0, 0), true, &mut Memory::new(&launch, &filled(&launch, &trace)))
                    .unwrap();
                let lines: Vec<&str> = launch.source.lines().collect();
                for line in watched.ticks.iter().map(|tick| tick.line).chain(watched.waves.iter().map(|wave| wave.line))
                {
                    let words =
                        line.checked_sub(1).and_then(|at| lines.get(at as usize)).map_or("", |line| line.trim());
                    assert!(!words.is_empty() && !words.starts_with("//"), "{}, line {line}: {words}", launch.file);
                }
                tried += 1;
            }
        }
    }
    assert!(tried > 300, "{tried}");
}

#[test]
fn the_mirror_equals_the_device_in_every_cell_of_the_default_sample() {
    let Some(mut gpu) = device(&Options::default()) else { return };
    let lanes = gpu.hardware().and_then(|hardware| hardware.lanes);
    let (program, trace) = traced(&builtin(BUILTIN[0].name));
    for stage in 0..program.stages().len() {
        for version in versions(&program, &trace, stage, lanes) {
            let launch = launch(&program, &trace, stage, version, lanes.unwrap_or(8)).unwrap();
            let written = gpu.carry_out(&launch, &filled(&launch, &trace)).unwrap();
            let mut memory = Memory::new(&launch, &filled(&launch, &trace));
            Mirror::new(&launch).unwrap().all(&mut memory, u64::MAX).unwrap();
            for cell in cells(&trace, &program, stage) {
                let at = place(&launch, cell);
                let (device, mirror) = (written[at], memory.number(launch.result, at).unwrap());
                assert!(off(device, mirror) <= TOLERANCE, "{} {cell:?}: {device}, {mirror}", version.name());
            }
        }
    }
}

/// Self-attention of random sizes under a random mask.
fn random(seed: u64) -> (Program, Inputs) {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let heads = random.random_range(1..=4);
    let sizes = Sizes {
        batch: random.random_bool(0.3).then(|| random.random_range(1..=2)),
        tokens: random.random_range(1..=20),
        memory: 0,
        model: random.random_range(1..=19),
        heads,
        features: heads * random.random_range(1..=9),
        values: heads * random.random_range(1..=9),
        output: random.random_bool(0.5).then(|| random.random_range(1..=9)),
    };
    let program = self_attention(&sizes).unwrap();
    let shapes: Vec<_> = program.inputs().iter().map(|input| (input.symbol, input.shape)).collect();
    let tensors: Vec<_> = shapes
        .into_iter()
        .map(|(symbol, shape)| {
            let open =
                |c: Cell, random: &mut ChaCha8Rng| f32::from(u8::from(c.row == c.col || random.random_bool(0.6)));
            let mut number =
                |c| if symbol.name == Name::Mask { open(c, &mut random) } else { random.random_range(-1.0..1.0) };
            (symbol, Tensor::from_fn(shape, &mut number))
        })
        .collect();
    let find = |wanted| tensors.iter().find(|(symbol, _)| *symbol == wanted).map(|(_, tensor)| tensor.clone());
    let inputs = Inputs::new(&program, find).unwrap();
    (program, inputs)
}

#[test]
fn a_watched_invocation_ends_where_the_device_does_on_random_shapes() {
    let mut engine = Engine::new();
    if let Some(gpu) = device(&Options::default()) {
        engine.attach(Box::new(gpu));
    }
    let shapes = std::env::var("QKV_SHAPES").ok().and_then(|n| n.parse().ok()).unwrap_or(SHAPES);
    for seed in 0..shapes as u64 {
        let (program, inputs) = random(seed);
        let program = Arc::new(program);
        let run = Arc::new(Engine::new().run(&program, &inputs).unwrap());
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        for stage in 0..program.stages().len() {
            let slot = program.output_of(stage);
            let mut version = Version::Taught;
            for n in 0.. {
                let all = cells(&run.trace, &program, stage);
                let cell = all[random.random_range(0..all.len())];
                let ask = Ask { run: Arc::clone(&run), stage, address: Address { slot, cell }, version };
                let seen = engine.look(&ask).unwrap();
                let expected = run.trace.get(ask.address);
                let what = (seed, program.stages()[stage].symbol, version.name(), cell);
                assert!(off(seen.mirrored, expected) <= TOLERANCE, "{what:?}: {} for {expected}", seen.mirrored);
                if let Some(written) = seen.written {
                    let written = written.unwrap();
                    assert!(off(written, seen.mirrored) <= TOLERANCE, "{what:?}: {written}, {}", seen.mirrored);
                }
                let last = seen.recording.ticks.iter().rev().find(|tick| !tick.stores.is_empty());
                assert!(last.is_some(), "{what:?}: it wrote its number");
                match seen.versions.get(n + 1) {
                    Some(next) => version = *next,
                    None => break,
                }
            }
        }
    }
}

#[test]
fn what_a_kernel_loads_is_counted() {
    // Q = H · W of 5 words: each number of W is loaded once for each word by the plain kernels, once for all by a tile.
    let (program, trace) = traced(&builtin(BUILTIN[0].name));
    let shape = program.stages()[0].shape;
    let loads = |version| {
        let launch = launch(&program, &trace, 0, version, 8).unwrap();
        let mut memory = Memory::new(&launch, &filled(&launch, &trace));
        Mirror::new(&launch).unwrap().all(&mut memory, u64::MAX).unwrap();
        memory.loads(1).iter().map(|&n| u64::from(n)).sum::<u64>()
    };
    let numbers = program.shape(program.find(None, Name::WQ).unwrap()).count() as u64;
    let words = shape.rows.len as u64;
    assert_eq!(loads(Version::Taught), numbers * words);
    assert_eq!(loads(Version::Rung(Rung::Naive)), numbers * words);
    assert_eq!(loads(Version::Rung(Rung::Tiled)), numbers);
}

#[test]
fn at_a_barrier_the_whole_workgroup_meets() {
    let (program, trace) = traced(&builtin(BUILTIN[0].name));
    let launch = launch(&program, &trace, 0, Version::Rung(Rung::Tiled), 8).unwrap();
    let mirror = Mirror::new(&launch).unwrap();
    let owner = launch.map.owner((0, 0), 0, 0);
    let recording = mirror.watch(owner, true, &mut Memory::new(&launch, &filled(&launch, &trace))).unwrap();
    let barriers: Vec<_> = recording.waves.iter().filter(|wave| wave.barrier).collect();
    let steps = trace.tensor(program.find(None, Name::H).unwrap()).shape().cols.len.div_ceil(16);
    assert_eq!(barriers.len(), 2 * steps, "two a tile");
    assert!(barriers.iter().all(|wave| (0..recording.invocations).all(|i| wave.by(i))));
    assert!(!mirror.is_alone() && recording.invocations == 256);
}

#[test]
fn what_the_mirror_cannot_carry_out_is_said() {
    let (program, trace) = traced(&builtin(BUILTIN[0].name));
    let good = launch(&program, &trace, 0, Version::Taught, 8).unwrap();
    let wrong = Launch { source: good.source.replace("let i = id.y;", "let i = id.y").into(), ..good.clone() };
    assert!(matches!(Mirror::new(&wrong), Err(MirrorError::Invalid(why)) if why.contains("expected")));
    let endless = Launch { source: good.source.replace("m++", "m += 0u").into(), ..good.clone() };
    let tired = Mirror::new(&endless).unwrap().all(&mut Memory::new(&endless, &filled(&endless, &trace)), 10_000);
    assert_eq!(tired, Err(MirrorError::TooLong));
    let odd = Launch { source: good.source.replace("sum.high + sum.low;", "tan(sum.high);").into(), ..good };
    let told = Mirror::new(&odd).unwrap().all(&mut Memory::new(&odd, &filled(&odd, &trace)), u64::MAX).unwrap_err();
    assert_eq!(told, MirrorError::Unknown("Tan".into()));
}
