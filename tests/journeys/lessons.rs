//! Lessons in a real terminal: every one played to its end, the speaker's notes followed, a file seen as soon as it is saved.

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
        "PgDn" => "\u{1b}[6~",
        key => key,
    }
}

#[test]
fn every_lesson_is_played_to_its_end() {
    for builtin in BUILTIN {
        let lesson = read(builtin.name());
        let mut terminal = Terminal::with(&Setting {
            args: &["--backend", "cpu", "--theme", "dark", "--lesson", builtin.name()],
            ..PLAIN
        });
        for (n, step) in (1..).zip(&lesson.steps) {
            terminal.wait_for(&place(n, &lesson));
            if let Some(wait) = &step.wait {
                // Some deeds need the numbers of the step before them.
                terminal.wait_for("do it yourself");
                for key in &wait.keys.value {
                    terminal.press(sent(key));
                    terminal.settle();
                }
                terminal.wait_for("done; PgDn goes on");
            }
            terminal.press(sent("PgDn"));
            if step.ask.is_some() {
                // The first press asks, the second goes on without an answer.
                terminal.settle();
                terminal.press(sent("PgDn"));
            }
        }
        terminal.wait_for("that was the last step");
        terminal.press(sent("Esc"));
        terminal.press("q");
        assert!(terminal.left_in_order().status.success(), "{}", builtin.file);
    }
}
