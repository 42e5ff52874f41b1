//! What a key of the walk does.

use super::edits::{edit, next_mask, nudge, tidy};
use super::keymap::Deed;
use super::microscope::{Look, Microscope};
use super::prompt::{Prompt, Purpose};
use super::samples::List;
use super::stepping::{self, Grain};
use super::update::{most_telling, recompute};
use super::{Effect, Model, Overlay, Page};
use crate::number::short;
use crate::program::Trace;
use crate::sample::{BUILTIN, Builtin};
use crate::tensor::Cell;

pub(super) fn perform(model: &mut Model, deed: Deed) -> Vec<Effect> {
    // The cursor may stand outside a smaller tensor, to be found again in the next larger one; a move starts from where it is seen.
    let [_, _, rows, _] = model.shape().lens();
    let cols = model.columns(model.slot()).len();
    let nearest = Trace::nearest(&model.shape(), model.cursor);
    let seen = Cell { col: nearest.col.min(cols.saturating_sub(1)), ..nearest };
    model.steered |= matches!(deed, Deed::Up | Deed::Down | Deed::Left | Deed::Right | Deed::RowStart | Deed::RowEnd);
    match deed {
        Deed::Step => {
            stepping::forward(model);
        }
        Deed::Back => stepping::back(model),
        Deed::Play => return stepping::play(model),
        Deed::Grain => stepping::change_grain(model),
        Deed::Slower => return stepping::change_speed(model, -1),
        Deed::Faster => return stepping::change_speed(model, 1),
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
        Deed::Close => stepping::leave(model),
        Deed::Quit => return vec![Effect::Quit],
    }
    Vec::new()
}

/// Shows another head; a cursor that nobody has moved goes where that head has something to see.
fn show_head(model: &mut Model, head: usize) {
    model.cursor.head = head;
    // In slow motion it stands on the number in work.
    let still = model.steered || model.stepping.grain != Grain::Stage;
    if let (false, 0, Some(run)) = (still, model.focus, &model.run) {
        model.cursor = Cell { batch: model.cursor.batch, ..most_telling(run, head) };
    }
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
        model.turn_to(page);
    }
}

/// Moves a position by one, staying inside.
pub(super) fn step(index: usize, by: isize, len: usize) -> usize {
    index.saturating_add_signed(by).min(len.saturating_sub(1))
}

/// Moves a position by one, from the last to the first.
fn around(index: usize, by: isize, len: usize) -> usize {
    (index as isize + by).rem_euclid(len.max(1) as isize) as usize
}
