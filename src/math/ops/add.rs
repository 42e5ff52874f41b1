//! The residual connection: what a part of a layer made is added to what it was made from.
//!
//! ```text
//! Y[i,j] = A[i,j] + B[i,j]        the same shape
//! ```
//!
//! He et al. 2015; Vaswani et al. 2017, §3.1. Word and position vectors are added up in the same way.

use ndarray::Array2;

use super::{Adjoint, Kernel, Op, Rule, ShapeError, Sources, Term, kernel, operands, shaders};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Cell, Shape, Tensor};

/// Why the shader is written as it is.
pub(super) const REASON: Text = kernel::ONE_BY_ONE;

/// The sum of two tensors, number by number. See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Add;

impl Op for Add {
    fn name(&self) -> &'static str {
        shaders::add.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        let op = self.name();
        let [a, b] = operands(op, inputs)?;
        if a != b {
            let rule = Text::new("相加的两边大小要一样", "both must have the same size to be added");
            return Err(ShapeError::Mismatch { op, left: a, right: b, rule });
        }
        Ok(a)
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        &part.of(inputs[0]) + &part.of(inputs[1])
    }

    fn tangent(&self, _inputs: &[&Tensor<f64>], tangents: &[Option<&Tensor<f64>>], out: Shape) -> Tensor<f64> {
        let mut sum = Tensor::zeros(out);
        tangents.iter().flatten().for_each(|tangent| sum.add(tangent));
        sum
    }

    fn sources(&self, _inputs: &[Shape], cell: Cell) -> Sources {
        Sources { rule: Rule::Sum, terms: vec![Term::one(0, cell), Term::one(1, cell)] }
    }

    fn adjoint(&self, _operand: usize, _inputs: &[Shape], _out: Shape) -> Adjoint {
        Adjoint::SAME
    }

    fn kernel(&self, _inputs: &[Shape], out: Shape) -> Kernel {
        let [_, _, rows, cols] = out.lens();
        Kernel::per_cell(shaders::add, vec![rows as u32, cols as u32], out)
    }
}
