//! The √d laboratory: what is drawn agrees with the reference and with theory, on every backend and on the command line.
//!
//! GPU tests follow `tests/contract`: one at a time, skipped aloud without an adapter unless `QKV_REQUIRE_GPU=1`.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on says so")]

#[path = "contract/adapter.rs"]
mod adapter;

use std::ops::ControlFlow;
use std::process::{Command, Output, Stdio};

use qkv::compute::gpu::Options;
use qkv::compute::{Compute, Cpu};
use qkv::engine::Engine;
use qkv::math::ops::Shader;
use qkv::program::BackendKind;
use qkv::session::Scaling;
use qkv::study::scaling::{self, Experiment, KEYS, Outcome, Scores, TOLERANCE, Verdict};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use serde_json::Value;

fn experiment(d: usize, pairs: usize) -> Experiment {
    Experiment::new(d, pairs, 1).unwrap()
}

fn run(engine: &mut Engine, experiment: Experiment) -> Scaling {
    engine.scaling(experiment, |_| ControlFlow::Continue(())).unwrap().unwrap()
}

/// All scores of an experiment, as one machine draws them.
fn scores(machine: &mut dyn Compute, experiment: Experiment) -> Vec<f32> {
    let mut scores = Vec::new();
    while scores.len() < experiment.pairs() {
        let part = machine.scores(experiment, scores.len()).unwrap();
        assert!(!part.is_empty());
        scores.extend(part);
    }
    assert_eq!(scores.len(), experiment.pairs());
    scores
}

/// An engine with a GPU, and the right to use it.
fn gpu() -> Option<(Engine, std::sync::MutexGuard<'static, ()>)> {
    drop(adapter::gpu()?); // says aloud where there is none
    let turn = adapter::turn();
    let mut engine = Engine::new();
    engine.attach(Box::new(qkv::compute::gpu::Gpu::open().unwrap()));
    Some((engine, turn))
}

// ---- theory

/// σ is √d, 1 and 1/√d within 2 %, and the mean is 0 within five of its standard errors.
fn agrees_with_theory(outcome: &Outcome) {
    let pairs = outcome.experiment.pairs() as f64;
    for (scores, sigma) in outcome.with_theory() {
        let Scores { sigma: found, mean, .. } = scores;
        assert!((found / sigma - 1.0).abs() < 0.02, "{:?}: {found} instead of {sigma}", outcome.experiment);
        assert!(mean.abs() < 5.0 * sigma / pairs.sqrt(), "{:?}: mean {mean}", outcome.experiment);
    }
}

#[test]
fn the_cpu_agrees_with_theory() {
    for d in [16, 64, 256, 1024] {
        let run = run(&mut Engine::new(), experiment(d, 20_000));
        agrees_with_theory(&run.outcome);
        assert!(run.verdict.ok() && run.by.kind == BackendKind::Cpu && run.fallback.is_none());
    }
}

#[test]
fn the_gpu_agrees_with_theory_and_with_the_reference() {
    let Some((mut engine, _turn)) = gpu() else { return };
    for d in [1, 2, 16, 64, 256, 1024, 2048] {
        let run = run(&mut engine, experiment(d, Experiment::USUAL_PAIRS));
        agrees_with_theory(&run.outcome);
        assert!(run.verdict.ok() && run.verdict.checked == 512, "{d}: {:?}", run.verdict);
        assert_eq!((run.by.name, run.scores.len()), ("gpu", Experiment::USUAL_PAIRS));
    }
}

/// Normal scores from another generator: what softmax makes of ours must be what it makes of those.
#[test]
fn softmax_makes_of_the_scores_what_it_makes_of_normal_numbers() {
    let d = 256;
    let outcome = run(&mut Engine::new(), experiment(d, 40_000)).outcome;
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let normal: Vec<f64> = StandardNormal.sample_iter(&mut rng).take(40_000).collect();
    for (scores, sigma) in outcome.with_theory() {
        let expected = Scores::of(&normal.iter().map(|x| sigma * x).collect::<Vec<_>>());
        for ((name, found), (_, expected)) in scores.figures().into_iter().zip(expected.figures()).skip(2) {
            assert!((found - expected).abs() < 0.02 * expected.max(0.5), "σ {sigma}, {name}: {found}, not {expected}");
        }
    }
}

#[test]
fn only_root_d_keeps_softmax_alive() {
    let outcomes = [16, 64, 256].map(|d| run(&mut Engine::new(), experiment(d, 16_000)).outcome);
    for pair in outcomes.windows(2) {
        let (small, large) = (&pair[0], &pair[1]);
        assert!(large.raw.largest > small.raw.largest && large.raw.gradient < 0.75 * small.raw.gradient);
        assert!(large.raw.median < small.raw.median && large.raw.saturated > small.raw.saturated);
        assert!(large.by_sqrt_d.saturated < 0.01 && large.by_sqrt_d.median > 0.3);
        assert!(large.by_d.largest < small.by_d.largest && large.by_d.entropy > small.by_d.entropy);
        assert!((large.by_sqrt_d.largest - small.by_sqrt_d.largest).abs() < 0.01);
        assert!((large.by_sqrt_d.gradient - small.by_sqrt_d.gradient).abs() < 0.01);
    }
    let last = &outcomes[2];
    assert!(last.raw.largest > 0.9 && last.by_d.largest < 0.15, "{last:?}");
    // On the one axis: raw scores flow over its ends, scores ÷d stand in the middle.
    let outside = |scores: &Scores| scores.histogram.below + scores.histogram.above;
    assert!(outside(&last.raw) > 8000 && outside(&last.by_sqrt_d) == 0);
    assert!(last.by_d.histogram.counts[32] > 15_000, "{:?}", last.by_d.histogram);
}

// ---- the device

#[test]
fn every_score_of_the_gpu_is_the_references() {
    let Some(mut turn) = adapter::gpu() else { return };
    for (d, pairs) in [(1, 100_000), (2, 8), (3, 63), (16, 65), (33, 10_001), (64, 50_000), (2048, 2000)] {
        let experiment = experiment(d, pairs);
        let root = (d as f64).sqrt();
        let (found, reference) = (scores(&mut turn.gpu, experiment), scores(&mut Cpu::default(), experiment));
        for (pair, (found, reference)) in found.into_iter().zip(reference).enumerate() {
            let (found, reference) = (f64::from(found) / root, f64::from(reference) / root);
            let off = (found - reference).abs() / reference.abs().max(1.0);
            assert!(off < TOLERANCE / 4.0, "d {d}, pair {pair}: {found}, not {reference}");
        }
    }
}

#[test]
fn a_score_does_not_depend_on_the_part_it_was_drawn_in() {
    fn check(machine: &mut dyn Compute) {
        let experiment = experiment(37, 3000);
        let all = scores(machine, experiment);
        for first in [1, 64, 777, 2999] {
            let part = machine.scores(experiment, first).unwrap();
            assert!(!part.is_empty());
            assert_eq!(part, all[first..first + part.len()], "{first}");
        }
        assert!(machine.scores(experiment, 3000).unwrap().is_empty());
        let longer = Experiment::new(37, 4000, 1).unwrap();
        assert_eq!(scores(machine, longer)[..3000], all);
        for seed in [0, 2, 1 + (1 << 32)] {
            assert_ne!(scores(machine, Experiment::new(37, 3000, seed).unwrap())[..8], all[..8], "seed {seed}");
        }
    }
    check(&mut Cpu::default());
    if let Some(mut turn) = adapter::gpu() {
        check(&mut turn.gpu);
    }
}

#[test]
fn a_watcher_sees_the_scores_grow_and_may_break_off() {
    fn check(engine: &mut Engine) {
        let experiment = experiment(2048, 20_000);
        let mut seen = Vec::new();
        let whole = engine.scaling(experiment, |scores| {
            seen.push(scores.len());
            ControlFlow::Continue(())
        });
        assert_eq!(whole.unwrap().unwrap().scores.len(), 20_000);
        assert!(seen.is_sorted_by(|a, b| a < b) && seen.len() > 1 && seen.last() == Some(&20_000), "{seen:?}");

        let mut parts = 0;
        let broken = engine.scaling(experiment, |_| {
            parts += 1;
            ControlFlow::Break(())
        });
        assert!(broken.unwrap().is_none());
        assert_eq!(parts, 1);
    }
    check(&mut Engine::new());
    if let Some((mut engine, _turn)) = gpu() {
        check(&mut engine);
    }
}

/// The laboratory's shader with one place changed.
fn broken(from: &str, to: &str) -> Options {
    let [shader] = scaling::SHADERS else { panic!("another shader: break it, too") };
    assert_eq!(shader.source.matches(from).count(), 1, "{from}");
    let source = shader.source.replacen(from, to, 1).leak();
    Options { shaders: vec![Shader { source, ..*shader }], self_test: false, reopen: false, ..Options::default() }
}

#[test]
fn one_wrong_place_in_the_shader_is_found() {
    for (from, to) in [
        ("var start = 0u", "var start = 32u"),
        ("1013904223u", "1013904222u"),
        ("bits.x + 1u", "bits.x + 9999u"),
        ("LN_2: f32 = 0.693147", "LN_2: f32 = 0.693247"),
        ("s2 * (1.0 / 3.0", "s2 * (1.0 / 2.0"),
        ("a2 / 6.0", "a2 / 7.0"),
        ("QUARTER: f32 = 1.570796", "QUARTER: f32 = 1.570896"),
        ("(quarters & 1u) == 1u", "(quarters & 1u) == 2u"),
        ("seed_high)) >> vec4u(8u)", "seed_low)) >> vec4u(8u)"),
    ] {
        let Some(mut turn) = adapter::gpu_with(&broken(from, to)) else { return };
        let experiment = experiment(64, 4000);
        let verdict = Verdict::check(experiment, &scores(&mut turn.gpu, experiment));
        assert!(!verdict.ok() && verdict.worst > TOLERANCE, "{from}: {verdict:?}");
    }
}

#[test]
fn a_shader_that_does_not_compile_leaves_the_work_to_the_cpu() {
    let Some(turn) = adapter::gpu_with(&broken("var strip", "var var")) else { return };
    let mut engine = Engine::new();
    engine.attach(Box::new(turn.gpu));
    let run = run(&mut engine, experiment(8, 800));
    assert!(run.by.kind == BackendKind::Cpu && run.verdict.ok());
    assert!(run.fallback.unwrap().to_string().contains("scaling") && !engine.has_device());
}

#[test]
fn a_lost_device_is_opened_again() {
    let Some(mut turn) = adapter::gpu() else { return };
    let experiment = experiment(8, 800);
    let before = scores(&mut turn.gpu, experiment);
    turn.gpu.lose();
    assert_eq!(scores(&mut turn.gpu, experiment), before);
}

// ---- the command line

fn qkv(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_qkv"));
    command.stdin(Stdio::null()).env("LC_ALL", "en_US.UTF-8").env("COLUMNS", "100");
    command.arg("scaling").args(args).output().unwrap()
}

/// What it printed, when all went well on the CPU.
fn printed(args: &[&str]) -> String {
    let output = qkv(&[&["--backend", "cpu"], args].concat());
    assert_eq!(output.status.code(), Some(0), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.stderr, b"", "{args:?}: nothing to say");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn json_holds_the_outcomes_as_documented() {
    let printed = printed(&["--d", "4,9", "--pairs", "4000", "--seed", "5", "--format", "json"]);
    let json: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!((&json["format"], &json["pairs"], &json["seed"]), (&"qkv-scaling/1".into(), &4000.into(), &5.into()));
    assert_eq!((&json["backend"]["name"], &json["backend"]["kind"]), (&"cpu".into(), &"cpu".into()));
    let rows = json["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 2);
    for (row, d) in rows.iter().zip([4, 9]) {
        let run = run(&mut Engine::new(), Experiment::new(d, 4000, 5).unwrap());
        assert_eq!(row["d"], d);
        assert_eq!((&row["ledger"]["ok"], &row["ledger"]["checked"]), (&true.into(), &512.into()));
        for ((scores, _), way) in run.outcome.with_theory().into_iter().zip(["raw", "by_sqrt_d", "by_d"]) {
            for (name, figure) in scores.figures() {
                let shown = row[way][name].as_f64().unwrap();
                assert!((shown - figure).abs() <= 1e-15 * figure.abs(), "{way}.{name}: {shown}, not {figure}");
            }
        }
    }
}

#[test]
fn the_gpu_answers_on_the_command_line() {
    if adapter::gpu().is_none() {
        return;
    }
    let _turn = adapter::turn();
    let output = qkv(&["--backend", "gpu", "--d", "16,64,256,1024", "--seed", "7", "--format", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&json["backend"]["name"], &json["pairs"]), (&"gpu".into(), &100_000.into()));
    for (row, sigma) in json["rows"].as_array().unwrap().iter().zip([4.0, 8.0, 16.0, 32.0]) {
        assert!((row["raw"]["sigma"].as_f64().unwrap() / sigma - 1.0).abs() < 0.02, "{row}");
        assert!((row["by_sqrt_d"]["sigma"].as_f64().unwrap() - 1.0).abs() < 0.02, "{row}");
        assert_eq!((&row["ledger"]["ok"], &row["backend"]), (&true.into(), &Value::Null));
    }
}

#[test]
fn the_table_answers_why_in_both_languages() {
    let english = printed(&["--d", "16", "--pairs", "800", "--lang", "en"]);
    let chinese = printed(&["--d", "16", "--pairs", "800", "--lang", "zh"]);
    let plain = printed(&["--d", "16", "--pairs", "800", "--lang", "en", "--ascii"]);
    assert!(english.contains("q·k / √d") && english.contains("passed") && english.contains("dividing by √d keeps"));
    assert!(chinese.contains("合格") && chinese.contains("所以要除以 √d"), "{chinese}");
    let halfwidth = |c: char| [',', ';', ':'].contains(&c);
    let ours = chinese.lines().filter(|line| !line.starts_with("# CPU"));
    assert!(ours.clone().all(|line| !line.contains(halfwidth)), "{chinese}");
    assert!(plain.is_ascii() && plain.contains("q*k / sqrt d"), "{plain}");
    for table in [english, chinese, plain] {
        assert!(table.lines().all(|line| qkv::ground::text::columns(line) <= 100), "{table}");
        let rows = table.lines().filter(|line| line.contains("4.000") || line.contains("0.250")).count();
        assert_eq!(rows, 2, "raw and by d, in theory: {table}");
    }
}

#[test]
fn what_cannot_be_drawn_is_refused_in_words() {
    for (args, words) in [
        (["--d", "0"], "a whole number from 1 to 2048"),
        (["--d", "2049"], "a whole number from 1 to 2048"),
        (["--d", "16,x"], "a whole number from 1 to 2048"),
        (["--d", ""], "a whole number from 1 to 2048"),
        (["--d", "16,,64"], "a whole number from 1 to 2048"),
        (["--d", "-4"], "there is no option `-4`"),
        (["--d", "1.5"], "a whole number from 1 to 2048"),
        (["--d", "99999999999999999999999"], "a whole number from 1 to 2048"),
        (["--pairs", "7"], "a whole number from 8 to 1000000"),
        (["--pairs", "1000001"], "a whole number from 8 to 1000000"),
        (["--pairs", "many"], "a whole number from 8 to 1000000"),
        (["--seed", "x"], "--seed"),
        (["--format", "csv"], "table, json"),
    ] {
        let output = qkv(&args);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
        assert!(said.contains(words) && output.stdout.is_empty(), "{args:?}: {said}");
    }
    assert_eq!(qkv(&["--d"]).status.code(), Some(2));
}

#[test]
fn one_row_is_enough() {
    let table = printed(&["--d", "1,2048", "--pairs", &KEYS.to_string()]);
    assert!(table.contains("# 8 random pairs"), "{table}");
}
