//! Heads laid side by side before all of them were there: the last rows hold what a new buffer holds, 0.
//!
//! ```text
//! concat[i, h·d + c] = context.h[i,c]   where i < ready
//!                      0                in the rows behind        rows × heads·d  from  heads × rows × d
//! ```
//!
//! On a real device it is a race: what is read too early may be the old contents, the new ones, or some of both, another time
//! otherwise. Here it is always the same rows, so that it can be looked at.

use ndarray::{Array2, Slice};

use super::{Adjoint, Concat, ConcatEarlyAdjoint, Feed, Kernel, Op, Rule, ShapeError, Sources, kernel, shaders};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Cell, Shape};

/// Why the shader is written as it is.
pub(super) const REASON: Text = kernel::MOVED;

/// Heads laid side by side too early. See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConcatEarly {
    /// How many rows were there.
    pub ready: usize,
}

impl Op for ConcatEarly {
    fn name(&self) -> &'static str {
        shaders::concat_early.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        Concat.shape(inputs)
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        let mut rows = Concat.rows(inputs, part);
        let ready = self.ready.saturating_sub(part.rows.start).min(rows.nrows());
        rows.slice_axis_mut(ndarray::Axis(0), Slice::from(ready..)).fill(0.0);
        rows
    }

    /// A row that was not there has no source.
    fn sources(&self, inputs: &[Shape], cell: Cell) -> Sources {
        if cell.row < self.ready {
            return Concat.sources(inputs, cell);
        }
        Sources { rule: Rule::Copy, terms: Vec::new() }
    }

    fn adjoint(&self, _operand: usize, inputs: &[Shape], _out: Shape) -> Adjoint {
        let c = inputs[0];
        let split = ConcatEarlyAdjoint { heads: c.heads.unwrap_or(1), into: c.cols.axis, ready: self.ready };
        Adjoint::step(split, [Feed::Gradient])
    }

    fn kernel(&self, inputs: &[Shape], out: Shape) -> Kernel {
        let [_, heads, rows, d] = inputs[0].lens();
        let size = [heads, rows, d, self.ready].map(|n| n as u32).to_vec();
        Kernel::per_cell(shaders::concat_early, size, out)
    }
}
