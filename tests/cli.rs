//! The command line as its users meet it: the real program, its output, its exit codes.

#![expect(clippy::unwrap_used, reason = "a check that cannot go on should stop")]

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use qkv::engine::Engine;
use qkv::ground::number::Format;
use qkv::ground::text::columns;
use qkv::math::tensor::MASKED;
use qkv::session::Choice;
use qkv::source::sample::Sample;
use serde_json::Value;

/// The program, in surroundings that are the same on every machine.
fn qkv() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_qkv"));
    command.stdin(Stdio::null()).env("LC_ALL", "en_US.UTF-8").env("COLUMNS", "100");
    command
}

/// Runs it on the CPU, which every machine has.
fn on_cpu(args: &[&str]) -> Output {
    qkv().args(["--backend", "cpu"]).args(args).output().unwrap()
}

fn out(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn err(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

/// What it printed, when all went well.
fn printed(args: &[&str]) -> String {
    let output = on_cpu(args);
    assert_eq!(output.status.code(), Some(0), "{args:?}: {}", err(&output));
    assert_eq!(err(&output), "", "{args:?}: nothing to say");
    out(&output).to_owned()
}

/// A sample file that lives as long as the folder.
fn file(folder: &tempfile::TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

fn arg(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A machine without any driver.
fn without_driver() -> Command {
    let mut command = qkv();
    command.env("VK_DRIVER_FILES", "/nonexistent").env("VK_ICD_FILENAMES", "/nonexistent").env("WGPU_BACKEND", "empty");
    command
}

// ---- help

#[test]
fn help_begins_with_examples_and_ends_with_exit_codes() {
    let help = printed(&["--help"]);
    let place = |words: &str| help.find(words).unwrap_or_else(|| panic!("no `{words}` in:\n{help}"));
    assert!(place("Examples:") < place("Usage:") && place("Usage:") < place("Exit codes:"));
    assert!(help.lines().all(|line| columns(line) <= 110), "{help}");
}

#[test]
fn every_example_of_the_help_is_understood() {
    let help = printed(&["--help"]);
    let examples = help.lines().skip_while(|line| *line != "Examples:").skip(1).take_while(|line| !line.is_empty());
    let mut seen = 0;
    for example in examples {
        let command = example.trim().split("  ").next().unwrap().split(['|', '>']).next().unwrap().trim();
        let args: Vec<&str> = command.split_whitespace().skip(1).map(|word| word.trim_matches('\'')).collect();
        printed(&args);
        seen += 1;
    }
    assert!(seen >= 5, "{help}");
}

#[test]
fn the_manual_lists_the_exit_codes_of_the_help() {
    let (help, manual) = (printed(&["--help"]), printed(&["man"]));
    let codes: Vec<&str> = help.lines().skip_while(|line| *line != "Exit codes:").skip(1).collect();
    assert_eq!(codes.len(), 4, "{help}");
    for line in codes {
        let (code, meaning) = line.trim().split_once("  ").unwrap();
        let entry = format!(".TP\n\\fB{code}\\fR\n{}", meaning.replace('-', "\\-"));
        assert!(manual.contains(&entry), "{entry} is not in the manual");
    }
    for option in ["\\-\\-sample", "\\-\\-stage", "\\-\\-backend"] {
        assert!(manual.contains(option), "{option} is not in the manual");
    }
}

#[test]
fn completions_know_every_command() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = printed(&["completions", shell]);
        for word in ["show", "picture", "audit", "doctor", "sample"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    // A model is a folder, a sample a file.
    let zsh = printed(&["completions", "zsh"]);
    let option = |name: &str| zsh.lines().find(|line| line.contains(name)).unwrap_or_default().to_owned();
    assert!(option("--model=").contains("_files -/") && option("--sample=").contains(":_files"), "{zsh}");
}

#[test]
fn the_help_is_in_the_readers_language_and_holds_only_what_applies() {
    let chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    let commands =
        ["show", "picture", "explain", "scaling", "heads", "quiz", "bench", "audit", "doctor", "completions", "man"];
    for command in [None].into_iter().chain(commands.map(Some)) {
        let page = |lang: &str| {
            let args: Vec<&str> = command.into_iter().chain(["--lang", lang, "--help"]).collect();
            printed(&args)
        };
        let (zh, en) = (page("zh"), page("en"));
        // What clap would say of its own accord.
        for words in ["Usage", "Options", "Commands", "Print", "default", "possible", "help for", "Arguments"] {
            assert!(!zh.contains(words), "{command:?}: {words} in\n{zh}");
        }
        let untranslated = |line: &&str| {
            let words = line.trim_start().split_once("  ").map_or("", |(_, words)| words.trim());
            !words.is_empty() && !words.contains(chinese)
        };
        assert_eq!(zh.lines().find(untranslated), None, "{command:?}");
        let own_words = ["我爱北京天安门", "他喜欢上海外滩"];
        let foreign = own_words.iter().fold(en.clone(), |page, words| page.replace(words, ""));
        assert!(!foreign.contains(chinese), "{command:?}: {en}");
        for page in [&zh, &en] {
            assert!(page.lines().all(|line| columns(line) <= 100), "{page}");
            let knows = |option: &str| page.contains(option);
            assert!(knows("--lang") && knows("--help"), "{page}");
            assert_eq!(knows("--theme"), matches!(command, None | Some("picture")), "{page}");
            assert_eq!(
                knows("--text"),
                !matches!(command, Some("scaling" | "bench" | "doctor" | "completions" | "man")),
                "{page}"
            );
            assert_eq!(knows("--backend"), !matches!(command, Some("completions" | "man")), "{page}");
            assert_eq!(knows("--version"), command.is_none(), "{page}");
        }
    }
    // The environment decides, too; the option overrules it, wherever it stands.
    let help = |args: &[&str]| out(&qkv().args(args).env("LC_ALL", "zh_CN.UTF-8").output().unwrap()).to_owned();
    assert!(help(&["-h"]).contains("用法：qkv"));
    assert!(help(&["show", "--help", "--lang=en"]).contains("Usage: qkv show [OPTIONS]"));
    assert!(help(&["scaling", "--ascii", "--help", "--lang", "en"]).is_ascii());
}

#[test]
fn the_manual_and_the_completions_speak_the_readers_language() {
    let manual = printed(&["--lang", "zh", "man"]);
    for words in [".SH 用法", ".SH 退出码", "\\fB\\-\\-depth <N>\\fR", "一个数从哪里来"] {
        assert!(manual.contains(words), "no `{words}` in {manual}");
    }
    assert!(printed(&["--lang", "zh", "completions", "zsh"]).contains("打印一次计算的张量"));
    assert!(printed(&["completions", "zsh"]).contains("Print the tensors of one run"));
}

#[test]
fn the_version_tells_where_it_comes_from() {
    let version = printed(&["--version"]);
    let rest = version.trim_end().strip_prefix(concat!("qkv ", env!("CARGO_PKG_VERSION"), " (")).unwrap();
    let known: Vec<&str> = rest.strip_suffix(')').unwrap().split(", ").collect();
    assert!(known.last().unwrap().contains(std::env::consts::ARCH), "{version}");
    if cfg!(debug_assertions) {
        assert_eq!(known.len(), 2, "a debug build does not ask git: {version}");
        assert_eq!(known[0], "debug");
    }
    assert_eq!(printed(&["-V"]), version);
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_device_is_a_failure_whatever_was_asked_for() {
    for args in [&["--help"][..], &["--version"], &["show"], &["man"], &["completions", "bash"], &["explain", "-h"]] {
        let full = std::fs::File::create("/dev/full").unwrap();
        let output = qkv().args(["--backend", "cpu"]).args(args).stdout(full).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        assert!(err(&output).contains("the output could not be written: No space left"), "{args:?}: {}", err(&output));
    }
}

// ---- show

/// The same numbers from the library.
fn trace(name: &str) -> (Sample, qkv::session::Run) {
    let sample = Sample::builtin(name).unwrap().unwrap();
    let run = Engine::open(Choice::Cpu).unwrap().run(&sample.program, &sample.inputs).unwrap();
    (sample, run)
}

#[test]
fn json_is_the_engines_own_trace_to_the_last_bit() {
    for name in Sample::names() {
        let (sample, run) = trace(name);
        let json: Value = serde_json::from_str(&printed(&["show", "--format", "json", "--sample", name])).unwrap();
        assert_eq!(json["format"], "qkv-trace/1");
        assert_eq!(json["sample"], name);
        assert_eq!(json["program"], sample.program.kind().name());
        assert_eq!(json["heads"], sample.program.heads());
        assert_eq!(json["backend"]["name"], "cpu");
        assert_eq!(json["ledger"]["ok"], true);
        assert_eq!(json["ledger"]["stages"].as_array().unwrap().len(), sample.program.stages().len());
        let tensors = json["tensors"].as_array().unwrap();
        assert_eq!(tensors.len(), sample.program.slots().count());
        for (slot, tensor) in sample.program.slots().zip(tensors) {
            let shape = sample.program.shape(slot);
            assert_eq!(tensor["name"], sample.program.symbol(slot).to_string());
            let lens: Vec<u64> = tensor["shape"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).collect();
            assert_eq!(lens, shape.dims().iter().map(|d| d.len as u64).collect::<Vec<_>>());
            assert_eq!(tensor["axes"].as_array().unwrap().len(), lens.len());
            let data = tensor["data"].as_array().unwrap();
            assert_eq!(data.len(), shape.count());
            for (shown, number) in data.iter().zip(run.trace.tensor(slot).numbers()) {
                if number == MASKED {
                    assert!(shown.is_null());
                } else {
                    assert_eq!((shown.as_f64().unwrap() as f32).to_bits(), number.to_bits(), "{}", tensor["name"]);
                }
            }
        }
    }
}

#[test]
fn json_names_axes_and_places_as_documented() {
    let json: Value = serde_json::from_str(&printed(&["show", "--format", "json"])).unwrap();
    let axes = |name: &str| {
        let tensors = json["tensors"].as_array().unwrap();
        tensors.iter().find(|t| t["name"] == name).unwrap_or_else(|| panic!("no {name}"))["axes"].to_string()
    };
    assert_eq!(axes("H"), r#"["token","model"]"#);
    assert_eq!(axes("W_q"), r#"["model","head_feature"]"#);
    assert_eq!(axes("Q"), r#"["head","token","feature"]"#);
    assert_eq!(axes("weights"), r#"["head","token","token"]"#);
    assert_eq!(axes("concat"), r#"["token","head_value"]"#);
    let batch: Value =
        serde_json::from_str(&printed(&["show", "--format", "json", "--stage", "Q", "--sample", Sample::BATCH]))
            .unwrap();
    assert_eq!(batch["tensors"][0]["axes"].to_string(), r#"["batch","head","token","feature"]"#);
    assert_eq!(batch["tensors"][0]["shape"].to_string(), "[64,8,16,32]");
}

#[test]
fn numbers_are_printed_in_their_shortest_form() {
    let json = printed(&["show", "--format", "json"]);
    let data = json.split("\"data\":[").skip(1).flat_map(|rest| rest.split(']').next().unwrap().split(','));
    for number in data {
        assert!(number.len() <= 14, "{number} is f64 noise");
    }
}

/// A masked sample: two words, one head, the first may not see the second.
const MASKED_SAMPLE: &str = r#"
format = "qkv-sample/1"
name = "masked"
title = { zh = "遮挡", en = "masked" }
program = "self-attention"
weights = "designed"
text = "我爱"
tokens = ["我", "爱"]
heads = 1
mask = "causal"
[tensors]
H = [[1, 0], [0, 1]]
W_q = [[1, 0], [0, 1]]
W_k = [[1, 0], [0, 1]]
W_v = [[1, 0], [0, 1]]
"#;

#[test]
fn a_masked_score_is_null_empty_or_dashes_and_weighs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, "masked.toml", MASKED_SAMPLE.as_bytes());
    let show =
        |stage: &str, format: &str| printed(&["show", "--sample", arg(&path), "--stage", stage, "--format", format]);
    let json: Value = serde_json::from_str(&show("masked", "json")).unwrap();
    let data = json["tensors"][0]["data"].as_array().unwrap();
    assert_eq!(data.iter().map(Value::is_null).collect::<Vec<_>>(), [false, true, false, false]);
    let json: Value = serde_json::from_str(&show("weights", "json")).unwrap();
    assert_eq!((&json["tensors"][0]["data"][0], &json["tensors"][0]["data"][1]), (&1.0.into(), &0.0.into()));
    assert!(show("masked", "csv").contains("masked,,1,1,2,我,爱,\n"));
    assert!(show("masked", "table").lines().any(|line| line.starts_with("我") && line.ends_with("--")));
}

#[test]
fn csv_has_one_number_a_line_with_its_place_and_names() {
    let csv = printed(&["show", "--format", "csv", "--lang", "zh"]);
    let (sample, run) = trace(Sample::DEFAULT);
    let mut lines = csv.lines();
    assert_eq!(lines.next(), Some("tensor,sentence,head,row,column,row_name,column_name,value"));
    assert_eq!(lines.count(), sample.program.slots().map(|slot| sample.program.shape(slot).count()).sum::<usize>());
    let weights = run.trace.find(&sample.program, None, qkv::program::Name::Weights).unwrap();
    let expected = weights.matrix(0, 0)[[0, 1]];
    let line = csv.lines().find(|line| line.starts_with("weights,,1,1,2,我,爱,")).unwrap();
    assert_eq!(line.rsplit(',').next().unwrap().parse::<f32>().unwrap().to_bits(), expected.to_bits());
    let batch =
        printed(&["show", "--format", "csv", "--stage", "context", "--sentence", "3", "--sample", Sample::BATCH]);
    assert_eq!(batch.lines().count(), 1 + 8 * 16 * 32);
    assert!(batch.lines().skip(1).all(|line| line.starts_with("context,3,")));
}

#[test]
fn latex_holds_the_matrix_under_its_names() {
    let tex = printed(&["show", "--stage", "weights", "--head", "2", "--format", "latex", "--lang", "zh"]);
    let (sample, run) = trace(Sample::DEFAULT);
    let weights = run.trace.find(&sample.program, None, qkv::program::Name::Weights).unwrap();
    let format = Format::of(weights.as_slice());
    let row = |i: usize| (0..4).map(|j| format.write(weights.matrix(0, 1)[[i, j]])).collect::<Vec<_>>().join(" & ");
    assert!(tex.contains("\\mathrm{weights}^{(2)} =\n\\begin{array}{r|rrrr}\n"), "{tex}");
    assert!(tex.contains(" & \\text{我} & \\text{爱} & \\text{北京} & \\text{天安门} \\\\ \\hline\n"), "{tex}");
    for (i, name) in sample.tokens.iter().enumerate() {
        assert!(tex.contains(&format!("\\text{{{name}}} & {} \\\\\n", row(i))), "{name}: {tex}");
    }
    assert!(tex.lines().take(3).all(|line| line.starts_with("% ")) && tex.contains("ctex"), "{tex}");
    assert_eq!(tex.matches("\\begin{array}").count(), 1);
    let all = printed(&["show", "--format", "latex", "--sample", "translation"]);
    assert_eq!(all.matches("\\[").count(), all.matches("\\]").count());
}

#[test]
fn a_table_lines_up_and_can_be_narrowed() {
    let one = printed(&["show", "--stage", "weights", "--head", "2", "--lang", "zh"]);
    assert_eq!(one.matches("weights = ").count(), 1);
    let rows: Vec<&str> = one.lines().skip_while(|line| !line.starts_with("weights")).skip(1).collect();
    assert_eq!(rows.len(), 5, "{one}");
    assert!(rows.iter().all(|row| columns(row) == columns(rows[0])), "right edges differ:\n{one}");
    let all = printed(&["show", "--stage", "WEIGHTS"]);
    assert_eq!(all.matches("weights = ").count(), 4);
    let batch = printed(&["show", "--stage", "weights", "--sample", Sample::BATCH]);
    assert_eq!(batch.matches("weights = ").count(), 8, "the first sentence, all heads");
}

#[test]
fn random_weights_come_from_the_seed_and_say_so() {
    let show =
        |seed: &str| printed(&["show", "--stage", "W_q", "--format", "json", "--weights", "random", "--seed", seed]);
    assert_eq!(show("7"), show("7"));
    assert_ne!(show("7"), show("8"));
    assert!(show("7").contains(r#""weights":"random""#));
    assert!(printed(&["--weights", "random"]).contains("random weights"));
}

// ---- the walk

#[test]
fn without_a_terminal_the_whole_walk_is_printed_in_both_languages() {
    let (zh, en) = (printed(&["--lang", "zh"]), printed(&["--lang", "en"]));
    let (sample, run) = trace(Sample::DEFAULT);
    for stage in sample.program.stages() {
        let label = qkv::program::labels::label(stage.symbol.name, sample.program.kind());
        assert!(zh.contains(&format!("{}: {}", label.title.zh, label.formula)), "{}", stage.symbol);
        assert!(en.contains(&format!("{}: {}", label.title.en, label.formula)), "{}", stage.symbol);
    }
    assert!(zh.contains("手工设计") && en.contains("designed weights"));
    let weights = run.trace.find(&sample.program, None, qkv::program::Name::Weights).unwrap();
    let looks = Format::of(weights.as_slice()).write(weights.matrix(0, 0)[[0, 1]]);
    let row =
        en.lines().skip_while(|line| !line.contains("= softmax")).find(|line| line.starts_with("  我    ")).unwrap();
    assert_eq!(row.split_whitespace().nth(2), Some(looks.as_str()), "how much 我 looks at 爱: {row}");
}

#[test]
fn the_environment_chooses_the_language_and_the_option_overrules_it() {
    let first_words = |locale: &str, args: &[&str]| {
        let output =
            qkv().args(["--backend", "cpu", "audit", "--sample", "h1h2"]).args(args).env("LC_ALL", locale).output();
        out(&output.unwrap()).chars().take(2).collect::<String>()
    };
    assert_eq!(first_words("zh_CN.UTF-8", &[]), "合格");
    assert_eq!(first_words("en_GB.UTF-8", &[]), "ok");
    assert_eq!(first_words("zh_CN.UTF-8", &["--lang", "en"]), "ok");
}

#[test]
fn every_sample_can_be_walked_and_a_large_one_says_what_it_leaves_out() {
    for name in Sample::names() {
        assert!(printed(&["--sample", name]).lines().count() > 40, "{name}");
    }
    assert!(printed(&["--sample", Sample::BATCH]).contains("240 more columns"));
}

#[test]
fn who_computed_is_said_in_the_readers_language() {
    for args in
        [&["show", "--stage", "Q"][..], &["audit", "--sample", "h1h2"], &["scaling", "--d", "4", "--pairs", "8"]]
    {
        let said = |lang: &str| printed(&[&["--lang", lang], args].concat());
        assert!(
            said("zh").contains("CPU（f64 参考）") && !said("zh").contains("reference"),
            "{args:?}: {}",
            said("zh")
        );
        assert!(said("en").contains("CPU, f64 reference"), "{args:?}: {}", said("en"));
    }
}

#[test]
fn ascii_keeps_only_the_samples_own_words() {
    let walk = printed(&["--ascii", "--lang", "en"]);
    let (sample, _) = trace(Sample::DEFAULT);
    let beyond: String = walk.chars().filter(|c| !c.is_ascii()).collect();
    let known = format!("{}{}", sample.text, sample.tokens.concat());
    assert!(beyond.chars().all(|c| known.contains(c)), "{beyond}");
}

// ---- audit

#[test]
fn the_audit_passes_every_built_in_sample() {
    let table = printed(&["audit"]);
    for name in Sample::names() {
        assert!(table.contains(&format!("ok  {name}\n")), "{name}:\n{table}");
    }
    let json: Value = serde_json::from_str(&printed(&["audit", "--format", "json"])).unwrap();
    assert_eq!((&json["format"], &json["ok"]), (&"qkv-audit/1".into(), &true.into()));
    assert_eq!(json["samples"].as_array().unwrap().len(), Sample::names().count());
}

/// Numbers that f32 cannot carry: q = (1 + 10⁻⁸, 1) rounds to (1, 1), and k = (10⁶, −10⁶) makes of that
/// rounding the whole score. Each stage alone is right; the way from end to end is not.
const CANCELLING: &str = r#"
format = "qkv-sample/1"
name = "cancelling"
title = { zh = "相消", en = "cancelling" }
program = "self-attention"
weights = "designed"
text = "a b"
tokens = ["a", "b"]
heads = 1
mask = "none"
[tensors]
H = [[1, 0.00000001], [1, 0]]
W_q = [[1, 1], [1, 0]]
W_k = [[1000000, -1000000], [0, 0]]
W_v = [[1, 0], [0, 1]]
"#;

#[test]
fn the_audit_fails_where_f32_cannot_carry_the_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, "cancelling.toml", CANCELLING.as_bytes());
    let output = on_cpu(&["audit", "--sample", arg(&path)]);
    assert_eq!(output.status.code(), Some(1), "{}{}", out(&output), err(&output));
    assert!(out(&output).starts_with("FAILED  cancelling"), "{}", out(&output));
    assert!(out(&output).contains("0 of 1"));
    let output = on_cpu(&["audit", "--format", "json", "--sample", arg(&path)]);
    assert_eq!(output.status.code(), Some(1));
    let json: Value = serde_json::from_str(out(&output)).unwrap();
    let sample = &json["samples"][0];
    assert_eq!((&sample["ledger"]["ok"], &sample["end_to_end"]["ok"]), (&true.into(), &false.into()));
}

// ---- bad input

#[test]
fn bad_input_ends_with_2_and_says_what_was_expected() {
    let folder = tempfile::tempdir().unwrap();
    let swap = |from: &str, to: &str| MASKED_SAMPLE.replacen(from, to, 1).into_bytes();
    let long = format!("{}\nnote = \"{}\"\n", MASKED_SAMPLE, "x".repeat(10 << 20));
    let files: [(&str, Vec<u8>, &str); 9] = [
        ("empty.toml", Vec::new(), "format"),
        ("utf8.toml", b"format = \"qkv\xff\"".to_vec(), "utf8.toml:1:"),
        ("long.toml", long.into_bytes(), "long.toml:"),
        ("tokens.toml", swap(r#"tokens = ["我", "爱"]"#, "tokens = []"), "tokens.toml:8:"),
        ("heads.toml", swap("heads = 1", "heads = 0"), "heads.toml:9:"),
        ("nan.toml", swap("[[1, 0], [0, 1]]", "[[nan, 0], [0, 1]]"), "nan.toml:12:"),
        ("ragged.toml", swap("[[1, 0], [0, 1]]", "[[1, 0], [0]]"), "ragged.toml:12:"),
        ("unknown.toml", swap("heads = 1", "haeds = 1"), "haeds"),
        ("broken.toml", swap("heads = 1", "heads = ["), "broken.toml:"),
    ];
    for (name, bytes, words) in files {
        let path = file(&folder, name, &bytes);
        for command in [&["show"][..], &["audit"], &[]] {
            let output = on_cpu(&[&["--sample", arg(&path)], command].concat());
            assert_eq!(output.status.code(), Some(2), "{name}: {}", err(&output));
            assert!(err(&output).contains(words), "{name}: no `{words}` in {}", err(&output));
            assert!(err(&output).len() < 1000 && err(&output).trim().lines().count() == 1, "{name}: {}", err(&output));
            assert_eq!(out(&output), "", "{name}: no data");
        }
    }
}

#[test]
fn what_is_not_there_is_named_with_what_is() {
    let folder = tempfile::tempdir().unwrap();
    let huge = folder.path().join("huge.toml");
    std::fs::File::create(&huge).unwrap().set_len(1 << 40).unwrap();
    let cases: [(&[&str], &str); 13] = [
        (&["--sample", "tianmen"], "did you mean `tiananmen`?"),
        (&["--sample", "no/such/file.toml"], "built-in samples are tiananmen, english, h1h2"),
        (&["--sample", arg(folder.path())], "is a directory"),
        (&["--sample", arg(&huge)], "larger than 64 MiB"),
        (&["show", "--stage", "wieghts"], "there is no stage `wieghts`"),
        (&["show", "--head", "5"], "it goes from 1 to 4"),
        (&["show", "--head", "0"], "it goes from 1 to 4"),
        (&["show", "--sentence", "2"], "it goes from 1 to 1"),
        (&["show", "--format", "json", "--head", "1"], "leave --head out"),
        (&["show", "--format", "xml"], "possible values: table, json, csv, latex"),
        (&["--backend", "abacus"], "possible values: auto, gpu, cpu"),
        (&["--sede", "1"], "--seed"),
        (&["dance"], "dance"),
    ];
    for (args, words) in cases {
        let output = if args[0] == "--backend" { qkv().args(args).output().unwrap() } else { on_cpu(args) };
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", err(&output));
        assert!(err(&output).contains(words), "{args:?}: no `{words}` in {}", err(&output));
        assert_eq!(out(&output), "", "{args:?}: no data");
    }
}

// ---- what is read

/// Runs it with something on its standard input.
fn fed(args: &[&str], input: &[u8]) -> Output {
    let mut command = qkv();
    command.args(["--backend", "cpu"]).args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // Where nothing is read of it, the pipe is closed early.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

#[test]
fn a_dash_reads_the_standard_input() {
    for args in [&["show", "--stage", "masked"][..], &["heads"], &["audit"], &[]] {
        let output = fed(&[&["--sample", "-"], args].concat(), MASKED_SAMPLE.as_bytes());
        assert_eq!(output.status.code(), Some(0), "{args:?}: {}", err(&output));
        assert!(out(&output).contains(if args == ["heads"] { "self" } else { "masked" }), "{args:?}: {}", out(&output));
    }
    let bad = fed(&["show", "--sample", "-"], b"heads = [");
    assert_eq!(bad.status.code(), Some(2));
    assert!(err(&bad).contains("-:1:"), "{}", err(&bad));

    let sentence = fed(&["show", "--stage", "weights", "--text", "-"], "他喜欢上海外滩\n".as_bytes());
    assert_eq!(
        out(&sentence),
        printed(&["show", "--stage", "weights", "--text", "他喜欢上海外滩"]),
        "{}",
        err(&sentence)
    );
    let lines = fed(&["show", "--stage", "H", "--text", "-"], b"the cat\r\nsat\n");
    assert!(out(&lines).contains("the cat sat"), "{}{}", out(&lines), err(&lines));
    let bytes = fed(&["show", "--text", "-"], b"\xff");
    assert_eq!(bytes.status.code(), Some(2));
    assert!(err(&bytes).contains("no UTF-8 text"), "{}", err(&bytes));
}

#[test]
#[cfg(unix)]
fn a_file_may_be_called_what_is_no_text() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(OsStr::from_bytes(b"m\xff.toml"));
    std::fs::write(&path, MASKED_SAMPLE).unwrap();
    let output = qkv().args(["--backend", "cpu", "show", "--stage", "masked", "--sample"]).arg(&path).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    std::fs::write(&path, "heads = [").unwrap();
    let output = qkv().args(["--backend", "cpu", "show", "--sample"]).arg(&path).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("m\u{fffd}.toml:1:"), "{}", err(&output));
}

// ---- machines and pipes

#[test]
fn without_a_driver_auto_falls_back_aloud_and_gpu_ends_with_3() {
    let auto = without_driver().args(["show", "--stage", "weights", "--format", "json"]).output().unwrap();
    assert_eq!(auto.status.code(), Some(0), "{}", err(&auto));
    assert!(err(&auto).contains("The CPU computes"), "{}", err(&auto));
    let json: Value = serde_json::from_str(out(&auto)).unwrap();
    assert_eq!(json["backend"]["kind"], "cpu");

    for args in [&["show"][..], &["audit"], &["doctor"], &[]] {
        let gpu = without_driver().args(["--backend", "gpu"]).args(args).output().unwrap();
        assert_eq!(gpu.status.code(), Some(3), "{args:?}: {}", err(&gpu));
        assert!(err(&gpu).contains("adapter") && out(&gpu).is_empty(), "{args:?}: {}", err(&gpu));
    }

    let cpu = without_driver().args(["--backend", "cpu", "audit"]).output().unwrap();
    assert_eq!((cpu.status.code(), err(&cpu)), (Some(0), ""));
}

/// A driver that runs out of addresses crashes: none is opened where there are too few.
#[test]
#[cfg(target_os = "linux")]
fn with_few_addresses_the_cpu_computes() {
    let limited = |args: &[&str]| {
        let mut shell = Command::new("sh");
        shell.args(["-c", "ulimit -v 300000; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_qkv")]).args(args);
        shell.env("LC_ALL", "en_US.UTF-8").stdin(Stdio::null()).output().unwrap()
    };
    for args in [&["show"][..], &["scaling", "--d", "16", "--pairs", "100"], &["heads"]] {
        let output = limited(args);
        assert_eq!(output.status.code(), Some(0), "{args:?}: {}", err(&output));
    }
    let output = limited(&["show", "--backend", "gpu"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(err(&output).contains("292 MiB of addresses (ulimit -v)"), "{}", err(&output));
}

#[test]
fn the_doctor_says_what_is_missing_and_what_helps() {
    let output = without_driver().arg("doctor").output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    for words in ["adapters", "none", "self-test", "passed", "terminal", "LC_ALL=en_US.UTF-8", "What helps"] {
        assert!(out(&output).contains(words), "no `{words}` in\n{}", out(&output));
    }
}

#[test]
fn the_gpu_computes_where_there_is_one() {
    let output = qkv().args(["--backend", "gpu", "audit", "--format", "json"]).output().unwrap();
    if output.status.code() == Some(3) {
        assert!(std::env::var_os("QKV_REQUIRE_GPU").is_none(), "an adapter is required: {}", err(&output));
        let _ = writeln!(std::io::stderr(), "skipped: no adapter: {}", err(&output));
        return;
    }
    assert_eq!(output.status.code(), Some(0), "{}{}", out(&output), err(&output));
    let json: Value = serde_json::from_str(out(&output)).unwrap();
    for sample in json["samples"].as_array().unwrap() {
        assert_eq!(sample["backend"]["name"], "gpu", "{sample}");
    }
    let output = qkv().env_remove("XDG_RUNTIME_DIR").args(["show", "--stage", "Q"]).output().unwrap();
    assert_eq!(err(&output), "", "the driver's chatter stays away");
}

#[test]
fn a_reader_who_has_seen_enough_is_no_failure() {
    for args in [
        &["show", "--format", "csv", "--sample", Sample::BATCH][..],
        &["show", "--format", "json", "--sample", Sample::BATCH],
        &["show"],
        &["audit"],
        &["man"],
        &["completions", "bash"],
        &[],
    ] {
        let mut child =
            qkv().args(["--backend", "cpu"]).args(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut first = String::new();
        let mut pipe = BufReader::with_capacity(1, child.stdout.take().unwrap());
        pipe.read_line(&mut first).unwrap();
        drop(pipe);
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), err(&output)), (Some(0), ""), "{args:?}");
    }
}

#[test]
fn heads_are_measured_and_named_without_a_screen() {
    let json: Value = serde_json::from_str(&printed(&["heads", "--sample", "tiananmen", "--format", "json"])).unwrap();
    assert_eq!((json["format"].as_str(), json["own"].as_bool()), (Some("qkv-heads/1"), Some(false)));
    let rows = json["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 4);
    assert_eq!((rows[3]["layer"].as_u64(), rows[3]["head"].as_u64()), (Some(1), Some(4)));
    assert_eq!(rows[3]["label"].as_str(), Some("previous word"));
    for metric in ["entropy", "evenness", "largest", "self", "previous", "next", "first", "same_word", "distance"] {
        let entry = &rows[0]["metrics"][metric];
        assert!(entry["mean"].is_f64() && entry["sd"].is_f64() && entry.get("here").is_some(), "{metric}: {entry}");
    }
    assert!(rows[0]["metrics"]["same_word"]["here"].is_null(), "no word of 我爱北京天安门 stands twice");
    // Random weights were meant for nothing.
    let random = ["heads", "--weights", "random", "--seed", "7", "--format", "json"];
    let json: Value = serde_json::from_str(&printed(&random)).unwrap();
    assert!(json["rows"].as_array().unwrap().iter().all(|row| row["label"].is_null()));
    let csv = printed(&["heads", "--format", "csv"]);
    assert_eq!(csv.lines().next(), Some("layer,head,label,metric,mean,sd,sentences,here,reading"));
    assert_eq!(csv.lines().count(), 1 + 4 * 10);
    assert!(printed(&["--lang", "zh", "heads"]).contains("头 4：看前一个词"));
    // Weighted by values: other numbers, no name, and each says which reading it is of.
    let values = printed(&["heads", "--reading", "values", "--format", "csv"]);
    assert!(values.lines().skip(1).all(|line| line.ends_with(",values")) && values.lines().count() == 1 + 4 * 10);
    let json: Value = serde_json::from_str(&printed(&["heads", "--reading", "values", "--format", "json"])).unwrap();
    assert_eq!((json["reading"].as_str(), json["rows"][3]["label"].as_str()), (Some("values"), None));
    let one_layer = on_cpu(&["--lang", "en", "heads", "--reading", "rollout"]);
    assert!(!one_layer.status.success() && err(&one_layer).contains("here is only one"), "{}", err(&one_layer));
}

#[test]
fn the_race_is_run_without_a_screen_and_every_result_is_checked() {
    let small = ["bench", "--tokens", "5,9", "--batch", "2", "--heads", "2", "--hidden", "8", "--reps", "3"];
    let json: Value = serde_json::from_str(&printed(&[&small[..], &["--format", "json"]].concat())).unwrap();
    let rows = json["rows"].as_array().unwrap();
    let of = |name: &str| rows.iter().filter(|row| row["contender"] == name).count();
    assert_eq!((json["format"].as_str(), of("ndarray-1"), of("ndarray-all")), (Some("qkv-bench/1"), 2, 2));
    for row in rows {
        assert!(row["median_ms"].as_f64().unwrap() >= row["min_ms"].as_f64().unwrap(), "{row}");
        assert!(row["gflops"].is_f64() && row["error"].as_f64().unwrap() < 1e-4 && row["tokens"].is_u64(), "{row}");
    }
    let only = printed(&[&small[..], &["--only", "ndarray-1"]].concat());
    assert!(only.contains("ndarray-1") && !only.contains("ndarray-all"), "{only}");
    let uneven = on_cpu(&["bench", "--heads", "3"]);
    assert!(!uneven.status.success() && err(&uneven).contains("3 heads cannot share 256 numbers evenly"));
    // Whoever cannot take part is named; where nobody can, that is a failure.
    let some = on_cpu(&[&small[..], &["--only", "ndarray-1,subgroup"]].concat());
    assert!(some.status.success() && out(&some).contains("ndarray-1"), "{}", out(&some));
    assert!(err(&some).contains("subgroup cannot take part here: there is no adapter"), "{}", err(&some));
    let nobody = on_cpu(&[&small[..], &["--only", "subgroup,naive"]].concat());
    assert_eq!((nobody.status.code(), out(&nobody)), (Some(3), ""));
    assert!(err(&nobody).contains("subgroup, naive cannot take part here"), "{}", err(&nobody));
    let unknown = on_cpu(&["bench", "--only", "turbo"]);
    assert!(!unknown.status.success() && err(&unknown).contains("ndarray-1"), "{}", err(&unknown));
}

// ---- quiz

#[test]
fn a_worksheet_is_the_same_from_the_same_seed_and_its_key_tells_the_answers() {
    for lang in ["zh", "en"] {
        let args = ["quiz", "--n", "10", "--seed", "7", "--lang", lang];
        let sheet = printed(&args);
        assert_eq!(sheet, printed(&args), "{lang}");
        assert_ne!(sheet, printed(&["quiz", "--n", "10", "--seed", "8", "--lang", lang]));
        let questions = (1..=10).filter(|n| sheet.contains(&format!("\n{n}. "))).count();
        assert_eq!(questions, 10, "{sheet}");
        assert!(sheet.lines().all(|line| columns(line) <= 92), "{sheet}");
        let key = printed(&[&args[..], &["--key"]].concat());
        assert_eq!((sheet.matches('→').count(), key.matches("   → ").count()), (0, 10), "{key}");
        let markdown = printed(&[&args[..], &["--format", "markdown"]].concat());
        assert!(markdown.starts_with("# ") && markdown.contains("\n10. **"), "{markdown}");
    }
}

#[test]
fn the_key_of_a_worksheet_in_json_agrees_with_its_questions() {
    let args = ["quiz", "--n", "40", "--seed", "3", "--format", "json"];
    let (sheet, key): (Value, Value) = (
        serde_json::from_str(&printed(&args)).unwrap(),
        serde_json::from_str(&printed(&[&args[..], &["--key"]].concat())).unwrap(),
    );
    assert_eq!((&sheet["format"], &sheet["seed"]), (&"qkv-quiz/1".into(), &3.into()));
    let items = |document: &Value| document["items"].as_array().unwrap().clone();
    assert_eq!(items(&sheet).len(), 40);
    let mut asked = std::collections::BTreeSet::new();
    for (item, told) in items(&sheet).iter().zip(items(&key)) {
        assert!(asked.insert(item["question"].as_str().unwrap().to_owned()), "asked twice: {item}");
        assert!(item.get("answer").is_none() && item.get("because").is_none(), "{item}");
        assert_eq!((&item["question"], &item["choices"]), (&told["question"], &told["choices"]));
        assert!(item["cells"].as_array().unwrap()[0].as_str().unwrap().contains('['), "{item}");
        let choices = item["choices"].as_array().unwrap();
        match choices.len() {
            0 => assert!(told["answer"].is_number() && told["within"].as_f64().unwrap() > 0.0, "{told}"),
            n => assert!(told["answer"].as_u64().unwrap() < n as u64, "{told}"),
        }
    }
}

#[test]
fn a_worksheet_asks_only_what_is_wanted() {
    let items = |args: &[&str]| {
        let all = printed(&[&["quiz", "--n", "6", "--format", "json"], args].concat());
        serde_json::from_str::<Value>(&all).unwrap()["items"].as_array().unwrap().clone()
    };
    assert!(items(&["--kind", "sign"]).iter().all(|item| item["kind"] == "sign"));
    assert!(items(&["--concept", "scaling"]).iter().all(|item| item["concept"] == "scaling"));
    for item in items(&["--stage", "scores", "--head", "2", "--kind", "missing-term"]) {
        assert!(item["cells"][0].as_str().unwrap().starts_with("scores.2["), "{item}");
    }
    let own = items(&["--text", "他喜欢上海外滩", "--kind", "largest-weight"]);
    assert!(own.iter().all(|item| {
        item["choices"].as_array().unwrap().iter().all(|word| "他喜欢上海外滩".contains(word.as_str().unwrap()))
    }));
}

#[test]
fn what_cannot_be_asked_is_said() {
    for (args, code, words) in [
        (&["quiz", "--kind", "unmasked"][..], 2, "without ambiguity"),
        (&["quiz", "--stage", "nothing"], 2, "there is no stage `nothing`"),
        (&["quiz", "--head", "9"], 2, "there is no head 9"),
        (&["quiz", "--kind", "riddle"], 2, "largest-weight"),
        (&["quiz", "--n", "0"], 2, "1 to 500"),
    ] {
        let output = on_cpu(args);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {}", err(&output));
        assert!(err(&output).contains(words) && out(&output).is_empty(), "{args:?}: {}", err(&output));
    }
    // Fewer than were asked for are printed, and it is said.
    let output = on_cpu(&["quiz", "--sample", "h1h2", "--kind", "sign", "--n", "500"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(err(&output).contains("there are only"), "{}", err(&output));
}

#[test]
fn lessons_are_listed_and_what_was_learned_is_forgotten() {
    let state = tempfile::tempdir().unwrap();
    let learn = |args: &[&str]| qkv().env("XDG_STATE_HOME", state.path()).arg("learn").args(args).output().unwrap();
    let table = learn(&[]);
    assert!(out(&table).contains("four-steps") && out(&table).contains("next: "), "{}", out(&table));
    let json: Value = serde_json::from_slice(&learn(&["--format", "json"]).stdout).unwrap();
    assert_eq!((json["format"].as_str(), json["next"].as_str()), (Some("qkv-learn/1"), Some("why-a-gpu")));
    assert!(json["lessons"].as_array().unwrap().len() >= 19);
    assert!(err(&learn(&["--forget"])).contains("nothing to forget"));

    let file = state.path().join("qkv").join("learned.json");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    let learned = r#"{"format":"qkv-learned/1","lessons":{"why-a-gpu":{"step":14,"of":14,"finished":true}},"concepts":{"softmax":{"right":0,"asked":2,"last":false}}}"#;
    std::fs::write(&file, learned).unwrap();
    let table = learn(&[]);
    assert!(out(&table).contains("finished") && out(&table).contains("0/2, look again"), "{}", out(&table));
    // What is weakest comes next: a lesson that is about it.
    let json: Value = serde_json::from_slice(&learn(&["--format", "json"]).stdout).unwrap();
    let next = json["next"].as_str().unwrap();
    let about = json["lessons"].as_array().unwrap().iter().find(|lesson| lesson["name"] == next).unwrap();
    assert!(about["concepts"].as_array().unwrap().contains(&"softmax".into()), "{about}");
    assert!(err(&learn(&["--forget"])).contains("deleted") && !file.exists());
    std::fs::write(&file, "what is this").unwrap();
    assert!(err(&learn(&[])).contains("cannot be read"));
}

#[test]
fn a_lesson_is_begun_from_the_template_and_checked() {
    let folder = tempfile::tempdir().unwrap();
    let template = printed(&["lesson", "new"]);
    let path = folder.path().join("mine.toml");
    let new = on_cpu(&["lesson", "new", arg(&path)]);
    assert!(err(&new).contains("mine.toml"), "{}", err(&new));
    let written = std::fs::read_to_string(&path).unwrap();
    assert_eq!(written, template.replace("\"my-lesson\"", "\"mine\""));
    assert_eq!(on_cpu(&["lesson", "new", arg(&path)]).status.code(), Some(1), "nothing is overwritten");
    assert!(printed(&["lesson", "check", arg(&path)]).contains("4 steps, 3 numbers and claims verified"));

    std::fs::write(&path, written.replace("min(weights.2[2,*]) > 0", "min(weights.2[2,*]) > 1")).unwrap();
    let checked = on_cpu(&["--lang", "zh", "lesson", "check", arg(&path)]);
    assert_eq!(checked.status.code(), Some(2));
    assert!(err(&checked).contains("mine.toml:") && err(&checked).contains("不成立"), "{}", err(&checked));
    let missing = on_cpu(&["lesson", "check", "no-such-lesson"]);
    assert!(err(&missing).contains("the built-in lessons are why-a-gpu"), "{}", err(&missing));
    // A lesson reads samples of its own folder, and none beyond.
    for (sample, words) in
        [("./cats.toml", "cats.toml"), ("../cats.toml", "there is no"), ("/etc/passwd", "there is no")]
    {
        std::fs::write(&path, written.replace("\"tiananmen\"", &format!("\"{sample}\""))).unwrap();
        let checked = on_cpu(&["lesson", "check", arg(&path)]);
        assert!(err(&checked).contains(words), "{}", err(&checked));
    }
}

#[test]
fn there_are_no_notes_where_nobody_shows_a_lesson() {
    let folder = tempfile::tempdir().unwrap();
    let notes =
        qkv().env("XDG_RUNTIME_DIR", folder.path()).env("XDG_STATE_HOME", folder.path()).arg("notes").output().unwrap();
    assert_eq!(notes.status.code(), Some(1));
    assert!(err(&notes).contains("nobody shows a lesson"), "{}", err(&notes));
}

#[test]
fn a_worksheet_of_a_lesson_asks_about_what_the_lesson_teaches() {
    let sheet = |args: &[&str]| -> Value {
        let args = [&["quiz", "--n", "10", "--seed", "7", "--format", "json", "--key"], args].concat();
        serde_json::from_str(&printed(&args)).unwrap()
    };
    let (of_lesson, again) = (sheet(&["--lesson", "4"]), sheet(&["--lesson", "one-position"]));
    assert_eq!(of_lesson, again, "by its number, by its name");
    assert_eq!(of_lesson["items"].as_array().unwrap().len(), 10);
    // The lesson is about h1 and h2.
    let text = printed(&["quiz", "--n", "10", "--seed", "7", "--lesson", "4", "--lang", "zh"]);
    assert!(text.contains("h1") && text.contains("h2"), "{text}");
}

#[test]
fn the_clinic_lists_its_cases_and_tells_one_without_giving_it_away() {
    let list = printed(&["clinic"]);
    assert!(list.lines().any(|line| line.starts_with("popular-word ") && line.contains("tiananmen")), "{list}");
    let json: Value = serde_json::from_str(&printed(&["clinic", "--format", "json", "--lang", "zh"])).unwrap();
    assert_eq!(json["format"], "qkv-clinic/1");
    let cases = json["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 15);
    let first = &cases[0];
    assert_eq!((first["name"].as_str(), first["sample"].as_str()), (Some("missing-rows"), Some("english")));
    assert_eq!(first["choices"].as_array().unwrap().len(), 4);
    let case = printed(&["clinic", "popular-word"]);
    assert!(case.contains("a row of shares sums to") && case.contains("0.00 … 3.99  ✗"), "{case}");
    assert!(!case.contains("dim=-2"), "{case}");
    let wrong = on_cpu(&["clinic", "softmax"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(err(&wrong).contains("there is no case `softmax`; there are missing-rows"), "{}", err(&wrong));
}
