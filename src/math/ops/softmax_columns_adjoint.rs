//! The gradient of scores that were made shares down each column: what raises a share lowers the others of its column.
//!
//! ```text
//! dA[i,j] = W[i,j] · (dW[i,j] − Σ_k W[k,j] · dW[k,j])        the same shape
//! ```

use ndarray::{Array2, Axis};

use super::{Kernel, Op, Operand, Rule, ShapeError, Sources, Term, alike, operands, shaders};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Cell, Shape, Tensor};

/// Why the shader is written as it is.
pub(super) const REASON: Text = Text::new(
    "一个线程算一格：沿着它那一列走一遍，求出加权平均。除了方向，和 softmax_adjoint 一模一样。",
    "One invocation per cell: it goes down its column for the weighted mean. But for the direction it is softmax_adjoint.",
);

/// Softmax down each column, backward. See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SoftmaxColumnsAdjoint;

impl Op for SoftmaxColumnsAdjoint {
    fn name(&self) -> &'static str {
        shaders::softmax_columns_adjoint.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        operands(self.name(), inputs).and_then(|[weights, gradient]| alike(self.name(), weights, gradient))
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        let whole = Part { rows: 0..part.out.rows.len, ..part.clone() };
        let mean = (&whole.of(inputs[0]) * &whole.of(inputs[1])).sum_axis(Axis(0)).insert_axis(Axis(0)); // 1 × cols
        &part.of(inputs[0]) * &(&part.of(inputs[1]) - &mean)
    }

    fn tangent(&self, inputs: &[&Tensor<f64>], tangents: &[Option<&Tensor<f64>>], out: Shape) -> Tensor<f64> {
        super::by_difference(self, inputs, tangents, out)
    }

    /// Of each row a product that is taken off, then the one that is kept.
    fn sources(&self, inputs: &[Shape], cell: Cell) -> Sources {
        let of = |input, row| Operand { input, cell: cell.moved(row, cell.col) };
        let lost = (0..inputs[0].rows.len).map(|k| Term { factors: vec![of(0, cell.row), of(0, k), of(1, k)] });
        let kept = Term { factors: vec![of(0, cell.row), of(1, cell.row)] };
        Sources { rule: Rule::SoftmaxAdjoint(cell.row), terms: lost.chain([kept]).collect() }
    }

    fn kernel(&self, _inputs: &[Shape], out: Shape) -> Kernel {
        let [_, _, rows, cols] = out.lens();
        Kernel::per_cell(shaders::softmax_columns_adjoint, vec![rows as u32, cols as u32], out)
    }
}
