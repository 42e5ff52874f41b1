//! `C = A · B`: `context = weights · V`, `output = concat · W_o`.
//!
//! ```text
//! C[i,j] = Σ_m A[i,m] · B[m,j]        (rows × cols) = (rows × inner) · (inner × cols)
//! ```
//!
//! Batch and heads of either operand carry over; an operand without them is shared.

use ndarray::Array2;

use super::{
    Adjoint, Feed, Kernel, MatMulTransposed, Op, Rule, ShapeError, Sources, Term, TransposedMatMul, common_batch,
    common_heads, kernel, operands, shaders,
};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Cell, Shape};

/// Why the shader is written as it is.
pub(super) const REASON: Text = kernel::SUMMED;

/// The matrix product. See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MatMul;

impl Op for MatMul {
    fn name(&self) -> &'static str {
        shaders::matmul.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        let op = self.name();
        let [a, b] = operands(op, inputs)?;
        if a.cols != b.rows {
            let rule = Text::new("左边的列要对上右边的行", "the columns of the left must be the rows of the right");
            return Err(ShapeError::Mismatch { op, left: a, right: b, rule });
        }
        Ok(Shape { batch: common_batch(op, a, b)?, heads: common_heads(op, a, b)?, rows: a.rows, cols: b.cols })
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        let (a, b) = (part.of(inputs[0]), inputs[1]);
        let Shape { rows: inner, cols, .. } = *b.shape();
        Part::product(&a, cols.len, |some| b.block(part.batch, part.head, 0..inner.len, some))
    }

    fn sources(&self, inputs: &[Shape], cell: Cell) -> Sources {
        let (a, b) = (inputs[0], inputs[1]);
        let terms = (0..a.cols.len)
            .map(|m| Term::product(a.clamp(cell.moved(cell.row, m)), b.clamp(cell.moved(m, cell.col))))
            .collect();
        Sources { rule: Rule::Sum, terms }
    }

    fn adjoint(&self, operand: usize, inputs: &[Shape], out: Shape) -> Adjoint {
        let [a, b] = [inputs[0], inputs[1]];
        match operand {
            0 => Adjoint::step(MatMulTransposed, [Feed::Gradient, Feed::Operand(1)]).summed(a, out),
            _ => Adjoint::step(TransposedMatMul::to(b, out), [Feed::Operand(0), Feed::Gradient]),
        }
    }

    fn kernel(&self, inputs: &[Shape], out: Shape) -> Kernel {
        let (a, b) = (inputs[0], inputs[1]);
        let size = product_size(a, b, a.cols.len, out);
        Kernel::per_cell(shaders::matmul, size, out)
    }
}

/// The uniform block that the product kernels share: `heads rows inner cols`, the strides of A and B, [`kernel::ZERO`].
pub(super) fn product_size(a: Shape, b: Shape, inner: usize, out: Shape) -> Vec<u32> {
    let [_, heads, rows, cols] = out.lens();
    let mut size = [heads, rows, inner, cols].map(|n| n as u32).to_vec();
    size.extend(kernel::strides(a));
    size.extend(kernel::strides(b));
    size.push(kernel::ZERO);
    size
}
