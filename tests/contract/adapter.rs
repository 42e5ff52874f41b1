//! One adapter for all tests, used by one of them at a time: in parallel they would oversubscribe a software driver.

use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use qkv::compute::Compute;
use qkv::compute::gpu::{Gpu, Options};
use qkv::session::ComputeError;

static TURN: Mutex<()> = Mutex::new(());

/// An open GPU and the right to use it.
pub(crate) struct Turn {
    pub(crate) gpu: Gpu,
    _turn: MutexGuard<'static, ()>,
}

/// The GPU as everyone opens it, or `None` where there is none, said aloud.
pub(crate) fn gpu() -> Option<Turn> {
    gpu_with(&Options::default())
}

/// The same with other options.
pub(crate) fn gpu_with(options: &Options) -> Option<Turn> {
    let turn = turn();
    match Gpu::open_with(options) {
        Ok(gpu) => Some(Turn { gpu, _turn: turn }),
        Err(why @ ComputeError::NoAdapter(_)) if !required() => {
            // Not eprintln!, which the test harness keeps to itself when a test passes.
            let mut terminal = io::stderr();
            writeln!(terminal, "skipped: {why}").unwrap();
            None
        }
        Err(why) => panic!("{why}"),
    }
}

/// The right to use the adapter, for tests that open it themselves.
pub(crate) fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether a missing adapter is a failure.
pub(crate) fn required() -> bool {
    std::env::var("QKV_REQUIRE_GPU").is_ok_and(|v| v == "1")
}

#[test]
fn the_adapter_is_called_by_its_true_name() {
    let Some(turn) = gpu() else { return };
    let backend = turn.gpu.backend();
    assert_eq!(backend.name, "gpu");
    if backend.adapter.contains("llvmpipe") {
        assert_eq!(backend.kind, qkv::program::BackendKind::Software);
    }
    let interface = backend.adapter.split(' ').next().unwrap_or_default();
    assert!(["Vulkan", "Metal", "Direct3D", "OpenGL"].contains(&interface), "{}", backend.adapter);
}

#[test]
fn doctor_reports_the_adapter_that_open_takes() {
    let Some(turn) = gpu() else { return };
    let reports = qkv::compute::gpu::adapters();
    let best = reports.iter().find(|r| r.verdict.is_ok()).unwrap();
    assert_eq!(best.backend, *turn.gpu.backend());
    assert!(best.limits.tensor > 0 && best.limits.invocations >= 64, "{:?}", best.limits);
}
