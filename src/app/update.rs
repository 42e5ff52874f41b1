//! The one place where messages arrive: `update(&mut Model, Message) -> Vec<Effect>`.

use std::sync::Arc;

use super::deeds::perform;
use super::edits::{paste_row, show_sentence};
use super::history::History;
use super::keymap::{self, Deed};
use super::keys::{self, ALWAYS_QUIT, COMMON, Key, walk};
use super::model::{Model, Notice, Overlay, Page, Status};
use super::moved::moved;
use super::reading::Reading;
use super::stepping::Grain;
use super::windows::News;
use super::{
    Effect, Message, coarser, gallery, kernel, laboratory, microscope, queue, stepping, switches, window, windows,
};
use crate::ground::fault::{Failure, Fault};
use crate::ground::lang::Text;
use crate::math::tensor::Cell;
use crate::program::{Name, alarms};
use crate::session::{Answer, Answered, Choice, Job, Kind, Progress, Run};
use crate::source::sample::Sample;

/// What one message does to the model, and what it wants done.
pub fn update(model: &mut Model, message: Message) -> Vec<Effect> {
    let mut effects = hear(model, message);
    if model.stepping.grain != Grain::Stage {
        model.read_now(); // slow motion builds up the numbers of now
    }
    stepping::settle(model);
    effects.extend(windows::keep(model));
    effects
}

fn hear(model: &mut Model, message: Message) -> Vec<Effect> {
    match message {
        Message::Key(key) => press(model, key),
        Message::Paste(text) => {
            if !model.windows.is_empty() {
                windows::paste(model, &text);
                return Vec::new();
            }
            if matches!(model.overlay, Overlay::None) {
                return paste_row(model, &text);
            }
            Vec::new()
        }
        Message::Resize(columns, rows) => {
            model.size = (columns, rows);
            Vec::new()
        }
        Message::Progress(ticket, progress) => {
            let Some(kind) = model.waiting.kind(ticket) else { return Vec::new() };
            match windows::hear(model, kind, News::Progress(progress)) {
                Ok(effects) => return effects,
                Err(News::Progress(Progress::Scaling(outcome))) => laboratory::progress(model, outcome),
                Err(News::Progress(Progress::Queue(timeline))) => queue::progress(model, timeline),
                Err(_) => {} // nobody listens
            }
            Vec::new()
        }
        Message::Answered(ticket, answered) => match model.waiting.kind(ticket) {
            Some(kind) => {
                model.waiting.over(kind);
                match windows::hear(model, kind, News::Ended(kind, answered)) {
                    Ok(effects) => effects,
                    Err(News::Ended(kind, answered)) => ended(model, kind, answered),
                    Err(News::Progress(_)) => Vec::new(),
                }
            }
            None => Vec::new(), // it was overtaken, or broken off
        },
        Message::Tick(ticket) if matches!(model.overlay, Overlay::Queue(_)) => queue::tick(model, ticket),
        Message::Tick(ticket) => windows::tick(model, ticket).unwrap_or_else(|| stepping::tick(model, ticket)),
    }
}

/// What the end of work does that no window waits for, or that a window leaves to the walk.
pub(super) fn ended(model: &mut Model, kind: Kind, answered: Answered) -> Vec<Effect> {
    match answered {
        Ok(answer) => heed(model, answer),
        Err(why) => fail(model, kind, &why),
    }
}

/// What an answer does.
fn heed(model: &mut Model, answer: Answer) -> Vec<Effect> {
    match answer {
        Answer::Run(run) => show(model, run),
        Answer::Load(sample) => return open(model, sample),
        Answer::Sentence { sample, written, lens } => {
            return show_sentence(model, sample, Some(written), lens);
        }
        Answer::Save(file) => {
            let text = Text::owned(format!("存好了：{file}"), format!("saved as {file}"));
            model.notice = Some(Notice { text, bad: false });
        }
        Answer::Copy(file) => {
            let (zh, en) =
                file.map_or_else(Default::default, |f| (format!("，也写进了 {f}"), format!(", and written to {f}")));
            let text = Text::owned(format!("已复制{zh}"), format!("copied{en}"));
            model.notice = Some(Notice { text, bad: false });
        }
        Answer::Look(seen) => return kernel::hear(model, Ok(seen)),
        Answer::Study { scenario, study } => model.studied = Some((scenario, study)),
        Answer::Scaling(scaling) => laboratory::hear(model, Ok(scaling)),
        Answer::Race | Answer::Queue => {}
        Answer::Open(by) => {
            model.status = if by.is_some() { Status::Open } else { Status::NotWanted };
            return recompute(model);
        }
    }
    Vec::new()
}

/// What a failure does: it is said where the work was asked for, and nothing is lost.
fn fail(model: &mut Model, kind: Kind, why: &Fault) -> Vec<Effect> {
    let Text { zh, en } = why.words();
    match kind {
        Kind::Run => {
            let text = Text::owned(format!("这次计算没有成功：{zh}"), format!("this could not be computed: {en}"));
            warn(model, text);
        }
        Kind::Load | Kind::Save | Kind::Sentence | Kind::Study | Kind::Copy | Kind::Race => {
            warn(model, why.words().clone());
        }
        Kind::Look => return kernel::hear(model, Err(why.clone())),
        Kind::Scaling => laboratory::hear(model, Err(why.clone())),
        Kind::Queue => queue::fail(model, why),
        Kind::Open => {
            if model.settings.backend == Choice::Gpu {
                warn(model, Text::owned(format!("没有可用的显卡：{zh}"), format!("no adapter to compute on: {en}")));
            }
            model.status = Status::None(why.words().clone());
        }
    }
    Vec::new()
}

/// The request for a new result of what is shown now.
pub(super) fn recompute(model: &mut Model) -> Vec<Effect> {
    // A switch may have taken the last stage away, or a tensor that the cursor was in.
    let last = model.pages() - 1;
    if let Some(page) = model.page_at(model.position().min(last)) {
        model.page = page;
    }
    model.focus = model.focus.min(model.tensors(model.page).len().saturating_sub(1));
    model.changes += 1;
    let (program, inputs) = (Arc::clone(&model.sample.program), Arc::clone(&model.sample.inputs));
    model.ask(Job::Run { program, inputs })
}

fn show(model: &mut Model, run: Arc<Run>) {
    if let (Some(why), Status::Open) = (&run.fallback, &model.status) {
        model.status = Status::None(why.words());
    }
    if std::mem::take(&mut model.fresh) {
        model.cursor = most_telling(&run, 0);
    }
    if model.scenario.is_plain() {
        (model.baseline, model.moved) = (Some(Arc::clone(&run)), None);
    } else {
        model.moved = model.baseline.as_ref().map(|before| moved(before, &run));
    }
    model.caption = model.caption_now();
    model.ranked = std::cell::OnceCell::new();
    model.alarms = alarms(&run.program, &run.trace);
    model.run = Some(run);
    model.read();
}

/// Where the eye should go first: the highest score of a head.
pub(super) fn most_telling(run: &Run, head: usize) -> Cell {
    let Some(scores) = run.trace.find(&run.program, None, Name::Scores) else { return Cell::default() };
    let first = |c: &Cell| c.batch == 0 && c.head == head;
    let best =
        scores.shape().cells().filter(first).max_by(|&a, &b| scores.get(a).total_cmp(&scores.get(b)).then(b.cmp(&a)));
    best.unwrap_or_default()
}

pub(super) fn warn(model: &mut Model, text: Text) {
    model.warn(text);
}

/// Shows another sample from its beginning.
fn open(model: &mut Model, sample: Arc<Sample>) -> Vec<Effect> {
    (model.original, model.history) = (sample, History::default());
    model.settings.random = false;
    model.studied = None;
    let mut effects = model.cancel(Kind::Study);
    model.baseline = None;
    model.stepping.reset();
    model.reading = Reading::Now;
    model.settle();
    (model.page, model.focus, model.cursor, model.notice) = (Page::Words, 0, Cell::default(), None);
    (model.fresh, model.steered, model.overlay) = (true, false, Overlay::None);
    effects.extend(model.close_windows());
    effects.extend(recompute(model));
    effects
}

fn press(model: &mut Model, key: Key) -> Vec<Effect> {
    if key == ALWAYS_QUIT {
        return vec![Effect::Quit];
    }
    model.notice = None;
    let plays_on = [Deed::Play, Deed::Slower, Deed::Faster, Deed::Language, Deed::Theme].map(Some);
    model.stepping.playing &= plays_on.contains(&keymap::deed(key));
    if !model.windows.is_empty() {
        return windows::press(model, key);
    }
    match std::mem::take(&mut model.overlay) {
        Overlay::None => {
            if let Some(opener) = walk::opener(key) {
                return (opener.open)(model);
            }
            if let Some(deed) = keys::by_key(COMMON, key) {
                return windows::common(model, deed);
            }
            walk::deed(key).map_or_else(Vec::new, |deed| perform(model, deed))
        }
        Overlay::Card(line) => window::press(model, key, line, Overlay::Card),
        Overlay::Microscope(microscope) => microscope::press(model, key, microscope),
        Overlay::Switches(chosen) => switches::press(model, key, chosen),
        Overlay::Coarser(which) => coarser::press(model, key, which),
        Overlay::Queue(queue) => queue::press(model, key, queue),
        Overlay::Kernel(lens) => kernel::press(model, key, lens),
        Overlay::Heads(gallery) => gallery::press(model, key, gallery),
        Overlay::Laboratory(laboratory) => laboratory::press(model, key, laboratory),
    }
}
