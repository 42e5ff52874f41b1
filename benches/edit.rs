//! From an edit to its painted result: `update`, the shaders, the ledger, `view`, and the difference to the frame before.
//!
//! `cargo bench --bench edit`. The aim is a p99 of at most 16 ms for the default sample and of 50 ms for 64 words, 8 heads
//! and a hidden size of 256, on a software adapter.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark that cannot go on says so")]

use std::io::sink;
use std::sync::Arc;
use std::time::{Duration, Instant};

use qkv::app::palette::DARK;
use qkv::app::{Effect, Key, Message, Model, Settings, update};
use qkv::compute::gpu::Gpu;
use qkv::compute::{Compute, Cpu};
use qkv::engine::{Builtin, Driver, Watch, settle};
use qkv::ground::lang::Lang;
use qkv::program::attention::Sizes;
use qkv::session::{Choice, Job, Kind};
use qkv::source::sample::Sample;
use qkv::ui::{self, Depth, Theme, WideRows};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};

/// Edits of each sample.
const EDITS: usize = 300;

const THEME: Theme = Theme { depth: Depth::True, palette: &DARK, ascii: false };

const LARGE: Sizes =
    Sizes { batch: None, tokens: 64, memory: 64, model: 256, heads: 8, features: 256, values: 256, output: Some(256) };

fn main() {
    let by = match Gpu::open() {
        Ok(gpu) => gpu.backend().to_string(),
        Err(_) => Cpu::default().backend().to_string(),
    };
    println!("edit to painted result on {by}, in ms; aims: p99 <= 16 and <= 50\n");
    println!("{:<24} {:>8} {:>8} {:>8} {:>8}", "sample", "size", "median", "p99", "worst");
    let samples = [
        ("tiananmen", Sample::builtin(Sample::DEFAULT).unwrap().unwrap()),
        ("64 words x 8 heads x 256", Sample::drawn(LARGE, 1).unwrap()),
    ];
    for (name, sample) in samples {
        for size in [(80, 24), (120, 36), (200, 55)] {
            let mut times = measure(&sample, size);
            times.sort();
            let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize].as_secs_f64() * 1e3;
            let size = format!("{}x{}", size.0, size.1);
            println!("{name:<24} {size:>8} {:>8.3} {:>8.3} {:>8.3}", at(0.5), at(0.99), at(1.0));
        }
    }
}

/// Numbers of H and of each W changed in turn, the picture on the weights.
fn measure(sample: &Sample, (columns, rows): (u16, u16)) -> Vec<Duration> {
    let settings =
        Settings { lang: Lang::Zh, palette: &DARK, ascii: false, backend: Choice::Auto, random: false, seed: 1 };
    let mut driver = Driver::new(Builtin);
    let _ = driver.carry_out(&Job::Open(Choice::Auto), Watch::nobody()); // where there is none, the CPU computes
    let mut model = Model::new(Arc::new(sample.clone()), settings);
    model.size = (columns, rows);
    let options = TerminalOptions { viewport: Viewport::Fixed(Rect::new(0, 0, columns, rows)) };
    let mut terminal = Terminal::with_options(CrosstermBackend::new(sink()), options).unwrap();
    let mut wide = WideRows::default();
    let first = model.first_request();
    carry_out(&mut model, &mut driver, first);
    // One page after another: the words, then Q, K and V with their weights beside them.
    let pages = ["1", "2", "3", "4"];
    let mut times = Vec::new();
    for n in 0..EDITS {
        tell(&mut model, &mut driver, Key::Char(pages[n % pages.len()].chars().next().unwrap()));
        if n % pages.len() > 0 {
            tell(&mut model, &mut driver, Key::Tab);
            tell(&mut model, &mut driver, Key::Tab);
        }
        tell(&mut model, &mut driver, Key::Right);
        let start = Instant::now();
        tell(&mut model, &mut driver, Key::Char(if n % 8 < 4 { '+' } else { '-' }));
        terminal
            .draw(|frame| {
                ui::view(&model, THEME, frame);
                wide.mark(frame.buffer_mut());
            })
            .unwrap();
        times.push(start.elapsed());
        assert!(model.run().unwrap().ledger.ok() && model.caption().edited);
    }
    times
}

fn tell(model: &mut Model, driver: &mut Driver, key: Key) {
    let effects = update(model, Message::Key(key));
    carry_out(model, driver, effects);
}

fn carry_out(model: &mut Model, driver: &mut Driver, effects: Vec<Effect>) {
    settle(model, driver, effects, &|kind| kind == Kind::Run);
}
