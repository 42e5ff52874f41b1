//! `masked`: keys that a query must not see are hidden before softmax.
//!
//! ```text
//! Y[i,j] = A[i,j]   where mask[i,j] = 1
//!          hidden   where mask[i,j] = 0        the same shape; the mask is rows × cols, shared by all heads
//! ```
//!
//! Hidden is −∞ in a trace. The shaders write −`f32::MAX` instead, since a driver may assume that
//! infinities do not occur; softmax leaves such entries out, it never computes with them.

use ndarray::Array2;

use super::{
    Adjoint, Feed, Kernel, MaskAdjoint, Op, Rule, Shader, ShapeError, Sources, Term, common_batch, kernel, operands,
    shaders,
};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Cell, MASKED_F64, Shape, Tensor};

/// Why the shader is written as it is.
pub(super) const REASON: Text = kernel::ONE_BY_ONE;

/// Hiding scores. See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mask;

impl Op for Mask {
    fn name(&self) -> &'static str {
        shaders::mask.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        fits(self.name(), inputs)
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        let mut rows = part.of(inputs[0]).into_owned();
        rows.zip_mut_with(&part.of(inputs[1]), |x, &open| {
            if open == 0.0 {
                *x = MASKED_F64;
            }
        });
        rows
    }

    /// What passes moves as it did; what is hidden stays hidden. Opening or closing the mask itself is no small step: it has
    /// no derivative.
    fn tangent(&self, inputs: &[&Tensor<f64>], tangents: &[Option<&Tensor<f64>>], out: Shape) -> Tensor<f64> {
        let (mask, moved) = (inputs[1], tangents[0]);
        let open = |c| mask.get(mask.shape().clamp(c)) != 0.0;
        Tensor::from_fn(out, |c| moved.filter(|_| open(c)).map_or(0.0, |moved| moved.get(c)))
    }

    fn sources(&self, inputs: &[Shape], cell: Cell) -> Sources {
        Sources { rule: Rule::Gate, terms: vec![Term::one(0, cell), Term::one(1, inputs[1].clamp(cell))] }
    }

    fn adjoint(&self, operand: usize, _inputs: &[Shape], _out: Shape) -> Adjoint {
        match operand {
            0 => Adjoint::step(MaskAdjoint { transposed: false }, [Feed::Gradient, Feed::Operand(1)]),
            _ => Adjoint::None, // it is open or closed
        }
    }

    fn kernel(&self, inputs: &[Shape], out: Shape) -> Kernel {
        by_cell(shaders::mask, inputs, out)
    }
}

/// The shape of numbers that a mask fits, one row a query and one column a key.
pub(super) fn fits(op: &'static str, inputs: &[Shape]) -> Result<Shape, ShapeError> {
    let [a, mask] = operands(op, inputs)?;
    if (a.rows, a.cols) != (mask.rows, mask.cols) || mask.heads.is_some() {
        let rule = Text::new("掩码要每个查询一行、每个键一列", "the mask needs one row a query and one column a key");
        return Err(ShapeError::Mismatch { op, left: a, right: mask, rule });
    }
    common_batch(op, a, mask)?;
    Ok(a)
}

/// The launch of a shader that takes numbers and their mask: `heads rows cols mask_sentence`.
pub(super) fn by_cell(shader: Shader, inputs: &[Shape], out: Shape) -> Kernel {
    let [_, heads, rows, cols] = out.lens();
    let mut size = [heads, rows, cols].map(|n| n as u32).to_vec();
    size.push(kernel::strides(inputs[1])[0]);
    Kernel::per_cell(shader, size, out)
}
