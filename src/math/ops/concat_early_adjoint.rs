//! The gradient of heads that were laid side by side too early: rows that were not there took no part.
//!
//! ```text
//! dA.h[i,c] = dY[i, h·d + c]   where i < ready
//!             0                in the rows behind        heads × rows × d  from  rows × heads·d
//! ```

use ndarray::{Array2, Slice};

use super::{Kernel, Op, Rule, ShapeError, Sources, Split, kernel, shaders};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Axis, Cell, Shape};

/// Why the shader is written as it is.
pub(super) const REASON: Text = kernel::MOVED;

/// Heads laid side by side too early, backward. See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConcatEarlyAdjoint {
    /// How many heads there were.
    pub heads: usize,
    /// What their columns counted.
    pub into: Axis,
    /// How many rows were there.
    pub ready: usize,
}

impl ConcatEarlyAdjoint {
    const fn split(self) -> Split {
        Split { heads: self.heads, into: self.into }
    }
}

impl Op for ConcatEarlyAdjoint {
    fn name(&self) -> &'static str {
        shaders::concat_early_adjoint.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        self.split().shape(inputs)
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        let mut rows = self.split().rows(inputs, part);
        let ready = self.ready.saturating_sub(part.rows.start).min(rows.nrows());
        rows.slice_axis_mut(ndarray::Axis(0), Slice::from(ready..)).fill(0.0);
        rows
    }

    /// A row that was not there has no source.
    fn sources(&self, inputs: &[Shape], cell: Cell) -> Sources {
        if cell.row < self.ready {
            return self.split().sources(inputs, cell);
        }
        Sources { rule: Rule::Copy, terms: Vec::new() }
    }

    fn kernel(&self, _inputs: &[Shape], out: Shape) -> Kernel {
        let [_, heads, rows, cols] = out.lens();
        let size = [heads, rows, cols, self.ready].map(|n| n as u32).to_vec();
        Kernel::per_cell(shaders::concat_early_adjoint, size, out)
    }
}
