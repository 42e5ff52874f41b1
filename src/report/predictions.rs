//! What a model holds likely: of a row over the whole vocabulary the largest numbers, each with its piece.

use std::io::{self, Write};

use super::Subject;
use super::grid::{Align, Grid};
use crate::ground::lang::Text;
use crate::ground::number::Format;
use crate::ground::text::seen;
use crate::math::tensor::{Axis, Shape};
use crate::program::Slot;
use crate::source::model::Family;

/// How many are shown unless somebody asks for more.
pub const TOP: usize = 10;

/// Whether a tensor is one number for every word of the vocabulary.
pub(super) fn is_row(shape: &Shape) -> bool {
    shape.cols.axis == Axis::Vocabulary && shape.rows.len == 1
}

/// Writes the `top` largest numbers of a row, the largest first; of equal ones the piece that the vocabulary has first.
pub(super) fn write(subject: &Subject, slot: Slot, top: usize, out: &mut dyn Write) -> io::Result<()> {
    let Subject { sample, run, reader } = *subject;
    let numbers = run.trace.tensor(slot).as_slice();
    let mut order: Vec<usize> = (0..numbers.len()).collect();
    order.sort_by(|&a, &b| numbers[b].total_cmp(&numbers[a]).then(a.cmp(&b)));
    order.truncate(top);
    if let Some(within) = &sample.model {
        let at = within.sizes.asked;
        let piece = sample.tokens.get(at).map_or("", |piece| piece);
        let (n, piece, all) = (at + 1, seen(piece), numbers.len());
        let words = match within.model.checkpoint.config.family {
            Family::Bert => Text::owned(
                format!("第 {n} 个词元 {piece} 的位置上，{all} 个里最大的 {top} 个"),
                format!("at piece {n}, {piece}: the {top} largest of {all}"),
            ),
            Family::Gpt2 | Family::Llama => Text::owned(
                format!("第 {n} 个词元 {piece} 之后，{all} 个里最大的 {top} 个"),
                format!("after piece {n}, {piece}: the {top} largest of {all}"),
            ),
        };
        writeln!(out, "{}", reader.text(&words))?;
    }
    let shown: Vec<f32> = order.iter().map(|&id| numbers[id]).collect();
    let format = Format::of(&shown);
    let mut grid = Grid::new([Align::Right, Align::Left, Align::Right]);
    for (place, &id) in order.iter().enumerate() {
        let piece = match &sample.model {
            Some(within) => seen(&within.model.checkpoint.tokenizer.decode(id as u32)),
            None => (id + 1).to_string(),
        };
        grid.row([(place + 1).to_string(), piece, format.write(numbers[id])]);
    }
    grid.write(out, 0)
}
