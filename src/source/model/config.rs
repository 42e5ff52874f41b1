//! `config.json`: what kind of model a checkpoint is, and its sizes.
//!
//! The file is the one that Hugging Face's `transformers` writes; the keys are its. Whatever would make the model compute
//! something else than what we compute is refused by name, and so is a kind of model that we do not know.

use super::error::ModelError;
use super::json::{At, Document, utf8};
use crate::ground::lang::Text;

/// Which family's formula a model follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    /// Post-norm encoder with learned positions: BERT, `RoBERTa`, XLM-R, `MiniLM`, E5.
    Bert,
    /// Pre-norm decoder with learned positions.
    Gpt2,
    /// Pre-norm decoder with rotary positions, RMS norm and a gated inner layer: Llama, Mistral, Qwen2, `SmolLM2`.
    Llama,
}

/// The function between the two matrices of the inner layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Activation {
    /// `x · Φ(x)`, by the error function.
    GeluErf,
    /// The same by a hyperbolic tangent.
    GeluTanh,
    /// `max(0, x)`.
    Relu,
    /// `x · sigmoid(x)`.
    Silu,
}

/// Which matrices have a bias beside them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Biases {
    /// `W_q`, `W_k`, `W_v`.
    pub projections: bool,
    /// `W_o`.
    pub output: bool,
    /// The matrices of the inner layer.
    pub inner: bool,
}

/// What a checkpoint says about its model.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Which formula.
    pub family: Family,
    /// The model's own kind, as `model_type` says it: `bert`, `xlm-roberta`, `qwen2`.
    pub model_type: String,
    /// How many layers.
    pub layers: usize,
    /// Heads that ask.
    pub heads: usize,
    /// Heads that answer; `heads` is a multiple of it, and equal to it where heads do not share keys and values.
    pub kv_heads: usize,
    /// Numbers of a word vector, `d_model`.
    pub model: usize,
    /// Numbers of one head's query, key and value.
    pub head_dim: usize,
    /// Numbers of the inner layer.
    pub inner: usize,
    /// Rows of the table of word vectors.
    pub vocabulary: usize,
    /// The most pieces of a text.
    pub positions: usize,
    /// The row of the table of positions at which a text begins: 0, but the padding's number + 1 for `RoBERTa` and XLM-R.
    pub position_offset: usize,
    /// Rows of the table of token types; 0 where there is none.
    pub segments: usize,
    /// The function inside the inner layer.
    pub activation: Activation,
    /// What is added under the root of a norm.
    pub epsilon: f64,
    /// The base of rotary positions; none where positions are learned.
    pub rope_theta: Option<f64>,
    /// Which matrices have a bias.
    pub biases: Biases,
    /// The table of word vectors is also the matrix that reads out the next word.
    pub tied: bool,
}

/// The bytes of a `config.json`, at most: real ones have some kilobytes, of which labels take most.
pub(super) const LARGEST: u64 = 4 << 20;

const LAYERS: usize = 1024;
const HEADS: usize = 1024;
const MODEL: usize = 1 << 16;
const INNER: usize = 1 << 20;
const VOCABULARY: usize = 1 << 24;
const POSITIONS: usize = 1 << 24;
const SEGMENTS: usize = 1024;

/// The kinds that are known, as `model_type` says them.
const KINDS: [&str; 7] = ["bert", "roberta", "xlm-roberta", "gpt2", "llama", "mistral", "qwen2"];

impl Config {
    /// Norms stand before attention and inner layer, not behind them.
    pub const fn norm_first(&self) -> bool {
        !matches!(self.family, Family::Bert)
    }

    /// Norms divide by the root mean square alone: no mean, no shift.
    pub const fn rms(&self) -> bool {
        matches!(self.family, Family::Llama)
    }

    /// A word sees itself and the words before it, not those behind it.
    pub const fn causal(&self) -> bool {
        !matches!(self.family, Family::Bert)
    }

    /// The inner layer has a gate.
    pub const fn gated(&self) -> bool {
        matches!(self.family, Family::Llama)
    }

    /// Reads a `config.json`; `file` is what errors call it.
    ///
    /// # Errors
    /// [`ModelError::Form`] with line and column of what is no JSON, of a size that makes no sense, and of an option that
    /// we do not compute.
    pub fn parse(bytes: &[u8], file: &str) -> Result<Self, ModelError> {
        let source = utf8(bytes, file)?;
        let document = Document::parse(source, file)?;
        let kind = document.get("model_type").ok_or_else(|| document.lacks("model_type"))?;
        let name = kind.word()?;
        refuse_everywhere(&document)?;
        match name.as_str() {
            "bert" | "roberta" | "xlm-roberta" => bert(&document, name),
            "gpt2" => gpt2(&document, name),
            "llama" | "mistral" | "qwen2" => llama(&document, name),
            _ => Err(only(kind, &KINDS)),
        }
    }
}

/// A value that is none of those which we know.
fn only(at: At<'_>, known: &[&str]) -> ModelError {
    let (key, found, known) = (at.key(), at.written(), known.iter().map(|name| format!("\"{name}\"")));
    let known: Vec<_> = known.collect();
    at.refuse(Text::owned(
        format!("{key} 是 {found}，这里只支持 {}", known.join("、")),
        format!("{key} is {found}, only {} can be computed here", known.join(", ")),
    ))
}

/// A key that must have one value, which is also what its absence means.
fn must_be(document: &Document<'_>, key: &str, value: bool) -> Result<(), ModelError> {
    match document.get(key) {
        Some(at) if at.flag()? != value => {
            let (found, key) = (!value, at.key());
            Err(at.refuse(Text::owned(
                format!("{key} 是 {found}，这里只支持 {value}"),
                format!("{key} is {found}, only {value} can be computed here"),
            )))
        }
        _ => Ok(()),
    }
}

/// What no family of ours has.
fn refuse_everywhere(document: &Document<'_>) -> Result<(), ModelError> {
    if let Some(at) = document.get("quantization_config") {
        return Err(at.refuse(Text::new(
            "有 quantization_config：权重是量化过的；这里只支持没有量化的 F32、F16、BF16",
            "there is a quantization_config: the weights are quantized; only unquantized F32, F16 and BF16 can be read here",
        )));
    }
    must_be(document, "add_cross_attention", false)?;
    must_be(document, "is_encoder_decoder", false)
}

fn needed(document: &Document<'_>, key: &str, most: usize) -> Result<usize, ModelError> {
    document.get(key).ok_or_else(|| document.lacks(key))?.whole(1..=most)
}

fn activation(document: &Document<'_>, key: &str, usual: Activation) -> Result<Activation, ModelError> {
    let Some(at) = document.get(key) else { return Ok(usual) };
    Ok(match at.word()?.as_str() {
        "gelu" | "gelu_python" => Activation::GeluErf,
        "gelu_new" | "gelu_fast" | "gelu_pytorch_tanh" => Activation::GeluTanh,
        "relu" => Activation::Relu,
        "silu" | "swish" => Activation::Silu,
        _ => return Err(only(at, &["gelu", "gelu_new", "gelu_pytorch_tanh", "relu", "silu"])),
    })
}

fn flag(document: &Document<'_>, key: &str, usual: bool) -> Result<bool, ModelError> {
    document.get(key).map_or(Ok(usual), At::flag)
}

fn epsilon(document: &Document<'_>, key: &str, usual: f64) -> Result<f64, ModelError> {
    document.get(key).map_or(Ok(usual), |at| at.positive(1.0))
}

/// The heads, which must divide the word vector evenly.
fn heads(document: &Document<'_>, key: &str, model: usize) -> Result<usize, ModelError> {
    let at = document.get(key).ok_or_else(|| document.lacks(key))?;
    let heads = at.whole(1..=HEADS)?;
    if model.is_multiple_of(heads) {
        return Ok(heads);
    }
    Err(at.refuse(Text::owned(
        format!("{key} 是 {heads}，除不尽词向量的 {model} 维"),
        format!("{key} is {heads}, which does not divide the {model} numbers of a word vector"),
    )))
}

fn bert(document: &Document<'_>, model_type: String) -> Result<Config, ModelError> {
    must_be(document, "is_decoder", false)?;
    if let Some(at) = document.get("position_embedding_type")
        && at.word()? != "absolute"
    {
        return Err(only(at, &["absolute"]));
    }
    let model = needed(document, "hidden_size", MODEL)?;
    let heads = heads(document, "num_attention_heads", model)?;
    // RoBERTa numbers positions from the padding's number + 1 on.
    let position_offset = match document.get("pad_token_id") {
        _ if model_type == "bert" => 0,
        Some(at) => at.whole(0..=VOCABULARY)? + 1,
        None => 2,
    };
    let table = document.get("max_position_embeddings").ok_or_else(|| document.lacks("max_position_embeddings"))?;
    let rows = table.whole(1..=POSITIONS)?;
    let positions = rows.checked_sub(position_offset).filter(|rows| *rows > 0).ok_or_else(|| {
        table.refuse(Text::owned(
            format!("max_position_embeddings 是 {rows}，可是位置从第 {position_offset} 行开始，一行也不剩"),
            format!("max_position_embeddings is {rows}, but positions begin at row {position_offset}: none is left"),
        ))
    })?;
    let usual = if model_type == "bert" { 2 } else { 1 };
    let segments = document.get("type_vocab_size").map_or(Ok(usual), |at| at.whole(0..=SEGMENTS))?;
    Ok(Config {
        family: Family::Bert,
        layers: needed(document, "num_hidden_layers", LAYERS)?,
        heads,
        kv_heads: heads,
        model,
        head_dim: model / heads,
        inner: needed(document, "intermediate_size", INNER)?,
        vocabulary: needed(document, "vocab_size", VOCABULARY)?,
        positions,
        position_offset,
        segments,
        activation: activation(document, "hidden_act", Activation::GeluErf)?,
        epsilon: epsilon(document, "layer_norm_eps", if model_type == "bert" { 1e-12 } else { 1e-5 })?,
        rope_theta: None,
        biases: Biases { projections: true, output: true, inner: true },
        tied: flag(document, "tie_word_embeddings", true)?,
        model_type,
    })
}

fn gpt2(document: &Document<'_>, model_type: String) -> Result<Config, ModelError> {
    must_be(document, "scale_attn_weights", true)?;
    must_be(document, "scale_attn_by_inverse_layer_idx", false)?;
    let model = needed(document, "n_embd", MODEL)?;
    let heads = heads(document, "n_head", model)?;
    let positions = document.first(&["n_positions", "n_ctx"]).ok_or_else(|| document.lacks("n_positions"))?;
    Ok(Config {
        family: Family::Gpt2,
        layers: needed(document, "n_layer", LAYERS)?,
        heads,
        kv_heads: heads,
        model,
        head_dim: model / heads,
        inner: document.get("n_inner").map_or(Ok(4 * model), |at| at.whole(1..=INNER))?,
        vocabulary: needed(document, "vocab_size", VOCABULARY)?,
        positions: positions.whole(1..=POSITIONS)?,
        position_offset: 0,
        segments: 0,
        activation: activation(document, "activation_function", Activation::GeluTanh)?,
        epsilon: epsilon(document, "layer_norm_epsilon", 1e-5)?,
        rope_theta: None,
        biases: Biases { projections: true, output: true, inner: true },
        tied: flag(document, "tie_word_embeddings", true)?,
        model_type,
    })
}

fn llama(document: &Document<'_>, model_type: String) -> Result<Config, ModelError> {
    let model = needed(document, "hidden_size", MODEL)?;
    let at = document.get("num_attention_heads").ok_or_else(|| document.lacks("num_attention_heads"))?;
    let (heads, head_dim) = if let Some(given) = document.get("head_dim") {
        (at.whole(1..=HEADS)?, given.whole(1..=MODEL)?)
    } else {
        let heads = heads(document, "num_attention_heads", model)?;
        (heads, model / heads)
    };
    if !head_dim.is_multiple_of(2) {
        let at = document.get("head_dim").unwrap_or(at);
        let key = at.key();
        return Err(at.refuse(Text::owned(
            format!("{key}：一个头有 {head_dim} 维；旋转位置把维度两两配对，应该是偶数"),
            format!(
                "{key}: a head has {head_dim} numbers; rotary positions turn them in pairs, so expected an even count"
            ),
        )));
    }
    let kv_heads = match document.get("num_key_value_heads") {
        None => heads,
        Some(at) => {
            let kv_heads = at.whole(1..=HEADS)?;
            if !heads.is_multiple_of(kv_heads) {
                return Err(at.refuse(Text::owned(
                    format!("num_key_value_heads 是 {kv_heads}，分不匀 {heads} 个头"),
                    format!("num_key_value_heads is {kv_heads}, which {heads} heads cannot share evenly"),
                )));
            }
            kv_heads
        }
    };
    let table = document.get("max_position_embeddings").ok_or_else(|| document.lacks("max_position_embeddings"))?;
    let positions = table.whole(1..=POSITIONS)?;
    refuse_windows(document, &model_type, positions)?;
    let activation = activation(document, "hidden_act", Activation::Silu)?;
    let attention = flag(document, "attention_bias", false)?;
    let (projections, output) = if model_type == "qwen2" { (true, false) } else { (attention, attention) };
    Ok(Config {
        family: Family::Llama,
        layers: needed(document, "num_hidden_layers", LAYERS)?,
        heads,
        kv_heads,
        model,
        head_dim,
        inner: needed(document, "intermediate_size", INNER)?,
        vocabulary: needed(document, "vocab_size", VOCABULARY)?,
        positions,
        position_offset: 0,
        segments: 0,
        activation,
        epsilon: epsilon(document, "rms_norm_eps", 1e-6)?,
        rope_theta: Some(rope_theta(document)?),
        biases: Biases { projections, output, inner: flag(document, "mlp_bias", false)? },
        tied: flag(document, "tie_word_embeddings", false)?,
        model_type,
    })
}

/// Attention that sees fewer words than the text may have.
fn refuse_windows(document: &Document<'_>, model_type: &str, positions: usize) -> Result<(), ModelError> {
    if let Some(at) = document.get("layer_types") {
        let all = at.any()?;
        let full = |kind: &serde_json::Value| kind.as_str() == Some("full_attention");
        if !all.as_array().is_some_and(|kinds| kinds.iter().all(full)) {
            return Err(only(at, &["full_attention"]));
        }
    }
    // Qwen2 gives the size of a window that it does not use.
    let used = flag(document, "use_sliding_window", model_type != "qwen2")?;
    match document.get("sliding_window") {
        Some(at) if used => {
            let window = at.whole(1..=POSITIONS)?;
            if window >= positions {
                return Ok(());
            }
            Err(at.refuse(Text::owned(
                format!("sliding_window 是 {window}，比 max_position_embeddings 的 {positions} 小；这里只支持看得见全文的注意力"),
                format!(
                    "sliding_window is {window}, less than the {positions} of max_position_embeddings; only attention to the whole text can be computed here"
                ),
            )))
        }
        _ => Ok(()),
    }
}

/// The base of rotary positions, which must not be scaled: under `rope_theta`, or under `rope_parameters` as newer files have it.
fn rope_theta(document: &Document<'_>) -> Result<f64, ModelError> {
    const USUAL: f64 = 10_000.0;
    const MOST: f64 = 1e12;
    for key in ["rope_scaling", "rope_parameters"] {
        let Some(at) = document.get(key) else { continue };
        let value = at.any()?;
        let Some(options) = value.as_object() else {
            return Err(at.expected(&Text::new("对象或 null", "an object or null")));
        };
        let kind = options.get("rope_type").or_else(|| options.get("type"));
        let scaled = options.contains_key("factor") || options.get("partial_rotary_factor").is_some_and(|f| f != 1.0);
        if scaled || kind.is_some_and(|kind| kind.as_str() != Some("default")) {
            return Err(at.refuse(Text::owned(
                format!("{key} 是 {}；这里只支持不缩放的旋转位置（没有 rope_scaling，或者 rope_type 是 default）", at.written()),
                format!(
                    "{key} is {}; only unscaled rotary positions can be computed here (no rope_scaling, or the rope_type default)",
                    at.written()
                ),
            )));
        }
        if let Some(theta) = options.get("rope_theta") {
            return theta.as_f64().filter(|theta| *theta > 0.0 && *theta <= MOST).ok_or_else(|| {
                at.refuse(Text::owned(
                    format!("{key} 里的 rope_theta 是 {theta}，应该是大于 0 的数"),
                    format!("rope_theta in {key} is {theta}, expected a number above 0"),
                ))
            });
        }
    }
    if let Some(at) = document.get("partial_rotary_factor")
        && at.positive(1.0)? != 1.0
    {
        return Err(at.expected(&Text::new(
            " 1：这里只支持整个头都旋转",
            "1: only heads that turn as a whole can be computed here",
        )));
    }
    document.get("rope_theta").map_or(Ok(USUAL), |at| at.positive(MOST))
}
