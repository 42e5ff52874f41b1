//! Learning in a real terminal: the theatre learns while keys are heard, and one step of learning is taken back.

use crate::terminal::{PLAIN, Setting, Terminal};

fn open(lang: &str) -> Terminal {
    let args = ["--backend", "cpu", "--theme", "dark", "--lang", lang];
    let terminal = Terminal::with(&Setting { args: &args, ..PLAIN });
    terminal.wait_for("我爱北京天安门");
    terminal
}

#[test]
fn a_transformer_learns_while_keys_are_heard() {
    let mut terminal = open("en");
    terminal.press("t");
    terminal.wait_for("Nothing is learned yet");
    terminal.press(" ");
    terminal.wait_for("it has emerged");
    terminal.wait_for("Learned.");
    // Back to the beginning, another task, and help over it all.
    terminal.press("\u{1b}[H");
    terminal.wait_for("an earlier moment");
    terminal.press("\t");
    terminal.wait_for("previous");
    terminal.wait_for("Nothing is learned yet");
    terminal.press(" ");
    terminal.press("?");
    terminal.wait_for("learn; press again to pause");
    terminal.press("\u{1b}");
    terminal.wait_for("it has emerged");
    // Into the transformer, and back to where it was.
    terminal.press("\r");
    terminal.wait_for("the map of the model");
    terminal.press("\u{1b}");
    terminal.wait_until_gone("the map of the model");
    terminal.press("t");
    terminal.wait_for("it has emerged");
    terminal.press("\u{1b}");
    terminal.press("\u{1b}");
    terminal.press("q");
    assert!(terminal.gone().success());
}

#[test]
fn a_step_of_learning_is_taken_and_taken_back() {
    let mut terminal = open("zh");
    terminal.press("I");
    terminal.wait_for("按 Enter");
    terminal.press("\r");
    terminal.wait_for("∂L/∂W_");
    terminal.press("n");
    terminal.wait_for("学了 1 步");
    terminal.press("b");
    terminal.wait_for("学了 0 步");
    terminal.press("\u{1b}");
    terminal.press("q");
    assert!(terminal.gone().success());
}
