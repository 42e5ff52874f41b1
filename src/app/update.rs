//! The one place where messages arrive: `update(&mut Model, Message) -> Vec<Effect>`.

use std::sync::Arc;

use super::deeds::perform;
use super::edits::{paste_row, show_sentence};
use super::history::History;
use super::keymap::{self, ALWAYS_QUIT, Deed, Key};
use super::model::{Model, Notice, Overlay, Page, Status};
use super::moved::moved;
use super::reading::Reading;
use super::stepping::Grain;
use super::{
    Effect, Message, coarser, gallery, kernel, laboratory, microscope, prompt, queue, race, samples, stepping,
    switches, window,
};
use crate::ground::lang::Text;
use crate::math::tensor::Cell;
use crate::program::{Name, alarms};
use crate::session::{Choice, Run};
use crate::source::sample::Sample;

/// What one message does to the model, and what it wants done.
pub fn update(model: &mut Model, message: Message) -> Vec<Effect> {
    let effects = hear(model, message);
    if model.stepping.grain != Grain::Stage {
        model.read_now(); // slow motion builds up the numbers of now
    }
    stepping::settle(model);
    effects
}

fn hear(model: &mut Model, message: Message) -> Vec<Effect> {
    match message {
        Message::Key(key) => press(model, key),
        Message::Paste(text) => {
            if let Overlay::Prompt(prompt) = &mut model.overlay {
                prompt::paste(prompt, &text);
            } else if matches!(model.overlay, Overlay::None) {
                return paste_row(model, &text);
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
        Message::Loaded(Err(why)) | Message::Saved(Err(why)) => refuse(model, Text::same(why)),
        Message::Written { request, .. } if request != model.asked => Vec::new(),
        Message::Written { result: Ok(base), written, lens, .. } => {
            if matches!(&model.overlay, Overlay::Prompt(prompt) if prompt.waiting) {
                model.overlay = Overlay::None;
            }
            show_sentence(model, base, Some(written), lens)
        }
        Message::Written { result: Err(why), .. } => refuse(model, why),
        Message::Saved(Ok(file)) => {
            if matches!(&model.overlay, Overlay::Prompt(prompt) if prompt.waiting) {
                model.overlay = Overlay::None;
            }
            let text = Text::owned(format!("存好了：{file}"), format!("saved as {file}"));
            model.notice = Some(Notice { text, bad: false });
            Vec::new()
        }
        Message::Copied(file) => {
            let (zh, en) =
                file.map_or_else(Default::default, |f| (format!("，也写进了 {f}"), format!(", and written to {f}")));
            let text = Text::owned(format!("已复制{zh}"), format!("copied{en}"));
            model.notice = Some(Notice { text, bad: false });
            Vec::new()
        }
        Message::Drawing { request, outcome } => {
            laboratory::drawing(model, request, outcome);
            Vec::new()
        }
        Message::Drawn { request, result } => {
            laboratory::drawn(model, request, result);
            Vec::new()
        }
        Message::Race { request, news } => {
            race::hear(model, request, news);
            Vec::new()
        }
        Message::Seen { request, result } => kernel::hear(model, request, result),
        Message::Studied { request, scenario, result } => {
            if request == model.studies {
                match result {
                    Ok(study) => model.studied = Some((scenario, study)),
                    Err(why) => warn(model, Text::same(why)),
                }
            }
            Vec::new()
        }
        Message::Device(answer) => device(model, answer),
        Message::Watched { request, result } => {
            queue::hear(model, request, result);
            Vec::new()
        }
        Message::Tick(ticket) if matches!(model.overlay, Overlay::Queue(_)) => queue::tick(model, ticket),
        Message::Tick(ticket) => stepping::tick(model, ticket),
    }
}

/// The request for a new result of what is shown now.
pub(super) fn recompute(model: &mut Model) -> Vec<Effect> {
    // A switch may have taken the last stage away, or a tensor that the cursor was in.
    let last = model.pages() - 1;
    if let Some(page) = model.page_at(model.position().min(last)) {
        model.page = page;
    }
    model.focus = model.focus.min(model.tensors(model.page).len().saturating_sub(1));
    model.generation += 1;
    let (program, inputs) = (Arc::clone(&model.sample.program), Arc::clone(&model.sample.inputs));
    vec![Effect::Run { generation: model.generation, program, inputs }]
}

fn show(model: &mut Model, run: Arc<Run>) {
    if let (Some(why), Status::Open) = (&run.fallback, &model.status) {
        model.status = Status::None(why.to_string());
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
    model.notice = Some(Notice { text, bad: true });
}

/// What was sent from a line that is still open comes back to it; else it is a notice.
fn refuse(model: &mut Model, why: Text) -> Vec<Effect> {
    match &mut model.overlay {
        Overlay::Prompt(prompt) if prompt.waiting => (prompt.error, prompt.waiting) = (Some(why), false),
        _ => warn(model, why),
    }
    Vec::new()
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
    (model.studied, model.studies) = (None, model.studies + 1);
    model.baseline = None;
    model.stepping.reset();
    model.reading = Reading::Now;
    model.settle();
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
        Overlay::Switches(chosen) => switches::press(model, key, chosen),
        Overlay::Coarser(which) => coarser::press(model, key, which),
        Overlay::Race(track) => race::press(model, key, track),
        Overlay::Queue(queue) => queue::press(model, key, queue),
        Overlay::Kernel(lens) => kernel::press(model, key, lens),
        Overlay::Heads(gallery) => gallery::press(model, key, gallery),
        Overlay::Laboratory(laboratory) => laboratory::press(model, key, laboratory),
        Overlay::Prompt(prompt) => prompt::press(model, key, prompt),
    }
}
