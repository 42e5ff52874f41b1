//! What a model predicts: of a tensor with a column for every word that the model knows, the words with the largest numbers.
//!
//! ```text
//! asked: tired   what stands behind it
//!  1  .      0.82  ████████████████
//!  2  and    0.05  █
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::panel::Scene;
use super::signs;
use crate::app::{Model, Page};
use crate::explain::Names as _;
use crate::ground::lang::Text;
use crate::ground::text;
use crate::math::tensor::{Axis, Cell};
use crate::program::blocks::Predicts;
use crate::program::{Address, Role, Slot};
use crate::ui::theme::{Lit, Paint};
use crate::ui::widgets::put;

/// Columns of a word, and of its number.
const WORD: usize = 20;
const NUMBER: usize = 9;

/// The tensor of the page, where it has a column for every word of the vocabulary.
pub(super) fn predicted(model: &Model) -> Option<Slot> {
    if model.view.page == Page::Words {
        return None;
    }
    let slot = *model.tensors(model.view.page).first()?;
    let shape = model.program().shape(slot);
    // A small transformer answers for every word: that is a matrix like any other.
    (shape.cols.axis == Axis::Vocabulary && shape.rows.len == 1).then_some(slot)
}

/// The words with the largest numbers, as many as there are lines.
pub(super) fn draw(scene: Scene, slot: Slot, area: Rect, buffer: &mut Buffer) {
    let Scene { model, theme, shown, .. } = scene;
    let (names, tensor) = (model.names(), shown.tensor(slot));
    put(buffer, area, area.x, area.y, &signs(model, model.say(&asked(model))), theme.strong());
    let numbers: Vec<f32> = tensor.numbers().collect();
    let lines = usize::from(area.height.saturating_sub(2));
    let largest = largest(&numbers, lines);
    let most = largest.first().map_or(1.0, |&n| numbers[n].abs().max(1e-30));
    let share = model.label(slot).role == Role::Weight;
    let format = shown.format(slot);
    for (line, &col) in largest.iter().enumerate() {
        let y = area.y + 2 + line as u16;
        let x = numbers[col];
        let here = model.address() == Address { slot, cell: Cell::at(0, col) };
        let word = text::left(text::cut(&names.name(Axis::Vocabulary, 0, col), WORD), WORD + 1);
        let style = if here { theme.chosen() } else { theme.ground() };
        let at = put(buffer, area, area.x, y, &format!("{:>3}  {word}", line + 1), style);
        let (paint, of) = if share { (Paint::Share, x) } else { (Paint::Signed, x / most) };
        let lit = if here { Lit::Cursor } else { Lit::Even };
        let number = text::right(&format!("{} ", format.write(x)), NUMBER);
        let at = put(buffer, area, at, y, &number, theme.cell(paint, model.label(slot).role, of, lit));
        let room = f32::from(area.right().saturating_sub(at + 2));
        let bar = (room * (x / most).clamp(0.0, 1.0)).round() as usize;
        let sign = if theme.ascii { "#" } else { "█" };
        put(buffer, area, at + 1, y, &sign.repeat(bar), theme.role(model.label(slot).role));
    }
}

/// The places of the largest numbers, the largest first.
fn largest(numbers: &[f32], count: usize) -> Vec<usize> {
    let mut places: Vec<usize> = (0..numbers.len()).collect();
    let by = |a: &usize, b: &usize| numbers[*b].total_cmp(&numbers[*a]).then(a.cmp(b));
    if count < places.len() {
        places.select_nth_unstable_by(count, by);
        places.truncate(count);
    }
    places.sort_by(by);
    places
}

/// Which word is asked, and for what.
fn asked(model: &Model) -> Text {
    let Some(within) = &model.material.sample.model else { return Text::new("", "") };
    let word = within.pieces.get(within.sizes.asked).map_or("", |piece| piece.text.as_str());
    match within.sizes.predicts {
        Predicts::Hidden => Text::owned(
            format!("「{word}」这个位置上，最可能是哪些词元："),
            format!("in the place of {word}, the likeliest tokens are:"),
        ),
        _ => Text::owned(
            format!("「{word}」后面，最可能接哪些词元："),
            format!("behind {word}, the likeliest tokens are:"),
        ),
    }
}
