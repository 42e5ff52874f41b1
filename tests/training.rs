//! Small transformers that learn: what the processor finds is what the program says; learning is the same every time, however it is
//! cut into slices; what was learned looks as it should.

#![expect(clippy::unwrap_used, reason = "a check that cannot go on should stop")]

#[path = "house/device.rs"]
mod device;

use device::device;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use qkv::compute::gpu::Options;
use qkv::compute::training::{ByProgram, Learner};
use qkv::compute::{Compute, Cpu, Since};
use qkv::engine::{Builtin, Driver, Trainer, Watch};
use qkv::math::tensor::Tensor;
use qkv::program::learner::way_back;
use qkv::program::{Backend, Inputs, Layer, Name, Program, Slot, Trace};
use qkv::session::{Answer, ComputeError, Job};
use qkv::source::sample::{Origin, Sample};
use qkv::study::scaling::Experiment;
use qkv::study::train::{Batch, Checkpoint, KeptError, Moment, SHOWN, Task, parameters};
use serde_json::Value;

/// A learner after some steps.
fn learned(task: Task, seed: u64, steps: u64) -> Checkpoint {
    let (mut trainer, mut at) = (Trainer::default(), Checkpoint::new(task, seed).unwrap());
    let trouble = trainer.advance(&mut at, steps, task.recipe().rate, Watch::nobody()).unwrap();
    assert_eq!((trouble, at.step), (None, steps));
    at
}

fn bits(numbers: &[f32]) -> Vec<u32> {
    numbers.iter().map(|x| x.to_bits()).collect()
}

/// The largest difference from a reference, as a share of 1 or of the largest number of the reference.
fn off(found: &Tensor<f32>, reference: &Tensor<f32>) -> f32 {
    assert_eq!(found.shape(), reference.shape());
    let largest = reference.numbers().fold(0.0_f32, |m, x| m.max(x.abs())).max(f32::MIN_POSITIVE);
    found.numbers().zip(reference.numbers()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max) / largest
}

#[test]
fn what_the_processor_finds_is_what_the_program_says_stage_by_stage() {
    for task in Task::ALL {
        let mut at = learned(task, 3, 2);
        let batch = Batch::new(&task.practice(3, at.step));
        let mut learner = Learner::new(task).unwrap();
        let found = learner.find(&at.weights, &batch);
        let way = way_back(learner.program()).unwrap();
        let inputs = batch.inputs(task, &way.program, &at.weights).unwrap();
        let trace = Cpu::default().run(&way.program, &inputs).unwrap();
        let loss = trace.tensor(way.program.find(None, Name::Loss).unwrap()).as_slice()[0];
        assert!((found.loss - loss).abs() <= 1e-5 * loss, "{}: {} {loss}", task.name(), found.loss);
        let (mut forward, mut back) = (0, 0);
        for slot in learner.program().slots() {
            let symbol = learner.program().symbol(slot);
            let made = learner.program().made_by(slot).is_some();
            // Scores before softmax are not kept for themselves; they show in the weights.
            if let Some(tensor) = learner.tensor(slot).filter(|tensor| made && !tensor.as_slice().is_empty()) {
                let off = off(&tensor, trace.tensor(slot));
                assert!(off <= 1e-4, "{} {symbol}: {off:e}", task.name());
                forward += 1;
            }
            let expected = way.gradient(slot).map(|gradient| trace.tensor(gradient));
            if let (Some(gradient), Some(expected)) = (learner.gradient(slot).filter(|_| made), expected) {
                if gradient.as_slice().is_empty() {
                    continue;
                }
                let off = off(&gradient, expected);
                assert!(off <= 1e-4, "{} d{symbol}: {off:e}", task.name());
                back += 1;
            }
        }
        assert!(forward >= 8 && back >= 8, "{}: {forward} tensors, {back} gradients", task.name());
        for (slot, gradient) in parameters(learner.program()).into_iter().zip(&found.gradients) {
            let expected = trace.tensor(way.gradient(slot).unwrap());
            let gradient = Tensor::from_vec(*expected.shape(), gradient.clone()).unwrap();
            let off = off(&gradient, expected);
            assert!(off <= 1e-4, "{} d{}: {off:e}", task.name(), learner.program().symbol(slot));
        }
        // Any machine can learn by the program itself, and comes to the same step.
        let program = ByProgram::new(task).unwrap();
        let by_program = program.find(&mut Cpu::default(), &at.weights, &batch).unwrap();
        assert_eq!(bits(&[by_program.loss]), bits(&[loss]));
        at.take_step(by_program.loss, &by_program.gradients, 0.01);
        assert_eq!(at.step, 3);
    }
}

#[test]
fn the_loss_is_the_surprise_at_what_should_have_been_written() {
    let task = Task::Reverse;
    let at = Checkpoint::new(task, 1).unwrap();
    let way = way_back(&task.program_of(2).unwrap()).unwrap();
    let batch = Batch::new(&task.practice(1, 0)[..2]);
    let inputs = batch.inputs(task, &way.program, &at.weights).unwrap();
    let trace = Cpu::default().run(&way.program, &inputs).unwrap();
    let loss = trace.tensor(way.program.find(None, Name::Loss).unwrap()).as_slice()[0];
    let logits = trace.tensor(way.program.find(None, Name::Logits).unwrap());
    // A second time, by hand.
    let mut sum = 0.0_f64;
    for (n, &target) in batch.targets.iter().enumerate() {
        let row: Vec<f64> = logits.matrix(n / 10, 0).row(n % 10).iter().map(|&x| f64::from(x)).collect();
        sum += row.iter().map(|x| x.exp()).sum::<f64>().ln() - row[target];
    }
    assert!((f64::from(loss) - sum / 20.0).abs() < 1e-5, "{loss} {}", sum / 20.0);
}

#[test]
fn the_same_seed_gives_the_same_curve_bit_for_bit() {
    for task in Task::ALL {
        let (once, again) = (learned(task, 5, 6), learned(task, 5, 6));
        assert_eq!(bits(&once.losses), bits(&again.losses), "{}", task.name());
        assert_eq!(once, again, "{}", task.name());
        assert_ne!(once.losses, learned(task, 6, 6).losses, "{}", task.name());
    }
}

#[test]
fn stopping_and_going_on_is_never_having_stopped() {
    for task in Task::ALL {
        let whole = learned(task, 2, 9);
        let mut driver = Driver::new(Builtin);
        let mut at = Arc::new(Checkpoint::new(task, 2).unwrap());
        for steps in [1, 0, 5, 3] {
            // Through a file, too.
            at = Arc::new(Checkpoint::parse(&at.to_json()).unwrap());
            let job = Job::Train { checkpoint: at, steps, rate: task.recipe().rate };
            let Ok(Some(Answer::Trained(moment))) = driver.carry_out(&job, Watch::nobody()) else { panic!("{job:?}") };
            at = Arc::clone(&moment.checkpoint);
        }
        assert_eq!(bits(&at.losses), bits(&whole.losses), "{}", task.name());
        assert_eq!(*at, whole, "{}", task.name());
    }
}

#[test]
fn what_nobody_wants_any_more_is_broken_off() {
    let job =
        Job::Train { checkpoint: Arc::new(Checkpoint::new(Task::Reverse, 1).unwrap()), steps: 1 << 40, rate: 0.01 };
    let answer = Driver::new(Builtin).carry_out(&job, Watch::new(&|_| {}, &|| true));
    assert!(matches!(answer, Ok(None)));
}

fn examined(task: Task, seed: u64, steps: u64) -> Moment {
    Trainer::default().examine(Arc::new(learned(task, seed, steps)), None).unwrap()
}

#[test]
fn what_was_learned_looks_as_it_should() {
    for (task, right, patterns) in [
        (Task::Reverse, 0.99, &[("antidiagonal", 0)][..]),
        (Task::Previous, 0.99, &[("previous", 0)]),
        (Task::Sort, 0.97, &[("next", 0)]),
    ] {
        let before = examined(task, 4, 0);
        let after = examined(task, 4, task.recipe().steps);
        assert!(before.evaluation.accuracy < 0.3, "{}: {:?}", task.name(), before.evaluation);
        assert!(after.evaluation.accuracy >= right, "{}: {:?}", task.name(), after.evaluation);
        for (measure, layer) in patterns {
            let (was, is) = (before.evaluation.best(measure).unwrap(), after.evaluation.best(measure).unwrap());
            assert!(was.value < 0.4 && is.value >= 0.7, "{}: {was:?} {is:?}", task.name());
            assert_eq!(is.place.layer, Some(Layer(*layer)));
        }
        assert_eq!(after.weights.len(), task.program().unwrap().layers());
        for weights in &after.weights {
            assert_eq!(weights.shape().batch, Some(SHOWN));
            let rows = weights.as_slice().chunks(weights.shape().cols.len);
            assert!(rows.map(|row| row.iter().sum::<f32>()).all(|sum| (sum - 1.0).abs() < 1e-5));
        }
    }
}

#[test]
fn a_loss_that_is_no_number_is_named_where_it_began() {
    for task in [Task::Reverse, Task::Translation] {
        let mut at = learned(task, 1, 3);
        let trouble = Trainer::default().advance(&mut at, 20, 1e30, Watch::nobody()).unwrap().unwrap();
        assert_eq!((trouble.step, at.step), (5, 3), "the step before went too far: it is not kept");
        assert_eq!(at, learned(task, 1, 3));
        assert!(trouble.began.en.contains("infinite") && trouble.began.en.contains('['), "{trouble:?}");
        assert!(trouble.advice().en.contains("learning rate"));
    }
}

/// A machine that is lost after some work.
struct Fragile(u32);

impl Compute for Fragile {
    fn backend(&self) -> &Backend {
        unreachable!("nobody asks")
    }

    fn run(&mut self, program: &Program, inputs: &Inputs) -> Result<Trace, ComputeError> {
        self.0 = self.0.checked_sub(1).ok_or_else(|| ComputeError::Lost("gone".into()))?;
        Cpu::default().run(program, inputs)
    }

    fn rerun(&mut self, _: &Program, _: &Inputs, _: Since<'_>, _: bool) -> Result<Trace, ComputeError> {
        unreachable!("nothing is run again")
    }

    fn scores(&mut self, _: Experiment, _: usize) -> Result<Vec<f32>, ComputeError> {
        unreachable!("no experiment")
    }
}

#[test]
fn a_device_that_is_lost_is_put_aside_and_the_processor_goes_on() {
    let (task, mut trainer) = (Task::Reverse, Trainer::default());
    trainer.attach(Some(Box::new(Fragile(2))));
    let mut at = Checkpoint::new(task, 1).unwrap();
    trainer.advance(&mut at, 5, task.recipe().rate, Watch::nobody()).unwrap();
    assert!(matches!(trainer.failure(), Some(ComputeError::Lost(_))));
    assert_eq!(at.step, 5);
    // Both found nearly the same.
    let alone = learned(task, 1, 5);
    assert!(
        at.losses.iter().zip(&alone.losses).all(|(a, b)| (a - b).abs() <= 1e-4 * b),
        "{:?} {:?}",
        at.losses,
        alone.losses
    );
}

#[test]
fn a_device_learns_as_the_reference_does_and_the_same_every_time() {
    let Some(gpu) = device(&Options::default()) else { return };
    for task in [Task::Reverse, Task::Induction, Task::Translation] {
        let at = learned(task, 1, 3);
        let (program, batch) = (ByProgram::new(task).unwrap(), Batch::new(&task.practice(1, 3)));
        let found = program.find(&mut gpu.clone(), &at.weights, &batch).unwrap();
        let reference = program.find(&mut Cpu::default(), &at.weights, &batch).unwrap();
        assert!((found.loss - reference.loss).abs() <= 1e-5 * reference.loss.max(1.0), "{}", task.name());
        for (own, reference) in found.gradients.iter().zip(&reference.gradients) {
            let largest = reference.iter().fold(0.0_f32, |m, x| m.max(x.abs()));
            assert!(own.iter().zip(reference).all(|(a, b)| (a - b).abs() <= 1e-4 * largest), "{}", task.name());
        }
        let again = || {
            let (mut trainer, mut at) = (Trainer::default(), at.clone());
            trainer.attach(Some(Box::new(gpu.clone())));
            trainer.advance(&mut at, 3, task.recipe().rate, Watch::nobody()).unwrap();
            assert_eq!(trainer.failure(), None);
            at
        };
        assert_eq!(again(), again(), "{}", task.name());
    }
}

#[test]
fn a_file_that_is_no_checkpoint_is_refused() {
    let json = Checkpoint::new(Task::Reverse, 1).unwrap().to_json();
    assert!(matches!(Checkpoint::parse("{}"), Err(KeptError::Form(_))));
    assert!(matches!(
        Checkpoint::parse(&json.replace("qkv-checkpoint/1", "qkv-checkpoint/2")),
        Err(KeptError::Form(_))
    ));
    assert!(matches!(Checkpoint::parse(&json.replace("\"reverse\"", "\"dance\"")), Err(KeptError::Task(_))));
    assert!(matches!(Checkpoint::parse(&json.replace("\"reverse\"", "\"sort\"")), Err(KeptError::Tensor(_))));
    assert!(matches!(Checkpoint::parse(&json.replace("\"step\":0", "\"step\":3")), Err(KeptError::Losses { .. })));
    for rates in ["[[0,0.1]]", "[[1,0.1]]"] {
        let json = json.replace("\"rates\":[]", &format!("\"rates\":{rates}"));
        assert_eq!(Checkpoint::parse(&json), Err(KeptError::Rates), "no step was taken yet");
    }
    assert!(matches!(
        Checkpoint::parse(&json.replacen("\"second\":[0.0", "\"second\":[-1.0", 1)),
        Err(KeptError::Tensor(_))
    ));
    assert!(matches!(
        Checkpoint::parse(&json.replacen("\"first\":[0.0,", "\"first\":[", 1)),
        Err(KeptError::Tensor(_))
    ));
}

#[test]
fn a_sample_of_what_was_learned_looks_where_the_learner_looked() {
    let every = |task: Task| (0..task.program().unwrap().layers()).map(move |n| (task, Some(n)));
    let tasks = [Task::Reverse, Task::Induction, Task::Translation];
    for (task, layer) in tasks.into_iter().flat_map(|task| std::iter::once((task, None)).chain(every(task))) {
        let mut trainer = Trainer::default();
        let moment = trainer.examine(Arc::new(learned(task, 1, 30)), None).unwrap();
        let sample = trainer.sample(&moment, (1, layer.map(Layer)), "qkv train".into()).unwrap();
        assert_eq!(sample.origin, Origin::Trained);
        let weights: Slot = sample.program.find(None, Name::Weights).unwrap();
        let trace = Cpu::default().run(&sample.program, &sample.inputs).unwrap();
        let shown = layer.map_or(moment.weights.last(), |n| moment.weights.get(n)).unwrap();
        let own = trace.tensor(weights);
        assert!(own.shape().cells().all(|cell| {
            let there = qkv::math::tensor::Cell { batch: 1, ..cell };
            (own.get(cell) - shown.get(there)).abs() < 5e-3 // its file has four digits
        }));
        let back = Sample::parse(&sample.to_toml().unwrap(), "x").unwrap();
        assert_eq!(back.training, sample.training);
        assert!(back.with_random_weights(1).to_toml().is_some_and(|toml| !toml.contains("[training]")));
    }
}

#[test]
fn the_shipped_samples_are_small_and_say_how_they_were_made() {
    for (task, measure) in [(Task::Reverse, 10), (Task::Induction, 20), (Task::Translation, 6)] {
        let sample = Sample::builtin(&format!("trained-{}", task.name())).unwrap().unwrap();
        assert!(sample.to_toml().unwrap().len() <= 64_000);
        assert_eq!((sample.origin, sample.tokens.len()), (Origin::Trained, measure));
        let training = sample.training.unwrap();
        assert_eq!(Task::by_name(&training.task), Some(task));
        assert!(training.accuracy >= 0.98 && training.command.contains(&format!("--steps {}", training.steps)));
    }
}

/// `cargo test --release --test training -- --ignored`: on the machine that made them, or one with the same arithmetic.
#[test]
#[ignore = "learns three tasks: seconds in a release build, and other processors round otherwise"]
fn the_shipped_samples_can_be_made_again() {
    for task in [Task::Reverse, Task::Induction, Task::Translation] {
        let shipped = Sample::builtin(&format!("trained-{}", task.name())).unwrap().unwrap();
        let training = shipped.training.clone().unwrap();
        let mut trainer = Trainer::default();
        let moment = trainer.examine(Arc::new(learned(task, training.seed, training.steps)), None).unwrap();
        let made = trainer.sample(&moment, (0, None), training.command).unwrap();
        assert_eq!(made.to_toml(), shipped.to_toml(), "{}", task.name());
    }
}

fn qkv(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_qkv"));
    command.arg("train").args(args).env("LC_ALL", "en_US.UTF-8").stdin(Stdio::null());
    command
}

fn said(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

fn ran(args: &[&str]) -> (Option<i32>, String, String) {
    said(&qkv(args).output().unwrap())
}

#[test]
fn the_command_learns_stops_at_an_accuracy_and_goes_on_from_a_file() {
    let (_, tasks, _) = ran(&[]);
    assert!(Task::ALL.iter().all(|task| tasks.contains(task.name())), "{tasks}");
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (kept, sample) = (path("at.json"), path("sample.toml"));

    let (code, json, _) = ran(&["reverse", "--seed", "3", "--until", "0.9", "--format", "json", "--save", &kept]);
    let report: Value = serde_json::from_str(&json).unwrap();
    let steps = report["steps"].as_u64().unwrap();
    assert_eq!(
        (code, &report["format"], &report["task"], &report["seed"]),
        (Some(0), &"qkv-train/1".into(), &"reverse".into(), &3.into())
    );
    assert!(report["accuracy"].as_f64().unwrap() >= 0.9 && steps < 100 && report["seconds"].as_f64().unwrap() > 0.0);
    assert_eq!(report["loss"].as_array().unwrap().len() as u64, steps);
    let head = &report["heads"][0];
    assert_eq!((&head["layer"], &head["head"], &head["measure"]), (&1.into(), &1.into(), &"antidiagonal".into()));

    // Going on writes over its own file, and comes to where one goes without stopping.
    let (code, table, words) = ran(&["--resume", &kept, "--steps", "60", "--save", &kept, "--out", &sample]);
    assert!(
        code == Some(0) && table.contains("60 steps") && words.contains("--resume") && words.contains("--sample"),
        "{table}{words}"
    );
    let kept_at = Checkpoint::parse(&std::fs::read_to_string(&kept).unwrap()).unwrap();
    assert_eq!(kept_at, learned(Task::Reverse, 3, 60));
    let read = Sample::parse(&std::fs::read_to_string(&sample).unwrap(), "sample").unwrap();
    assert_eq!(read.training.unwrap().command, "qkv train reverse --seed 3 --steps 60 --out sample.toml");

    // Where the rate was changed on the way, the commands in the sample still make it anew.
    let (first, changed) = (path("first.json"), path("changed.toml"));
    ran(&["reverse", "--steps", "20", "--rate", "0.005", "--save", &first]);
    ran(&["--resume", &first, "--steps", "30", "--save", &first]); // at the rate of before
    ran(&["--resume", &first, "--steps", "40", "--rate", "0.02", "--out", &changed]);
    let written = std::fs::read_to_string(&changed).unwrap();
    let command = Sample::parse(&written, "changed").unwrap().training.unwrap().command;
    assert_eq!(
        command,
        "qkv train reverse --seed 1 --steps 30 --rate 0.005 --save checkpoint.json && \
         qkv train reverse --resume checkpoint.json --steps 40 --rate 0.02 --out changed.toml"
    );
    let anew = folder.path().join("anew");
    std::fs::create_dir(&anew).unwrap();
    for one in command.split(" && ") {
        let args: Vec<&str> = one.split(' ').skip(2).collect();
        assert!(qkv(&args).current_dir(&anew).output().unwrap().status.success(), "{one}");
    }
    assert_eq!(std::fs::read_to_string(anew.join("changed.toml")).unwrap(), written);

    // What somebody has is never written over.
    let (code, _, words) = ran(&["reverse", "--steps", "1", "--save", &sample]);
    assert!(code == Some(1) && words.contains("already there"), "{words}");
    for (args, expected) in [
        (&["dance"][..], "dance"),
        (&["reverse", "--until", "2"], "0 to 1"),
        (&["reverse", "--rate", "0"], "above 0"),
        (&["sort", "--resume", &kept], "reverse"),
        (&["--resume", &sample], "checkpoint"),
        (&["--resume", "/nowhere.json"], "nowhere"),
    ] {
        let (code, out, words) = ran(args);
        assert!(code == Some(2) && out.is_empty() && words.contains(expected), "{args:?}: {words}");
    }
}

#[test]
fn the_command_says_where_a_loss_broke_and_what_to_do() {
    let (code, table, words) = ran(&["reverse", "--rate", "1e30"]);
    assert!(code == Some(1) && table.contains("0 steps") && !table.contains("NaN"), "{table}");
    assert!(words.contains("step 2") && words.contains("infinite") && words.contains("ten times smaller"), "{words}");
}

#[cfg(target_os = "linux")]
#[test]
fn an_interrupt_keeps_what_was_learned() {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("at.json");
    let args = ["sort", "--steps", "1000000000", "--save", kept.to_str().unwrap(), "--format", "json"];
    let child = qkv(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let hears = || {
        let status = std::fs::read_to_string(&status).unwrap();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap();
        u64::from_str_radix(caught.trim(), 16).unwrap() & 0b10 != 0 // SIGINT
    };
    while !hears() {
        std::thread::yield_now();
    }
    let id = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(id, rustix::process::Signal::INT).unwrap();
    let (code, json, words) = said(&child.wait_with_output().unwrap());
    let report: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(code, Some(0), "{words}");
    let at = Checkpoint::parse(&std::fs::read_to_string(&kept).unwrap()).unwrap();
    assert_eq!(report["steps"].as_u64(), Some(at.step));
    assert!(at.step < 1_000_000_000);
}
