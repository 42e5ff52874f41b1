//! Where the numbers of a tensor lie on a device: padded, turned, side by side with others, or as the texels of a texture.

use crate::math::tensor::{Cell, Shape, Tensor};
use crate::program::Slot;

/// Where the numbers of a matrix lie in a storage: `start + z · step + row · down + col · across`. With [`Panels`], a matrix's
/// columns and its step from plane to plane are counted along the panels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Layout {
    /// Where the first matrix begins.
    pub start: usize,
    /// Rows of a matrix.
    pub rows: usize,
    /// Columns of a matrix.
    pub cols: usize,
    /// From a row to the next.
    pub down: usize,
    /// From a column to the next.
    pub across: usize,
    /// From a sentence to the next, and from a head to the next.
    pub steps: [usize; 2],
    /// Where not all sentences fit below one another, as in a texture: how many do, and how far to the next ones beside them.
    pub fold: Option<Fold>,
    /// Where the columns lie in panels, one behind another.
    pub panels: Option<Panels>,
    /// Whether the kernel sees the tensor turned: its rows are the tensor's columns.
    pub turned: bool,
}

/// Sentences in columns of sentences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fold {
    /// Sentences below one another.
    pub sentences: usize,
    /// From one such column to the next.
    pub beside: usize,
}

/// Columns in panels: all rows of some columns, then all rows of the next ones. What a kernel reads next lies close by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Panels {
    /// Columns of a panel.
    pub cols: usize,
    /// From a panel to the next.
    pub beside: usize,
    /// The column, counted over all panels, at which a matrix begins.
    pub first: usize,
}

impl Layout {
    /// Matrices of a tensor, row by row, one after another; what sentences or heads share is there once.
    pub fn plain(shape: Shape) -> Self {
        let [_, heads, rows, cols] = shape.lens();
        let matrix = rows * cols;
        let sentence = if shape.batch.is_some() { heads * matrix } else { 0 };
        let head = if shape.heads.is_some() { matrix } else { 0 };
        Self { rows, cols, steps: [sentence, head], ..Self::rows(rows, cols, cols) }
    }

    /// One matrix, from a row to the next so many numbers.
    pub const fn rows(rows: usize, cols: usize, down: usize) -> Self {
        Self { start: 0, rows, cols, down, across: 1, steps: [0, 0], fold: None, panels: None, turned: false }
    }

    /// The same numbers with rows and columns exchanged.
    #[must_use]
    pub const fn transposed(self) -> Self {
        let Self { rows, cols, down, across, turned, .. } = self;
        Self { rows: cols, cols: rows, down: across, across: down, turned: !turned, ..self }
    }

    /// How many of a launch's planes hold numbers of their own; the others share them.
    pub(crate) const fn planes(&self, (sentences, heads): (usize, usize)) -> usize {
        (if self.steps[0] > 0 { sentences } else { 1 }) * (if self.steps[1] > 0 { heads } else { 1 })
    }

    /// The place of a number.
    pub const fn at(&self, (sentence, head): (usize, usize), row: usize, col: usize) -> usize {
        if let Some(Panels { cols, beside, first }) = self.panels {
            let col = first + sentence * self.steps[0] + head * self.steps[1] + col;
            return self.start + row * self.down + col / cols * beside + col % cols;
        }
        let plane = match self.fold {
            None => sentence * self.steps[0],
            Some(Fold { sentences, beside }) => sentence % sentences * self.steps[0] + sentence / sentences * beside,
        };
        self.start + plane + head * self.steps[1] + row * self.down + col * self.across
    }

    /// The row and column of a place, where it belongs to this matrix.
    pub fn find(&self, (sentence, head): (usize, usize), place: usize) -> Option<(usize, usize)> {
        let (row, col) = if let Some(Panels { cols, beside, first }) = self.panels {
            let inside = place.checked_sub(self.start)?;
            let (panel, inside) = (inside / beside.max(1), inside % beside.max(1));
            let col = panel * cols + inside % self.down.max(1);
            let begin = first + sentence * self.steps[0] + head * self.steps[1];
            (inside / self.down.max(1), col.checked_sub(begin)?)
        } else {
            let inside = place.checked_sub(self.at((sentence, head), 0, 0))?;
            let (far, near) = (self.down.max(self.across).max(1), self.down.min(self.across).max(1));
            let (long, short) = (inside / far, inside % far / near);
            if self.down >= self.across { (long, short) } else { (short, long) }
        };
        (row < self.rows && col < self.cols && self.at((sentence, head), row, col) == place).then_some((row, col))
    }
}

/// A rectangle of a tensor's matrices, and where it lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Part {
    /// The tensor.
    pub slot: Slot,
    /// Sentences and heads that lie there; where the tensor has fewer, each is there as often.
    pub planes: (usize, usize),
    /// The first row and column of the rectangle, as the layout sees the tensor: turned, where it is.
    pub from: (usize, usize),
    /// Where it lies; as many rows and columns as the rectangle has.
    pub layout: Layout,
}

impl Part {
    /// A whole tensor, row by row.
    pub fn plain(slot: Slot, shape: Shape) -> Self {
        let [sentences, heads, ..] = shape.lens();
        Self { slot, planes: (sentences, heads), from: (0, 0), layout: Layout::plain(shape) }
    }

    /// A whole tensor where a layout says.
    pub const fn whole(slot: Slot, planes: (usize, usize), layout: Layout) -> Self {
        Self { slot, planes, from: (0, 0), layout }
    }

    /// Its rows, each with the place in a storage of its first number and how many follow one another from there: `(place, cell,
    /// count)`. A row that goes through several panels is as many lines.
    fn lines(self) -> impl Iterator<Item = (usize, Cell, usize)> {
        let ((sentences, heads), (row, col)) = (self.planes, self.from);
        let Layout { rows, cols, steps, panels, .. } = self.layout;
        let planes = (0..sentences).flat_map(move |batch| (0..heads).map(move |head| (batch, head)));
        planes.flat_map(move |(batch, head)| (0..rows).map(move |r| (batch, head, r))).flat_map(
            move |(batch, head, r)| {
                let mut next = 0;
                std::iter::from_fn(move || {
                    let (first, left) = (next, cols.checked_sub(next).filter(|&left| left > 0)?);
                    let count = panels.map_or(left, |panels| {
                        let begin = panels.first + batch * steps[0] + head * steps[1] + first;
                        left.min(panels.cols - begin % panels.cols)
                    });
                    next += count;
                    let cell = Cell { batch, head, row: row + r, col: col + first };
                    Some((self.layout.at((batch, head), r, first), cell, count))
                })
            },
        )
    }

    /// Pairs of places: in a tensor's own numbers, row by row, and in the storage, the latter within a window. The numbers of a
    /// line that lie side by side on both ends come together: `(own, stored, count)`.
    fn pieces(self, shape: Shape, window: std::ops::Range<usize>, mut each: impl FnMut(usize, usize, usize)) {
        let own = |cell: Cell| shape.offset(shape.clamp(cell));
        let Layout { across, turned, .. } = self.layout;
        for (place, cell, cols) in self.lines() {
            if across == 1 && !turned {
                let (from, to) = (place.max(window.start), (place + cols).min(window.end));
                if from < to {
                    each(own(cell) + from - place, from, to - from);
                }
                continue;
            }
            for c in 0..cols {
                let place = place + c * across;
                if window.contains(&place) {
                    let (row, col) = (cell.row, cell.col + c);
                    each(own(if turned { cell.moved(col, row) } else { cell.moved(row, col) }), place, 1);
                }
            }
        }
    }

    /// Puts a tensor's numbers into a window of a storage, what is hidden written as `hidden`.
    pub(crate) fn pack(self, tensor: &Tensor<f32>, hidden: f32, first: usize, window: &mut [f32]) {
        let from = tensor.as_slice();
        self.pieces(*tensor.shape(), first..first + window.len(), |own, stored, count| {
            let to = &mut window[stored - first..stored - first + count];
            for (to, &x) in to.iter_mut().zip(&from[own..own + count]) {
                *to = if x == f32::NEG_INFINITY { hidden } else { x };
            }
        });
    }

    /// Takes a tensor's numbers, row by row, out of a window of a storage.
    pub(crate) fn unpack(self, shape: Shape, (first, window): (usize, &[f32]), numbers: &mut [f32]) {
        self.pieces(shape, first..first + window.len(), |own, stored, count| {
            numbers[own..own + count].copy_from_slice(&window[stored - first..stored - first + count]);
        });
    }
}

/// A storage buffer or a texture: how large it is, and what lies where in it. It holds no numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Storage {
    /// The symbol of what it holds.
    pub symbol: &'static str,
    /// Where the numbers of the matrix lie that its kernel sees in it.
    pub layout: Layout,
    /// The tensors in it.
    pub holds: Vec<Part>,
    /// Numbers in all, padding and all.
    pub numbers: usize,
    /// Texels of four numbers in a row, where it is a texture.
    pub texels: Option<usize>,
    /// The column of its matrix that holds a 1 in every row from the beginning: what a bias below W is multiplied by.
    pub ones: Option<usize>,
}

impl Storage {
    /// A tensor row by row.
    pub fn plain(symbol: &'static str, slot: Slot, shape: Shape) -> Self {
        let part = Part::plain(slot, shape);
        Self { symbol, layout: part.layout, holds: vec![part], numbers: shape.count(), texels: None, ones: None }
    }

    /// Rows of texels, where it is a texture.
    pub fn height(&self) -> usize {
        self.texels.map_or(0, |texels| self.numbers.div_ceil(4 * texels.max(1)))
    }

    /// The texel in its row, and the row, of a number where it is a texture.
    pub(super) fn texel(&self, place: usize) -> [usize; 2] {
        let down = 4 * self.texels.unwrap_or(1).max(1);
        [place % down / 4, place / down]
    }

    /// Whether its numbers are those of one tensor, row by row.
    pub fn is_plain(&self, shape: Shape) -> bool {
        let own = |part: &Part| part.from == (0, 0) && part.layout == Layout::plain(shape);
        self.texels.is_none() && self.numbers == shape.count() && matches!(self.holds.as_slice(), [part] if own(part))
    }

    /// The numbers that it starts with.
    pub fn filled<'t>(&self, hidden: f32, tensor: impl Fn(Slot) -> &'t Tensor<f32>) -> Vec<f32> {
        let mut numbers = vec![0.0; self.numbers];
        for part in &self.holds {
            part.pack(tensor(part.slot), hidden, 0, &mut numbers);
        }
        self.put_ones(0, &mut numbers);
        numbers
    }

    /// Writes the column of ones into a window of its numbers, where it has one.
    pub(crate) fn put_ones(&self, first: usize, window: &mut [f32]) {
        let Some(col) = self.ones else { return };
        for place in (0..self.layout.rows).map(|row| row * self.layout.down + col) {
            if let Some(number) = place.checked_sub(first).and_then(|place| window.get_mut(place)) {
                *number = 1.0;
            }
        }
    }
}

/// Texels in a row of a texture that holds so many numbers in a row: whole 256 bytes, as copies want them, and no multiple of
/// 1024 bytes, since rows that far apart would push one another out of a processor's cache.
pub const fn texels(numbers: usize) -> usize {
    let whole = numbers.div_ceil(4).next_multiple_of(16);
    if whole.is_multiple_of(64) { whole + 16 } else { whole }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::tensor::Axis;

    #[test]
    fn a_place_is_found_again() {
        let plain = Layout { start: 5, steps: [100, 4], ..Layout::rows(3, 4, 10) };
        let turned = Layout { steps: [0, 40], ..Layout::rows(3, 4, 10) }.transposed();
        let folded = Layout { fold: Some(Fold { sentences: 1, beside: 50 }), ..plain };
        let panels = Some(Panels { cols: 3, beside: 40, first: 2 });
        let panelled = Layout { start: 6, steps: [8, 4], panels, ..Layout::rows(3, 4, 3) };
        for layout in [plain, turned, folded, panelled] {
            for (row, col) in (0..layout.rows).flat_map(|row| (0..layout.cols).map(move |col| (row, col))) {
                assert_eq!(layout.find((1, 1), layout.at((1, 1), row, col)), Some((row, col)));
            }
        }
        assert_eq!((plain.find((0, 0), 4), plain.find((0, 0), 9)), (None, None));
        assert_eq!((folded.at((1, 0), 0, 0), plain.at((1, 0), 0, 0)), (55, 105));
    }

    #[test]
    fn what_is_packed_in_pieces_comes_out_again() {
        let shape = Shape::matrix(Axis::Token.of(3), Axis::Feature.of(5)).with_heads(2).with_batch(Some(2));
        let tensor = Tensor::from_fn(shape, |c| (c.batch * 1000 + c.head * 100 + c.row * 10 + c.col) as f32);
        let wide = Layout { steps: [3 * 16, 8], ..Layout::rows(3, 5, 16) };
        let panels = Some(Panels { cols: 4, beside: 12, first: 1 });
        let panelled = Layout { steps: [10, 5], panels, ..Layout::rows(3, 5, 4) };
        for layout in [wide, Layout { steps: [0; 2], ..wide.transposed() }, panelled] {
            let planes = if layout.turned { (1, 1) } else { (2, 2) };
            let part = Part::whole(Slot(0), planes, layout);
            let mut stored = vec![0.0; 6 * 16];
            for (n, piece) in stored.chunks_mut(7).enumerate() {
                part.pack(&tensor, -1.0, 7 * n, piece);
            }
            let mut back = vec![0.0; shape.count()];
            for (n, piece) in stored.chunks(11).enumerate() {
                part.unpack(shape, (11 * n, piece), &mut back);
            }
            let held = if layout.turned { 15 } else { back.len() };
            assert_eq!(back[..held], tensor.as_slice()[..held]);
        }
    }
}
