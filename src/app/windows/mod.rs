//! Windows over the walk: one file each, one row of the registry below.
//!
//! A window's file holds everything that it is: its state; its table of keys (each row a key, a command's name, a deed and its
//! words); which key of the walk opens it; what a deed does, what news of the work it asked for do; and what it says, as
//! [`Line`]s of meaning that a screen, plain text or a page can be made from. `crate::ui::windows` has a file of the same name that lays it out.
//!
//! # A new window
//!
//! 1. `app/windows/NAME.rs`: a type that is a `Behaviour`.
//! 2. A row of `windows!` here.
//! 3. `ui/windows/NAME.rs`: a function that draws it. 4. A row of the `match` in `ui/windows/mod.rs`.
//!
//! # The stack
//!
//! Windows lie over each other; the last one is on top and takes the keys, the others are as they were when it closes. A key
//! is looked up in the table of the window on top, then among what is common to all ([`super::keys`]); it never reaches the walk
//! underneath, unless the window has a row that says so. While something is typed every key belongs to the line.
//!
//! While a window acts it is out of its place and `act` puts it back, so none can lose itself. What stands *around* windows,
//! such as a lesson, belongs between `press` and the stack: it is asked before the window on top, and draws beside it.

mod beside;
mod card;
mod clinic;
mod coarser;
mod code;
mod completion;
mod heads;
mod help;
mod laboratory;
mod learn;
mod lens;
mod lessons;
mod lines;
mod map;
mod microscope;
mod prompt;
mod queue;
mod quiz;
mod race;
mod samples;
mod switches;
mod theatre;
mod typing;

pub use beside::{BesideWindow, difference, written};
pub use card::CardWindow;
pub use clinic::ClinicWindow;
pub use coarser::CoarserWindow;
pub use code::CodeWindow;
pub(super) use heads::Known as KnownOfHeads;
pub use heads::{Combine, HeadsWindow, NAMED, NUMBER, Reasoned, Split, Tiles, View, Weights, plane_title};
pub use help::HelpWindow;
pub use laboratory::{FIGURES, LaboratoryWindow, WAYS, figures};
pub use learn::LearnWindow;
pub use lens::{LensWindow, Turns};
pub use lessons::LessonsWindow;
pub use lines::{Entry, Line, Marks, Row as LineRow, Tone};
pub use map::MapWindow;
pub use microscope::{Look, MicroscopeWindow, ranked};
pub use prompt::{PromptWindow, Purpose};
pub use queue::{MOMENTS, QueueWindow, milliseconds};
pub use quiz::QuizWindow;
pub use race::RaceWindow;
pub use samples::SamplesWindow;
pub use switches::SwitchesWindow;
pub use theatre::TheatreWindow;
pub use typing::TypedLine;

use super::edits::or_warn;
use super::keys::{self, COMMON, CommonDeed, Context, IN_WINDOWS, Key, Opener, Row};
use super::{Effect, Model, Target, taking};
use crate::ground::lang::Text;
use crate::session::{Answered, Kind, MatrixFormat, Progress, Ticket};

/// What a window is and does.
pub(super) trait Behaviour: Sized + 'static {
    /// What its keys do.
    type Deed: Copy + 'static;
    /// The first half of its commands' names.
    const NAME: &'static str;
    /// What a person calls it.
    const TITLE: Text;
    /// Its keys.
    const KEYS: &'static [Row<Self::Deed>];
    /// The key of the walk that opens it; none where something else does.
    const OPENER: Option<&'static Opener> = None;
    /// Whether it stands beside or under the picture that it speaks of, and not over it.
    const DOCKS: bool = false;
    /// The kinds of work that it asks for: whose news it hears, and what is broken off when it closes.
    const WORK: &'static [Kind] = &[];

    /// The deed that a key of a row stands for, where one row has keys for several.
    fn deed(row: Self::Deed, _key: Key) -> Self::Deed {
        row
    }

    /// Carries a deed of its table out.
    fn press(&mut self, model: &mut Model, deed: Self::Deed) -> Outcome;

    /// Takes a key as part of what is being typed; none while nothing is.
    fn type_key(&mut self, _model: &mut Model, _key: Key) -> Option<Outcome> {
        None
    }

    /// Goes back one level inside the window; `false` where there is none and closing closes it.
    fn back(&mut self, _model: &mut Model) -> bool {
        false
    }

    /// A row or a tab of it was clicked on; one that is chosen already does what Enter does.
    fn click(&mut self, _model: &mut Model, _target: Target) -> Outcome {
        Outcome::stay()
    }

    /// The wheel was turned over it, so many steps down.
    fn wheel(&mut self, _model: &mut Model, _by: isize) -> Outcome {
        Outcome::stay()
    }

    /// Takes pasted text; none where it takes none.
    fn paste(&mut self, _text: &str) -> bool {
        false
    }

    /// Hears of the work that it asked for. Where it has no use for the answer itself, the walk has.
    fn hear(&mut self, model: &mut Model, news: News) -> Outcome {
        match news {
            News::Ended(kind, answered) => super::update::ended(model, kind, answered).into(),
            News::Progress(_) => Outcome::stay(),
        }
    }

    /// A wake-up that it may have asked for; none where it did not.
    fn tick(&mut self, _model: &mut Model, _ticket: Ticket) -> Option<Outcome> {
        None
    }

    /// Goes on after something has happened; it closes where what it is about is gone.
    fn keep(&mut self, _model: &mut Model) -> Outcome {
        Outcome::stay()
    }

    /// What is broken off when it closes.
    fn leave(&self, model: &mut Model) -> Vec<Effect> {
        Self::WORK.iter().flat_map(|kind| model.cancel(*kind)).collect()
    }

    /// What it says.
    fn says(&self, model: &Model) -> Vec<Line>;
}

/// News of work that a window asked for.
#[derive(Debug)]
pub(super) enum News {
    /// It goes on.
    Progress(Progress),
    /// It has ended.
    Ended(Kind, Answered),
}

/// What a window wants after it has acted.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// What is to be done.
    pub(super) effects: Vec<Effect>,
    /// Whether it closes.
    pub(super) closes: bool,
}

impl Outcome {
    /// It stays as it is now.
    pub(super) fn stay() -> Self {
        Self::default()
    }

    /// It closes.
    pub(super) fn close() -> Self {
        Self { effects: Vec::new(), closes: true }
    }
}

impl From<Vec<Effect>> for Outcome {
    fn from(effects: Vec<Effect>) -> Self {
        Self { effects, closes: false }
    }
}

/// The registry: one row a window. It makes the type that any of them fits in, and the list of their contexts.
macro_rules! windows {
    ($($(#[$doc:meta])* $name:ident($window:ty),)*) => {
        /// A window over the walk.
        #[derive(Debug, Clone)]
        pub enum Window {
            $($(#[$doc])* $name($window),)*
        }

        /// What each window is called and which keys it has.
        pub static CONTEXTS: &[Context] = &[$(context::<$window>(),)*];

        impl Window {
            /// What it is called and which keys it has.
            pub fn context(&self) -> &'static Context {
                let name = match self {
                    $(Self::$name(_) => <$window>::NAME,)*
                };
                CONTEXTS.iter().find(|context| context.name == name).unwrap_or(&CONTEXTS[0])
            }

            /// Whether it stands beside or under the picture, and not over it.
            pub fn docks(&self) -> bool {
                self.context().docks
            }

            /// What it says.
            pub fn says(&self, model: &Model) -> Vec<Line> {
                match self { $(Self::$name(window) => window.says(model),)* }
            }

            fn press(&mut self, model: &mut Model, key: Key) -> Option<Outcome> {
                match self { $(Self::$name(window) => pressed(window, model, key),)* }
            }

            fn carry_out(&mut self, model: &mut Model, name: &str) -> Option<Outcome> {
                match self {
                    $(Self::$name(window) => {
                        keys::by_name(<$window>::KEYS, name).map(|deed| window.press(model, deed))
                    })*
                }
            }

            fn back(&mut self, model: &mut Model) -> bool {
                match self { $(Self::$name(window) => window.back(model),)* }
            }

            fn click(&mut self, model: &mut Model, target: Target) -> Outcome {
                match self { $(Self::$name(window) => window.click(model, target),)* }
            }

            fn wheel(&mut self, model: &mut Model, by: isize) -> Outcome {
                match self { $(Self::$name(window) => window.wheel(model, by),)* }
            }

            fn paste(&mut self, text: &str) -> bool {
                match self { $(Self::$name(window) => window.paste(text),)* }
            }

            fn hear(&mut self, model: &mut Model, news: News) -> Outcome {
                match self { $(Self::$name(window) => window.hear(model, news),)* }
            }

            fn works_on(&self, kind: Kind) -> bool {
                match self { $(Self::$name(_) => <$window>::WORK.contains(&kind),)* }
            }

            fn tick(&mut self, model: &mut Model, ticket: Ticket) -> Option<Outcome> {
                match self { $(Self::$name(window) => window.tick(model, ticket),)* }
            }

            fn keep(&mut self, model: &mut Model) -> Outcome {
                match self { $(Self::$name(window) => window.keep(model),)* }
            }

            fn leave(&self, model: &mut Model) -> Vec<Effect> {
                match self { $(Self::$name(window) => window.leave(model),)* }
            }
        }

        $(impl From<$window> for Window {
            fn from(window: $window) -> Self {
                Self::$name(window)
            }
        })*
    };
}

windows! {
    /// The keys and commands.
    Help(HelpWindow),
    /// A number opened, and the numbers opened from it.
    Microscope(MicroscopeWindow),
    /// The switches.
    Switches(SwitchesWindow),
    /// The bug clinic.
    Clinic(ClinicWindow),
    /// A question, predicted before the answer is shown.
    Quiz(QuizWindow),
    /// The √d laboratory.
    Laboratory(LaboratoryWindow),
    /// The race.
    Race(RaceWindow),
    /// What host and device did when.
    Queue(QueueWindow),
    /// A number seen through a kernel.
    Lens(LensWindow),
    /// The heads.
    Heads(HeadsWindow),
    /// Two sentences beside each other.
    Beside(BesideWindow),
    /// The weights beside those between coarser words.
    Coarser(CoarserWindow),
    /// The map of a model.
    Map(MapWindow),
    /// The card of a head.
    Card(CardWindow),
    /// The code that computes what is shown.
    Code(CodeWindow),
    /// One step of learning.
    Learn(LearnWindow),
    /// A small transformer that learns.
    Theatre(TheatreWindow),
    /// The built-in samples, to choose from.
    Samples(SamplesWindow),
    /// The lessons, to choose from.
    Lessons(LessonsWindow),
    /// A line being typed.
    Prompt(PromptWindow),
}

const fn context<W: Behaviour>() -> Context {
    Context {
        name: W::NAME,
        title: W::TITLE,
        commands: || keys::commands_of(W::KEYS),
        opener: W::OPENER,
        docks: W::DOCKS,
    }
}

/// A key in one window: typed, or by its table.
fn pressed<W: Behaviour>(window: &mut W, model: &mut Model, key: Key) -> Option<Outcome> {
    if let Some(outcome) = window.type_key(model, key) {
        return Some(outcome);
    }
    let key = key.plain();
    keys::by_key(W::KEYS, key).map(|row| window.press(model, W::deed(row, key)))
}

/// The windows that are open, the topmost last.
#[derive(Debug, Clone, Default)]
pub struct Windows(Vec<Window>);

impl Windows {
    /// The one on top.
    pub fn top(&self) -> Option<&Window> {
        self.0.last()
    }

    /// All of them, from the walk upwards.
    pub fn iter(&self) -> impl Iterator<Item = &Window> {
        self.0.iter()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Model {
    /// Opens a window over those that are open.
    pub(super) fn open_window(&mut self, window: impl Into<Window>) {
        self.windows.0.push(window.into());
    }

    /// Closes the line that is being typed, where one is on top.
    pub(super) fn close_line(&mut self) {
        if matches!(self.windows.0.last(), Some(Window::Prompt(_))) {
            self.windows.0.pop();
        }
    }

    /// Closes all windows.
    pub(super) fn close_windows(&mut self) -> Vec<Effect> {
        let all = std::mem::take(&mut self.windows.0);
        all.iter().rev().flat_map(|window| window.leave(self)).collect()
    }
}

/// Lets the window at a place of the stack act, and puts it back unless it closes. `None` where it had nothing to do.
fn act(
    model: &mut Model,
    place: usize,
    act: impl FnOnce(&mut Window, &mut Model) -> Option<Outcome>,
) -> Option<Vec<Effect>> {
    let mut window = (place < model.windows.0.len()).then(|| model.windows.0.remove(place))?;
    let outcome = act(&mut window, model);
    let closes = outcome.as_ref().is_some_and(|outcome| outcome.closes);
    let mut effects = Vec::new();
    if closes {
        effects = window.leave(model);
    } else {
        let place = place.min(model.windows.0.len());
        model.windows.0.insert(place, window);
    }
    outcome.map(|outcome| {
        effects.extend(outcome.effects);
        effects
    })
}

/// A key, while a window is open: for the one on top, then for what is common to all.
pub(super) fn press(model: &mut Model, key: Key) -> Vec<Effect> {
    let Some(top) = model.windows.0.len().checked_sub(1) else { return Vec::new() };
    if let Some(effects) = act(model, top, |window, model| window.press(model, key)) {
        return effects;
    }
    let key = key.plain();
    let opened_it = model.windows.top().and_then(|window| window.context().opener);
    let deed = keys::by_key(COMMON, key).or_else(|| keys::by_key(IN_WINDOWS, key));
    match deed {
        _ if opened_it.is_some_and(|opener| opener.command.keys.contains(&key)) => close(model),
        Some(deed) => common(model, deed),
        None => Vec::new(),
    }
}

/// What is common to all contexts.
pub(super) fn common(model: &mut Model, deed: CommonDeed) -> Vec<Effect> {
    match deed {
        CommonDeed::Command => return super::deeds::command_line(model),
        CommonDeed::Language => model.settings.lang = model.settings.lang.next(),
        CommonDeed::Theme => model.settings.palette = model.settings.palette.next(),
        CommonDeed::Help => return help(model, String::new()),
        CommonDeed::Picture => return take(model, |model| taking::picture(model, "")),
        CommonDeed::Latex => return take(model, |model| taking::matrices(model, "", MatrixFormat::Latex)),
        CommonDeed::Csv => return take(model, |model| taking::matrices(model, "", MatrixFormat::Csv)),
        CommonDeed::Close => return close(model),
        CommonDeed::Quit => return vec![Effect::Quit],
    }
    Vec::new()
}

/// Takes something away, or says why that cannot be.
fn take(model: &mut Model, take: impl FnOnce(&mut Model) -> Result<Vec<Effect>, Text>) -> Vec<Effect> {
    let taken = take(model);
    or_warn(model, taken)
}

/// Opens the help on what fits these words; of the window on top first.
pub(super) fn help(model: &mut Model, words: String) -> Vec<Effect> {
    let (of, mut wanted) = (model.windows.top().map(Window::context), TypedLine::default());
    wanted.replace(words);
    model.open_window(HelpWindow::of(of, wanted));
    Vec::new()
}

/// Goes back one level: inside the window on top, or out of it.
fn close(model: &mut Model) -> Vec<Effect> {
    let Some(top) = model.windows.0.len().checked_sub(1) else { return Vec::new() };
    let closed =
        act(model, top, |window, model| Some(if window.back(model) { Outcome::stay() } else { Outcome::close() }));
    closed.unwrap_or_default()
}

/// Carries out what a name of a command stands for: of the window on top, of the walk where none is open, of what is common to
/// all. `None` where no such command applies here.
pub(super) fn carry_out(model: &mut Model, name: &str) -> Option<Vec<Effect>> {
    if let Some(deed) = keys::by_name(COMMON, name) {
        return Some(common(model, deed));
    }
    if let Some(effects) = super::lesson::carry_out(model, name) {
        return Some(effects);
    }
    let Some(top) = model.windows.0.len().checked_sub(1) else { return super::deeds::carry_out(model, name) };
    if let Some(effects) = act(model, top, |window, model| window.carry_out(model, name)) {
        return Some(effects);
    }
    keys::by_name(IN_WINDOWS, name).map(|deed| common(model, deed))
}

/// A click on something of the window on top.
pub(super) fn click(model: &mut Model, target: Target) -> Vec<Effect> {
    let Some(top) = model.windows.0.len().checked_sub(1) else { return Vec::new() };
    act(model, top, |window, model| Some(window.click(model, target))).unwrap_or_default()
}

/// The wheel over the window on top.
pub(super) fn wheel(model: &mut Model, by: isize) -> Vec<Effect> {
    let Some(top) = model.windows.0.len().checked_sub(1) else { return Vec::new() };
    act(model, top, |window, model| Some(window.wheel(model, by))).unwrap_or_default()
}

/// Pasted text, while a window is open.
pub(super) fn paste(model: &mut Model, text: &str) {
    if let Some(window) = model.windows.0.last_mut() {
        window.paste(text);
    }
}

/// News of work: for the topmost window that asks for such. `None` where none does, so that the caller has them.
pub(super) fn hear(model: &mut Model, kind: Kind, news: News) -> Result<Vec<Effect>, News> {
    let Some(place) = model.windows.0.iter().rposition(|window| window.works_on(kind)) else { return Err(news) };
    Ok(act(model, place, |window, model| Some(window.hear(model, news))).unwrap_or_default())
}

/// A wake-up: for the topmost window that asked for it.
pub(super) fn tick(model: &mut Model, ticket: Ticket) -> Option<Vec<Effect>> {
    (0..model.windows.0.len()).rev().find_map(|place| act(model, place, |window, model| window.tick(model, ticket)))
}

/// After every message: windows go on with what is shown now, or close where what they are about is gone.
pub(super) fn keep(model: &mut Model) -> Vec<Effect> {
    let mut effects = Vec::new();
    for place in (0..model.windows.0.len()).rev() {
        let kept = act(model, place, |window, model| Some(window.keep(model)));
        effects.extend(kept.unwrap_or_default());
    }
    effects
}
