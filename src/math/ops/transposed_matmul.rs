//! `C = Aᵀ · B`: the gradient of a weight matrix, `∂L/∂W = Hᵀ · ∂L/∂Q`, and of what a product reads row by row.
//!
//! ```text
//! C[i,j] = Σ_m A[m,i] · B[m,j]        (rows × cols) = (inner × rows)ᵀ · (inner × cols)
//! ```
//!
//! What all sentences or heads shared gets a part of its gradient from each of them: over those the sum runs too, and the
//! result has no such axis.

use ndarray::Array2;

use super::{Kernel, Op, Rule, ShapeError, Sources, Term, common_batch, common_heads, kernel, operands, shaders};
use crate::ground::lang::Text;
use crate::math::numbers::{BLOCK, Numbers, Part};
use crate::math::tensor::{Cell, Shape};

/// Why the shader is written as it is.
pub(super) const REASON: Text = kernel::SUMMED;

/// The product with a transposed left side. See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransposedMatMul {
    /// Whether the sum also runs over the sentences.
    pub over_batch: bool,
    /// Whether the sum also runs over the heads.
    pub over_heads: bool,
}

impl TransposedMatMul {
    /// The product that makes the gradient of an operand: summed over what the operand lacks and the result has.
    pub(super) const fn to(operand: Shape, out: Shape) -> Self {
        Self {
            over_batch: operand.batch.is_none() && out.batch.is_some(),
            over_heads: operand.heads.is_none() && out.heads.is_some(),
        }
    }

    /// How many sentences and heads the sum runs over.
    fn summed(self, a: Shape, b: Shape) -> [usize; 2] {
        let many = |over: bool, n: Option<usize>| n.filter(|_| over).unwrap_or(1);
        [many(self.over_batch, a.batch.or(b.batch)), many(self.over_heads, a.heads.or(b.heads))]
    }

    /// The sentences and heads that a number of this one is summed over.
    fn planes(self, a: Shape, b: Shape, own: Cell) -> impl Iterator<Item = Cell> {
        let [batches, heads] = self.summed(a, b);
        let place = move |n: usize| Cell { batch: own.batch + n / heads, head: own.head + n % heads, ..own };
        (0..batches * heads).map(place)
    }
}

impl Op for TransposedMatMul {
    fn name(&self) -> &'static str {
        shaders::transposed_matmul.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        let op = self.name();
        let [a, b] = operands(op, inputs)?;
        if a.rows != b.rows {
            let rule = Text::new("两边的行要一样", "both must have the same rows");
            return Err(ShapeError::Mismatch { op, left: a, right: b, rule });
        }
        let (batch, heads) = (common_batch(op, a, b)?, common_heads(op, a, b)?);
        Ok(Shape {
            batch: batch.filter(|_| !self.over_batch),
            heads: heads.filter(|_| !self.over_heads),
            rows: a.cols,
            cols: b.cols,
        })
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        let (a, b) = (inputs[0], inputs[1]);
        let (inner, cols) = (a.shape().rows.len, part.out.cols.len);
        let step = (BLOCK / a.shape().cols.len.max(cols).max(1)).max(8);
        let own = Cell { batch: part.batch, head: part.head, ..Cell::default() };
        let mut c = Array2::zeros((part.rows.len(), cols));
        for Cell { batch, head, .. } in self.planes(*a.shape(), *b.shape(), own) {
            for start in (0..inner).step_by(step) {
                let some = start..(start + step).min(inner);
                let left = a.block(batch, head, some.clone(), part.rows.clone());
                c += &left.t().dot(&b.block(batch, head, some, 0..cols));
            }
        }
        c
    }

    fn sources(&self, inputs: &[Shape], cell: Cell) -> Sources {
        let (a, b) = (inputs[0], inputs[1]);
        let terms = self
            .planes(a, b, cell)
            .flat_map(|own| (0..a.rows.len).map(move |m| (own.moved(m, cell.row), own.moved(m, cell.col))))
            .map(|(left, right)| Term::product(a.clamp(left), b.clamp(right)))
            .collect();
        Sources { rule: Rule::Sum, terms }
    }

    fn kernel(&self, inputs: &[Shape], out: Shape) -> Kernel {
        let (a, b) = (inputs[0], inputs[1]);
        let [batches, heads] = self.summed(a, b);
        let [_, own_heads, rows, cols] = out.lens();
        let mut size = [own_heads, rows, a.rows.len, cols, batches, heads].map(|n| n as u32).to_vec();
        size.extend(kernel::strides(a));
        size.extend(kernel::strides(b));
        size.push(kernel::ZERO);
        Kernel::per_cell(shaders::transposed_matmul, size, out)
    }
}
