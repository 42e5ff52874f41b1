//! However the program ends, the terminal is as it was before.

use crate::terminal::{PLAIN, Setting, Terminal};

/// The program in the middle of a walk.
fn under_way() -> Terminal {
    let mut terminal = Terminal::open();
    terminal.wait_for("every cell checked");
    terminal.press("nnn");
    terminal.wait_for("K = H");
    terminal
}

#[test]
fn by_its_keys_and_its_command() {
    for keys in ["q", "\x03", "?\x03", "o\x03", ":qui\x03", ":quit\r"] {
        let mut terminal = under_way();
        terminal.press(keys);
        let left = terminal.left_in_order();
        assert!(left.status.success(), "{keys:?}: {}", left.status);
        assert_eq!(left.text, "", "{keys:?}: nothing stays behind");
    }
}

#[test]
fn by_a_signal() {
    for signal in ["TERM", "HUP", "INT"] {
        let terminal = under_way();
        terminal.signal(signal);
        let left = terminal.left_in_order();
        assert!(left.status.success(), "SIG{signal}: {}", left.status);
        assert_eq!(left.text, "", "SIG{signal}: nothing stays behind");
    }
}

/// How often: `QKV_QUITS=100` for the long run.
fn quits() -> usize {
    std::env::var("QKV_QUITS").ok().and_then(|quits| quits.parse().ok()).unwrap_or(10)
}

/// Leaving while a race runs that was begun again and again, and while the queue is watched, on whatever driver there is:
/// what was started is waited for, or left behind without its destructors.
#[test]
fn in_the_middle_of_heavy_work() {
    let setting = Setting { size: (160, 40), args: &["--theme", "dark"], ..PLAIN };
    for n in 0..quits() {
        for (keys, words) in [("R", "64 sentences × 16 words"), ("Q", "queue")] {
            let mut terminal = Terminal::with(&setting);
            terminal.wait_for("every cell checked");
            terminal.press(keys);
            terminal.wait_for(words);
            terminal.press(&"r".repeat(20));
            terminal.press("\x03");
            let left = terminal.left_in_order();
            assert!(left.status.success(), "{keys}, the {n}th time: {}", left.status);
            assert_eq!(left.text, "", "{keys}, the {n}th time");
        }
    }
}

/// The shell's prompt must come after the words, not over them.
#[cfg(debug_assertions)]
fn last_words(place: &str, keys: &str) -> (crate::terminal::Departure, String) {
    let mut terminal = Terminal::with(&Setting { variables: &[("QKV_PANIC", place)], ..PLAIN });
    terminal.wait_for("every cell checked");
    terminal.press(keys);
    let left = terminal.left_in_order();
    let lines = left.text.trim_end().lines().count();
    assert!(usize::from(left.cursor.0) >= lines, "the cursor stands in row {} of:\n{}", left.cursor.0, left.text);
    let words = left.text.split_whitespace().collect::<Vec<_>>().join(" ");
    (left, words)
}

#[test]
#[cfg(debug_assertions)]
fn by_a_panic_of_the_loop() {
    let (left, words) = last_words("loop", "n");
    assert_eq!(left.status.exit_code(), 101, "{}", left.text);
    assert!(words.contains("rehearsed in the loop"), "{}", left.text);
}

#[test]
#[cfg(debug_assertions)]
fn by_a_panic_of_the_worker() {
    let (left, words) = last_words("worker", "w");
    assert_eq!(left.status.exit_code(), u32::from(qkv::ground::exit::Exit::Failed.code()), "{}", left.text);
    assert!(words.starts_with("qkv: the worker died"), "{}", left.text);
    assert!(words.contains("rehearsed in the worker"), "{}", left.text);
}

#[test]
#[cfg(debug_assertions)]
fn by_a_panic_of_the_keyboard() {
    let (left, words) = last_words("keyboard", "n");
    assert_eq!(left.status.exit_code(), u32::from(qkv::ground::exit::Exit::Failed.code()), "{}", left.text);
    assert!(words.contains("rehearsed in the keyboard"), "{}", left.text);
}

/// A callback of a library may not unwind: Rust ends the program there, and the terminal is in order all the same.
#[test]
#[cfg(debug_assertions)]
fn by_a_panic_that_nobody_can_catch() {
    for (place, key) in [("keyboard!", "n"), ("worker!", "w"), ("loop!", "n")] {
        let (left, words) = last_words(place, key);
        assert!(!left.status.success(), "{}", left.text);
        assert!(words.contains("rehearsed where nothing may unwind"), "{}", left.text);
    }
}

/// A thread that cannot be waited for is left behind, and what was changed is said all the same.
#[test]
#[cfg(debug_assertions)]
fn with_a_thread_left_behind() {
    let mut terminal = Terminal::with(&Setting { variables: &[("QKV_PANIC", "behind")], ..PLAIN });
    terminal.wait_for("every cell checked");
    terminal.press("2+");
    terminal.wait_for("(edited)");
    // A number changed by hand is not lost without a word.
    terminal.press("q");
    terminal.wait_for("q again quits");
    terminal.press("q");
    let left = terminal.left_in_order();
    assert!(left.status.success(), "{}", left.status);
    assert!(left.text.contains("Different from the sample as it was read"), "{}", left.text);
}

/// A terminal that takes nothing holds the loop up: a second signal ends the program without it.
#[test]
fn by_a_second_signal_when_the_terminal_takes_nothing() {
    let mut terminal = under_way();
    terminal.close_eyes();
    // Far more pictures than a terminal takes that nobody reads.
    for _ in 0..200 {
        terminal.press("L");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    terminal.signal("TERM");
    // It may be gone already, where it could write after all.
    terminal.signal_if_there("TERM");
    terminal.wait_until_raw(false);
    let status = terminal.gone();
    assert!(status.success() || status.signal().is_some(), "{status:?}");
}
