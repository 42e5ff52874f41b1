//! Rotary positions: every pair of features of a query or key is turned by an angle that grows with the position.
//!
//! ```text
//! Y[i,c] = X[i,c] · R[i,c] + X[i,c'] · R[i, d + c]        c' = c + d/2 where c < d/2, else c − d/2
//! R[i,c] = cos(i·θ_c)        R[i, d + c] = −sin(i·θ_c) where c < d/2, else sin(i·θ_c)        θ_c = base^(−2(c mod d/2)/d)
//! ```
//!
//! Heads × rows × d; R is rows × 2d, shared by all heads. Su et al. 2021, `RoFormer`, eq. 34, with the features paired by halves as
//! the checkpoints of this kind have them. The scores then depend on how far apart two words stand, not on where.

use ndarray::Array2;

use super::{Adjoint, Feed, Kernel, Op, RotateAdjoint, Rule, ShapeError, Sources, Term, operands, shaders};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Axis, Cell, Shape};

/// Why the shader is written as it is.
pub(super) const REASON: Text = Text::new(
    "一个线程算一格：读一对特征和这个位置的余弦、正弦，转过一个角度，写回其中一个。",
    "One invocation per cell: it reads a pair of features and the cosine and sine of the position, and writes one of the two, turned.",
);

/// Turning by position. See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotate;

/// The feature that a feature is turned with.
pub(super) const fn partner(col: usize, d: usize) -> usize {
    let half = d / 2;
    if col < half { col + half } else { col - half }
}

impl Op for Rotate {
    fn name(&self) -> &'static str {
        shaders::rotate.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        let op = self.name();
        let [x, table] = operands(op, inputs)?;
        if x.cols.len % 2 != 0 {
            let rule = Text::new("特征要能两两配对", "its features must come in pairs");
            return Err(ShapeError::Unfit { op, shape: x, rule });
        }
        let fits = table.rows == x.rows && table.cols == Axis::Rotation.of(2 * x.cols.len);
        if !fits || table.batch.is_some() || table.heads.is_some() {
            let rule =
                Text::new("每个位置、每个特征要有余弦和正弦", "every position needs a cosine and a sine a feature");
            return Err(ShapeError::Mismatch { op, left: x, right: table, rule });
        }
        Ok(x)
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        let (x, table, d) = (part.of(inputs[0]), part.of(inputs[1]), part.out.cols.len);
        Array2::from_shape_fn((part.rows.len(), d), |(i, c)| {
            x[[i, c]] * table[[i, c]] + x[[i, partner(c, d)]] * table[[i, d + c]]
        })
    }

    fn sources(&self, inputs: &[Shape], cell: Cell) -> Sources {
        let d = inputs[0].cols.len;
        let term = |from: usize, by: usize| Term::product(cell.moved(cell.row, from), Cell::at(cell.row, by));
        Sources { rule: Rule::Sum, terms: vec![term(cell.col, cell.col), term(partner(cell.col, d), d + cell.col)] }
    }

    fn adjoint(&self, operand: usize, _inputs: &[Shape], _out: Shape) -> Adjoint {
        match operand {
            0 => Adjoint::step(RotateAdjoint, [Feed::Gradient, Feed::Operand(1)]),
            _ => Adjoint::None, // positions are given
        }
    }

    fn kernel(&self, _inputs: &[Shape], out: Shape) -> Kernel {
        let [_, _, rows, d] = out.lens();
        Kernel::per_cell(shaders::rotate, vec![rows as u32, d as u32], out)
    }
}
