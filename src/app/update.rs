//! The one place where messages arrive: `update(&mut Model, Message) -> Vec<Effect>`.

use std::sync::Arc;

use super::deeds::perform;
use super::edits::{paste_row, show_sentence};
use super::history::History;
use super::keys::{self, ALWAYS_QUIT, COMMON, CommonDeed, Deed, Key, walk};
use super::model::{Model, Notice, Page, Status};
use super::reading::Reading;
use super::results::Results;
use super::stepping::StepSize;
use super::studied::Studied;
use super::windows::News;
use super::{Effect, Message, stepping, windows};
use crate::ground::fault::{Failure, Fault};
use crate::ground::lang::Text;
use crate::math::tensor::Cell;
use crate::program::{Ledger, Name};
use crate::session::{Answer, Answered, Choice, Job, Kind, Progress, Run};
use crate::source::sample::Sample;

/// What one message does to the model, and what it wants done.
pub fn update(model: &mut Model, message: Message) -> Vec<Effect> {
    let mut effects = hear(model, message);
    if model.stepping.step_size != StepSize::Stage {
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
            paste_row(model, &text)
        }
        Message::Resize(columns, rows) => {
            model.size = (columns, rows);
            Vec::new()
        }
        Message::Progress(ticket, progress) => {
            let Some(kind) = model.waiting.kind(ticket) else { return Vec::new() };
            match windows::hear(model, kind, News::Progress(progress)) {
                Ok(effects) => return effects,
                Err(News::Progress(Progress::Check(ledger))) => checked(model, ledger),
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
        Message::Tick(ticket) => windows::tick(model, ticket).unwrap_or_else(|| stepping::tick(model, ticket)),
    }
}

/// What the end of work does that no window waits for, or that a window leaves to the walk.
pub(super) fn ended(model: &mut Model, kind: Kind, answered: Answered) -> Vec<Effect> {
    match answered {
        Ok(answer) => heed(model, answer),
        Err(why) => {
            fail(model, kind, &why);
            Vec::new()
        }
    }
}

/// What an answer does.
fn heed(model: &mut Model, answer: Answer) -> Vec<Effect> {
    match answer {
        Answer::Run(run) => {
            show(model, Arc::clone(&run));
            if !run.ledger.is_complete() {
                return model.ask(Job::Check(run));
            }
        }
        Answer::Check(ledger) => checked(model, ledger),
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
        Answer::Study { scenario, study } => model.studied.learn(scenario, study),
        Answer::Look(_) | Answer::Scaling(_) | Answer::Race | Answer::Queue => {} // their windows hear of them
        Answer::Open(by) => {
            model.status = if by.is_some() { Status::Open } else { Status::NotWanted };
            return recompute(model);
        }
    }
    Vec::new()
}

/// What a failure does: it is said where the work was asked for, and nothing is lost.
fn fail(model: &mut Model, kind: Kind, why: &Fault) {
    let Text { zh, en } = why.words();
    match kind {
        Kind::Run => {
            let text = Text::owned(format!("这次计算没有成功：{zh}"), format!("this could not be computed: {en}"));
            model.warn(text);
        }
        Kind::Open => {
            if model.settings.backend == Choice::Gpu {
                model.warn(Text::owned(format!("没有可用的显卡：{zh}"), format!("no adapter to compute on: {en}")));
            }
            model.status = Status::None(why.words().clone());
        }
        _ => model.warn(why.words().clone()),
    }
}

/// The request for a new result of what is shown now.
pub(super) fn recompute(model: &mut Model) -> Vec<Effect> {
    // A switch may have taken the last stage away, or a tensor that the cursor was in.
    let last = model.pages() - 1;
    if let Some(page) = model.page_at(model.position().min(last)) {
        model.view.page = page;
    }
    model.view.focus = model.view.focus.min(model.tensors(model.view.page).len().saturating_sub(1));
    model.changes += 1;
    let (program, inputs) = (Arc::clone(&model.material.sample.program), Arc::clone(&model.material.sample.inputs));
    let first = model.position().saturating_sub(1);
    let mut effects = model.cancel(Kind::Check);
    effects.extend(model.ask(Job::Run { program, inputs, first }));
    effects
}

/// The verdict on the numbers that are shown, which goes on behind them.
fn checked(model: &mut Model, ledger: Ledger) {
    if let Some(results) = &mut model.results {
        results.judge(ledger);
    }
}

fn show(model: &mut Model, run: Arc<Run>) {
    if let (Some(why), Status::Open) = (&run.fallback, &model.status) {
        model.status = Status::None(why.words());
    }
    if std::mem::take(&mut model.view.fresh) {
        model.view.cursor = most_telling(&run, 0);
    }
    let changed = !model.material.scenario.is_plain();
    if !changed {
        model.baseline = Some(Arc::clone(&run));
    }
    let before = model.baseline.as_deref().filter(|_| changed);
    let kept = model.kept(&run.trace);
    model.results = Some(Results::of(run, before, model.caption_now(), kept));
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

/// Shows another sample from its beginning.
fn open(model: &mut Model, sample: Arc<Sample>) -> Vec<Effect> {
    (model.material.original, model.history) = (sample, History::default());
    model.settings.random = false;
    model.studied = Studied::default();
    let mut effects = model.cancel(Kind::Study);
    model.baseline = None;
    model.stepping.reset();
    model.view.reading = Reading::Now;
    model.settle();
    (model.view.page, model.view.focus, model.view.cursor, model.notice) = (Page::Words, 0, Cell::default(), None);
    (model.view.fresh, model.view.steered) = (true, false);
    effects.extend(model.close_windows());
    effects.extend(recompute(model));
    effects
}

fn press(model: &mut Model, key: Key) -> Vec<Effect> {
    if key == ALWAYS_QUIT {
        return vec![Effect::Quit];
    }
    model.notice = None;
    let (deed, common) = (walk::deed(key), keys::by_key(COMMON, key));
    let plays_on = matches!(deed, Some(Deed::Play | Deed::Slower | Deed::Faster))
        || matches!(common, Some(CommonDeed::Language | CommonDeed::Theme));
    model.stepping.playing &= plays_on;
    if !model.windows.is_empty() {
        return windows::press(model, key);
    }
    match (walk::opener(key), deed, common) {
        (Some(opener), ..) => (opener.open)(model),
        (_, Some(deed), _) => perform(model, deed),
        (.., Some(common)) => windows::common(model, common),
        _ => Vec::new(),
    }
}
