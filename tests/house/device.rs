//! The device of this machine, for tests that need one.

use std::io::{self, Write};

use qkv::compute::gpu::{Gpu, Options};
use qkv::session::ComputeError;

/// The device; none where this machine has none, which is said aloud, and is a failure where `QKV_REQUIRE_GPU` is set.
#[allow(clippy::panic, clippy::unwrap_used, reason = "a device that must be there is a test of its own")]
pub(crate) fn device(options: &Options) -> Option<Gpu> {
    match Gpu::open_with(options) {
        Ok(gpu) => Some(gpu),
        Err(why @ ComputeError::NoAdapter(_)) if std::env::var_os("QKV_REQUIRE_GPU").is_none() => {
            // Not eprintln!, which the test harness keeps to itself when a test passes.
            let mut terminal = io::stderr();
            writeln!(terminal, "skipped: {why}").unwrap();
            None
        }
        Err(why) => panic!("{why}"),
    }
}
