//! The terminal in odd moments: before it has answered, after it is gone, stopped and let go on, and sending what is no key.

use std::time::{Duration, Instant};

use crate::terminal::{PLAIN, Setting, Terminal};

/// A terminal that is asked whether its ground is light, and says nothing.
const MUTE: Setting<'static> = Setting { args: &["--backend", "cpu"], ..PLAIN };

/// The handlers come before the question: a signal while it is waited for leaves everything in order.
#[test]
fn a_signal_while_the_terminal_is_asked_for_its_colours() {
    for signal in ["TERM", "HUP", "INT", "QUIT"] {
        let terminal = Terminal::with(&MUTE);
        terminal.wait_until_raw(true);
        terminal.signal(signal);
        let left = terminal.left_in_order();
        assert!(left.status.success(), "SIG{signal}: {}", left.status);
    }
}

#[test]
fn keys_pressed_while_the_terminal_is_asked_are_not_lost() {
    let mut terminal = Terminal::with(&MUTE);
    terminal.wait_until_raw(true);
    terminal.press("5.");
    terminal.wait_for("scores.2[");
    terminal.press("q");
    assert!(terminal.left_in_order().status.success());
}

/// The parent ignores SIGHUP and the program does not lead the session: nobody tells it, but for the terminal itself.
#[test]
fn a_terminal_that_is_gone_ends_the_program_without_a_signal() {
    let terminal = Terminal::with(&Setting { script: Some("trap '' HUP; \"$@\""), ..PLAIN });
    terminal.wait_for("every cell checked");
    let status = terminal.unplug();
    assert!(status.signal().is_none(), "{status:?}");
}

/// A shell with job control: Ctrl-Z gives its terminal back, `fg` brings the program back as it was.
#[test]
fn ctrl_z_and_a_signal_stop_and_fg_goes_on() {
    let script = "set -m; \"$@\"; echo \"stopped once\"; read -r line; fg; echo \"stopped twice\"; read -r line; fg; \
                  echo \"went with $?\"";
    let mut terminal = Terminal::with(&Setting { script: Some(script), ..PLAIN });
    terminal.wait_for("every cell checked");
    terminal.press("5");
    terminal.wait_for("scores.1[");
    terminal.press("\x1a");
    terminal.wait_for("stopped once");
    terminal.wait_until("the shell's own screen", |screen| !screen.alternate_screen() && !screen.hide_cursor());
    terminal.wait_until_raw(false);

    terminal.press("\r");
    terminal.wait_for_all(&["scores.1[", "every cell checked"]);
    terminal.wait_until_raw(true);
    terminal.press(".");
    terminal.wait_for("scores.2[");
    terminal.signal("TSTP");
    terminal.wait_for("stopped twice");
    terminal.wait_until_raw(false);

    terminal.press("\r");
    terminal.wait_for_all(&["scores.2[", "every cell checked"]);
    terminal.press("q");
    terminal.wait_for("went with 0");
    assert!(terminal.left_in_order().status.success());
}

/// SIGSTOP cannot be heard: what another program wrote meanwhile is covered when it is over.
#[test]
fn after_a_stop_that_nobody_hears_everything_is_drawn_anew() {
    let mut terminal = Terminal::open();
    terminal.wait_for("every cell checked");
    terminal.signal("STOP");
    terminal.scribble();
    terminal.wait_until_gone("every cell checked");
    terminal.signal("CONT");
    terminal.wait_for_all(&["every cell checked", "and how does it know?"]);
    terminal.wait_until_gone("scribbled");
    // Nobody would let a program go on that the terminal itself has started: it does not stop.
    terminal.signal("TSTP");
    terminal.press("\x1a5");
    terminal.wait_for("scores.1[");
    terminal.press("q");
    assert!(terminal.left_in_order().status.success());
}

#[test]
fn ctrl_l_draws_everything_anew() {
    let mut terminal = Terminal::open();
    terminal.wait_for("every cell checked");
    for (keys, shown) in [("", "我爱北京天安门"), ("?", "search: "), ("\x1b:", "我爱北京天安门")] {
        terminal.press(keys);
        terminal.wait_for(shown);
        terminal.scribble();
        terminal.press("\x0c");
        terminal.wait_until_gone("scribbled");
        terminal.wait_for(shown);
    }
    terminal.press("\x03");
    assert!(terminal.left_in_order().status.success());
}

/// The keys come from the terminal that rules the process where the input is something else.
#[test]
fn keys_are_heard_beside_an_input_that_is_no_terminal() {
    let mut terminal = Terminal::with(&Setting { script: Some("echo nnn | \"$@\""), ..PLAIN });
    terminal.wait_for("every cell checked");
    terminal.press("5.");
    terminal.wait_for("scores.2[");
    terminal.press("q");
    assert!(terminal.left_in_order().status.success());
}

/// Each of these made every key after it unheard, Ctrl-C too.
#[test]
fn bytes_that_are_no_key_swallow_none() {
    let bytes: [&[u8]; 8] = [
        b"\xff",
        b"\xe6\x88",
        b"\x1b[?2026;2$y",
        b"\x1b[1;",
        b"\x1b",
        b"\x1b]11;rgb:ffff",
        b"\x1b[200~a paste without an end",
        b"\x1b[M",
    ];
    for bytes in bytes {
        let mut terminal = Terminal::open();
        terminal.wait_for("every cell checked");
        terminal.send(bytes);
        terminal.press("\x03");
        let left = terminal.left_in_order();
        assert!(left.status.success(), "{bytes:?}: {}", left.status);
    }
}

/// tmux sends Esc and the key after it like Alt and that key.
#[test]
fn esc_and_at_once_a_key_are_both() {
    let mut terminal = Terminal::open();
    terminal.wait_for("every cell checked");
    terminal.press("5?");
    terminal.wait_for("↑↓ choose");
    terminal.press("\x1b.");
    terminal.wait_until_gone("↑↓ choose");
    terminal.wait_for("scores.2[");
    terminal.press("\x1b\x03");
    assert!(terminal.left_in_order().status.success());
}

/// What no machine needs to be faster than.
const AT_ONCE: Duration = Duration::from_millis(250);

/// Many keys at once on a large sample: pictures come in between, and Ctrl-C does not wait for the keys before it.
#[test]
fn a_flood_of_keys_stops_neither_pictures_nor_ctrl_c() {
    let mut terminal = Terminal::with(&Setting {
        args: &["--backend", "cpu", "--theme", "dark", "--sample", "batch64x8x256"],
        ..PLAIN
    });
    terminal.wait_for("every cell checked");
    let (before, begun) = (terminal.drawn(), Instant::now());
    terminal.press(&"x".repeat(500));
    terminal.press(":");
    terminal.wait_until_drawn(before);
    let first = begun.elapsed();
    terminal.wait_for("sample NAME|FILE");
    let (whole, pictures) = (begun.elapsed(), terminal.drawn() - before);
    assert!(first < (whole / 2).max(AT_ONCE), "the first picture after {first:?} of {whole:?}");
    assert!(whole < AT_ONCE || pictures > 2, "{pictures} pictures in {whole:?}");

    terminal.press("\x1b");
    terminal.wait_until_gone("sample NAME|FILE");
    let begun = Instant::now();
    terminal.press(&"x".repeat(500));
    terminal.press("\x03");
    let left = terminal.left_in_order();
    assert!(left.status.success(), "{}", left.status);
    let leaving = begun.elapsed();
    assert!(leaving < (whole / 2).max(2 * AT_ONCE), "left after {leaving:?}, while the keys take {whole:?}");
}
