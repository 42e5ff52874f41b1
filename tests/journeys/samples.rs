//! Opening samples from inside, the good and the bad.

use std::fs;
use std::process::Command;

use qkv::source::sample::Sample;

use crate::terminal::{PLAIN, Setting, Terminal};

/// What a person reads, however the screen breaks its lines.
fn read(words: &str) -> String {
    words.split_whitespace().collect()
}

/// What a person reads beside the list of stages.
fn read_beside(screen: &str) -> String {
    screen.lines().map(|line| read(line.split_once('│').map_or(line, |(_, beside)| beside))).collect()
}

#[test]
fn from_the_list() {
    let mut terminal = Terminal::open();
    terminal.wait_for("every cell checked");
    terminal.press("o");
    terminal.wait_for("open a sample");
    terminal.press("\x1b[B\x1b[B\r");
    terminal.wait_for("h1 h2");
    terminal.wait_until_gone("open a sample");
    terminal.wait_for("2 words × 2 dims × 1 head");
    terminal.wait_for("every cell checked");
}

#[test]
fn every_built_in_one_by_name() {
    let mut terminal = Terminal::open();
    terminal.wait_for("every cell checked");
    for name in Sample::names().skip(1) {
        let sample = Sample::builtin(name).unwrap().unwrap();
        terminal.command(&format!("sample {name}"));
        terminal.wait_for(&format!("qkv  {}", sample.text));
        terminal.wait_for("every cell checked");
    }
}

#[test]
fn a_name_that_is_none_loses_nothing() {
    let mut terminal = Terminal::open();
    terminal.wait_for("every cell checked");
    terminal.press("5..");
    terminal.wait_for("scores.3[");
    terminal.command("sample nonsense");
    terminal.wait_for_all(&["there is no sample and no file `nonsense`", "我爱北京天安门", "3 city and landmark"]);
    // What was typed stays to be mended; Esc leaves it, and the walk is where it was.
    terminal.press("\x1b");
    terminal.wait_until_gone("nonsense");
    terminal.press(",");
    terminal.wait_for("scores.2[");
}

#[test]
fn a_line_that_is_no_command_stays_to_be_mended() {
    let mut terminal = Terminal::open();
    terminal.wait_for("every cell checked");
    terminal.press(":satge 5\r");
    terminal.wait_for_all(&["there are: sample model import layer", ":satge 5"]);
    // Ctrl-A, one character to the right, away with `a`, one more to the right, and there it belongs.
    terminal.press("\x01\x1b[C\x1b[3~\x1b[Ca\r");
    terminal.wait_for("scores.1[");
}

/// A file that is good, to be spoiled.
const GOOD: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/samples/h1h2.toml"));

fn spoiled(from: &str, to: &str) -> Vec<u8> {
    assert!(GOOD.contains(from), "{from} is not in the file");
    GOOD.replacen(from, to, 1).into_bytes()
}

#[test]
fn a_bad_file_is_refused_at_its_place() {
    let long_line = format!("{}\nname = \"{}\"\n", GOOD.lines().next().unwrap(), "x".repeat(10 << 20));
    let mut not_text = GOOD.as_bytes().to_vec();
    not_text.insert(GOOD.find("h1 h2").unwrap(), 0xFF);
    let files = [
        ("nan", spoiled("[1, 2],", "[1, nan],"), "nan.toml:29:"),
        ("infinite", spoiled("[1, 2],", "[1, inf],"), "infinite.toml:29:"),
        ("ragged", spoiled("[1, 0, -1, 1]", "[1, 0, -1]"), "ragged.toml:34:"),
        ("unknown", spoiled("heads = 1", "haeds = 1"), "unknown.toml:24:1: unknown key `haeds`"),
        ("shape", spoiled("  [2, 0],  # h2\n", ""), "shape.toml:28:"),
        ("empty", spoiled("tokens = [\"h1\", \"h2\"]", "tokens = []"), "empty.toml:23:"),
        ("heads", spoiled("heads = 1", "heads = 0"), "heads.toml:24:"),
        ("long", long_line.into_bytes(), "long.toml:"),
        ("bytes", not_text, "bytes.toml:22:9: byte 0xFF is not UTF-8"),
        ("nothing", Vec::new(), "nothing.toml:1:1:"),
    ];
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::with(&Setting { size: (80, 24), directory: Some(folder.path()), ..PLAIN });
    terminal.wait_for("every cell checked");
    terminal.press("5.");
    terminal.wait_for("scores.2[");
    for (name, bytes, place) in files {
        let file = format!("{name}.toml");
        fs::write(folder.path().join(&file), &bytes).unwrap();
        let complaint = Sample::from_bytes(&bytes, &file).unwrap_err().to_string();
        assert!(complaint.starts_with(place), "{complaint}");
        terminal.command(&format!("sample {file}"));
        // All of it: a message that is cut has not been given.
        terminal.wait_until(&complaint, |screen| read_beside(&screen.contents()).contains(&read(&complaint)));
        terminal.wait_for_all(&["我爱北京天安门", "scores = Q"]);
        terminal.press("\x1b");
        terminal.wait_until_gone(":sample");
    }
    terminal.command("sample absent.toml");
    terminal.wait_for("there is no sample and no file `absent.toml`");
    // The line stays: it is emptied, and another name is typed.
    terminal.press("\x15sample .\r");
    terminal.wait_for(". is a directory without a config.json");
    terminal.press("\x1b");
    terminal.wait_until_gone(":sample");

    // After all that, a good one still opens.
    fs::write(folder.path().join("good.toml"), GOOD).unwrap();
    terminal.command("sample good.toml");
    terminal.wait_for("qkv  h1 h2");
    terminal.wait_for("every cell checked");
    terminal.press("q");
    assert!(terminal.left_in_order().status.success());
}

/// `:sample /dev/stdin` would read the keys away from the screen.
#[test]
fn only_ordinary_files_are_read_as_samples() {
    let folder = tempfile::tempdir().unwrap();
    let made = Command::new("mkfifo").arg(folder.path().join("pipe")).status().unwrap();
    assert!(made.success());
    let mut terminal = Terminal::with(&Setting { directory: Some(folder.path()), ..PLAIN });
    terminal.wait_for("every cell checked");
    for name in ["pipe", "/dev/stdin", "/dev/tty", "/dev/zero"] {
        terminal.command(&format!("sample {name}"));
        terminal.wait_for(&format!("{name} is a pipe or a device"));
        terminal.press("\x1b");
        terminal.wait_until_gone("is a pipe or a device");
    }
    terminal.press("q");
    assert!(terminal.left_in_order().status.success());
}

/// A limit on the size of files stands for a disk that is full: both are found out in the middle of writing.
#[test]
fn a_full_disk_leaves_no_half_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let script = "trap '' XFSZ; ulimit -f 1; exec \"$@\"";
    let mut terminal =
        Terminal::with(&Setting { size: (160, 40), directory: Some(folder.path()), script: Some(script), ..PLAIN });
    terminal.wait_for("every cell checked");
    for _ in 0..2 {
        terminal.command("save walk.toml");
        terminal.wait_for("walk.toml cannot be written");
        terminal.press("\x1b");
        terminal.wait_until_gone("walk.toml");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    terminal.press("q");
    assert!(terminal.left_in_order().status.success());
}

#[test]
fn a_pipe_that_nobody_fills_does_not_hold_the_keys() {
    let folder = tempfile::tempdir().unwrap();
    let made = Command::new("mkfifo").arg(folder.path().join("pipe")).status().unwrap();
    assert!(made.success());
    let mut terminal = Terminal::with(&Setting { directory: Some(folder.path()), ..PLAIN });
    terminal.wait_for("every cell checked");
    terminal.command("sample pipe");
    terminal.wait_for(":sample pipe");
    terminal.press("\x1b");
    terminal.wait_until_gone(":sample pipe");
    terminal.press("5");
    terminal.wait_for("scores.1[");
    terminal.press("q");
    assert!(terminal.left_in_order().status.success());
}
