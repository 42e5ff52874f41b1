//! `Q = H · W_q`, split into heads: head h owns the columns h·d … h·d + d − 1 of W.
//!
//! ```text
//! Q.h[i,c] = Σ_m H[i,m] · W[m, h·d + c]        heads × rows × d = (rows × inner) · (inner × heads·d)
//! ```
//!
//! K and V alike. One wide product gives every head its own projection
//! (Vaswani et al. 2017, §3.2.2).

use ndarray::Array2;

use super::{
    Adjoint, AdjointStep, ConcatInto, Feed, Kernel, MatMulTransposed, Op, Rule, ShapeError, Sources, Term,
    TransposedMatMul, kernel, operands, shaders,
};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Axis, Cell, Dim, Shape};

/// Why the shader is written as it is.
pub(super) const REASON: Text = kernel::SUMMED;

/// The projection into heads. See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Project {
    /// How many heads share the columns of W.
    pub heads: usize,
    /// What the columns become: [`Axis::Feature`] for queries and keys, [`Axis::Value`] for values.
    pub into: Axis,
}

impl Op for Project {
    fn name(&self) -> &'static str {
        shaders::project.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        let op = self.name();
        let [h, w] = operands(op, inputs)?;
        if h.cols != w.rows || h.heads.is_some() || w.heads.is_some() || w.batch.is_some() {
            let rule =
                Text::new("词向量的列要对上权重的行", "the columns of the words must be the rows of the weights");
            return Err(ShapeError::Mismatch { op, left: h, right: w, rule });
        }
        if !matches!(w.cols.axis, Axis::HeadFeature | Axis::HeadValue) {
            let rule = Text::new("它的列必须是并排的各个头", "its columns must be heads side by side");
            return Err(ShapeError::Unfit { op, shape: w, rule });
        }
        let cols = per_head(op, w, self.heads)?;
        Ok(Shape { batch: h.batch, heads: Some(self.heads), rows: h.rows, cols: self.into.of(cols) })
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        let (words, w) = (part.of(inputs[0]), inputs[1]);
        let (d, inner) = (part.out.cols.len, w.shape().rows.len);
        let first = part.head * d;
        Part::product(&words, d, |some| w.block(0, 0, 0..inner, first + some.start..first + some.end))
    }

    fn sources(&self, inputs: &[Shape], cell: Cell) -> Sources {
        let (words, w) = (inputs[0], inputs[1]);
        let d = w.cols.len / self.heads;
        let terms = (0..words.cols.len)
            .map(|m| {
                let left = words.clamp(cell.moved(cell.row, m));
                Term::product(left, Cell::at(m, cell.head * d + cell.col))
            })
            .collect();
        Sources { rule: Rule::Sum, terms }
    }

    fn adjoint(&self, operand: usize, inputs: &[Shape], out: Shape) -> Adjoint {
        let w = inputs[1];
        let side_by_side = AdjointStep::new(ConcatInto { into: w.cols.axis }, [Feed::Gradient]);
        let last = match operand {
            0 => AdjointStep::new(MatMulTransposed, [Feed::Step(0), Feed::Operand(1)]),
            _ => AdjointStep::new(TransposedMatMul::to(w, out), [Feed::Operand(0), Feed::Step(0)]),
        };
        Adjoint::Steps(vec![side_by_side, last])
    }

    fn kernel(&self, inputs: &[Shape], out: Shape) -> Kernel {
        let inner = inputs[0].cols.len;
        let [_, heads, rows, cols] = out.lens();
        let mut size = [heads, rows, inner, cols].map(|n| n as u32).to_vec();
        size.extend([kernel::strides(inputs[0])[0], kernel::ZERO]);
        Kernel::per_cell(shaders::project, size, out)
    }
}

/// Columns of one head, where `heads` of them share a matrix evenly.
pub(super) fn per_head(op: &'static str, shape: Shape, heads: usize) -> Result<usize, ShapeError> {
    let Dim { len, .. } = shape.cols;
    if heads == 0 || len % heads != 0 || len == 0 {
        let rule = Text::owned(
            format!("{len} 列不能由 {heads} 个头平分"),
            format!("{len} columns cannot be shared evenly by {heads} heads"),
        );
        return Err(ShapeError::Unfit { op, shape, rule });
    }
    Ok(len / heads)
}
