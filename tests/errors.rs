//! Every error of every layer: its words in both languages, and how a command ends with it.

#![expect(clippy::unwrap_used, reason = "a check that cannot go on should stop")]

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use qkv::engine::NoFiles;
use qkv::ground::exit::Exit;
use qkv::ground::fault::{Failure, Fault};
use qkv::ground::lang::Text;
use qkv::ground::text::{Lens, TextError, disturbs};
use qkv::kernels::LaunchError;
use qkv::kernels::mirror::MirrorError;
use qkv::math::ops::ShapeError;
use qkv::math::tensor::{Axis, Shape};
use qkv::program::{AddressError, InputError, Name, StatementError};
use qkv::report::SelectionError;
use qkv::runtime::RuntimeError;
use qkv::session::{Amount, ComputeError};
use qkv::source::file::FileError;
use qkv::source::import::ImportError;
use qkv::source::lesson::LessonError;
use qkv::source::model::{FolderError, ModelError};
use qkv::source::sample::{EditError, Sample, SentenceError};
use qkv::study::heads::corpus::CorpusError;
use qkv::study::heads::{FilterError, ReadingError, StudyError};
use qkv::study::race::{NoTime, WorkError};
use qkv::study::scaling::ExperimentError;
use qkv::study::train::{KeptError, PairsError};

/// An error as plain data, under its name and with the exit code that it should have.
struct Case {
    name: &'static str,
    display: String,
    fault: Fault,
    exit: Exit,
}

/// One instance of every variant: a variant without one does not compile.
macro_rules! every {
    ($cases:ident, $error:ident { $($variant:ident => $exit:ident: $instance:expr),* $(,)? }) => {{
        let listed = |error: &$error| match error {
            $($error::$variant { .. } => concat!(stringify!($error), "::", stringify!($variant)),)*
        };
        $(
            let error: $error = $instance;
            let name = listed(&error);
            assert_eq!(name, concat!(stringify!($error), "::", stringify!($variant)), "another variant in its place");
            $cases.push(Case { name, display: error.to_string(), fault: error.into(), exit: Exit::$exit });
        )*
    }};
}

/// The same for an error that is a struct.
macro_rules! one {
    ($cases:ident, $exit:ident: $instance:expr) => {{
        let error = $instance;
        let name = stringify!($instance);
        $cases.push(Case { name, display: error.to_string(), fault: error.into(), exit: Exit::$exit });
    }};
}

fn words() -> Text {
    Text::new("这里", "here")
}

fn too_large() -> ComputeError {
    ComputeError::TooLarge { what: words(), needed: Amount::Bytes(512 << 20), limit: Amount::Bytes(100) }
}

fn of_programs(cases: &mut Vec<Case>) {
    let shape = Shape::matrix(Axis::Token.of(4), Axis::Model.of(8));
    let control = TextError::Control { found: '\u{1b}', at: 2 };
    every!(cases, TextError {
        Empty => Input: TextError::Empty,
        TooLong => Input: TextError::TooLong { found: 9999 },
        Control => Input: control,
        LongWord => Input: TextError::LongWord { found: 1001 },
        TooManyTokens => Input: TextError::TooManyTokens { found: 513, lens: Lens::Words },
    });
    every!(cases, ShapeError {
        Arity => Input: ShapeError::Arity { op: "matmul", expected: 2, found: 1 },
        Mismatch => Input: ShapeError::Mismatch { op: "matmul", left: shape, right: shape, rule: words() },
        Unfit => Input: ShapeError::Unfit { op: "split", shape, rule: words() },
    });
    every!(cases, StatementError {
        Form => Input: StatementError::Form { at: 3, expected: words() },
        Function => Input: StatementError::Function("sine".into()),
        Address => Input: AddressError::Form("Q".into()).into(),
        Tensor => Input: StatementError::Tensor("R".into()),
        Tie => Input: StatementError::Tie("weights.1[1,*]".into()),
        False => Input: StatementError::False { statement: "Q.1[1,1] = 3".into(), found: "2".into() },
    });
    every!(cases, InputError {
        Missing => Input: InputError::Missing { symbol: Name::H.into(), shape },
        Shape => Input: InputError::Shape { symbol: Name::H.into(), found: shape, expected: shape },
        NotFinite => Input: InputError::NotFinite { symbol: Name::H.into(), row: 1, column: 2 },
        WholeRowMasked => Input: InputError::WholeRowMasked { row: 3 },
    });
    every!(cases, AddressError {
        Form => Input: AddressError::Form("hm".into()),
        Which => Input: AddressError::Which {
            address: "weights[1,2]".into(), what: Text::new("头", "heads"), len: 4, first: "weights.1[1,2]".into()
        },
        Tensor => Input: AddressError::Tensor { name: "x".into(), known: "H, Q".into() },
        Outside => Input: AddressError::Outside { address: "Q.9[1,1]".into(), what: words(), len: 4 },
    });
    every!(cases, SelectionError {
        Stage => Input: SelectionError::Stage { name: "x".into(), known: "H, Q".into() },
        Outside => Input: SelectionError::Outside { what: words(), asked: 5, len: 4 },
        Whole => Input: SelectionError::Whole("--head"),
        Layer => Input: SelectionError::Layer { asked: 9, len: 6 },
        NoLayers => Input: SelectionError::NoLayers,
        WhichLayer => Input: SelectionError::WhichLayer { name: "weights".into(), layers: 6 },
    });
    let file = || "x.npz".to_owned();
    every!(cases, ImportError {
        File => Input: ModelError::Folder { file: file(), why: FolderError::Gone }.into(),
        Ending => Input: ImportError::Ending { file: "x.txt".into() },
        Zip => Input: ImportError::Zip { file: file(), message: words() },
        Nothing => Input: ImportError::Nothing { file: file(), found: vec!["logits".into()] },
        Array => Input: ImportError::Array { file: file(), array: "attention".into(), message: words() },
    });
    one!(cases, Input: EditError(words()));
    let wrong = |line| FileError { file: "x.toml".into(), line, column: 5, message: words() };
    one!(cases, Input: LessonError(vec![wrong(3)]));
    one!(cases, Input: FileError { file: "x.toml".into(), line: 3, column: 5, message: words() });
    every!(cases, SentenceError {
        Text => Input: SentenceError::Text(TextError::Empty),
        NoLexicon => Input: SentenceError::NoLexicon { sample: "x".into(), why: words() },
        Mask => Input: SentenceError::Mask { sample: "x".into(), expected: 4, found: 5 },
        Program => Input: SentenceError::Program(InputError::WholeRowMasked { row: 1 }.into()),
    });
}

fn of_models(cases: &mut Vec<Case>) {
    every!(cases, FolderError {
        Outside => Input: FolderError::Outside,
        Special => Input: FolderError::Special,
        Gone => Input: FolderError::Gone,
        Ends => Input: FolderError::Ends { wanted: 9 },
        System => Input: FolderError::System(words()),
    });
    let (file, tensor) = (|| String::from("model.safetensors"), || String::from("wte.weight"));
    every!(cases, ModelError {
        Missing => Input: ModelError::Missing { file: file(), why: words() },
        Folder => Input: ModelError::Folder { file: file(), why: FolderError::Special },
        TooLarge => Input: ModelError::TooLarge { file: file(), found: 9, most: 8 },
        Form => Input: ModelError::Form { file: file(), line: 1, column: 2, message: words() },
        Value => Input: ModelError::Value { file: file(), place: "model.type".into(), message: words() },
        Bytes => Input: ModelError::Bytes { file: file(), at: 8, message: words() },
        Tensor => Input: ModelError::Tensor { file: file(), tensor: tensor(), message: words() },
        NoTensor => Input: ModelError::NoTensor { file: file(), tensor: tensor() },
        NotFinite => Input: ModelError::NotFinite {
            file: file(), tensor: tensor(), row: 1, column: 2, found: "NaN".into()
        },
        Memory => Failed: ModelError::Memory { tensor: tensor(), needed: 1 << 40 },
        LongText => Input: ModelError::LongText { found: 9, most: 8 },
        TooManyPieces => Input: ModelError::TooManyPieces { found: 513, most: 512 },
        NoPiece => Input: ModelError::NoPiece { word: "x".into() },
    });
}

fn of_studies(cases: &mut Vec<Case>) {
    every!(cases, ReadingError {
        OneLayer => Input: ReadingError::OneLayer,
        TwoSentences => Input: ReadingError::TwoSentences,
    });
    every!(cases, FilterError {
        Metric => Input: FilterError::Metric("x".into()),
        Sign => Input: FilterError::Sign("entropy".into()),
        Number => Input: FilterError::Number("x".into()),
    });
    every!(cases, PairsError {
        File => Input: PairsError::File("expected `=`".into()),
        Unknown => Input: PairsError::Unknown("x".into()),
        Uneven => Input: PairsError::Uneven("x".into()),
    });
    every!(cases, KeptError {
        Form => Input: KeptError::Form("expected value".into()),
        Task => Input: KeptError::Task("x".into()),
        Tensor => Input: KeptError::Tensor("W_e".into()),
        Rates => Input: KeptError::Rates,
        Losses => Input: KeptError::Losses { steps: 3, losses: 2 },
    });
    every!(cases, CorpusError {
        Toml => Failed: CorpusError::Toml("expected `=`".into()),
        Format => Failed: CorpusError::Format("x".into()),
        Few => Failed: CorpusError::Few(3),
    });
    every!(cases, StudyError {
        Sentence => Failed: StudyError::Sentence { sentence: "a b".into(), why: TextError::Empty.into() },
        Run => NoAdapter: StudyError::Run(too_large().into()),
        BrokenOff => Failed: StudyError::BrokenOff,
    });
    every!(cases, ExperimentError {
        Features => Input: ExperimentError::Features(0),
        Pairs => Input: ExperimentError::Pairs(1),
    });
    every!(cases, WorkError {
        Nothing => Input: WorkError::Nothing("heads"),
        Uneven => Input: WorkError::Uneven { heads: 7, hidden: 256 },
        TooMuch => Input: WorkError::TooMuch(65536, 4096, 4096),
    });
    every!(cases, NoTime {
        Memory => Input: NoTime::Memory { needed: 8 << 30, free: 1 << 30 },
        NoAdapter => NoAdapter: NoTime::NoAdapter,
        TooSlow => Failed: NoTime::TooSlow,
        Device => NoAdapter: NoTime::from(too_large()),
        Wrong => Failed: NoTime::Wrong(0.1),
    });
}

fn of_machines(cases: &mut Vec<Case>) {
    one!(cases, Failed: LaunchError { version: "tiled", stage: "H" });
    every!(cases, MirrorError {
        Invalid => Failed: MirrorError::Invalid("expected `;`".into()),
        EntryPoints => Failed: MirrorError::EntryPoints(2),
        Unknown => Failed: MirrorError::Unknown("Tan".into()),
        TooLong => Failed: MirrorError::TooLong,
    });
    every!(cases, ComputeError {
        NoAdapter => NoAdapter: ComputeError::NoAdapter(words()),
        Open => NoAdapter: ComputeError::Open { adapter: "llvmpipe".into(), why: "busy".into() },
        SelfTest => NoAdapter: ComputeError::SelfTest { adapter: "llvmpipe".into(), why: words() },
        TooLarge => NoAdapter: too_large(),
        Unfit => NoAdapter: ComputeError::Unfit(words()),
        OutOfMemory => NoAdapter: ComputeError::OutOfMemory("full".into()),
        Refused => NoAdapter: ComputeError::Refused("no".into()),
        Lost => NoAdapter: ComputeError::Lost("gone".into()),
        Timeout => NoAdapter: ComputeError::Timeout(Duration::from_secs(30)),
    });
    every!(cases, NoFiles {
        Load => Input: NoFiles::Load("x".into()),
        Save => Failed: NoFiles::Save("x".into()),
    });
    let refused = || io::Error::from(io::ErrorKind::PermissionDenied);
    every!(cases, RuntimeError {
        NoTerminal => Failed: RuntimeError::NoTerminal(refused()),
        NoKeyboard => Failed: RuntimeError::NoKeyboard(refused()),
        NoSignals => Failed: RuntimeError::NoSignals(refused()),
        NoThread => Failed: RuntimeError::NoThread("worker", refused()),
        Died => Failed: RuntimeError::Died("worker", "rehearsed".into()),
        Terminal => Failed: RuntimeError::Terminal(refused()),
    });
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    of_programs(&mut cases);
    of_models(&mut cases);
    of_studies(&mut cases);
    of_machines(&mut cases);
    cases
}

fn is_chinese(words: &str) -> bool {
    words.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
}

#[test]
fn every_error_speaks_both_languages_and_ends_with_its_code() {
    for Case { name, display, fault, exit } in cases() {
        let Text { zh, en } = fault.words();
        assert!(is_chinese(zh), "{name}: {zh}");
        assert!(!en.is_empty() && !is_chinese(en), "{name}: {en}");
        for words in [zh, en] {
            assert_eq!(words.trim(), words.as_ref(), "{name}: blanks at an end");
            assert!(!words.contains(disturbs) && !words.contains("  "), "{name}: {words:?}");
        }
        assert_eq!(display, *en, "{name}: what it says as an error");
        assert_eq!(fault.exit(), exit, "{name}");
    }
}

/// Errors of the binary and of private rooms, checked beside their definitions.
const CHECKED_BESIDE: [&str; 7] =
    ["LoadError", "SaveError", "CommandError", "ValueError", "Refusal", "NotesError", "TrainError"];

/// The carrier of all others.
const NONE_OF_THEM: [&str; 1] = ["Fault"];

#[test]
fn no_error_type_is_left_out() {
    let table = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/errors.rs")).unwrap();
    let mut found = 0;
    for path in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        let source = fs::read_to_string(&path).unwrap();
        let source = source.split("#[cfg(test)]").next().unwrap();
        assert!(!has_string_error(source), "{}: a String as an error", path.display());
        for (at, _) in source.match_indices("thiserror::Error)]") {
            let kind = |word: &&str| matches!(*word, "enum" | "struct");
            let name = source[at..].split_whitespace().skip_while(|word| !kind(word)).nth(1).unwrap();
            let name = name.split(|c: char| !c.is_alphanumeric()).next().unwrap();
            if NONE_OF_THEM.contains(&name) {
                continue;
            }
            found += 1;
            assert!(source.contains(&format!("impl Failure for {name} ")), "{name} has no words");
            let listed = table.contains(&format!("every!(cases, {name} ")) || table.contains(&format!(": {name}"));
            assert!(listed || CHECKED_BESIDE.contains(&name), "{name} is in no table");
        }
    }
    assert!(found > 20, "{found} errors were found");
}

/// Whether a `Result` has a `String` where its error belongs.
fn has_string_error(source: &str) -> bool {
    source.match_indices("Result<").any(|(at, _)| {
        let (mut depth, mut second) = (0, false);
        let inside = source[at + 7..].char_indices().find_map(|(i, c)| {
            match c {
                '<' | '(' | '[' => depth += 1,
                '>' if depth == 0 => return Some(i),
                '>' | ')' | ']' => depth -= 1,
                ',' if depth == 0 => second = true,
                _ => {}
            }
            None
        });
        inside.is_some_and(|end| second && source[at + 7..at + 7 + end].trim().ends_with(", String"))
    })
}

#[test]
fn a_string_in_an_errors_place_is_found() {
    for bad in ["fn f() -> Result<(), String> {", "Option<Result<f32, String>>", "Result<Vec<(u8, String)>, String>"] {
        assert!(has_string_error(bad), "{bad}");
    }
    for good in ["Result<String, Fault>", "Result<(Group, Vec<At<String>>), Refusal>", "Result<String>, String"] {
        assert!(!has_string_error(good), "{good}");
    }
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found
}

// ---- the real program

/// Runs the program on the CPU in a language.
fn qkv(lang: &str, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_qkv"));
    command.stdin(Stdio::null()).args(["--backend", "cpu", "--lang", lang]).args(args).output().unwrap()
}

#[test]
fn bad_input_is_refused_in_the_readers_language_with_2() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, contents: &str| {
        let path = folder.path().join(name);
        fs::write(&path, contents).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (no_toml, no_name) = (file("broken.toml", "heads = ["), file("empty.toml", ""));
    let huge = folder.path().join("huge.toml");
    fs::File::create(&huge).unwrap().set_len(1 << 40).unwrap();
    let (huge, folder) = (huge.to_str().unwrap(), folder.path().to_str().unwrap());
    let cases: [(&[&str], &str, &str); 33] = [
        (&["show", "--sample", &no_toml], "broken.toml:1:", "不是合格的 TOML"),
        (&["show", "--sample", &no_name], "is missing in the sample", "样例里缺少 `format`"),
        (&["show", "--sample", "tianmen"], "did you mean `tiananmen`?", "是不是 `tiananmen`？"),
        (&["show", "--sample", folder], "is a directory", "是目录"),
        (&["show", "--sample", "/dev/null"], "is a pipe or a device", "是管道或设备"),
        (&["show", "--sample", huge], "is larger than", "样例没有这么大的"),
        (&["explain", "weights"], "is not an address", "不是地址"),
        (&["explain", "weights.9[1,1]"], "lies outside: the head goes from 1 to 4", "头从 1 到 4"),
        (&["explain", "wieghts[1,1]"], "there is no `wieghts` here", "这里没有「wieghts」"),
        (
            &["explain", "--sample", Sample::BATCH, "context.1[1,1]@1", "--depth", "9"],
            "choose a smaller one",
            "请改小一点",
        ),
        (&["explain", "weights[1,2]"], "in any of 4 heads; say in which, such as weights.1[1,2]", "有 4 个头"),
        (&["explain", "--sample", Sample::BATCH, "Q.2[1,1]"], "in any of 64 sentences", "有 64 个句子"),
        (&["explain", "H[1,1]", "--depth", "0"], "a whole number from 1 on was expected", "要写 1 以上的整数"),
        (&["--sede", "1"], "there is no option `--sede`; did you mean --seed?", "没有选项「--sede」；是不是 --seed？"),
        (&["--zzz"], "--help lists all", "有哪些见 --help"),
        (&["dance"], "there is no command `dance`", "没有命令「dance」"),
        (&["shwo"], "did you mean show?", "是不是 show？"),
        (&["explain"], "<ADDRESS> is missing", "还缺 <地址>"),
        (&["explain", "a", "b"], "`b` is one word too many", "「b」是多出来的"),
        (
            &["show", "--format", "xml"],
            "cannot be `xml`; possible values: table, json",
            "不能是「xml」；可选：table、json",
        ),
        (&["show", "--format"], "--format needs a value behind it", "--format 后面要跟一个值"),
        (&["--seed", "x"], "--seed cannot be `x`: a whole number was expected", "--seed 不能是「x」：要写一个整数"),
        (&["--seed", "1", "--seed", "2"], "--seed stands twice", "--seed 写了两次"),
        (&["--ascii=1"], "--ascii takes no value", "--ascii 后面不跟值"),
        (&["bench", "--tokens", "0"], "a whole number from 1 to 4096", "要写 1 到 4096 的整数"),
        (&["picture", "--cell", "x"], "write a row and a column", "要写行和列"),
        (&["--sample", "-", "--text", "-"], "exclude each other", "只能用一个"),
        (&["show", "--stage", "wieghts"], "there is no stage `wieghts`", "没有阶段「wieghts」"),
        (&["show", "--head", "5"], "there is no head 5", "没有头 5"),
        (&["picture", "--cell", "9,9"], "there is no row 9", "没有行 9"),
        (&["show", "--text", ""], "--text: the sentence is empty", "--text: 句子是空的"),
        (&["bench", "--heads", "7", "--hidden", "256"], "7 heads cannot share", "不能由 7 个头平分"),
        (&["bench", "--batch", "65536", "--tokens", "4096"], "are too many", "太多了"),
    ];
    for (args, en, zh) in cases {
        for (lang, words) in [("en", en), ("zh", zh)] {
            let output = qkv(lang, args);
            let said = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
            assert!(said.contains(words), "{args:?} {lang}: no `{words}` in {said}");
            assert!(output.stdout.is_empty() && said.lines().count() == 1, "{args:?}: {said}");
            assert_eq!(is_chinese(&said), lang == "zh", "{args:?}: {said}");
        }
    }
}

#[test]
#[cfg(unix)]
fn a_file_that_cannot_be_read_is_named_with_the_systems_reason() {
    // A path through a file is refused to everybody, root included.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file.toml");
    fs::write(&file, "").unwrap();
    let through = file.join("x.toml");
    for (lang, words) in [("en", "cannot be read: Not a directory"), ("zh", "读不了：路径中有一段不是目录")]
    {
        let output = qkv(lang, &["show", "--sample", through.to_str().unwrap()]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(words), "no `{words}` in {said}");
    }
}

/// An escape sequence that would set the title of a terminal, a C1 control, and a turn of the direction of writing.
const HOSTILE: &str = "bad\u{1b}]0;x\u{7}\u{9b}31m\u{202e}\nqkv: forged";

#[test]
fn nothing_that_is_quoted_reaches_the_terminal_raw() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join(HOSTILE);
    let path = if cfg!(unix) { inside.to_str().unwrap() } else { HOSTILE };
    if cfg!(unix) {
        fs::write(&inside, "heads = [").unwrap();
    }
    for args in [
        &["show", "--sample", HOSTILE][..],
        &["show", "--sample", path],
        &["show", "--stage", HOSTILE],
        &["explain", HOSTILE],
        &["explain", &format!("{HOSTILE}[1,1]")],
        &["explain", &format!("Q.9[{HOSTILE},1]")],
        &["show", "--text", HOSTILE],
        &["show", "--format", HOSTILE],
        &[HOSTILE],
        &["bench", "--only", HOSTILE],
        &["picture", "--cell", HOSTILE],
    ] {
        for lang in ["zh", "en"] {
            let output = qkv(lang, args);
            let said = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(2), "{args:?}: {said:?}");
            let raw: Vec<char> = said.chars().filter(|&c| c != '\n' && disturbs(c)).collect();
            assert!(raw.is_empty() && !said.is_empty(), "{args:?}: {raw:?} in {said:?}");
        }
    }
    let output = qkv("en", &["show", "--sample", HOSTILE]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains(r"`bad\u{1b}]0;x\u{7}\u{9b}31m\u{202e}\u{a}qkv: forged`"), "{said}");
}

#[test]
fn the_doctor_prints_no_variable_raw() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_qkv"));
    command.stdin(Stdio::null()).args(["--backend", "cpu", "doctor"]);
    command.env_remove("LC_ALL").env_remove("LC_MESSAGES").env("LANG", HOSTILE).env("TERM", HOSTILE);
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(said.matches(r"bad\u{1b}]0;x\u{7}").count(), 2, "{said:?}");
    assert!(!said.contains(|c| c != '\n' && disturbs(c)) && !said.contains("\nqkv: forged"), "{said:?}");
}

#[test]
fn a_sample_that_is_refused_says_where_in_both_languages() {
    let error = Sample::parse("format = \"qkv-sample/1\"\nheads = 0\nhaeds = 1\n", "x.toml").unwrap_err();
    assert_eq!((error.line, error.column), (3, 1));
    let Text { zh, en } = error.words();
    assert_eq!(en, "x.toml:3:1: unknown key `haeds` in the sample; did you mean `heads`?");
    assert_eq!(zh, "x.toml:3:1: 样例里有不认识的键 `haeds`；是不是 `heads`？");
}
