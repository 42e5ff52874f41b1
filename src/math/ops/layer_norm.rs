//! Layer normalisation: every word's vector brought to mean 0 and spread 1, then stretched by γ and moved by β.
//!
//! ```text
//! μ = Σ_k X[i,k] / cols        σ² = Σ_k (X[i,k] − μ)² / cols
//! Y[i,j] = (X[i,j] − μ) / √(σ² + ε) · γ[j] + β[j]        the same shape as X; γ and β are 1 × cols
//! ```
//!
//! ```text
//! n = (X − μ) / √(σ² + ε)        dn[j] = (dX[j] − mean(dX) − n[j] · mean(n · dX)) / √(σ² + ε)
//! dY = dn · γ + n · dγ + dβ
//! ```
//!
//! Ba, Kiros and Hinton 2016.

use ndarray::Array2;

use super::bias::{is_vector, vector};
use super::{
    Adjoint, AdjointStep, Feed, Kernel, LayerNormAdjoint, LayerNormGainAdjoint, Op, Rule, ShapeError, Sources, SumRows,
    Term, operands, root_mean_square, shaders,
};
use crate::ground::lang::Text;
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Cell, Shape, Tensor};

/// Why the shader is written as it is.
pub(super) const REASON: Text = Text::new(
    "一个线程算一行，因为一行里的数要共用同一个均值和同一个方差：先求均值，再求离均值多远，最后逐个写出。",
    "One invocation per row, since the numbers of a row share one mean and one variance: first the mean, then how far the numbers lie from it, then each number.",
);

/// Layer normalisation. See the module.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LayerNorm {
    /// What keeps the divisor from 0.
    pub epsilon: f64,
}

/// How a row is normalised.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    /// The mean μ.
    pub mean: f64,
    /// `√(σ² + ε)`.
    pub spread: f64,
}

impl Moments {
    /// Those of a row.
    pub fn of(row: &[f64], epsilon: f64) -> Self {
        let count = row.len().max(1) as f64;
        let mean = row.iter().sum::<f64>() / count;
        let variance = row.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count;
        Self { mean, spread: (variance + epsilon).sqrt() }
    }

    /// Those of a row that is only stretched and stays where it is: 0 and its root mean square.
    pub fn about_zero(row: &[f64], epsilon: f64) -> Self {
        Self { mean: 0.0, spread: root_mean_square(row, epsilon) }
    }

    /// A number of the row, normalised.
    pub fn normal(&self, x: f64) -> f64 {
        (x - self.mean) / self.spread
    }

    /// The gradient of the row, `g` being that of what it was brought to. Of a centred one what moves the whole row is taken out,
    /// of every one what stretches it.
    pub(crate) fn adjoint(&self, row: &[f64], g: &[f64], centred: bool) -> Vec<f64> {
        let count = row.len().max(1) as f64;
        let moving = if centred { g.iter().sum::<f64>() / count } else { 0.0 };
        let stretching = row.iter().zip(g).map(|(x, g)| self.normal(*x) * g).sum::<f64>() / count;
        row.iter().zip(g).map(|(x, g)| (g - moving - self.normal(*x) * stretching) / self.spread).collect()
    }
}

impl Op for LayerNorm {
    fn name(&self) -> &'static str {
        shaders::layer_norm.name
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        let op = self.name();
        let [x, gain, shift] = operands(op, inputs)?;
        is_vector(op, x, gain)?;
        is_vector(op, x, shift)?;
        Ok(x)
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        let mut rows = part.of(inputs[0]).into_owned();
        for mut row in rows.rows_mut() {
            let Moments { mean, spread } = Moments::of(&row.to_vec(), self.epsilon);
            row.mapv_inplace(|x| (x - mean) / spread);
        }
        rows * &vector(inputs[1]) + &vector(inputs[2])
    }

    fn tangent(&self, inputs: &[&Tensor<f64>], tangents: &[Option<&Tensor<f64>>], out: Shape) -> Tensor<f64> {
        let (x, gain) = (inputs[0], inputs[1]);
        let [batch, heads, rows, cols] = out.lens();
        let mut moved = Tensor::zeros(out);
        let row_of = |tensor: &Tensor<f64>, s, h, i| tensor.matrix(s, h).row(i).to_vec();
        for (s, h, i) in (0..batch * heads * rows).map(|n| (n / (heads * rows), n / rows % heads, n % rows)) {
            let row = row_of(x, s, h, i);
            let Moments { mean, spread } = Moments::of(&row, self.epsilon);
            let n: Vec<f64> = row.iter().map(|x| (x - mean) / spread).collect();
            let dx = tangents[0].map_or_else(|| vec![0.0; cols], |dx| row_of(dx, s, h, i));
            let mean_dx = dx.iter().sum::<f64>() / cols as f64;
            let mean_ndx = n.iter().zip(&dx).map(|(n, dx)| n * dx).sum::<f64>() / cols as f64;
            let one = |tensor: Option<&Tensor<f64>>, j| tensor.map_or(0.0, |t| t.get(Cell::at(0, j)));
            for j in 0..cols {
                let dn = (dx[j] - mean_dx - n[j] * mean_ndx) / spread;
                let dy = dn * gain.get(Cell::at(0, j)) + n[j] * one(tangents[1], j) + one(tangents[2], j);
                moved.set(Cell { batch: s, head: h, row: i, col: j }, dy);
            }
        }
        moved
    }

    /// The whole row; behind it γ and β of the column.
    fn sources(&self, inputs: &[Shape], cell: Cell) -> Sources {
        let row = (0..inputs[0].cols.len).map(|j| Term::one(0, cell.moved(cell.row, j)));
        let own = [1, 2].map(|input| Term::one(input, Cell::at(0, cell.col)));
        let rule = Rule::LayerNorm { chosen: cell.col, epsilon: self.epsilon };
        Sources { rule, terms: row.chain(own).collect() }
    }

    fn adjoint(&self, operand: usize, _inputs: &[Shape], _out: Shape) -> Adjoint {
        let epsilon = self.epsilon;
        match operand {
            0 => Adjoint::step(LayerNormAdjoint { epsilon }, [Feed::Operand(0), Feed::Operand(1), Feed::Gradient]),
            1 => Adjoint::Steps(vec![
                AdjointStep::new(LayerNormGainAdjoint { epsilon }, [Feed::Operand(0), Feed::Gradient]),
                AdjointStep::new(SumRows, [Feed::Step(0)]),
            ]),
            _ => Adjoint::step(SumRows, [Feed::Gradient]),
        }
    }

    fn kernel(&self, _inputs: &[Shape], out: Shape) -> Kernel {
        let [_, _, rows, cols] = out.lens();
        let size = vec![rows as u32, cols as u32, (self.epsilon as f32).to_bits()];
        Kernel::per_row(shaders::layer_norm, size, out)
    }
}
