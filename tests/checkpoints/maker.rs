//! Small checkpoints of every family, as the hub's clients lay them, made by the format's own library.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use qkv::source::model::{Folder, InMemory};
use safetensors::tensor::{Dtype, TensorView};
use serde_json::{Map, Value, json};

/// Whole numbers that f16 and bf16 hold exactly, other ones at every place of every tensor.
pub(crate) fn number(name: &str, at: usize) -> f32 {
    let name: usize = name.bytes().map(usize::from).sum();
    ((name + 7 * at) % 251) as f32 - 125.0
}

/// Tensors on their way to a file.
#[derive(Clone, Default)]
pub(crate) struct Tensors(pub(crate) BTreeMap<String, (Dtype, Vec<usize>, Vec<u8>)>);

impl Tensors {
    /// One more tensor, filled by [`number`].
    pub(crate) fn add(&mut self, name: &str, shape: &[usize], dtype: Dtype) {
        let numbers = (0..shape.iter().product()).map(|at| number(name, at));
        let bytes = match dtype {
            Dtype::F16 => numbers.flat_map(|n| half::f16::from_f32(n).to_le_bytes()).collect(),
            Dtype::BF16 => numbers.flat_map(|n| half::bf16::from_f32(n).to_le_bytes()).collect(),
            Dtype::I64 => numbers.flat_map(|n| (n as i64).to_le_bytes()).collect(),
            _ => numbers.flat_map(f32::to_le_bytes).collect(),
        };
        self.0.insert(name.to_owned(), (dtype, shape.to_vec(), bytes));
    }

    /// All of them as a file.
    pub(crate) fn file(&self) -> Vec<u8> {
        let views = self.0.iter().map(|(name, (dtype, shape, bytes))| {
            (name.as_str(), TensorView::new(*dtype, shape.clone(), bytes).unwrap())
        });
        safetensors::serialize(views, None).unwrap()
    }

    /// Those whose name passes.
    fn of(&self, wanted: impl Fn(&str) -> bool) -> Self {
        Self(
            self.0
                .iter()
                .filter(|(name, _)| wanted(name))
                .map(|(name, tensor)| (name.clone(), tensor.clone()))
                .collect(),
        )
    }
}

/// A checkpoint in parts, so that tests can spoil one.
#[derive(Clone)]
pub(crate) struct Made {
    pub(crate) config: Value,
    pub(crate) tensors: Tensors,
    pub(crate) tokenizer: Value,
}

impl Made {
    pub(crate) fn folder(&self) -> InMemory {
        InMemory::new()
            .with("config.json", serde_json::to_string_pretty(&self.config).unwrap())
            .with("model.safetensors", self.tensors.file())
            .with("tokenizer.json", self.tokenizer.to_string())
    }

    /// The same in two files: layers with an even number, and the rest.
    pub(crate) fn shards(&self) -> InMemory {
        let (one, two) = ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors");
        let first = |name: &str| name.contains(".0.");
        let place = |name: &String| (name.clone(), json!(if first(name) { one } else { two }));
        let map: Map<String, Value> = self.tensors.0.keys().map(place).collect();
        self.folder()
            .without("model.safetensors")
            .with(
                "model.safetensors.index.json",
                json!({ "metadata": { "total_size": 1 }, "weight_map": map }).to_string(),
            )
            .with(one, self.tensors.of(first).file())
            .with(two, self.tensors.of(|name| !first(name)).file())
    }

    /// The same with one key of the configuration changed.
    pub(crate) fn with(mut self, key: &str, value: Value) -> Self {
        self.config[key] = value;
        self
    }
}

/// The sizes of all of them.
pub(crate) const MODEL: usize = 8;
pub(crate) const INNER: usize = 12;
pub(crate) const VOCABULARY: usize = 24;
pub(crate) const LAYERS: usize = 2;

/// A word-piece vocabulary.
fn word_pieces() -> Value {
    let words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "i", "love", "bei", "##jing", "北", "京", ",", "."];
    let special = |id: usize| json!({ "id": id, "content": words[id], "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true });
    json!({
        "version": "1.0",
        "truncation": { "max_length": 4, "strategy": "LongestFirst", "stride": 0 },
        "padding": { "strategy": { "Fixed": 16 }, "direction": "Right", "pad_to_multiple_of": null, "pad_id": 0, "pad_type_id": 0, "pad_token": "[PAD]" },
        "added_tokens": (0..5).map(special).collect::<Vec<_>>(),
        "normalizer": { "type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null, "lowercase": true },
        "pre_tokenizer": { "type": "BertPreTokenizer" },
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [{ "SpecialToken": { "id": "[CLS]", "type_id": 0 } }, { "Sequence": { "id": "A", "type_id": 0 } }, { "SpecialToken": { "id": "[SEP]", "type_id": 0 } }],
            "pair": [],
            "special_tokens": { "[CLS]": { "id": "[CLS]", "ids": [2], "tokens": ["[CLS]"] }, "[SEP]": { "id": "[SEP]", "ids": [3], "tokens": ["[SEP]"] } }
        },
        "decoder": { "type": "WordPiece", "prefix": "##", "cleanup": true },
        "model": {
            "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
            "vocab": words.iter().enumerate().map(|(id, word)| ((*word).to_owned(), json!(id))).collect::<Map<_, _>>()
        }
    })
}

/// A vocabulary of bytes.
fn byte_pairs(special: &str) -> Value {
    let words = ["a", "b", "c", "Ġ", "l", "o", "v", "e", "ä", "½", "ł", "Ġl", "ov", "Ġlov", "Ġlove", "!"];
    let mut vocab: Map<String, Value> =
        words.iter().enumerate().map(|(id, word)| ((*word).to_owned(), json!(id))).collect();
    vocab.insert(special.to_owned(), json!(words.len()));
    json!({
        "added_tokens": [{ "id": words.len(), "content": special, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true }],
        "normalizer": null,
        "pre_tokenizer": { "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true },
        "post_processor": { "type": "ByteLevel", "add_prefix_space": true, "trim_offsets": false },
        "decoder": { "type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true },
        "model": { "type": "BPE", "unk_token": null, "vocab": vocab, "merges": ["Ġ l", "o v", "Ġl ov", "Ġlov e"] }
    })
}

/// A table of characters that makes `Ω` of `X`, as `SentencePiece` writes it: a trie of units, and texts that end with 0.
fn table() -> String {
    let mut units = vec![0_u32; 512];
    let (first, leaf) = (256 ^ usize::from(b'X'), 256 ^ usize::from(b'X') ^ 1);
    units[0] = 256 << 10;
    units[first] = 1 << 10 | 1 << 8 | u32::from(b'X');
    units[leaf] = 1 << 31;
    let units: Vec<u8> = units.into_iter().flat_map(u32::to_le_bytes).collect();
    STANDARD.encode([&(units.len() as u32).to_le_bytes(), &units[..], "Ω\0".as_bytes()].concat())
}

/// A vocabulary of probable pieces.
fn unigrams() -> Value {
    let vocab = json!([
        ["<s>", 0.0],
        ["<pad>", 0.0],
        ["</s>", 0.0],
        ["<unk>", 0.0],
        ["▁", -3.0],
        ["▁i", -2.0],
        ["▁love", -2.5],
        ["北京", -4.0],
        ["▁bei", -3.0],
        ["jing", -3.5],
        ["<mask>", 0.0],
        ["Ω", -2.0]
    ]);
    let special = |id: usize, content: &str, lstrip: bool| json!({ "id": id, "content": content, "single_word": false, "lstrip": lstrip, "rstrip": false, "normalized": false, "special": true });
    json!({
        "added_tokens": [special(0, "<s>", false), special(1, "<pad>", false), special(2, "</s>", false), special(3, "<unk>", false), special(10, "<mask>", true)],
        "normalizer": { "type": "Sequence", "normalizers": [{ "type": "Precompiled", "precompiled_charsmap": table() }, { "type": "NFKC" }, { "type": "Replace", "pattern": { "Regex": " {2,}" }, "content": " " }] },
        "pre_tokenizer": { "type": "Sequence", "pretokenizers": [{ "type": "WhitespaceSplit" }, { "type": "Metaspace", "replacement": "▁", "add_prefix_space": true }] },
        "post_processor": { "type": "RobertaProcessing", "sep": ["</s>", 2], "cls": ["<s>", 0], "trim_offsets": true, "add_prefix_space": true },
        "model": { "type": "Unigram", "unk_id": 3, "vocab": vocab }
    })
}

/// BERT, under a prefix and with the dtype given; `kind` may also be `RoBERTa`'s.
pub(crate) fn bert_like(kind: &str, prefix: &str, dtype: Dtype, norm: (&str, &str)) -> Made {
    let mut all = Tensors::default();
    let mut add = |name: &str, shape: &[usize]| all.add(&format!("{prefix}{name}"), shape, dtype);
    add("embeddings.word_embeddings.weight", &[VOCABULARY, MODEL]);
    add("embeddings.position_embeddings.weight", &[12, MODEL]);
    add("embeddings.token_type_embeddings.weight", &[2, MODEL]);
    let norms = |name: &str, add: &mut dyn FnMut(&str, &[usize])| {
        add(&format!("{name}.{}", norm.0), &[MODEL]);
        add(&format!("{name}.{}", norm.1), &[MODEL]);
    };
    norms("embeddings.LayerNorm", &mut add);
    for layer in 0..LAYERS {
        let layer = format!("encoder.layer.{layer}");
        for (name, out, inside) in [
            ("attention.self.query", MODEL, MODEL),
            ("attention.self.key", MODEL, MODEL),
            ("attention.self.value", MODEL, MODEL),
            ("attention.output.dense", MODEL, MODEL),
            ("intermediate.dense", INNER, MODEL),
            ("output.dense", MODEL, INNER),
        ] {
            add(&format!("{layer}.{name}.weight"), &[out, inside]);
            add(&format!("{layer}.{name}.bias"), &[out]);
        }
        norms(&format!("{layer}.attention.output.LayerNorm"), &mut add);
        norms(&format!("{layer}.output.LayerNorm"), &mut add);
    }
    all.add(&format!("{prefix}embeddings.position_ids"), &[1, 12], Dtype::I64);
    let tokenizer = if kind == "bert" { word_pieces() } else { unigrams() };
    let config = json!({
        "model_type": kind, "hidden_size": MODEL, "num_attention_heads": 2, "num_hidden_layers": LAYERS, "intermediate_size": INNER,
        "vocab_size": VOCABULARY, "max_position_embeddings": 12, "type_vocab_size": 2, "hidden_act": "gelu", "layer_norm_eps": 1e-12,
        "pad_token_id": i32::from(kind != "bert"), "position_embedding_type": "absolute", "quantization_config": null
    });
    Made { config, tensors: all, tokenizer }
}

pub(crate) fn bert() -> Made {
    bert_like("bert", "", Dtype::F32, ("weight", "bias"))
}

pub(crate) fn gpt2() -> Made {
    let mut all = Tensors::default();
    let mut add = |name: &str, shape: &[usize]| all.add(name, shape, Dtype::F32);
    add("wte.weight", &[VOCABULARY, MODEL]);
    add("wpe.weight", &[12, MODEL]);
    for layer in 0..LAYERS {
        let layer = format!("h.{layer}");
        for norm in ["ln_1", "ln_2"] {
            add(&format!("{layer}.{norm}.weight"), &[MODEL]);
            add(&format!("{layer}.{norm}.bias"), &[MODEL]);
        }
        for (name, inside, out) in [
            ("attn.c_attn", MODEL, 3 * MODEL),
            ("attn.c_proj", MODEL, MODEL),
            ("mlp.c_fc", MODEL, INNER),
            ("mlp.c_proj", INNER, MODEL),
        ] {
            add(&format!("{layer}.{name}.weight"), &[inside, out]);
            add(&format!("{layer}.{name}.bias"), &[out]);
        }
    }
    add("ln_f.weight", &[MODEL]);
    add("ln_f.bias", &[MODEL]);
    let config = json!({
        "model_type": "gpt2", "n_embd": MODEL, "n_head": 2, "n_layer": LAYERS, "n_inner": INNER, "n_ctx": 12, "n_positions": 12,
        "vocab_size": VOCABULARY, "activation_function": "gelu_new", "layer_norm_epsilon": 1e-5
    });
    Made { config, tensors: all, tokenizer: byte_pairs("<|endoftext|>") }
}

/// Llama and its like: four heads ask, two answer.
pub(crate) fn llama(kind: &str, tied: bool) -> Made {
    let mut all = Tensors::default();
    let mut add = |name: &str, shape: &[usize]| all.add(name, shape, Dtype::BF16);
    add("model.embed_tokens.weight", &[VOCABULARY, MODEL]);
    for layer in 0..LAYERS {
        let layer = format!("model.layers.{layer}");
        add(&format!("{layer}.input_layernorm.weight"), &[MODEL]);
        add(&format!("{layer}.post_attention_layernorm.weight"), &[MODEL]);
        for (name, out, inside, bias) in [
            ("self_attn.q_proj", MODEL, MODEL, true),
            ("self_attn.k_proj", MODEL / 2, MODEL, true),
            ("self_attn.v_proj", MODEL / 2, MODEL, true),
            ("self_attn.o_proj", MODEL, MODEL, false),
            ("mlp.gate_proj", INNER, MODEL, false),
            ("mlp.up_proj", INNER, MODEL, false),
            ("mlp.down_proj", MODEL, INNER, false),
        ] {
            add(&format!("{layer}.{name}.weight"), &[out, inside]);
            if bias && kind == "qwen2" {
                add(&format!("{layer}.{name}.bias"), &[out]);
            }
        }
    }
    add("model.norm.weight", &[MODEL]);
    if !tied {
        add("lm_head.weight", &[VOCABULARY, MODEL]);
    }
    let config = json!({
        "model_type": kind, "hidden_size": MODEL, "num_attention_heads": 4, "num_key_value_heads": 2, "num_hidden_layers": LAYERS,
        "intermediate_size": INNER, "vocab_size": VOCABULARY, "max_position_embeddings": 64, "hidden_act": "silu", "rms_norm_eps": 1e-5,
        "rope_theta": 100_000.0, "rope_scaling": null, "tie_word_embeddings": tied, "sliding_window": if kind == "qwen2" { json!(8) } else { Value::Null },
        "use_sliding_window": if kind == "qwen2" { json!(false) } else { Value::Null }
    });
    Made { config, tensors: all, tokenizer: byte_pairs("<|im_end|>") }
}

/// The bytes of a file.
pub(crate) fn bytes_of(folder: &InMemory, name: &str) -> Vec<u8> {
    let mut bytes = vec![0; folder.size(name).unwrap().unwrap() as usize];
    folder.read(name, 0, &mut bytes).unwrap();
    bytes
}
