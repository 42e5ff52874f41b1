//! The mean of all heads, instead of all heads side by side.
//!
//! ```text
//! mean[i,c] = Σ_h context.h[i,c] / heads        rows × d  from  heads × rows × d
//! ```

use ndarray::Array2;

use super::{Adjoint, AverageAdjoint, Feed, Kernel, Op, Rule, ShapeError, Sources, Term, operands, shaders};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Cell, Shape};

/// Why the shader is written as it is.
pub(super) const REASON: Text = Text::new(
    "一个线程算一格：把各个头同一格的数加起来，再除以头数。",
    "One invocation per cell: the numbers of that cell in all heads are added up and divided by how many there are.",
);

/// The mean of heads. See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Average;

impl Op for Average {
    fn name(&self) -> &'static str {
        shaders::average.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        let op = self.name();
        let [c] = operands(op, inputs)?;
        if c.heads.is_none_or(|heads| heads < 2) {
            let rule = Text::new("至少要有两个头才谈得上平均", "only two heads or more have a mean");
            return Err(ShapeError::Unfit { op, shape: c, rule });
        }
        Ok(Shape { heads: None, ..c })
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        let [_, heads, ..] = inputs[0].shape().lens();
        let mut rows = Array2::zeros((part.rows.len(), part.out.cols.len));
        for head in 0..heads {
            rows += &Part { head, ..part.clone() }.of(inputs[0]);
        }
        rows / heads as f64
    }

    fn sources(&self, inputs: &[Shape], cell: Cell) -> Sources {
        let [_, heads, ..] = inputs[0].lens();
        Sources { rule: Rule::Mean, terms: (0..heads).map(|head| Term::one(0, cell.in_head(head))).collect() }
    }

    fn adjoint(&self, _operand: usize, inputs: &[Shape], _out: Shape) -> Adjoint {
        Adjoint::step(AverageAdjoint { heads: inputs[0].heads.unwrap_or(1) }, [Feed::Gradient])
    }

    fn kernel(&self, inputs: &[Shape], out: Shape) -> Kernel {
        let [_, heads, rows, cols] = inputs[0].lens();
        let size = [heads, rows, cols].map(|n| n as u32).to_vec();
        Kernel::per_cell(shaders::average, size, out)
    }
}
