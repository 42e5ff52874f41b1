//! The gradient of logits: what the model expected less what came, shared out over the rows that are asked.
//!
//! ```text
//! P = softmax(A), row by row        n = Σ_i Σ_j T[i,j]
//! dA[i,j] = (P[i,j] · Σ_k T[i,k] − T[i,j]) / n · dL        the same shape as A and T; dL is 1 × 1
//! ```
//!
//! A row without a target has the gradient 0.

use ndarray::Array2;

use super::cross_entropy::{LOSS, asked};
use super::{Exponentials, Kernel, Op, Rule, ShapeError, Sources, Term, alike, operands, shaders};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Cell, Shape, Tensor};

/// Why the shader is written as it is.
pub(super) const REASON: Text = Text::new(
    "一个线程算一行的 softmax；有目标的行数要看遍所有目标，由整个工作组分着数。",
    "One invocation per row for its softmax; how many rows are asked takes a look at every target, which the workgroup shares.",
);

/// Cross-entropy, backward: from logits, targets and the gradient of the loss. See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CrossEntropyAdjoint;

/// Refuses what is not a tensor, targets of the same shape, and the gradient of a loss.
pub(super) fn fits(op: &'static str, inputs: &[Shape]) -> Result<Shape, ShapeError> {
    let [given, targets, gradient] = operands(op, inputs)?;
    alike(op, LOSS, gradient)?;
    alike(op, given, targets)
}

/// The launch of a loss backward: a row an invocation; all targets are looked at.
pub(super) fn kernel(shader: super::Shader, out: Shape) -> Kernel {
    let [batch, heads, rows, cols] = out.lens().map(|n| n as u32);
    Kernel::per_row(shader, vec![rows, cols, batch * heads * rows * cols], out)
}

impl Op for CrossEntropyAdjoint {
    fn name(&self) -> &'static str {
        shaders::cross_entropy_adjoint.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        fits(self.name(), inputs)
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        let (asked, gradient) = (asked(inputs[1]), inputs[2].block(0, 0, 0..1, 0..1)[[0, 0]]);
        let by = if asked == 0.0 { 0.0 } else { gradient / asked };
        let (mut rows, targets) = (part.of(inputs[0]).into_owned(), part.of(inputs[1]));
        for (mut row, target) in rows.rows_mut().into_iter().zip(targets.rows()) {
            let exponentials = Exponentials::of(&row.to_vec());
            let own = target.sum();
            for (j, x) in row.iter_mut().enumerate() {
                *x = (exponentials.weight(j) * own - target[j]) * by;
            }
        }
        rows
    }

    fn tangent(&self, inputs: &[&Tensor<f64>], tangents: &[Option<&Tensor<f64>>], out: Shape) -> Tensor<f64> {
        super::by_difference(self, inputs, tangents, out)
    }

    /// The row of logits, all targets, the gradient of the loss.
    fn sources(&self, inputs: &[Shape], cell: Cell) -> Sources {
        let shape = inputs[0];
        let row = (0..shape.cols.len).map(|k| Term::one(0, cell.moved(cell.row, k)));
        let targets = shape.cells().map(|cell| Term::one(1, cell));
        let rule = Rule::CrossEntropyAdjoint { chosen: shape.offset(cell), cols: shape.cols.len };
        Sources { rule, terms: row.chain(targets).chain([Term::one(2, Cell::default())]).collect() }
    }

    fn kernel(&self, _inputs: &[Shape], out: Shape) -> Kernel {
        kernel(shaders::cross_entropy_adjoint, out)
    }
}
