//! Whole models by qkv and by candle on the processor: 128 pieces, the same weights in f32, the same run, every result compared.
//!
//! `RAYON_NUM_THREADS=2 cargo run --release --manifest-path benches/peers/Cargo.toml --bin models -- FOLDER...`: the BERT or GPT-2
//! in each folder, then a random one as large as GPT-2 small, as `benches/models.rs` has it; `models.py` does the same by PyTorch.
//! candle keeps nothing in between; of a GPT-2 it makes the logits of the last piece only, as qkv does.

mod gpt2;
#[path = "../../../../../tests/models/tiny.rs"]
mod tiny;

use std::error::Error;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use candle_core::{DType, Device, Tensor, utils::get_num_threads};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::BertModel;
use gpt2::Gpt2;
use qkv::compute::Compute;
use qkv::compute::gpu::Gpu;
use qkv::engine::OnDisk;
use qkv::program::{Layer, Name, Slot, Trace};
use qkv::source::model::{Folder, Model, Piece};
use qkv::source::sample::Sample;
use serde_json::Value;
use tiny::Tiny;

/// Warm runs of each, in turns.
const RUNS: usize = 9;

/// Pieces of the text.
const PIECES: usize = 128;

/// What a number of a peer may be off by: beyond it, it does other work and has no time.
const BOUND: f32 = 1e-3;

fn main() -> Result<(), Box<dyn Error>> {
    println!("{PIECES} pieces, medians of {RUNS} in turns, ms; candle has {} threads\n", get_num_threads());
    for folder in std::env::args_os().skip(1) {
        measure(&folder.to_string_lossy(), Path::new(&folder))?;
    }
    let folder = tempfile::tempdir()?;
    Tiny::gpt2_small().write(folder.path());
    measure("random, as large as GPT-2 small", folder.path())
}

fn measure(name: &str, folder: &Path) -> Result<(), Box<dyn Error>> {
    println!("# {name}");
    let on_disk: Arc<dyn Folder> = Arc::new(OnDisk::new(folder));
    let model = Arc::new(Model::open(&on_disk, "model").map_err(|why| why.to_string())?);
    let known = model.checkpoint.tokenizer.vocabulary() as u32;
    let pieces = PIECES.min(model.checkpoint.config.positions) as u32;
    let ids: Vec<u32> = (0..pieces).map(|n| (n * 7919 + 1000) % known).collect();
    let sample = sample(&model, &ids)?;
    let (program, inputs) = (&sample.program, &sample.inputs);
    let mut gpu = Gpu::open()?;
    let first = gpu.run(program, inputs)?;

    let peer = Peer::load(folder)?;
    let ids = Tensor::new(ids.as_slice(), &Device::Cpu)?;
    let last = Layer(model.checkpoint.config.layers - 1);
    let compared = match peer {
        Peer::Bert(_) => vec![(Some(last), Name::Hidden)],
        Peer::Gpt2(_) => vec![(None, Name::NormF), (None, Name::Logits)],
    };
    let mut asked = None;
    for ((layer, name), theirs) in compared.into_iter().zip(peer.forward(&ids)?) {
        let slot = program.find(layer, name).ok_or("the program lacks what is compared")?;
        compare(&first, slot, &program.symbol(slot).to_string(), &theirs)?;
        asked = Some(slot);
    }
    let asked: Vec<Slot> = asked.into_iter().collect();
    drop(gpu.read(program, inputs, &asked)?);

    let mut times = [const { Vec::new() }; 3];
    for _ in 0..RUNS {
        times[0].push(timed(|| gpu.run(program, inputs))?);
        times[1].push(timed(|| gpu.read(program, inputs, &asked))?);
        times[2].push(timed(|| peer.forward(&ids))?);
    }
    let rows = ["qkv, every tensor read back", "qkv, the last tensor alone", "candle, the last tensor alone"];
    for (row, mut times) in rows.into_iter().zip(times) {
        times.sort();
        let ms = |n: usize| times[n].as_secs_f64() * 1e3;
        println!("  {row:<50} {:>8.1}   ({:.1} to {:.1})", ms(RUNS / 2), ms(0), ms(RUNS - 1));
    }
    println!();
    Ok(())
}

/// These pieces as qkv takes them.
fn sample(model: &Arc<Model>, ids: &[u32]) -> Result<Sample, String> {
    let piece = |(word, &id): (usize, &u32)| {
        let text = model.checkpoint.tokenizer.decode(id);
        Piece { id, text, special: false, starts_word: true, word }
    };
    let pieces = ids.iter().enumerate().map(piece).collect();
    model.sample_of("pieces", pieces).map_err(|why| why.words().en.to_string())
}

/// A model as candle has it.
enum Peer {
    Bert(Box<BertModel>),
    Gpt2(Gpt2),
}

impl Peer {
    fn load(folder: &Path) -> Result<Self, Box<dyn Error>> {
        let config: Value = serde_json::from_slice(&fs::read(folder.join("config.json"))?)?;
        let bytes = fs::read(folder.join("model.safetensors"))?;
        let weights = VarBuilder::from_buffered_safetensors(bytes, DType::F32, &Device::Cpu)?;
        match config["model_type"].as_str() {
            Some("bert") => Ok(Self::Bert(Box::new(BertModel::load(weights, &serde_json::from_value(config)?)?))),
            Some("gpt2") => Ok(Self::Gpt2(Gpt2::load(&config, &weights)?)),
            other => Err(format!("no peer for {other:?}").into()),
        }
    }

    fn forward(&self, ids: &Tensor) -> candle_core::Result<Vec<Tensor>> {
        match self {
            Self::Bert(model) => {
                let ids = ids.unsqueeze(0)?;
                Ok(vec![model.forward(&ids, &ids.zeros_like()?, None)?])
            }
            Self::Gpt2(model) => model.forward(ids).map(|(hidden, logits)| vec![hidden, logits]),
        }
    }
}

/// Says by how much the two differ at most; fails where that is too much.
fn compare(ours: &Trace, slot: Slot, name: &str, theirs: &Tensor) -> Result<(), Box<dyn Error>> {
    let (ours, theirs) = (ours.tensor(slot).as_slice(), theirs.flatten_all()?.to_vec1::<f32>()?);
    if ours.len() != theirs.len() {
        return Err(format!("{name}: {} numbers here, {} by candle", ours.len(), theirs.len()).into());
    }
    let off = ours.iter().zip(&theirs).map(|(a, b)| (a - b).abs());
    let off = off.max_by(f32::total_cmp).unwrap_or(f32::NAN); // what is no number is the largest
    let largest = ours.iter().fold(0.0f32, |most, a| most.max(a.abs()));
    println!("  {name}: {} numbers up to {largest:.1}, by candle at most {off:.1e} off", ours.len());
    if off <= BOUND { Ok(()) } else { Err(format!("{name}: more than {BOUND:.0e}").into()) }
}

/// How long some work takes, what it gives thrown away.
fn timed<T, E>(work: impl FnOnce() -> Result<T, E>) -> Result<Duration, E> {
    let start = Instant::now();
    drop(work()?);
    Ok(start.elapsed())
}
