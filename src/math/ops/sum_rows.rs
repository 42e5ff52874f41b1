//! The gradient of a bias: every row, of every head and sentence, was moved by the same numbers, so each adds its part.
//!
//! ```text
//! C[1,j] = Σ_i A[i,j]        1 × cols  from  rows × cols; over all heads and sentences, too
//! ```

use ndarray::{Array2, Axis as Along};

use super::{Kernel, Op, Rule, ShapeError, Sources, Term, kernel, operands, shaders};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Axis, Cell, Shape};

/// Why the shader is written as it is.
pub(super) const REASON: Text = kernel::SUMMED;

/// The sum of all rows. See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SumRows;

impl Op for SumRows {
    fn name(&self) -> &'static str {
        shaders::sum_rows.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        operands(self.name(), inputs).map(|[a]| Shape::matrix(Axis::Vector.of(1), a.cols))
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        let [batch, heads, rows, cols] = inputs[0].shape().lens();
        let mut sum = Array2::zeros((part.rows.len(), cols));
        for (batch, head) in (0..batch).flat_map(|batch| (0..heads).map(move |head| (batch, head))) {
            sum += &inputs[0].block(batch, head, 0..rows, 0..cols).sum_axis(Along(0));
        }
        sum
    }

    fn sources(&self, inputs: &[Shape], cell: Cell) -> Sources {
        let own = inputs[0].cells().filter(|from| from.col == cell.col);
        Sources { rule: Rule::Total, terms: own.map(|from| Term::one(0, from)).collect() }
    }

    fn kernel(&self, inputs: &[Shape], out: Shape) -> Kernel {
        let [batch, heads, rows, cols] = inputs[0].lens();
        Kernel::per_cell(shaders::sum_rows, vec![(batch * heads * rows) as u32, cols as u32, kernel::ZERO], out)
    }
}
