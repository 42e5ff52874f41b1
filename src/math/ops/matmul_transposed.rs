//! `C = A · Bᵀ`: `scores = Q · Kᵀ`, every query against every key.
//!
//! ```text
//! C[i,j] = Σ_m A[i,m] · B[j,m]        (rows × cols) = (rows × inner) · (cols × inner)ᵀ
//! ```

use ndarray::Array2;

use super::{
    Adjoint, Feed, Kernel, MatMul, Op, Rule, ShapeError, Sources, Term, TransposedMatMul, common_batch, common_heads,
    kernel, matmul::product_size, operands, shaders,
};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Cell, Shape};

/// Why the shader is written as it is.
pub(super) const REASON: Text = kernel::SUMMED;

/// The product with a transposed right side. See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MatMulTransposed;

impl Op for MatMulTransposed {
    fn name(&self) -> &'static str {
        shaders::matmul_transposed.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        let op = self.name();
        let [a, b] = operands(op, inputs)?;
        if a.cols != b.cols {
            let rule = Text::new("查询和键的特征要一样", "queries and keys must have the same features");
            return Err(ShapeError::Mismatch { op, left: a, right: b, rule });
        }
        Ok(Shape { batch: common_batch(op, a, b)?, heads: common_heads(op, a, b)?, rows: a.rows, cols: b.rows })
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        let (a, b) = (part.of(inputs[0]), inputs[1]);
        let Shape { rows, cols: inner, .. } = *b.shape();
        Part::product(&a, rows.len, |some| b.block(part.batch, part.head, some, 0..inner.len).reversed_axes())
    }

    fn sources(&self, inputs: &[Shape], cell: Cell) -> Sources {
        let (a, b) = (inputs[0], inputs[1]);
        let terms = (0..a.cols.len)
            .map(|m| Term::product(a.clamp(cell.moved(cell.row, m)), b.clamp(cell.moved(cell.col, m))))
            .collect();
        Sources { rule: Rule::Sum, terms }
    }

    fn adjoint(&self, operand: usize, inputs: &[Shape], out: Shape) -> Adjoint {
        let [a, b] = [inputs[0], inputs[1]];
        match operand {
            0 => Adjoint::step(MatMul, [Feed::Gradient, Feed::Operand(1)]).summed(a, out),
            _ => Adjoint::step(TransposedMatMul::to(b, out), [Feed::Gradient, Feed::Operand(0)]),
        }
    }

    fn kernel(&self, inputs: &[Shape], out: Shape) -> Kernel {
        let (a, b) = (inputs[0], inputs[1]);
        Kernel::per_cell(shaders::matmul_transposed, product_size(a, b, a.cols.len, out), out)
    }
}
