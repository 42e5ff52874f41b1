//! Softmax of every row by a rung, in place.

use super::launch::Launch;
use super::layout::{Part, Storage};
use super::map::Map;
use super::rung::Rung;
use super::rungs::Softmax;
use crate::math::tensor::Shape;

/// The launch that makes the weights in the buffer in which the scores are. With a mask it hides scores first.
pub(super) fn launch(
    (rung, lanes): (Rung, usize),
    (softmax, shape): (&Softmax, Shape),
    (scores, mask, weights): (Part, Option<Storage>, Storage),
) -> Launch {
    let [sentences, heads, rows, cols] = shape.lens();
    let by_row = Map::per_row((sentences, heads), (rows, cols), 64);
    let shared = (softmax.shared)(lanes);
    let map = if shared > 1 { Map { side: (1, 1), shared, ..by_row } } else { by_row };
    let masked = mask.is_some();
    let written = (softmax.file.name, softmax.source(lanes, masked));
    let (size, buffers) = (vec![rows as u32, cols as u32, 0, 0], [weights].into_iter().chain(mask).collect());
    let launch = Launch::of_rung(written, size, buffers, (map, rung.lanes(lanes)));
    Launch { result: 0, in_place: Some(scores), ..launch }
}
