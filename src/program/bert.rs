//! BERT: a stack of encoders. Every word sees every other; norms come after what they follow.
//!
//! ```text
//! hidden_0 = LayerNorm(E + P + S)
//! norm_1   = LayerNorm(hidden + attention(hidden))        hidden' = LayerNorm(norm_1 + feed_forward(norm_1))
//! ```
//!
//! Devlin et al. 2018; `RoBERTa` (Liu et al. 2019), `MiniLM` and e5 are built alike. Shapes: T words of `d_model` dimensions.

use super::blocks::ModelSizes;
use super::{Kind, Layer, Name, Program, Slot, Wiring};
use crate::math::ops::ShapeError;

/// The program of a BERT.
///
/// # Errors
/// [`ShapeError`] where sizes do not fit together.
pub fn bert(n: &ModelSizes, wiring: &Wiring) -> Result<Program, ShapeError> {
    let mut p = Program::new(Kind::Bert, *wiring);
    let mut hidden = embed(&mut p, n)?; //                                                       (T, d_model)
    for layer in (0..n.layers).map(Layer) {
        hidden = encode(&mut p, layer, hidden, n)?; //                                           (T, d_model)
    }
    p.predictions(hidden, n)?;
    Ok(p)
}

/// Words, positions and segments, added up and normalised.
fn embed(p: &mut Program, n: &ModelSizes) -> Result<Slot, ShapeError> {
    let (words, positions) = (p.rows_of(Name::E, n), p.rows_of(Name::P, n));
    let sum = if n.segments {
        let placed = p.plus(Name::Placed.into(), words, positions)?;
        let segments = p.rows_of(Name::S, n);
        p.plus(Name::Embedding.into(), placed, segments)?
    } else {
        p.plus(Name::Embedding.into(), words, positions)?
    };
    p.layer_norm(Name::Hidden.into(), sum, [Name::GainE, Name::ShiftE], n.epsilon)
}

/// One layer.
fn encode(p: &mut Program, layer: Layer, hidden: Slot, n: &ModelSizes) -> Result<Slot, ShapeError> {
    let of = |name: Name| name.of(Some(layer));
    let output = p.attention_of_layer(layer, hidden, None, n)?;
    let residual = p.plus(of(Name::Residual), hidden, output)?;
    let norm = p.layer_norm(of(Name::Norm1), residual, [Name::Gain1, Name::Shift1], n.epsilon)?;
    let mlp = p.feed_forward(layer, norm, n)?;
    let residual = p.plus(of(Name::Residual2), norm, mlp)?;
    p.layer_norm(of(Name::Hidden), residual, [Name::Gain2, Name::Shift2], n.epsilon)
}
