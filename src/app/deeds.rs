//! What a key of the walk does.

use super::edits::{
    ask_for, edit, next_mask, nudge, number, randomise_row, silence_head, silence_row, take_back, tidy, weights,
};
use super::keys::{self, Deed, walk};
use super::stepping::{self, StepSize};
use super::update::{most_telling, turn_back};
use super::windows::{PromptWindow, Purpose, Window};
use super::{Effect, Located, Model, Page};
use crate::explain::{self, opened};
use crate::ground::fault::Failure as _;
use crate::ground::lang::Text;
use crate::ground::number::short;
use crate::math::tensor::Cell;
use crate::program::{Address, HeadPlace, Trace};
use crate::session::Job;

/// Rows of half a page.
const HALF: isize = 8;

#[expect(clippy::too_many_lines, reason = "a table: one arm a key")]
pub(super) fn perform(model: &mut Model, deed: Deed) -> Vec<Effect> {
    // The cursor may stand outside a smaller tensor, to be found again in the next larger one; a move starts from where it is seen.
    let [_, _, rows, _] = model.shape().lens();
    let cols = model.columns(model.slot()).len();
    let nearest = Trace::nearest(&model.shape(), model.view.cursor);
    let seen = Cell { col: nearest.col.min(cols.saturating_sub(1)), ..nearest };
    model.view.steered |= matches!(
        deed,
        Deed::Up
            | Deed::Down
            | Deed::Left
            | Deed::Right
            | Deed::RowStart
            | Deed::RowEnd
            | Deed::HalfUp
            | Deed::HalfDown
    );
    match deed {
        Deed::Step => {
            stepping::forward(model);
        }
        Deed::Back => stepping::back(model),
        Deed::Play => return stepping::play(model),
        Deed::StepSize => stepping::change_step_size(model),
        Deed::Slower => return stepping::change_speed(model, -1),
        Deed::Faster => return stepping::change_speed(model, 1),
        Deed::NextStage => turn(model, model.position() + 1),
        Deed::PreviousStage => turn(model, model.position().saturating_sub(1)),
        Deed::NextLayer => model.turn_to_section(model.view.section + 1),
        Deed::PreviousLayer => model.turn_to_section(model.view.section.saturating_sub(1)),
        Deed::Unfold => {
            model.view.unfolded = !model.view.unfolded;
            let page = model.page_at(model.position().min(model.pages() - 1));
            if let Some(page) = page {
                model.turn_to(page);
            }
        }
        Deed::FirstStage => turn(model, 0),
        Deed::LastStage => turn(model, usize::MAX),
        Deed::Stage(n) => turn(model, usize::from(n)),
        Deed::Up => model.view.cursor.row = step(seen.row, -1, rows),
        Deed::Down => model.view.cursor.row = step(seen.row, 1, rows),
        Deed::HalfUp => model.view.cursor.row = step(seen.row, -HALF, rows),
        Deed::HalfDown => model.view.cursor.row = step(seen.row, HALF, rows),
        Deed::Left => model.view.cursor.col = step(seen.col, -1, cols),
        Deed::Right => model.view.cursor.col = step(seen.col, 1, cols),
        Deed::RowStart => model.view.cursor.col = 0,
        Deed::RowEnd => model.view.cursor.col = cols.saturating_sub(1),
        Deed::NextHead => show_head(model, around(model.view.cursor.head, 1, model.program().heads())),
        Deed::PreviousHead => show_head(model, around(model.view.cursor.head, -1, model.program().heads())),
        Deed::NextSentence => model.view.cursor.batch = around(model.view.cursor.batch, 1, model.program().batch()),
        Deed::PreviousSentence => {
            model.view.cursor.batch = around(model.view.cursor.batch, -1, model.program().batch());
        }
        Deed::NextTensor => focus(model, around(model.view.focus, 1, model.tensors(model.view.page).len())),
        Deed::Lens | Deed::Sentence if let Err(why) = model.material.original.takes_sentences() => {
            model.warn(why.words());
        }
        Deed::Lens => {
            let written = model.sentence();
            return ask_for(model, written, model.material.lens.next());
        }
        Deed::CopyText => return copy(model, model.address(), false),
        Deed::CopyLatex => return copy(model, model.address(), true),
        Deed::Compare => compare(model),
        Deed::Follow => model.toggle_follow(),
        Deed::Silence => {
            let place = HeadPlace { layer: model.layer(), head: model.view.cursor.head };
            return silence_head(model, place);
        }
        Deed::SilenceRow => return silence_row(model),
        Deed::TakeBack => return take_back(model),
        Deed::RandomRow => return randomise_row(model),
        Deed::More => {
            let by = nudge(model);
            return edit(model, |x| tidy(x + by));
        }
        Deed::Less => {
            let by = nudge(model);
            return edit(model, |x| tidy(x - by));
        }
        Deed::Zero => return edit(model, |_| 0.0),
        Deed::Undo | Deed::Redo => return turn_back(model, deed == Deed::Undo),
        Deed::Weights => {
            let random = model.material.scenario.seed.is_some();
            // Designed, random, learned: the three kinds of weights on one sentence, where there are all three.
            let original = &model.material.original;
            let beside = if random { original.learned_beside() } else { original.designed_beside() };
            if let Some(beside) = beside {
                return model.ask(Job::Load(beside.to_owned()));
            }
            return weights(model, (!random).then_some(model.settings.seed));
        }
        Deed::Mask => return next_mask(model),
        Deed::Close => {
            stepping::leave(model);
            model.read_now();
        }
        Deed::Quit => {
            let by_hand = !model.material.scenario.numbers.is_empty();
            let unsaved = by_hand && model.changes() != model.kept;
            if unsaved && !std::mem::replace(&mut model.leaving, true) {
                model.warn(Text::new(
                    "手工改的数还没有存：再按一次 q 退出，:save 文件名 存下来",
                    "numbers changed by hand are in no file: q again quits without them, :save FILE keeps them",
                ));
                return Vec::new();
            }
            return vec![Effect::Quit];
        }
        Deed::Edit => {
            let address = model.address();
            if let Some(now) = number(model, address) {
                let place = Located::new(model.program(), address);
                model.open_window(PromptWindow::new(Purpose::Number(place), short(f64::from(now))));
            }
        }
        Deed::Sentence => {
            model.open_window(PromptWindow::new(Purpose::Sentence(model.material.lens), model.sentence()));
        }
    }
    Vec::new()
}

/// Carries out what a name of the walk's own commands stands for; none where there is no such command.
pub(super) fn carry_out(model: &mut Model, name: &str) -> Option<Vec<Effect>> {
    if let Some(opener) = walk::openers().find(|opener| opener.command.name == name) {
        return Some((opener.open)(model));
    }
    keys::by_name(keys::WALK, name).map(|deed| perform(model, deed))
}

/// Opens the line for a command.
pub(super) fn command_line(model: &mut Model) -> Vec<Effect> {
    let of = model.windows.top().map(Window::context);
    model.open_window(PromptWindow::new(Purpose::Command(of), String::new()));
    Vec::new()
}

/// Shows another head; a cursor that nobody has moved goes where that head has something to see.
pub(super) fn show_head(model: &mut Model, head: usize) {
    model.view.cursor.head = head;
    // In slow motion it stands on the number in work.
    let still = model.view.steered || model.stepping.step_size != StepSize::Stage;
    if let (false, 0, Some(run)) = (still, model.view.focus, model.run()) {
        model.view.cursor = Cell {
            batch: model.view.cursor.batch,
            ..most_telling(&model.material.sample, run, HeadPlace { layer: model.layer(), head })
        };
    }
}

/// Moves the cursor to another of the page's tensors. It comes back to where it stood in the result.
pub(super) fn focus(model: &mut Model, to: usize) {
    if matches!(model.view.page, Page::Stage(_)) {
        if model.view.focus == 0 {
            model.view.anchor = model.view.cursor;
        }
        if to == 0 {
            model.view.cursor = model.view.cursor.moved(model.view.anchor.row, model.view.anchor.col);
        }
    }
    model.view.focus = to;
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
pub(super) fn around(index: usize, by: isize, len: usize) -> usize {
    (index as isize + by).rem_euclid(len.max(1) as isize) as usize
}

/// Shows the numbers of now, of before the changes, and the difference, in turn.
fn compare(model: &mut Model) {
    if model.material.scenario.is_plain() || model.baseline.is_none() {
        model.warn(Text::new("还没有改动，没有可比的", "nothing was changed: there is nothing to compare"));
        return;
    }
    stepping::leave(model);
    let wanted = model.view.reading.next();
    model.view.reading = wanted;
    model.read();
    if model.view.reading != wanted {
        let shapes = Text::new(
            "改动以后形状不同了，没法逐格比",
            "the changes gave tensors other shapes: they cannot be compared number by number",
        );
        model.warn(shapes);
    }
}

/// The line of a number, to be copied: as the screen says it, or as LaTeX.
pub(super) fn copy(model: &mut Model, address: Address, latex: bool) -> Vec<Effect> {
    let Some(trace) = model.trace() else { return Vec::new() };
    let line = if latex {
        opened::latex(model.program(), trace, address)
    } else {
        let pieces = explain::arithmetic(model.program(), trace, address, &model.names());
        pieces.into_iter().map(|piece| piece.text).collect()
    };
    model.ask(Job::Copy(line))
}
