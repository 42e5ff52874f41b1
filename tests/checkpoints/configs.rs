//! Configurations that will not do: each is refused at its line and column, in words that say what is supported.

use serde_json::{Value, json};

use crate::complaint;
use crate::maker::{Made, bert, bert_like, gpt2, llama};

/// Where the value of a key stands in what the folder holds.
fn place(made: &Made, key: &str) -> String {
    let text = serde_json::to_string_pretty(&made.config).unwrap();
    let (line, found) = text.lines().enumerate().find(|(_, line)| line.starts_with(&format!("  \"{key}\": "))).unwrap();
    assert!(found.len() > key.len());
    format!("config.json:{}:{}", line + 1, key.chars().count() + 7)
}

/// One key has another value.
fn changed(made: &Made, cases: &[(&str, Value, &str)]) {
    for (key, value, expected) in cases {
        let spoiled = made.clone().with(key, value.clone());
        let words = complaint(spoiled.folder());
        let place = place(&spoiled, key);
        assert_eq!(words.en, format!("{place}: {expected}"), "{key}: {value}");
        assert!(words.zh.starts_with(&place) && words.zh.contains(key), "{}", words.zh);
    }
}

#[test]
fn of_bert() {
    changed(
        &bert(),
        &[
            (
                "model_type",
                json!("t5"),
                "model_type is \"t5\", only \"bert\", \"roberta\", \"xlm-roberta\", \"gpt2\", \"llama\", \"mistral\", \"qwen2\" can be computed here",
            ),
            ("model_type", json!(3), "model_type is 3, expected a string"),
            ("hidden_size", json!(0), "hidden_size is 0, expected a whole number from 1 to 65536"),
            ("hidden_size", json!(-8), "hidden_size is -8, expected a whole number from 1 to 65536"),
            ("hidden_size", json!(8.5), "hidden_size is 8.5, expected a whole number from 1 to 65536"),
            ("hidden_size", json!("8"), "hidden_size is \"8\", expected a whole number from 1 to 65536"),
            (
                "hidden_size",
                json!(u64::MAX),
                "hidden_size is 18446744073709551615, expected a whole number from 1 to 65536",
            ),
            ("num_attention_heads", json!(0), "num_attention_heads is 0, expected a whole number from 1 to 1024"),
            (
                "num_attention_heads",
                json!(3),
                "num_attention_heads is 3, which does not divide the 8 numbers of a word vector",
            ),
            ("num_hidden_layers", json!(0), "num_hidden_layers is 0, expected a whole number from 1 to 1024"),
            ("num_hidden_layers", json!(1025), "num_hidden_layers is 1025, expected a whole number from 1 to 1024"),
            (
                "intermediate_size",
                json!(1 << 21),
                "intermediate_size is 2097152, expected a whole number from 1 to 1048576",
            ),
            ("vocab_size", json!(1 << 30), "vocab_size is 1073741824, expected a whole number from 1 to 16777216"),
            (
                "max_position_embeddings",
                json!([512]),
                "max_position_embeddings is [ 512 ], expected a whole number from 1 to 16777216",
            ),
            ("type_vocab_size", json!(true), "type_vocab_size is true, expected a whole number from 0 to 1024"),
            (
                "hidden_act",
                json!("mish"),
                "hidden_act is \"mish\", only \"gelu\", \"gelu_new\", \"gelu_pytorch_tanh\", \"relu\", \"silu\" can be computed here",
            ),
            ("layer_norm_eps", json!(0), "layer_norm_eps is 0, expected a number above 0 and up to 1"),
            ("layer_norm_eps", json!(-1e-5), "layer_norm_eps is -0.00001, expected a number above 0 and up to 1"),
            ("is_decoder", json!(true), "is_decoder is true, only false can be computed here"),
            ("is_decoder", json!("no"), "is_decoder is \"no\", expected true or false"),
            ("add_cross_attention", json!(true), "add_cross_attention is true, only false can be computed here"),
            ("is_encoder_decoder", json!(true), "is_encoder_decoder is true, only false can be computed here"),
            (
                "position_embedding_type",
                json!("relative_key"),
                "position_embedding_type is \"relative_key\", only \"absolute\" can be computed here",
            ),
            (
                "quantization_config",
                json!({ "bits": 4 }),
                "there is a quantization_config: the weights are quantized; only unquantized F32, F16 and BF16 can be read here",
            ),
        ],
    );
    changed(
        &bert_like("xlm-roberta", "", safetensors::Dtype::F32, ("weight", "bias")),
        &[
            (
                "max_position_embeddings",
                json!(2),
                "max_position_embeddings is 2, but positions begin at row 2: none is left",
            ),
            ("pad_token_id", json!(-1), "pad_token_id is -1, expected a whole number from 0 to 16777216"),
        ],
    );
}

#[test]
fn of_gpt2() {
    changed(
        &gpt2(),
        &[
            ("n_head", json!(5), "n_head is 5, which does not divide the 8 numbers of a word vector"),
            ("n_inner", json!(0), "n_inner is 0, expected a whole number from 1 to 1048576"),
            ("n_positions", json!(0), "n_positions is 0, expected a whole number from 1 to 16777216"),
            ("scale_attn_weights", json!(false), "scale_attn_weights is false, only true can be computed here"),
            (
                "scale_attn_by_inverse_layer_idx",
                json!(true),
                "scale_attn_by_inverse_layer_idx is true, only false can be computed here",
            ),
            ("tie_word_embeddings", json!(1), "tie_word_embeddings is 1, expected true or false"),
        ],
    );
}

#[test]
fn of_llama() {
    changed(
        &llama("llama", true),
        &[
            ("num_key_value_heads", json!(3), "num_key_value_heads is 3, which 4 heads cannot share evenly"),
            ("num_key_value_heads", json!(0), "num_key_value_heads is 0, expected a whole number from 1 to 1024"),
            (
                "head_dim",
                json!(3),
                "head_dim: a head has 3 numbers; rotary positions turn them in pairs, so expected an even count",
            ),
            ("rope_theta", json!(0), "rope_theta is 0, expected a number above 0 and up to 1000000000000"),
            (
                "rope_scaling",
                json!({ "rope_type": "llama3" }),
                "rope_scaling is { \"rope_type\": \"llama3\" }; only unscaled rotary positions can be computed here (no rope_scaling, or the rope_type default)",
            ),
            ("rope_scaling", json!(2), "rope_scaling is 2, expected an object or null"),
            (
                "partial_rotary_factor",
                json!(0.5),
                "partial_rotary_factor is 0.5, expected 1: only heads that turn as a whole can be computed here",
            ),
            (
                "sliding_window",
                json!(32),
                "sliding_window is 32, less than the 64 of max_position_embeddings; only attention to the whole text can be computed here",
            ),
            (
                "layer_types",
                json!(["sliding_attention"]),
                "layer_types is [ \"sliding_attention\" ], only \"full_attention\" can be computed here",
            ),
        ],
    );
}

#[test]
fn what_is_as_good_as_ours_is_taken() {
    for (made, key, value) in [
        (llama("llama", true), "rope_scaling", json!({ "type": "default" })),
        (llama("llama", true), "rope_parameters", json!({ "rope_type": "default", "rope_theta": 100_000.0 })),
        (llama("mistral", true), "sliding_window", json!(64)),
        (llama("qwen2", true), "layer_types", json!(["full_attention", "full_attention"])),
        (llama("llama", true), "head_dim", json!(2)),
        (gpt2(), "architectures", json!(["GPT2LMHeadModel"])),
        (bert(), "hidden_act", json!("gelu_new")),
    ] {
        let model = crate::open(made.with(key, value.clone()).folder());
        assert!(model.is_ok(), "{key}: {value}: {model:?}");
    }
}

#[test]
fn what_is_missing_is_named() {
    for (made, keys) in [
        (
            bert(),
            &[
                "model_type",
                "hidden_size",
                "num_attention_heads",
                "num_hidden_layers",
                "vocab_size",
                "max_position_embeddings",
                "intermediate_size",
            ][..],
        ),
        (gpt2(), &["n_embd", "n_head", "n_layer", "vocab_size"]),
        (
            llama("llama", true),
            &[
                "hidden_size",
                "num_attention_heads",
                "num_hidden_layers",
                "vocab_size",
                "max_position_embeddings",
                "intermediate_size",
            ],
        ),
    ] {
        for key in keys {
            // What is null is missing too.
            let words = complaint(made.clone().with(key, Value::Null).folder());
            assert_eq!(
                (&*words.en, &*words.zh),
                (&*format!("config.json:1:1: `{key}` is missing"), &*format!("config.json:1:1: 缺少 `{key}`"))
            );
        }
    }
}

#[test]
fn what_is_no_json_is_refused_at_its_line_and_column() {
    for (text, en, zh) in [
        ("", "1:1: not JSON: EOF while parsing a value", "1:1: 不是合格的 JSON：这里应该有一个值，文件却结束了"),
        ("{", "1:1: not JSON: EOF while parsing an object", "1:1: 不是合格的 JSON：花括号没有写完，文件就结束了"),
        ("[]", "1:1: invalid type: sequence, expected an object", "1:1: 类型不对：sequence，应该是 an object"),
        ("{\n  \"名\" 3}", "2:7: not JSON: expected `:`", "2:7: 不是合格的 JSON：键的后面少了 `:`"),
        ("{\"a\": 1,}", "1:9: not JSON: trailing comma", "1:9: 不是合格的 JSON：多了一个逗号"),
        ("{\"a\": 1, \"a\": 2}", "1:12: duplicate key `a`", "1:12: 键 `a` 前面已经写过了"),
        ("{\"a\": nul}", "1:10: not JSON: expected ident", "1:10: 不是合格的 JSON：这里只能是 true、false 或者 null"),
        ("{} x", "1:4: not JSON: trailing characters", "1:4: 不是合格的 JSON：该结束的地方还有别的字符"),
    ] {
        let words = complaint(bert().folder().with("config.json", text));
        assert_eq!((&*words.en, &*words.zh), (&*format!("config.json:{en}"), &*format!("config.json:{zh}")));
    }
    let words = complaint(bert().folder().with("config.json", b"{\"a\":\n \"\xff\"}"));
    assert_eq!(words.en, "config.json:2:3: byte 0xFF is not UTF-8");
    let bom = ["\u{feff}".as_bytes(), bert().config.to_string().as_bytes()].concat();
    assert!(crate::open(bert().folder().with("config.json", bom)).is_ok());
    let large = complaint(bert().folder().with("config.json", vec![b' '; (4 << 20) + 1]));
    assert_eq!(large.en, "config.json has 4194305 bytes, such a file has at most 4194304");
}
