//! How far an edit moved every stage.

use crate::engine::Run;
use crate::program::{Symbol, Trace};

/// What is different from before the edits.
#[derive(Debug, Clone, PartialEq)]
pub struct Moved {
    /// Each stage that changed, with its largest change.
    pub stages: Vec<(Symbol, f32)>,
    /// The row whose last tensor changed most, and by how much.
    pub word: Option<(usize, f32)>,
}

/// Compares two runs of programs of the same shape; `None` where they cannot be compared.
pub(super) fn moved(before: &Run, after: &Run) -> Option<Moved> {
    let (a, b) = (&before.program, &after.program);
    if a.stages().len() != b.stages().len() || a.slots().any(|slot| a.shape(slot) != b.shape(slot)) {
        return None;
    }
    let stages = (0..b.stages().len())
        .map(|i| {
            let slot = b.output_of(i);
            let numbers = before.trace.tensor(slot).numbers().zip(after.trace.tensor(slot).numbers());
            (b.symbol(slot), numbers.map(|(x, y)| difference(x, y)).fold(0.0, f32::max))
        })
        .filter(|(_, change)| *change > 0.0)
        .collect();
    let last = b.output_of(b.stages().len().checked_sub(1)?);
    Some(Moved { stages, word: word(&before.trace, &after.trace, last) })
}

/// Masked on both sides is no change; masked on one is a change without measure, counted as one whole weight.
fn difference(x: f32, y: f32) -> f32 {
    match (x.is_finite(), y.is_finite()) {
        (true, true) => (x - y).abs(),
        (false, false) => 0.0,
        _ => 1.0,
    }
}

fn word(before: &Trace, after: &Trace, last: crate::program::Slot) -> Option<(usize, f32)> {
    let (x, y) = (before.tensor(last), after.tensor(last));
    let mut rows = vec![0.0_f32; x.shape().rows.len];
    for cell in x.shape().cells() {
        rows[cell.row] = rows[cell.row].max(difference(x.get(cell), y.get(cell)));
    }
    rows.into_iter().enumerate().max_by(|a, b| a.1.total_cmp(&b.1)).filter(|(_, change)| *change > 0.0)
}
