//! `Q = H` without weights: the columns of the words are dealt out to the heads.
//!
//! ```text
//! Q.h[i,c] = H[i, h·d + c]        heads × rows × d  from  rows × heads·d
//! ```
//!
//! With one head this is H itself: the simplified attention in which the words are their own
//! queries, keys and values.

use ndarray::Array2;

use super::{
    Adjoint, ConcatInto, Feed, Kernel, Op, Rule, ShapeError, Sources, Term, kernel, operands, project::per_head,
    shaders,
};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Axis, Cell, Shape};

/// Why the shader is written as it is.
pub(super) const REASON: Text = kernel::MOVED;

/// Dealing columns out to heads. See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Split {
    /// How many heads share the columns.
    pub heads: usize,
    /// What the columns become: [`Axis::Feature`] for queries and keys, [`Axis::Value`] for values.
    pub into: Axis,
}

impl Op for Split {
    fn name(&self) -> &'static str {
        shaders::split.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        let op = self.name();
        let [h] = operands(op, inputs)?;
        if h.heads.is_some() {
            let rule = Text::new("它已经分成了头", "it has heads already");
            return Err(ShapeError::Unfit { op, shape: h, rule });
        }
        let cols = per_head(op, h, self.heads)?;
        Ok(Shape { heads: Some(self.heads), cols: self.into.of(cols), ..h })
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        let (d, head) = (part.out.cols.len, part.head);
        part.cols(inputs[0], head * d..(head + 1) * d).into_owned()
    }

    fn sources(&self, inputs: &[Shape], cell: Cell) -> Sources {
        let d = inputs[0].cols.len / self.heads;
        let from = Cell { head: 0, col: cell.head * d + cell.col, ..cell };
        Sources { rule: Rule::Copy, terms: vec![Term::one(0, from)] }
    }

    fn adjoint(&self, _operand: usize, inputs: &[Shape], _out: Shape) -> Adjoint {
        Adjoint::step(ConcatInto { into: inputs[0].cols.axis }, [Feed::Gradient])
    }

    fn kernel(&self, _inputs: &[Shape], out: Shape) -> Kernel {
        let [_, heads, rows, cols] = out.lens();
        let size = [heads, rows, cols].map(|n| n as u32).to_vec();
        Kernel::per_cell(shaders::split, size, out)
    }
}
