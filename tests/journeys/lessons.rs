//! Lessons in a real terminal: every one played to its end, the speaker's notes followed, a file seen as soon as it is saved.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use qkv::engine::{Builtin, Driver};
use qkv::source::lesson::{BUILTIN, Lesson, TEMPLATE};

use crate::terminal::{PLAIN, Setting, Terminal};

fn read(name: &str) -> Lesson {
    Driver::new(Builtin).lesson(name).unwrap()
}

/// Where one is in a lesson, as its rule says it.
fn place(step: usize, lesson: &Lesson) -> String {
    format!(" {step}/{} ", lesson.steps.len())
}

const PAGE_DOWN: &str = "\u{1b}[6~";

/// What a key sends to the program.
fn sent(key: &str) -> &str {
    match key {
        "Esc" => "\u{1b}",
        "Enter" => "\r",
        "Space" => " ",
        "Tab" => "\t",
        "Up" => "\u{1b}[A",
        "Down" => "\u{1b}[B",
        "Right" => "\u{1b}[C",
        "Left" => "\u{1b}[D",
        "Backspace" => "\u{7f}",
        key => key,
    }
}

/// Plays a lesson in a terminal, from its first step to its last.
fn play(name: &str, state: &str) {
    let lesson = read(name);
    let args = ["--backend", "cpu", "--theme", "dark", "--lesson", name];
    let mut terminal = Terminal::with(&Setting { args: &args, variables: &[("XDG_STATE_HOME", state)], ..PLAIN });
    for (n, step) in (1..).zip(&lesson.steps) {
        terminal.wait_for(&place(n, &lesson));
        if let Some(wait) = &step.wait {
            terminal.wait_for("do it yourself");
            for key in &wait.keys.value {
                terminal.press(sent(key));
            }
            terminal.wait_for("done; PgDn goes on");
        } else if step.ask.is_some() {
            terminal.wait_for("PgDn asks you about it");
            // Asked, and passed over.
            terminal.press(PAGE_DOWN);
            terminal.wait_until("the question", |screen| screen.contents().contains("predict first"));
        }
        terminal.press(PAGE_DOWN);
    }
    terminal.wait_for("that was the last step");
    // Out of what the last step has open, and out.
    terminal.press("\u{3}");
    terminal.left_in_order();
}

#[test]
fn every_lesson_is_played_to_its_end() {
    let state = tempfile::tempdir().unwrap();
    let folder = state.path().to_str().unwrap();
    for builtin in BUILTIN {
        play(builtin.name(), folder);
    }
    let learned = std::fs::read_to_string(state.path().join("qkv").join("learned.json")).unwrap();
    assert_eq!(learned.matches("\"finished\": true").count(), BUILTIN.len(), "{learned}");
}

#[test]
fn the_notes_of_a_lesson_are_followed_in_a_second_terminal() {
    let session = tempfile::tempdir().unwrap();
    let folder = session.path().to_str().unwrap();
    let variables = [("XDG_RUNTIME_DIR", folder), ("XDG_STATE_HOME", folder)];
    let args = ["present", "which-axis", "--backend", "cpu"];
    let mut terminal = Terminal::with(&Setting { args: &args, variables: &variables, ..PLAIN });
    terminal.wait_for(" 1/");
    let mut notes = Command::new(env!("CARGO_BIN_EXE_qkv"));
    let notes = notes.args(["notes", "--lang", "en"]).envs(variables).stdout(Stdio::piped()).spawn();
    let mut notes = notes.unwrap();
    let mut lines = BufReader::new(notes.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line.contains("step 1/")));
    terminal.press(PAGE_DOWN);
    terminal.press(PAGE_DOWN);
    assert!(lines.any(|line| line.contains("step 2/")));
    terminal.press("\u{3}");
    terminal.left_in_order();
    // The lesson is over, and so are its notes.
    assert!(notes.wait().unwrap().success());
    assert!(!session.path().join("qkv-notes.sock").exists());
}

#[test]
fn a_lesson_is_read_anew_when_it_is_saved_and_kept_when_it_is_broken() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.toml");
    std::fs::write(&path, TEMPLATE.source).unwrap();
    let args = ["--backend", "cpu", "--theme", "dark", "--lesson", path.to_str().unwrap()];
    let state = folder.path().to_str().unwrap();
    let mut terminal = Terminal::with(&Setting { args: &args, variables: &[("XDG_STATE_HOME", state)], ..PLAIN });
    terminal.wait_for("This sentence has");
    terminal.press(PAGE_DOWN);
    terminal.wait_for(" 2/4 ");
    std::fs::write(&path, TEMPLATE.source.replace("it divides one share", "it shares one whole")).unwrap();
    terminal.wait_for("it shares one whole");
    terminal.wait_for(" 2/4 ");
    std::fs::write(&path, TEMPLATE.source.replace("minutes = 5", "minutes = 0")).unwrap();
    terminal.wait_for("minutes is 0");
    terminal.wait_for("it shares one whole");
    terminal.press("\u{3}");
    terminal.left_in_order();
}
