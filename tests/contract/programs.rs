//! Random programs on both backends: every stage agrees with its reference.

use std::cell::RefCell;
use std::time::Duration;

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use qkv::compute::{Compute, Cpu};
use qkv::kernels::Version;
use qkv::program::{Ledger, Program, Trace, ledger};

use crate::adapter;
use crate::alone;
use crate::random::{Case, case, models};

/// Programs a backend must get right.
const CASES: u32 = 240;

/// Scores up to which the whole program, not only each stage, must agree with f64.
const MILD: f64 = 50.0;

/// The contract of a backend. The same programs every time, so that a failure is there again tomorrow.
fn agrees_with_the_reference(backend: &mut dyn Compute) {
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let backend = RefCell::new(backend); // proptest calls an `Fn`
    let check = |case| check(&mut **backend.borrow_mut(), &case);
    runner.run(&case(), check).unwrap_or_else(|why| panic!("{why}"));
}

fn check(backend: &mut dyn Compute, case: &Case) -> Result<(), TestCaseError> {
    let program = case.program();
    let trace = backend.run(&program, &case.inputs(&program)).unwrap();
    passes("stage by stage", &program, &Ledger::check(&program, &trace))?;
    if case.scores <= MILD {
        passes("end to end", &program, &ledger::end_to_end(&program, &trace))?;
    }
    Ok(())
}

fn passes(how: &str, program: &Program, ledger: &Ledger) -> Result<(), TestCaseError> {
    match ledger.worst().filter(|worst| !worst.ok()) {
        None => Ok(()),
        Some(worst) => Err(TestCaseError::fail(format!("{how}: {} {:e}", worst.at.display(program), worst.worst))),
    }
}

#[test]
fn the_cpu_agrees_with_the_reference() {
    agrees_with_the_reference(&mut Cpu::default());
}

#[test]
fn the_gpu_agrees_with_the_reference() {
    let Some(mut turn) = adapter::gpu() else { return };
    agrees_with_the_reference(&mut turn.gpu);
}

/// Small whole models of every kind, stage by stage: a norm may enlarge what earlier stages were rounded by.
fn models_agree_with_the_reference(backend: &mut dyn Compute) {
    for (program, inputs) in (0..40).flat_map(|seed| models(seed, seed % 2 == 0)) {
        let trace = backend.run(&program, &inputs).unwrap();
        passes("stage by stage", &program, &Ledger::check(&program, &trace)).unwrap();
    }
}

#[test]
fn the_cpu_agrees_with_the_reference_of_models() {
    models_agree_with_the_reference(&mut Cpu::default());
}

#[test]
fn the_gpu_agrees_with_the_reference_of_models() {
    let Some(mut turn) = adapter::gpu() else { return };
    models_agree_with_the_reference(&mut turn.gpu);
}

/// The ops that only the way back, losses and optimizers use, each with many shapes.
fn lone_ops_agree_with_the_reference(backend: &mut dyn Compute) {
    for (program, inputs) in (0..60).flat_map(alone::all) {
        let trace = backend.run(&program, &inputs).unwrap();
        let stage = &program.stages()[0];
        passes(stage.op.name(), &program, &Ledger::check(&program, &trace)).unwrap();
    }
}

#[test]
fn the_cpu_agrees_with_the_reference_of_the_way_back() {
    lone_ops_agree_with_the_reference(&mut Cpu::default());
}

#[test]
fn the_gpu_agrees_with_the_reference_of_the_way_back() {
    let Some(mut turn) = adapter::gpu() else { return };
    lone_ops_agree_with_the_reference(&mut turn.gpu);
}

/// Where a rung has no kernel for a stage, the taught one stands in; a bias lies below W and meets a column of ones.
#[test]
fn every_rung_makes_models_too() {
    let Some(turn) = adapter::gpu() else { return };
    let mut gpu = turn.gpu.clone();
    for (program, inputs) in (0..10).flat_map(|seed| models(seed, true)) {
        for rung in gpu.rungs(&program) {
            let order = gpu.order(&program, rung);
            let (outputs, versions) = gpu.run_by(&program, &inputs, &order).unwrap();
            let climbs = |name| {
                (program.stages().iter().zip(&versions)).any(|(s, v)| s.op.name() == name && *v == Version::Rung(rung))
            };
            let of = |name| program.stages().iter().any(|stage| stage.op.name() == name);
            for product in ["project", "project_biased", "matmul", "matmul_biased"] {
                assert_eq!(climbs(product), of(product), "{product} by {}", rung.name());
            }
            let trace = Trace::new(&inputs, outputs, gpu.backend().clone(), Duration::ZERO);
            passes(rung.name(), &program, &Ledger::check(&program, &trace)).unwrap();
        }
    }
}
