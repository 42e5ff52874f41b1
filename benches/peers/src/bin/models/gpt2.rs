//! GPT-2 by candle, as its users would write it: candle-transformers has none.

use std::error::Error;

use candle_core::{D, Device, Tensor};
use candle_nn::ops::softmax_last_dim;
use candle_nn::{LayerNorm, Module, VarBuilder, layer_norm};
use serde_json::Value;

pub struct Gpt2 {
    words: Tensor,
    positions: Tensor,
    layers: Vec<Layer>,
    norm: LayerNorm,
}

struct Layer {
    heads: usize,
    norm_1: LayerNorm,
    /// Queries, keys and values side by side.
    read: Conv1d,
    write: Conv1d,
    norm_2: LayerNorm,
    up: Conv1d,
    down: Conv1d,
}

/// GPT-2's name for `x·W + b` with a W of in × out.
struct Conv1d {
    w: Tensor,
    b: Tensor,
}

impl Gpt2 {
    /// What `config.json` says and the file of weights holds. Old files call their tensors by bare names.
    pub fn load(config: &Value, weights: &VarBuilder) -> Result<Self, Box<dyn Error>> {
        let size =
            |key: &str| config[key].as_u64().map(|n| n as usize).ok_or_else(|| format!("config.json has no {key}"));
        let (d, heads, layers) = (size("n_embd")?, size("n_head")?, size("n_layer")?);
        let (vocabulary, positions) = (size("vocab_size")?, size("n_positions")?);
        let inner = config["n_inner"].as_u64().map_or(4 * d, |inner| inner as usize);
        let epsilon = config["layer_norm_epsilon"].as_f64().unwrap_or(1e-5);
        let weights = if weights.contains_tensor("wte.weight") { weights.clone() } else { weights.pp("transformer") };
        let layer = |n: usize| -> candle_core::Result<Layer> {
            let of = weights.pp(format!("h.{n}"));
            Ok(Layer {
                heads,
                norm_1: layer_norm(d, epsilon, of.pp("ln_1"))?,
                read: Conv1d::load(d, 3 * d, &of.pp("attn.c_attn"))?,
                write: Conv1d::load(d, d, &of.pp("attn.c_proj"))?,
                norm_2: layer_norm(d, epsilon, of.pp("ln_2"))?,
                up: Conv1d::load(d, inner, &of.pp("mlp.c_fc"))?,
                down: Conv1d::load(inner, d, &of.pp("mlp.c_proj"))?,
            })
        };
        Ok(Self {
            words: weights.get((vocabulary, d), "wte.weight")?,
            positions: weights.get((positions, d), "wpe.weight")?,
            layers: (0..layers).map(layer).collect::<Result<_, _>>()?,
            norm: layer_norm(d, epsilon, weights.pp("ln_f"))?,
        })
    }

    /// The vectors of all pieces behind the last norm, and the logits of what follows the last piece.
    pub fn forward(&self, ids: &Tensor) -> candle_core::Result<(Tensor, Tensor)> {
        let pieces = ids.elem_count();
        let mask = mask(pieces, ids.device())?;
        let mut hidden = (self.words.index_select(ids, 0)? + self.positions.narrow(0, 0, pieces)?)?;
        for layer in &self.layers {
            hidden = layer.forward(&hidden, &mask)?;
        }
        let hidden = self.norm.forward(&hidden)?;
        let logits = hidden.narrow(0, pieces - 1, 1)?.matmul(&self.words.t()?)?;
        Ok((hidden, logits))
    }
}

impl Layer {
    fn forward(&self, hidden: &Tensor, mask: &Tensor) -> candle_core::Result<Tensor> {
        let read = self.read.forward(&self.norm_1.forward(hidden)?)?;
        let hidden = (hidden + self.write.forward(&self.attention(&read, mask)?)?)?;
        let inner = self.up.forward(&self.norm_2.forward(&hidden)?)?.gelu()?; // by tanh: gelu_new
        &hidden + self.down.forward(&inner)?
    }

    fn attention(&self, read: &Tensor, mask: &Tensor) -> candle_core::Result<Tensor> {
        let (pieces, d) = (read.dim(0)?, read.dim(D::Minus1)? / 3);
        let part = |n: usize| {
            let part = read.narrow(1, n * d, d)?.reshape((pieces, self.heads, d / self.heads))?;
            part.transpose(0, 1)?.contiguous() // heads × pieces × d of a head
        };
        let (q, k, v) = (part(0)?, part(1)?, part(2)?);
        let scores = (q.matmul(&k.t()?)? / ((d / self.heads) as f64).sqrt())?;
        let weights = softmax_last_dim(&scores.broadcast_add(mask)?)?;
        weights.matmul(&v)?.transpose(0, 1)?.contiguous()?.reshape((pieces, d))
    }
}

impl Conv1d {
    fn load(from: usize, to: usize, weights: &VarBuilder) -> candle_core::Result<Self> {
        Ok(Self { w: weights.get((from, to), "weight")?, b: weights.get(to, "bias")? })
    }

    fn forward(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        x.matmul(&self.w)?.broadcast_add(&self.b)
    }
}

/// 0 where a piece may look, −∞ behind it.
fn mask(pieces: usize, device: &Device) -> candle_core::Result<Tensor> {
    let seen = |n: usize| if n % pieces <= n / pieces { 0.0 } else { f32::NEG_INFINITY };
    Tensor::from_iter((0..pieces * pieces).map(seen), device)?.reshape((pieces, pieces))
}
