//! tmux: inside of it the terminal is tmux's own, which keeps what is copied to itself unless it was told otherwise. What is
//! copied goes where it can be pasted from: into tmux's buffer.

use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long tmux may take. It answers within milliseconds, or hangs.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether the terminal is one of tmux's.
pub(super) fn is_around() -> bool {
    std::env::var_os("TMUX").is_some_and(|socket| !socket.is_empty())
}

/// Puts a text into tmux's buffer, and where tmux may, into the clipboard of the terminal around it; `false` where tmux does not
/// take it.
pub(super) fn load(text: &str) -> bool {
    // Before 3.2 tmux knows no -w.
    [&["load-buffer", "-w", "-"][..], &["load-buffer", "-"]].iter().any(|args| {
        let mut tmux = Command::new("tmux");
        let quiet = tmux.args(*args).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        quiet.spawn().is_ok_and(|child| takes(child, text))
    })
}

/// Whether a command takes a text and ends well, in time.
fn takes(mut command: Child, text: &str) -> bool {
    // One that reads nothing and goes closes the pipe: then how it went says enough.
    if let Some(mut stdin) = command.stdin.take() {
        let _ = stdin.write_all(text.as_bytes());
    }
    let begun = Instant::now();
    loop {
        match command.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) if begun.elapsed() < PATIENCE => thread::sleep(Duration::from_millis(2)),
            _ => {
                let _ = command.kill();
                let _ = command.wait();
                return false;
            }
        }
    }
}
