//! Whole models, 128 pieces of text: from the weights on the device to every tensor of every layer on the host.
//!
//! `QKV_MODEL=folder cargo bench --bench models`: the model in that folder, and a random one of the size of GPT-2 small. The
//! aims on a software adapter with two cores: `MiniLM` (6 layers, 384 wide) within 0.25 s, GPT-2 small within 1.2 s, warm.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark that cannot go on says so")]

#[path = "../tests/models/tiny.rs"]
#[allow(unreachable_pub, reason = "a benchmark takes what it needs")]
mod tiny;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use qkv::compute::Compute;
use qkv::compute::gpu::Gpu;
use qkv::engine::{Builtin, Driver, Engine, OnDisk, Watch};
use qkv::math::tensor::Tensor;
use qkv::program::{Layer, Ledger, Name, Trace};
use qkv::session::{Answer, Choice, Job};
use qkv::source::model::{Folder, Model, Piece};
use qkv::source::sample::Sample;
use tiny::Tiny;

/// Warm runs of each.
const RUNS: usize = 9;

/// Pieces of the text.
const PIECES: usize = 128;

fn main() {
    let only = std::env::var("QKV_ONLY").ok();
    let wanted = |name: &str| only.as_deref().is_none_or(|only| only == name);
    println!("{PIECES} pieces, medians of {RUNS}, ms\n");
    if wanted("folder") {
        match std::env::var_os("QKV_MODEL") {
            Some(folder) => measure("the model of QKV_MODEL", Path::new(&folder)),
            None => println!("QKV_MODEL names no folder\n"),
        }
    }
    if wanted("gpt2") {
        let folder = tempfile::tempdir().unwrap();
        Tiny::gpt2_small().write(folder.path());
        measure("random, as large as GPT-2 small", folder.path());
    }
}

/// So many pieces of a model, whichever they are.
fn text(model: &Arc<Model>, pieces: usize) -> Sample {
    let known = model.checkpoint.tokenizer.vocabulary() as u32;
    let piece = |n: usize| {
        let id = (n as u32 * 7919 + 1000) % known;
        Piece { id, text: model.checkpoint.tokenizer.decode(id), special: false, starts_word: true, word: n }
    };
    model.sample_of("pieces", (0..pieces.min(model.checkpoint.config.positions)).map(piece).collect()).unwrap()
}

#[expect(clippy::too_many_lines, reason = "one measurement after another")]
fn measure(name: &str, folder: &Path) {
    let weights: u64 = std::fs::metadata(folder.join("model.safetensors")).map_or(0, |about| about.len());
    println!("# {name}, {} MB", weights / 1_000_000);
    let (before, start) = (most_memory(), Instant::now());
    let folder: Arc<dyn Folder> = Arc::new(OnDisk::new(folder));
    let model = Arc::new(Model::open(&folder, "model").unwrap());
    say("opening it", start.elapsed());
    let sample = text(&model, PIECES);
    let start = Instant::now();
    let mut gpu = Gpu::open().unwrap();
    say("opening the adapter", start.elapsed());
    let start = Instant::now();
    let first = gpu.run(&sample.program, &sample.inputs).unwrap();
    say("first run, compiling and uploading", start.elapsed());
    let ledger = Ledger::check(&sample.program, &first);
    let mut off: Vec<_> = ledger.stages.iter().filter(|stage| !stage.ok()).collect();
    off.sort_by(|a, b| b.worst.total_cmp(&a.worst));
    let worst = ledger.worst().unwrap();
    println!(
        "  ledger: at most {:.1e} at {}; {} stages beyond",
        worst.worst,
        worst.at.display(&sample.program),
        off.len()
    );
    for stage in off.iter().take(12) {
        println!("    {:.1e} at {}", stage.worst, stage.at.display(&sample.program));
    }
    // Which kernels made how many stages.
    let mut kernels: Vec<(&str, usize)> = Vec::new();
    for kernel in (0..sample.program.stages().len()).filter_map(|stage| first.kernel(stage)) {
        match kernels.iter_mut().find(|(name, _)| *name == kernel) {
            Some((_, count)) => *count += 1,
            None => kernels.push((kernel, 1)),
        }
    }
    println!("  stages by kernel: {kernels:?}");
    say("warm run, every tensor read back", median(|| drop(gpu.run(&sample.program, &sample.inputs).unwrap())));
    let last = [sample.program.output_of(sample.program.stages().len() - 1)];
    say(
        "  the last tensor alone read back",
        median(|| drop(gpu.read(&sample.program, &sample.inputs, &last).unwrap())),
    );
    for (what, wanted) in [("every tensor", None), ("the last tensor alone", Some(last.as_slice()))] {
        println!("  each launch by itself, {what}:");
        let mut shares = gpu.shares(&sample.program, &sample.inputs, wanted).unwrap();
        shares.sort_by_key(|share| std::cmp::Reverse(share.1));
        for (file, time, count) in &shares {
            println!("    {:<32} {:>8.1}   {count} launches", file, ms(*time));
        }
        println!("    {:<32} {:>8.1}", "all", ms(shares.iter().map(|share| share.1).sum()));
    }
    // What a text must be worth for the kernels that do not sum so carefully.
    for pieces in [4, 16] {
        let short = text(&model, pieces);
        say(&format!("{pieces} pieces, as chosen"), median(|| drop(gpu.run(&short.program, &short.inputs).unwrap())));
        let taught = once(|| drop(gpu.run_exactly(&short.program, &short.inputs).unwrap()));
        say(&format!("{pieces} pieces, by the taught kernels, once"), taught);
    }
    drop((gpu, first));

    let mut engine = Engine::open(Choice::Gpu).unwrap();
    engine.begin(&sample.program, &sample.inputs, 0).unwrap();
    let begin = || drop(engine.begin(&sample.program, &sample.inputs, 0).unwrap());
    say("the same text again, first piece of the ledger", median(begin));
    // A number of the embeddings is another: everything follows from it.
    let words = sample.program.inputs()[0].slot;
    let mut n = 0;
    let mut edited = |layer: Option<usize>| {
        n += 1;
        let found = layer.and_then(|layer| sample.program.find(Some(Layer(layer)), Name::WO));
        let slot = found.unwrap_or(words);
        let mut tensor = Tensor::clone(sample.inputs.get(slot).unwrap());
        tensor.set(qkv::math::tensor::Cell::default(), n as f32 / 100.0);
        sample.inputs.with_tensors(&sample.program, [(slot, tensor)]).unwrap()
    };
    let mut driver = Driver::new(Builtin);
    driver.open(Choice::Gpu).unwrap();
    let mut run = |inputs: qkv::program::Inputs| {
        let job = Job::Run { program: Arc::clone(&sample.program), inputs: Arc::new(inputs), first: 0 };
        match driver.carry_out(&job, Watch::nobody()).unwrap() {
            Some(Answer::Run(run)) => run,
            _ => unreachable!("a run answers a run"),
        }
    };
    let start = Instant::now();
    let answered = run(edited(None));
    say("as the screen asks for it, first", start.elapsed());
    let layers = model.checkpoint.config.layers;
    for (what, layer) in [
        ("  other words", None),
        ("  another W_o in the first layer", Some(0)),
        ("  another W_o in the last layer", Some(layers - 1)),
    ] {
        let mut times: Vec<Duration> = (0..RUNS)
            .map(|_| {
                let inputs = edited(layer);
                let start = Instant::now();
                run(inputs);
                start.elapsed()
            })
            .collect();
        times.sort();
        say(what, times[RUNS / 2]);
    }
    say("the whole ledger", once(|| assert!(whole(&sample, &answered.trace).ok())));
    if let (Some(before), Some(most)) = (before, most_memory()) {
        println!("  memory at most {} MB, {} MB before", most >> 20, before >> 20);
    }
    println!();
}

fn whole(sample: &Sample, trace: &Trace) -> Ledger {
    Ledger::check(&sample.program, trace)
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn say(what: &str, time: Duration) {
    println!("  {what:<50} {:>8.1}", ms(time));
}

fn once(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn median(mut work: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..RUNS).map(|_| once(&mut work)).collect();
    times.sort();
    times[RUNS / 2]
}

/// The most memory that this process has held since the last call, in bytes; none where the system does not tell.
fn most_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let most = line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? << 10;
    std::fs::write("/proc/self/clear_refs", "5").ok()?; // the mark starts anew from what is held now
    Some(most)
}
