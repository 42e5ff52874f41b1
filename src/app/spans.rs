//! How large numbers get: what the colours of a tensor are measured by.
//!
//! Heads are measured apart, so that scores of hundreds in one head leave the others their colours; and so are the columns
//! that tell a place, whose squares would leave none to what the words mean.

use super::Model;
use crate::math::tensor::{Axis, Cell, Shape, Tensor};
use crate::program::Slot;

/// The largest magnitude in every column of every head of a tensor.
#[derive(Debug, Clone)]
pub(super) struct Spans {
    shape: Shape,
    largest: Vec<f32>,
    /// The largest of each head.
    heads: Vec<f32>,
}

impl Spans {
    /// Measures a tensor.
    pub(super) fn of(tensor: &Tensor<f32>) -> Self {
        let shape = *tensor.shape();
        let cols = shape.cols.len;
        let heads = shape.heads.unwrap_or(1);
        let rows = shape.rows.len;
        let mut largest = vec![0.0_f32; heads * cols];
        for (i, x) in tensor.numbers().enumerate().filter(|(_, x)| x.is_finite()) {
            let head = i / (rows * cols) % heads;
            let most = &mut largest[head * cols + i % cols];
            *most = most.max(x.abs());
        }
        let heads = largest.chunks(cols.max(1)).map(|head| head.iter().copied().fold(0.0, f32::max)).collect();
        Self { shape, largest, heads }
    }

    /// The largest of some columns of a head.
    fn over(&self, head: usize, counts: impl Fn(usize) -> bool) -> f32 {
        let cols = self.shape.cols.len;
        let head = head.min(self.shape.heads.unwrap_or(1) - 1);
        let all = (0..cols).filter(|&col| counts(col)).map(|col| self.largest[head * cols + col]);
        all.fold(0.0, f32::max)
    }
}

impl Model {
    /// The magnitude at the end of the colour scale of a number: the largest among those it is compared with.
    pub fn span(&self, slot: Slot, cell: Cell) -> Option<f32> {
        let spans = self.results()?.spans(slot)?;
        let shape = spans.shape;
        let heads = self.program().heads();
        Some(match shape.cols.axis {
            // All heads stand side by side: a head's own columns.
            Axis::HeadFeature | Axis::HeadValue if shape.cols.len.is_multiple_of(heads) => {
                let width = shape.cols.len / heads;
                spans.over(0, |col| col / width == cell.col / width)
            }
            Axis::Model | Axis::Output if shape.cols.len == self.material.sample.dimensions.len() => {
                let sample = &self.material.sample;
                if sample.tells_a_place(cell.col) {
                    spans.over(cell.head, |col| col == cell.col)
                } else {
                    spans.over(cell.head, |col| !sample.tells_a_place(col))
                }
            }
            _ => spans.heads[cell.head.min(spans.heads.len() - 1)],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_and_columns_are_measured_apart() {
        let shape = Shape::matrix(Axis::Token.of(2), Axis::Value.of(2)).with_heads(2);
        let tensor = Tensor::from_vec(shape, vec![1.0, -2.0, 0.5, 0.0, 90.0, f32::NAN, -7.0, 3.0]).unwrap();
        let spans = Spans::of(&tensor);
        assert_eq!(spans.heads, [2.0, 90.0]);
        assert_eq!(
            (spans.over(0, |col| col == 0), spans.over(1, |col| col == 1), spans.over(9, |col| col == 1)),
            (1.0, 3.0, 3.0)
        );
    }
}
