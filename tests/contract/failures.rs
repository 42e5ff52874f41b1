//! What goes wrong on a device is a typed error, and the engine computes on.

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use qkv::compute::Compute;
use qkv::compute::gpu::{Gpu, Options};
use qkv::engine::Engine;
use qkv::engine::race::{PATIENCE, Race};
use qkv::kernels::Rung;
use qkv::math::ops::{SHADERS, Shader};
use qkv::program::attention::Sizes;
use qkv::program::{BackendKind, Inputs, Kind, Ledger, Mistake, Name, Program};
use qkv::session::Choice;
use qkv::session::{Amount, ComputeError};
use qkv::study::race::{Contender, NoTime, Work};

use crate::adapter;
use crate::random::{Case, Visible};

const SIZES: Sizes =
    Sizes { batch: None, tokens: 4, memory: 5, model: 8, heads: 4, features: 8, values: 12, output: Some(5) };

fn case(kind: Kind, sizes: Sizes) -> (Arc<Program>, Inputs) {
    let case = Case { kind, sizes, visible: Visible::Causal, scores: 8.0, seed: 11, mistake: None };
    let program = case.program();
    let inputs = case.inputs(&program);
    (Arc::new(program), inputs)
}

fn self_attention() -> (Arc<Program>, Inputs) {
    case(Kind::SelfAttention, SIZES)
}

/// A shader with one place changed.
fn broken(name: &str, from: &str, to: &str) -> Options {
    let shader = SHADERS.iter().find(|s| s.name == name).unwrap();
    assert_eq!(shader.source.matches(from).count(), 1, "{name}: {from}");
    let source = shader.source.replace(from, to).leak();
    Options { shaders: vec![Shader { source, ..*shader }], self_test: false, ..Options::default() }
}

/// One wrong place in each shader of self-attention, and the first stage that uses it.
const WRONG: &[(&str, &str, &str, Name)] = &[
    ("project", "var m = 0u", "var m = 1u", Name::Q),
    ("matmul_transposed", "var m = 0u", "var m = 1u", Name::Scores),
    ("scale", "A[cell] / size.divisor", "A[cell] / 1.414", Name::Scaled),
    ("mask", "!= 0.0", "!= 1.0", Name::Masked),
    ("softmax", "LOG2_E: f32 = 1.44269504", "LOG2_E: f32 = 1.44259504", Name::Weights),
    ("matmul", "var m = 0u", "var m = 1u", Name::Context),
    ("concat", "j % size.d", "j % 1u", Name::Concat),
];

/// The same of the shaders that mistakes use: which mistake, and the stage that it changes.
const WRONG_OF_MISTAKES: &[(&str, &str, &str, &str, Name)] = &[
    ("softmax-over-queries", "softmax_columns", "LOG2_E: f32 = 1.44269504", "LOG2_E: f32 = 1.44259504", Name::Weights),
    ("no-maximum", "softmax_unshifted", "LOG2_E: f32 = 1.44269504", "LOG2_E: f32 = 1.44259504", Name::Weights),
    ("mask-times-zero", "multiply", "i * size.cols + j];", "i * size.cols];", Name::Masked),
    ("mask-forgotten", "unchanged", "A[cell];", "A[cell] * 1.001;", Name::Masked),
    ("mask-transposed", "mask_transposed", "!= 0.0", "!= 1.0", Name::Masked),
    ("heads-reshaped", "project_strided", "flat % size.wide", "flat % 1u", Name::Q),
    ("one-projection", "project_strided", "var m = 0u", "var m = 1u", Name::Q),
    ("heads-averaged", "average", "var h = 0u", "var h = 1u", Name::Concat),
    ("read-too-early", "concat_early", "i < size.ready", "i < size.rows", Name::Concat),
];

#[test]
fn one_wrong_constant_turns_a_mistaken_program_red_too() {
    for &(mistake, shader, from, to, stage) in WRONG_OF_MISTAKES {
        let Some(mut turn) = adapter::gpu_with(&broken(shader, from, to)) else { return };
        let sizes = Sizes { values: 8, ..SIZES };
        let mistake = Mistake::by_name(mistake);
        assert!(mistake.is_some(), "{shader}");
        let case = Case { kind: Kind::SelfAttention, sizes, visible: Visible::Causal, scores: 8.0, seed: 11, mistake };
        let program = case.program();
        let trace = turn.gpu.run(&program, &case.inputs(&program)).unwrap();
        let red: Vec<_> = Ledger::check(&program, &trace).stages.iter().filter(|s| !s.ok()).map(|s| s.at).collect();
        assert_eq!(red.first().map(|at| program.symbol(at.slot).name), Some(stage), "{shader}");
    }
}

#[test]
fn one_wrong_constant_turns_the_ledger_red_at_its_stage() {
    for &(shader, from, to, stage) in WRONG {
        let Some(mut turn) = adapter::gpu_with(&broken(shader, from, to)) else { return };
        let (program, inputs) = self_attention();
        let trace = turn.gpu.run(&program, &inputs).unwrap();
        let ledger = Ledger::check(&program, &trace);
        let red: Vec<_> = ledger.stages.iter().filter(|s| !s.ok()).map(|s| program.symbol(s.at.slot).name).collect();
        assert_eq!(red.first(), Some(&stage), "{shader}: {red:?}");
    }
}

#[test]
fn an_adapter_that_computes_wrongly_is_refused() {
    let Some(turn) = adapter::gpu() else { return };
    drop(turn);
    let _turn = adapter::turn();
    let options = Options { self_test: true, ..broken("softmax", "1.44269504", "1.44259504") };
    let Err(ComputeError::SelfTest { why, .. }) = Gpu::open_with(&options) else {
        panic!("it was not refused by the self-test")
    };
    assert!(why.en.starts_with("weights."), "{why:?}");
}

#[test]
fn a_driver_that_cancels_the_compensation_is_refused() {
    let Some(turn) = adapter::gpu() else { return };
    drop(turn);
    let _turn = adapter::turn();
    let compensated = "return add(add(add(add(sum, a1 * b1), a1 * b2), a2 * b1), a2 * b2);";
    let plain = "return Sum(sum.high + a * b, 0.0);";
    let options = Options { self_test: true, ..broken("matmul_transposed", compensated, plain) };
    let Err(ComputeError::SelfTest { why, .. }) = Gpu::open_with(&options) else {
        panic!("it was not refused by the self-test")
    };
    assert!(why.en.starts_with("scores."), "{why:?}");
}

#[test]
fn a_shader_that_does_not_compile_is_an_error_and_the_cpu_computes() {
    let Some(turn) = adapter::gpu_with(&broken("softmax", "var largest", "var var")) else { return };
    let mut engine = Engine::new();
    engine.attach(Box::new(turn.gpu));
    let (program, inputs) = self_attention();
    let run = engine.run(&program, &inputs).unwrap();
    assert_eq!(run.trace.by.kind, BackendKind::Cpu);
    assert!(run.ledger.ok());
    assert!(matches!(&run.fallback, Some(ComputeError::Refused(why)) if why.contains("softmax")), "{:?}", run.fallback);
}

#[test]
fn a_lost_device_is_opened_again() {
    let Some(mut turn) = adapter::gpu() else { return };
    let (program, inputs) = self_attention();
    let before = turn.gpu.run(&program, &inputs).unwrap();
    turn.gpu.lose();
    let after = turn.gpu.run(&program, &inputs).unwrap();
    for slot in program.slots() {
        assert_eq!(before.tensor(slot), after.tensor(slot), "{}", program.symbol(slot));
    }
}

#[test]
fn a_device_that_stays_lost_leaves_the_work_to_the_cpu() {
    let Some(turn) = adapter::gpu_with(&Options { reopen: false, ..Options::default() }) else { return };
    let mut engine = Engine::new();
    turn.gpu.lose();
    engine.attach(Box::new(turn.gpu));
    let (program, inputs) = self_attention();
    for _ in 0..2 {
        let run = engine.run(&program, &inputs).unwrap();
        assert_eq!(run.trace.by.kind, BackendKind::Cpu);
        assert!(run.ledger.ok());
        assert!(matches!(run.fallback, Some(ComputeError::Lost(_))), "{:?}", run.fallback);
    }
    assert!(!engine.has_device());
}

#[test]
fn too_large_for_the_device_is_computed_elsewhere_and_the_device_stays() {
    let Some(turn) = adapter::gpu() else { return };
    let mut engine = Engine::new();
    engine.attach(Box::new(turn.gpu));

    // More sentences than a launch has workgroups on any device; few numbers.
    let one = Sizes { tokens: 1, memory: 1, model: 1, heads: 1, features: 1, values: 1, output: None, ..SIZES };
    let (program, inputs) = case(Kind::DotProduct, Sizes { batch: Some(70_000), ..one });
    let run = engine.run(&program, &inputs).unwrap();
    assert_eq!(run.trace.by.kind, BackendKind::Cpu);
    let Some(ComputeError::TooLarge { what, needed: Amount::Workgroups(70_000), .. }) = run.fallback else {
        panic!("{:?}", run.fallback)
    };
    assert!(what.en.contains("Batch 70000"), "{what:?}");

    let (program, inputs) = self_attention();
    assert_eq!(engine.run(&program, &inputs).unwrap().trace.by.name, "gpu");
}

#[test]
fn buffers_are_kept_while_shapes_stay_and_given_back_when_many_came_by() {
    let Some(mut turn) = adapter::gpu_with(&Options { self_test: false, ..Options::default() }) else { return };
    let (program, inputs) = self_attention();
    let first = turn.gpu.run(&program, &inputs).unwrap();
    let other = Case {
        kind: Kind::SelfAttention,
        sizes: SIZES,
        visible: Visible::Random,
        scores: 30.0,
        seed: 12,
        mistake: None,
    };
    let changed = turn.gpu.run(&program, &other.inputs(&program)).unwrap();
    assert_ne!(first.find(&program, None, Name::Output), changed.find(&program, None, Name::Output));
    assert_eq!(turn.gpu.plans(), 1);
    for tokens in 1..=9 {
        let (program, inputs) = case(Kind::CrossAttention, Sizes { tokens, ..SIZES });
        assert!(Ledger::check(&program, &turn.gpu.run(&program, &inputs).unwrap()).ok());
        assert!(turn.gpu.plans() <= 4);
    }
}

#[test]
fn a_full_memory_gives_up_old_buffers_first_and_then_leaves_the_work_to_the_cpu() {
    let Some(mut turn) = adapter::gpu() else { return };
    let (program, inputs) = self_attention();
    turn.gpu.run(&program, &inputs).unwrap();
    let (other, numbers) = case(Kind::CrossAttention, SIZES);
    turn.gpu.exhaust();
    assert!(Ledger::check(&other, &turn.gpu.run(&other, &numbers).unwrap()).ok(), "there was something to give up");
    assert_eq!(turn.gpu.plans(), 1);

    let fresh = Gpu::open_with(&Options { self_test: false, ..Options::default() }).unwrap();
    fresh.exhaust();
    let mut engine = Engine::new();
    engine.attach(Box::new(fresh));
    let run = engine.run(&program, &inputs).unwrap();
    assert_eq!(run.trace.by.kind, BackendKind::Cpu);
    assert!(run.ledger.ok());
    assert!(matches!(&run.fallback, Some(ComputeError::OutOfMemory(_))), "{:?}", run.fallback);
}

#[test]
fn what_goes_wrong_in_the_middle_of_a_race_ends_one_contender_and_not_the_race() {
    let Some(turn) = adapter::gpu() else { return };
    let gpu = turn.gpu.clone();
    let race = Race::new(Some(&gpu), Work::new(2, 9, 2, 8).unwrap(), 1).unwrap();
    let run = |rung| race.run(Contender::Rung(rung), 1, PATIENCE, &|| false).unwrap().result;
    let why = |result: Result<_, NoTime>| result.err().map(|why| why.to_string()).unwrap_or_default();
    // A full memory.
    gpu.exhaust();
    assert!(why(run(Rung::Tiled)).contains("memory"));
    assert!(run(Rung::Tiled).is_ok(), "the next one has room");
    // A device that does not answer in time.
    let hurried = gpu.clone().patient(Duration::from_nanos(1));
    let large = Work::new(16, 64, 4, 64).unwrap();
    let slow =
        Race::new(Some(&hurried), large, 1).unwrap().run(Contender::Rung(Rung::Naive), 1, PATIENCE, &|| false).unwrap();
    assert!(why(slow.result).contains("did not answer"));
    // A device that is lost while one contender runs: another opens it again.
    let prepared = gpu.prepare(race.program(), race.inputs(), Rung::Tiled).unwrap();
    gpu.lose();
    assert!(matches!(prepared.forward(), Err(ComputeError::Lost(_))));
    assert!(run(Rung::Tiled).is_ok() && run(Rung::Register).is_ok());
    // And whoever computes beside the race goes on with the new one.
    let mut beside = turn.gpu;
    let (program, inputs) = self_attention();
    assert!(Ledger::check(&program, &beside.run(&program, &inputs).unwrap()).ok());
    assert_eq!(beside.reopened(), 1);
}

#[test]
fn a_wait_that_takes_too_long_leaves_the_work_to_the_cpu() {
    let large = Sizes { batch: Some(16), tokens: 64, model: 64, heads: 4, features: 64, values: 64, ..SIZES };
    let (program, inputs) = case(Kind::SelfAttention, large);
    // Mesa's software driver computes while it is handed work, until somebody waited for what was not done yet; then it has a thread
    // for that. Where it never came to that, nothing took too long, and another device is tried.
    for _ in 0..20 {
        let Some(mut turn) = adapter::gpu_with(&Options { self_test: false, ..Options::default() }) else { return };
        turn.gpu.run(&program, &inputs).unwrap();
        let mut engine = Engine::new();
        engine.attach(Box::new(turn.gpu.patient(Duration::from_nanos(1))));
        let Some(run) = (0..3).map(|_| engine.run(&program, &inputs).unwrap()).find(|run| run.fallback.is_some())
        else {
            assert!(engine.has_device());
            continue;
        };
        assert!(run.ledger.ok());
        assert_eq!(run.trace.by.kind, BackendKind::Cpu);
        assert!(matches!(run.fallback, Some(ComputeError::Timeout(_))), "{:?}", run.fallback);
        assert!(!engine.has_device());
        return;
    }
    panic!("no wait ever took longer than a nanosecond");
}

#[test]
fn without_vulkan_opengl_computes_or_the_cpu_does() {
    let _turn = adapter::turn();
    child("child_without_vulkan", "VK_DRIVER_FILES", "/nonexistent");
}

#[test]
#[ignore = "without_vulkan_opengl_computes_or_the_cpu_does runs it"]
fn child_without_vulkan() {
    let mut engine = Engine::open(Choice::Auto).unwrap();
    let (program, inputs) = self_attention();
    let run = engine.run(&program, &inputs).unwrap();
    assert!(run.ledger.ok());
    let by = &run.trace.by;
    if engine.has_device() {
        assert!(by.name == "gpu" && !by.adapter.starts_with("Vulkan"), "{by}");
    } else {
        assert_eq!(by.kind, BackendKind::Cpu);
        assert!(matches!(run.fallback, Some(ComputeError::NoAdapter(_))), "{:?}", run.fallback);
    }
}

/// Runs one of the `child_…` tests below in a process of its own, with other variables.
fn child(test: &str, variable: &str, value: &str) {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", &format!("failures::{test}"), "--nocapture"])
        .env(variable, value)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_machine_without_adapter_is_told_what_was_looked_for() {
    child("child_without_adapter", "WGPU_BACKEND", "noop");
}

#[test]
#[ignore = "a_machine_without_adapter_is_told_what_was_looked_for runs it"]
fn child_without_adapter() {
    let Err(why) = Gpu::open() else { panic!("there is one") };
    assert!(matches!(why, ComputeError::NoAdapter(_)), "{why}");
    let words = why.to_string();
    assert!(words.contains("WGPU_BACKEND") && words.contains("mesa-vulkan-drivers"), "{words}");
}

#[test]
fn an_empty_wgpu_backend_counts_as_unset() {
    let Some(turn) = adapter::gpu() else { return };
    drop(turn);
    let _turn = adapter::turn();
    child("child_with_adapter", "WGPU_BACKEND", "");
}

#[test]
#[ignore = "an_empty_wgpu_backend_counts_as_unset runs it"]
fn child_with_adapter() {
    Gpu::open().map(drop).unwrap();
}
