//! A stage in slow motion: term by term, number by number or row by row, by key or by itself.
//!
//! The cursor stands on the number in work, `done` of its ticks have been made; what stands before it is computed, what
//! stands after it is not. Every step forward leaves a trail, so that stepping back restores exactly what was there.

use std::time::Duration;

use super::model::Notice;
use super::view::View;
use super::{Effect, Model, Page};
use crate::explain::ticks::by_row;
use crate::explain::{At, Shown, Ticks};
use crate::ground::lang::Text;
use crate::math::tensor::Cell;
use crate::program::{Address, Slot, Stage, Trace};
use crate::session::Ticket;

/// How far one step goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum StepSize {
    /// One term of a sum, or one step of softmax.
    Term,
    /// One number.
    Cell,
    /// One row.
    Row,
    /// One stage: everything is shown.
    #[default]
    Stage,
}

impl StepSize {
    /// The next one, from the last to the first.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::Stage => Self::Term,
            Self::Term => Self::Cell,
            Self::Cell => Self::Row,
            Self::Row => Self::Stage,
        }
    }

    /// `by term`.
    pub const fn label(self) -> Text {
        match self {
            Self::Term => Text::new("按项", "by term"),
            Self::Cell => Text::new("按格", "by cell"),
            Self::Row => Text::new("按行", "by row"),
            Self::Stage => Text::new("按阶段", "by stage"),
        }
    }
}

/// Steps a second, while it plays by itself.
const SPEEDS: [u32; 6] = [1, 2, 4, 8, 16, 32];

/// Slow motion, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stepping {
    /// How far one step goes.
    pub step_size: StepSize,
    /// Whether it goes on by itself.
    pub playing: bool,
    /// Position in [`SPEEDS`].
    speed: usize,
    /// Ticks made of the number in work.
    done: usize,
    /// The latest wake-up asked for; earlier ones are stale.
    ticket: Ticket,
    /// Where the last message left the walk: whoever is elsewhere now has not come by steps.
    at: Place,
    /// The places that the steps forward have left, to be restored one by one.
    trail: Vec<Place>,
}

impl Default for Stepping {
    fn default() -> Self {
        Self {
            step_size: StepSize::Stage,
            playing: false,
            speed: 2,
            done: 0,
            ticket: Ticket::default(),
            at: Place::default(),
            trail: Vec::new(),
        }
    }
}

impl Stepping {
    /// Steps a second.
    pub(crate) fn speed(&self) -> u32 {
        SPEEDS[self.speed]
    }

    /// The latest wake-up asked for: the only one that is answered.
    pub const fn ticket(&self) -> Ticket {
        self.ticket
    }

    /// Shows everything again, on the way to another sample. The speed stays.
    pub(super) fn reset(&mut self) {
        *self = Self { speed: self.speed, ticket: self.ticket, ..Self::default() };
    }
}

/// Everything that a step changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    page: Page,
    focus: usize,
    cursor: Cell,
    anchor: Cell,
    done: usize,
}

impl Default for Place {
    fn default() -> Self {
        Self { page: Page::Beginning, focus: 0, cursor: Cell::default(), anchor: Cell::default(), done: 0 }
    }
}

impl Place {
    /// Row and column of the number in work.
    const fn number(&self) -> (usize, usize) {
        let cell = if self.focus == 0 { self.cursor } else { self.anchor };
        (cell.row, cell.col)
    }
}

/// A stage in slow motion, and where it stands.
#[derive(Debug, Clone, Copy)]
pub struct PartialStage<'a> {
    /// Its ticks.
    pub ticks: Ticks<'a>,
    /// How many of them have been made.
    pub at: At,
    /// The tensor that is being made.
    pub slot: Slot,
}

impl PartialStage<'_> {
    /// How far a number of the result is. Other heads and sentences are not in work.
    pub fn shown(&self, cell: Cell) -> Shown {
        let here = (cell.batch, cell.head) == (self.at.cell.batch, self.at.cell.head);
        if here { self.ticks.shown(self.at, cell) } else { Shown::Done }
    }
}

impl Model {
    /// The ticket of the next wake-up; those asked for before are stale from now on.
    pub(super) fn next_wake(&mut self) -> Ticket {
        self.stepping.ticket = self.issue();
        self.stepping.ticket
    }

    /// The stage on the screen, where it is walked in steps smaller than a stage.
    pub fn partial(&self) -> Option<PartialStage<'_>> {
        let Page::Stage(stage) = self.view.page else { return None };
        (self.stepping.step_size != StepSize::Stage).then_some(())?;
        let address = self.result(stage);
        let ticks = Ticks::of(self.program(), self.trace()?, address.slot)?;
        let done = self.stepping.done.min(ticks.count(address.cell));
        Some(PartialStage { ticks, at: At { cell: address.cell, done }, slot: address.slot })
    }

    /// Steps made and steps in all, of this stage and this size of steps.
    pub fn progress(&self) -> Option<(usize, usize)> {
        let PartialStage { ticks, at, .. } = self.partial()?;
        Some(match self.stepping.step_size {
            StepSize::Term => ticks.progress(at),
            StepSize::Cell => ticks.numbers_done(at),
            StepSize::Row | StepSize::Stage => ticks.rows_done(at),
        })
    }

    fn place(&self) -> Place {
        let View { page, focus, cursor, anchor, .. } = self.view;
        Place { page, focus, cursor, anchor, done: self.stepping.done }
    }

    /// Goes to another page, which is no step.
    pub(super) fn turn_to(&mut self, page: Page) {
        if let Page::Stage(stage) = page {
            self.view.section = self.section_of(stage).unwrap_or(self.view.section);
        }
        let place = beginning(self, page);
        self.put(place);
    }

    /// Turns the page to a number, the cursor on it: where it was made, or where it was given. `takes` is the number that it goes
    /// into, to be singled out where both stand on one page. Everything is shown, also in slow motion.
    pub(super) fn look_at(&mut self, address: Address, takes: Option<Address>) {
        let focus = |page: Page| Some((page, self.tensors(page).iter().position(|&slot| slot == address.slot)?));
        let found: Vec<(Page, usize)> = self.pages_of_tensors().filter_map(focus).collect();
        // In a program of layers it may stand in another one.
        let elsewhere = || {
            let uses = |stage: &Stage| stage.output == address.slot || stage.operands.contains(&address.slot);
            let stage = self.program().stages().iter().position(uses)?;
            focus(Page::Stage(stage))
        };
        let found = if found.is_empty() { elsewhere().into_iter().collect() } else { found };
        let here = |(page, _): &&(Page, usize)| matches!(page, Page::Stage(stage) if takes.is_some_and(|takes| takes.slot == self.program().output_of(*stage)));
        // An input of several stages is looked at where it goes into this one.
        let Some(&(page, focus)) = found.iter().find(here).or(found.first()) else { return };
        if let Page::Stage(stage) = page {
            self.view.section = self.section_of(stage).unwrap_or(self.view.section);
        }
        self.stepping.step_size = StepSize::Stage;
        let shape = self.program().shape(address.slot);
        (self.view.page, self.view.focus) = (page, focus);
        let Cell { batch, head, .. } = self.view.cursor;
        let Cell { row, col, .. } = address.cell;
        let kept = |own: Option<usize>, of: usize, before: usize| own.map_or(before, |_| of);
        self.view.cursor.batch = kept(shape.batch, address.cell.batch, batch);
        self.view.cursor.head = kept(shape.heads, address.cell.head, head);
        let first = self.columns(address.slot).start;
        self.view.cursor = self.view.cursor.moved(row, col.saturating_sub(first));
        if let (true, Some(takes)) = (focus > 0, takes) {
            self.view.anchor = takes.cell;
        }
        self.stepping.at = self.place();
    }

    fn put(&mut self, place: Place) {
        let view = &mut self.view;
        (view.page, view.focus, view.cursor, view.anchor) = (place.page, place.focus, place.cursor, place.anchor);
        self.stepping.done = place.done;
    }

    fn go(&mut self, place: Place) {
        self.put(place);
        self.stepping.at = place;
    }
}

/// One step forward; `false` where there is none.
pub(super) fn forward(model: &mut Model) -> bool {
    let before = model.place();
    let Some(place) = next(model).filter(|&place| place != before) else { return false };
    model.stepping.trail.push(before);
    model.go(place);
    true
}

/// One step back: to where the last step forward came from, or by the step size where none has led here.
pub(super) fn back(model: &mut Model) {
    if let Some(place) = model.stepping.trail.pop().or_else(|| previous(model)) {
        model.go(place);
    }
}

fn next(model: &Model) -> Option<Place> {
    let page = |model: &Model| Some(beginning(model, model.page_at(model.position() + 1)?));
    let size = model.stepping.step_size;
    if size == StepSize::Stage || !matches!(model.view.page, Page::Stage(_)) {
        return page(model);
    }
    let PartialStage { ticks, at: At { cell, done }, .. } = model.partial()?;
    let whole = |cell| At { cell, done: ticks.count(cell) };
    let within = match size {
        StepSize::Term if done < ticks.count(cell) => Some(At { cell, done: done + 1 }),
        StepSize::Term => ticks.next(cell).map(|cell| At { cell, done: 1 }),
        StepSize::Cell if done < ticks.count(cell) => Some(whole(cell)),
        StepSize::Cell => ticks.next(cell).map(whole),
        StepSize::Row | StepSize::Stage => {
            let end = whole(ticks.row_end(cell));
            if (At { cell, done }) == end { ticks.next(cell).map(|next| whole(ticks.row_end(next))) } else { Some(end) }
        }
    };
    within.map(|at| within_page(model, at)).or_else(|| page(model))
}

fn previous(model: &Model) -> Option<Place> {
    let page = model.position().checked_sub(1).and_then(|position| model.page_at(position));
    let size = model.stepping.step_size;
    if size == StepSize::Stage || !matches!(model.view.page, Page::Stage(_)) {
        return Some(beginning(model, page?));
    }
    let PartialStage { ticks, at, .. } = model.partial()?;
    let At { cell, done } = at;
    if ticks.is_beginning(at) {
        return Some(end(model, page?));
    }
    let whole = |cell| At { cell, done: ticks.count(cell) };
    let before = ticks.previous(cell);
    Some(within_page(
        model,
        match (size, before) {
            (StepSize::Term, _) if done > 1 => At { cell, done: done - 1 },
            (StepSize::Term | StepSize::Cell, Some(cell)) => whole(cell),
            (StepSize::Row | StepSize::Stage, _) if cell.row > 0 => {
                whole(ticks.row_end(cell.moved(cell.row - 1, cell.col)))
            }
            _ if ticks.by_row() => At { cell: cell.moved(0, cell.col), done: 0 },
            _ => At { cell: cell.moved(0, 0), done: 0 },
        },
    ))
}

/// A place on the page that is shown, in the result.
fn within_page(model: &Model, at: At) -> Place {
    let cursor = model.view.cursor.moved(at.cell.row, at.cell.col);
    Place { focus: 0, cursor, done: at.done, ..model.place() }
}

/// Where one arrives on another page: before the first of its numbers, or where the cursor stood in the result where
/// stages are taken whole.
fn beginning(model: &Model, page: Page) -> Place {
    let mut place = model.place();
    if matches!(place.page, Page::Stage(_)) {
        match place.focus {
            0 => place.anchor = place.cursor,
            _ => place.cursor = place.cursor.moved(place.anchor.row, place.anchor.col),
        }
    }
    if model.stepping.step_size != StepSize::Stage && matches!(page, Page::Stage(_)) {
        place.cursor = place.cursor.moved(0, 0);
    }
    Place { page, focus: 0, done: 0, ..place }
}

/// Where one arrives on a page from the one after it: behind the last of its numbers.
fn end(model: &Model, page: Page) -> Place {
    let place = beginning(model, page);
    let Page::Stage(stage) = page else { return place };
    let slot = model.program().output_of(stage);
    let shape = model.program().shape(slot);
    let row = shape.rows.len.saturating_sub(1);
    let col = if by_row(model.program(), slot) { 0 } else { shape.cols.len.saturating_sub(1) };
    let cursor = place.cursor.moved(row, col);
    let ticks = model.trace().and_then(|trace| Ticks::of(model.program(), trace, slot));
    let done = ticks.map_or(0, |ticks| ticks.count(Trace::nearest(&shape, cursor)));
    Place { cursor, done, ..place }
}

/// After every message: whoever was moved otherwise than by steps has left the trail. Of a number that is newly in work
/// nothing has been computed yet.
pub(super) fn settle(model: &mut Model) {
    let (before, mut now) = (model.stepping.at, model.place());
    if now == before {
        return;
    }
    if now.done == before.done && !same_number(model, &before, &now) {
        now.done = 0;
    }
    model.stepping.trail.clear();
    model.go(now);
}

/// Whether the same number is in work at two places, perhaps in another head; the same row, where whole rows are.
fn same_number(model: &Model, a: &Place, b: &Place) -> bool {
    let rows = |index| by_row(model.program(), model.program().output_of(index));
    a.page == b.page
        && match a.page {
            Page::Stage(stage) if rows(stage) => a.number().0 == b.number().0,
            _ => a.number() == b.number(),
        }
}

/// The next size of steps. Where everything was shown, the number under the cursor is now the one in work.
pub(super) fn change_step_size(model: &mut Model) {
    let stepping = &mut model.stepping;
    let (before, after) = (stepping.step_size, stepping.step_size.next());
    stepping.step_size = after;
    if [before, after].contains(&StepSize::Stage) {
        stepping.done = 0;
    }
    stepping.trail.clear();
    model.stepping.at = model.place();
}

/// Shows everything again.
pub(super) fn leave(model: &mut Model) {
    if model.stepping.step_size != StepSize::Stage {
        model.stepping.reset();
        model.stepping.at = model.place();
    }
}

/// Plays on from here, or pauses. Where everything was shown the stage plays from its beginning, term by term; from its end
/// the next one does.
pub(super) fn play(model: &mut Model) -> Vec<Effect> {
    if model.stepping.playing {
        model.stepping.playing = false;
        return Vec::new();
    }
    let begins = matches!(model.view.page, Page::Beginning | Page::Words);
    if model.view.page != Page::End && (begins || model.stepping.step_size == StepSize::Stage) {
        if model.stepping.step_size == StepSize::Stage {
            change_step_size(model);
        }
        let page = if begins { Page::Stage(0) } else { model.view.page };
        let place = beginning(model, page);
        model.go(place);
    } else if model.view.page == Page::End || is_end(model) && !forward(model) {
        let text = Text::new("走完了：这是最后一步", "this is the end of the last stage");
        model.notice = Some(Notice { text, bad: false });
        return Vec::new();
    }
    model.stepping.playing = model.partial().is_some();
    wake(model)
}

fn is_end(model: &Model) -> bool {
    model.partial().is_some_and(|u| u.ticks.is_end(u.at))
}

/// Asks to be woken for the next step, while it plays.
fn wake(model: &mut Model) -> Vec<Effect> {
    if !model.stepping.playing {
        return Vec::new();
    }
    let ticket = model.next_wake();
    vec![Effect::Wake { after: Duration::from_secs(1) / model.stepping.speed(), ticket }]
}

/// A wake-up: one step, until the end of the stage. A stale one does nothing.
pub(super) fn tick(model: &mut Model, ticket: Ticket) -> Vec<Effect> {
    if !model.stepping.playing || ticket != model.stepping.ticket {
        return Vec::new();
    }
    // Without numbers there is nothing to play.
    model.stepping.playing = model.partial().is_some() && forward(model) && !is_end(model);
    wake(model)
}

/// Slower or faster, from now on.
pub(super) fn change_speed(model: &mut Model, by: isize) -> Vec<Effect> {
    let stepping = &mut model.stepping;
    stepping.speed = stepping.speed.saturating_add_signed(by).min(SPEEDS.len() - 1);
    let n = stepping.speed();
    let text = Text::owned(format!("播放速度：每秒 {n} 步"), format!("playing speed: {n} steps a second"));
    model.notice = Some(Notice { text, bad: false });
    wake(model)
}
