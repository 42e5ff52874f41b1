//! The gradient of scores from that of the masked ones: it passes where the mask is open. What was hidden took no part, so
//! nothing comes back.
//!
//! ```text
//! dA[i,j] = dY[i,j]   where mask[i,j] = 1
//!           0         where mask[i,j] = 0        the same shape; the mask is rows × cols, shared by all heads
//! ```
//!
//! With `transposed` it is `mask[j,i]` that decides.

use ndarray::Array2;

use super::{Kernel, MaskTransposed, Op, Rule, ShapeError, Sources, Term, kernel, mask, shaders};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Cell, Shape, Tensor};

/// Why the shader is written as it is.
pub(super) const REASON: Text = kernel::ONE_BY_ONE;

/// The mask, backward. See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MaskAdjoint {
    /// Whether rows and columns of the mask had changed places.
    pub transposed: bool,
}

impl MaskAdjoint {
    /// The entry of the mask that decides about a cell.
    fn entry(self, mask: Shape, cell: Cell) -> Cell {
        mask.clamp(if self.transposed { cell.moved(cell.col, cell.row) } else { cell })
    }
}

impl Op for MaskAdjoint {
    fn name(&self) -> &'static str {
        shaders::mask_adjoint.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        let shape = mask::fits(self.name(), inputs)?;
        if self.transposed { MaskTransposed.shape(inputs) } else { Ok(shape) }
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        let mut rows = part.of(inputs[0]).into_owned();
        let pass = |x: &mut f64, &open: &f64| *x = if open == 0.0 { 0.0 } else { *x };
        if self.transposed {
            let open = inputs[1].block(part.batch, part.head, 0..part.out.rows.len, part.rows.clone());
            rows.zip_mut_with(&open.t(), pass);
        } else {
            rows.zip_mut_with(&part.of(inputs[1]), pass);
        }
        rows
    }

    /// What passes moves as it did; opening or closing the mask is no small step.
    fn tangent(&self, inputs: &[&Tensor<f64>], tangents: &[Option<&Tensor<f64>>], out: Shape) -> Tensor<f64> {
        let open = |c| inputs[1].get(self.entry(*inputs[1].shape(), c)) != 0.0;
        Tensor::from_fn(out, |c| tangents[0].filter(|_| open(c)).map_or(0.0, |moved| moved.get(c)))
    }

    fn sources(&self, inputs: &[Shape], cell: Cell) -> Sources {
        let open = self.entry(inputs[1], cell);
        Sources { rule: Rule::Pass, terms: vec![Term::one(0, cell), Term::one(1, open)] }
    }

    fn kernel(&self, inputs: &[Shape], out: Shape) -> Kernel {
        let mut kernel = mask::by_cell(shaders::mask_adjoint, inputs, out);
        kernel.size.push(u32::from(self.transposed));
        kernel
    }
}
