//! The one impure corner: the terminal, the worker that owns the engine, and the loop between them.
//!
//! ```text
//! keyboard thread ──┐                       ┌─ Effect::Do ──▶ worker threads: a driver each
//!                   ├─▶ Message ─▶ update ──┤
//! workers, signals ─┤        │              └─ Effect::Wake, Effect::Quit …
//! alarm ────────────┘        │
//!                            ▼
//!                           view
//! ```

#[cfg(unix)]
mod bytes;
mod colours;
#[cfg(not(unix))]
mod console;
mod error;
mod files;
mod input;
mod learned;
mod leave;
#[cfg(unix)]
mod notes;
mod pointer;
mod queue;
mod rehearse;
mod terminal;
mod tmux;
mod watch;
mod worker;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use ratatui::layout::Rect;

use crate::app::palette::Palette;
use crate::app::{Effect, Message, Model, update};
use crate::ground::fault::Fault;
use crate::ground::lang::Text;
use crate::session::{Answer, Contents, Job, Ticket};
use crate::source::sample::Sample;
use crate::ui::{self, Theme, WideRows};
use error::Result;
use files::LocalFiles;
use queue::{End, Heard, Pace, Queue, Turn};
use rehearse::{asked, rehearse};
use terminal::{Quiet, Screen};
use watch::Watcher;
use worker::Workers;

#[cfg(not(unix))]
pub use elsewhere::follow;
pub use error::RuntimeError;
pub use files::{at_home, write_new, write_over};
pub use learned::{forget, learned};
pub use leave::leave;
#[cfg(unix)]
pub use notes::follow;
pub use terminal::depth;

/// What the loop hears.
#[derive(Debug)]
enum Event {
    /// For the model.
    Message(Message),
    /// What the keyboard sent at once.
    #[cfg(unix)]
    Inputs(Vec<Event>, input::Leave),
    /// A colour of the terminal, of its ground or of its letters.
    #[cfg(unix)]
    Colour { ground: bool, rgb: [f64; 3] },
    /// The terminal has answered everything that it was asked.
    #[cfg(unix)]
    Kind,
    /// The column in which the terminal's cursor stands, from 1.
    #[cfg(unix)]
    Column(u16),
    /// Something was done with the mouse.
    Pointer(pointer::Pointer),
    /// The system asks us to stop for a while.
    #[cfg(unix)]
    Stop,
    /// The picture may be gone.
    Anew,
    /// The system asks us to go, or nobody is there any more.
    Terminate,
    /// A thread panicked: nothing will be computed, or heard, any more.
    Died(&'static str),
}

/// How long the first picture waits for the CPU's numbers rather than show none.
const FIRST_NUMBERS: Duration = Duration::from_millis(25);

/// How long a terminal may take to say its colours. One beside us answers within a few milliseconds, also when it knows no
/// colours; over a slow line the question costs one round trip. Only a terminal that answers nothing at all costs this.
const COLOURS: Duration = Duration::from_millis(200);

/// How the terminal is used.
#[derive(Debug, Clone, Copy)]
pub struct Manners {
    /// Ask it whether its ground is light.
    pub ask: bool,
    /// Listen to the mouse. Selecting text then takes Shift, in most terminals.
    pub mouse: bool,
}

/// What this system has no local sockets for.
#[cfg(not(unix))]
mod elsewhere {
    use std::io;

    use crate::session::Notes;

    /// Follows the notes of whoever shows a lesson.
    ///
    /// # Errors
    /// Always: here they are not told.
    pub fn follow(_: impl FnMut(Option<Notes>) -> bool) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// Who reads files while the screen is open.
#[derive(Debug, Clone, Copy)]
pub struct Readers {
    /// Reads a sample: built in, or a file.
    pub sample: fn(&str) -> Result<Sample, Fault>,
    /// Reads the bytes of a lesson's file.
    pub lesson: fn(&str) -> Result<Vec<u8>, Fault>,
}

/// Opens the screen on a model and stays until the person quits. `readers` read the samples and lessons
/// asked for meanwhile. Says what is different from the sample as it was read.
///
/// # Errors
/// When the terminal cannot be used.
pub fn run(mut model: Model, theme: Theme, Manners { ask, mouse }: Manners, readers: Readers) -> Result<Vec<Text>> {
    let (sender, events) = channel();
    // Heard before the terminal is touched: no signal may find it ours and nobody listening.
    input::signals(&sender)?;
    let quiet = Quiet::begin();
    let workers = Workers::start(|| LocalFiles { readers }, &sender)?;
    let mut desk = Desk { workers, sender: sender.clone(), alarm: None };
    let first = model.first_request();
    desk.carry_out(first, &model);

    #[cfg(not(unix))]
    if ask {
        model.settings.palette = Palette::on(terminal::is_light(COLOURS));
    }
    let mut watcher = Watcher::new(sender.clone());
    #[cfg(unix)]
    let mut speaker = model.presenting().and_then(|_| notes::Server::open());
    let mut screen = Screen::open(mouse)?;
    #[cfg(unix)]
    terminal::ask(ask, !theme.ascii)?;
    input::keyboard(&sender)?;
    if let Some(size) = input::size() {
        model.size = size;
    }
    let mut queue = Queue::default();
    settle(&mut queue, &events, cfg!(unix) && ask);
    if let Some(light) = queue.colours.light() {
        model.settings.palette = Palette::on(light);
    }
    let turns = AssertUnwindSafe(|| {
        turn(&mut screen, &mut model, theme, (&mut queue, &events), &mut desk, &mut |model| {
            watcher.watch(model.lesson_file());
            #[cfg(unix)]
            if let Some(speaker) = &mut speaker {
                speaker.tell(model.speaker_notes());
            }
        })
    });
    let left = catch_unwind(turns);
    // The terminal is given back before anybody is waited for, and from now on a signal ends the program at once.
    drop((screen, events));
    if !desk.workers.stop(FAREWELL) || asked("behind") {
        leave::behind();
    }
    drop(quiet);
    if let Some(learned) = model.unkept() {
        // What was asked for last may have been broken off; that it cannot be written is nobody's concern any more.
        let _ = learned::keep(learned);
    }
    match left {
        Ok(left) => left.map(|()| model.changes()),
        Err(panic) => {
            leave::leave_panicking();
            resume_unwind(panic)
        }
    }
}

/// Waits a moment for what belongs into the first picture: numbers, and the colours of the terminal where it was asked.
/// What comes meanwhile stays in the queue.
fn settle(queue: &mut Queue, events: &Receiver<Event>, asked: bool) {
    let begun = Instant::now();
    while queue.end.is_none() {
        let (numbers, colours) = (queue.is_empty(), asked && !queue.colours.are_known());
        let patience = if colours { COLOURS } else { FIRST_NUMBERS };
        let left = patience.saturating_sub(begun.elapsed());
        if !(numbers || colours) || left.is_zero() {
            break;
        }
        if let Ok(event) = events.recv_timeout(left) {
            queue.hear(event);
        }
    }
}

/// Let what has happened happen, draw, wait for more; again. Waiting costs nothing.
fn turn(
    screen: &mut Screen,
    model: &mut Model,
    theme: Theme,
    (queue, events): (&mut Queue, &Receiver<Event>),
    desk: &mut Desk,
    drawn: &mut dyn FnMut(&Model),
) -> Result<()> {
    let (mut wide, mut pace) = (WideRows::default(), Pace::new(Instant::now()));
    loop {
        for event in events.try_iter() {
            queue.hear(event);
        }
        match queue.end {
            Some(End::Leave) => return Ok(()),
            Some(End::Died(thread)) => {
                return Err(RuntimeError::Died(thread, terminal::last_words().unwrap_or_default()));
            }
            None => {}
        }
        if std::mem::take(&mut queue.stop) {
            terminal::restore();
            input::stop();
            queue.anew = true;
        }
        if std::mem::take(&mut queue.anew) {
            terminal::take()?;
            let (columns, rows) = input::size().unwrap_or(model.size);
            queue.hear(Event::Message(Message::Resize(columns, rows)));
        }
        if queue.column.take().is_some_and(|column| column > terminal::NARROW) {
            // Every border and arrow would push the rest of its row aside.
            model.settings.ascii = true;
            queue.hear(Event::Message(Message::Resize(model.size.0, model.size.1)));
        }
        if let Some(tick) = desk.alarm_at(Instant::now()) {
            queue.hear(tick);
        }
        match pace.turn(Instant::now(), !queue.is_empty()) {
            Turn::Handle => {
                let message = match queue.pop() {
                    Some(Heard::Message(message)) => Some(message),
                    Some(Heard::Pointer(pointer)) => pointer.message(model),
                    None => None,
                };
                let Some(message) = message else { continue };
                if matches!(message, Message::Key(_)) {
                    rehearse("loop");
                }
                let resized = if let Message::Resize(columns, rows) = message { Some((columns, rows)) } else { None };
                let effects = update(model, message);
                if !desk.carry_out(effects, model) {
                    return Ok(());
                }
                if let Some((columns, rows)) = resized {
                    // Not `clear`, which asks the terminal where its cursor is: the keyboard thread hears all answers.
                    screen.terminal.resize(Rect::new(0, 0, columns, rows))?;
                }
            }
            Turn::Draw => {
                let theme = Theme::of(theme.depth, &model.settings);
                screen.terminal.draw(|frame| {
                    ui::view(model, theme, frame);
                    wide.mark(frame.buffer_mut());
                })?;
                pace.drawn();
                drawn(model);
            }
            Turn::Wait => {
                if let Some(event) = desk.wait(events) {
                    queue.hear(event);
                }
            }
        }
    }
}

/// How long leaving waits for work that was broken off.
const FAREWELL: Duration = Duration::from_secs(3);

/// Where effects are carried out.
struct Desk {
    workers: Workers,
    sender: Sender<Event>,
    /// When to wake the model, and the ticket to do it with; none while nothing plays.
    alarm: Option<(Instant, Ticket)>,
}

impl Desk {
    /// Carries the effects that a model wants out; `false` when one of them is to quit.
    fn carry_out(&mut self, effects: Vec<Effect>, model: &Model) -> bool {
        for effect in effects {
            match effect {
                // The clipboard is the terminal's: only this thread writes there. That of tmux is nobody's terminal.
                Effect::Do(ticket, Job::Copy(text)) if !tmux::is_around() => {
                    let copied = Answer::Copy(files::copy_to_terminal(&text));
                    let _ = self.sender.send(Event::Message(Message::Answered(ticket, Ok(copied))));
                }
                Effect::Do(ticket, job) => self.workers.hand(ticket, job),
                Effect::Cancel(ticket) => self.workers.cancel(ticket),
                Effect::Wake { after, ticket } => self.alarm = Some((Instant::now() + after, ticket)),
                Effect::Quit => return false,
                Effect::Picture { ticket, file } => {
                    let contents = Contents::Text(ui::picture(model));
                    self.workers.hand(ticket, Job::Save { file, contents });
                }
            }
        }
        true
    }

    /// The tick of the alarm, where its time has come.
    fn alarm_at(&mut self, now: Instant) -> Option<Event> {
        let (_, ticket) = self.alarm.take_if(|(at, _)| *at <= now)?;
        Some(Event::Message(Message::Tick(ticket)))
    }

    /// The next event; none where the alarm comes first.
    fn wait(&self, events: &Receiver<Event>) -> Option<Event> {
        match self.alarm {
            Some((at, _)) => events.recv_timeout(at.saturating_duration_since(Instant::now())).ok(),
            None => events.recv().ok(),
        }
    }
}
