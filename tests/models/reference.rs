//! The reference for checkpoints: what a transformer of the BERT, GPT-2 or Llama kind computes, in f64, by plain loops.
//!
//! It shares nothing with the program that is tested against it. It is written from the papers (attention, post-norm
//! layers and the gelu feed-forward network: Vaswani 2017, Devlin 2018; pre-norm layers: Radford 2019; rotary
//! positions: Su 2021; root mean square norm: Zhang & Sennrich 2019; gated feed-forward networks: Shazeer 2020; grouped
//! queries: Ainslie 2023) and from what the published `config.json` files and names of tensors mean.
//!
//! How it was checked: `check_with_transformers.py` beside this file compares every number of an [`Outcome`] with
//! `PyTorch` and transformers in float64, for every family, type of number, layout of files, mask and option of
//! `tiny.rs`, and for a real sentence-transformers `MiniLM`. The largest difference of any was 5e-14; a wrong epsilon,
//! angle, window or activation shows at 1e-5 or more. Where transformers computes in f32 whatever it is given (norms,
//! angles and softmax of Llama and its kin), its formulas were run in f64; as it is, it differs by up to 1e-5.
//!
//! How to call it:
//!
//! ```text
//! let outcome = reference::outcome(folder, &[2, 7, 8, 3]);             // as the family reads it
//! let model = reference::Checkpoint::open(folder);                     // config.json, model.safetensors or its shards
//! let asked = Asked { types: Some(&types), mask: Mask::Given(&seen), ..Asked::of(&ids) };
//! let outcome = model.run(&asked);
//! outcome.attention[layer][[head, query, key]]                         // all counted from 0
//! ```
//!
//! What is wrong panics and says so.

#![allow(dead_code, reason = "each test takes what it needs")]
#![allow(clippy::expect_used, clippy::panic, reason = "what cannot be computed fails its test")]

use std::collections::{BTreeSet, HashMap};
use std::f64::consts::{FRAC_2_SQRT_PI, PI, SQRT_2};
use std::fs;
use std::path::Path;

use half::{bf16, f16};
use ndarray::{Array1, Array2, Array3, ArrayD, Axis, Ix1, Ix2};
use safetensors::tensor::{Dtype, SafeTensors, TensorInfo};
use serde_json::Value;

/// Who sees whom, the same in each layer.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Mask<'a> {
    /// What the family has: each sees all (BERT), or itself and those before it (GPT), in a window if there is one.
    Family,
    /// Each sees all.
    All,
    /// Each sees itself and what stands before it.
    Causal,
    /// T×T: query i sees key j where `[i, j]` is not 0. It stands instead of the family's own; each must see something.
    Given(&'a Array2<u8>),
}

/// What a checkpoint is asked to read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub ids: &'a [u32],
    /// Token types (BERT's segments); all 0 when not given.
    pub types: Option<&'a [u32]>,
    pub mask: Mask<'a>,
}

impl<'a> Asked<'a> {
    /// These ids, token types of 0, the family's own mask.
    pub(crate) fn of(ids: &'a [u32]) -> Self {
        Self { ids, types: None, mask: Mask::Family }
    }
}

/// Everything that was computed. T tokens, d the width, `d_h` the width of a head.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Outcome {
    /// layers + 1 of T×d: `[0]` is what layer 1 receives, `[l]` what layer l gives; the last is before the final norm.
    pub hidden: Vec<Array2<f64>>,
    /// A layer each, heads×T×T: row i is what query i takes of each key, after the softmax.
    pub attention: Vec<Array3<f64>>,
    /// A layer each, heads×T×`d_h`: as it meets the keys, rotated where the family rotates.
    pub q: Vec<Array3<f64>>,
    /// A layer each, kv heads×T×`d_h`: rotated where the family rotates.
    pub k: Vec<Array3<f64>>,
    /// A layer each, kv heads×T×`d_h`.
    pub v: Vec<Array3<f64>>,
    /// A layer each, T×(heads·`d_h`): the heads side by side, as the output projection receives them.
    pub concat: Vec<Array2<f64>>,
    /// T×d: the last hidden states normed once more, where the family does that (GPT-2, Llama and its kin).
    pub final_norm: Option<Array2<f64>>,
    /// T×vocabulary, where the checkpoint has a language model's head.
    pub logits: Option<Array2<f64>>,
}

/// Reads the checkpoint of this folder and runs it on these ids.
pub(crate) fn outcome(folder: &Path, ids: &[u32]) -> Outcome {
    Checkpoint::open(folder).run(&Asked::of(ids))
}

/// A checkpoint: its configuration and its weights, as they lie in the files.
#[derive(Debug)]
pub(crate) struct Checkpoint {
    pub config: Config,
    files: Vec<Vec<u8>>,
    /// Which file, where its data begin, and where in them.
    tensors: HashMap<String, (usize, usize, TensorInfo)>,
    /// What stands before the names of the body's tensors.
    prefix: &'static str,
}

/// `config.json`; a key that is null counts as absent.
#[derive(Debug)]
pub(crate) struct Config(Value);

impl Config {
    fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key).filter(|value| !value.is_null())
    }

    pub(crate) fn size(&self, key: &str) -> Option<usize> {
        self.get(key).map(|value| value.as_u64().unwrap_or_else(|| panic!("{key} is no count: {value}")) as usize)
    }

    fn number(&self, key: &str) -> Option<f64> {
        self.get(key).map(|value| value.as_f64().unwrap_or_else(|| panic!("{key} is no number: {value}")))
    }

    fn flag(&self, key: &str) -> Option<bool> {
        self.get(key).map(|value| value.as_bool().unwrap_or_else(|| panic!("{key} is no flag: {value}")))
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.get(key).map(|value| value.as_str().unwrap_or_else(|| panic!("{key} is no text: {value}")))
    }

    /// A size that must be there.
    fn sized(&self, key: &str) -> usize {
        self.size(key).unwrap_or_else(|| panic!("config.json has no {key}"))
    }

    pub(crate) fn family(&self) -> &str {
        self.text("model_type").unwrap_or_else(|| panic!("config.json has no model_type"))
    }

    /// Whether the files are a model with a language model's head, by what its class is called.
    fn says_head(&self) -> bool {
        let architectures = self.get("architectures").and_then(Value::as_array);
        architectures.is_none_or(|names| names.iter().filter_map(Value::as_str).any(|name| name.contains("LM")))
    }
}

/// One layer's attention.
struct Attended {
    weights: Array3<f64>,
    concat: Array2<f64>,
}

impl Checkpoint {
    /// Reads `config.json` and `model.safetensors`, or the shards that `model.safetensors.index.json` names.
    pub(crate) fn open(folder: &Path) -> Self {
        let json = |name: &str| -> Value {
            let path = folder.join(name);
            let bytes = fs::read(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
            serde_json::from_slice(&bytes).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
        };
        let config = Config(json("config.json"));
        let names: BTreeSet<String> = if folder.join("model.safetensors").exists() {
            BTreeSet::from(["model.safetensors".to_owned()])
        } else {
            let index = json("model.safetensors.index.json");
            let map = index["weight_map"].as_object().expect("the index has a weight_map");
            map.values().map(|name| name.as_str().expect("the index names files").to_owned()).collect()
        };
        let mut files = Vec::new();
        let mut tensors = HashMap::new();
        for name in names {
            let path = folder.join(name);
            let bytes = fs::read(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
            let (header, metadata) =
                SafeTensors::read_metadata(&bytes).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
            // Eight bytes say how long the header is; the data follow it.
            for (name, info) in metadata.tensors() {
                tensors.insert(name, (files.len(), 8 + header, info.clone()));
            }
            files.push(bytes);
        }
        let prefix = match config.family() {
            "bert" => "bert.",
            "roberta" | "xlm-roberta" => "roberta.",
            "gpt2" => "transformer.",
            "llama" | "mistral" | "qwen2" => "model.",
            other => panic!("model_type {other} is not of this reference"),
        };
        let prefixed = tensors.keys().any(|name: &String| name.starts_with(prefix));
        Self { config, files, tensors, prefix: if prefixed { prefix } else { "" } }
    }

    /// Runs the model.
    pub(crate) fn run(&self, asked: &Asked) -> Outcome {
        assert!(!asked.ids.is_empty(), "there must be a token");
        let types = asked.types.unwrap_or_default();
        assert!(types.is_empty() || types.len() == asked.ids.len(), "each token has a type");
        match self.config.family() {
            "gpt2" => self.gpt2(asked),
            "llama" | "mistral" | "qwen2" => self.llama(asked),
            _ => self.bert(asked),
        }
    }

    /// BERT and `RoBERTa`: sums of three embeddings, normed; each layer norms after it adds.
    fn bert(&self, asked: &Asked) -> Outcome {
        assert_eq!(self.config.text("position_embedding_type").unwrap_or("absolute"), "absolute");
        assert!(!self.config.flag("is_decoder").unwrap_or(false), "this reads both ways");
        let epsilon = self.config.number("layer_norm_eps").unwrap_or(1e-12);
        let heads = self.config.sized("num_attention_heads");
        let act = self.config.text("hidden_act").unwrap_or("gelu");
        let zeros = vec![0; asked.ids.len()];
        let body = |name: &str| format!("{}{name}", self.prefix);

        let x = self.rows(&body("embeddings.word_embeddings"), asked.ids)
            + self.rows(&body("embeddings.position_embeddings"), &self.positions(asked.ids))
            + self.rows(&body("embeddings.token_type_embeddings"), asked.types.unwrap_or(&zeros));
        let mut x = self.layer_norm(&body("embeddings.LayerNorm"), &x, epsilon);
        let mut outcome = Outcome { hidden: vec![x.clone()], ..Outcome::default() };
        for layer in 0..self.config.sized("num_hidden_layers") {
            let of = |name: &str| body(&format!("encoder.layer.{layer}.{name}"));
            let q = split(&self.linear(&of("attention.self.query"), &x), heads);
            let k = split(&self.linear(&of("attention.self.key"), &x), heads);
            let v = split(&self.linear(&of("attention.self.value"), &x), heads);
            let concat = outcome.attend(q, k, v, &self.sees(asked, layer), 1.0);
            x = x + self.linear(&of("attention.output.dense"), &concat);
            x = self.layer_norm(&of("attention.output.LayerNorm"), &x, epsilon);
            let inner = self.linear(&of("intermediate.dense"), &x).mapv(|z| activation(act, z));
            x = x + self.linear(&of("output.dense"), &inner);
            x = self.layer_norm(&of("output.LayerNorm"), &x, epsilon);
            outcome.hidden.push(x.clone());
        }

        let masked = if self.config.family() == "bert" {
            ["cls.predictions.transform.dense", "cls.predictions.transform.LayerNorm", "cls.predictions"]
        } else {
            ["lm_head.dense", "lm_head.layer_norm", "lm_head"]
        };
        let [dense, norm, head] = masked;
        if self.has(&format!("{dense}.weight")) {
            // RoBERTa's head is gelu whatever its layers are.
            let act = if self.config.family() == "bert" { act } else { "gelu" };
            let z = self.linear(dense, &x).mapv(|z| activation(act, z));
            let z = self.layer_norm(norm, &z, epsilon);
            let tied = self.config.flag("tie_word_embeddings").unwrap_or(true);
            let own = format!("{head}.decoder.weight");
            let decoder = if tied { format!("{}.weight", body("embeddings.word_embeddings")) } else { own };
            let bias = [format!("{head}.bias"), format!("{head}.decoder.bias")];
            let bias = bias.iter().find(|name| self.has(name)).expect("the head has a bias");
            outcome.logits = Some(z.dot(&self.matrix(&decoder).t()) + self.vector(bias));
        }
        outcome
    }

    /// GPT-2: learned positions; each layer norms what it reads, and adds; weights are in×out, q, k and v side by side.
    fn gpt2(&self, asked: &Asked) -> Outcome {
        assert!(asked.types.is_none(), "GPT-2 has no token types");
        let epsilon = self.config.number("layer_norm_epsilon").unwrap_or(1e-5);
        let heads = self.config.sized("n_head");
        let act = self.config.text("activation_function").unwrap_or("gelu_new");
        let body = |name: &str| format!("{}{name}", self.prefix);

        let mut x = self.rows(&body("wte"), asked.ids) + self.rows(&body("wpe"), &self.positions(asked.ids));
        let mut outcome = Outcome { hidden: vec![x.clone()], ..Outcome::default() };
        for layer in 0..self.config.sized("n_layer") {
            let of = |name: &str| body(&format!("h.{layer}.{name}"));
            let read = self.layer_norm(&of("ln_1"), &x, epsilon);
            let fused = self.conv1d(&of("attn.c_attn"), &read);
            let d = fused.ncols() / 3;
            let part = |n: usize| split(&Array2::from_shape_fn(x.dim(), |(t, c)| fused[[t, n * d + c]]), heads);
            let mut sharper = 1.0;
            if !self.config.flag("scale_attn_weights").unwrap_or(true) {
                sharper *= ((d / heads) as f64).sqrt();
            }
            if self.config.flag("scale_attn_by_inverse_layer_idx").unwrap_or(false) {
                sharper /= (layer + 1) as f64;
            }
            let concat = outcome.attend(part(0), part(1), part(2), &self.sees(asked, layer), sharper);
            x = x + self.conv1d(&of("attn.c_proj"), &concat);
            let read = self.layer_norm(&of("ln_2"), &x, epsilon);
            let inner = self.conv1d(&of("mlp.c_fc"), &read).mapv(|z| activation(act, z));
            x = x + self.conv1d(&of("mlp.c_proj"), &inner);
            outcome.hidden.push(x.clone());
        }
        let last = self.layer_norm(&body("ln_f"), &x, epsilon);
        outcome.logits = self.causal_head(&last, true, &body("wte.weight"));
        outcome.final_norm = Some(last);
        outcome
    }

    /// Llama, Mistral, Qwen2: no learned positions, q and k are rotated instead; root mean square norms; queries share
    /// keys and values; the feed-forward network has a gate.
    fn llama(&self, asked: &Asked) -> Outcome {
        assert!(asked.types.is_none(), "Llama has no token types");
        let epsilon = self.config.number("rms_norm_eps").unwrap_or(1e-6);
        let heads = self.config.sized("num_attention_heads");
        let kv_heads = self.config.size("num_key_value_heads").unwrap_or(heads);
        let head_dim = self.config.size("head_dim").unwrap_or_else(|| self.config.sized("hidden_size") / heads);
        let act = self.config.text("hidden_act").unwrap_or("silu");
        let frequencies = self.frequencies(head_dim);
        let body = |name: &str| format!("{}{name}", self.prefix);

        let mut x = self.rows(&body("embed_tokens"), asked.ids);
        let mut outcome = Outcome { hidden: vec![x.clone()], ..Outcome::default() };
        for layer in 0..self.config.sized("num_hidden_layers") {
            let of = |name: &str| body(&format!("layers.{layer}.{name}"));
            let read = self.rms_norm(&of("input_layernorm"), &x, epsilon);
            let q = rotate(&split(&self.linear(&of("self_attn.q_proj"), &read), heads), &frequencies);
            let k = rotate(&split(&self.linear(&of("self_attn.k_proj"), &read), kv_heads), &frequencies);
            let v = split(&self.linear(&of("self_attn.v_proj"), &read), kv_heads);
            assert_eq!(q.dim().2, head_dim, "q_proj gives heads of head_dim");
            let concat = outcome.attend(q, k, v, &self.sees(asked, layer), 1.0);
            x = x + self.linear(&of("self_attn.o_proj"), &concat);
            let read = self.rms_norm(&of("post_attention_layernorm"), &x, epsilon);
            let gate = self.linear(&of("mlp.gate_proj"), &read).mapv(|z| activation(act, z));
            let inner = gate * self.linear(&of("mlp.up_proj"), &read);
            x = x + self.linear(&of("mlp.down_proj"), &inner);
            outcome.hidden.push(x.clone());
        }
        let last = self.rms_norm(&body("norm"), &x, epsilon);
        outcome.logits = self.causal_head(&last, false, &body("embed_tokens.weight"));
        outcome.final_norm = Some(last);
        outcome
    }

    /// The logits of a model that goes on: by the embeddings, or by a matrix of their own.
    fn causal_head(&self, last: &Array2<f64>, tied_by_default: bool, embeddings: &str) -> Option<Array2<f64>> {
        let tied = self.config.flag("tie_word_embeddings").unwrap_or(tied_by_default);
        let head = if tied { embeddings } else { "lm_head.weight" };
        (self.config.says_head() && self.has(head)).then(|| last.dot(&self.matrix(head).t()))
    }

    /// Which learned position each token takes: 0, 1, 2…; `RoBERTa` counts on from its padding, which stays on one.
    fn positions(&self, ids: &[u32]) -> Vec<u32> {
        if !matches!(self.config.family(), "roberta" | "xlm-roberta") {
            return (0..ids.len() as u32).collect();
        }
        let padding = self.config.size("pad_token_id").unwrap_or(1) as u32;
        let mut last = padding;
        let place = |&id: &u32| {
            if id == padding {
                return padding;
            }
            last += 1;
            last
        };
        ids.iter().map(place).collect()
    }

    /// T×T: whether query i sees key j.
    fn sees(&self, asked: &Asked, layer: usize) -> Array2<bool> {
        let n = asked.ids.len();
        let causal = matches!(self.config.family(), "gpt2" | "llama" | "mistral" | "qwen2");
        let window = self.window(layer).unwrap_or(n);
        let sees = match asked.mask {
            Mask::Family => Array2::from_shape_fn((n, n), |(i, j)| !causal || (j <= i && i - j < window)),
            Mask::All => Array2::from_elem((n, n), true),
            Mask::Causal => Array2::from_shape_fn((n, n), |(i, j)| j <= i),
            Mask::Given(given) => given.mapv(|one| one != 0),
        };
        assert_eq!(sees.dim(), (n, n), "a mask is T×T");
        assert!(sees.rows().into_iter().all(|row| row.iter().any(|&one| one)), "each query must see a key");
        sees
    }

    /// How many tokens back this layer looks, itself included.
    fn window(&self, layer: usize) -> Option<usize> {
        let window = self.config.size("sliding_window")?;
        let slides = match self.config.family() {
            "mistral" => true,
            "qwen2" => {
                let from = self.config.size("max_window_layers").unwrap_or(28);
                let kind = self.config.get("layer_types").map(|kinds| kinds[layer] == "sliding_attention");
                self.config.flag("use_sliding_window").unwrap_or(false) && kind.unwrap_or(layer >= from)
            }
            _ => false,
        };
        slides.then_some(window)
    }

    /// How far each pair of dimensions turns from one position to the next, in radians.
    fn frequencies(&self, head_dim: usize) -> Vec<f64> {
        // Files of today keep both in rope_parameters.
        let new = self.config.get("rope_parameters");
        let theta = new.and_then(|rope| rope["rope_theta"].as_f64()).or_else(|| self.config.number("rope_theta"));
        let theta = theta.unwrap_or(10_000.0);
        assert_eq!(self.config.number("partial_rotary_factor").unwrap_or(1.0), 1.0, "whole heads are rotated");
        let scaling = new.or_else(|| self.config.get("rope_scaling")).cloned().unwrap_or_default();
        let number = |key: &str| scaling[key].as_f64().unwrap_or_else(|| panic!("the scaling has no {key}"));
        let kind = scaling["rope_type"].as_str().or_else(|| scaling["type"].as_str()).unwrap_or("default");
        let scaled = |frequency: f64| match kind {
            "default" => frequency,
            "linear" => frequency / number("factor"),
            // Llama 3.1: slow turns are slowed, fast ones are left, those between are blended.
            "llama3" => {
                let length = 2.0 * PI / frequency;
                let (low, high) = (number("low_freq_factor"), number("high_freq_factor"));
                let original = number("original_max_position_embeddings");
                let share = ((original / length - low) / (high - low)).clamp(0.0, 1.0);
                (1.0 - share) * frequency / number("factor") + share * frequency
            }
            other => panic!("rope_type {other} is not of this reference"),
        };
        (0..head_dim / 2).map(|i| scaled(theta.powf(-2.0 * i as f64 / head_dim as f64))).collect()
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }

    /// Numbers of a tensor, from one up to another.
    fn numbers(&self, name: &str, from: usize, to: usize) -> Vec<f64> {
        let (file, start, info) = self.tensors.get(name).unwrap_or_else(|| panic!("there is no tensor {name}"));
        let bytes = &self.files[*file][start + info.data_offsets.0..start + info.data_offsets.1];
        match info.dtype {
            Dtype::F64 => read(&bytes[8 * from..8 * to], f64::from_le_bytes),
            Dtype::F32 => read(&bytes[4 * from..4 * to], |four| f32::from_le_bytes(four).into()),
            Dtype::F16 => read(&bytes[2 * from..2 * to], |two| f16::from_le_bytes(two).to_f64()),
            Dtype::BF16 => read(&bytes[2 * from..2 * to], |two| bf16::from_le_bytes(two).to_f64()),
            other => panic!("{name} is of {other:?}"),
        }
    }

    fn shape(&self, name: &str) -> &[usize] {
        &self.tensors.get(name).unwrap_or_else(|| panic!("there is no tensor {name}")).2.shape
    }

    /// A tensor as it lies in the file.
    pub(crate) fn tensor(&self, name: &str) -> ArrayD<f64> {
        let shape = self.shape(name);
        ArrayD::from_shape_vec(shape, self.numbers(name, 0, shape.iter().product())).expect("as many as its shape says")
    }

    fn matrix(&self, name: &str) -> Array2<f64> {
        self.tensor(name).into_dimensionality::<Ix2>().unwrap_or_else(|_| panic!("{name} is no matrix"))
    }

    fn vector(&self, name: &str) -> Array1<f64> {
        self.tensor(name).into_dimensionality::<Ix1>().unwrap_or_else(|_| panic!("{name} is no vector"))
    }

    /// The rows of a table of embeddings.
    fn rows(&self, name: &str, ids: &[u32]) -> Array2<f64> {
        let name = format!("{name}.weight");
        let &[rows, width] = self.shape(&name) else { panic!("{name} is no matrix") };
        let mut taken = Array2::zeros((ids.len(), width));
        for (t, &id) in ids.iter().enumerate() {
            let id = id as usize;
            assert!(id < rows, "{name} has {rows} rows, no {id}");
            taken.row_mut(t).assign(&Array1::from_vec(self.numbers(&name, id * width, (id + 1) * width)));
        }
        taken
    }

    /// x·Wᵀ + b, W out×in; without b where the file has none.
    fn linear(&self, name: &str, x: &Array2<f64>) -> Array2<f64> {
        self.biased(name, x.dot(&self.matrix(&format!("{name}.weight")).t()))
    }

    /// x·W + b, W in×out.
    fn conv1d(&self, name: &str, x: &Array2<f64>) -> Array2<f64> {
        self.biased(name, x.dot(&self.matrix(&format!("{name}.weight"))))
    }

    fn biased(&self, name: &str, y: Array2<f64>) -> Array2<f64> {
        let bias = format!("{name}.bias");
        if self.has(&bias) { y + self.vector(&bias) } else { y }
    }

    /// Each row to mean 0 and variance 1, then times a gain, plus a shift. Old files call them gamma and beta.
    fn layer_norm(&self, name: &str, x: &Array2<f64>, epsilon: f64) -> Array2<f64> {
        let either = |new: &str, old: &str| {
            let new = format!("{name}.{new}");
            self.vector(&if self.has(&new) { new } else { format!("{name}.{old}") })
        };
        let (gain, shift) = (either("weight", "gamma"), either("bias", "beta"));
        let mut y = x.clone();
        for mut row in y.rows_mut() {
            let n = row.len() as f64;
            let mean = row.sum() / n;
            let variance = row.iter().map(|z| (z - mean) * (z - mean)).sum::<f64>() / n;
            row.mapv_inplace(|z| (z - mean) / (variance + epsilon).sqrt());
        }
        y * gain + shift
    }

    /// Each row to a mean square of 1, then times a gain.
    fn rms_norm(&self, name: &str, x: &Array2<f64>, epsilon: f64) -> Array2<f64> {
        let mut y = x.clone();
        for mut row in y.rows_mut() {
            let square = row.iter().map(|z| z * z).sum::<f64>() / row.len() as f64;
            row.mapv_inplace(|z| z / (square + epsilon).sqrt());
        }
        y * self.vector(&format!("{name}.weight"))
    }
}

impl Outcome {
    /// One layer's attention, kept; what the output projection receives. `sharper` multiplies the scores further.
    fn attend(
        &mut self,
        q: Array3<f64>,
        k: Array3<f64>,
        v: Array3<f64>,
        sees: &Array2<bool>,
        sharper: f64,
    ) -> Array2<f64> {
        let Attended { weights, concat } = attention(&q, &k, &v, sees, sharper);
        self.attention.push(weights);
        self.q.push(q);
        self.k.push(k);
        self.v.push(v);
        self.concat.push(concat.clone());
        concat
    }
}

/// softmax(q·kᵀ/√`d_h`)·v, head by head; heads beyond those of k and v share them, neighbours the same one.
fn attention(q: &Array3<f64>, k: &Array3<f64>, v: &Array3<f64>, sees: &Array2<bool>, sharper: f64) -> Attended {
    let (heads, n, width) = q.dim();
    let kv_heads = k.dim().0;
    assert_eq!(heads % kv_heads, 0, "each key is shared by as many heads");
    let scale = sharper / (width as f64).sqrt();
    let mut weights = Array3::zeros((heads, n, n));
    let mut concat = Array2::zeros((n, heads * width));
    for h in 0..heads {
        let shared = h / (heads / kv_heads);
        for i in 0..n {
            let mut scores = vec![f64::NEG_INFINITY; n];
            for (j, score) in scores.iter_mut().enumerate() {
                if sees[[i, j]] {
                    *score = (0..width).map(|c| q[[h, i, c]] * k[[shared, j, c]]).sum::<f64>() * scale;
                }
            }
            let highest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let powers: Vec<f64> = scores.iter().map(|score| (score - highest).exp()).collect();
            let sum: f64 = powers.iter().sum();
            for (j, power) in powers.iter().enumerate() {
                weights[[h, i, j]] = power / sum;
                for c in 0..width {
                    concat[[i, h * width + c]] += power / sum * v[[shared, j, c]];
                }
            }
        }
    }
    Attended { weights, concat }
}

/// T×(heads·w) into heads×T×w.
fn split(x: &Array2<f64>, heads: usize) -> Array3<f64> {
    assert_eq!(x.ncols() % heads, 0, "the width is shared among the heads");
    let width = x.ncols() / heads;
    Array3::from_shape_fn((heads, x.nrows(), width), |(h, t, c)| x[[t, h * width + c]])
}

/// Turns each row by its position: dimension i together with the one half a head further, as published files have it.
pub(crate) fn rotate(x: &Array3<f64>, frequencies: &[f64]) -> Array3<f64> {
    let half = frequencies.len();
    assert_eq!(x.len_of(Axis(2)), 2 * half, "each pair has a frequency");
    let mut turned = x.clone();
    for ((h, t, i), &a) in x.indexed_iter() {
        if i >= half {
            continue;
        }
        let (sin, cos) = (t as f64 * frequencies[i]).sin_cos();
        let b = x[[h, t, i + half]];
        turned[[h, t, i]] = a * cos - b * sin;
        turned[[h, t, i + half]] = b * cos + a * sin;
    }
    turned
}

/// An activation, by the name that `config.json` gives it.
pub(crate) fn activation(name: &str, z: f64) -> f64 {
    match name {
        "gelu" => 0.5 * z * (1.0 + erf(z / SQRT_2)),
        "gelu_new" | "gelu_pytorch_tanh" => 0.5 * z * (1.0 + ((2.0 / PI).sqrt() * (z + 0.044_715 * z * z * z)).tanh()),
        "relu" => z.max(0.0),
        "silu" | "swish" => z / (1.0 + (-z).exp()),
        other => panic!("the activation {other} is not of this reference"),
    }
}

/// The error function, by a series whose terms are all positive: 2/√π · e^(−z²) · Σ 2ⁿ z^(2n+1) / (1·3·5…(2n+1)).
pub(crate) fn erf(z: f64) -> f64 {
    if z.abs() > 6.0 {
        return z.signum();
    }
    let (mut term, mut sum, mut odd) = (z, z, 1.0);
    while term.abs() > 1e-17 * sum.abs() {
        odd += 2.0;
        term *= 2.0 * z * z / odd;
        sum += term;
    }
    FRAC_2_SQRT_PI * (-z * z).exp() * sum
}

/// Numbers of N bytes each.
fn read<const N: usize>(bytes: &[u8], number: impl Fn([u8; N]) -> f64) -> Vec<f64> {
    bytes.chunks_exact(N).map(|chunk| number(chunk.try_into().expect("N bytes"))).collect()
}
