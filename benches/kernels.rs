//! The kernels one by one: every rung of the ladder on a small part of the race's work, without upload and read-back, and the
//! mirror on the default sample's scores.
//!
//! `cargo bench --bench kernels`

#![expect(clippy::expect_used, clippy::print_stderr, reason = "a benchmark that cannot go on says so")]

use qkv::compute::gpu::Gpu;
use qkv::compute::{Compute, Cpu};
use qkv::kernels::mirror::{Memory, Mirror};
use qkv::kernels::{Rung, Version, launch};
use qkv::source::sample::Sample;
use qkv::study::race::Work;

fn main() {
    divan::main();
}

/// Eight sentences of the race's work: 0.3 GFLOP.
const WORK: Work = Work { batch: 8, tokens: 64, heads: 8, hidden: 256 };

#[divan::bench(args = Rung::ALL.map(Rung::name), sample_count = 20, sample_size = 1)]
fn rung(bencher: divan::Bencher, name: &str) {
    let rung = Rung::named(name).expect("a name of a rung");
    let gpu = match Gpu::open() {
        Ok(gpu) => gpu,
        Err(why) => return eprintln!("skipped: {why}"),
    };
    let (program, inputs) = WORK.layer(1).expect("the work is within the limits");
    if !gpu.rungs(&program).contains(&rung) {
        return eprintln!("skipped: this adapter has no {name} rung");
    }
    let prepared = gpu.prepare(&program, &inputs, rung).expect("the work fits");
    prepared.forward().expect("the device computes");
    bencher.bench_local(|| prepared.forward().expect("the device computes"));
}

#[divan::bench]
fn mirror(bencher: divan::Bencher) {
    let sample = Sample::builtin(Sample::DEFAULT).expect("it is built in").expect("it is valid");
    let trace = Cpu::default().run(&sample.program, &sample.inputs).expect("the CPU computes");
    let launch = launch(&sample.program, &trace, 3, Version::Taught, 8).expect("every stage has one");
    let numbers = launch.filled(|slot| trace.tensor(slot));
    bencher.bench_local(|| {
        let mirror = Mirror::new(&launch).expect("the shader is valid");
        mirror.all(&mut Memory::new(&launch, &numbers), u64::MAX).expect("the mirror knows it");
    });
}
