//! What the colours of a number are measured by: the largest of those it is compared with.

use super::Model;
use crate::math::tensor::{Axis, Cell};
use crate::program::Slot;

impl Model {
    /// The magnitude at the end of the colour scale of a number: the largest among those it is compared with.
    pub fn span(&self, slot: Slot, cell: Cell) -> Option<f32> {
        let spans = &self.shown()?.measure(slot).spans;
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
            _ => spans.of_head(cell.head),
        })
    }
}
