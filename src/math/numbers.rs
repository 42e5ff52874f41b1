//! How a reference reads its operands: in f64, and only the rows and columns it needs.
//!
//! A weight matrix of 25 MB is 50 MB in f64; read block by block it is never more than [`BLOCK`] numbers at a time.

use std::ops::Range;

use ndarray::{Array2, ArrayView2, Axis, CowArray, Ix2, Slice};

use super::tensor::{Shape, Tensor};

/// Numbers that are converted at a time: 1 MiB in f64.
pub const BLOCK: usize = 1 << 17;

/// Tensors of so many numbers are converted once and as a whole: what reads them again and again is faster so.
const WHOLE: usize = 1 << 19;

/// A tensor that can be read in f64.
pub trait Numbers {
    /// Its shape.
    fn shape(&self) -> &Shape;

    /// Some rows and columns of the matrix of one sentence and head; a tensor without those axes gives its only one.
    fn block(&self, batch: usize, head: usize, rows: Range<usize>, cols: Range<usize>) -> CowArray<'_, f64, Ix2>;
}

impl Numbers for Tensor<f64> {
    fn shape(&self) -> &Shape {
        self.shape()
    }

    fn block(&self, batch: usize, head: usize, rows: Range<usize>, cols: Range<usize>) -> CowArray<'_, f64, Ix2> {
        cut(self.matrix(batch, head), rows, cols).into()
    }
}

impl Numbers for Tensor<f32> {
    fn shape(&self) -> &Shape {
        self.shape()
    }

    fn block(&self, batch: usize, head: usize, rows: Range<usize>, cols: Range<usize>) -> CowArray<'_, f64, Ix2> {
        cut(self.matrix(batch, head), rows, cols).mapv(f64::from).into()
    }
}

/// The magnitudes of numbers: |x|.
pub struct Magnitudes<'a>(pub &'a dyn Numbers);

impl Numbers for Magnitudes<'_> {
    fn shape(&self) -> &Shape {
        self.0.shape()
    }

    fn block(&self, batch: usize, head: usize, rows: Range<usize>, cols: Range<usize>) -> CowArray<'_, f64, Ix2> {
        self.0.block(batch, head, rows, cols).mapv(f64::abs).into()
    }
}

/// Some rows and columns of a matrix.
fn cut<T>(mut matrix: ArrayView2<'_, T>, rows: Range<usize>, cols: Range<usize>) -> ArrayView2<'_, T> {
    matrix.slice_axis_inplace(Axis(0), Slice::from(rows));
    matrix.slice_axis_inplace(Axis(1), Slice::from(cols));
    matrix
}

/// Either a tensor or its f64 copy, whichever is read faster without much memory.
pub enum Reading<'a> {
    /// Converted once.
    Whole(Tensor<f64>),
    /// Converted block by block.
    Blocks(&'a Tensor<f32>),
}

impl<'a> Reading<'a> {
    /// The way to read a tensor.
    pub fn of(tensor: &'a Tensor<f32>) -> Self {
        if tensor.shape().count() <= WHOLE { Self::Whole(tensor.to_f64()) } else { Self::Blocks(tensor) }
    }

    /// To be read.
    pub fn numbers(&self) -> &dyn Numbers {
        match self {
            Self::Whole(tensor) => tensor,
            Self::Blocks(tensor) => *tensor,
        }
    }
}

/// Some rows of a result, in all columns: those of one sentence and head.
#[derive(Debug, Clone)]
pub struct Part {
    /// The shape of the whole result.
    pub out: Shape,
    /// The sentence.
    pub batch: usize,
    /// The head.
    pub head: usize,
    /// The rows.
    pub rows: Range<usize>,
}

impl Part {
    /// The same rows of an operand, in all its columns.
    pub fn of<'n>(&self, operand: &'n dyn Numbers) -> CowArray<'n, f64, Ix2> {
        let cols = operand.shape().cols.len;
        operand.block(self.batch, self.head, self.rows.clone(), 0..cols)
    }

    /// The same rows of an operand, in some of its columns.
    pub fn cols<'n>(&self, operand: &'n dyn Numbers, cols: Range<usize>) -> CowArray<'n, f64, Ix2> {
        operand.block(self.batch, self.head, self.rows.clone(), cols)
    }

    /// `A · B`, where `read` gives some columns of B: so many at a time that a block stays small. A sum does not depend on
    /// the columns beside it, so the result is that of the whole product, bit for bit.
    pub fn product<'n>(
        a: &CowArray<'_, f64, Ix2>,
        cols: usize,
        read: impl Fn(Range<usize>) -> CowArray<'n, f64, Ix2>,
    ) -> Array2<f64> {
        let wide = (BLOCK / a.ncols().max(1)).max(8);
        if cols <= wide {
            return a.dot(&read(0..cols));
        }
        let mut c = Array2::zeros((a.nrows(), cols));
        for start in (0..cols).step_by(wide) {
            let some = start..(start + wide).min(cols);
            c.slice_axis_mut(Axis(1), Slice::from(some.clone())).assign(&a.dot(&read(some)));
        }
        c
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::tensor::Axis as Counts;

    #[test]
    fn blocks_are_what_the_whole_holds() {
        let shape = Shape::matrix(Counts::Token.of(5), Counts::Feature.of(4)).with_heads(3).with_batch(Some(2));
        let tensor = Tensor::from_fn(shape, |c| (c.batch * 1000 + c.head * 100 + c.row * 10 + c.col) as f32 / 3.0);
        let whole = tensor.to_f64();
        for (batch, head) in [(0, 0), (1, 2)] {
            let block = tensor.block(batch, head, 1..4, 2..4);
            assert_eq!(block, whole.block(batch, head, 1..4, 2..4));
            assert_eq!(block, cut(whole.matrix(batch, head), 1..4, 2..4));
        }
        let part = Part { out: shape, batch: 1, head: 1, rows: 2..3 };
        assert_eq!(part.of(&tensor), whole.block(1, 1, 2..3, 0..4));
    }

    #[test]
    fn a_product_in_blocks_is_the_product_bit_for_bit() {
        let number = |i: usize, j: usize| ((i * 7919 + j * 104_729) % 1_000_003) as f64 / 1e5 - 5.0;
        for (rows, inner, cols) in [(3, 20_000, 50), (1, 3000, 131), (17, 777, 1000), (2, 140_000, 9)] {
            let a = CowArray::from(Array2::from_shape_fn((rows, inner), |(i, j)| number(i, j)));
            let b = Array2::from_shape_fn((inner, cols), |(i, j)| number(j, i));
            let blocks = Part::product(&a, cols, |some| cut(b.view(), 0..inner, some).into());
            assert_eq!(blocks, a.dot(&b), "{rows} {inner} {cols}");
        }
    }
}
