//! `concat`: every head's context, side by side.
//!
//! ```text
//! concat[i, h·d + c] = context.h[i,c]        rows × heads·d  from  heads × rows × d
//! ```

use ndarray::{Array2, Slice};

use super::{Adjoint, Feed, Kernel, Op, Rule, ShapeError, Sources, Split, Term, kernel, operands, shaders};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Axis, Cell, Shape};

/// Why the shader is written as it is.
pub(super) const REASON: Text = kernel::MOVED;

/// Heads laid side by side. See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Concat;

/// The same, whatever the columns become: the way back from heads that were split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConcatInto {
    /// What the columns become.
    pub into: Axis,
}

impl ConcatInto {
    const VALUES: Self = Self { into: Axis::HeadValue };
}

impl Op for Concat {
    fn name(&self) -> &'static str {
        shaders::concat.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        ConcatInto::VALUES.shape(inputs)
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        ConcatInto::VALUES.rows(inputs, part)
    }

    fn sources(&self, inputs: &[Shape], cell: Cell) -> Sources {
        ConcatInto::VALUES.sources(inputs, cell)
    }

    fn adjoint(&self, operand: usize, inputs: &[Shape], out: Shape) -> Adjoint {
        ConcatInto::VALUES.adjoint(operand, inputs, out)
    }

    fn kernel(&self, inputs: &[Shape], out: Shape) -> Kernel {
        ConcatInto::VALUES.kernel(inputs, out)
    }
}

impl Op for ConcatInto {
    fn name(&self) -> &'static str {
        shaders::concat.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        let op = self.name();
        let [c] = operands(op, inputs)?;
        let Some(heads) = c.heads else {
            let rule = Text::new("没有可以并排的头", "there are no heads to lay side by side");
            return Err(ShapeError::Unfit { op, shape: c, rule });
        };
        Ok(Shape { heads: None, cols: self.into.of(heads * c.cols.len), ..c })
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        let d = inputs[0].shape().cols.len;
        let mut rows = Array2::zeros((part.rows.len(), part.out.cols.len));
        for head in 0..part.out.cols.len / d {
            let own = Part { head, ..part.clone() }.of(inputs[0]);
            rows.slice_axis_mut(ndarray::Axis(1), Slice::from(head * d..(head + 1) * d)).assign(&own);
        }
        rows
    }

    fn sources(&self, inputs: &[Shape], cell: Cell) -> Sources {
        let d = inputs[0].cols.len;
        let from = Cell { head: cell.col / d, col: cell.col % d, ..cell };
        Sources { rule: Rule::Copy, terms: vec![Term::one(0, from)] }
    }

    fn adjoint(&self, _operand: usize, inputs: &[Shape], _out: Shape) -> Adjoint {
        let c = inputs[0];
        Adjoint::step(Split { heads: c.heads.unwrap_or(1), into: c.cols.axis }, [Feed::Gradient])
    }

    fn kernel(&self, inputs: &[Shape], out: Shape) -> Kernel {
        let [_, heads, rows, d] = inputs[0].lens();
        let size = [heads, rows, d].map(|n| n as u32).to_vec();
        Kernel::per_cell(shaders::concat, size, out)
    }
}
