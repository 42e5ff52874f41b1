//! Files that are not as their formats demand, or do not fit the configuration.

use qkv::source::model::{InMemory, Weight};
use safetensors::Dtype;
use serde_json::{Value, json};

use crate::maker::{MODEL, VOCABULARY, bert, gpt2, llama};
use crate::{complaint, open};

/// A safetensors file from its parts.
fn file(header: &str, data: usize) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &vec![0; data]].concat()
}

/// The folder with other weights.
fn with(weights: impl Into<Vec<u8>>) -> InMemory {
    bert().folder().with("model.safetensors", weights)
}

#[test]
fn what_is_missing_is_named() {
    for (name, en) in [
        (
            "config.json",
            "there is no config.json: a model's folder holds config.json, model.safetensors and tokenizer.json",
        ),
        (
            "model.safetensors",
            "there is no model.safetensors (model.safetensors.index.json): weights are read from safetensors files",
        ),
        ("tokenizer.json", "there is no tokenizer.json: the tokenizer is read from tokenizer.json or vocab.txt"),
    ] {
        assert_eq!(complaint(bert().folder().without(name)).en, en);
    }
    assert_eq!(
        complaint(gpt2().folder().without("tokenizer.json")).en,
        "there is no tokenizer.json: the tokenizer is read from tokenizer.json; convert a tokenizer.model or vocab.json first"
    );
    assert_eq!(
        complaint(bert().folder().without("model.safetensors").with("pytorch_model.bin", "")).en,
        "there is no model.safetensors (model.safetensors.index.json): weights are read from safetensors files; pytorch_model.bin in the folder is of another format, convert it first"
    );
}

#[test]
fn a_file_that_was_cut_short_is_refused_wherever_it_ends() {
    for made in [bert(), gpt2(), llama("llama", false)] {
        let folder = made.folder();
        let whole = made.tensors.file();
        let header = 8 + u64::from_le_bytes(whole[..8].try_into().unwrap()) as usize;
        // Behind the header one place for each tensor and some between: every other one is like it.
        let ends = (0..header).chain((header..whole.len()).step_by(37)).chain([whole.len() - 1]);
        for end in ends {
            let words = complaint(folder.clone().with("model.safetensors", &whole[..end]));
            assert!(words.en.starts_with("model.safetensors, "), "{end}: {}", words.en);
        }
        for name in ["config.json", "tokenizer.json"] {
            let text = if name == "config.json" {
                serde_json::to_string_pretty(&made.config).unwrap()
            } else {
                made.tokenizer.to_string()
            };
            for end in 0..text.len() {
                let words = complaint(folder.clone().with(name, &text.as_bytes()[..end]));
                assert!(words.en.starts_with(&format!("{name}:")), "{end}: {}", words.en);
            }
        }
    }
}

#[test]
fn headers_that_do_not_hold() {
    let one = r#"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#;
    let cases: [(Vec<u8>, &str); 24] = [
        (Vec::new(), ", byte 0: the file has 0 bytes; a safetensors file begins with 8 bytes that say a length"),
        (vec![0; 7], ", byte 7: the file has 7 bytes; a safetensors file begins with 8 bytes that say a length"),
        (vec![0; 8], ", byte 0: the header is said to have 0 bytes, expected 2 to 0 (the file has 8)"),
        (
            [&[0xFF; 8][..], b"{}"].concat(),
            ", byte 0: the header is said to have 18446744073709551615 bytes, expected 2 to 2 (the file has 10)",
        ),
        (
            [&100_000_001_u64.to_le_bytes()[..], b"{}"].concat(),
            ", byte 0: the header is said to have 100000001 bytes, expected 2 to 2 (the file has 10)",
        ),
        ([&2_u64.to_le_bytes()[..], b"{\xff"].concat(), ", byte 9: the header is not UTF-8"),
        (file("[]", 0), ", byte 8: the header should begin with {"),
        (file(" {}", 0), ", byte 8: the header should begin with {"),
        (file("{]", 0), ", byte 9: not JSON: key must be a string"),
        (file(&format!("{one}}}"), 8), ", byte 62: not JSON: trailing characters"),
        (
            file(
                r#"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"x":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}"#,
                16,
            ),
            ", byte 64: duplicate key `x`",
        ),
        (file(&one.replace("\"shape\":[2],", ""), 8), ", byte 48: missing field `shape`"),
        (
            file(&one.replace("shape", "form"), 8),
            ", byte 33: unknown field `form`, expected one of `dtype`, `shape`, `data_offsets`",
        ),
        (file(&one.replace("[2]", "[-2]"), 8), ", byte 38: invalid value: integer `-2`, expected u64"),
        (file(&one.replace("[2]", "[2.5]"), 8), ", byte 39: invalid type: floating point `2.5`, expected u64"),
        (file(&one.replace("F32", "F33"), 8), ", x: there is no dtype \"F33\"; weights are F32, F16 or BF16"),
        (file(&one.replace("[0,8]", "[8,0]"), 8), ", x: its data_offsets are [8, 0], but 8 bytes follow the header"),
        (file(&one.replace("[0,8]", "[0,9]"), 8), ", x: its data_offsets are [0, 9], but 8 bytes follow the header"),
        (file(&one.replace("[2]", "[3]"), 8), ", x: its shape [3] of F32 takes 12 bytes, its data_offsets have 8"),
        (
            file(&one.replace("[2]", "[4294967296,4294967296]"), 8),
            ", x: its shape [4294967296, 4294967296] of F32 takes 2^64 bytes, its data_offsets have 8",
        ),
        (
            file(&one.replace("[2]", "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,2]"), 8),
            ", x: its shape has 17 axes, the most is 16",
        ),
        (
            file(&one.replace("[0,8]", "[4,12]"), 12),
            ", x: it begins at data_offsets 4, expected 0, at the front: tensors neither overlap nor leave gaps",
        ),
        (file(one, 9), ", byte 70: the tensors end here, yet 1 bytes follow"),
        (file(r#"{"__metadata__":{"format":3}}"#, 0), ", byte 34: invalid type: integer `3`, expected a string"),
    ];
    for (bytes, expected) in cases {
        assert_eq!(complaint(with(bytes)).en, format!("model.safetensors{expected}"));
    }
    let two = |second: &str| {
        file(
            &format!(
                r#"{{"x":{{"dtype":"F32","shape":[2],"data_offsets":[0,8]}},"y":{{"dtype":"F32","shape":[2],"data_offsets":{second}}}}}"#
            ),
            20,
        )
    };
    assert_eq!(
        complaint(with(two("[4,12]"))).en,
        "model.safetensors, y: it begins at data_offsets 4, expected 8, where x ends: tensors neither overlap nor leave gaps"
    );
    assert_eq!(
        complaint(with(two("[12,20]"))).en,
        "model.safetensors, y: it begins at data_offsets 12, expected 8, where x ends: tensors neither overlap nor leave gaps"
    );
}

#[test]
fn weights_that_do_not_fit_the_model() {
    let name = "encoder.layer.1.output.dense.weight";
    let mut made = bert();
    made.tensors.0.remove(name);
    assert_eq!(
        complaint(made.folder()).en,
        format!("model.safetensors holds no tensor {name}, which this model needs")
    );
    for (shape, dtype, expected) in [
        (&[12, 8][..], Dtype::F32, "its shape is [12, 8], config.json makes it [8, 12]"),
        (&[8, 13], Dtype::F32, "its shape is [8, 13], config.json makes it [8, 12]"),
        (&[96], Dtype::F32, "its shape is [96], config.json makes it [8, 12]"),
        (&[], Dtype::F32, "its shape is [], config.json makes it [8, 12]"),
        (&[1, 8, 12], Dtype::F32, "its shape is [1, 8, 12], config.json makes it [8, 12]"),
        (&[8, 12], Dtype::I64, "its dtype is I64, weights are F32, F16 or BF16"),
    ] {
        made.tensors.add(name, shape, dtype);
        assert_eq!(complaint(made.folder()).en, format!("model.safetensors, {name}: {expected}"));
    }
    let few = bert().with("vocab_size", json!(12)).folder();
    assert_eq!(
        complaint(few).en,
        format!(
            "model.safetensors, embeddings.word_embeddings.weight: its shape is [{VOCABULARY}, 8], config.json makes it [12, 8]"
        )
    );
    let mut made = bert().with("vocab_size", json!(12));
    made.tensors.add("embeddings.word_embeddings.weight", &[12, MODEL], Dtype::F32);
    assert_eq!(complaint(made.folder()).en, "config.json, vocab_size: is 12, but the tokenizer's numbers go up to 12");
}

#[test]
fn numbers_that_are_none_are_refused_where_they_stand() {
    for (bytes, dtype, found) in [
        (f32::NAN.to_le_bytes().to_vec(), Dtype::F32, "NaN"),
        (f32::NEG_INFINITY.to_le_bytes().to_vec(), Dtype::F32, "-inf"),
        (half::f16::NAN.to_le_bytes().to_vec(), Dtype::F16, "NaN"),
        (half::bf16::INFINITY.to_le_bytes().to_vec(), Dtype::BF16, "inf"),
    ] {
        let mut made = bert();
        let name = "embeddings.word_embeddings.weight";
        made.tensors.add(name, &[VOCABULARY, MODEL], dtype);
        let tensor = &mut made.tensors.0.get_mut(name).unwrap().2;
        let at = (5 * MODEL + 2) * bytes.len();
        tensor[at..at + bytes.len()].copy_from_slice(&bytes);
        let model = open(made.folder()).unwrap();
        let expected = format!("model.safetensors, {name}: row 6, column 3 is {found}, every number must be finite");
        assert_eq!(model.weight(Weight::Words).unwrap_err().to_string(), expected);
        assert_eq!(model.rows(Weight::Words, &[4, 5]).unwrap_err().to_string(), expected);
        assert!(model.rows(Weight::Words, &[4, 6]).is_ok(), "what is not read is not looked at");
    }
}

#[test]
fn an_index_names_files_of_its_own_folder() {
    let shards = llama("llama", true).shards();
    let index =
        |map: Value| shards.clone().with("model.safetensors.index.json", json!({ "weight_map": map }).to_string());
    for name in ["../x", "/etc/passwd", "C:\\x", "a/b", "", ".", "..", "x\u{0}", "nul", "x\n"] {
        let words = complaint(index(json!({ "model.norm.weight": name })));
        let expected = "is not the name of a file inside this folder";
        assert!(
            words.en.starts_with("model.safetensors.index.json, weight_map[\"model.norm.weight\"]: \""),
            "{}",
            words.en
        );
        assert!(words.en.ends_with(expected), "{}", words.en);
    }
    for (map, expected) in [
        (
            json!({ "model.norm.weight": "gone.safetensors" }),
            ", weight_map[\"model.norm.weight\"]: there is no file gone.safetensors in the folder",
        ),
        (
            json!({ "model.norm.weight": "model-00001-of-00002.safetensors" }),
            ", weight_map[\"model.norm.weight\"]: the file model-00001-of-00002.safetensors holds no such tensor",
        ),
        (json!({}), " holds no tensor model.embed_tokens.weight, which this model needs"),
        (json!({ "x": 3 }), ":1:20: invalid type: integer `3`, expected a string"),
        (json!(["x"]), ":1:14: invalid type: sequence, expected an object"),
    ] {
        assert_eq!(complaint(index(map)).en, format!("model.safetensors.index.json{expected}"));
    }
    for (text, expected) in [
        ("{}", ":1:2: missing field `weight_map`"),
        (r#"{"weight_map": {"x": "y", "x": "z"}}"#, ":1:29: duplicate key `x`"),
        ("", ":1:1: not JSON: EOF while parsing a value"),
    ] {
        let words = complaint(shards.clone().with("model.safetensors.index.json", text));
        assert_eq!(words.en, format!("model.safetensors.index.json{expected}"));
    }
    // A tensor of a file that the index does not name is not the model's.
    let broken = shards.clone().with("model-00002-of-00002.safetensors", file("{}", 3));
    assert_eq!(
        complaint(broken).en,
        "model-00002-of-00002.safetensors, byte 10: the tensors end here, yet 3 bytes follow"
    );
    let many: serde_json::Map<_, _> = (0..1100).map(|i| (format!("t{i}"), json!(format!("f{i}")))).collect();
    let mut folder = index(Value::Object(many));
    for i in 0..1100 {
        folder = folder.with(
            &format!("f{i}"),
            file(&format!(r#"{{"t{i}":{{"dtype":"F32","shape":[],"data_offsets":[0,4]}}}}"#), 4),
        );
    }
    assert!(complaint(folder).en.ends_with("too many files: a model has at most 1024"));
}

#[test]
fn names_from_files_are_seen_and_not_obeyed() {
    let evil = "\u{1b}]0;x\u{7}\u{202e}";
    let header = format!(r#"{{"{}":{{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}}}"#, r"\u001b]0;x\u0007\u202e");
    let words = complaint(with(file(&header, 8)));
    assert!(!words.en.contains(evil) && words.en.contains(r"\u{1b}]0;x\u{7}\u{202e}: its shape [3]"), "{}", words.en);
}

#[test]
fn tokenizers_that_cannot_be_carried_out() {
    let made = bert();
    let changed = |path: &str, value: Value| {
        let mut tokenizer = made.tokenizer.clone();
        *tokenizer.pointer_mut(path).unwrap() = value;
        complaint(made.folder().with("tokenizer.json", tokenizer.to_string())).en.into_owned()
    };
    for (path, value, expected) in [
        (
            "/normalizer/type",
            json!("Magic"),
            "normalizer.type: is \"Magic\", supported is Sequence, BertNormalizer, NFC, NFD, NFKC, NFKD, Lowercase, StripAccents, Strip, Nmt, Precompiled, Replace, Prepend",
        ),
        ("/normalizer", json!(3), "normalizer: is 3, supported is an object or null"),
        ("/normalizer/lowercase", json!(1), "normalizer.lowercase: is 1, supported is true or false"),
        (
            "/normalizer",
            json!({ "type": "Sequence", "normalizers": [{ "type": "NFC" }, { "type": "Replace", "pattern": { "Regex": "(a+)+\\1" }, "content": "" }] }),
            "normalizer.normalizers[1].pattern: the regular expression (a+)+\\1 is not supported: none that looks around (but \\s+(?!\\S)), none that is large, and at most 1000 bytes",
        ),
        (
            "/normalizer",
            json!({ "type": "Prepend", "prepend": "x".repeat(17) }),
            "normalizer.prepend: has more than 16 characters",
        ),
        (
            "/normalizer",
            json!({ "type": "Precompiled", "precompiled_charsmap": "AAAA" }),
            "normalizer.precompiled_charsmap: is no complete table of characters",
        ),
        (
            "/pre_tokenizer",
            json!({ "type": "Split", "pattern": { "String": " " }, "behavior": "MergedWithNext" }),
            "pre_tokenizer.behavior: is \"MergedWithNext\", supported is Isolated, Removed",
        ),
        (
            "/post_processor/single",
            json!([{ "SpecialToken": { "id": "[X]" } }, { "Sequence": { "id": "A" } }]),
            "post_processor.single[0]: is {\"SpecialToken\":{\"id\":\"[X]\"}}, supported is the text, or a special piece whose ids are in special_tokens",
        ),
        ("/post_processor/single", json!([]), "post_processor.single: holds 0 texts, expected exactly one"),
        ("/model/type", json!("WordLevel"), "model.type: is \"WordLevel\", supported is WordPiece, BPE, Unigram"),
        ("/model/vocab", json!({}), "model.vocab[0]: the vocabulary is empty"),
        ("/model/vocab", json!({ "[UNK]": 0, "##x": 1 }), "model.vocab: no entry can begin a word"),
        (
            "/model/vocab",
            json!([["x", 0.5]]),
            "model.vocab: a WordPiece has it otherwise: WordPiece and BPE as {entry: number}, Unigram as [[entry, score]]",
        ),
        ("/model/vocab", json!({ "x".repeat(1025): 0 }), "model.vocab[0]: an entry has 1025 bytes, the most is 1024"),
        ("/model/unk_token", json!("[NO]"), "model.unk_token: is \"[NO]\", which is not in the vocabulary"),
        (
            "/model/max_input_chars_per_word",
            json!(100_000),
            "model.max_input_chars_per_word: is 100000, the most is 1000",
        ),
        ("/added_tokens/0/content", json!(""), "added_tokens[0].content: should have 1 to 256 bytes"),
    ] {
        let found = changed(path, value);
        assert!(found.starts_with(&format!("tokenizer.json, {}", excerpted(expected))), "{found}\n{expected}");
    }
}

/// What quotes a long value stops there.
fn excerpted(expected: &str) -> &str {
    expected.split("{\"SpecialToken\"").next().unwrap()
}
