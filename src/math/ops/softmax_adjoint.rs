//! The gradient of the scores from that of the weights: what raises a share lowers the others of its row.
//!
//! ```text
//! dA[i,j] = W[i,j] · (dW[i,j] − Σ_k W[i,k] · dW[i,k])        the same shape; W = softmax(A)
//! ```
//!
//! Written with the row's Jacobian: `dA[i,j] = Σ_k J[j,k] · dW[i,k]`, `J[j,k] = W[i,j] · (1 where j = k, else 0) − W[i,j] · W[i,k]`.
//! A masked entry has the weight 0 and so the gradient 0.

use ndarray::{Array2, Axis};

use super::{Kernel, Op, Operand, Rule, ShapeError, Sources, Term, alike, operands, shaders};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Cell, Shape, Tensor};

/// Why the shader is written as it is.
pub(super) const REASON: Text = Text::new(
    "一个线程算一行，因为一行里的数共用同一个加权平均：先求它，再逐个写出。",
    "One invocation per row, since the numbers of a row share one weighted mean: first that, then each number.",
);

/// Softmax, backward. See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SoftmaxAdjoint;

impl Op for SoftmaxAdjoint {
    fn name(&self) -> &'static str {
        shaders::softmax_adjoint.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        operands(self.name(), inputs).and_then(|[weights, gradient]| alike(self.name(), weights, gradient))
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        let (w, dw) = (part.of(inputs[0]), part.of(inputs[1]));
        let mean = (&w * &dw).sum_axis(Axis(1)).insert_axis(Axis(1)); // rows × 1
        &w * &(&dw - &mean)
    }

    /// A step of the weights changes their own factor and the mean of all.
    fn tangent(&self, inputs: &[&Tensor<f64>], tangents: &[Option<&Tensor<f64>>], out: Shape) -> Tensor<f64> {
        super::by_difference(self, inputs, tangents, out)
    }

    /// Of each column a product that is taken off, then the one that is kept.
    fn sources(&self, inputs: &[Shape], cell: Cell) -> Sources {
        let of = |input, col| Operand { input, cell: cell.moved(cell.row, col) };
        let lost = (0..inputs[0].cols.len).map(|k| Term { factors: vec![of(0, cell.col), of(0, k), of(1, k)] });
        let kept = Term { factors: vec![of(0, cell.col), of(1, cell.col)] };
        Sources { rule: Rule::SoftmaxAdjoint(cell.col), terms: lost.chain([kept]).collect() }
    }

    fn kernel(&self, _inputs: &[Shape], out: Shape) -> Kernel {
        let [_, _, rows, cols] = out.lens();
        Kernel::per_row(shaders::softmax_adjoint, vec![rows as u32, cols as u32], out)
    }
}
