//! A lesson that is being played: the step it is at, and what has been done there.
//!
//! A step sets the screen (`place`) and then leaves it to the person, who may roam through everything; `keep` looks after
//! every message whether the deed that the step waits for is done. It stands around windows: its keys are asked before theirs,
//! and its words are drawn beside them (`crate::ui::screens`).

mod ask;
mod keys;
mod place;
mod rehearse;

use std::collections::BTreeSet;
use std::sync::Arc;

pub use rehearse::{named_wrongly, rehearsed};

pub(super) use keys::{Deed, KEYS, TITLE};

use super::keys::{Command, Key, by_key, commands_of};
use super::windows::Window;
use super::{Effect, Model, StepSize};
use crate::ground::lang::Text;
use crate::program::Address;
use crate::session::{Job, Kind};
use crate::source::lesson::{BUILTIN, Lesson, Step};
use crate::study::learned::Learned;

/// A lesson, and how far it has come.
#[derive(Debug, Clone)]
pub struct Playing {
    lesson: Arc<Lesson>,
    /// The step, from 0.
    step: usize,
    /// The steps whose deed was done, or whose question was answered.
    done: BTreeSet<usize>,
    /// Whether the step has set the screen; until then no deed counts.
    set: bool,
    /// Whether the hint of the step is shown, or its question was asked.
    hinted: bool,
    /// How many questions had been answered when that of the step was asked.
    asked: Option<usize>,
    /// Whether the question is to be asked as soon as there are numbers.
    wanted: bool,
}

/// What stands between a person and the next step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Open {
    /// A deed.
    Deed,
    /// A question.
    Question,
}

impl Playing {
    /// The lesson.
    pub const fn lesson(&self) -> &Arc<Lesson> {
        &self.lesson
    }

    /// Which step it is at, from 0.
    pub const fn number(&self) -> usize {
        self.step
    }

    /// The step.
    pub fn step(&self) -> Option<&Step> {
        self.lesson.steps.get(self.step)
    }

    /// Whether the deed of this step was done, or its question answered.
    pub fn is_done(&self) -> bool {
        self.done.contains(&self.step)
    }

    /// Whether the step has a window stand beside or under the picture.
    pub fn docks(&self) -> bool {
        let window = self.step().and_then(|step| step.window.as_ref());
        window.is_some_and(|window| place::docks(&window.value))
    }

    /// Whether the step has set the screen.
    pub const fn is_set(&self) -> bool {
        self.set
    }

    /// What is still to be done at this step.
    pub fn open(&self) -> Option<Open> {
        let step = self.step().filter(|_| !self.is_done())?;
        match (&step.wait, &step.ask) {
            (Some(_), _) => Some(Open::Deed),
            (None, Some(_)) => Some(Open::Question),
            (None, None) => None,
        }
    }

    /// The hint of this step: what to do and by which keys, once it was asked for.
    pub fn hint(&self) -> Option<Text> {
        let wait = self.step()?.wait.as_ref().filter(|_| self.hinted && !self.is_done())?;
        let keys = wait.keys.value.join(" ");
        Some(match &wait.hint {
            Some(Text { zh, en }) => Text::owned(format!("{zh}（按键 {keys}）"), format!("{en} (keys {keys})")),
            None => Text::owned(format!("按 {keys}"), format!("Press {keys}")),
        })
    }
}

impl Model {
    /// The model at the first step of a lesson.
    #[must_use]
    pub fn with_lesson(mut self, lesson: Arc<Lesson>) -> Self {
        // The numbers are asked for once, when the first request is made.
        let _ = begin(&mut self, lesson);
        self
    }

    /// The model with the list of lessons open, to choose from.
    #[must_use]
    pub fn at_the_lessons(mut self) -> Self {
        // Nothing is asked for before the first request.
        let _ = super::windows::carry_out(&mut self, "lessons.open");
        self
    }

    /// The model of somebody who has learned this before; what is learned from now on is kept.
    #[must_use]
    pub fn with_learned(mut self, learned: Learned) -> Self {
        (self.learned, self.keeps) = (learned, true);
        self
    }

    /// What was learned so far.
    pub const fn learned(&self) -> &Learned {
        &self.learned
    }

    /// What was learned and is not yet known to be kept: for whoever leaves.
    pub fn unkept(&self) -> Option<&Learned> {
        self.unkept.then_some(&self.learned)
    }

    /// Keeps what was learned.
    fn keep_learned(&mut self) -> Vec<Effect> {
        self.unkept = self.keeps;
        if self.keeps { self.ask(Job::Keep(self.learned.clone())) } else { Vec::new() }
    }

    /// Asks for a lesson, by its name or file.
    pub fn ask_for_lesson(&mut self, what: String) -> Vec<Effect> {
        self.ask(Job::Lesson(what))
    }

    /// Goes to the next step of the lesson whatever this one still waits for; nowhere from the last.
    pub fn go_on_in_lesson(&mut self) -> Vec<Effect> {
        let Some(playing) = &mut self.lesson else { return Vec::new() };
        if playing.step + 1 == playing.lesson.steps.len() {
            return Vec::new();
        }
        go(self, 1)
    }

    /// The lesson that is being played.
    pub const fn lesson(&self) -> Option<&Playing> {
        self.lesson.as_ref()
    }

    /// Lines that a window over the walk may cover: all of them, or those above the lesson.
    pub(super) fn rows_for_windows(&self) -> u16 {
        // The rule of the lesson, and the last two lines of the screen.
        let below = if self.lesson.is_some() { Lesson::LINES as u16 + 3 } else { 0 };
        self.size.1.saturating_sub(below)
    }

    /// The file of the lesson that is played; none of one that comes with the program.
    pub fn lesson_file(&self) -> Option<&str> {
        let file = self.lesson.as_ref()?.lesson.file.as_str();
        BUILTIN.iter().all(|builtin| builtin.name() != file).then_some(file)
    }

    /// The numbers that the lesson speaks of at this step.
    pub fn spoken_of(&self) -> Vec<Address> {
        let (Some(step), Some(trace)) = (self.lesson.as_ref().and_then(Playing::step), self.trace()) else {
            return Vec::new();
        };
        let claims = step.say.claims(self.settings.lang);
        let values = claims.filter_map(|claim| claim.statement.evaluate(self.program(), trace).ok());
        values.flat_map(|value| value.cells).collect()
    }
}

/// Begins a lesson, or goes on with it where it has been read anew.
pub(super) fn begin(model: &mut Model, lesson: Arc<Lesson>) -> Vec<Effect> {
    let same = model.lesson.as_ref().filter(|playing| playing.lesson.about.name == lesson.about.name);
    let step = same.map_or(0, |playing| playing.step.min(lesson.steps.len() - 1));
    model.lesson =
        Some(Playing { lesson, step, done: BTreeSet::new(), set: false, hinted: false, asked: None, wanted: false });
    let mut effects = reach(model);
    effects.extend(place::set(model, true));
    effects
}

/// From its first step, or the list to choose from where none is played.
pub(super) fn from_the_first(model: &mut Model) -> Vec<Effect> {
    match &mut model.lesson {
        Some(playing) => {
            playing.step = 0;
            go(model, 0)
        }
        None => super::windows::carry_out(model, "lessons.open").unwrap_or_default(),
    }
}

/// Leaves the lesson; everything stays as it is.
pub(super) fn end(model: &mut Model) {
    model.lesson = None;
    model.view.covered.clear();
}

/// What a key does in a lesson; none where it is no key of the lesson, or belongs to what is being typed.
pub(super) fn press(model: &mut Model, key: Key) -> Option<Vec<Effect>> {
    model.lesson.as_ref()?;
    let top = model.windows.top();
    if matches!(top, Some(Window::Prompt(_) | Window::Help(_))) {
        return None;
    }
    let key = key.plain();
    let small_steps = model.stepping.step_size != StepSize::Stage;
    // What would ask about the page asks the question of the step.
    let in_the_way = top.is_some_and(|top| !matches!(top, Window::Code(_)));
    if key == Key::Char('g') && !in_the_way && model.lesson.as_ref().and_then(Playing::open) == Some(Open::Question) {
        ask_here(model);
        return Some(Vec::new());
    }
    if matches!(key, Key::Char(_)) && (top.is_some() || (small_steps && key != Key::Char('z'))) {
        return None;
    }
    by_key(KEYS, key).map(|deed| perform(model, deed))
}

/// Carries out what a name of the lesson's commands stands for; none where it is none of them, or there is no lesson.
pub(super) fn carry_out(model: &mut Model, name: &str) -> Option<Vec<Effect>> {
    model.lesson.as_ref()?;
    super::keys::by_name(KEYS, name).map(|deed| perform(model, deed))
}

/// The commands of a lesson.
pub fn commands() -> Vec<&'static Command> {
    commands_of(KEYS)
}

fn perform(model: &mut Model, deed: Deed) -> Vec<Effect> {
    let Some(playing) = &mut model.lesson else { return Vec::new() };
    let last = playing.lesson.steps.len() - 1;
    match deed {
        // What is open is first shown; who insists goes on.
        Deed::Next if playing.open() == Some(Open::Deed) && !playing.hinted => {
            playing.hinted = true;
            Vec::new()
        }
        Deed::Next if playing.open() == Some(Open::Question) && !playing.hinted => {
            ask_here(model);
            Vec::new()
        }
        Deed::Next if playing.step == last => {
            model.notice = Some(super::model::Notice {
                text: Text::new("这一课上完了；E 看别的课", "that was the last step; E lists the lessons"),
                bad: false,
            });
            Vec::new()
        }
        Deed::Next => go(model, 1),
        Deed::Back => go(model, -1),
        Deed::Return => go(model, 0),
    }
}

/// Asks the question of the step; once it was asked, who insists goes on without an answer.
fn ask_here(model: &mut Model) {
    let there = model.trace().is_some() && !model.waits_for(Kind::Run);
    let Some(playing) = &mut model.lesson else { return };
    if !there || !playing.set {
        // As soon as the numbers are there.
        playing.wanted = true;
        return;
    }
    (playing.hinted, playing.wanted, playing.asked) = (true, false, Some(model.answers.len()));
    if let Some(item) = ask::question(model) {
        model.open_question(item);
    }
}

/// Goes so many steps on, and sets the screen as that step says.
fn go(model: &mut Model, by: isize) -> Vec<Effect> {
    let Some(playing) = &mut model.lesson else { return Vec::new() };
    playing.step = super::deeds::step(playing.step, by, playing.lesson.steps.len());
    (playing.set, playing.hinted, playing.asked, playing.wanted) = (false, false, None, false);
    let mut effects = reach(model);
    effects.extend(place::set(model, by == 0));
    effects
}

/// After every message: a step that waits for numbers sets the rest of the screen, and a deed that is done counts.
pub(super) fn keep(model: &mut Model) -> Vec<Effect> {
    let mut effects = learn(model);
    effects.extend(keep_step(model));
    cover(model);
    effects
}

/// What a question is about to ask for is not shown before: from the beginning of its step, and again where it was closed
/// without an answer. While it is asked, it covers by itself.
fn cover(model: &mut Model) {
    let asks = model.windows.iter().any(|window| matches!(window, Window::Quiz(_)));
    let Some(playing) = model.lesson.as_ref().filter(|_| !asks) else { return };
    let open = playing.open() == Some(Open::Question) && place::shows_its_sample(model, playing);
    model.view.covered = if open { ask::covered_before(model, playing) } else { Vec::new() };
}

/// The step is reached.
fn reach(model: &mut Model) -> Vec<Effect> {
    let Model { lesson: Some(playing), learned, .. } = model else { return Vec::new() };
    let (step, of) = (playing.step + 1, playing.lesson.steps.len());
    if learned.reach(&playing.lesson.about.name, step, of) { model.keep_learned() } else { Vec::new() }
}

/// What was answered since is learned.
fn learn(model: &mut Model) -> Vec<Effect> {
    let Model { answers, learned, recorded, .. } = model;
    let new = answers.get(*recorded..).unwrap_or_default();
    if new.is_empty() {
        return Vec::new();
    }
    for answered in new {
        learned.answer(answered);
    }
    *recorded = answers.len();
    model.keep_learned()
}

fn keep_step(model: &mut Model) -> Vec<Effect> {
    let Some(playing) = &model.lesson else { return Vec::new() };
    if model.waits_for(Kind::Run) || model.trace().is_none() {
        return Vec::new();
    }
    if !playing.set {
        let effects = place::furnish(model);
        if model.lesson.as_ref().is_some_and(|playing| playing.wanted) {
            ask_here(model);
        }
        return effects;
    }
    if playing.wanted {
        ask_here(model);
        return Vec::new();
    }
    let done = match playing.open() {
        Some(Open::Deed) => place::is_met(model),
        Some(Open::Question) => playing.asked.is_some_and(|before| model.answers.len() > before),
        None => false,
    };
    if let (true, Some(playing)) = (done, &mut model.lesson) {
        playing.done.insert(playing.step);
    }
    Vec::new()
}
