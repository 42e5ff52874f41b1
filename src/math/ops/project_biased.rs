//! `Q = H · W_q + b_q`, split into heads: head h owns the columns h·d … h·d + d − 1 of W and of b.
//!
//! ```text
//! Q.h[i,c] = Σ_m H[i,m] · W[m, h·d + c] + b[h·d + c]        heads × rows × d
//! ```
//!
//! K and V alike: what a layer of BERT and of GPT does where the formula of the paper has no bias.

use ndarray::Array2;

use super::bias::is_vector;
use super::{
    Adjoint, AdjointStep, ConcatInto, Feed, Kernel, Op, Project, ShapeError, Sources, SumRows, Term, kernel, operands,
    shaders,
};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Axis, Cell, Shape, Tensor};

/// Why the shader is written as it is.
pub(super) const REASON: Text = kernel::SUMMED;

/// The projection into heads, and a bias. See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProjectBiased {
    /// How many heads share the columns of W.
    pub heads: usize,
    /// What the columns become: [`Axis::Feature`] for queries and keys, [`Axis::Value`] for values.
    pub into: Axis,
}

impl ProjectBiased {
    const fn product(self) -> Project {
        Project { heads: self.heads, into: self.into }
    }
}

/// The number of the bias that a cell gets.
fn of(cell: Cell, d: usize) -> Cell {
    Cell::at(0, cell.head * d + cell.col)
}

impl Op for ProjectBiased {
    fn name(&self) -> &'static str {
        shaders::project_biased.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        let op = self.name();
        let [h, w, bias] = operands(op, inputs)?;
        is_vector(op, w, bias)?;
        self.product().shape(&[h, w])
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        let d = part.out.cols.len;
        self.product().rows(&inputs[..2], part) + &inputs[2].block(0, 0, 0..1, part.head * d..(part.head + 1) * d)
    }

    fn tangent(&self, inputs: &[&Tensor<f64>], tangents: &[Option<&Tensor<f64>>], out: Shape) -> Tensor<f64> {
        let mut moved = self.product().tangent(&inputs[..2], &tangents[..2], out);
        if let Some(bias) = tangents[2] {
            moved.add(&Tensor::from_fn(out, |c| bias.get(of(c, out.cols.len))));
        }
        moved
    }

    fn sources(&self, inputs: &[Shape], cell: Cell) -> Sources {
        let mut sources = self.product().sources(&inputs[..2], cell);
        sources.terms.push(Term::one(2, of(cell, inputs[1].cols.len / self.heads)));
        sources
    }

    fn adjoint(&self, operand: usize, inputs: &[Shape], out: Shape) -> Adjoint {
        match operand {
            2 => Adjoint::Steps(vec![
                AdjointStep::new(ConcatInto { into: inputs[2].cols.axis }, [Feed::Gradient]),
                AdjointStep::new(SumRows, [Feed::Step(0)]),
            ]),
            _ => self.product().adjoint(operand, &inputs[..2], out),
        }
    }

    fn kernel(&self, inputs: &[Shape], out: Shape) -> Kernel {
        let size = self.product().kernel(&inputs[..2], out).size;
        Kernel::per_cell(shaders::project_biased, size, out)
    }
}
