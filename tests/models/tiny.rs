//! Tiny random checkpoints of each family, as the hub has them: `config.json` with the keys of the published files,
//! `model.safetensors` or shards with their index, `tokenizer.json`, `tokenizer_config.json`.
//!
//! Names of tensors, keys and layouts are those of the published checkpoints of BERT (Devlin 2018; and the
//! sentence-transformers `MiniLM`), `RoBERTa`, XLM-R, GPT-2 (Radford 2019), Llama, Mistral and Qwen2. The weights are
//! drawn from a seed: gains near 1, queries and keys large enough that attention is not flat, everything else so that
//! the sizes of what flows through stay near 1.
//!
//! How it was checked: `check_with_transformers.py` beside this file loads every one of them with transformers, which
//! must find each tensor and no other (but what old files have besides), and with the tokenizers package, which must
//! encode any text into ids below `vocab`.
//!
//! How to call it:
//!
//! ```text
//! Tiny::of(Family::Gpt2).write(folder);
//! let tiny = Tiny { layers: 3, heads: 4, kv_heads: 2, numbers: Numbers::Bf16, shards: 2, ..Tiny::of(Family::Llama) };
//! tiny.write(folder);
//! let ids = tiny.ids(12, 7);   // twelve ids of its vocabulary that are not special, from seed 7
//! ```

#![allow(dead_code, reason = "each test takes what it needs")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "what cannot be written fails its test")]

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use half::{bf16, f16};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use safetensors::tensor::{Dtype, TensorView, serialize_to_file};
use serde_json::{Map, Value, json};

/// What kind of model it is: the `model_type` of its `config.json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    Bert,
    Roberta,
    XlmRoberta,
    Gpt2,
    Llama,
    Mistral,
    Qwen2,
}

impl Family {
    pub(crate) const ALL: [Self; 7] =
        [Self::Bert, Self::Roberta, Self::XlmRoberta, Self::Gpt2, Self::Llama, Self::Mistral, Self::Qwen2];

    pub(crate) fn model_type(self) -> &'static str {
        match self {
            Self::Bert => "bert",
            Self::Roberta => "roberta",
            Self::XlmRoberta => "xlm-roberta",
            Self::Gpt2 => "gpt2",
            Self::Llama => "llama",
            Self::Mistral => "mistral",
            Self::Qwen2 => "qwen2",
        }
    }

    /// BERT and its kin read both ways; the others go on.
    pub(crate) fn reads_both_ways(self) -> bool {
        matches!(self, Self::Bert | Self::Roberta | Self::XlmRoberta)
    }

    fn class(self, head: bool) -> &'static str {
        match (self, head) {
            (Self::Bert, false) => "BertModel",
            (Self::Bert, true) => "BertForMaskedLM",
            (Self::Roberta, false) => "RobertaModel",
            (Self::Roberta, true) => "RobertaForMaskedLM",
            (Self::XlmRoberta, false) => "XLMRobertaModel",
            (Self::XlmRoberta, true) => "XLMRobertaForMaskedLM",
            (Self::Gpt2, false) => "GPT2Model",
            (Self::Gpt2, true) => "GPT2LMHeadModel",
            (Self::Llama, false) => "LlamaModel",
            (Self::Llama, true) => "LlamaForCausalLM",
            (Self::Mistral, false) => "MistralModel",
            (Self::Mistral, true) => "MistralForCausalLM",
            (Self::Qwen2, false) => "Qwen2Model",
            (Self::Qwen2, true) => "Qwen2ForCausalLM",
        }
    }

    fn prefix(self) -> &'static str {
        match self {
            Self::Bert => "bert.",
            Self::Roberta | Self::XlmRoberta => "roberta.",
            Self::Gpt2 => "transformer.",
            Self::Llama | Self::Mistral | Self::Qwen2 => "model.",
        }
    }
}

/// How the weights lie in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Numbers {
    F32,
    F16,
    Bf16,
}

impl Numbers {
    pub(crate) const ALL: [Self; 3] = [Self::F32, Self::F16, Self::Bf16];

    fn torch(self) -> &'static str {
        match self {
            Self::F32 => "float32",
            Self::F16 => "float16",
            Self::Bf16 => "bfloat16",
        }
    }

    fn dtype(self) -> Dtype {
        match self {
            Self::F32 => Dtype::F32,
            Self::F16 => Dtype::F16,
            Self::Bf16 => Dtype::BF16,
        }
    }

    fn bytes(self, one: f32) -> Vec<u8> {
        match self {
            Self::F32 => one.to_le_bytes().to_vec(),
            Self::F16 => f16::from_f32(one).to_le_bytes().to_vec(),
            Self::Bf16 => bf16::from_f32(one).to_le_bytes().to_vec(),
        }
    }

    fn round(self, one: f32) -> f32 {
        match self {
            Self::F32 => one,
            Self::F16 => f16::from_f32(one).to_f32(),
            Self::Bf16 => bf16::from_f32(one).to_f32(),
        }
    }
}

/// What a tiny checkpoint is like. Start from [`Tiny::of`].
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "what files have or lack, each by itself")]
pub(crate) struct Tiny {
    pub family: Family,
    pub seed: u64,
    pub numbers: Numbers,
    /// The weights are rounded to this first, however they then lie in the file.
    pub rounded: Option<Numbers>,
    /// 1: `model.safetensors`. More: so many files and `model.safetensors.index.json`.
    pub shards: usize,
    pub layers: usize,
    pub heads: usize,
    /// Heads of keys and values: Llama, Mistral and Qwen2 only. It divides `heads`.
    pub kv_heads: usize,
    /// The width of the hidden states; `heads` divides it unless there is a `head_dim`.
    pub d: usize,
    /// The width of a head where it is not d / heads: Llama and Mistral only. Even.
    pub head_dim: Option<usize>,
    pub ffn: usize,
    /// At least 20. A byte-level vocabulary smaller than 300 has no room for all bytes and gives the unknown piece.
    pub vocab: usize,
    /// The longest sentence, in tokens.
    pub positions: usize,
    /// BERT and its kin: how many token types there are.
    pub types: usize,
    /// With a language model's head.
    pub head: bool,
    /// The head is the table of embeddings.
    pub tied: bool,
    /// Names begin with `bert.`, `roberta.`, `transformer.` or `model.`.
    pub prefix: bool,
    /// What old files have besides: gamma and beta, `position_ids`, causal masks, `inv_freq`, merges in one string.
    pub legacy: bool,
    /// Instead of the family's own.
    pub act: Option<&'static str>,
    /// Mistral, Qwen2: a sliding window of so many tokens.
    pub window: Option<usize>,
    pub rope_theta: f64,
    /// `rope_scaling` of `config.json`.
    pub rope_scaling: Option<Value>,
    /// Keys put into `config.json` last.
    pub more: Vec<(&'static str, Value)>,
}

/// One tensor of a checkpoint.
#[derive(Debug, Clone)]
pub(crate) struct Tensor {
    pub name: String,
    pub shape: Vec<usize>,
    pub data: Data,
}

/// What a tensor holds.
#[derive(Debug, Clone)]
pub(crate) enum Data {
    Weights(Vec<f32>),
    /// Whole numbers that old files have beside the weights.
    Whole(Vec<i64>),
}

/// The special pieces of a family.
struct Special {
    /// They have the first ids.
    first: &'static [&'static str],
    /// They have the last ones.
    last: &'static [&'static str],
    unknown: &'static str,
}

impl Tiny {
    /// Not tiny at all: random weights, as large as GPT-2 small.
    pub(crate) fn gpt2_small() -> Self {
        Self {
            layers: 12,
            heads: 12,
            kv_heads: 12,
            d: 768,
            ffn: 3072,
            vocab: 50_257,
            positions: 1024,
            ..Self::of(Family::Gpt2)
        }
    }

    /// Two layers, four heads, a head and a prefix as the best known file of the family has them.
    pub(crate) fn of(family: Family) -> Self {
        Self {
            family,
            seed: 1,
            numbers: Numbers::F32,
            rounded: None,
            shards: 1,
            layers: 2,
            heads: 4,
            kv_heads: if matches!(family, Family::Llama | Family::Mistral | Family::Qwen2) { 2 } else { 4 },
            d: 32,
            head_dim: None,
            ffn: 48,
            vocab: match family {
                Family::Bert => 100,
                Family::XlmRoberta => 80,
                Family::Mistral => 360,
                _ => 320,
            },
            positions: 24,
            types: if family == Family::Bert { 2 } else { 1 },
            head: true,
            tied: !matches!(family, Family::Llama | Family::Mistral),
            prefix: family != Family::Gpt2,
            legacy: false,
            act: None,
            window: None,
            rope_theta: if family == Family::Qwen2 { 1e6 } else { 1e4 },
            rope_scaling: None,
            more: Vec::new(),
        }
    }

    /// Writes everything into this folder, which is made if need be.
    pub(crate) fn write(&self, folder: &Path) {
        write_tensors(folder, &self.tensors(), self.numbers, self.shards);
        self.write_texts(folder);
    }

    /// Writes all but the weights.
    pub(crate) fn write_texts(&self, folder: &Path) {
        fs::create_dir_all(folder).unwrap();
        write_json(&folder.join("config.json"), &self.config());
        write_json(&folder.join("tokenizer.json"), &self.tokenizer());
        write_json(&folder.join("tokenizer_config.json"), &self.tokenizer_config());
    }

    /// So many ids of pieces that are not special, from a seed.
    pub(crate) fn ids(&self, count: usize, seed: u64) -> Vec<u32> {
        let special = self.special();
        let range = special.first.len() as u32..(self.vocab - special.last.len()) as u32;
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        (0..count).map(|_| rng.random_range(range.clone())).collect()
    }

    /// The id of a piece.
    pub(crate) fn id(&self, piece: &str) -> Option<u32> {
        self.pieces().iter().position(|one| one == piece).map(|id| id as u32)
    }

    /// The width of a head.
    pub(crate) fn head_dim(&self) -> usize {
        self.head_dim.unwrap_or(self.d / self.heads)
    }

    /// `config.json`.
    pub(crate) fn config(&self) -> Value {
        let mut config = match self.family {
            Family::Gpt2 => self.gpt2_config(),
            Family::Llama | Family::Mistral | Family::Qwen2 => self.llama_config(),
            _ => self.bert_config(),
        };
        config["architectures"] = json!([self.family.class(self.head)]);
        config["model_type"] = json!(self.family.model_type());
        config["torch_dtype"] = json!(self.numbers.torch());
        config["transformers_version"] = json!("4.42.3");
        config["use_cache"] = json!(true);
        config["vocab_size"] = json!(self.vocab);
        if let Some(act) = self.act {
            config[if self.family == Family::Gpt2 { "activation_function" } else { "hidden_act" }] = json!(act);
        }
        if !self.tied {
            config["tie_word_embeddings"] = json!(false);
        }
        for (key, value) in &self.more {
            config[*key] = value.clone();
        }
        config
    }

    fn bert_config(&self) -> Value {
        let mut config = json!({
            "attention_probs_dropout_prob": 0.1,
            "hidden_act": "gelu",
            "hidden_dropout_prob": 0.1,
            "hidden_size": self.d,
            "initializer_range": 0.02,
            "intermediate_size": self.ffn,
            "num_attention_heads": self.heads,
            "num_hidden_layers": self.layers,
            "type_vocab_size": self.types,
        });
        if self.family == Family::Bert {
            config["gradient_checkpointing"] = json!(false);
            config["layer_norm_eps"] = json!(1e-12);
            config["max_position_embeddings"] = json!(self.positions);
            config["pad_token_id"] = json!(0);
            config["position_embedding_type"] = json!("absolute");
        } else {
            config["bos_token_id"] = json!(0);
            config["eos_token_id"] = json!(2);
            config["layer_norm_eps"] = json!(1e-5);
            // The padding's position is 1, the first token's 2.
            config["max_position_embeddings"] = json!(self.positions + 2);
            config["pad_token_id"] = json!(1);
        }
        config
    }

    fn gpt2_config(&self) -> Value {
        let mut config = json!({
            "activation_function": "gelu_new",
            "attn_pdrop": 0.1,
            "bos_token_id": self.id("<|endoftext|>"),
            "embd_pdrop": 0.1,
            "eos_token_id": self.id("<|endoftext|>"),
            "initializer_range": 0.02,
            "layer_norm_epsilon": 1e-5,
            "n_ctx": self.positions,
            "n_embd": self.d,
            "n_head": self.heads,
            "n_layer": self.layers,
            "n_positions": self.positions,
            "resid_pdrop": 0.1,
            "summary_activation": null,
            "summary_first_dropout": 0.1,
            "summary_proj_to_labels": true,
            "summary_type": "cls_index",
            "summary_use_proj": true,
            "task_specific_params": {"text-generation": {"do_sample": true, "max_length": 50}},
        });
        if self.ffn != 4 * self.d {
            config["n_inner"] = json!(self.ffn);
        }
        config
    }

    fn llama_config(&self) -> Value {
        let mut config = json!({
            "attention_dropout": 0.0,
            "hidden_act": "silu",
            "hidden_size": self.d,
            "initializer_range": 0.02,
            "intermediate_size": self.ffn,
            "max_position_embeddings": self.positions,
            "num_attention_heads": self.heads,
            "num_hidden_layers": self.layers,
            "num_key_value_heads": self.kv_heads,
            "rms_norm_eps": if self.family == Family::Qwen2 { 1e-6 } else { 1e-5 },
            "rope_theta": self.rope_theta,
            "tie_word_embeddings": self.tied,
        });
        let (bos, eos) = match self.family {
            Family::Llama => ("<|begin_of_text|>", "<|end_of_text|>"),
            Family::Mistral => ("<s>", "</s>"),
            _ => ("<|endoftext|>", "<|endoftext|>"),
        };
        config["bos_token_id"] = json!(self.id(bos));
        config["eos_token_id"] = json!(self.id(eos));
        match self.family {
            Family::Llama => {
                config["attention_bias"] = json!(false);
                config["mlp_bias"] = json!(false);
                config["pretraining_tp"] = json!(1);
                config["rope_scaling"] = json!(self.rope_scaling);
            }
            Family::Mistral => config["sliding_window"] = json!(self.window),
            _ => {
                config["sliding_window"] = json!(self.window.unwrap_or(self.positions));
                config["use_sliding_window"] = json!(self.window.is_some());
                // The layers before this one see everything.
                config["max_window_layers"] = json!(self.layers / 2);
            }
        }
        if let Some(width) = self.head_dim {
            config["head_dim"] = json!(width);
        }
        config
    }

    /// The weights, in the order in which they are drawn.
    pub(crate) fn tensors(&self) -> Vec<Tensor> {
        let mut draw = Draw { rng: ChaCha8Rng::seed_from_u64(self.seed), tensors: Vec::new(), legacy: self.legacy };
        match self.family {
            Family::Gpt2 => self.gpt2(&mut draw),
            Family::Llama | Family::Mistral | Family::Qwen2 => self.llama(&mut draw),
            _ => self.bert(&mut draw),
        }
        if let Some(rounded) = self.rounded {
            for tensor in &mut draw.tensors {
                if let Data::Weights(weights) = &mut tensor.data {
                    for one in weights {
                        *one = rounded.round(*one);
                    }
                }
            }
        }
        draw.tensors
    }

    fn body(&self, name: &str) -> String {
        if self.prefix { format!("{}{name}", self.family.prefix()) } else { name.to_owned() }
    }

    fn bert(&self, draw: &mut Draw) {
        let (d, ffn, bert) = (self.d, self.ffn, self.family == Family::Bert);
        let positions = if bert { self.positions } else { self.positions + 2 };
        let words = self.body("embeddings.word_embeddings");
        draw.matrix(&words, [self.vocab, d], 1.0);
        draw.matrix(&self.body("embeddings.position_embeddings"), [positions, d], 0.7);
        draw.matrix(&self.body("embeddings.token_type_embeddings"), [self.types, d], 0.5);
        draw.norm(&self.body("embeddings.LayerNorm"), d);
        if self.legacy || (bert && !self.prefix) {
            let whole = Data::Whole((0..positions as i64).collect());
            let name = self.body("embeddings.position_ids");
            draw.tensors.push(Tensor { name, shape: vec![1, positions], data: whole });
        }
        for layer in 0..self.layers {
            let of = |name: &str| self.body(&format!("encoder.layer.{layer}.{name}"));
            draw.linear(&of("attention.self.query"), d, d, SHARP, true);
            draw.linear(&of("attention.self.key"), d, d, SHARP, true);
            draw.linear(&of("attention.self.value"), d, d, 1.0, true);
            draw.linear(&of("attention.output.dense"), d, d, 1.0, true);
            draw.norm(&of("attention.output.LayerNorm"), d);
            draw.linear(&of("intermediate.dense"), ffn, d, 1.0, true);
            draw.linear(&of("output.dense"), d, ffn, 1.0, true);
            draw.norm(&of("output.LayerNorm"), d);
        }
        if !self.head {
            draw.linear(&self.body("pooler.dense"), d, d, 1.0, true);
            return;
        }
        let [dense, norm, head] = if bert {
            ["cls.predictions.transform.dense", "cls.predictions.transform.LayerNorm", "cls.predictions"]
        } else {
            ["lm_head.dense", "lm_head.layer_norm", "lm_head"]
        };
        draw.linear(dense, d, d, 1.0, true);
        draw.norm(norm, d);
        draw.vector(&format!("{head}.bias"), self.vocab, 0.0, 0.3);
        if !self.tied {
            draw.matrix(&format!("{head}.decoder"), [self.vocab, d], 1.0);
            draw.copy(&format!("{head}.bias"), &format!("{head}.decoder.bias"));
        } else if self.legacy {
            draw.copy(&format!("{words}.weight"), &format!("{head}.decoder.weight"));
            draw.copy(&format!("{head}.bias"), &format!("{head}.decoder.bias"));
        }
        if bert && self.legacy {
            draw.linear(&self.body("pooler.dense"), d, d, 1.0, true);
            draw.linear("cls.seq_relationship", 2, d, 1.0, true);
        }
    }

    fn gpt2(&self, draw: &mut Draw) {
        let (d, ffn) = (self.d, self.ffn);
        draw.matrix(&self.body("wte"), [self.vocab, d], 1.0);
        draw.matrix(&self.body("wpe"), [self.positions, d], 0.7);
        for layer in 0..self.layers {
            let of = |name: &str| self.body(&format!("h.{layer}.{name}"));
            draw.norm(&of("ln_1"), d);
            if self.legacy || !self.prefix {
                let n = self.positions;
                let mask = (0..n * n).map(|at| if at % n <= at / n { 1.0 } else { 0.0 }).collect();
                let name = of("attn.bias");
                draw.tensors.push(Tensor { name, shape: vec![1, 1, n, n], data: Data::Weights(mask) });
            }
            // Weights of GPT-2 are in×out; the columns of q and k are the first two thirds.
            let small = 1.0 / (d as f32).sqrt();
            let width = |at: usize| if at % (3 * d) < 2 * d { SHARP * small } else { small };
            let fused = (0..3 * d * d).map(|at| width(at) * draw.normal()).collect();
            let name = of("attn.c_attn.weight");
            draw.tensors.push(Tensor { name, shape: vec![d, 3 * d], data: Data::Weights(fused) });
            draw.vector(&of("attn.c_attn.bias"), 3 * d, 0.0, BIAS);
            draw.conv1d(&of("attn.c_proj"), d, d);
            draw.norm(&of("ln_2"), d);
            draw.conv1d(&of("mlp.c_fc"), d, ffn);
            draw.conv1d(&of("mlp.c_proj"), ffn, d);
        }
        draw.norm(&self.body("ln_f"), d);
        if self.head && !self.tied {
            draw.matrix("lm_head", [self.vocab, d], 1.0);
        }
    }

    fn llama(&self, draw: &mut Draw) {
        let (d, ffn, width) = (self.d, self.ffn, self.head_dim());
        let bias = self.family == Family::Qwen2;
        let embeddings = self.body("embed_tokens");
        draw.matrix(&embeddings, [self.vocab, d], 1.0);
        for layer in 0..self.layers {
            let of = |name: &str| self.body(&format!("layers.{layer}.{name}"));
            draw.gain(&of("input_layernorm.weight"), d);
            draw.linear(&of("self_attn.q_proj"), self.heads * width, d, SHARP, bias);
            draw.linear(&of("self_attn.k_proj"), self.kv_heads * width, d, SHARP, bias);
            draw.linear(&of("self_attn.v_proj"), self.kv_heads * width, d, 1.0, bias);
            draw.linear(&of("self_attn.o_proj"), d, self.heads * width, 1.0, false);
            if self.legacy {
                let turn = |i: usize| self.rope_theta.powf(-2.0 * i as f64 / width as f64) as f32;
                let data = Data::Weights((0..width / 2).map(turn).collect());
                let name = of("self_attn.rotary_emb.inv_freq");
                draw.tensors.push(Tensor { name, shape: vec![width / 2], data });
            }
            draw.gain(&of("post_attention_layernorm.weight"), d);
            draw.linear(&of("mlp.gate_proj"), ffn, d, 1.0, false);
            draw.linear(&of("mlp.up_proj"), ffn, d, 1.0, false);
            draw.linear(&of("mlp.down_proj"), d, ffn, 1.0, false);
        }
        draw.gain(&self.body("norm.weight"), d);
        if self.head && !self.tied {
            draw.matrix("lm_head", [self.vocab, d], 1.0);
        }
    }

    fn special(&self) -> Special {
        let (first, last, unknown): (&[&str], &[&str], &str) = match self.family {
            Family::Bert => (&["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], &[], "[UNK]"),
            Family::Roberta | Family::XlmRoberta => (&["<s>", "<pad>", "</s>", "<unk>"], &["<mask>"], "<unk>"),
            Family::Gpt2 => (&[], &["<|endoftext|>"], "<|endoftext|>"),
            Family::Llama => (&[], &["<|begin_of_text|>", "<|end_of_text|>"], "<|end_of_text|>"),
            Family::Mistral => (&["<unk>", "<s>", "</s>"], &[], "<unk>"),
            Family::Qwen2 => (&[], &["<|endoftext|>", "<|im_start|>", "<|im_end|>"], "<|endoftext|>"),
        };
        Special { first, last, unknown }
    }

    /// Whether there is room for a piece of each byte.
    fn has_bytes(&self) -> bool {
        self.vocab >= 300 && !matches!(self.family, Family::Bert | Family::XlmRoberta)
    }

    /// What stands for a space.
    fn space(&self) -> &'static str {
        if matches!(self.family, Family::Mistral | Family::XlmRoberta) { "▁" } else { "Ġ" }
    }

    /// The vocabulary, by id.
    pub(crate) fn pieces(&self) -> Vec<String> {
        let special = self.special();
        let owned = |pieces: &[&str]| pieces.iter().map(|&piece| piece.to_owned()).collect::<Vec<_>>();
        let mut pieces = owned(special.first);
        let space = self.space();
        match self.family {
            Family::Bert => {
                pieces.extend(owned(&WORDS));
                pieces.extend(owned(&["##es", "##ed", "##ing"]));
                pieces.extend(LETTERS.chars().chain(CHINESE.chars()).map(String::from));
                pieces.extend(LETTERS.chars().filter(char::is_ascii_alphabetic).map(|c| format!("##{c}")));
            }
            Family::XlmRoberta => {
                pieces.push(space.to_owned());
                pieces.extend(LETTERS.chars().map(String::from));
                pieces.extend(WORDS.iter().map(|word| format!("{space}{word}")));
                pieces.extend(CHINESE.chars().map(String::from));
            }
            _ => {
                if self.has_bytes() && self.family == Family::Mistral {
                    pieces.extend((0..=255).map(|byte| format!("<0x{byte:02X}>")));
                }
                if self.has_bytes() && self.family != Family::Mistral {
                    pieces.extend(byte_letters().into_iter().map(|(_, letter)| letter.to_string()));
                } else {
                    pieces.push(space.to_owned());
                    pieces.extend(LETTERS.chars().map(String::from));
                }
                for (left, right) in MERGES {
                    pieces.push(format!("{left}{right}").replace('_', space));
                }
            }
        }
        // Fewer when there is no room, more when there is.
        let room = self.vocab - special.last.len();
        pieces.truncate(room);
        let used = pieces.len();
        pieces.extend((used..room).map(|n| format!("[unused{n}]")));
        pieces.extend(owned(special.last));
        pieces
    }

    /// `tokenizer.json`.
    pub(crate) fn tokenizer(&self) -> Value {
        let special = self.special();
        let added: Vec<Value> = [special.first, special.last]
            .concat()
            .iter()
            .map(|&piece| {
                json!({
                    "id": self.id(piece), "content": piece, "single_word": false,
                    "lstrip": piece == "<mask>", "rstrip": false, "normalized": false, "special": true,
                })
            })
            .collect();
        let [normalizer, splitting, processor, decoder] = self.stages();
        let model = match self.family {
            Family::Bert => json!({"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                "max_input_chars_per_word": 100, "vocab": self.numbered()}),
            Family::XlmRoberta => self.unigram(),
            _ => self.bpe(),
        };
        json!({
            "version": "1.0",
            "truncation": null,
            "padding": null,
            "added_tokens": added,
            "normalizer": normalizer,
            "pre_tokenizer": splitting,
            "post_processor": processor,
            "decoder": decoder,
            "model": model,
        })
    }

    /// Around the model of a tokenizer: normalizer, pre-tokenizer, post-processor, decoder.
    fn stages(&self) -> [Value; 4] {
        let bytes = byte_level(true);
        match self.family {
            Family::Bert => [
                json!({"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
                    "strip_accents": null, "lowercase": true}),
                json!({"type": "BertPreTokenizer"}),
                self.template("[CLS]", Some("[SEP]")),
                json!({"type": "WordPiece", "prefix": "##", "cleanup": true}),
            ],
            Family::XlmRoberta => {
                let metaspace =
                    json!({"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true});
                let splitting = json!({"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, metaspace]});
                [json!({"type": "NFKC"}), splitting, self.template("<s>", Some("</s>")), metaspace]
            }
            Family::Roberta => {
                let processor = json!({"type": "RobertaProcessing", "sep": ["</s>", 2], "cls": ["<s>", 0],
                    "trim_offsets": true, "add_prefix_space": false});
                [Value::Null, bytes.clone(), processor, bytes]
            }
            Family::Gpt2 => [Value::Null, bytes.clone(), bytes.clone(), bytes],
            Family::Llama => {
                let processors = [bytes.clone(), self.template("<|begin_of_text|>", None)];
                let processor = json!({"type": "Sequence", "processors": processors});
                [Value::Null, split(r"\p{N}{1,3}"), processor, bytes]
            }
            Family::Qwen2 => [json!({"type": "NFC"}), split(r"\p{N}"), byte_level(false), byte_level(false)],
            Family::Mistral => [
                json!({"type": "Sequence", "normalizers": [
                    {"type": "Prepend", "prepend": "▁"},
                    {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
                ]}),
                Value::Null,
                self.template("<s>", None),
                json!({"type": "Sequence", "decoders": [
                    {"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
                    {"type": "ByteFallback"},
                    {"type": "Fuse"},
                    {"type": "Strip", "content": " ", "start": 1, "stop": 0},
                ]}),
            ],
        }
    }

    /// What stands before a text and after it; of a second text, only what stands after it.
    fn template(&self, before: &str, after: Option<&str>) -> Value {
        let piece = |piece: &str, kind: u8| json!({"SpecialToken": {"id": piece, "type_id": kind}});
        let mut single = vec![piece(before, 0), json!({"Sequence": {"id": "A", "type_id": 0}})];
        single.extend(after.map(|after| piece(after, 0)));
        let mut pair = single.clone();
        pair.push(json!({"Sequence": {"id": "B", "type_id": 1}}));
        pair.extend(after.map(|after| piece(after, 1)));
        let known = |one: &str| (one.to_owned(), json!({"id": one, "ids": [self.id(one)], "tokens": [one]}));
        let special: Map<String, Value> = std::iter::once(before).chain(after).map(known).collect();
        json!({"type": "TemplateProcessing", "single": single, "pair": pair, "special_tokens": special})
    }

    /// Pieces and their ids.
    fn numbered(&self) -> Map<String, Value> {
        self.pieces().into_iter().zip(0..).map(|(piece, id)| (piece, json!(id))).collect()
    }

    /// Pieces and how likely they are, in logarithms: the longer the better.
    fn unigram(&self) -> Value {
        let special = self.special();
        let score = |piece: &str| match piece.chars().count() {
            _ if special.first.contains(&piece) => 0.0,
            _ if piece.starts_with("[unused") => -20.0,
            1 => -7.5,
            long => -3.0 - 0.25 * long as f64,
        };
        let scored: Vec<Value> = self.pieces().iter().map(|piece| json!([piece, score(piece)])).collect();
        json!({"type": "Unigram", "unk_id": 3, "vocab": scored, "byte_fallback": false})
    }

    /// Pieces, and which two of them become one, first things first.
    fn bpe(&self) -> Value {
        let vocab = self.numbered();
        let space = self.space();
        let merges: Vec<Value> = MERGES
            .iter()
            .map(|(left, right)| [left.replace('_', space), right.replace('_', space)])
            .filter(|[left, right]| [left, right, &format!("{left}{right}")].iter().all(|&one| vocab.contains_key(one)))
            .map(|[left, right]| if self.legacy { json!(format!("{left} {right}")) } else { json!([left, right]) })
            .collect();
        let mistral = self.family == Family::Mistral;
        // Where every byte has a piece, nothing is unknown.
        let unknown = (mistral || !self.has_bytes()).then(|| self.special().unknown);
        let affix =
            if matches!(self.family, Family::Gpt2 | Family::Roberta | Family::Qwen2) { json!("") } else { Value::Null };
        json!({
            "type": "BPE",
            "dropout": null,
            "unk_token": unknown,
            "continuing_subword_prefix": affix,
            "end_of_word_suffix": affix,
            "fuse_unk": mistral,
            "byte_fallback": mistral && self.has_bytes(),
            "ignore_merges": false,
            "vocab": vocab,
            "merges": merges,
        })
    }

    fn tokenizer_config(&self) -> Value {
        match self.family {
            Family::Bert => json!({"tokenizer_class": "BertTokenizer", "model_max_length": self.positions,
                "do_lower_case": true, "unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]",
                "cls_token": "[CLS]", "mask_token": "[MASK]"}),
            Family::Roberta | Family::XlmRoberta => {
                let class = if self.family == Family::Roberta { "RobertaTokenizer" } else { "XLMRobertaTokenizer" };
                json!({"tokenizer_class": class, "model_max_length": self.positions, "bos_token": "<s>",
                    "eos_token": "</s>", "unk_token": "<unk>", "sep_token": "</s>", "pad_token": "<pad>",
                    "cls_token": "<s>", "mask_token": "<mask>"})
            }
            Family::Gpt2 => json!({"tokenizer_class": "GPT2Tokenizer", "model_max_length": self.positions,
                "bos_token": "<|endoftext|>", "eos_token": "<|endoftext|>", "unk_token": "<|endoftext|>"}),
            Family::Llama => json!({"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": self.positions,
                "bos_token": "<|begin_of_text|>", "eos_token": "<|end_of_text|>"}),
            Family::Mistral => json!({"tokenizer_class": "LlamaTokenizer", "model_max_length": self.positions,
                "add_bos_token": true, "add_eos_token": false, "bos_token": "<s>", "eos_token": "</s>",
                "unk_token": "<unk>"}),
            Family::Qwen2 => json!({"tokenizer_class": "Qwen2Tokenizer", "model_max_length": self.positions,
                "bos_token": null, "eos_token": "<|endoftext|>", "pad_token": "<|endoftext|>"}),
        }
    }
}

fn byte_level(regex: bool) -> Value {
    json!({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": regex})
}

/// How Llama 3 and Qwen2 cut a text before they merge; they differ in how many digits they leave together.
fn split(digits: &str) -> Value {
    let words = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+";
    let others = r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    let pattern = format!("{words}|{digits}|{others}");
    json!({"type": "Sequence", "pretokenizers": [
        {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": false},
        byte_level(false),
    ]})
}

/// Writes weights into this folder, in one file or in shards with an index.
pub(crate) fn write_tensors(folder: &Path, tensors: &[Tensor], numbers: Numbers, shards: usize) {
    fs::create_dir_all(folder).unwrap();
    let parts: Vec<&[Tensor]> = tensors.chunks(tensors.len().div_ceil(shards)).collect();
    let mut map = Map::new();
    let mut total = 0;
    for (n, part) in parts.iter().enumerate() {
        let bytes: Vec<(Dtype, Vec<u8>)> = part
            .iter()
            .map(|tensor| match &tensor.data {
                Data::Weights(weights) => {
                    (numbers.dtype(), weights.iter().flat_map(|&one| numbers.bytes(one)).collect())
                }
                Data::Whole(whole) => (Dtype::I64, whole.iter().flat_map(|one| one.to_le_bytes()).collect()),
            })
            .collect();
        let file = match parts.len() {
            1 => "model.safetensors".to_owned(),
            all => format!("model-{:05}-of-{all:05}.safetensors", n + 1),
        };
        let views = part.iter().zip(&bytes).map(|(tensor, (dtype, bytes))| {
            (tensor.name.clone(), TensorView::new(*dtype, tensor.shape.clone(), bytes).unwrap())
        });
        let about = HashMap::from([("format".to_owned(), "pt".to_owned())]);
        serialize_to_file(views, Some(about), &folder.join(&file)).unwrap();
        total += bytes.iter().map(|(_, bytes)| bytes.len()).sum::<usize>();
        map.extend(part.iter().map(|tensor| (tensor.name.clone(), json!(file))));
    }
    if parts.len() > 1 {
        let index = json!({"metadata": {"total_size": total}, "weight_map": map});
        write_json(&folder.join("model.safetensors.index.json"), &index);
    }
}

fn write_json(path: &Path, value: &Value) {
    fs::write(path, serde_json::to_string_pretty(value).unwrap()).unwrap();
}

/// Queries and keys are drawn this much wider, so that scores differ by about the square of it.
const SHARP: f32 = 1.4;
/// How wide shifts are drawn.
const BIAS: f32 = 0.2;

/// Draws weights one after another.
struct Draw {
    rng: ChaCha8Rng,
    tensors: Vec<Tensor>,
    legacy: bool,
}

impl Draw {
    fn normal(&mut self) -> f32 {
        StandardNormal.sample(&mut self.rng)
    }

    fn push(&mut self, name: String, shape: Vec<usize>, mean: f32, width: f32) {
        let weights = (0..shape.iter().product()).map(|_| mean + width * self.normal()).collect();
        self.tensors.push(Tensor { name, shape, data: Data::Weights(weights) });
    }

    fn matrix(&mut self, name: &str, shape: [usize; 2], width: f32) {
        self.push(format!("{name}.weight"), shape.to_vec(), 0.0, width);
    }

    fn vector(&mut self, name: &str, size: usize, mean: f32, width: f32) {
        self.push(name.to_owned(), vec![size], mean, width);
    }

    fn gain(&mut self, name: &str, size: usize) {
        self.vector(name, size, 1.0, 0.1);
    }

    fn norm(&mut self, name: &str, size: usize) {
        // The published BERT calls them so; GPT-2 never did.
        let old = self.legacy && name.contains("LayerNorm");
        self.gain(&format!("{name}.{}", if old { "gamma" } else { "weight" }), size);
        self.vector(&format!("{name}.{}", if old { "beta" } else { "bias" }), size, 0.0, 0.1);
    }

    /// out×in, so wide that what comes out is as large as what goes in, times `sharp`.
    fn linear(&mut self, name: &str, out: usize, into: usize, sharp: f32, bias: bool) {
        self.matrix(name, [out, into], sharp / (into as f32).sqrt());
        if bias {
            self.vector(&format!("{name}.bias"), out, 0.0, BIAS);
        }
    }

    /// in×out.
    fn conv1d(&mut self, name: &str, into: usize, out: usize) {
        self.matrix(name, [into, out], 1.0 / (into as f32).sqrt());
        self.vector(&format!("{name}.bias"), out, 0.0, BIAS);
    }

    /// The same once more, under another name.
    fn copy(&mut self, from: &str, to: &str) {
        let mut copy = self.tensors.iter().find(|tensor| tensor.name == from).expect("it was drawn").clone();
        to.clone_into(&mut copy.name);
        self.tensors.push(copy);
    }
}

/// GPT-2's letters for bytes: those that can be seen stand for themselves and come first, the others from U+0100 on.
pub(crate) fn byte_letters() -> Vec<(u8, char)> {
    let seen = |byte: &u8| matches!(byte, 33..=126 | 161..=172 | 174..=255);
    let themselves = (0..=255).filter(seen).map(|byte: u8| (byte, char::from(byte)));
    let others = (0..=255).filter(|byte| !seen(byte)).zip('\u{100}'..);
    themselves.chain(others).collect()
}

const WORDS: [&str; 16] = [
    "the", "it", "animal", "street", "was", "too", "tired", "because", "did", "not", "cross", "cat", "sat", "on",
    "mat", "dog",
];
const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz.,'!?";
const CHINESE: &str = "我爱北京天安门的";
/// `_` is a space.
const MERGES: [(&str, &str); 24] = [
    ("_", "t"),
    ("h", "e"),
    ("_t", "he"),
    ("i", "t"),
    ("_", "it"),
    ("i", "n"),
    ("a", "n"),
    ("_", "a"),
    ("r", "e"),
    ("a", "t"),
    ("_", "w"),
    ("a", "s"),
    ("_w", "as"),
    ("e", "r"),
    ("t", "he"),
    ("e", "d"),
    ("_", "s"),
    ("o", "s"),
    ("os", "s"),
    ("c", "r"),
    ("i", "m"),
    ("_an", "im"),
    ("_a", "n"),
    ("o", "o"),
];
