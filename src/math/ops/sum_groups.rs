//! The gradient of a head that several heads shared: the parts of those that asked it, added up.
//!
//! ```text
//! C.g[i,j] = Σ_h A.h[i,j]        over the heads g·group … g·group + group − 1; heads/group × rows × cols  from  heads × rows × cols
//! ```

use ndarray::Array2;

use super::{Kernel, Op, Rule, ShapeError, Sources, Term, kernel, operands, shaders};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Cell, Shape};

/// Why the shader is written as it is.
pub(super) const REASON: Text = kernel::SUMMED;

/// The sum over each group of heads. See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SumGroups {
    /// How many heads shared one.
    pub group: usize,
}

impl SumGroups {
    /// The heads of a group.
    const fn heads(self, group: usize) -> std::ops::Range<usize> {
        group * self.group..(group + 1) * self.group
    }
}

impl Op for SumGroups {
    fn name(&self) -> &'static str {
        shaders::sum_groups.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        let op = self.name();
        let [a] = operands(op, inputs)?;
        match a.heads {
            Some(heads) if self.group > 0 && heads.is_multiple_of(self.group) => {
                Ok(Shape { heads: Some(heads / self.group), ..a })
            }
            _ => {
                let rule = Text::owned(
                    format!("头要能每 {} 个分成一组", self.group),
                    format!("its heads must come in groups of {}", self.group),
                );
                Err(ShapeError::Unfit { op, shape: a, rule })
            }
        }
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        let mut sum = Array2::zeros((part.rows.len(), part.out.cols.len));
        for head in self.heads(part.head) {
            sum += &Part { head, ..part.clone() }.of(inputs[0]);
        }
        sum
    }

    fn sources(&self, _inputs: &[Shape], cell: Cell) -> Sources {
        let terms = self.heads(cell.head).map(|head| Term::one(0, cell.in_head(head))).collect();
        Sources { rule: Rule::Total, terms }
    }

    fn kernel(&self, _inputs: &[Shape], out: Shape) -> Kernel {
        let [_, heads, rows, cols] = out.lens();
        let mut size = [heads, rows, cols, self.group].map(|n| n as u32).to_vec();
        size.push(kernel::ZERO);
        Kernel::per_cell(shaders::sum_groups, size, out)
    }
}
