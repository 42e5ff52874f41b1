//! Frames while a race runs behind them: from a piece of news or a key to the bytes of the painted frame, with every
//! processor busy.
//!
//! `cargo bench --bench race`. The aim is a p99 of at most 16 ms.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark that cannot go on says so")]

use std::io::sink;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use qkv::app::palette::DARK;
use qkv::app::{Effect, Key, Message, Model, Settings, update};
use qkv::engine::{Builtin, Driver, Watch};
use qkv::ground::lang::Lang;
use qkv::session::{Choice, Job, Progress};
use qkv::source::sample::Sample;
use qkv::ui::{self, Depth, Theme, WideRows};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};

/// Frames of each size.
const FRAMES: usize = 400;

/// From a frame to the next: faster than any key is repeated.
const PACE: Duration = Duration::from_millis(10);

const THEME: Theme = Theme { depth: Depth::True, palette: &DARK, ascii: false };

fn main() {
    let sample = Arc::new(Sample::builtin(Sample::DEFAULT).unwrap().unwrap());
    let settings =
        Settings { lang: Lang::Zh, palette: &DARK, ascii: false, backend: Choice::Cpu, random: false, seed: 1 };
    println!("frames while a race runs, in ms; the aim is p99 <= 16\n");
    println!("{:>8} {:>8} {:>8} {:>8}", "size", "median", "p99", "worst");
    for size in [(80, 24), (120, 36), (200, 55)] {
        let mut model = Model::new(Arc::clone(&sample), settings);
        model.size = size;
        let effects = update(&mut model, Message::Key(Key::Char('R')));
        let Some(Effect::Do(ticket, job)) = effects.first() else { continue };
        let stop = AtomicBool::new(false);
        let (sender, news) = channel();
        let mut times = thread::scope(|scope| {
            scope.spawn(|| race(job, &stop, &sender));
            let options = TerminalOptions { viewport: Viewport::Fixed(Rect::new(0, 0, size.0, size.1)) };
            let mut terminal = Terminal::with_options(CrosstermBackend::new(sink()), options).unwrap();
            let times: Vec<Duration> = (0..FRAMES)
                .map(|_| {
                    thread::sleep(PACE);
                    let start = Instant::now();
                    for progress in news.try_iter() {
                        update(&mut model, Message::Progress(*ticket, progress));
                    }
                    update(&mut model, Message::Key(Key::Char('L')));
                    let mut wide = WideRows::default();
                    terminal
                        .draw(|frame| {
                            ui::view(&model, THEME, frame);
                            wide.mark(frame.buffer_mut());
                        })
                        .unwrap();
                    start.elapsed()
                })
                .collect();
            stop.store(true, Ordering::SeqCst);
            times
        });
        times.sort();
        let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize].as_secs_f64() * 1e3;
        println!("{:>8} {:>8.2} {:>8.2} {:>8.2}", format!("{}x{}", size.0, size.1), at(0.5), at(0.99), at(1.0));
    }
}

/// One race after another until told to stop.
fn race(job: &Job, stop: &AtomicBool, news: &Sender<Progress>) {
    let mut driver = Driver::new(Builtin);
    let _ = driver.carry_out(&Job::Open(Choice::Auto), Watch::nobody()); // without an adapter the processor runs alone
    let tell = |progress| drop(news.send(progress));
    let stopped = || stop.load(Ordering::SeqCst);
    while !stopped() {
        driver.carry_out(job, Watch::new(&tell, &stopped)).unwrap();
    }
}
