//! The window of heads at its largest: 144 heads of 128 words, from a key press to the bytes of the painted frame.
//!
//! `cargo bench --bench gallery`. The aim is a p99 of at most 16 ms for every view.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark that cannot go on says so")]

use std::io::sink;
use std::sync::Arc;
use std::time::{Duration, Instant};

use qkv::app::palette::DARK;
use qkv::app::windows::View;
use qkv::app::{Key, Message, Model, Settings, update};
use qkv::engine::Engine;
use qkv::ground::lang::Lang;
use qkv::program::attention::Sizes;
use qkv::session::{Answer, Choice, Kind};
use qkv::source::sample::Sample;
use qkv::ui::{self, Depth, Theme, WideRows};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};

/// Keys pressed in each view.
const KEYS: usize = 200;

const THEME: Theme = Theme { depth: Depth::True, palette: &DARK, ascii: false };

const SIZES: Sizes = Sizes {
    batch: None,
    tokens: 128,
    memory: 128,
    model: 768,
    heads: 144,
    features: 1152,
    values: 1152,
    output: Some(768),
};

fn main() {
    let sample = Arc::new(Sample::drawn(SIZES, 1).unwrap());
    let settings =
        Settings { lang: Lang::Zh, palette: &DARK, ascii: false, backend: Choice::Cpu, random: false, seed: 1 };
    let mut engine = Engine::open(Choice::Auto).unwrap();
    let run = Arc::new(engine.run(&sample.program, &sample.inputs).unwrap());
    println!("144 heads of 128 words, key press to painted frame in ms; the aim is p99 <= 16\n");
    println!("{:<10} {:>8} {:>8} {:>8} {:>8}", "view", "size", "median", "p99", "worst");
    for size in [(80, 24), (120, 36), (200, 55)] {
        let mut model = Model::new(Arc::clone(&sample), settings);
        model.size = size;
        model.first_request();
        let ticket = model.ticket(Kind::Run).unwrap();
        update(&mut model, Message::Answered(ticket, Ok(Answer::Run(Arc::clone(&run)))));
        update(&mut model, Message::Key(Key::Char('H')));
        let options = TerminalOptions { viewport: Viewport::Fixed(Rect::new(0, 0, size.0, size.1)) };
        let mut terminal = Terminal::with_options(CrosstermBackend::new(sink()), options).unwrap();
        for sight in View::ALL {
            let mut times: Vec<Duration> = (0..KEYS)
                .map(|n| {
                    let key = [Key::Right, Key::Char('n'), Key::Char('t'), Key::Left, Key::Down, Key::Char('m')][n % 6];
                    let start = Instant::now();
                    update(&mut model, Message::Key(if sight == View::Plane { Key::Char('n') } else { key }));
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
            times.sort();
            let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize].as_secs_f64() * 1e3;
            let size = format!("{}x{}", size.0, size.1);
            println!("{:<10} {size:>8} {:>8.2} {:>8.2} {:>8.2}", format!("{sight:?}"), at(0.5), at(0.99), at(1.0));
            update(&mut model, Message::Key(Key::Tab));
        }
    }
}
