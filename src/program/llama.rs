//! Llama and its kin: decoders that know positions by turning queries and keys, and whose feed-forward network has a gate.
//!
//! ```text
//! residual = hidden + attention(RMSNorm(hidden))        hidden' = residual + gated_feed_forward(RMSNorm(residual))
//! logits   = RMSNorm(hidden_last) · W_uᵀ
//! ```
//!
//! Touvron et al. 2023, with rotary positions (Su et al. 2021), `SwiGLU` (Shazeer 2020) and, where `kv_heads` are fewer than
//! heads, grouped-query attention (Ainslie et al. 2023). Mistral, Qwen2 (with biases) and `SmolLM2` are built alike.
//! Shapes: T words of `d_model` dimensions.

use super::blocks::ModelSizes;
use super::{Kind, Layer, Name, Program, Slot, Wiring};
use crate::math::ops::ShapeError;
use crate::math::tensor::{Axis, Shape};

/// The program of a Llama.
///
/// # Errors
/// [`ShapeError`] where sizes do not fit together.
pub fn llama(n: &ModelSizes, wiring: &Wiring) -> Result<Program, ShapeError> {
    let mut p = Program::new(Kind::Llama, *wiring);
    let mut hidden = p.rows_of(Name::Hidden, n); //                                              (T, d_model), the words themselves
    let table = Shape::matrix(Axis::Token.of(n.tokens), Axis::Rotation.of(2 * n.head_dim));
    let rotation = p.input(Name::Rotation, table); //                                            (T, 2d)
    for layer in (0..n.layers).map(Layer) {
        hidden = decode(&mut p, layer, (hidden, rotation), n)?; //                               (T, d_model)
    }
    let last = p.rms_norm(Name::NormF.into(), hidden, Name::GainF, n.epsilon)?;
    p.predictions(last, n)?;
    Ok(p)
}

/// One layer.
fn decode(p: &mut Program, layer: Layer, (hidden, rotation): (Slot, Slot), n: &ModelSizes) -> Result<Slot, ShapeError> {
    let of = |name: Name| name.of(Some(layer));
    let norm = p.rms_norm(of(Name::Norm1), hidden, Name::Gain1, n.epsilon)?;
    let output = p.attention_of_layer(layer, norm, Some(rotation), n)?;
    let residual = p.plus(of(Name::Residual), hidden, output)?;
    let norm = p.rms_norm(of(Name::Norm2), residual, Name::Gain2, n.epsilon)?;
    let mlp = p.gated_feed_forward(layer, norm, n)?;
    p.plus(of(Name::Hidden), residual, mlp)
}
