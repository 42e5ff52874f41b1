//! Numbers with named axes: [`Axis`], [`Shape`], [`Cell`], [`Tensor`].
//!
//! Every tensor of attention is a stack of matrices. We keep one order of axes everywhere,
//! `[batch, head, row, column]`, and let the first two be absent: a weight matrix has neither, `Q` has
//! heads, and `Q` of 64 sentences has both. An absent axis is stored with length 1, so that ops
//! and kernels need only one case.

use std::fmt;

use ndarray::{Array4, ArrayView2};
use serde::Serialize;

/// What an axis counts. Two axes of equal length and different meaning do not match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Axis {
    /// Sentences computed side by side.
    Batch,
    /// Attention heads.
    Head,
    /// Words that ask: the rows of H and of Q.
    Token,
    /// Words that answer in cross-attention: the rows of M, K and V.
    Memory,
    /// The named dimensions of a word vector, `d_model`.
    Model,
    /// The dimensions in which queries meet keys, `d_k`.
    Feature,
    /// The dimensions a head passes on, `d_v`.
    Value,
    /// All heads' features side by side: columns of `W_q` and `W_k`.
    #[serde(rename = "head_feature")]
    HeadFeature,
    /// All heads' values side by side: columns of `W_v`, of concat, and rows of `W_o`.
    #[serde(rename = "head_value")]
    HeadValue,
    /// The columns of `W_o`.
    Output,
    /// The columns between the two products of a feed-forward network, `d_ff`.
    Inner,
    /// The words a model knows.
    Vocabulary,
    /// A cosine and a sine for each feature of a head.
    Rotation,
    /// The one row of a tensor that is a vector: a bias, a gain.
    Vector,
}

impl fmt::Display for Axis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Batch => "Batch",
            Self::Head => "Head",
            Self::Token => "Token",
            Self::Memory => "Memory",
            Self::Model => "Model",
            Self::Feature => "Feature",
            Self::Value => "Value",
            Self::HeadFeature => "Head·Feature",
            Self::HeadValue => "Head·Value",
            Self::Output => "Output",
            Self::Inner => "Inner",
            Self::Vocabulary => "Vocabulary",
            Self::Rotation => "Rotation",
            Self::Vector => "Vector",
        })
    }
}

/// An axis and its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Dim {
    /// What is counted.
    pub axis: Axis,
    /// How many there are.
    pub len: usize,
}

impl Axis {
    /// This axis with a length.
    pub const fn of(self, len: usize) -> Dim {
        Dim { axis: self, len }
    }
}

/// The shape of a tensor: an optional batch, optional heads, rows and columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Shape {
    /// Sentences, where there are several.
    pub batch: Option<usize>,
    /// Heads, where the tensor has a head axis (also with one head).
    pub heads: Option<usize>,
    /// Rows.
    pub rows: Dim,
    /// Columns.
    pub cols: Dim,
}

impl Shape {
    /// A plain matrix.
    pub const fn matrix(rows: Dim, cols: Dim) -> Self {
        Self { batch: None, heads: None, rows, cols }
    }

    /// The same with a head axis in front.
    #[must_use]
    pub const fn with_heads(self, heads: usize) -> Self {
        Self { heads: Some(heads), ..self }
    }

    /// The same with a batch axis in front.
    #[must_use]
    pub(crate) const fn with_batch(self, batch: Option<usize>) -> Self {
        Self { batch, ..self }
    }

    /// Lengths in storage order `[batch, head, row, column]`, absent axes as 1.
    pub fn lens(&self) -> [usize; 4] {
        [self.batch.unwrap_or(1), self.heads.unwrap_or(1), self.rows.len, self.cols.len]
    }

    /// How many numbers the tensor holds.
    pub fn count(&self) -> usize {
        self.lens().iter().product()
    }

    /// The axes that are really there, outermost first.
    pub fn dims(&self) -> Vec<Dim> {
        [self.batch.map(|n| Axis::Batch.of(n)), self.heads.map(|n| Axis::Head.of(n))]
            .into_iter()
            .flatten()
            .chain([self.rows, self.cols])
            .collect()
    }

    /// Position of a cell in row-major storage.
    pub fn offset(&self, cell: Cell) -> usize {
        let [_, h, r, c] = self.lens();
        ((cell.batch * h + cell.head) * r + cell.row) * c + cell.col
    }

    /// Whether the cell lies inside.
    pub fn contains(&self, cell: Cell) -> bool {
        let [b, h, r, c] = self.lens();
        cell.batch < b && cell.head < h && cell.row < r && cell.col < c
    }

    /// Every cell in storage order.
    pub fn cells(&self) -> impl Iterator<Item = Cell> + use<> {
        let [b, h, r, c] = self.lens();
        (0..b * h * r * c).map(move |i| Cell {
            batch: i / (c * r * h),
            head: i / (c * r) % h,
            row: i / c % r,
            col: i % c,
        })
    }

    /// A cell of another tensor, moved onto the axes that this one has: where this tensor has no
    /// batch or no heads, every sentence and head reads the same numbers.
    #[must_use]
    pub fn clamp(&self, cell: Cell) -> Cell {
        Cell {
            batch: if self.batch.is_some() { cell.batch } else { 0 },
            head: if self.heads.is_some() { cell.head } else { 0 },
            ..cell
        }
    }

    /// The size alone, as on screen: `4×2`.
    pub fn size(&self) -> String {
        format!("{}×{}", self.rows.len, self.cols.len)
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, Dim { axis, len }) in self.dims().into_iter().enumerate() {
            if i > 0 {
                f.write_str(" × ")?;
            }
            write!(f, "{axis} {len}")?;
        }
        Ok(())
    }
}

/// The place of one number, counted from 0. What a person reads or types is an `Address`, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub struct Cell {
    /// Sentence in the batch; 0 where there is none.
    pub batch: usize,
    /// Head; 0 where the tensor has no head axis.
    pub head: usize,
    /// Row.
    pub row: usize,
    /// Column.
    pub col: usize,
}

impl Cell {
    /// A cell of a plain matrix.
    pub const fn at(row: usize, col: usize) -> Self {
        Self { batch: 0, head: 0, row, col }
    }

    /// The same cell in another head.
    #[must_use]
    pub const fn in_head(self, head: usize) -> Self {
        Self { head, ..self }
    }

    /// The same sentence and head, another row and column.
    #[must_use]
    pub const fn moved(self, row: usize, col: usize) -> Self {
        Self { row, col, ..self }
    }
}

/// Numbers and their shape. `T` is `f32` as the GPU computes, `f64` as the reference does.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor<T> {
    shape: Shape,
    data: Array4<T>,
}

impl<T: Copy + Default> Tensor<T> {
    /// A tensor of zeros.
    pub(crate) fn zeros(shape: Shape) -> Self {
        Self { shape, data: Array4::from_elem(shape.lens(), T::default()) }
    }

    /// A tensor whose cells are computed one by one.
    pub fn from_fn(shape: Shape, mut f: impl FnMut(Cell) -> T) -> Self {
        let data = Array4::from_shape_fn(shape.lens(), |(batch, head, row, col)| f(Cell { batch, head, row, col }));
        Self { shape, data }
    }

    /// A tensor from row-major numbers, or `None` when their count does not fit the shape.
    pub fn from_vec(shape: Shape, numbers: Vec<T>) -> Option<Self> {
        Array4::from_shape_vec(shape.lens(), numbers).ok().map(|data| Self { shape, data })
    }

    /// The shape.
    pub const fn shape(&self) -> &Shape {
        &self.shape
    }

    /// One number. A cell outside reads as zero: the screen may ask while a new result is on its way.
    pub fn get(&self, cell: Cell) -> T {
        self.data.get([cell.batch, cell.head, cell.row, cell.col]).copied().unwrap_or_default()
    }

    /// Changes one number; a cell outside changes nothing.
    pub fn set(&mut self, cell: Cell, value: T) {
        if let Some(number) = self.data.get_mut([cell.batch, cell.head, cell.row, cell.col]) {
            *number = value;
        }
    }

    /// The matrix of one sentence and head; tensors without those axes give their only one.
    pub fn matrix(&self, batch: usize, head: usize) -> ArrayView2<'_, T> {
        let cell = self.shape.clamp(Cell { batch, head, ..Cell::default() });
        self.data.index_axis(ndarray::Axis(0), cell.batch).index_axis_move(ndarray::Axis(0), cell.head)
    }

    /// Writes the matrix of one sentence and head. Its size must be the tensor's rows × columns.
    pub(crate) fn set_matrix(&mut self, batch: usize, head: usize, matrix: &ndarray::Array2<T>) {
        debug_assert_eq!(matrix.dim(), (self.shape.rows.len, self.shape.cols.len));
        self.data.index_axis_mut(ndarray::Axis(0), batch).index_axis_move(ndarray::Axis(0), head).assign(matrix);
    }

    /// Writes some rows of the matrix of one sentence and head, from `first` on, in all columns.
    pub(crate) fn set_rows(&mut self, batch: usize, head: usize, first: usize, rows: &ndarray::Array2<T>) {
        let mut matrix = self.data.index_axis_mut(ndarray::Axis(0), batch).index_axis_move(ndarray::Axis(0), head);
        let rows_of = ndarray::Slice::from(first..first + rows.nrows());
        matrix.slice_axis_mut(ndarray::Axis(0), rows_of).assign(rows);
    }

    /// Row-major numbers.
    pub fn numbers(&self) -> impl Iterator<Item = T> + '_ {
        self.data.iter().copied()
    }

    /// Row-major numbers as one slice.
    pub fn as_slice(&self) -> &[T] {
        self.data.as_slice().unwrap_or_default()
    }

    /// The same, to be changed.
    pub(crate) fn as_slice_mut(&mut self) -> &mut [T] {
        self.data.as_slice_mut().unwrap_or_default()
    }

    /// The same shape with every number changed.
    pub fn map<U>(&self, f: impl FnMut(T) -> U) -> Tensor<U> {
        let mut f = f;
        Tensor { shape: self.shape, data: self.data.map(|&x| f(x)) }
    }
}

impl Tensor<f32> {
    /// The same numbers in f64, for the reference.
    pub fn to_f64(&self) -> Tensor<f64> {
        self.map(f64::from)
    }
}

impl Tensor<f64> {
    /// Adds the numbers of a tensor of the same shape.
    pub fn add(&mut self, other: &Self) {
        debug_assert_eq!(self.shape, other.shape);
        self.data += &other.data;
    }

    /// The nearest f32 numbers.
    pub(crate) fn to_f32(&self) -> Tensor<f32> {
        self.map(|x| x as f32)
    }
}

/// A masked score. Not a number anyone computes with: ops leave it out, screens draw it as hidden,
/// JSON writes `null`.
pub const MASKED: f32 = f32::NEG_INFINITY;

/// [`MASKED`] for the f64 reference.
pub const MASKED_F64: f64 = f64::NEG_INFINITY;

#[cfg(test)]
mod tests {
    use super::*;

    fn q() -> Shape {
        Shape::matrix(Axis::Token.of(4), Axis::Feature.of(2)).with_heads(3)
    }

    #[test]
    fn cells_come_in_storage_order() {
        for shape in [q(), q().with_batch(Some(2)), Shape::matrix(Axis::Token.of(3), Axis::Model.of(5))] {
            let offsets: Vec<_> = shape.cells().map(|c| shape.offset(c)).collect();
            assert_eq!(offsets, (0..shape.count()).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_tensor_without_heads_is_shared_by_all_heads() {
        let w = Shape::matrix(Axis::Model.of(2), Axis::HeadFeature.of(2));
        let t = Tensor::from_fn(w, |c| (c.row * 10 + c.col) as f32);
        assert_eq!(t.matrix(5, 3), t.matrix(0, 0));
        assert_eq!(t.get(w.clamp(Cell::at(1, 1).in_head(3))), 11.0);
    }

    #[test]
    fn a_shape_names_its_axes() {
        assert_eq!(q().to_string(), "Head 3 × Token 4 × Feature 2");
        assert_eq!(q().size(), "4×2");
    }
}
