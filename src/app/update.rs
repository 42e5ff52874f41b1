//! The one place where the model changes: `update(&mut Model, Message) -> Vec<Effect>`.

use std::sync::Arc;

use tui_input::InputRequest;

use super::command::{self, Command};
use super::history::History;
use super::keymap::{self, ALWAYS_QUIT, Deed, Key};
use super::model::{List, Look, Microscope, Model, Notice, Overlay, Page, Prompt, Purpose, Status, ranked};
use super::moved::moved;
use super::{Effect, Message};
use crate::engine::{Choice, Run};
use crate::lang::Text;
use crate::number::{Format, short};
use crate::program::{Address, Symbol, Trace, explain};
use crate::sample::{BUILTIN, Builtin, MaskChoice, Sample};
use crate::tensor::{Cell, Tensor};

/// A line longer than this is not typed by a person.
const LONGEST_LINE: usize = 4096;

/// Terms that a page of the microscope moves.
const TERMS_PAGE: isize = 10;

/// Lines that a page of help moves.
const HELP_PAGE: usize = 10;

/// What one message does to the model, and what it wants done.
pub fn update(model: &mut Model, message: Message) -> Vec<Effect> {
    match message {
        Message::Key(key) => press(model, key),
        Message::Paste(text) => {
            if let Overlay::Prompt(prompt) = &mut model.overlay {
                text.chars().filter(|c| !c.is_control()).for_each(|c| insert(prompt, c));
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
fn most_telling(run: &Run, head: usize) -> Cell {
    let Some(scores) = run.trace.find(&run.program, Symbol::SCORES) else { return Cell::default() };
    let first = |c: &Cell| c.batch == 0 && c.head == head;
    let best =
        scores.shape().cells().filter(first).max_by(|&a, &b| scores.get(a).total_cmp(&scores.get(b)).then(b.cmp(&a)));
    best.unwrap_or_default()
}

fn warn(model: &mut Model, text: Text) {
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
    match std::mem::take(&mut model.overlay) {
        Overlay::None => keymap::deed(key).map_or_else(Vec::new, |deed| perform(model, deed)),
        Overlay::Help(line) => press_in_text(model, key, line, Overlay::Help),
        Overlay::Card(line) => press_in_text(model, key, line, Overlay::Card),
        Overlay::Microscope(microscope) => press_in_microscope(model, key, microscope),
        Overlay::Samples(list) => press_in_samples(model, key, list),
        Overlay::Prompt(prompt) => press_in_prompt(model, key, prompt),
    }
}

/// A window of words scrolls with the keys that move; Esc, Enter, `q` and the key that opened it close it. The language
/// and the head may change under it.
fn press_in_text(model: &mut Model, key: Key, line: usize, window: fn(usize) -> Overlay) -> Vec<Effect> {
    model.overlay = match keymap::deed(key) {
        Some(Deed::Down) => window(line + 1),
        Some(Deed::Up) => window(line.saturating_sub(1)),
        Some(Deed::NextStage) => window(line + HELP_PAGE),
        Some(Deed::PreviousStage) => window(line.saturating_sub(HELP_PAGE)),
        Some(Deed::Close | Deed::Open | Deed::Help | Deed::Card | Deed::Quit) => Overlay::None,
        Some(deed @ (Deed::Language | Deed::Theme | Deed::NextHead | Deed::PreviousHead)) => {
            perform(model, deed);
            window(line)
        }
        _ => window(line),
    };
    Vec::new()
}

/// Up and Down choose a term, Left and Right one of its factors, Enter opens it, Esc goes back.
fn press_in_microscope(model: &mut Model, key: Key, mut microscope: Microscope) -> Vec<Effect> {
    let (Some(trace), Some(look)) = (model.trace(), microscope.path.last_mut()) else { return Vec::new() };
    let opened = explain::open(model.program(), trace, look.address);
    let order = ranked(&opened);
    let factors = |term: usize| order.get(term).and_then(|&t| opened.terms.get(t)).map_or(&[][..], |t| &t.factors);
    match keymap::deed(key) {
        Some(Deed::Down) => look.term = step(look.term, 1, order.len()),
        Some(Deed::Up) => look.term = step(look.term, -1, order.len()),
        Some(Deed::NextStage) => look.term = step(look.term, TERMS_PAGE, order.len()),
        Some(Deed::PreviousStage) => look.term = step(look.term, -TERMS_PAGE, order.len()),
        Some(Deed::Left) => look.factor = step(look.factor, -1, factors(look.term).len()),
        Some(Deed::Right) => look.factor = step(look.factor, 1, factors(look.term).len()),
        Some(Deed::Open) => {
            let chosen = factors(look.term).get(look.factor).or(factors(look.term).first());
            if let Some(address) = chosen.map(|f| f.address) {
                microscope.path.push(Look::at(address));
            }
        }
        Some(Deed::Close) => {
            microscope.path.pop();
        }
        Some(Deed::Quit) => return Vec::new(),
        Some(Deed::Help) => {
            model.overlay = Overlay::Help(0);
            return Vec::new();
        }
        Some(deed @ (Deed::Language | Deed::Theme)) => {
            perform(model, deed);
        }
        _ => {}
    }
    if !microscope.path.is_empty() {
        model.overlay = Overlay::Microscope(microscope);
    }
    Vec::new()
}

fn press_in_samples(model: &mut Model, key: Key, mut list: List) -> Vec<Effect> {
    let last = list.rows.len().saturating_sub(1);
    if key == Key::Enter {
        return list.rows.get(list.chosen).map(|row| Effect::Load(row.0.to_owned())).into_iter().collect();
    }
    match keymap::deed(key) {
        Some(Deed::Down) => list.chosen = (list.chosen + 1).min(last),
        Some(Deed::Up) => list.chosen = list.chosen.saturating_sub(1),
        Some(Deed::Stage(n)) => list.chosen = usize::from(n - 1).min(last),
        Some(Deed::Close | Deed::Samples | Deed::Quit) => return Vec::new(),
        Some(deed @ (Deed::Language | Deed::Theme)) => {
            perform(model, deed);
        }
        _ => {}
    }
    model.overlay = Overlay::Samples(list);
    Vec::new()
}

fn press_in_prompt(model: &mut Model, key: Key, mut prompt: Prompt) -> Vec<Effect> {
    let request = match key {
        Key::Esc => return Vec::new(),
        Key::Enter if prompt.input.value().trim().is_empty() => return Vec::new(),
        Key::Enter if prompt.purpose != Purpose::Command => return enter_number(model, prompt),
        Key::Enter => {
            return match command::parse(prompt.input.value()) {
                Ok(command) => carry_out(model, command, &prompt),
                Err(error) => {
                    // The line stays, to be mended.
                    model.overlay = Overlay::Prompt(Prompt { error: Some(error), ..prompt });
                    Vec::new()
                }
            };
        }
        Key::Char(c) => {
            insert(&mut prompt, c);
            None
        }
        Key::Backspace => Some(InputRequest::DeletePrevChar),
        Key::Delete => Some(InputRequest::DeleteNextChar),
        Key::Left => Some(InputRequest::GoToPrevChar),
        Key::Right => Some(InputRequest::GoToNextChar),
        Key::Home | Key::Ctrl('a') => Some(InputRequest::GoToStart),
        Key::End | Key::Ctrl('e') => Some(InputRequest::GoToEnd),
        Key::Ctrl('u') => Some(InputRequest::DeleteLine),
        Key::Ctrl('w') => Some(InputRequest::DeletePrevWord),
        _ => None,
    };
    if let Some(request) = request {
        prompt.input.handle(request);
    }
    prompt.error = None;
    model.overlay = Overlay::Prompt(prompt);
    Vec::new()
}

/// Puts the typed number where the prompt was opened; one that will not do stays, to be mended.
fn enter_number(model: &mut Model, prompt: Prompt) -> Vec<Effect> {
    let Purpose::Number(address) = prompt.purpose else { return Vec::new() };
    let value = prompt.input.value().trim().parse::<f32>();
    let changed = match value {
        Ok(value) => put(model, address, value),
        Err(_) => Err(Text::new("要写一个数，例如 0.5 或 -2", "write a number, such as 0.5 or -2")),
    };
    changed.unwrap_or_else(|error| {
        model.overlay = Overlay::Prompt(Prompt { error: Some(error), ..prompt });
        Vec::new()
    })
}

/// Changes one given number, to be undone.
fn put(model: &mut Model, address: Address, value: f32) -> Result<Vec<Effect>, Text> {
    let sample = model.sample.with_number(address, value).map_err(|error| error.0)?;
    model.remember();
    (model.sample, model.edits) = (Arc::new(sample), model.edits + 1);
    Ok(recompute(model))
}

/// Shows another head; a cursor that nobody has moved goes where that head has something to see.
fn show_head(model: &mut Model, head: usize) {
    model.cursor.head = head;
    if let (false, 0, Some(run)) = (model.steered, model.focus, &model.run) {
        model.cursor = Cell { batch: model.cursor.batch, ..most_telling(run, head) };
    }
}

/// The next mask that differs from this one.
fn next_mask(model: &mut Model) -> Vec<Effect> {
    let others = [model.mask.next(), model.mask.next().next()];
    let differs =
        |choice: &MaskChoice| model.original.with_mask(*choice).is_some_and(|s| mask_of(&s) != mask_of(&model.sample));
    let Some(choice) = others.into_iter().find(differs) else {
        warn(model, Text::new("这个样例没有别的遮挡方式", "there is no other mask for this sample"));
        return Vec::new();
    };
    model.remember();
    model.mask = choice;
    model.rebuild();
    recompute(model)
}

fn mask_of(sample: &Sample) -> Option<&Tensor<f32>> {
    sample.program.find(Symbol::MASK).and_then(|slot| sample.inputs.get(slot))
}

/// Changes the number under the cursor, if it is one that is given.
fn edit(model: &mut Model, change: impl Fn(f32) -> f32) -> Vec<Effect> {
    let address = model.address();
    let now = model.sample.inputs.get(address.slot).map_or(0.0, |tensor| tensor.get(address.cell));
    put(model, address, change(now)).unwrap_or_else(|error| {
        warn(model, error);
        Vec::new()
    })
}

/// How far one press of `+` moves: whole steps among whole numbers, tenths elsewhere.
fn nudge(model: &Model) -> f32 {
    let whole = model.formats.get(model.slot().0).is_some_and(|f| f.decimals == 0);
    if whole { 1.0 } else { 0.1 }
}

/// Tenths that add up without dust: 0.1 + 0.2 is 0.3.
fn tidy(x: f32) -> f32 {
    (x * 1000.0).round() / 1000.0
}

fn insert(prompt: &mut Prompt, c: char) {
    if prompt.input.value().len() < LONGEST_LINE {
        prompt.input.handle(InputRequest::InsertChar(c));
    }
}

/// Carries a typed command out; one that names nothing real keeps its line open.
fn carry_out(model: &mut Model, command: Command, prompt: &Prompt) -> Vec<Effect> {
    let refuse = |model: &mut Model, zh: String, en: String| {
        model.overlay = Overlay::Prompt(Prompt { error: Some(Text::owned(zh, en)), ..prompt.clone() });
        Vec::new()
    };
    match command {
        Command::Sample(what) => return vec![Effect::Load(what)],
        Command::Quit => return vec![Effect::Quit],
        Command::Lang(lang) => model.settings.lang = lang,
        Command::Own => {
            model.remember();
            model.settings.random = false;
            model.rebuild();
            return recompute(model);
        }
        Command::Seed(seed) => {
            model.remember();
            (model.settings.random, model.settings.seed) = (true, seed);
            model.rebuild();
            return recompute(model);
        }
        Command::Backend(choice) => {
            model.settings.backend = choice;
            model.status = if choice == Choice::Cpu { Status::NotWanted } else { Status::Opening };
            let mut effects = vec![Effect::Backend(choice)];
            effects.extend(recompute(model));
            return effects;
        }
        Command::Stage(name) => {
            let stages = model.program().stages();
            let by_name = || stages.iter().position(|s| s.symbol.0.eq_ignore_ascii_case(&name)).map(|i| i + 1);
            let position = name.parse::<usize>().ok().and_then(|n| n.checked_sub(1)).or_else(by_name);
            let Some(page) = position.and_then(|p| model.page_at(p)) else {
                let known: Vec<_> = stages.iter().map(|s| s.symbol.0).collect();
                let known = known.join(" ");
                return refuse(
                    model,
                    format!("没有「{name}」这一步；有：{known}"),
                    format!("no stage {name}; there are: {known}"),
                );
            };
            turn_to(model, page);
        }
        Command::Head(n) => {
            let heads = model.program().heads();
            if n == 0 || n > heads {
                return refuse(model, format!("头的编号是 1 到 {heads}"), format!("heads go from 1 to {heads}"));
            }
            model.cursor.head = n - 1;
        }
        Command::Sentence(n) => {
            let batch = model.program().batch();
            if n == 0 || n > batch {
                return refuse(model, format!("句子的编号是 1 到 {batch}"), format!("sentences go from 1 to {batch}"));
            }
            model.cursor.batch = n - 1;
        }
    }
    Vec::new()
}

fn turn_to(model: &mut Model, page: Page) {
    focus(model, 0);
    model.page = page;
}

/// Moves the cursor to another of the page's tensors. It comes back to where it stood in the result.
fn focus(model: &mut Model, to: usize) {
    if model.page != Page::Words {
        if model.focus == 0 {
            model.anchor = model.cursor;
        }
        if to == 0 {
            model.cursor = model.cursor.moved(model.anchor.row, model.anchor.col);
        }
    }
    model.focus = to;
}

fn turn(model: &mut Model, position: usize) {
    if let Some(page) = model.page_at(position.min(model.pages() - 1)) {
        turn_to(model, page);
    }
}

/// Moves a position by one, staying inside.
fn step(index: usize, by: isize, len: usize) -> usize {
    index.saturating_add_signed(by).min(len.saturating_sub(1))
}

/// Moves a position by one, from the last to the first.
fn around(index: usize, by: isize, len: usize) -> usize {
    (index as isize + by).rem_euclid(len.max(1) as isize) as usize
}

fn perform(model: &mut Model, deed: Deed) -> Vec<Effect> {
    // The cursor may stand outside a smaller tensor, to be found again in the next larger one; a move starts from where it is seen.
    let [_, _, rows, _] = model.shape().lens();
    let cols = model.columns(model.slot()).len();
    let nearest = Trace::nearest(&model.shape(), model.cursor);
    let seen = Cell { col: nearest.col.min(cols.saturating_sub(1)), ..nearest };
    model.steered |= matches!(deed, Deed::Up | Deed::Down | Deed::Left | Deed::Right | Deed::RowStart | Deed::RowEnd);
    match deed {
        Deed::NextStage => turn(model, model.position() + 1),
        Deed::PreviousStage => turn(model, model.position().saturating_sub(1)),
        Deed::FirstStage => turn(model, 0),
        Deed::LastStage => turn(model, usize::MAX),
        Deed::Stage(n) => turn(model, usize::from(n) - 1),
        Deed::Up => model.cursor.row = step(seen.row, -1, rows),
        Deed::Down => model.cursor.row = step(seen.row, 1, rows),
        Deed::Left => model.cursor.col = step(seen.col, -1, cols),
        Deed::Right => model.cursor.col = step(seen.col, 1, cols),
        Deed::RowStart => model.cursor.col = 0,
        Deed::RowEnd => model.cursor.col = cols.saturating_sub(1),
        Deed::NextHead => show_head(model, around(model.cursor.head, 1, model.program().heads())),
        Deed::PreviousHead => show_head(model, around(model.cursor.head, -1, model.program().heads())),
        Deed::NextSentence => model.cursor.batch = around(model.cursor.batch, 1, model.program().batch()),
        Deed::PreviousSentence => model.cursor.batch = around(model.cursor.batch, -1, model.program().batch()),
        Deed::NextTensor => focus(model, around(model.focus, 1, model.tensors(model.page).len())),
        Deed::Edit => {
            let address = model.address();
            match model.sample.inputs.get(address.slot) {
                Some(tensor) => {
                    let input = tui_input::Input::new(short(f64::from(tensor.get(address.cell))));
                    model.overlay = Overlay::Prompt(Prompt { purpose: Purpose::Number(address), input, error: None });
                }
                None => return edit(model, |x| x),
            }
        }
        Deed::More => {
            let by = nudge(model);
            return edit(model, |x| tidy(x + by));
        }
        Deed::Less => {
            let by = nudge(model);
            return edit(model, |x| tidy(x - by));
        }
        Deed::Zero => return edit(model, |_| 0.0),
        Deed::Undo | Deed::Redo => {
            let changed = if deed == Deed::Undo { model.undo() } else { model.redo() };
            if changed {
                return recompute(model);
            }
        }
        Deed::Weights => {
            model.remember();
            model.settings.random = !model.settings.random;
            model.rebuild();
            return recompute(model);
        }
        Deed::Mask => return next_mask(model),
        Deed::Samples => {
            let titled = |b: &Builtin| (b.name, b.title());
            let chosen = BUILTIN.iter().position(|b| b.name == model.original.name).unwrap_or(0);
            model.overlay = Overlay::Samples(List { rows: BUILTIN.iter().map(titled).collect(), chosen });
        }
        Deed::Command => model.overlay = Overlay::Prompt(Prompt::default()),
        Deed::Language => model.settings.lang = model.settings.lang.next(),
        Deed::Theme => model.settings.light = !model.settings.light,
        Deed::Open => model.overlay = Overlay::Microscope(Microscope { path: vec![Look::at(model.address())] }),
        Deed::Card => model.overlay = Overlay::Card(0),
        Deed::Help => model.overlay = Overlay::Help(0),
        Deed::Close => {}
        Deed::Quit => return vec![Effect::Quit],
    }
    Vec::new()
}
