//! Every family: what its configuration says, where its weights stand, and how its tokenizer cuts.

use qkv::source::model::{Activation, Checkpoint, Dtype, Family, LayerWeight, ModelError, Weight};
use safetensors::Dtype as Stored;

use crate::maker::{INNER, MODEL, VOCABULARY, bert, bert_like, gpt2, llama, number};
use crate::open;

/// Compares a weight with what the tensor was filled with: `at(row, column)` is the place in the tensor.
fn compare(
    model: &Checkpoint,
    weight: Weight,
    tensor: &str,
    shape: (usize, usize),
    at: impl Fn(usize, usize) -> usize,
) {
    let found = model.weight(weight).unwrap().unwrap();
    assert_eq!((found.rows, found.columns), shape, "{weight:?}");
    let expected = (0..shape.0).flat_map(|row| (0..shape.1).map(move |column| (row, column)));
    let expected: Vec<f32> = expected.map(|(row, column)| number(tensor, at(row, column))).collect();
    assert!(found.numbers == expected, "{weight:?}: {:?} is not {expected:?}", found.numbers);
}

#[test]
fn bert_is_stored_transposed() {
    let model = open(bert().folder()).unwrap();
    let config = &model.config;
    assert_eq!((config.family, config.layers, config.heads, config.head_dim), (Family::Bert, 2, 2, 4));
    assert_eq!((config.positions, config.position_offset, config.segments), (12, 0, 2));
    assert!(!config.causal() && !config.norm_first() && !config.rms() && !config.gated() && config.tied);
    assert_eq!((config.activation, config.epsilon, config.rope_theta), (Activation::GeluErf, 1e-12, None));
    let at = |layer, weight| Weight::Layer(layer, weight);
    let query = "encoder.layer.1.attention.self.query";
    compare(&model, at(1, LayerWeight::Query), &format!("{query}.weight"), (MODEL, MODEL), |i, o| o * MODEL + i);
    compare(&model, at(1, LayerWeight::QueryBias), &format!("{query}.bias"), (1, MODEL), |_, o| o);
    let up = "encoder.layer.0.intermediate.dense.weight";
    compare(&model, at(0, LayerWeight::Up), up, (MODEL, INNER), |i, o| o * MODEL + i);
    let down = "encoder.layer.0.output.dense.weight";
    compare(&model, at(0, LayerWeight::Down), down, (INNER, MODEL), |i, o| o * INNER + i);
    compare(&model, Weight::EmbeddingScale, "embeddings.LayerNorm.weight", (1, MODEL), |_, c| c);
    assert_eq!(model.weight(at(0, LayerWeight::Gate)).unwrap(), None);
    assert_eq!(model.weight(at(2, LayerWeight::Query)).unwrap(), None);
    assert_eq!(model.weight(Weight::Head).unwrap(), None);
    let words = model.rows(Weight::Words, &[3, 0, 3]).unwrap().unwrap();
    let expected =
        [3, 0, 3].map(|row| (0..MODEL).map(move |c| number("embeddings.word_embeddings.weight", row * MODEL + c)));
    assert_eq!(words.numbers, expected.into_iter().flatten().collect::<Vec<_>>());
    assert_eq!(
        model.rows(Weight::Words, &[VOCABULARY]).unwrap_err().to_string(),
        "model.safetensors, embeddings.word_embeddings.weight: row 25 is asked for, it has 24"
    );
}

#[test]
fn names_of_old_files_and_of_other_tasks_are_found() {
    let made = bert_like("bert", "bert.", Stored::F16, ("gamma", "beta"));
    let mut more = made.clone();
    for (name, shape) in [
        ("cls.predictions.transform.dense.weight", &[MODEL, MODEL][..]),
        ("cls.predictions.transform.dense.bias", &[MODEL]),
        ("cls.predictions.transform.LayerNorm.gamma", &[MODEL]),
        ("cls.predictions.transform.LayerNorm.beta", &[MODEL]),
        ("cls.predictions.bias", &[VOCABULARY]),
    ] {
        more.tensors.add(name, shape, Stored::F16);
    }
    let (model, with_head) = (open(made.folder()).unwrap(), open(more.folder()).unwrap());
    let scale = "bert.encoder.layer.1.output.LayerNorm.gamma";
    compare(&model, Weight::Layer(1, LayerWeight::InnerScale), scale, (1, MODEL), |_, c| c);
    assert_eq!(model.index.get(scale).unwrap().dtype, Dtype::F16);
    assert_eq!(model.weight(Weight::HeadDense).unwrap(), None);
    let dense = "cls.predictions.transform.dense.weight";
    compare(&with_head, Weight::HeadDense, dense, (MODEL, MODEL), |i, o| o * MODEL + i);
    compare(&with_head, Weight::HeadBias, "cls.predictions.bias", (1, VOCABULARY), |_, c| c);
    assert_eq!(with_head.weight(Weight::Head).unwrap(), None, "the table of words reads out");
    let untied = open(more.clone().with("tie_word_embeddings", false.into()).folder()).unwrap_err();
    assert_eq!(
        untied.to_string(),
        "model.safetensors holds no tensor cls.predictions.decoder.weight, which this model needs"
    );
}

#[test]
fn roberta_begins_behind_its_padding() {
    for kind in ["roberta", "xlm-roberta"] {
        let model = open(bert_like(kind, "roberta.", Stored::F32, ("weight", "bias")).folder()).unwrap();
        assert_eq!((model.config.positions, model.config.position_offset), (10, 2));
        let table = "roberta.embeddings.position_embeddings.weight";
        compare(&model, Weight::Positions, table, (12, MODEL), |row, column| row * MODEL + column);
        let pieces = model.tokenizer.encode(" i  love ｂｅｉjing <mask>北京xX").unwrap();
        let seen: Vec<_> =
            pieces.iter().map(|piece| (piece.text.as_str(), piece.id, piece.word, piece.starts_word)).collect();
        let expected = [
            ("<s>", 0, 0, true),
            ("␣i", 5, 1, true),
            ("␣love", 6, 2, true),
            ("␣bei", 8, 3, true),
            ("jing", 9, 3, false),
            ("<mask>", 10, 4, true),
            ("␣", 4, 5, true),
            ("北京", 7, 5, false),
            ("<unk>", 3, 5, false),
            ("Ω", 11, 5, false),
            ("</s>", 2, 6, true),
        ];
        assert_eq!(seen, expected);
        assert_eq!(model.tokenizer.mask(), Some(10));
        assert_eq!(pieces.iter().filter(|piece| piece.special).count(), 3, "an unknown word is a word");
    }
}

#[test]
fn gpt2_keeps_three_matrices_side_by_side() {
    let model = open(gpt2().folder()).unwrap();
    assert!(model.config.causal() && model.config.norm_first() && !model.config.rms() && model.config.tied);
    assert_eq!(model.config.activation, Activation::GeluTanh);
    let name = "h.1.attn.c_attn";
    for (third, weight, bias) in [
        (0, LayerWeight::Query, LayerWeight::QueryBias),
        (1, LayerWeight::Key, LayerWeight::KeyBias),
        (2, LayerWeight::Value, LayerWeight::ValueBias),
    ] {
        let at = |row: usize, column: usize| row * 3 * MODEL + third * MODEL + column;
        compare(&model, Weight::Layer(1, weight), &format!("{name}.weight"), (MODEL, MODEL), at);
        compare(&model, Weight::Layer(1, bias), &format!("{name}.bias"), (1, MODEL), at);
    }
    let down = "h.0.mlp.c_proj.weight";
    compare(&model, Weight::Layer(0, LayerWeight::Down), down, (INNER, MODEL), |i, o| i * MODEL + o);
    let texts: Vec<_> = model.pieces("a love! <|endoftext|>").unwrap().into_iter().map(|piece| piece.text).collect();
    assert_eq!(texts, ["a", "␣love", "!", "␣", "<|endoftext|>"]);
    let texts: Vec<_> = model.pieces("你").unwrap().into_iter().map(|piece| piece.text).collect();
    assert_eq!(texts, ["<0xE4>", "<0xBD>", "<0xA0>"]);
    // 爱 is E7 88 B1, of which this vocabulary knows no byte.
    let error = model.pieces("love 爱").unwrap_err();
    assert_eq!(
        error.to_string(),
        "the tokenizer cannot cut `爱`: its vocabulary has neither pieces for it nor an unknown one"
    );
    assert_eq!(model.tokenizer.decode(14), "␣love");
    assert_eq!(model.tokenizer.decode(99), "<99>");
    let prefixed = open(renamed(gpt2(), "transformer.").folder()).unwrap();
    assert!(prefixed.layout.get(Weight::FinalShift).is_some_and(|place| place.tensor == "transformer.ln_f.bias"));
}

fn renamed(mut made: crate::maker::Made, prefix: &str) -> crate::maker::Made {
    made.tensors.0 = made.tensors.0.into_iter().map(|(name, tensor)| (format!("{prefix}{name}"), tensor)).collect();
    made
}

#[test]
fn llama_shares_keys_among_heads() {
    for (kind, tied) in [("llama", true), ("mistral", false), ("qwen2", true)] {
        let model = open(llama(kind, tied).shards()).unwrap();
        let config = &model.config;
        assert_eq!((config.heads, config.kv_heads, config.head_dim), (4, 2, 2), "{kind}");
        assert_eq!((config.rope_theta, config.positions), (Some(100_000.0), 64));
        assert!(config.causal() && config.norm_first() && config.rms() && config.gated());
        let key = "model.layers.1.self_attn.k_proj.weight";
        compare(&model, Weight::Layer(1, LayerWeight::Key), key, (MODEL, MODEL / 2), |i, o| o * MODEL + i);
        assert_eq!(&*model.index.get(key).unwrap().file, "model-00002-of-00002.safetensors");
        assert_eq!(model.index.get(key).unwrap().dtype, Dtype::Bf16);
        let bias = model.weight(Weight::Layer(0, LayerWeight::KeyBias)).unwrap();
        assert_eq!((bias.is_some(), config.biases.projections), (kind == "qwen2", kind == "qwen2"));
        assert_eq!(model.weight(Weight::Head).unwrap().is_some(), !tied);
    }
}

#[test]
fn berts_own_vocabulary_will_do() {
    let vocab = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nI\ni\nbei\n##jing\r\n北\n";
    let folder = || bert().folder().without("tokenizer.json").with("vocab.txt", vocab);
    let ids =
        |model: &Checkpoint, text: &str| model.pieces(text).unwrap().iter().map(|piece| piece.id).collect::<Vec<_>>();
    let small = open(folder()).unwrap();
    assert_eq!(ids(&small, "I Béijing北x"), [2, 6, 7, 8, 9, 1, 3]);
    assert_eq!(small.tokenizer.mask(), Some(4));
    let large = open(folder().with("tokenizer_config.json", r#"{"do_lower_case": false}"#)).unwrap();
    assert_eq!(ids(&large, "I beijing[MASK]"), [2, 5, 7, 8, 4, 3]);
}

#[test]
fn texts_that_are_too_long_are_refused_and_not_cut() {
    let model = open(bert().folder()).unwrap();
    assert_eq!(model.pieces(&"i ".repeat(10)).unwrap().len(), 12, "truncation and padding of the file are not ours");
    let error = model.pieces(&"i ".repeat(11)).unwrap_err();
    assert_eq!(error, ModelError::TooManyPieces { found: 13, most: 12 });
    assert_eq!(error.to_string(), "the text makes 13 pieces, this model takes at most 12; shorten the text");
    let error = model.pieces(&"x".repeat(70_000)).unwrap_err();
    assert_eq!(error.to_string(), "the text has 70000 bytes, at most 65536 are cut at a time");
}

#[test]
fn pieces_larger_than_what_is_read_at_a_time_come_out_whole() {
    let mut made = gpt2();
    let (rows, columns) = (701, 1303); // 3.6 MB: pieces end inside rows
    made.tensors.add("wide", &[rows, columns], Stored::F32);
    let model = open(made.folder()).unwrap();
    let all: Vec<f32> = (0..rows * columns).map(|at| number("wide", at)).collect();
    assert!(model.index.read("wide").unwrap() == all);
    let turned = model.index.read_transposed("wide").unwrap();
    assert!((0..columns).all(|c| (0..rows).all(|r| turned[c * rows + r] == all[r * columns + c])));
    let part = model.index.read_columns("wide", 700..1301).unwrap();
    assert!((0..rows).all(|r| part[r * 601..(r + 1) * 601] == all[r * columns + 700..r * columns + 1301]));
    assert!(model.index.rows("wide", &[700, 1]).unwrap()[..columns] == all[700 * columns..]);
    assert_eq!(
        model.index.read_columns("wide", 5..1304).unwrap_err().to_string(),
        "model.safetensors, wide: columns 6 to 1304 are asked for, it has 1303"
    );
}
