//! Grouped-query attention: several heads that ask share one head of keys and values.
//!
//! ```text
//! Y.h[i,c] = A.g[i,c]        g = the whole part of h / group        heads × rows × d  from  heads/group × rows × d
//! ```
//!
//! Ainslie et al. 2023: as many queries as before, fewer keys and values to keep.

use ndarray::Array2;

use super::{Adjoint, Feed, Kernel, Op, Rule, ShapeError, Sources, SumGroups, Term, kernel, operands, shaders};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Cell, Shape, Tensor};

/// Why the shader is written as it is.
pub(super) const REASON: Text = kernel::MOVED;

/// Heads shared by several others. See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShareHeads {
    /// How many heads share one.
    pub group: usize,
}

impl Op for ShareHeads {
    fn name(&self) -> &'static str {
        shaders::share_heads.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        let op = self.name();
        let [a] = operands(op, inputs)?;
        match a.heads {
            Some(heads) if self.group > 0 => Ok(Shape { heads: Some(heads * self.group), ..a }),
            _ => {
                let rule = Text::new("只有分了头的才能共用", "only what has heads can be shared by several");
                Err(ShapeError::Unfit { op, shape: a, rule })
            }
        }
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        Part { head: part.head / self.group, ..part.clone() }.of(inputs[0]).into_owned()
    }

    fn tangent(&self, _inputs: &[&Tensor<f64>], tangents: &[Option<&Tensor<f64>>], out: Shape) -> Tensor<f64> {
        Tensor::from_fn(out, |c| tangents[0].map_or(0.0, |moved| moved.get(c.in_head(c.head / self.group))))
    }

    fn sources(&self, _inputs: &[Shape], cell: Cell) -> Sources {
        Sources { rule: Rule::Copy, terms: vec![Term::one(0, cell.in_head(cell.head / self.group))] }
    }

    fn adjoint(&self, _operand: usize, _inputs: &[Shape], _out: Shape) -> Adjoint {
        Adjoint::step(SumGroups { group: self.group }, [Feed::Gradient])
    }

    fn kernel(&self, _inputs: &[Shape], out: Shape) -> Kernel {
        let [_, heads, rows, cols] = out.lens();
        let size = [heads, rows, cols, self.group].map(|n| n as u32).to_vec();
        Kernel::per_cell(shaders::share_heads, size, out)
    }
}
