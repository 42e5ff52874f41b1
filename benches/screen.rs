//! From a key press to the bytes of the painted frame: `update`, `view`, and the difference to the frame before.
//!
//! `cargo bench --bench screen`, or with `-- tiananmen` one of them; `QKV_SLOWEST=10` names the keys behind the ten slowest frames. The aim is a p99 of at most 8 ms for the sentence one begins with, and of 16 ms for 64 words,
//! for 64 sentences, for a model of 12 layers and 12 heads with 128 pieces, its map and the gallery of its heads included, and in the theatre while a transformer learns on every core. Computing is not part of it, the worker does that; taking its result in and painting it is.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark that cannot go on says so")]

#[path = "../tests/models/tiny.rs"]
#[allow(unreachable_pub, reason = "a benchmark takes what it needs")]
mod tiny;

use std::cell::Cell;
use std::io::{self, Write};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use qkv::app::palette::DARK;
use qkv::app::{Effect, Key, Message, Model, Settings, update};
use qkv::engine::{Builtin, Driver, OnDisk, Watch};
use qkv::ground::lang::Lang;
use qkv::ground::text::{Lens, Segmenter};
use qkv::session::{Answer, Choice, Job};
use qkv::source::model::{Folder, Piece};
use qkv::source::sample::{Lexicon, Sample};
use qkv::study::train::{Checkpoint, Task};
use qkv::ui::{self, Depth, Theme, WideRows};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};
use tiny::{Family, Tiny};

/// Rounds of the script below, and of the one for a model.
const ROUNDS: usize = 40;
const MODEL_ROUNDS: usize = 10;

const THEME: Theme = Theme { depth: Depth::True, palette: &DARK, ascii: false };

fn main() {
    println!("key press to painted frame, in ms; the aim is p99 <= 8, and <= 16 for many words or sentences\n");
    println!(
        "{:<16} {:>8} {:>7} {:>8} {:>8} {:>8} {:>8}",
        "sample", "size", "frames", "median", "p99", "worst", "bytes"
    );
    let asked: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    let slowest = std::env::var("QKV_SLOWEST").map_or(0, |n| n.parse().unwrap());
    let samples = [Sample::DEFAULT, LONG, Sample::BATCH, MODEL, THEATRE];
    for name in samples.into_iter().filter(|n| asked.is_empty() || asked.iter().any(|a| a == n)) {
        let sample = Arc::new(sample(name));
        for size in [(80, 24), (120, 36), (200, 55)] {
            let Measured { mut times, bytes } = measure(&sample, name, size);
            times.sort();
            for (time, asked) in times.iter().rev().take(slowest) {
                println!("  {:>8.3}  {asked}", time.as_secs_f64() * 1e3);
            }
            let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize].0.as_secs_f64() * 1e3;
            let size = format!("{}x{}", size.0, size.1);
            let (frames, bytes) = (times.len(), bytes / times.len());
            println!("{name:<16} {size:>8} {frames:>7} {:>8.3} {:>8.3} {:>8.3} {bytes:>8}", at(0.5), at(0.99), at(1.0));
        }
    }
}

/// A sentence of 64 words.
const LONG: &str = "64 words";

/// A random model of 12 layers and 12 heads, 768 wide, and 128 pieces of text.
const MODEL: &str = "model 12x12";
const PIECES: usize = 128;

/// The theatre, where the translation is learned.
const THEATRE: &str = "theatre";

/// That model, as a sample of it.
fn model() -> Sample {
    let folder = tempfile::tempdir().unwrap();
    let sizes = Tiny { vocab: Tiny::of(Family::Gpt2).vocab, ..Tiny::gpt2_small() };
    sizes.write(folder.path());
    let on_disk: Arc<dyn Folder> = Arc::new(OnDisk::new(folder.path()));
    let model = Arc::new(qkv::source::model::Model::open(&on_disk, MODEL).unwrap());
    let known = model.checkpoint.tokenizer.vocabulary() as u32;
    let piece = |n: usize| {
        let id = (n as u32 * 7919 + 1000) % known;
        Piece { id, text: model.checkpoint.tokenizer.decode(id), special: false, starts_word: true, word: n }
    };
    model.sample_of(MODEL, (0..PIECES).map(piece).collect()).unwrap()
}

/// A built-in sample, or the one that a person typed a long sentence into.
fn sample(name: &str) -> Sample {
    const WORDS: [&str; 8] = ["我", "爱", "北京", "天安门", "你", "喜欢", "上海", "外滩"];
    if name == MODEL {
        return model();
    }
    if name == THEATRE {
        return sample(Sample::DEFAULT);
    }
    if name != LONG {
        return Sample::builtin(name).unwrap().unwrap();
    }
    let written = WORDS.repeat(8).join("|");
    let (mut segmenter, lexicon) = (Segmenter::default(), Lexicon::builtin().unwrap());
    sample(Sample::DEFAULT).with_sentence(&written, Lens::Words, &mut segmenter, &lexicon).unwrap()
}

/// What a person does in a minute: every stage forth and back, rows, columns, heads, the help, the language, the list,
/// a command, random weights and masks.
fn script() -> Vec<Key> {
    let mut keys = Vec::new();
    for _ in 0..11 {
        keys.extend([Key::Char('n'), Key::Down, Key::Right, Key::Char('.'), Key::Left, Key::Up]);
    }
    keys.extend([Key::Char('L'), Key::Char('?'), Key::Down, Key::Down, Key::Esc, Key::Char('o'), Key::Down, Key::Esc]);
    keys.extend(":stage scores".chars().map(Key::Char).chain([Key::Enter]));
    keys.extend([Key::Char('w'), Key::Char('w'), Key::Char('m'), Key::Char('m'), Key::Char('m'), Key::Char('>')]);
    keys.extend([Key::Char('b'); 11]);
    keys
}

/// The same in a model: besides the walk its layers, its map, every view of its heads, attention read otherwise, a second look at
/// a number. Nothing is computed anew: that is another measurement.
fn script_of_a_model() -> Vec<Key> {
    let mut keys = Vec::new();
    for _ in 0..11 {
        keys.extend([Key::Char('n'), Key::Down, Key::Right, Key::Char('.'), Key::Left, Key::Up]);
    }
    keys.extend([Key::Char('L'), Key::Char('?'), Key::Down, Key::Esc]);
    keys.extend([')', ')', '(', ')'].map(Key::Char));
    let look = [Key::Down, Key::Right, Key::Tab, Key::Down, Key::Right, Key::Char('%')];
    keys.extend([Key::Char('B')].into_iter().chain(look).chain(look).chain(look).chain([Key::Esc]));
    let view = [Key::Right, Key::Char('n'), Key::Right, Key::Down, Key::Char('n'), Key::Tab];
    keys.push(Key::Char('H'));
    (0..6).for_each(|_| keys.extend(view));
    keys.extend(['%', '%', '%'].into_iter().flat_map(|key| [Key::Char(key), Key::Right, Key::Char('n')]));
    keys.extend([Key::Esc, Key::Char('i'), Key::Esc, Key::Enter, Key::Enter, Key::Esc, Key::Esc]);
    keys.extend([Key::Char('b'); 11]);
    keys
}

/// Through the moments of what was learned, its heads and its sentences.
fn script_of_the_theatre() -> Vec<Key> {
    let mut keys = vec![Key::Home];
    for _ in 0..20 {
        keys.extend([Key::Right, Key::Up, Key::Right, Key::Char('>'), Key::Char('+'), Key::Char('-')]);
    }
    keys.extend([Key::Char('?'), Key::Down, Key::Esc, Key::End]);
    keys
}

/// Learns on and on in other threads, as the worker does, until it is told to stop.
fn learning(stop: &Arc<AtomicBool>) -> thread::JoinHandle<()> {
    let stop = Arc::clone(stop);
    thread::spawn(move || {
        let mut driver = Driver::new(Builtin);
        let mut checkpoint = Arc::new(Checkpoint::new(Task::Translation, 1).unwrap());
        while !stop.load(Ordering::Relaxed) {
            let job = Job::Train { checkpoint, steps: 10, rate: Task::Translation.recipe().rate };
            let Answer::Trained(moment) = driver.carry_out(&job, Watch::nobody()).unwrap().unwrap() else { return };
            checkpoint = Arc::clone(&moment.checkpoint);
        }
    })
}

struct Measured {
    /// Of each frame, and what it came from: a message and the window that heard it.
    times: Vec<(Duration, String)>,
    bytes: usize,
}

fn measure(sample: &Arc<Sample>, name: &str, (columns, rows): (u16, u16)) -> Measured {
    let settings =
        Settings { lang: Lang::Zh, palette: &DARK, ascii: false, backend: Choice::Cpu, random: false, seed: 1 };
    let mut model = Model::new(Arc::clone(sample), settings);
    model.size = (columns, rows);
    let written = Rc::new(Cell::new(0));
    let options = TerminalOptions { viewport: Viewport::Fixed(Rect::new(0, 0, columns, rows)) };
    let terminal = Terminal::with_options(
        CrosstermBackend::new(Bytes { frame: Vec::new(), written: Rc::clone(&written) }),
        options,
    )
    .unwrap();
    let mut desk = Desk { terminal, wide: WideRows::default(), driver: Driver::new(Builtin), times: Vec::new() };
    let first = model.first_request();
    desk.carry_out(&mut model, first);
    let stop = Arc::new(AtomicBool::new(false));
    let learner = (name == THEATRE).then(|| {
        for key in [Key::Char('t'), Key::BackTab, Key::Char(' ')] {
            desk.tell(&mut model, Message::Key(key));
        }
        learning(&stop)
    });
    desk.times.clear();
    written.set(0);
    let (rounds, script) = match name {
        MODEL => (MODEL_ROUNDS, script_of_a_model()),
        THEATRE => (MODEL_ROUNDS, script_of_the_theatre()),
        _ => (ROUNDS, script()),
    };
    for _ in 0..rounds {
        for &key in &script {
            desk.tell(&mut model, Message::Key(key));
        }
    }
    stop.store(true, Ordering::Relaxed);
    if let Some(learner) = learner {
        learner.join().unwrap();
    }
    Measured { times: desk.times, bytes: written.get() }
}

/// The loop without its threads.
struct Desk {
    terminal: Terminal<CrosstermBackend<Bytes>>,
    wide: WideRows,
    driver: Driver,
    times: Vec<(Duration, String)>,
}

impl Desk {
    /// One message and its frame, timed; then what follows from it.
    fn tell(&mut self, model: &mut Model, message: Message) {
        let heard = model.windows.top().map_or("walk", |window| window.context().name);
        let asked = match &message {
            Message::Key(key) => format!("{key:?} in {heard}"),
            _ => format!("an answer in {heard}"),
        };
        let start = Instant::now();
        let effects = update(model, message);
        let wide = &mut self.wide;
        let frame = self.terminal.draw(|frame| {
            ui::view(model, THEME, frame);
            wide.mark(frame.buffer_mut());
        });
        frame.unwrap();
        self.times.push((start.elapsed(), asked));
        self.carry_out(model, effects);
    }

    fn carry_out(&mut self, model: &mut Model, effects: Vec<Effect>) {
        for effect in effects {
            if let Effect::Do(ticket, job @ (Job::Run { .. } | Job::Attribute { .. } | Job::Train { .. })) = effect {
                let answer = self.driver.carry_out(&job, Watch::nobody()).unwrap().unwrap();
                self.tell(model, Message::Answered(ticket, Ok(answer)));
            }
        }
    }
}

/// Keeps the bytes of a frame until it is whole, as standard output does.
struct Bytes {
    frame: Vec<u8>,
    /// How many there were in all.
    written: Rc<Cell<usize>>,
}

impl Write for Bytes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.frame.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.written.set(self.written.get() + self.frame.len());
        self.frame.clear();
        Ok(())
    }
}
