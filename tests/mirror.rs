//! The mirror carries the shaders' own WGSL out on the CPU: for every version of every stage it ends where the device does.
//!
//! `QKV_SHAPES=500 cargo test --release --test mirror` tries as many random programs.

use std::sync::Arc;

use qkv::compute::gpu::Gpu;
use qkv::compute::{Compute, Cpu};
use qkv::kernels::{Launch, Version, launch, versions};
use qkv::mirror::{Memory, Mirror};
use qkv::program::{Program, TOLERANCE, Trace};
use qkv::sample::{BUILTIN, Sample};
use qkv::tensor::Cell;

const LANES: [usize; 3] = [4, 8, 16];

/// The device; none where there is none and none is compulsory.
fn device() -> Option<Gpu> {
    match Gpu::open() {
        Ok(gpu) => Some(gpu),
        Err(why) => {
            assert!(std::env::var_os("QKV_REQUIRE_GPU").is_none(), "{why}");
            None
        }
    }
}

fn traced(name: &str) -> (Arc<Program>, Trace) {
    let sample = Sample::builtin(name).unwrap().unwrap();
    let trace = Cpu::default().run(&sample.program, &sample.inputs).unwrap();
    (Arc::clone(&sample.program), trace)
}

/// A number as a trace holds it: shaders write hidden scores as a finite one.
fn off(found: f32, expected: f32) -> f64 {
    if found <= -1e30 && expected <= -1e30 {
        return 0.0;
    }
    f64::from((found - expected).abs()) / f64::from(expected.abs()).max(1.0)
}

fn cells(trace: &Trace, program: &Program, stage: usize) -> Vec<Cell> {
    trace.tensor(program.output_of(stage)).shape().cells().collect()
}

fn found(launch: &Launch, memory: &Memory, cell: Cell) -> f32 {
    memory.number(launch.result, launch.place((cell.batch, cell.head), cell.row, cell.col)).unwrap()
}

#[test]
fn every_version_of_every_stage_ends_on_the_traces_numbers() {
    for name in BUILTIN.iter().map(|b| b.name).filter(|name| *name != "batch") {
        let (program, trace) = traced(name);
        for stage in 0..program.stages().len() {
            for lanes in LANES {
                for version in versions(&program, &trace, stage, Some(lanes)) {
                    let launch = launch(&program, &trace, stage, version, lanes).unwrap();
                    let mirror = Mirror::new(&launch).unwrap_or_else(|why| panic!("{}: {why}", launch.file));
                    let mut memory = Memory::new(&launch);
                    let start = std::time::Instant::now();
                    mirror.all(&mut memory, 20_000_000).unwrap_or_else(|why| eprintln!("!! {why}"));
                    eprintln!("{name} {} {} {lanes} {:?}", program.stages()[stage].symbol, version.name(), start.elapsed());
                    for cell in cells(&trace, &program, stage) {
                        let expected = trace.tensor(program.output_of(stage)).get(cell);
                        let found = found(&launch, &memory, cell);
                        let off = off(found, expected);
                        assert!(
                            off <= TOLERANCE,
                            "{name}, {}, {} with {lanes} lanes, {cell:?}: {found} for {expected}",
                            program.stages()[stage].symbol,
                            version.name()
                        );
                    }
                    if version == Version::Taught {
                        assert_eq!(launch.workgroups, launch.map.workgroups(), "{}", launch.file);
                    }
                }
            }
        }
    }
}
