//! The derivative of an op that is a derivative already, where nobody wrote it down.
//!
//! The backward pass is followed further only by influence, in f64; there a central difference of the reference is good to
//! nine digits, and no second formula can disagree with the first.

use super::Op;
use crate::math::tensor::{Shape, Tensor};

/// How far the operands are moved to either side, of the largest of their numbers, or of 1 where those are larger.
const STEP: f64 = 1e-4;

/// How the result moves when the operands do: `(8·(f(x + h·t) − f(x − h·t)) − (f(x + 2h·t) − f(x − 2h·t))) / 12h`, which is off
/// by h⁴. For ops that are smooth there.
pub(super) fn by_difference<O: Op + ?Sized>(
    op: &O,
    inputs: &[&Tensor<f64>],
    tangents: &[Option<&Tensor<f64>>],
    out: Shape,
) -> Tensor<f64> {
    let largest = tangents.iter().flatten().flat_map(|t| t.numbers()).fold(0.0_f64, |most, x| most.max(x.abs()));
    if largest == 0.0 {
        return Tensor::zeros(out);
    }
    let moving = inputs.iter().zip(tangents).filter(|(_, tangent)| tangent.is_some());
    let size = moving.flat_map(|(input, _)| input.numbers()).fold(0.0_f64, |most, x| most.max(x.abs()));
    let step = STEP * size.clamp(1e-9, 1.0) / largest;
    let at = |far: f64| {
        let moved = |(input, tangent): (&&Tensor<f64>, Option<&Tensor<f64>>)| {
            let mut moved = (*input).clone();
            if let Some(tangent) = tangent {
                moved.add(&tangent.map(|x| x * far * step));
            }
            moved
        };
        let moved: Vec<Tensor<f64>> = inputs.iter().zip(tangents.iter().copied()).map(moved).collect();
        op.reference(&moved.iter().collect::<Vec<_>>(), out)
    };
    let [two_back, back, ahead, two_ahead] = [-2.0, -1.0, 1.0, 2.0].map(at);
    Tensor::from_fn(out, |c| {
        let [near, far] = [ahead.get(c) - back.get(c), two_ahead.get(c) - two_back.get(c)];
        (8.0 * near - far) / (12.0 * step)
    })
}
