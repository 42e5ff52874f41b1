//! How a step sets the screen, and whether the screen is as a step waits for it to be.

use std::sync::Arc;

use crate::app::deeds::show_head;
use crate::app::history::State;
use crate::app::keys::walk;
use crate::app::reading::Reading;
use crate::app::studied::Studied;
use crate::app::update::recompute;
use crate::app::windows::{self, CONTEXTS, Window};
use crate::app::{Effect, Model, Page, stepping};
use crate::math::tensor::Cell;
use crate::program::{Address, Trace};
use crate::session::Kind;
use crate::source::lesson::{Condition, PageName, Shown, Spot};

use super::Playing;

/// Sets the screen as the step says, as far as that can be done without its numbers; `anew` where everything of it is to be as
/// it was.
pub(super) fn set(model: &mut Model, anew: bool) -> Vec<Effect> {
    let Some(step) = model.lesson.as_ref().and_then(Playing::step) else { return Vec::new() };
    let (shown, spot) = (Arc::clone(&step.shown), step.spot.clone());
    let window = step.window.as_ref().map(|at| at.value.as_str());
    // A window that stays, with all that goes on in it, where the step before had it open on the same sample.
    let stays = !anew
        && model.windows.iter().count() == 1
        && model.windows.top().is_some_and(|top| Some(top.context().name) == window)
        && is_shown(model, &shown);
    let mut effects = if stays { Vec::new() } else { model.close_windows() };
    model.notice = None;
    stepping::leave(model);
    model.view.reading = Reading::Now;
    effects.extend(show(model, &shown));
    stand(model, &spot);
    model.read();
    effects.extend(super::keep_step(model));
    effects
}

/// Whether the sample of a step is what is shown, with that sentence.
fn has_sample(model: &Model, shown: &Shown) -> bool {
    Arc::ptr_eq(&model.material.original, &shown.original) && Arc::ptr_eq(&model.material.base, &shown.base)
}

/// Whether the sample of the step that a lesson is at is what is shown.
pub(super) fn shows_its_sample(model: &Model, playing: &Playing) -> bool {
    playing.step().is_some_and(|step| has_sample(model, &step.shown))
}

/// Whether it is, under the same scenario.
fn is_shown(model: &Model, shown: &Shown) -> bool {
    has_sample(model, shown) && model.material.scenario == shown.scenario
}

/// Shows the sample of a step, where it is not shown already; to be undone.
fn show(model: &mut Model, shown: &Shown) -> Vec<Effect> {
    if is_shown(model, shown) {
        return Vec::new();
    }
    let same_sample = has_sample(model, shown);
    let mut effects = Vec::new();
    if !same_sample {
        model.studied = Studied::default();
        effects = model.cancel(Kind::Study);
        model.baseline = None;
        model.stepping.reset();
        model.view.cursor = Cell::default();
    }
    let state = State {
        original: Arc::clone(&shown.original),
        base: Arc::clone(&shown.base),
        scenario: shown.scenario.clone(),
        lens: shown.lens,
        written: shown.written.clone(),
    };
    model.change_to(state, Arc::clone(&shown.turned), Arc::clone(&shown.sample));
    model.kept = model.changes();
    effects.extend(recompute(model));
    effects
}

/// Turns to the page and the head of a step, and puts the cursor where it says.
fn stand(model: &mut Model, spot: &Spot) {
    if let Some(page) = spot.page.and_then(|page| found(model, page)) {
        model.turn_to(page);
    }
    (model.view.fresh, model.view.steered, model.view.followed) = (false, false, None);
    let cursor = &mut model.view.cursor;
    cursor.head = spot.head.unwrap_or(cursor.head);
    cursor.batch = spot.sentence.unwrap_or(cursor.batch);
    if let Some((address, _)) = spot.cell {
        model.look_at(address, None);
        model.view.steered = true;
    }
}

/// The page of that name in the program that is shown.
fn found(model: &Model, page: PageName) -> Option<Page> {
    Some(match page {
        PageName::Beginning => Page::Beginning,
        PageName::Words => Page::Words,
        PageName::End => Page::End,
        PageName::Stage(name) => {
            let slot = model.find(name)?;
            let shows = |page: &Page| model.tensors(*page).contains(&slot);
            return model.pages_of_tensors().find(shows);
        }
    })
}

/// Sets the rest, once the numbers are there: the cursor where it depends on them, windows, commands.
pub(super) fn furnish(model: &mut Model) -> Vec<Effect> {
    let Some(playing) = &mut model.lesson else { return Vec::new() };
    playing.set = true;
    let Some(step) = playing.step() else { return Vec::new() };
    let (spot, window) = (step.spot.clone(), step.window.as_ref().map(|at| at.value.clone()));
    let commands: Vec<String> = step.commands.iter().map(|at| at.value.clone()).collect();
    match spot.cell {
        Some((address, true)) => {
            if let Some(largest) = model.trace().map(|trace| largest_of_row(trace, address)) {
                model.look_at(largest, None);
            }
        }
        Some((_, false)) => {}
        None => show_head(model, model.view.cursor.head),
    }
    let mut effects = Vec::new();
    if let Some(window) = window {
        effects.extend(open(model, &window));
    }
    for name in &commands {
        effects.extend(windows::carry_out(model, name).unwrap_or_default());
    }
    effects
}

/// The largest number of a row.
fn largest_of_row(trace: &Trace, row: Address) -> Address {
    let tensor = trace.tensor(row.slot);
    let cells = (0..tensor.shape().cols.len).map(|col| Cell { col, ..row.cell });
    // The first of those that are alike.
    let largest = cells.max_by(|&a, &b| tensor.get(a).total_cmp(&tensor.get(b)).then(b.cmp(&a)));
    Address { cell: largest.unwrap_or(row.cell), ..row }
}

/// Opens a window by its name, where it is not open.
fn open(model: &mut Model, name: &str) -> Vec<Effect> {
    if model.windows.top().is_some_and(|top| top.context().name == name) {
        return Vec::new();
    }
    let opener = CONTEXTS.iter().find(|context| context.name == name).and_then(|context| context.opener);
    opener.map_or_else(Vec::new, |opener| (opener.open)(model))
}

/// Whether a window of that name stands beside or under the picture.
pub(super) fn docks(name: &str) -> bool {
    CONTEXTS.iter().any(|context| context.name == name && context.docks)
}

/// Whether a window of that name can be opened.
pub(super) fn is_window(name: &str) -> bool {
    CONTEXTS.iter().any(|context| context.name == name && context.opener.is_some())
}

/// The names of the windows that can be opened.
pub(super) fn windows_known() -> impl Iterator<Item = &'static str> {
    CONTEXTS.iter().filter(|context| context.opener.is_some()).map(|context| context.name)
}

/// Whether a command may be given by a lesson: one that looks or changes, and neither writes, copies, types nor leaves.
pub(super) fn may(name: &str) -> bool {
    const NOT: [&str; 6] =
        ["common.command", "common.language", "common.theme", "common.help", "walk.quit", "window.quit"];
    let types = ["walk.edit", "walk.sentence", "heads.filter", "heads.threshold"];
    let away = name.starts_with("take.") || name.contains(".copy") || name.starts_with("lesson.");
    !away && !NOT.contains(&name) && !types.contains(&name) && walk::is_known(name)
}

/// Whether the deed that the step waits for is done.
pub(super) fn is_met(model: &Model) -> bool {
    let wait = model.lesson.as_ref().and_then(Playing::step).and_then(|step| step.wait.as_ref());
    wait.is_some_and(|wait| holds(model, &wait.until))
}

fn holds(model: &Model, wanted: &Condition) -> bool {
    let Spot { page, head, sentence, cell } = &wanted.spot;
    let cursor = model.view.cursor;
    let at = |(address, row): (Address, bool)| {
        let here = model.address();
        let same_row = Cell { col: 0, ..here.cell } == Cell { col: 0, ..address.cell };
        here == address || (row && here.slot == address.slot && same_row)
    };
    let claimed = || {
        wanted.claim.as_ref().is_none_or(|claim| {
            let value = model.trace().map(|trace| claim.statement.evaluate(model.program(), trace));
            matches!(value, Some(Ok(value)) if value.holds == Some(true))
        })
    };
    // Of a cell the place is asked for and not the page: a tensor may stand on several.
    let on_page = cell.is_some() || page.is_none_or(|page| found(model, page) == Some(model.view.page));
    let in_window = |name: &str| model.windows.iter().any(|window: &Window| window.context().name == name);
    on_page
        && head.is_none_or(|head| cell.is_some() || cursor.head == head)
        && sentence.is_none_or(|sentence| cell.is_some() || cursor.batch == sentence)
        && cell.is_none_or(at)
        && wanted.window.as_ref().is_none_or(|window| in_window(&window.value))
        && wanted.allows(&model.material.scenario)
        && claimed()
}
