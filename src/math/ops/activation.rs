//! The functions between the two products of a feed-forward network, number by number. Each has an op, and so a shader, of its
//! own; here they are as numbers.
//!
//! | | `f(x)` | source |
//! |---|---|---|
//! | GELU | `x · Φ(x) = x/2 · (1 + erf(x/√2))` | Hendrycks and Gimpel 2016 |
//! | GELU by tanh | `x/2 · (1 + tanh(√(2/π) · (x + 0.044715·x³)))` | the same, as GPT-2 computes it |
//! | `SiLU` | `x / (1 + e^(−x))` | the same; Ramachandran et al. 2017 call it Swish |
//! | `ReLU` | `max(0, x)` | Vaswani et al. 2017, eq. 2 |

use ndarray::Array2;

use super::{Kernel, Rule, Shader, ShapeError, Sources, Term, operands};
use crate::math::numbers::{Numbers, Part};
use crate::math::tensor::{Cell, Shape, Tensor};

/// Which function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Activation {
    /// `x · Φ(x)`, Φ being the normal distribution's.
    Gelu,
    /// The same, Φ approached by tanh.
    GeluTanh,
    /// `x · σ(x)`, σ being the logistic function.
    Silu,
    /// `max(0, x)`.
    Relu,
}

/// `√(2/π)`.
const ROOT: f64 = 0.797_884_560_802_865_4;

/// The cubic part of the approach by tanh.
const CUBIC: f64 = 0.044_715;

impl Activation {
    /// How it is written in a formula.
    pub const fn written(self) -> &'static str {
        match self {
            Self::Gelu | Self::GeluTanh => "GELU",
            Self::Silu => "SiLU",
            Self::Relu => "ReLU",
        }
    }

    /// What x is multiplied by: between 0 and 1.
    pub fn gate(self, x: f64) -> f64 {
        match self {
            Self::Gelu => f64::midpoint(1.0, libm::erf(x * std::f64::consts::FRAC_1_SQRT_2)),
            Self::GeluTanh => f64::midpoint(1.0, (ROOT * (x + CUBIC * x.powi(3))).tanh()),
            Self::Silu => 1.0 / (1.0 + (-x).exp()),
            Self::Relu => f64::from(u8::from(x > 0.0)),
        }
    }

    /// The function.
    pub fn of(self, x: f64) -> f64 {
        x * self.gate(x)
    }

    /// Its derivative.
    pub fn slope(self, x: f64) -> f64 {
        let gate = self.gate(x);
        let steepness = match self {
            Self::Gelu => (-x * x / 2.0).exp() * ROOT / 2.0,
            Self::GeluTanh => {
                let t = 2.0 * gate - 1.0;
                (1.0 - t * t) / 2.0 * ROOT * (1.0 + 3.0 * CUBIC * x * x)
            }
            Self::Silu => gate * (1.0 - gate),
            Self::Relu => 0.0,
        };
        gate + x * steepness
    }

    pub(super) fn shape(op: &'static str, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        operands(op, inputs).map(|[a]| a)
    }

    pub(super) fn rows(self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        part.of(inputs[0]).mapv(|x| self.of(x))
    }

    pub(super) fn tangent(self, inputs: &[&Tensor<f64>], tangents: &[Option<&Tensor<f64>>], out: Shape) -> Tensor<f64> {
        Tensor::from_fn(out, |c| tangents[0].map_or(0.0, |moved| self.slope(inputs[0].get(c)) * moved.get(c)))
    }

    pub(super) fn sources(self, cell: Cell) -> Sources {
        Sources { rule: Rule::Activation(self), terms: vec![Term::one(0, cell)] }
    }

    pub(super) fn kernel(shader: Shader, out: Shape) -> Kernel {
        let [_, _, rows, cols] = out.lens();
        Kernel::per_cell(shader, vec![rows as u32, cols as u32], out)
    }
}
