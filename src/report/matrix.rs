//! One matrix as text: its heading, then its numbers under the names of its rows and columns.

use std::borrow::Cow;

use super::Subject;
use super::grid::{Align, Grid};
use super::selection::layer_of;
use crate::ground::lang::Text;
use crate::ground::number::Format;
use crate::math::tensor::{Axis, Cell, Dim, MASKED, Shape};
use crate::program::{Name, Program, Slot, labels};

/// What stands in the place of a masked score.
const HIDDEN: &str = "--";

/// How much of a matrix to show. The rest is counted, never dropped in silence.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) rows: usize,
    pub(super) columns: usize,
}

impl Limits {
    /// Everything.
    pub(super) const NONE: Self = Self { rows: usize::MAX, columns: usize::MAX };

    /// What a table shows of a tensor: a sample whole; of a model every word, and of what is longer than a screen is wide the
    /// beginning.
    pub(super) fn of(program: &Program, shape: &Shape) -> Self {
        const LONG: usize = 64;
        const BEGINNING: usize = 16;
        let most = |dim: Dim| match dim.axis {
            Axis::Token | Axis::Memory => usize::MAX,
            _ if dim.len > LONG => BEGINNING,
            _ => usize::MAX,
        };
        match program.layers() {
            0 => Self::NONE,
            _ => Self { rows: most(shape.rows), columns: most(shape.cols) },
        }
    }
}

/// `scores = Q · Kᵀ`, or the symbol alone where nothing computed it.
pub(super) fn formula(program: &Program, slot: Slot) -> Cow<'static, str> {
    let formula = labels::of(program, slot).formula;
    if formula.is_empty() { program.symbol(slot).name.as_str().into() } else { formula }
}

/// The numbers of one sentence and head, each number under its column's name and beside its row's.
pub(super) fn grid(subject: &Subject, slot: Slot, place: Cell, limits: Limits) -> Grid {
    let tensor = subject.run.trace.tensor(slot);
    let Shape { rows, cols, .. } = *tensor.shape();
    let format = Format::of(tensor.as_slice());
    let write = |x: f32| if x == MASKED { HIDDEN.to_owned() } else { format.write(x) };

    let mut grid = Grid::new([Align::Left, Align::Right]);
    let headings = subject.names(cols, place.head).into_iter().take(limits.columns);
    grid.row(std::iter::once(String::new()).chain(headings));
    for (row, name) in subject.names(rows, place.head).into_iter().enumerate().take(limits.rows) {
        let numbers = (0..cols.len.min(limits.columns)).map(|col| write(tensor.get(place.moved(row, col))));
        grid.row(std::iter::once(name).chain(numbers));
    }
    grid
}

/// Words about what [`Limits`] left out, if anything.
pub(super) fn left_out(subject: &Subject, shape: &Shape, limits: Limits) -> Option<String> {
    let rows = shape.rows.len.saturating_sub(limits.rows);
    let columns = shape.cols.len.saturating_sub(limits.columns);
    let words = match (rows, columns) {
        (0, 0) => return None,
        (0, n) => Text::owned(format!("（还有 {n} 列）"), format!("({n} more columns)")),
        (n, 0) => Text::owned(format!("（还有 {n} 行）"), format!("({n} more rows)")),
        (m, n) => Text::owned(format!("（还有 {m} 行、{n} 列）"), format!("({m} more rows, {n} more columns)")),
    };
    Some(subject.reader.text(&words))
}

/// `head 2/4: action → object`, as far as the head has a name.
pub(super) fn head(subject: &Subject, head: usize, heads: usize) -> String {
    let name = subject.card(head).and_then(|card| card.name.as_ref());
    let (zh, en) = (format!("头 {}/{heads}", head + 1), format!("head {}/{heads}", head + 1));
    let words = match name {
        Some(name) => Text::owned(format!("{zh}：{}", name.zh), format!("{en}: {}", name.en)),
        None => Text::owned(zh, en),
    };
    subject.reader.text(&words)
}

/// `layer 3/6`, or that it is what the first layer receives; nothing where there are no layers.
pub(super) fn layer(subject: &Subject, slot: Slot) -> Option<String> {
    let program = &subject.run.program;
    let (n, all) = (layer_of(program, slot)?, program.layers());
    let words = match n {
        0 => Text::new("第 0 层：第一层收到的", "layer 0: what the first one receives"),
        n => Text::owned(format!("第 {n}/{all} 层"), format!("layer {n}/{all}")),
    };
    Some(subject.reader.text(&words))
}

/// `sentence 1/64`.
pub(super) fn sentence(subject: &Subject, sentence: usize, sentences: usize) -> String {
    let n = sentence + 1;
    subject.reader.text(&Text::owned(format!("第 {n}/{sentences} 句"), format!("sentence {n}/{sentences}")))
}

/// The mask of a program that hides nothing says nothing.
pub(super) fn is_idle_mask(subject: &Subject, slot: Slot) -> bool {
    subject.run.program.symbol(slot).name == Name::Mask && subject.run.trace.tensor(slot).numbers().all(|x| x != 0.0)
}
