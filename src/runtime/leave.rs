//! The end of the process. A driver's threads that still run must not meet the destructors of `main`'s return.

use std::io::{Write, stderr, stdout};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::ground::exit::Exit;

/// Whether a thread could not be waited for.
static LEFT_BEHIND: AtomicBool = AtomicBool::new(false);

/// Notes that a thread still works, in a driver's code that nobody can break off.
pub(super) fn behind() {
    LEFT_BEHIND.store(true, Ordering::SeqCst);
}

/// The last thing that `main` does. Where a thread is left behind the process ends here and now, without the handlers that
/// C and C++ libraries have registered: those free what that thread still uses.
pub fn leave(exit: Exit) -> ExitCode {
    at_once_if_needed(exit.code());
    ExitCode::from(exit.code())
}

/// What Rust ends with after a panic of the main thread.
const PANIC: u8 = 101;

/// The same on the way out of a panic.
pub(super) fn leave_panicking() {
    at_once_if_needed(PANIC);
}

fn at_once_if_needed(code: u8) {
    if LEFT_BEHIND.load(Ordering::SeqCst) {
        let _ = (stdout().flush(), stderr().flush());
        #[cfg(unix)]
        signal_hook::low_level::exit(i32::from(code));
        #[cfg(not(unix))]
        std::process::exit(i32::from(code));
    }
}
