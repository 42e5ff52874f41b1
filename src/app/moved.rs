//! How far an edit moved every stage.

use super::reading::counterpart;
use crate::math::tensor::Tensor;
use crate::program::{Slot, Symbol};
use crate::session::Run;

/// What is different from before the edits.
#[derive(Debug, Clone, PartialEq)]
pub struct Moved {
    /// Each stage that changed, with its largest change.
    pub stages: Vec<(Symbol, f32)>,
    /// The row whose last tensor changed most, and by how much.
    pub word: Option<(usize, f32)>,
}

/// Compares two runs, stage by stage of the same name and shape.
pub(super) fn moved(before: &Run, after: &Run) -> Moved {
    let (a, b) = (&before.program, &after.program);
    let pairs: Vec<_> = (0..b.stages().len())
        .filter_map(|i| counterpart(b, b.output_of(i), a).map(|old| (old, b.output_of(i))))
        .collect();
    let change = |&(old, new): &(Slot, Slot)| {
        let numbers = before.trace.tensor(old).numbers().zip(after.trace.tensor(new).numbers());
        (b.symbol(new), numbers.map(|(x, y)| difference(x, y)).fold(0.0, f32::max))
    };
    let stages = pairs.iter().map(change).filter(|(_, change)| *change > 0.0).collect();
    let word = pairs.last().and_then(|&(old, new)| word(before.trace.tensor(old), after.trace.tensor(new)));
    Moved { stages, word }
}

/// Masked on both sides is no change; masked on one is a change without measure, counted as one whole weight.
fn difference(x: f32, y: f32) -> f32 {
    match (x.is_finite(), y.is_finite()) {
        (true, true) => (x - y).abs(),
        (false, false) => 0.0,
        _ => 1.0,
    }
}

/// The row that changed most.
fn word(x: &Tensor<f32>, y: &Tensor<f32>) -> Option<(usize, f32)> {
    let mut rows = vec![0.0_f32; x.shape().rows.len];
    for cell in x.shape().cells() {
        rows[cell.row] = rows[cell.row].max(difference(x.get(cell), y.get(cell)));
    }
    rows.into_iter().enumerate().max_by(|a, b| a.1.total_cmp(&b.1)).filter(|(_, change)| *change > 0.0)
}
