//! Root-mean-square normalisation: every word's vector brought to length √cols, then stretched by γ. No mean is taken off.
//!
//! ```text
//! r = √(Σ_k X[i,k]² / cols + ε)        Y[i,j] = X[i,j] / r · γ[j]        the same shape as X; γ is 1 × cols
//! ```
//!
//! ```text
//! n = X / r        dn[j] = (dX[j] − n[j] · mean(n · dX)) / r        dY = dn · γ + n · dγ
//! ```
//!
//! Zhang and Sennrich 2019.

use ndarray::Array2;

use super::bias::{is_vector, vector};
use super::{
    Adjoint, AdjointStep, Feed, Kernel, Op, RmsNormAdjoint, RmsNormGainAdjoint, Rule, ShapeError, Sources, SumRows,
    Term, operands, shaders,
};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Cell, Shape, Tensor};

/// Why the shader is written as it is.
pub(super) const REASON: Text = Text::new(
    "一个线程算一行，因为一行里的数要共用同一个均方根：先求它，再逐个除。",
    "One invocation per row, since the numbers of a row share one root mean square: first that, then each number over it.",
);

/// Root-mean-square normalisation. See the module.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RmsNorm {
    /// What keeps the divisor from 0.
    pub epsilon: f64,
}

/// `√(Σ x² / count + ε)`.
pub fn root_mean_square(row: &[f64], epsilon: f64) -> f64 {
    (row.iter().map(|x| x * x).sum::<f64>() / row.len().max(1) as f64 + epsilon).sqrt()
}

impl Op for RmsNorm {
    fn name(&self) -> &'static str {
        shaders::rms_norm.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        let op = self.name();
        let [x, gain] = operands(op, inputs)?;
        is_vector(op, x, gain)?;
        Ok(x)
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        let mut rows = part.of(inputs[0]).into_owned();
        for mut row in rows.rows_mut() {
            let r = root_mean_square(&row.to_vec(), self.epsilon);
            row.mapv_inplace(|x| x / r);
        }
        rows * &vector(inputs[1])
    }

    fn tangent(&self, inputs: &[&Tensor<f64>], tangents: &[Option<&Tensor<f64>>], out: Shape) -> Tensor<f64> {
        let (x, gain) = (inputs[0], inputs[1]);
        let [batch, heads, rows, cols] = out.lens();
        let mut moved = Tensor::zeros(out);
        let row_of = |tensor: &Tensor<f64>, s, h, i| tensor.matrix(s, h).row(i).to_vec();
        for (s, h, i) in (0..batch * heads * rows).map(|n| (n / (heads * rows), n / rows % heads, n % rows)) {
            let row = row_of(x, s, h, i);
            let r = root_mean_square(&row, self.epsilon);
            let n: Vec<f64> = row.iter().map(|x| x / r).collect();
            let dx = tangents[0].map_or_else(|| vec![0.0; cols], |dx| row_of(dx, s, h, i));
            let mean_ndx = n.iter().zip(&dx).map(|(n, dx)| n * dx).sum::<f64>() / cols as f64;
            for j in 0..cols {
                let dn = (dx[j] - n[j] * mean_ndx) / r;
                let dg = tangents[1].map_or(0.0, |t| t.get(Cell::at(0, j)));
                moved.set(Cell { batch: s, head: h, row: i, col: j }, dn * gain.get(Cell::at(0, j)) + n[j] * dg);
            }
        }
        moved
    }

    /// The whole row; behind it γ of the column.
    fn sources(&self, inputs: &[Shape], cell: Cell) -> Sources {
        let row = (0..inputs[0].cols.len).map(|j| Term::one(0, cell.moved(cell.row, j)));
        let rule = Rule::RmsNorm { chosen: cell.col, epsilon: self.epsilon };
        Sources { rule, terms: row.chain([Term::one(1, Cell::at(0, cell.col))]).collect() }
    }

    fn adjoint(&self, operand: usize, _inputs: &[Shape], _out: Shape) -> Adjoint {
        let epsilon = self.epsilon;
        match operand {
            0 => Adjoint::step(RmsNormAdjoint { epsilon }, [Feed::Operand(0), Feed::Operand(1), Feed::Gradient]),
            _ => Adjoint::Steps(vec![
                AdjointStep::new(RmsNormGainAdjoint { epsilon }, [Feed::Operand(0), Feed::Gradient]),
                AdjointStep::new(SumRows, [Feed::Step(0)]),
            ]),
        }
    }

    fn kernel(&self, _inputs: &[Shape], out: Shape) -> Kernel {
        let [_, _, rows, cols] = out.lens();
        let size = vec![rows as u32, cols as u32, (self.epsilon as f32).to_bits()];
        Kernel::per_row(shaders::rms_norm, size, out)
    }
}
