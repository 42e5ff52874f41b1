//! `weights = softmax(masked)`, row by row: scores become shares that sum to 1.
//!
//! ```text
//! m = max_j A[i,j]        W[i,j] = exp(A[i,j] − m) / Σ_k exp(A[i,k] − m)        the same shape
//! ```
//!
//! ```text
//! dW[i,j] = W[i,j] · (dA[i,j] − Σ_k W[i,k] · dA[i,k])
//! ```
//!
//! Subtracting the row maximum changes nothing in the quotient and keeps exp from overflowing.
//! Masked entries take no part: not in the maximum, not in the sum, and their weight is 0.

use super::{Exponentials, Kernel, Op, ShapeError, Sources, Term, kernel, operands, sources::Rule};
use crate::math::tensor::{Cell, Shape, Tensor};

/// Softmax over each row. See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Softmax;

impl Op for Softmax {
    fn name(&self) -> &'static str {
        kernel::softmax.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        operands(self.name(), inputs).map(|[a]| a)
    }

    fn reference(&self, inputs: &[&Tensor<f64>], out: Shape) -> Tensor<f64> {
        let mut weights = Tensor::zeros(out);
        let [batch, heads, rows, _] = out.lens();
        for (s, h) in (0..batch).flat_map(|s| (0..heads).map(move |h| (s, h))) {
            let a = inputs[0].matrix(s, h);
            for i in 0..rows {
                let row = Exponentials::of(&a.row(i).to_vec());
                for j in 0..row.exp.len() {
                    weights.set(Cell { batch: s, head: h, row: i, col: j }, row.weight(j));
                }
            }
        }
        weights
    }

    fn tangent(&self, inputs: &[&Tensor<f64>], tangents: &[Option<&Tensor<f64>>], out: Shape) -> Tensor<f64> {
        let mut moved = Tensor::zeros(out);
        let Some(scores) = tangents[0] else { return moved };
        let weights = self.reference(inputs, out);
        let [batch, heads, ..] = out.lens();
        for (s, h) in (0..batch).flat_map(|s| (0..heads).map(move |h| (s, h))) {
            let (w, da) = (weights.matrix(s, h), scores.matrix(s, h));
            let mean = (&w * &da).sum_axis(ndarray::Axis(1)).insert_axis(ndarray::Axis(1)); // rows × 1
            moved.set_matrix(s, h, &(&w * &(&da - &mean)));
        }
        moved
    }

    fn sources(&self, inputs: &[Shape], cell: Cell) -> Sources {
        let terms = (0..inputs[0].cols.len).map(|j| Term::one(0, cell.moved(cell.row, j))).collect();
        Sources { rule: Rule::Softmax(cell.col), terms }
    }

    fn kernel(&self, _inputs: &[Shape], out: Shape) -> Kernel {
        let [_, _, rows, cols] = out.lens();
        Kernel::per_row(kernel::softmax, vec![rows as u32, cols as u32], out)
    }
}
