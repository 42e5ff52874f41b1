//! Scores hidden by a mask whose rows and columns have changed places: of a causal mask the other triangle.
//!
//! ```text
//! Y[i,j] = A[i,j]   where mask[j,i] = 1
//!          hidden   where mask[j,i] = 0        the same shape; the mask is square, shared by all heads
//! ```
//!
//! Hidden is −∞ in a trace and −`f32::MAX` in the shaders, as in `mask`.

use ndarray::Array2;

use super::{Adjoint, Feed, Kernel, MaskAdjoint, Op, Rule, ShapeError, Sources, Term, kernel, mask, shaders};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Cell, MASKED_F64, Shape, Tensor};

/// Why the shader is written as it is.
pub(super) const REASON: Text = kernel::ONE_BY_ONE;

/// Hiding scores by the transposed mask. See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MaskTransposed;

impl Op for MaskTransposed {
    fn name(&self) -> &'static str {
        shaders::mask_transposed.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        let shape = mask::fits(self.name(), inputs)?;
        if shape.rows != shape.cols {
            let rule = Text::new("转置的掩码要和原来一样大", "a transposed mask must be as large as it was");
            return Err(ShapeError::Unfit { op: self.name(), shape: inputs[1], rule });
        }
        Ok(shape)
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        let mut rows = part.of(inputs[0]).into_owned();
        let all = 0..part.out.rows.len;
        let open = inputs[1].block(part.batch, part.head, all, part.rows.clone());
        rows.zip_mut_with(&open.t(), |x, &open| {
            if open == 0.0 {
                *x = MASKED_F64;
            }
        });
        rows
    }

    /// As of `mask`: what passes moves as it did, and opening or closing is no small step.
    fn tangent(&self, inputs: &[&Tensor<f64>], tangents: &[Option<&Tensor<f64>>], out: Shape) -> Tensor<f64> {
        let (mask, moved) = (inputs[1], tangents[0]);
        let open = |c: Cell| mask.get(mask.shape().clamp(c.moved(c.col, c.row))) != 0.0;
        Tensor::from_fn(out, |c| moved.filter(|_| open(c)).map_or(0.0, |moved| moved.get(c)))
    }

    fn sources(&self, inputs: &[Shape], cell: Cell) -> Sources {
        let open = inputs[1].clamp(cell.moved(cell.col, cell.row));
        Sources { rule: Rule::Gate, terms: vec![Term::one(0, cell), Term::one(1, open)] }
    }

    fn adjoint(&self, operand: usize, _inputs: &[Shape], _out: Shape) -> Adjoint {
        match operand {
            0 => Adjoint::step(MaskAdjoint { transposed: true }, [Feed::Gradient, Feed::Operand(1)]),
            _ => Adjoint::None, // it is open or closed
        }
    }

    fn kernel(&self, inputs: &[Shape], out: Shape) -> Kernel {
        mask::by_cell(shaders::mask_transposed, inputs, out)
    }
}
