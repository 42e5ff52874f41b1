//! Whole models on the command line, as their users meet it: the real program on tiny checkpoints.

#![expect(clippy::unwrap_used, reason = "a check that cannot go on should stop")]

#[path = "models/tiny.rs"]
mod tiny;

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;
use tiny::{Family, Tiny};

/// Its words are among those that every tiny vocabulary has pieces for.
const TEXT: &str = "the cat sat";

/// A tiny checkpoint in a folder of its own.
fn model(tiny: &Tiny) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    tiny.write(folder.path());
    folder
}

fn qkv(model: &TempDir, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_qkv"));
    command.stdin(Stdio::null()).env("LC_ALL", "en_US.UTF-8").env("COLUMNS", "100").args(["--backend", "cpu"]);
    command.arg("--model").arg(model.path()).args(args).output().unwrap()
}

/// What it prints where all is well.
fn printed(model: &TempDir, args: &[&str]) -> String {
    let output = qkv(model, args);
    assert_eq!(output.status.code(), Some(0), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn json(model: &TempDir, args: &[&str]) -> Value {
    serde_json::from_str(&printed(model, &[args, &["--format", "json"]].concat())).unwrap()
}

/// What it says in both languages where it refuses, which ends with 2.
fn refused(model: &TempDir, args: &[&str]) -> (String, String) {
    let said = |lang: &str| {
        let output = qkv(model, &[&["--lang", lang], args].concat());
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(output.stdout.is_empty(), "{args:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    (said("zh"), said("en"))
}

/// The names, layers and shapes of the tensors of a trace.
fn tensors(trace: &Value) -> Vec<(String, Option<u64>, Vec<u64>)> {
    let shape = |t: &Value| t["shape"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).collect();
    let one = |t: &Value| (t["name"].as_str().unwrap().to_owned(), t["layer"].as_u64(), shape(t));
    trace["tensors"].as_array().unwrap().iter().map(one).collect()
}

#[test]
fn json_has_every_tensor_with_its_layer_and_its_plain_name() {
    for family in Family::ALL {
        let model = model(&Tiny::of(family));
        let trace = json(&model, &["show", "--text", TEXT]);
        assert_eq!((trace["format"].as_str(), trace["layers"].as_u64()), (Some("qkv-trace/1"), Some(2)), "{family:?}");
        let count = trace["tokens"].as_array().unwrap().len() as u64;
        let all = tensors(&trace);
        assert!(all.iter().all(|(name, ..)| !name.contains('.')), "{family:?}: {all:?}");
        for layer in [1, 2] {
            let weights = all.iter().find(|(name, at, _)| name == "weights" && *at == Some(layer)).unwrap();
            assert_eq!(weights.2, [4, count, count], "{family:?}");
        }
        let hidden: Vec<_> =
            all.iter().filter(|(name, ..)| name == "hidden").map(|(_, at, s)| (*at, s[..].to_vec())).collect();
        let expected: Vec<_> = (0..3).map(|layer| (Some(layer), vec![count, 32])).collect();
        assert_eq!(hidden, expected, "{family:?}");
        let after = all.iter().find(|(name, ..)| name == "probabilities").unwrap();
        assert_eq!(after.1, None, "what comes after the layers belongs to none");
        let stages = trace["ledger"]["stages"].as_array().unwrap();
        let stage = stages.iter().find(|s| s["name"] == "weights" && s["layer"] == 2).unwrap();
        assert!(stage["at"].as_str().unwrap().starts_with("layer2.weights."), "{stage}");
    }
}

#[test]
fn layer_and_stage_choose() {
    let model = model(&Tiny::of(Family::Bert));
    let chosen = |args: &[&str]| tensors(&json(&model, &[&["show", "--text", TEXT], args].concat()));
    let weights = chosen(&["--stage", "weights", "--layer", "2"]);
    assert_eq!(weights, chosen(&["--stage", "layer2.weights"]));
    assert_eq!((weights.len(), weights[0].1), (1, Some(2)));
    assert_eq!(chosen(&["--stage", "Hidden"]).iter().map(|t| t.1).collect::<Vec<_>>(), [Some(0), Some(1), Some(2)]);
    assert!(chosen(&["--layer", "1"]).iter().all(|t| t.1 == Some(1)));
    let first = chosen(&["--layer", "0"]);
    assert!(first.iter().any(|t| t.0 == "hidden") && first.iter().any(|t| t.0 == "E"), "{first:?}");
    let csv = printed(&model, &["show", "--text", TEXT, "--stage", "weights", "--format", "csv"]);
    assert_eq!(csv.lines().next(), Some("tensor,layer,sentence,head,row,column,row_name,column_name,value"));
    assert!(csv.lines().nth(1).unwrap().starts_with("weights,1,,1,1,1,[CLS],[CLS],"), "{csv}");
    let explained = printed(&model, &["explain", "weights.2[2,1]", "--layer", "2", "--text", TEXT]);
    assert_eq!(explained, printed(&model, &["explain", "layer2.weights.2[2,1]", "--text", TEXT]));
    assert!(explained.starts_with("layer2.weights.2[2,1] = "), "{explained}");
    let audit = printed(&model, &["audit", "--layer", "2", "--text", TEXT]);
    assert!(audit.contains("layer2.weights") && !audit.contains("layer1."), "{audit}");
    let drawn = |args: &[&str]| printed(&model, &[&["--text", TEXT, "picture"], args].concat());
    let picture = drawn(&["--stage", "weights", "--layer", "2"]);
    assert!(picture.starts_with("<svg"), "{picture}");
    assert_ne!(picture, drawn(&["--stage", "weights", "--layer", "1"]));
}

#[test]
fn what_is_not_there_is_refused_in_both_languages() {
    let model = model(&Tiny::of(Family::Bert));
    let cases: &[(&[&str], &str, &str)] = &[
        (
            &["show", "--layer", "3"],
            "--layer：没有第 3 层；从 1 到 2",
            "--layer: there is no layer 3; they go from 1 to 2",
        ),
        (&["--layer", "9"], "没有第 9 层", "no layer 9"),
        (&["heads", "--layer", "9"], "没有第 9 层", "no layer 9"),
        (&["audit", "--layer", "9"], "没有第 9 层", "no layer 9"),
        (&["explain", "weights.1[1,1]", "--layer", "9"], "没有第 9 层", "no layer 9"),
        (&["explain", "weights.1[1,1]"], "weights 每层都有", "weights stands in every layer"),
        (&["picture", "--stage", "weights"], "weights 每层都有", "weights stands in every layer"),
        (
            &["show", "--stage", "layer1.weights", "--layer", "2"],
            "没有阶段「layer1.weights」",
            "no stage `layer1.weights`",
        ),
        (&["show", "--stage", "wieghts"], "weights, context", "weights, context"),
        (&["similar", "--sample", "h1h2", "a", "b"], "--sample、--model", "--sample, --model"),
    ];
    for (args, zh, en) in cases {
        let said = refused(&model, args);
        assert!(said.0.contains(zh), "{args:?}: {}", said.0);
        assert!(said.1.contains(en), "{args:?}: {}", said.1);
        assert!(said.0.len() < 1000, "not every tensor of every layer is listed: {}", said.0);
    }
}

#[test]
fn a_sample_without_layers_refuses_one() {
    for (lang, words) in [("zh", "没有层可选"), ("en", "has no layers")] {
        for command in [&["show"][..], &["heads"], &["explain", "weights.1[1,1]"], &["audit"], &["picture"], &[]] {
            let mut qkv = Command::new(env!("CARGO_BIN_EXE_qkv"));
            let output = qkv.args(["--backend", "cpu", "--lang", lang, "--layer", "1"]).args(command).output().unwrap();
            let said = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(2), "{command:?}");
            assert!(said.contains(words), "{command:?}: {said}");
        }
    }
}

#[test]
fn a_person_is_not_shown_more_than_can_be_read() {
    let model = model(&Tiny { vocab: 200, ..Tiny::of(Family::Bert) });
    let summary = printed(&model, &["show", "--text", TEXT]);
    assert!(summary.lines().count() < 80 && summary.contains("2 layers × 4 heads"), "{summary}");
    assert!(summary.lines().any(|line| line.starts_with("weights ") && line.contains("1-2")), "{summary}");
    assert!(summary.lines().any(|line| line.starts_with("hidden ") && line.contains("0-2")), "{summary}");
    let layer = printed(&model, &["show", "--text", TEXT, "--layer", "2"]);
    assert_eq!(layer.matches("layer 2/2").count(), 4, "the weights of every head: {layer}");
    let wide = printed(&model, &["show", "--text", TEXT, "--stage", "W_u"]);
    assert!(wide.contains("(184 more rows)") && wide.lines().count() < 30, "{wide}");
    let walk = printed(&model, &["--text", TEXT, "--layer", "2"]);
    assert!(walk.contains("layer 2 of 2") && walk.contains("weights = softmax"), "{walk}");
    assert!(walk.contains("(16 more columns)"), "hidden vectors of 32 are cut at 16, and it says so: {walk}");
    assert!(!walk.contains("layer1.") && walk.len() < 60_000, "{}", walk.len());
    let chinese = printed(&model, &["--text", TEXT, "--lang", "zh"]);
    assert!(chinese.contains("第 1 层的注意力，共 2 层") && chinese.contains("还有 16 列"), "{chinese}");
}

#[test]
fn heads_are_measured_over_the_corpus_with_and_without_special_pieces() {
    let model = model(&Tiny { positions: 64, ..Tiny::of(Family::Bert) });
    let csv = printed(&model, &["heads", "--format", "csv"]);
    assert_eq!(csv.lines().next(), Some("layer,head,label,metric,mean,sd,sentences,here,reading,special_pieces"));
    assert_eq!(csv.lines().count(), 1 + 2 * 4 * 10);
    assert!(csv.lines().skip(1).all(|line| line.ends_with(",included")), "{csv}");
    let without = json(&model, &["heads", "--without-special"]);
    assert_eq!(without["special_pieces"].as_str(), Some("left out"));
    let rows = without["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 8);
    assert!(rows.iter().all(|row| row["metrics"]["induction"]["mean"].is_number()), "{without}");
    let metric = |rows: &[Value], name: &str| rows[0]["metrics"][name]["mean"].as_f64().unwrap();
    // A rollout is a layer's.
    let rolled = json(&model, &["heads", "--reading", "rollout"]);
    let rows = rolled["rows"].as_array().unwrap();
    assert!(rows.len() == 2 && rows.iter().all(|row| row["head"].is_null()), "{rows:?}");
    // Half of each step is the word itself, so it is never less than a quarter after two.
    let own = rows[1]["metrics"]["self"]["mean"].as_f64().unwrap();
    assert!((0.25..1.0).contains(&own), "{own}");
    let with = json(&model, &["heads"]);
    assert!((metric(rows, "entropy") - metric(with["rows"].as_array().unwrap(), "entropy")).abs() > 1e-3);
    let table = printed(&model, &["heads", "--layer", "2"]);
    assert!(
        table.contains("[CLS] [SEP]") && table.contains("layer 2, head 4") && !table.contains("layer 1, "),
        "{table}"
    );
    assert!(printed(&model, &["heads", "--without-special", "--lang", "zh"]).contains("不算特殊词元 [CLS] [SEP]"));
    // Sentences that are too long for it are counted, not passed over in silence.
    let short = self::model(&Tiny { positions: 12, ..Tiny::of(Family::Bert) });
    assert!(printed(&short, &["heads", "--text", TEXT]).contains("sentences of the corpus do not fit"));
}

#[test]
fn predictions_are_the_ten_likeliest() {
    for family in [Family::Gpt2, Family::Llama, Family::Bert] {
        let model = model(&Tiny::of(family));
        let trace = json(&model, &["show", "--stage", "probabilities", "--text", TEXT]);
        let numbers: Vec<f64> =
            trace["tensors"][0]["data"].as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect();
        let largest = numbers.iter().copied().fold(0.0, f64::max);
        let table = printed(&model, &["show", "--stage", "probabilities", "--text", TEXT]);
        let ranked: Vec<&str> = table.lines().filter(|line| !line.starts_with('#')).skip(3).collect();
        assert_eq!(ranked.len(), 10, "{family:?}: {table}");
        let first: f64 = ranked[0].split_whitespace().last().unwrap().parse().unwrap();
        assert!((first - largest).abs() < 0.01, "{family:?}: {first} {largest}");
        assert!(table.contains(&format!("largest of {}", numbers.len())), "{table}");
        let three = printed(&model, &["show", "--stage", "logits", "--text", TEXT, "--top", "3"]);
        assert!(three.contains("the 3 largest"), "{three}");
    }
    // The piece that is hidden is the one that is asked for.
    let model = model(&Tiny::of(Family::Bert));
    let table = printed(&model, &["show", "--stage", "probabilities", "--text", "the [MASK] sat"]);
    assert!(table.contains("at piece 3, [MASK]"), "{table}");
}

#[test]
fn a_text_comes_from_a_file() {
    let (model, folder) = (model(&Tiny::of(Family::Bert)), tempfile::tempdir().unwrap());
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let short = file("short.txt", b"the\ncat sat\n");
    let tokens = |args: &[&str]| json(&model, &[&["show", "--stage", "weights"], args].concat())["tokens"].clone();
    assert_eq!(tokens(&["--text-file", &short]), tokens(&["--text", "the cat sat"]));
    let long = file("long.txt", "the cat ".repeat(20).as_bytes());
    let said = refused(&model, &["show", "--text-file", &long]);
    assert!(said.0.contains("切成 42 片") && said.0.contains("最多 24 片"), "{}", said.0);
    assert!(said.1.contains("42 pieces") && said.1.contains("at most 24"), "{}", said.1);
    let bytes = file("bytes.txt", b"the \xff");
    assert!(refused(&model, &["show", "--text-file", &bytes]).1.contains("from byte 5 on"));
    let absent = folder.path().join("absent.txt").to_str().unwrap().to_owned();
    assert!(refused(&model, &["show", "--text-file", &absent]).0.contains("没有这个文件"));
    assert!(refused(&model, &["show", "--text-file", folder.path().to_str().unwrap()]).0.contains("不是普通文件"));
    assert!(refused(&model, &["show", "--text-file", &short, "--text", "x"]).1.contains("exclude each other"));
    // A sample that is one attention takes it too.
    let mut sample = Command::new(env!("CARGO_BIN_EXE_qkv"));
    let output =
        sample.args(["--backend", "cpu", "show", "--stage", "weights", "--text-file", &short]).output().unwrap();
    assert!(String::from_utf8(output.stdout).unwrap().contains("the cat sat"));
}

#[test]
fn texts_are_compared_by_the_mean_of_their_last_hidden_vectors() {
    let model = model(&Tiny::of(Family::Bert));
    let found = json(&model, &["similar", TEXT, "the cat", TEXT]);
    assert_eq!((found["format"].as_str(), found["pooling"].as_str()), (Some("qkv-similar/1"), Some("mean")));
    let cosine = |i: usize, j: usize| found["cosines"][i][j].as_f64().unwrap();
    assert!((cosine(0, 2) - 1.0).abs() < 1e-9 && (cosine(0, 1) - cosine(1, 0)).abs() < 1e-12 && cosine(0, 1) < 1.0);
    // The same from the trace, by hand: the mean over all rows, special pieces too, made to length 1.
    let vector = |text: &str| {
        let trace = json(&model, &["show", "--stage", "hidden", "--layer", "2", "--text", text]);
        let numbers: Vec<f64> =
            trace["tensors"][0]["data"].as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect();
        let sum = (0..32).map(|c| numbers.iter().skip(c).step_by(32).sum::<f64>()).collect::<Vec<_>>();
        let length = sum.iter().map(|x| x * x).sum::<f64>().sqrt();
        sum.into_iter().map(|x| x / length).collect::<Vec<_>>()
    };
    let by_hand: f64 = vector(TEXT).iter().zip(vector("the cat")).map(|(a, b)| a * b).sum();
    assert!((by_hand - cosine(0, 1)).abs() < 1e-6, "{by_hand} {}", cosine(0, 1));
    let two = printed(&model, &["similar", TEXT, "the cat"]);
    assert!(two.contains(&format!("cosine {:.4}", cosine(0, 1))), "{two}");
    // What the model's files say about it is done, and refused where we do not compute it.
    let pooling = model.path().join("1_Pooling");
    std::fs::create_dir(&pooling).unwrap();
    std::fs::write(pooling.join("config.json"), "{\"pooling_mode_cls_token\": true}").unwrap();
    assert_eq!(json(&model, &["similar", TEXT, "the cat"])["pooling"].as_str(), Some("cls"));
    std::fs::write(pooling.join("config.json"), "{\"pooling_mode_weightedmean_tokens\": true}").unwrap();
    assert!(refused(&model, &["similar", TEXT, "the cat"]).1.contains("pooling_mode_weightedmean_tokens"));
    let mut none = Command::new(env!("CARGO_BIN_EXE_qkv"));
    let output = none.args(["similar", "a", "b", "--lang", "en"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("--model DIR"));
}

/// What the real program makes of a file of changes.
fn shown(file: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_qkv"));
    command.stdin(Stdio::null()).env("LC_ALL", "en_US.UTF-8").args(["--backend", "cpu", "--sample"]).arg(file);
    command.args(args).output().unwrap()
}

#[test]
fn a_file_of_changes_opens_its_model() {
    let folder = tempfile::tempdir().unwrap();
    Tiny::of(Family::Gpt2).write(folder.path());
    // Beside the model, and named from there.
    let file = folder.path().join("mine.toml");
    let changes = "format = \"qkv-model/1\"\nmodel = \".\"\ntext = \"the cat sat\"\nsilenced = [\"layer2.1\"]\nnumbers = [{ at = \"layer1.weights.1[2,1]\", value = 0.25 }]\n[switches]\ntemperature = 0.5\n";
    std::fs::write(&file, changes).unwrap();
    let weight = |args: &[&str]| {
        let output =
            shown(&file, &[&["show", "--format", "json", "--stage", "weights", "--layer", "1"], args].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let trace: Value = serde_json::from_slice(&output.stdout).unwrap();
        let count = trace["tokens"].as_array().unwrap().len();
        trace["tensors"][0]["data"][count].as_f64().unwrap()
    };
    assert_eq!(weight(&[]), 0.25);
    // Of another text the switches stay, and the numbers go, which were those of its words.
    assert_ne!(weight(&["--text", "the cat"]), 0.25);
}

#[test]
fn what_is_wrong_in_a_file_of_changes_is_located() {
    let folder = tempfile::tempdir().unwrap();
    Tiny::of(Family::Gpt2).write(folder.path());
    let file = folder.path().join("mine.toml");
    for (line, at, why) in [
        ("", "1:1", "`model` is missing"),
        ("model = 3", "2:9", "expected a string"),
        ("model = \"nowhere\"", "2:9", "config.json"),
        ("model = \".\"\nsilence = []", "3:1", "did you mean `silenced`"),
        ("model = \".\"\nsilenced = [\"layer1.1\", \"layer9.1\"]", "3:25", "expected one from layer1.1 to layer2.4"),
        ("model = \".\"\nsilenced = [\"2\"]", "3:13", "there is no head 2"),
        ("model = \".\"\nmask = \"caussal\"", "3:8", "mask is \"caussal\""),
        ("model = \".\"\nmask = -1", "3:8", "mask is -1, expected a whole number from 0"),
        ("model = \".\"\nseed = 1.5", "3:8", "seed is 1.5"),
        ("model = \".\"\nseed = true", "3:8", "expected a whole number from 0"),
        ("model = \".\"\npositions = false", "3:13", "do not know where they stand"),
        (
            "model = \".\"\nnumbers = [{ at = \"layer1.weights[1,1]\", value = 1 }]",
            "3:12",
            "could be in any of 4 heads",
        ),
        ("model = \".\"\nnumbers = [{ at = \"layer1.masked.1[1,1]\", value = 1 }]", "3:12", "is a copy"),
        ("model = \".\"\nnumbers = [{ at = \"layer1.mask[1,1]\", value = 0 }]", "3:12", "at least one 1"),
        ("model = \".\"\n[switches]\ntemperature = 99", "4:15", "temperature is 99"),
        ("model = \".\"\n[switches]\nmistake = \"typo\"", "4:11", "mistake is \"typo\""),
        ("model = \".\"\ntext = \"a", "3:10", "not TOML"),
    ] {
        std::fs::write(&file, format!("format = \"qkv-model/1\"\n{line}\n")).unwrap();
        let output = shown(&file, &["show"]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{line}: {said}");
        assert!(said.contains(&format!("mine.toml:{at}: ")) && said.contains(why), "{line}: {said}");
    }
}
