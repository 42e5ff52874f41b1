//! Softmax taken down each column instead of along each row: what `softmax(dim=-2)` does.
//!
//! ```text
//! m = max_i A[i,j]        W[i,j] = exp(A[i,j] − m) / Σ_k exp(A[k,j] − m)        the same shape
//! ```
//!
//! ```text
//! dW[i,j] = W[i,j] · (dA[i,j] − Σ_k W[k,j] · dA[k,j])
//! ```
//!
//! The shares of a key sum to 1 over all queries, so those of a query need not. Masked entries take no part.

use ndarray::Array2;

use super::{
    Adjoint, Exponentials, Feed, Kernel, Op, Rule, ShapeError, SoftmaxColumnsAdjoint, Sources, Term, operands, shaders,
};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Cell, Shape, Tensor};

/// Why the shader is written as it is.
pub(super) const REASON: Text = Text::new(
    "一个线程算一格：沿着它那一列往下走两遍，先找最大值，再求指数的和。除了方向，和 softmax 一模一样。",
    "One invocation per cell: it goes down its column twice, for the largest score and for the sum of exponentials. But for the direction it is softmax.",
);

/// Softmax down each column. See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SoftmaxColumns;

impl Op for SoftmaxColumns {
    fn name(&self) -> &'static str {
        shaders::softmax_columns.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        operands(self.name(), inputs).map(|[a]| a)
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        let [_, _, all, cols] = part.out.lens();
        let mut rows = Array2::zeros((part.rows.len(), cols));
        for j in 0..cols {
            let column = inputs[0].block(part.batch, part.head, 0..all, j..j + 1);
            let exponentials = Exponentials::of(&column.iter().copied().collect::<Vec<_>>());
            for (n, i) in part.rows.clone().enumerate() {
                rows[[n, j]] = exponentials.weight(i);
            }
        }
        rows
    }

    fn tangent(&self, inputs: &[&Tensor<f64>], tangents: &[Option<&Tensor<f64>>], out: Shape) -> Tensor<f64> {
        let mut moved = Tensor::zeros(out);
        let Some(scores) = tangents[0] else { return moved };
        let weights = self.reference(inputs, out);
        let [batch, heads, ..] = out.lens();
        for (s, h) in (0..batch).flat_map(|s| (0..heads).map(move |h| (s, h))) {
            let (w, da) = (weights.matrix(s, h), scores.matrix(s, h));
            let mean = (&w * &da).sum_axis(ndarray::Axis(0)).insert_axis(ndarray::Axis(0)); // 1 × cols
            moved.set_matrix(s, h, &(&w * &(&da - &mean)));
        }
        moved
    }

    fn sources(&self, inputs: &[Shape], cell: Cell) -> Sources {
        let terms = (0..inputs[0].rows.len).map(|i| Term::one(0, cell.moved(i, cell.col))).collect();
        Sources { rule: Rule::SoftmaxColumn(cell.row), terms }
    }

    fn adjoint(&self, _operand: usize, _inputs: &[Shape], _out: Shape) -> Adjoint {
        Adjoint::step(SoftmaxColumnsAdjoint, [Feed::Result, Feed::Gradient])
    }

    fn kernel(&self, _inputs: &[Shape], out: Shape) -> Kernel {
        let [_, _, rows, cols] = out.lens();
        Kernel::per_cell(shaders::softmax_columns, vec![rows as u32, cols as u32], out)
    }
}
