//! The question of a step: made from the live numbers, or worded by the lesson; asked like any other.

use super::Playing;
use crate::app::Model;
use crate::ground::lang::{Lang, Text};
use crate::program::{Address, region};
use crate::source::lesson::{Ask, Asked, Choice, Said};
use crate::study::Concept;
use crate::study::learned::concepts;
use crate::study::quiz::{self, Ground, Help, Item, Wanted};

/// The question of the step that a model is at; none where there is none, or where its kind finds nothing to ask there.
pub(super) fn question(model: &Model) -> Option<Item> {
    let playing = model.lesson()?;
    let ask = playing.step()?.ask.as_ref()?;
    let mut item = match &ask.what {
        Asked::Kind { kind, cell, level } => drawn(model, &kind.value, cell.as_ref().map(|at| at.value.as_str()), {
            level.as_ref().and_then(|level| Help::by_name(&level.value))
        })?,
        Asked::Own { question, choices, answer, why } => {
            own(model, playing, (question, choices, *answer, why.as_ref()))?
        }
    };
    item.covered.extend(covered(model, ask));
    Some(item)
}

/// What is not shown at a step before its question is asked: what the lesson covers, and what a made question is about.
pub(super) fn covered_before(model: &Model, playing: &Playing) -> Vec<Address> {
    let Some(ask) = playing.step().and_then(|step| step.ask.as_ref()) else { return Vec::new() };
    let mut all = covered(model, ask);
    if let Asked::Kind { cell: Some(cell), .. } = &ask.what {
        all.extend(Address::parse(&cell.value, model.program()).ok());
    }
    all
}

/// What is not shown before the answer.
fn covered(model: &Model, ask: &Ask) -> Vec<Address> {
    let regions = ask.cover.iter().filter_map(|cover| region(&cover.value, model.program()).ok());
    regions.flatten().collect()
}

/// A question of a kind about a number, the same each time that the step is taken.
fn drawn(model: &Model, kind: &str, cell: Option<&str>, level: Option<Help>) -> Option<Item> {
    let trace = model.trace()?;
    let at = match cell {
        Some(text) => Address::parse(text, model.program()).ok()?,
        None => model.address(),
    };
    let ground = Ground { sample: &model.material.sample, trace };
    let wanted =
        Wanted { kind: Some(kind), slot: Some(at.slot), head: Some(at.cell.head), cell: Some(at), ..Wanted::default() };
    let seed = model.settings.seed.wrapping_mul(1000).wrapping_add(model.lesson().map_or(0, Playing::number) as u64);
    match level {
        Some(help) => quiz::draw(ground, &wanted, seed, help),
        None => quiz::draw_for(ground, &wanted, seed, &model.answers),
    }
}

/// A question in the words of the lesson, its numbers as they are now.
fn own(
    model: &Model,
    playing: &Playing,
    (question, choices, answer, why): (&Said, &[Choice], Option<usize>, Option<&Said>),
) -> Option<Item> {
    let trace = model.trace()?;
    let say = |said: &Said| {
        let text = |lang: Lang| said.text(lang, model.program(), trace);
        Text::owned(text(Lang::Zh), text(Lang::En))
    };
    let holds = |choice: &Choice| {
        let value = choice.holds.as_ref().map(|claim| claim.statement.evaluate(model.program(), trace));
        matches!(value, Some(Ok(value)) if value.holds == Some(true))
    };
    let right = answer.or_else(|| choices.iter().position(holds))?;
    let choice = |choice: &Choice| quiz::Choice {
        words: say(&choice.words),
        misconception: None,
        why: choice.why.as_ref().map(say),
    };
    Some(Item {
        kind: Item::OWN.into(),
        concept: concepts(&playing.lesson().about).next().unwrap_or(Concept::Explanation),
        help: None,
        given: Vec::new(),
        question: say(question),
        asked: quiz::Asked::Choice { choices: choices.iter().map(choice).collect(), right },
        cells: Vec::new(),
        view: None,
        covered: Vec::new(),
        disputed: None,
        because: why.map_or_else(|| Text::new("", ""), say),
    })
}
