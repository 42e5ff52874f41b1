//! A lesson checked as it is played: what it names, what it claims, whether its deeds can be done.
//!
//! Whoever checks plays it step by step through [`super::perform`]'s own commands and asks after each what is wrong there; so a
//! lesson that passes plays as it was written.

use super::place::{is_met, is_window, may, windows_known};
use super::{Open, Playing, ask};
use crate::app::{Key, Model};
use crate::ground::fault::Failure;
use crate::ground::lang::{Lang, Text};
use crate::ground::text::visible;
use crate::program::Address;
use crate::source::file::FileError;
use crate::source::lesson::{Asked, At, Claim, Lesson, Step};
use crate::study::Concept;
use crate::study::quiz::{self, Help};

/// Everything that a lesson names and that the program does not have: windows, commands, keys.
pub fn named_wrongly(lesson: &Lesson) -> Vec<FileError> {
    let mut errors = Vec::new();
    for concept in lesson.about.concepts.iter().filter(|at| Concept::parse(&at.value).is_none()) {
        let known = Concept::ALL.iter().map(|concept| concept.as_str()).collect::<Vec<_>>().join(" ");
        let name = visible(&concept.value);
        errors.push(lesson.refuse(
            concept.at,
            Text::owned(
                format!("没有概念「{name}」；有 {known}"),
                format!("there is no concept `{name}`; there are {known}"),
            ),
        ));
    }
    for step in &lesson.steps {
        let windows = step.window.iter().chain(step.wait.iter().filter_map(|wait| wait.until.window.as_ref()));
        for window in windows.filter(|window| !is_window(&window.value)) {
            let (name, known) = (&window.value, windows_known().collect::<Vec<_>>().join(" "));
            let name = visible(name);
            errors.push(lesson.refuse(
                window.at,
                Text::owned(
                    format!("没有窗口「{name}」；有 {known}"),
                    format!("there is no window `{name}`; there are {known}"),
                ),
            ));
        }
        for command in step.commands.iter().filter(|command| !may(&command.value)) {
            let name = visible(&command.value);
            errors.push(lesson.refuse(
                command.at,
                Text::owned(
                    format!("课程里不能用命令「{name}」：docs/KEYS.md 里有全部命令，写文件、复制、打字和退出的除外"),
                    format!("a lesson cannot give the command `{name}`: those of docs/KEYS.md, but for what writes, copies, types or leaves"),
                ),
            ));
        }
        let keys = step.wait.iter().flat_map(|wait| wait.keys.value.iter().map(|key| (wait.keys.at, key)));
        for (at, key) in keys.filter(|(_, key)| Key::named(key).is_none()) {
            let key = visible(key);
            let words = Text::owned(format!("没有叫「{key}」的键"), format!("no key is called `{key}`"));
            errors.push(lesson.refuse(at, words));
        }
    }
    errors
}

/// Everything that is wrong with the step that a model is at, whose screen is set.
pub fn rehearsed(model: &Model) -> Vec<FileError> {
    let Some(playing) = model.lesson() else { return Vec::new() };
    let (lesson, Some(step)) = (playing.lesson(), playing.step()) else { return Vec::new() };
    let mut errors: Vec<FileError> = Vec::new();
    let mut refuse = |at, words: Text| errors.push(lesson.refuse(at, words));
    if !playing.is_set() {
        refuse(step.at, Text::new("这一步摆不出它要的画面", "the screen of this step could not be set"));
        return errors;
    }
    let mut told: Vec<(usize, Text)> = Vec::new();
    for claim in claims(step) {
        if let Some(wrong) = verified(model, claim) {
            told.push(wrong);
        }
    }
    told.extend(questions(model, step));
    if playing.open() == Some(Open::Deed) && is_met(model) {
        let at = step.wait.as_ref().map_or(step.at, |wait| wait.at);
        told.push((at, Text::new("要等的事一开始就已经做好了", "what it waits for is so from the beginning")));
    }
    for (at, words) in told {
        refuse(at, words);
    }
    errors
}

/// Everything that a step claims or shows, in either language.
fn claims(step: &Step) -> Vec<&Claim> {
    let mut all: Vec<&Claim> = Lang::ALL.iter().flat_map(|lang| step.say.claims(*lang)).collect();
    all.extend(&step.claims);
    if let Some(Asked::Own { question, choices, why, .. }) = step.ask.as_ref().map(|ask| &ask.what) {
        let choices = choices.iter().flat_map(|choice| std::iter::once(&choice.words).chain(&choice.why));
        for words in std::iter::once(question).chain(choices).chain(why) {
            all.extend(Lang::ALL.iter().flat_map(|lang| words.claims(*lang)));
        }
    }
    all
}

/// What is wrong with a claim, and where it stands.
fn verified(model: &Model, claim: &Claim) -> Option<(usize, Text)> {
    let trace = model.trace()?;
    let error = claim.statement.verify(&claim.text, model.program(), trace).err()?;
    Some((claim.at, error.words()))
}

/// What is wrong with the question of a step.
fn questions(model: &Model, step: &Step) -> Vec<(usize, Text)> {
    let (Some(ask), Some(trace)) = (&step.ask, model.trace()) else { return Vec::new() };
    let mut wrong = Vec::new();
    for cover in &ask.cover {
        if let Err(error) = region(&cover.value, model) {
            wrong.push((cover.at, error));
        }
    }
    let (choices, answer) = match &ask.what {
        Asked::Own { choices, answer, .. } => (choices, answer),
        Asked::Kind { kind, cell, level } => {
            wrong.extend(kind_wrong(model, kind, cell.as_ref(), level.as_ref()));
            return wrong;
        }
    };
    let mut right = Vec::new();
    for (n, choice) in choices.iter().enumerate() {
        let Some(claim) = &choice.holds else { continue };
        match claim.statement.evaluate(model.program(), trace) {
            Ok(value) => right.extend((value.holds == Some(true)).then_some(n)),
            Err(error) => wrong.push((claim.at, error.words())),
        }
    }
    let stated = choices.iter().any(|choice| choice.holds.is_some());
    let agrees = match answer {
        Some(answer) => !stated || right == [*answer],
        None => right.len() == 1,
    };
    if !agrees {
        let which = right.iter().map(|n| (n + 1).to_string()).collect::<Vec<_>>().join(", ");
        let which = if which.is_empty() { Text::new("没有一个", "none") } else { Text::same(which) };
        wrong.push((
            ask.at,
            Text::owned(
                format!("应当正好有一个选项成立（写了 answer 就是那一个）；成立的是：{}", which.zh),
                format!("exactly one choice must hold, the one that `answer` names; those that do: {}", which.en),
            ),
        ));
    }
    wrong
}

/// What is wrong with a question that is to be made from the numbers.
fn kind_wrong(
    model: &Model,
    kind: &At<String>,
    cell: Option<&At<String>>,
    level: Option<&At<String>>,
) -> Vec<(usize, Text)> {
    let mut wrong = Vec::new();
    if quiz::kind(&kind.value).is_none() {
        let known = quiz::KINDS.iter().map(|kind| kind.name).collect::<Vec<_>>().join(" ");
        let name = visible(&kind.value);
        let words = Text::owned(
            format!("没有叫「{name}」的题；有 {known}"),
            format!("there is no kind of question `{name}`; there are {known}"),
        );
        return vec![(kind.at, words)];
    }
    if let Some(level) = level.filter(|level| Help::by_name(&level.value).is_none()) {
        let known = Help::NAMES.join(" ");
        let words = Text::owned(format!("level 应当是 {known} 之一"), format!("level is one of {known}"));
        wrong.push((level.at, words));
    }
    if let Some((cell, error)) = cell.and_then(|cell| Some((cell, Address::parse(&cell.value, model.program()).err()?)))
    {
        wrong.push((cell.at, error.words()));
    }
    if wrong.is_empty() && ask::question(model).is_none() {
        wrong.push((
            kind.at,
            Text::new(
                "这一格出不了没有歧义的这种题；换一格，或者换一种题",
                "no such question with one clear answer can be made of this number; take another number or another kind",
            ),
        ));
    }
    wrong
}

/// A region of the program that is shown.
fn region(text: &str, model: &Model) -> Result<Vec<Address>, Text> {
    crate::program::region(text, model.program()).map_err(|error| error.words())
}

impl Playing {
    /// The keys that do the deed of this step.
    pub fn way(&self) -> Vec<Key> {
        let wait = self.step().and_then(|step| step.wait.as_ref());
        wait.into_iter().flat_map(|wait| wait.keys.value.iter().filter_map(|name| Key::named(name))).collect()
    }
}
