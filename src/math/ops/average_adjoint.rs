//! The gradient of heads of which the mean was taken: each has the same part in it.
//!
//! ```text
//! dA.h[i,c] = dY[i,c] / heads        heads × rows × d  from  rows × d
//! ```

use ndarray::Array2;

use super::{Kernel, Op, Rule, ShapeError, Sources, Term, kernel, operands, shaders};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Cell, Shape};

/// Why the shader is written as it is.
pub(super) const REASON: Text = kernel::ONE_BY_ONE;

/// The mean of heads, backward. See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AverageAdjoint {
    /// How many heads there were.
    pub heads: usize,
}

impl Op for AverageAdjoint {
    fn name(&self) -> &'static str {
        shaders::average_adjoint.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        let op = self.name();
        let [a] = operands(op, inputs)?;
        if a.heads.is_some() || self.heads == 0 {
            let rule = Text::new("它已经分成了头", "it has heads already");
            return Err(ShapeError::Unfit { op, shape: a, rule });
        }
        Ok(Shape { heads: Some(self.heads), ..a })
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        part.of(inputs[0]).mapv(|x| x / self.heads as f64)
    }

    fn sources(&self, _inputs: &[Shape], cell: Cell) -> Sources {
        Sources { rule: Rule::Quotient(self.heads as f64), terms: vec![Term::one(0, cell.in_head(0))] }
    }

    fn kernel(&self, _inputs: &[Shape], out: Shape) -> Kernel {
        let [_, heads, rows, cols] = out.lens();
        Kernel::per_cell(shaders::average_adjoint, [heads, rows, cols].map(|n| n as u32).to_vec(), out)
    }
}
