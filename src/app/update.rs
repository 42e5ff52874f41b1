//! The one place where messages arrive: `update(&mut Model, Message) -> Vec<Effect>`.

use std::sync::Arc;

use super::deeds::{focus, perform, show_head};
use super::edits::{paste_row, show_sentence};
use super::history::State;
use super::keys::{self, ALWAYS_QUIT, COMMON, CommonDeed, Deed, Key, walk};
use super::model::{Model, Notice, Status, made};
use super::reading::Reading;
use super::results::Results;
use super::stepping::StepSize;
use super::studied::Studied;
use super::view::Page;
use super::windows::News;
use super::{Effect, Message, Target, lesson, presenting, stepping, windows};
use crate::ground::fault::{Failure, Fault};
use crate::ground::lang::Text;
use crate::ground::text::Lens;
use crate::math::tensor::Cell;
use crate::program::{Address, HeadPlace, Ledger, Name};
use crate::session::{Answer, Answered, Job, Kind, Progress, Run};
use crate::source::sample::Sample;

/// What one message does to the model, and what it wants done.
pub fn update(model: &mut Model, message: Message) -> Vec<Effect> {
    let mut effects = hear(model, message);
    if model.stepping.step_size != StepSize::Stage {
        model.read_now(); // slow motion builds up the numbers of now
    }
    stepping::settle(model);
    effects.extend(windows::keep(model));
    effects.extend(lesson::keep(model));
    effects
}

fn hear(model: &mut Model, message: Message) -> Vec<Effect> {
    match message {
        Message::Key(key) => press(model, key),
        Message::Click(target) => click(model, target),
        Message::Wheel(target, by) => wheel(model, target, by),
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
        Message::Saved(file) => match model.lesson_file() {
            Some(own) if own == file => model.ask_for_lesson(file),
            _ => Vec::new(),
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
        Answer::Lesson(read) => return lesson::begin(model, read),
        Answer::Sentence { sample, written, lens } => {
            return show_sentence(model, sample, Some(written), lens);
        }
        Answer::Save(file) => {
            model.kept = model.changes();
            let text = Text::owned(format!("存好了：{file}"), format!("saved as {file}"));
            model.notice = Some(Notice { text, bad: false });
        }
        Answer::Copy(copied) => {
            model.notice = Some(Notice { text: copied.words(), bad: !copied.is_somewhere() });
        }
        Answer::Study { scenario, study } => model.studied.learn(scenario, study),
        Answer::Attribute { run, batch, read } => model.attributed.learn(run, batch, read),
        Answer::Beside(second) => model.show_second(second),
        Answer::Keep => model.unkept = false, // of several only the last is heard of
        Answer::Look(_) | Answer::Scaling(_) | Answer::Race | Answer::Queue | Answer::Trained(_) | Answer::List(_) => {} // their windows hear of them
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
            if model.settings.backend.insists() {
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
    let first = model.stage().unwrap_or(0);
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
    // Keys that came before the first numbers count: the head that was chosen stays, and where the cursor was led.
    if std::mem::take(&mut model.view.fresh) && !model.view.steered {
        let (program, Cell { batch, head, .. }) = (model.program(), model.view.cursor);
        let (batch, head) = (batch.min(program.batch().saturating_sub(1)), head.min(program.heads().saturating_sub(1)));
        let telling = most_telling(&model.material.sample, &run, HeadPlace { layer: model.layer(), head });
        model.view.cursor = Cell { batch, ..telling };
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

/// Where the eye should go first: the highest score of a head. Where words also meet by their places, it is what they mean that
/// counts, and the place decides between equals.
pub(super) fn most_telling(sample: &Sample, run: &Run, at: HeadPlace) -> Cell {
    let HeadPlace { layer, head } = at;
    let tensor = |name| run.trace.find(&run.program, layer, name);
    if let (Some(within), Some(weights)) = (&sample.model, tensor(Name::Weights)) {
        // Between words: those that only the model knows, as [CLS], take what nobody else wants, and so do commas.
        let letters = |text: &str| text.contains(char::is_alphanumeric);
        let word = |n: usize| within.pieces.get(n).is_some_and(|piece| !piece.special && letters(&piece.text));
        let between = |c: &Cell| c.head == head && c.row != c.col && word(c.row) && word(c.col);
        let best = weights.shape().cells().filter(between).max_by(|a, b| weights.get(*a).total_cmp(&weights.get(*b)));
        return best.unwrap_or_default();
    }
    let Some(scores) = tensor(Name::Scores) else { return Cell::default() };
    let features = sample.meant_features(head);
    let meant = |Cell { batch, head, row, col }: Cell| {
        let (Some(q), Some(k)) = (tensor(Name::Q), tensor(Name::K)) else { return 0.0 };
        let at = |row, col| Cell { batch, head, row, col };
        features.iter().map(|&f| q.get(at(row, f)) * k.get(at(col, f))).sum::<f32>()
    };
    let first = |c: &Cell| c.batch == 0 && c.head == head;
    let rank = |cell: Cell| (cell, meant(cell), scores.get(cell));
    let better =
        |a: &(Cell, f32, f32), b: &(Cell, f32, f32)| a.1.total_cmp(&b.1).then(a.2.total_cmp(&b.2)).then(b.0.cmp(&a.0));
    scores.shape().cells().filter(first).map(rank).max_by(better).map_or_else(Cell::default, |(cell, ..)| cell)
}

/// Shows another sample from its beginning; to be undone.
pub(super) fn open(model: &mut Model, sample: Arc<Sample>) -> Vec<Effect> {
    let changed = !model.changes().is_empty();
    let scenario = sample.what_if.clone();
    let (turned, numbers) = made(&scenario, &sample);
    let (original, base) = (Arc::clone(&sample), sample);
    model.change_to(State { original, base, scenario, lens: Lens::default(), written: None }, turned, numbers);
    model.notice = None;
    if changed {
        model.say_undoable(&Text::new(
            "打开了另一个样例，刚才的改动还记着",
            "another sample; what was changed before is remembered",
        ));
    }
    model.kept = model.changes();
    let mut effects = model.close_windows();
    effects.extend(begin(model));
    effects
}

/// The walk from its beginning, on another sample than before.
fn begin(model: &mut Model) -> Vec<Effect> {
    (model.studied, model.beside) = (Studied::default(), None);
    let mut effects = model.cancel(Kind::Study);
    model.baseline = None;
    model.stepping.reset();
    model.view.reading = Reading::Now;
    (model.view.page, model.view.focus, model.view.cursor) = (Page::Beginning, 0, Cell::default());
    model.begin_in_a_layer();
    (model.view.fresh, model.view.steered) = (true, false);
    effects.extend(recompute(model));
    effects
}

/// Goes back one change, or forward again. A change of the sample begins the walk anew.
pub(super) fn turn_back(model: &mut Model, undo: bool) -> Vec<Effect> {
    let before = Arc::clone(&model.material.original);
    match if undo { model.undo() } else { model.redo() } {
        true if Arc::ptr_eq(&before, &model.material.original) => recompute(model),
        true => begin(model),
        false => {
            model.warn(if undo {
                Text::new("没有可撤销的改动", "there is no change to undo")
            } else {
                Text::new("没有可重做的改动", "there is no change to redo")
            });
            Vec::new()
        }
    }
}

/// What a click does: goes there, or chooses that; on what is chosen already it is Enter.
fn click(model: &mut Model, target: Target) -> Vec<Effect> {
    if let Target::Key(key) = target {
        return press(model, key);
    }
    (model.notice, model.stepping.playing) = (None, false);
    match target {
        Target::Page(position) => {
            if let Some(page) = model.page_at(position) {
                model.turn_to(page);
            }
        }
        Target::Head(head) if head < model.program().heads() => show_head(model, head),
        Target::Number(address) if model.windows.is_empty() && address == model.address() => {
            return press(model, Key::Enter);
        }
        Target::Number(address) => point(model, address),
        Target::Row(_) | Target::Tab(_) => return windows::click(model, target),
        Target::Head(_) | Target::Key(_) | Target::Window => {}
    }
    Vec::new()
}

/// Puts the cursor on a number, where the page has it to move in.
fn point(model: &mut Model, address: Address) {
    let tensors = model.tensors(model.view.page);
    let Some(place) = tensors.iter().position(|&slot| slot == address.slot) else { return };
    focus(model, place);
    let (columns, cell) = (model.columns(address.slot), address.cell);
    let col = cell.col.saturating_sub(columns.start).min(columns.len().saturating_sub(1));
    model.view.cursor = model.view.cursor.moved(cell.row, col);
    if model.program().shape(address.slot).heads.is_some() {
        model.view.cursor.head = cell.head;
    }
    model.view.steered = true;
}

/// What the wheel does: over the list of stages from stage to stage, over a window what scrolls it, else from row to row.
fn wheel(model: &mut Model, target: Target, by: isize) -> Vec<Effect> {
    let deed = match (target, by < 0) {
        (Target::Row(_) | Target::Tab(_) | Target::Window, _) => return windows::wheel(model, by),
        (Target::Page(_), true) => Deed::PreviousStage,
        (Target::Page(_), false) => Deed::NextStage,
        (_, true) => Deed::Up,
        (_, false) => Deed::Down,
    };
    model.stepping.playing = false;
    perform(model, deed)
}

/// What a key does.
pub(super) fn press(model: &mut Model, key: Key) -> Vec<Effect> {
    if key == ALWAYS_QUIT {
        return vec![Effect::Quit];
    }
    model.notice = None;
    model.leaving &= key == Key::Char('q');
    let (typed, key) = (key, key.plain());
    let (deed, common) = (walk::deed(key), keys::by_key(COMMON, key));
    let plays_on = matches!(deed, Some(Deed::Play | Deed::Slower | Deed::Faster))
        || matches!(
            common,
            Some(CommonDeed::Language | CommonDeed::Theme | CommonDeed::Picture | CommonDeed::Latex | CommonDeed::Csv)
        );
    model.stepping.playing &= plays_on;
    if let Some(effects) = presenting::press(model, typed) {
        return effects;
    }
    if let Some(effects) = lesson::press(model, typed) {
        return effects;
    }
    if !model.windows.is_empty() {
        return windows::press(model, typed);
    }
    match (walk::opener(key), deed, common) {
        (Some(opener), ..) => (opener.open)(model),
        (_, Some(deed), _) => perform(model, deed),
        (.., Some(common)) => windows::common(model, common),
        _ => Vec::new(),
    }
}
