//! GPT-2: a stack of decoders. A word sees itself and those before it; norms come before what they feed.
//!
//! ```text
//! hidden_0 = E + P
//! residual = hidden + attention(LayerNorm(hidden))        hidden' = residual + feed_forward(LayerNorm(residual))
//! logits   = LayerNorm(hidden_last) · W_uᵀ
//! ```
//!
//! Radford et al. 2019. Shapes: T words of `d_model` dimensions.

use super::blocks::ModelSizes;
use super::{Kind, Layer, Name, Program, Slot, Wiring};
use crate::math::ops::ShapeError;

/// The program of a GPT-2.
///
/// # Errors
/// [`ShapeError`] where sizes do not fit together.
pub fn gpt2(n: &ModelSizes, wiring: &Wiring) -> Result<Program, ShapeError> {
    let mut p = Program::new(Kind::Gpt2, *wiring);
    let (words, positions) = (p.rows_of(Name::E, n), p.rows_of(Name::P, n));
    let mut hidden = p.plus(Name::Hidden.into(), words, positions)?; //                          (T, d_model)
    for layer in (0..n.layers).map(Layer) {
        hidden = decode(&mut p, layer, hidden, n)?; //                                           (T, d_model)
    }
    let last = p.layer_norm(Name::NormF.into(), hidden, [Name::GainF, Name::ShiftF], n.epsilon)?;
    p.predictions(last, n)?;
    Ok(p)
}

/// One layer.
fn decode(p: &mut Program, layer: Layer, hidden: Slot, n: &ModelSizes) -> Result<Slot, ShapeError> {
    let of = |name: Name| name.of(Some(layer));
    let norm = p.layer_norm(of(Name::Norm1), hidden, [Name::Gain1, Name::Shift1], n.epsilon)?;
    let output = p.attention_of_layer(layer, norm, None, n)?;
    let residual = p.plus(of(Name::Residual), hidden, output)?;
    let norm = p.layer_norm(of(Name::Norm2), residual, [Name::Gain2, Name::Shift2], n.epsilon)?;
    let mlp = p.feed_forward(layer, norm, n)?;
    p.plus(of(Name::Hidden), residual, mlp)
}
