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
use qkv::compute::gpu::ladder::Ladder;
use qkv::study::race::{Numbers, Work};
use qkv::study::race::Contender;
use qkv::engine::race::{Race, TOLERANCE, Tuned, threads};

/// Warm runs of each.
const REPETITIONS: usize = 7;

/// Does the work and waits until it is done. Only when asked for are the numbers of the result handed out: nobody's time holds a copy.
type Forward<'a> = Box<dyn FnMut(bool) -> Result<Vec<f32>, Box<dyn Error>> + 'a>;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip_while(|argument| argument != "--tokens").skip(1);
    let lengths = arguments.next().unwrap_or_else(|| "64,128,512".into());
    let lengths: Vec<usize> = lengths.split(',').map(str::parse).collect::<Result<_, _>>()?;
    let ladder = Ladder::open().ok();
    set_hook(Box::new(|_| {})); // a peer's panic is a line of the table
    let machine = ladder.as_ref().map_or("no adapter".into(), Ladder::machine);
    println!("# {machine}\n# 64 sentences, 8 heads, hidden size 256, fp32, medians of {REPETITIONS}");
    for tokens in lengths {
        let work = Work::new(64, tokens, 8, 256)?;
        let numbers = Numbers::of(work, 1);
        let race = Race::new(ladder.as_ref(), work, 1)?;
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
            let entry = race.run(contender, REPETITIONS, &|| false);
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
            let times =
                catch_unwind(AssertUnwindSafe(|| measured(work, &numbers, forward).map_err(|why| why.to_string())));
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
fn measured(work: Work, numbers: &Numbers, mut forward: Forward) -> Result<(Duration, f64), Box<dyn Error>> {
    let y = forward(true)?;
    let mut error = 0.0_f64;
    for row in [0, work.rows() / 2, work.rows() - 1] {
        let found = &y[row * work.hidden..(row + 1) * work.hidden];
        for (x, reference) in found.iter().zip(numbers.reference(work, row)) {
            error = error.max((f64::from(*x) - reference).abs() / reference.abs().max(1.0));
        }
    }
    if error > TOLERANCE {
        return Err(format!("wrong by {error:.0e}").into());
    }
    let mut times = Vec::new();
    for _ in 0..REPETITIONS {
        let start = Instant::now();
        forward(false)?;
        times.push(start.elapsed());
    }
    times.sort();
    Ok((times[REPETITIONS / 2], error))
}
