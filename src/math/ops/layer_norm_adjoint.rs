//! The gradient of what was normalised. Moving all numbers of a row alike, or stretching the row, changes nothing in the
//! result: those two directions are taken out of the gradient.
//!
//! ```text
//! n = (X − μ) / √(σ² + ε)        g = γ · dY
//! dX[i,j] = (g[i,j] − mean_k g[i,k] − n[i,j] · mean_k (n[i,k] · g[i,k])) / √(σ² + ε)        the same shape as X; γ is 1 × cols
//! ```
//!
//! Ba, Kiros and Hinton 2016.

use ndarray::{Array1, Array2};

use super::bias::{is_vector, vector};
use super::{Kernel, Moments, Op, Operand, Rule, ShapeError, Sources, Term, alike, operands, shaders};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Cell, Shape, Tensor};

/// Why the shader is written as it is.
pub(super) const REASON: Text = Text::new(
    "一个线程算一行：先求这一行的均值和方差，再求要去掉的两个平均，最后逐个写出。",
    "One invocation per row: its mean and variance first, then the two averages that are taken out, then each number.",
);

/// Layer normalisation, backward: from X, γ and the gradient of the result. See the module.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LayerNormAdjoint {
    /// What keeps the divisor from 0.
    pub epsilon: f64,
}

/// The row of X, then of each column γ times the gradient.
pub(super) fn terms(inputs: &[Shape], cell: Cell) -> Vec<Term> {
    let cols = inputs[0].cols.len;
    let of = |input, col| Operand { input, cell: cell.moved(cell.row, col) };
    let row = (0..cols).map(|k| Term { factors: vec![of(0, k)] });
    let stretched = (0..cols).map(|k| Term { factors: vec![Operand { input: 1, cell: Cell::at(0, k) }, of(2, k)] });
    row.chain(stretched).collect()
}

/// X, γ and a gradient of X's shape.
pub(super) fn shape(op: &'static str, inputs: &[Shape]) -> Result<Shape, ShapeError> {
    let [x, gain, gradient] = operands(op, inputs)?;
    is_vector(op, x, gain)?;
    alike(op, x, gradient)
}

/// Rows of the gradient, from the moments of a row of X.
pub(super) fn rows(
    inputs: &[&dyn Numbers],
    part: &Part,
    (moments, centred): (impl Fn(&[f64]) -> Moments, bool),
) -> Array2<f64> {
    let mut rows = part.of(inputs[0]).into_owned();
    let g = &part.of(inputs[2]) * &vector(inputs[1]);
    for (mut row, g) in rows.rows_mut().into_iter().zip(g.rows()) {
        let x = row.to_vec();
        let adjoint = moments(&x).adjoint(&x, &g.to_vec(), centred);
        row.assign(&Array1::from_vec(adjoint));
    }
    rows
}

impl Op for LayerNormAdjoint {
    fn name(&self) -> &'static str {
        shaders::layer_norm_adjoint.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        shape(self.name(), inputs)
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        rows(inputs, part, (|row: &[f64]| Moments::of(row, self.epsilon), true))
    }

    fn tangent(&self, inputs: &[&Tensor<f64>], tangents: &[Option<&Tensor<f64>>], out: Shape) -> Tensor<f64> {
        super::by_difference(self, inputs, tangents, out)
    }

    /// The row of X, then of each column γ times the gradient.
    fn sources(&self, inputs: &[Shape], cell: Cell) -> Sources {
        let rule = Rule::NormAdjoint { chosen: cell.col, epsilon: self.epsilon, centred: true };
        Sources { rule, terms: terms(inputs, cell) }
    }

    fn kernel(&self, _inputs: &[Shape], out: Shape) -> Kernel {
        let [_, _, rows, cols] = out.lens();
        let size = vec![rows as u32, cols as u32, (self.epsilon as f32).to_bits()];
        Kernel::per_row(shaders::layer_norm_adjoint, size, out)
    }
}
