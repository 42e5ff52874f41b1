//! One layer of self-attention by qkv, by burn, by candle and by the gemm crate: the same numbers, the same run, every result checked.
//!
//! `cargo run --release --manifest-path benches/peers/Cargo.toml`; `-- --tokens 64,128` for some lengths only.

mod by_burn;
mod by_candle;
mod by_gemm;

use std::any::Any;
use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};
use std::time::{Duration, Instant};

use burn::backend::ndarray::NdArrayDevice;
use burn::backend::wgpu::WgpuDevice;
use burn::backend::{NdArray, Wgpu};
use qkv::compute::gpu::Gpu;
use qkv::engine::race::{PATIENCE, Race, Tuned, threads};
use qkv::math::tensor::Tensor;
use qkv::program::Name;
use qkv::study::race::{Contender, Work};

/// Warm runs of each.
const REPETITIONS: usize = 7;

/// Does the work and waits until it is done. Only when asked for are the numbers of the result handed out: nobody's time holds a copy.
type Forward<'a> = Box<dyn FnMut(bool) -> Result<Vec<f32>, Box<dyn Error>> + 'a>;

/// The numbers of a race, as its peers take them.
pub struct Numbers {
    /// batch·tokens × hidden
    pub x: Vec<f32>,
    /// `W_q`, `W_k`, `W_v` and `W_o`, each hidden × hidden
    pub w: [Vec<f32>; 4],
}

impl Numbers {
    fn of(race: &Race) -> Self {
        let of = |name| {
            let slot = race.program().find(None, name);
            slot.and_then(|slot| race.inputs().get(slot)).map_or_else(Vec::new, |tensor| tensor.as_slice().to_vec())
        };
        Self { x: of(Name::H), w: [Name::WQ, Name::WK, Name::WV, Name::WO].map(of) }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip_while(|argument| argument != "--tokens").skip(1);
    let lengths = arguments.next().unwrap_or_else(|| "64,128,512".into());
    let lengths: Vec<usize> = lengths.split(',').map(str::parse).collect::<Result<_, _>>()?;
    let gpu = Gpu::open().ok();
    set_hook(Box::new(|_| {})); // a peer's panic is a line of the table
    let machine = gpu.as_ref().map_or("no adapter".into(), Gpu::machine);
    println!("# {machine}\n# 64 sentences, 8 heads, hidden size 256, fp32, medians of {REPETITIONS}");
    for tokens in lengths {
        let work = Work::new(64, tokens, 8, 256)?;
        let race = Race::new(gpu.as_ref(), work, 1)?;
        let numbers = Numbers::of(&race);
        println!("\n{tokens} words\n{:<24} {:>10} {:>8} {:>9}", "contender", "median ms", "ratio", "error");
        let mut base = None;
        let mut row = |name: &str, result: Result<(Duration, f64), String>| match result {
            Ok((time, error)) => {
                let ms = time.as_secs_f64() * 1e3;
                let ratio = *base.get_or_insert(ms) / ms;
                println!("{name:<24} {ms:>10.1} {ratio:>8.2} {error:>9.0e}");
            }
            Err(why) => println!("{name:<24} {why}"),
        };
        let all = race.contenders(&mut Tuned::default());
        let own = |c: &Contender| matches!(c, Contender::NdarrayOne | Contender::NdarrayAll | Contender::Ours(_));
        for contender in all.into_iter().filter(own) {
            let entry = race.run(contender, REPETITIONS, PATIENCE, &|| false).unwrap();
            let times = entry.result.map(|times| (times.median(), times.error)).map_err(|why| why.to_string());
            row(&format!("qkv: {contender}"), times);
        }
        let threads = threads();
        let peers: Vec<(String, Forward)> = vec![
            ("gemm, 1 thread".into(), by_gemm::forward(work, &numbers, 1)),
            (format!("gemm, {threads} threads"), by_gemm::forward(work, &numbers, threads)),
            ("candle, CPU".into(), by_candle::forward(work, &numbers)?),
            ("burn, CPU".into(), by_burn::forward::<NdArray>(work, &numbers, NdArrayDevice::Cpu)),
            ("burn, wgpu".into(), by_burn::forward::<Wgpu>(work, &numbers, WgpuDevice::DefaultDevice)),
        ];
        for (name, forward) in peers {
            let times = catch_unwind(AssertUnwindSafe(|| measured(&race, forward).map_err(|why| why.to_string())));
            row(&name, times.unwrap_or_else(|panic| Err(format!("panicked: {}", first_words(panic.as_ref())))));
        }
    }
    Ok(())
}

/// What a panic says, as far as a line of the table goes.
fn first_words(panic: &dyn Any) -> String {
    let whole = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    whole.unwrap_or("no reason").chars().take(60).collect()
}

/// The median of the warm runs, once the first result was compared with the reference.
fn measured(race: &Race, mut forward: Forward) -> Result<(Duration, f64), Box<dyn Error>> {
    let shape = race.program().stages().last().ok_or("no stages")?.shape;
    let result = Tensor::from_vec(shape, forward(true)?).ok_or("another number of results")?;
    let error = race.check(&result)?;
    let mut times = Vec::new();
    for _ in 0..REPETITIONS {
        let start = Instant::now();
        forward(false)?;
        times.push(start.elapsed());
    }
    times.sort();
    Ok((times[REPETITIONS / 2], error))
}
