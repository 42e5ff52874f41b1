//! One recomputation of a program of the default sample's size: 4 words, 8 dimensions, 4 heads.
//!
//! `cargo bench --bench recompute`

#![expect(clippy::expect_used, clippy::print_stderr, reason = "a benchmark that cannot go on says so")]

use qkv::compute::gpu::Gpu;
use qkv::compute::{Compute, Cpu};
use qkv::math::tensor::Tensor;
use qkv::program::attention::{Sizes, self_attention};
use qkv::program::{Inputs, Ledger, Name, Program, Symbol};

fn main() {
    divan::main();
}

fn sample() -> (Program, Inputs) {
    let sizes =
        Sizes { batch: None, tokens: 4, memory: 0, model: 8, heads: 4, features: 8, values: 8, output: Some(8) };
    let program = self_attention(&sizes).expect("the sizes fit");
    let numbers = |symbol: Symbol| {
        let shape = program.shape(program.find_symbol(symbol)?);
        Some(Tensor::from_fn(shape, |c| if symbol.name == Name::Mask { 1.0 } else { ((c.row * 3 + c.col) % 5) as f32 }))
    };
    let inputs = Inputs::new(&program, numbers).expect("the numbers fit");
    (program, inputs)
}

#[divan::bench]
fn gpu(bencher: divan::Bencher) {
    let mut gpu = match Gpu::open() {
        Ok(gpu) => gpu,
        Err(why) => return eprintln!("skipped: {why}"),
    };
    let (program, inputs) = sample();
    bencher.bench_local(|| gpu.run(&program, &inputs).expect("the device computes"));
}

#[divan::bench]
fn cpu(bencher: divan::Bencher) {
    let (program, inputs) = sample();
    bencher.bench_local(|| Cpu::default().run(&program, &inputs));
}

#[divan::bench]
fn ledger(bencher: divan::Bencher) {
    let (program, inputs) = sample();
    let trace = Cpu::default().run(&program, &inputs).expect("the reference computes");
    bencher.bench_local(|| Ledger::check(&program, &trace));
}

#[divan::bench(sample_count = 5)]
fn open() -> Option<Gpu> {
    Gpu::open().ok()
}
