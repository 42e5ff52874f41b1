//! The one place where messages arrive: `update(&mut Model, Message) -> Vec<Effect>`.

use std::sync::Arc;

use super::deeds::perform;
use super::history::History;
use super::keymap::{self, ALWAYS_QUIT, Deed, Key};
use super::model::{Model, Notice, Overlay, Page, Status};
use super::moved::moved;
use super::{Effect, Message, microscope, prompt, samples, stepping, window};
use crate::engine::{Choice, Run};
use crate::lang::Text;
use crate::number::Format;
use crate::program::Symbol;
use crate::sample::{MaskChoice, Sample};
use crate::tensor::Cell;

/// What one message does to the model, and what it wants done.
pub fn update(model: &mut Model, message: Message) -> Vec<Effect> {
    let effects = hear(model, message);
    stepping::settle(model);
    effects
}

fn hear(model: &mut Model, message: Message) -> Vec<Effect> {
    match message {
        Message::Key(key) => press(model, key),
        Message::Paste(text) => {
            if let Overlay::Prompt(prompt) = &mut model.overlay {
                text.chars().filter(|c| !c.is_control()).for_each(|c| prompt::insert(prompt, c));
            }
            Vec::new()
        }
        Message::Resize(columns, rows) => {
            model.size = (columns, rows);
            Vec::new()
        }
        Message::Ran { generation, run } => {
            if generation == model.generation {
                show(model, run);
            }
            Vec::new()
        }
        Message::Failed { generation, why } => {
            if generation == model.generation {
                warn(
                    model,
                    Text::owned(format!("这次计算没有成功：{why}"), format!("this could not be computed: {why}")),
                );
            }
            Vec::new()
        }
        Message::Loaded(Ok(sample)) => open(model, sample),
        Message::Loaded(Err(why)) => {
            warn(model, Text::same(why));
            Vec::new()
        }
        Message::Device(answer) => device(model, answer),
        Message::Tick(ticket) => stepping::tick(model, ticket),
    }
}

/// The request for a new result of what is shown now.
pub(super) fn recompute(model: &mut Model) -> Vec<Effect> {
    model.generation += 1;
    let (program, inputs) = (Arc::clone(&model.sample.program), Arc::clone(&model.sample.inputs));
    vec![Effect::Run { generation: model.generation, program, inputs }]
}

fn show(model: &mut Model, run: Arc<Run>) {
    model.formats = run.program.slots().map(|s| Format::of(run.trace.tensor(s).as_slice())).collect();
    let span = |s| run.trace.tensor(s).numbers().filter(|x| x.is_finite()).fold(0.0_f32, |m, x| m.max(x.abs()));
    model.spans = run.program.slots().map(span).collect();
    if let (Some(why), Status::Open) = (&run.fallback, &model.status) {
        model.status = Status::None(why.to_string());
    }
    if std::mem::take(&mut model.fresh) {
        model.cursor = most_telling(&run, 0);
    }
    if model.edits == 0 {
        (model.baseline, model.moved) = (Some(Arc::clone(&run)), None);
    } else {
        model.moved = model.baseline.as_ref().and_then(|before| moved(before, &run));
    }
    model.caption = model.caption_now();
    model.run = Some(run);
}

/// Where the eye should go first: the highest score of a head.
pub(super) fn most_telling(run: &Run, head: usize) -> Cell {
    let Some(scores) = run.trace.find(&run.program, Symbol::SCORES) else { return Cell::default() };
    let first = |c: &Cell| c.batch == 0 && c.head == head;
    let best =
        scores.shape().cells().filter(first).max_by(|&a, &b| scores.get(a).total_cmp(&scores.get(b)).then(b.cmp(&a)));
    best.unwrap_or_default()
}

pub(super) fn warn(model: &mut Model, text: Text) {
    model.notice = Some(Notice { text, bad: true });
}

fn device(model: &mut Model, answer: Result<String, String>) -> Vec<Effect> {
    match answer {
        Ok(_) => {
            model.status = Status::Open;
            recompute(model)
        }
        Err(why) => {
            if model.settings.backend == Choice::Gpu {
                warn(model, Text::owned(format!("没有可用的显卡：{why}"), format!("no adapter to compute on: {why}")));
            }
            model.status = Status::None(why);
            Vec::new()
        }
    }
}

/// Shows another sample from its beginning.
fn open(model: &mut Model, sample: Arc<Sample>) -> Vec<Effect> {
    (model.original, model.history) = (sample, History::default());
    model.settings.random = false;
    model.mask = MaskChoice::Own;
    model.stepping.reset();
    model.rebuild();
    (model.page, model.focus, model.cursor, model.notice) = (Page::Words, 0, Cell::default(), None);
    (model.fresh, model.steered, model.overlay) = (true, false, Overlay::None);
    recompute(model)
}

fn press(model: &mut Model, key: Key) -> Vec<Effect> {
    if key == ALWAYS_QUIT {
        return vec![Effect::Quit];
    }
    model.notice = None;
    let plays_on = [Deed::Play, Deed::Slower, Deed::Faster, Deed::Language, Deed::Theme].map(Some);
    model.stepping.playing &= plays_on.contains(&keymap::deed(key));
    match std::mem::take(&mut model.overlay) {
        Overlay::None => keymap::deed(key).map_or_else(Vec::new, |deed| perform(model, deed)),
        Overlay::Help(line) => window::press(model, key, line, Overlay::Help),
        Overlay::Card(line) => window::press(model, key, line, Overlay::Card),
        Overlay::Microscope(microscope) => microscope::press(model, key, microscope),
        Overlay::Samples(list) => samples::press(model, key, list),
        Overlay::Prompt(prompt) => prompt::press(model, key, prompt),
    }
}
