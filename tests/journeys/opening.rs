//! What the program finds when it comes: a colour of the ground, an adapter, a language, a terminal that can only print.

use std::io::Write;

use qkv::compute::gpu::Gpu;

use crate::terminal::{PLAIN, Setting, Terminal, WHITE};

const ON_CPU: &[&str] = &["--backend", "cpu"];

#[test]
fn the_language_of_the_environment() {
    let terminal = Terminal::with(&Setting { variables: &[("LANG", "zh_CN.UTF-8")], ..PLAIN });
    terminal.wait_for("手工设计的权重");
}

#[test]
fn a_white_terminal_stays_white() {
    // On a machine that is busy with something else the answer may miss the short time it is waited for.
    let white = (0..5).any(|_| {
        let mut terminal = Terminal::with(&Setting { args: ON_CPU, answer: WHITE, ..PLAIN });
        terminal.wait_for("every cell checked");
        let ground = terminal.background(10, 99);
        terminal.press("q");
        assert!(terminal.left_in_order().status.success());
        ground == vt100::Color::Rgb(252, 252, 250)
    });
    assert!(white, "it was dark five times");
}

#[test]
fn an_answer_that_comes_too_late_presses_no_keys() {
    let mut terminal = Terminal::with(&Setting { args: ON_CPU, ..PLAIN });
    terminal.wait_for("every cell checked");
    terminal.press("5");
    terminal.wait_for("scores.1[");
    terminal.press(WHITE);
    terminal.press(".");
    terminal.wait_for("scores.2[");
    terminal.wait_until_gone("sample NAME|FILE");
    terminal.wait_until_gone("ffff");
    terminal.press("q");
    assert!(terminal.left_in_order().status.success());
}

#[test]
fn a_terminal_that_can_only_print_gets_words() {
    let terminal = Terminal::with(&Setting { size: (100, 500), variables: &[("TERM", "dumb")], ..PLAIN });
    let left = terminal.left_in_order();
    assert!(left.status.success());
    assert!(left.text.contains("我爱北京天安门") && left.text.contains("weights = softmax"), "{}", left.text);
}

/// The adapter opens behind the CPU's numbers, then computes.
#[test]
fn an_adapter_takes_over() {
    let adapter = match Gpu::open() {
        Ok(gpu) => qkv::compute::Compute::backend(&gpu).adapter.clone(),
        Err(why) if std::env::var("QKV_REQUIRE_GPU").is_ok_and(|v| v == "1") => panic!("{why}"),
        Err(why) => return writeln!(std::io::stderr(), "skipped: {why}").unwrap(),
    };
    let mut terminal = Terminal::with(&Setting { size: (160, 40), args: &["--theme", "dark"], ..PLAIN });
    terminal.wait_for_all(&[&adapter, "every cell checked"]);
    if adapter.contains("llvmpipe") {
        terminal.wait_for("software, not a GPU");
    }
    // The walk goes on, and so do the numbers.
    terminal.press("5w");
    terminal.wait_for("random weights");
    terminal.wait_for("every cell checked");
    terminal.command("backend cpu");
    terminal.wait_for("computed by the CPU");
    terminal.command("backend gpu");
    terminal.wait_for(&adapter);
    terminal.press("q");
    assert!(terminal.left_in_order().status.success());
}

/// Whoever leaves while the driver is still being opened leaves all the same.
#[test]
fn leaving_before_the_adapter_is_open() {
    for _ in 0..3 {
        let mut terminal = Terminal::with(&Setting { args: &["--theme", "dark"], ..PLAIN });
        terminal.wait_for("and how does it know?");
        terminal.press("q");
        let left = terminal.left_in_order();
        assert!(left.status.success(), "{}", left.status);
    }
}

#[test]
fn a_machine_without_a_driver() {
    let nothing =
        [("VK_DRIVER_FILES", "/nonexistent"), ("VK_ICD_FILENAMES", "/nonexistent"), ("WGPU_BACKEND", "empty")];
    let terminal =
        Terminal::with(&Setting { size: (160, 40), args: &["--theme", "dark"], variables: &nothing, ..PLAIN });
    terminal.wait_for_all(&["qkv doctor says what to install", "computed by the CPU"]);
}

#[test]
#[cfg(debug_assertions)]
fn a_driver_that_panics_is_no_driver() {
    let panics = [("QKV_PANIC", "device")];
    let mut terminal =
        Terminal::with(&Setting { size: (160, 40), args: &["--theme", "dark"], variables: &panics, ..PLAIN });
    terminal.wait_for("qkv doctor says what to install");
    terminal.press("w");
    terminal.wait_for("random weights");
    terminal.wait_for("every cell checked");
}

/// Where the terminal's font has our signs two columns wide, every row with one would be broken.
#[test]
fn a_terminal_that_draws_signs_wide_gets_ascii_ones() {
    for (column, wide) in [("\x1b[1;5R", true), ("\x1b[1;4R", true), ("\x1b[1;3R", false), ("", false)] {
        for theme in ["dark", "auto"] {
            let answer = if theme == "auto" { WHITE } else { "" };
            let args = ["--backend", "cpu", "--theme", theme];
            let mut terminal = Terminal::with(&Setting { column, answer, args: &args, ..PLAIN });
            terminal.wait_for("every cell checked");
            terminal.press("5");
            terminal.wait_for(if wide { "> 5 scores" } else { "▸ 5 scores" });
            terminal.press("?");
            terminal.wait_for(if wide { "+" } else { "└" });
            if wide {
                terminal.wait_until("no sign beyond ASCII", |screen| {
                    screen
                        .contents()
                        .chars()
                        .all(|c| c.is_ascii() || ('\u{3000}'..'\u{a000}').contains(&c) || c == '，')
                });
            }
            terminal.press("\x1b");
            terminal.wait_until_gone("search");
            terminal.press("q");
            assert!(terminal.left_in_order().status.success());
        }
    }
}
