//! The gradient of what several sentences or heads shared: the parts of all of them, added up.
//!
//! ```text
//! C[i,j] = Σ_s Σ_h A.h[i,j] of sentence s        without the axes that are summed over
//! ```

use ndarray::Array2;

use super::{Kernel, Op, Rule, ShapeError, Sources, Term, kernel, operands, shaders};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Cell, Shape};

/// Why the shader is written as it is.
pub(super) const REASON: Text = kernel::SUMMED;

/// The sum over sentences, heads, or both. See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SumShared {
    /// Whether it runs over the sentences.
    pub over_batch: bool,
    /// Whether it runs over the heads.
    pub over_heads: bool,
}

impl SumShared {
    /// How many sentences and heads are added up.
    fn summed(self, a: Shape) -> [usize; 2] {
        let many = |over: bool, n: Option<usize>| n.filter(|_| over).unwrap_or(1);
        [many(self.over_batch, a.batch), many(self.over_heads, a.heads)]
    }

    /// The cells that are added up for this one.
    fn cells(self, a: Shape, own: Cell) -> impl Iterator<Item = Cell> {
        let [batches, heads] = self.summed(a);
        let place = move |n: usize| Cell { batch: own.batch + n / heads, head: own.head + n % heads, ..own };
        (0..batches * heads).map(place)
    }
}

impl Op for SumShared {
    fn name(&self) -> &'static str {
        shaders::sum_shared.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        let op = self.name();
        let [a] = operands(op, inputs)?;
        if (self.over_batch && a.batch.is_none()) || (self.over_heads && a.heads.is_none()) {
            let rule = Text::new("没有要加起来的句子或头", "there are no sentences or heads to add up");
            return Err(ShapeError::Unfit { op, shape: a, rule });
        }
        let (batch, heads) = (a.batch.filter(|_| !self.over_batch), a.heads.filter(|_| !self.over_heads));
        Ok(Shape { batch, heads, ..a })
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        let own = Cell { batch: part.batch, head: part.head, ..Cell::default() };
        let mut sum = Array2::zeros((part.rows.len(), part.out.cols.len));
        for Cell { batch, head, .. } in self.cells(*inputs[0].shape(), own) {
            sum += &Part { batch, head, ..part.clone() }.of(inputs[0]);
        }
        sum
    }

    fn sources(&self, inputs: &[Shape], cell: Cell) -> Sources {
        Sources { rule: Rule::Total, terms: self.cells(inputs[0], cell).map(|from| Term::one(0, from)).collect() }
    }

    fn kernel(&self, inputs: &[Shape], out: Shape) -> Kernel {
        let [batches, heads] = self.summed(inputs[0]);
        let [_, own_heads, rows, cols] = out.lens();
        let mut size = [own_heads, rows, cols, batches, heads].map(|n| n as u32).to_vec();
        size.extend(kernel::strides(inputs[0]));
        size.push(kernel::ZERO);
        Kernel::per_cell(shaders::sum_shared, size, out)
    }
}
