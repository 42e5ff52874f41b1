//! The one impure corner: the terminal, the worker that owns the engine, and the loop between them.
//!
//! ```text
//! keyboard thread ─┐                       ┌─ Effect::Run ──▶ worker thread: engine, CPU, then GPU
//!                  ├─▶ Message ─▶ update ──┤
//! worker, signals ─┤        │              └─ Effect::Wake, Effect::Quit …
//! alarm ───────────┘        │
//!                           ▼
//!                          view
//! ```

mod files;
mod input;
mod racer;
mod terminal;
mod worker;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use ratatui::layout::Rect;

use crate::app::{Effect, Message, Model, update};
use crate::ground::lang::Text;
use crate::session::Choice;
use crate::source::sample::Sample;
use crate::ui::{self, Theme, WideRows};
use racer::Racer;
use terminal::Screen;
use worker::Worker;

pub use terminal::{depth, is_light};

/// What the loop hears.
enum Event {
    /// For the model.
    Message(Message),
    /// The system asks us to go.
    Terminate,
    /// The worker panicked: nothing will be computed any more.
    Died,
}

/// How long the first picture waits for the CPU's numbers rather than show none.
const FIRST_NUMBERS: Duration = Duration::from_millis(25);

/// Opens the screen on a model and stays until the person quits. `load` reads the samples asked for meanwhile. Says what
/// is different from the sample as it was read.
///
/// # Errors
/// When the terminal cannot be used.
pub fn run(mut model: Model, theme: Theme, load: fn(&str) -> Result<Sample>) -> Result<Vec<Text>> {
    let (sender, events) = channel();
    // Heard before the screen is taken: no signal may find it ours and nobody listening.
    input::signals(sender.clone())?;
    let worker = Worker::start(model.settings.backend, sender.clone());
    let adapter = model.settings.backend != Choice::Cpu;
    let mut desk = Desk {
        worker,
        racer: Racer::default(),
        adapter,
        sender: sender.clone(),
        load,
        loads: Arc::default(),
        alarm: None,
    };
    desk.carry_out(model.first_request());

    let mut screen = Screen::open()?;
    input::keyboard(sender)?;
    if let Ok((columns, rows)) = crossterm::terminal::size() {
        model.size = (columns, rows);
    }
    turn(&mut screen, &mut model, theme, &events, &mut desk)?;
    Ok(model.changes())
}

/// Let what has happened happen, draw, wait for more; again. Waiting costs nothing.
fn turn(screen: &mut Screen, model: &mut Model, theme: Theme, events: &Receiver<Event>, desk: &mut Desk) -> Result<()> {
    let mut wide = WideRows::default();
    let mut next = events.recv_timeout(FIRST_NUMBERS).ok();
    loop {
        // Everything that has already happened belongs into the next picture.
        while let Some(event) = next {
            let message = match event {
                Event::Message(message) => message,
                Event::Terminate => return Ok(()),
                Event::Died => bail!("the worker died: {}", terminal::last_words().unwrap_or_default()),
            };
            if matches!(message, Message::Key(_)) {
                rehearse("loop");
            }
            let resized = if let Message::Resize(columns, rows) = message { Some((columns, rows)) } else { None };
            if !desk.carry_out(update(model, message)) {
                return Ok(());
            }
            if let Some((columns, rows)) = resized {
                // Not `clear`, which asks the terminal where its cursor is: the keyboard thread hears all answers.
                screen.terminal.resize(Rect::new(0, 0, columns, rows))?;
            }
            next = events.try_recv().ok();
        }
        let theme = Theme { light: model.settings.light, ascii: model.settings.ascii, ..theme };
        screen.terminal.draw(|frame| {
            ui::view(model, theme, frame);
            wide.mark(frame.buffer_mut());
        })?;
        next = desk.wait(events);
    }
}

/// Panics where `QKV_PANIC` says so: `loop`, `worker` or `device`. Only debug builds do, so that a test can see what a
/// panic leaves behind.
fn rehearse(place: &str) {
    let asked = cfg!(debug_assertions) && std::env::var("QKV_PANIC").is_ok_and(|asked| asked == place);
    assert!(!asked, "rehearsed in the {place}");
}

/// Where effects are carried out.
struct Desk {
    worker: Worker,
    racer: Racer,
    /// Whether an adapter may be opened.
    adapter: bool,
    sender: Sender<Event>,
    load: fn(&str) -> Result<Sample>,
    /// How many samples were asked for: only the latest is opened.
    loads: Arc<AtomicU64>,
    /// When to wake the model, and the ticket to do it with; none while nothing plays.
    alarm: Option<(Instant, u64)>,
}

impl Desk {
    fn tell(&self, message: Message) {
        let _ = self.sender.send(Event::Message(message));
    }

    /// Carries effects out; `false` when one of them is to quit.
    fn carry_out(&mut self, effects: Vec<Effect>) -> bool {
        for effect in effects {
            match effect {
                Effect::Run { generation, program, inputs } => self.worker.run(generation, program, inputs),
                Effect::Sentence { request, sample, written, lens } => {
                    self.worker.write(request, sample, written, lens);
                }
                Effect::Experiment { request, experiment } => self.worker.draw(request, experiment),
                Effect::Race { request, work } => self.racer.start(request, work, self.adapter, self.sender.clone()),
                Effect::Watch { request, cut, pieces } => {
                    self.racer.watch(request, (cut, pieces), self.adapter, self.sender.clone());
                }
                Effect::Look { request, ask } => self.worker.look(request, ask),
                Effect::Study { request, sample, scenario } => self.worker.study(request, sample, scenario),
                Effect::Save { path, contents } => {
                    let saved = files::save(&path, &contents).map(|()| path);
                    self.tell(Message::Saved(saved));
                }
                Effect::Copy(text) => self.tell(Message::Copied(files::copy(&text))),
                Effect::Backend(choice) => self.worker.use_backend(choice),
                Effect::Load(what) => {
                    let (load, sender, latest) = (self.load, self.sender.clone(), Arc::clone(&self.loads));
                    let mine = latest.fetch_add(1, Ordering::SeqCst) + 1;
                    // A slow disk or a pipe that nobody fills may keep this waiting; the keys must not wait with it.
                    thread::spawn(move || {
                        let loaded = load(&what).map(Arc::new).map_err(|error| format!("{error:#}"));
                        if latest.load(Ordering::SeqCst) == mine {
                            let _ = sender.send(Event::Message(Message::Loaded(loaded)));
                        }
                    });
                }
                Effect::Wake { after, ticket } => self.alarm = Some((Instant::now() + after, ticket)),
                Effect::Quit => return false,
            }
        }
        true
    }

    /// The next event, or the alarm where that comes first.
    fn wait(&mut self, events: &Receiver<Event>) -> Option<Event> {
        let Some((at, ticket)) = self.alarm else { return events.recv().ok() };
        match events.recv_timeout(at.saturating_duration_since(Instant::now())) {
            Err(RecvTimeoutError::Timeout) => {
                self.alarm = None;
                Some(Event::Message(Message::Tick(ticket)))
            }
            event => event.ok(),
        }
    }
}
