//! `C = A · B + b`: a linear layer, as `output = concat · W_o + b_o`.
//!
//! ```text
//! C[i,j] = Σ_m A[i,m] · B[m,j] + b[j]        (rows × cols) = (rows × inner) · (inner × cols) + (1 × cols)
//! ```

use ndarray::Array2;

use super::bias::{is_vector, vector};
use super::matmul::product_size;
use super::{Adjoint, Feed, Kernel, MatMul, Op, ShapeError, Sources, SumRows, Term, kernel, operands, shaders};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Cell, Shape, Tensor};

/// Why the shader is written as it is.
pub(super) const REASON: Text = kernel::SUMMED;

/// The matrix product and a bias. See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MatMulBiased;

impl Op for MatMulBiased {
    fn name(&self) -> &'static str {
        shaders::matmul_biased.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        let op = self.name();
        let [a, b, bias] = operands(op, inputs)?;
        let out = MatMul.shape(&[a, b])?;
        is_vector(op, out, bias)?;
        Ok(out)
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        MatMul.rows(&inputs[..2], part) + &vector(inputs[2])
    }

    fn tangent(&self, inputs: &[&Tensor<f64>], tangents: &[Option<&Tensor<f64>>], out: Shape) -> Tensor<f64> {
        let mut moved = MatMul.tangent(&inputs[..2], &tangents[..2], out);
        if let Some(bias) = tangents[2] {
            moved.add(&Tensor::from_fn(out, |c| bias.get(Cell::at(0, c.col))));
        }
        moved
    }

    fn sources(&self, inputs: &[Shape], cell: Cell) -> Sources {
        let mut sources = MatMul.sources(&inputs[..2], cell);
        sources.terms.push(Term::one(2, Cell::at(0, cell.col)));
        sources
    }

    fn adjoint(&self, operand: usize, inputs: &[Shape], out: Shape) -> Adjoint {
        match operand {
            2 => Adjoint::step(SumRows, [Feed::Gradient]),
            _ => MatMul.adjoint(operand, &inputs[..2], out),
        }
    }

    fn kernel(&self, inputs: &[Shape], out: Shape) -> Kernel {
        let (a, b) = (inputs[0], inputs[1]);
        let size = product_size(a, b, a.cols.len, out);
        Kernel::per_cell(shaders::matmul_biased, size, out)
    }
}
