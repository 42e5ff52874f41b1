//! The documents tell the truth: links lead somewhere, files exist, commands are understood, outputs are real.

#![expect(clippy::unwrap_used, reason = "a check that cannot go on should stop")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use qkv::app::keys;
use qkv::engine::Engine;
use qkv::explain;
use qkv::ground::lang::Lang;
use qkv::math::tensor::Cell;
use qkv::program::{Address, Name, Trace, labels};
use qkv::source::sample::Sample;
use qkv::study::quiz;

/// The root of the repository.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every document: those beside Cargo.toml and those in docs/.
fn documents() -> Vec<PathBuf> {
    let in_folder = |folder: &Path| {
        let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        paths.filter(|path| path.extension().is_some_and(|ending| ending == "md")).collect::<Vec<_>>()
    };
    let found = [in_folder(root()), in_folder(&root().join("docs"))].concat();
    assert!(found.len() >= 8, "{found:?}");
    found
}

#[test]
fn the_keys_are_those_of_the_table() {
    let path = root().join("docs/KEYS.md");
    let generated = keys::markdown();
    if std::env::var_os("QKV_UPDATE_DOCS").is_some() {
        fs::write(&path, &generated).unwrap();
    }
    let stored = fs::read_to_string(&path).unwrap_or_default();
    assert!(stored == generated, "docs/KEYS.md is out of date: QKV_UPDATE_DOCS=1 cargo test --test docs");
}

/// A picture without the line that says who computed it.
fn without_verdict(picture: &str) -> Vec<&str> {
    let last_but_one = picture.lines().filter(|line| line.starts_with("<text")).count().saturating_sub(2);
    let mut texts = 0..;
    picture.lines().filter(|line| !line.starts_with("<text") || texts.next() != Some(last_but_one)).collect()
}

/// README.md says of each of its pictures how it was made: `qkv … picture … > docs/NAME.svg`. Those of a real model are compared
/// where `QKV_MODEL` names its folder.
#[test]
fn the_pictures_are_those_of_the_program() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let made = readme.split('`').filter_map(|code| code.strip_prefix("qkv --lang ")?.split_once(" > docs/"));
    let mut names = Vec::new();
    for (arguments, file) in made {
        let arguments = words(&format!("--lang {arguments}"));
        let of_model = arguments.iter().position(|word| word == "--model").map(|option| option + 1);
        let learned = arguments.iter().any(|word| word.starts_with("t "));
        match (of_model, std::env::var("QKV_MODEL")) {
            (None, _) if learned => picture_is_alike(&root().join("docs").join(file), &arguments),
            (None, _) => picture_is_current(&root().join("docs").join(file), &arguments),
            (Some(at), Ok(folder)) => {
                let mut arguments = arguments;
                arguments[at] = folder;
                picture_is_current(&root().join("docs").join(file), &arguments);
            }
            (Some(_), Err(_)) => assert!(root().join("docs").join(file).exists(), "docs/{file}"),
        }
        assert!(readme.contains(&format!("(docs/{file})")), "README.md shows {file}");
        names.push(file.to_owned());
    }
    for lang in ["zh", "en"] {
        for name in ["screen", "pictures/product", "pictures/microscope", "pictures/heads", "pictures/lens"] {
            assert!(names.contains(&format!("{name}.{lang}.svg")), "{names:?}");
        }
    }
}

/// The words of a command line; what stands between quotes is one.
fn words(line: &str) -> Vec<String> {
    let parts = line.split('"').enumerate();
    let words = parts.flat_map(|(n, part)| match n % 2 {
        0 => part.split_whitespace().map(str::to_owned).collect(),
        _ => vec![part.to_owned()],
    });
    words.collect()
}

/// A picture of the program as it is stored beside the documents, compared with what the program draws now.
fn picture_is_current(path: &Path, arguments: &[String]) {
    if std::env::var_os("QKV_UPDATE_DOCS").is_some() {
        let drawn = Command::new(env!("CARGO_BIN_EXE_qkv")).args(arguments).output().unwrap();
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, drawn.stdout).unwrap();
    }
    let stored = fs::read_to_string(path).unwrap_or_default();
    let (drawn, _) = qkv(arguments);
    let same = without_verdict(&stored) == without_verdict(&drawn);
    assert!(same, "{} is out of date: QKV_UPDATE_DOCS=1 cargo test --test docs", path.display());
}

/// The same for numbers that were learned, which other processors round otherwise: the same words in the same places.
fn picture_is_alike(path: &Path, arguments: &[String]) {
    if std::env::var_os("QKV_UPDATE_DOCS").is_some() {
        return picture_is_current(path, arguments);
    }
    let words = |picture: &str| -> Vec<String> {
        let text = |line: &str| {
            let inside = line.split('<').filter_map(|part| part.split_once('>')).map(|(_, words)| words);
            inside.collect::<String>().chars().filter(|c| c.is_alphabetic() || c.is_whitespace()).collect::<String>()
        };
        without_verdict(picture).into_iter().filter(|line| line.starts_with("<text")).map(text).collect()
    };
    let stored = fs::read_to_string(path).unwrap_or_default();
    let (drawn, _) = qkv(arguments);
    assert!(!words(&stored).is_empty(), "{}", path.display());
    assert_eq!(words(&stored), words(&drawn), "{}: QKV_UPDATE_DOCS=1 cargo test --test docs", path.display());
}

/// The whole default sample, stage by stage: what happens, the arithmetic of one number, the picture.
fn walk() -> (String, Vec<(String, Vec<String>)>) {
    let sample = Sample::builtin(Sample::DEFAULT).unwrap().unwrap();
    let run = Engine::new().run(&sample.program, &sample.inputs).unwrap();
    let program = &sample.program;
    let (mut text, mut pictures) = (WALK.to_owned(), Vec::new());
    let slots =
        program.find(None, Name::H).into_iter().chain((0..program.stages().len()).map(|i| program.output_of(i)));
    for (n, slot) in slots.enumerate() {
        let (symbol, label) = (program.symbol(slot), labels::of(program, slot));
        let formula = if label.formula.is_empty() { String::new() } else { format!(": {}", label.formula) };
        let _ = write!(text, "\n## {} {symbol}{formula}\n", n + 1);
        let cell = Trace::nearest(&program.shape(slot), Cell { batch: 0, head: 1, row: 1, col: 3 });
        for (lang, says) in [(Lang::Zh, &label.says.zh), (Lang::En, &label.says.en)] {
            let names = sample.names_in(lang);
            let address = Address { slot, cell };
            let line = explain::arithmetic(program, &run.trace, address, &names);
            let line: String = line.into_iter().map(|piece| piece.text).collect();
            let look = explain::look(program, &run.trace, address, &names);
            let name = format!("walk/{:02}-{symbol}.{}.svg", n + 1, if lang == Lang::Zh { "zh" } else { "en" });
            let _ = write!(text, "\n{says} {look}\n\n    {line}\n\n![{symbol}]({name})\n");
            let place = format!("{},{}", cell.row + 1, cell.col + 1);
            let lang = if lang == Lang::Zh { "zh" } else { "en" };
            let args =
                ["--lang", lang, "picture", "--stage", symbol.name.as_str(), "--size", "100x30", "--cell", &place];
            let head = program.shape(slot).heads.map(|_| ["--head".to_owned(), (cell.head + 1).to_string()]);
            pictures.push((name, args.map(String::from).into_iter().chain(head.into_iter().flatten()).collect()));
        }
    }
    (text, pictures)
}

/// How the walk begins.
const WALK: &str = "# 走一遍 · A walk

我爱北京天安门，从词向量到输出，一步一幅图。第 2 个头里动词找它的宾语；光标停在「爱」看「天安门」的地方。自己走：`qkv`，按 `n`。

我爱北京天安门, from word vectors to the output, one picture a step. In head 2 a verb looks for its object; the cursor is where 爱 (love) looks
at 天安门 (Tiananmen). To walk it yourself: `qkv`, and press `n`.

Generated by `tests/docs.rs`; `QKV_UPDATE_DOCS=1 cargo test --test docs` writes it anew.
";

#[test]
fn the_walk_is_that_of_the_program() {
    let path = root().join("docs/WALK.md");
    let (text, pictures) = walk();
    assert_eq!(pictures.len(), 22, "eleven pages in two languages");
    for (name, arguments) in pictures {
        picture_is_current(&root().join("docs").join(name), &arguments);
    }
    if std::env::var_os("QKV_UPDATE_DOCS").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let stored = fs::read_to_string(&path).unwrap_or_default();
    assert!(stored == text, "docs/WALK.md is out of date: QKV_UPDATE_DOCS=1 cargo test --test docs");
}

/// The tables of docs/QUIZ.md: the kinds of questions, and what is commonly misunderstood.
fn questions() -> [(&'static str, String); 2] {
    let mut kinds = String::from("| 题型 · kind | | | 在哪些页上 · on the pages of |\n|---|---|---|---|\n");
    for quiz::Kind { name, title, stages, .. } in quiz::KINDS {
        let stages: Vec<String> = stages.iter().map(|stage| format!("`{stage}`")).collect();
        let _ = writeln!(kinds, "| `{name}` | {} | {} | {} |", title.zh, title.en, stages.join(" "));
    }
    let mut misread = String::from("| 误解 · misconception | | |\n|---|---|---|\n");
    for one in quiz::Misconception::ALL {
        let _ = writeln!(misread, "| `{}` | {} | {} |", one.as_str(), one.says().zh, one.says().en);
    }
    [("kinds", kinds), ("misconceptions", misread)]
}

#[test]
fn the_questions_are_those_of_the_tables() {
    let path = root().join("docs/QUIZ.md");
    let mut text = fs::read_to_string(&path).unwrap();
    for (name, table) in questions() {
        let (before, rest) = text.split_once(&format!("<!-- {name} -->\n")).unwrap();
        let (_, after) = rest.split_once("<!-- end -->").unwrap();
        text = format!("{before}<!-- {name} -->\n{table}<!-- end -->{after}");
    }
    if std::env::var_os("QKV_UPDATE_DOCS").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let stored = fs::read_to_string(&path).unwrap();
    assert!(stored == text, "docs/QUIZ.md is out of date: QKV_UPDATE_DOCS=1 cargo test --test docs");
}

/// What stands between two signs, as often as it does.
fn between<'a>(text: &'a str, start: &str, end: char) -> Vec<&'a str> {
    let found = text.match_indices(start).map(|(at, _)| &text[at + start.len()..]);
    found.filter_map(|rest| rest.split_once(end).map(|(inside, _)| inside)).collect()
}

#[test]
fn every_link_leads_somewhere() {
    let mut seen = 0;
    for path in documents() {
        let text = fs::read_to_string(&path).unwrap();
        for link in between(&text, "](", ')').into_iter().filter(|link| !link.starts_with("http")) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            assert!(target.exists(), "{}: {link} leads nowhere", path.display());
            if !anchor.is_empty() {
                let named = format!("<a id=\"{anchor}\">");
                assert!(fs::read_to_string(&target).unwrap().contains(&named), "{}: no {anchor}", target.display());
            }
            seen += 1;
        }
    }
    assert!(seen > 20, "only {seen} links were found");
}

/// Files of an example that a reader makes anew: `src/math/ops/x.rs`, `my.toml`.
fn is_placeholder(file: &str) -> bool {
    Path::new(file).file_stem().is_some_and(|stem| stem == "x")
}

#[test]
fn every_file_that_is_named_exists() {
    let mut seen = 0;
    for path in documents() {
        let text = fs::read_to_string(&path).unwrap();
        for name in text.split('`').skip(1).step_by(2) {
            let of_ours = ["src/", "tests/", "docs/", "shaders/", "samples/", "benches/"];
            let is_path = of_ours.iter().any(|folder| name.starts_with(folder)) && !name.contains([' ', '*', '<']);
            if is_path && !is_placeholder(name) {
                assert!(root().join(name).exists(), "{}: there is no {name}", path.display());
                seen += 1;
            }
        }
    }
    assert!(seen > 30, "only {seen} files were found");
}

/// A command of the documents, and what they say it prints.
struct Example {
    place: String,
    command: String,
    prints: Option<Vec<String>>,
}

/// The commands inside fences: lines of `sh`, and in `console` those after `$ ` with their output.
fn examples() -> Vec<Example> {
    let mut found = Vec::new();
    for path in documents() {
        let text = fs::read_to_string(&path).unwrap();
        for block in text.split("```").skip(1).step_by(2) {
            let (language, body) = block.split_once('\n').unwrap_or((block, ""));
            for line in body.lines() {
                let command = match language {
                    "console" => line.strip_prefix("$ "),
                    "sh" => Some(line),
                    _ => None,
                };
                if let Some(command) = command {
                    let prints = (language == "console").then(Vec::new);
                    let place = path.file_name().unwrap().to_string_lossy().into_owned();
                    found.push(Example { place, command: command.to_owned(), prints });
                } else if let ("console", Some(example)) = (language, found.last_mut()) {
                    example.prints.iter_mut().for_each(|lines| lines.push(line.to_owned()));
                }
            }
        }
    }
    found
}

/// The arguments of a `qkv …` line as a shell would split them; none where the line is another program's.
fn arguments(command: &str) -> Option<Vec<String>> {
    let own = command.strip_prefix("qkv")?;
    let mut arguments = vec![String::new()];
    let mut quoted = false;
    for c in own.chars() {
        match c {
            '\'' => quoted = !quoted,
            '|' | '>' | '#' if !quoted => break,
            ' ' if !quoted => arguments.push(String::new()),
            c => arguments.last_mut().unwrap().push(c),
        }
    }
    arguments.retain(|argument| !argument.is_empty());
    Some(arguments)
}

fn qkv(arguments: &[String]) -> (String, Option<i32>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_qkv"));
    // The numbers are the same on every machine where no driver computes.
    let chosen = arguments.iter().any(|argument| argument == "--backend");
    let backend: &[&str] = if chosen { &[] } else { &["--backend", "cpu"] };
    let output = command.args(backend).args(arguments).env("LC_ALL", "en_US.UTF-8").output().unwrap();
    (String::from_utf8(output.stdout).unwrap(), output.status.code())
}

#[test]
fn every_command_is_understood() {
    let mut seen = 0;
    for Example { place, command, .. } in examples() {
        if let Some(mut arguments) = arguments(&command) {
            arguments.push("--help".into());
            assert_eq!(qkv(&arguments).1, Some(0), "{place}: {command}");
            seen += 1;
        }
    }
    assert!(seen > 20, "only {seen} commands were found");
}

/// Without the lines that say who computed, and without empty ends.
fn numbers<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    let lines: Vec<&str> = lines.filter(|line| !line.starts_with('#')).map(str::trim_end).collect();
    lines.join("\n").trim().to_owned()
}

#[test]
fn outputs_are_what_the_program_prints() {
    let mut seen = 0;
    for Example { place, command, prints } in examples() {
        if let (Some(arguments), Some(prints)) = (arguments(&command), prints) {
            let (printed, code) = qkv(&arguments);
            assert_eq!(code, Some(0), "{place}: {command}");
            let said = numbers(prints.iter().map(String::as_str));
            assert_eq!(numbers(printed.lines()), said, "{place}: {command}");
            seen += 1;
        }
    }
    assert!(seen > 10, "only {seen} outputs were found");
}
