//! Memory: weights are held once. A sample, its trace, the ledger and the reference share them.

#![cfg(target_os = "linux")] // elsewhere nothing tells a process its peak
#![expect(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::io::{self, Write};
use std::sync::Arc;

use qkv::engine::Engine;
use qkv::math::tensor::Cell;
use qkv::program::attention::Sizes;
use qkv::program::{Address, Ledger, Name};
use qkv::source::sample::{Sample, Scenario};

/// Four W of 2560 × 2560 numbers: 105 MB.
const WIDE: Sizes = Sizes {
    batch: None,
    tokens: 8,
    memory: 8,
    model: 2560,
    heads: 20,
    features: 2560,
    values: 2560,
    output: Some(2560),
};

const W: usize = 4 * 2560 * 2560 * size_of::<f32>();

/// A line of what the system says of this process, in bytes.
fn of_this_process(key: &str) -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(key)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() << 10
}

/// The most that was resident at once, beyond what was before `work`.
fn peak<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = of_this_process("VmRSS:");
    fs::write("/proc/self/clear_refs", "5").unwrap(); // the peak counts from here
    let result = work();
    (result, of_this_process("VmHWM:").saturating_sub(before))
}

#[test]
fn a_sample_of_100_mb_runs_on_the_processor_in_little_more() {
    let mut engine = Engine::new();
    let ((sample, run), most) = peak(|| {
        let sample = Sample::drawn(WIDE, 1).unwrap();
        let run = engine.run(&sample.program, &sample.inputs).unwrap();
        assert!(run.ledger.ok() && run.ledger.is_complete());
        (sample, run)
    });

    // A number of W_q changed by hand, the run before it still there: one more W_q, nothing else.
    let slot = sample.program.find(None, Name::WQ).unwrap();
    let address = Address { slot, cell: Cell::at(3, 4) };
    let (edited, more) = peak(|| {
        let scenario = Scenario::default().with_number(&sample.program, address, 0.5).unwrap();
        let edited = scenario.apply(&sample).unwrap();
        let again = engine.run(&edited.program, &edited.inputs).unwrap();
        assert!(again.ledger.ok() && !Arc::ptr_eq(again.trace.shared(slot), run.trace.shared(slot)));
        edited
    });
    let share = |bytes: usize| bytes as f64 / W as f64;
    // Not println!, which the test harness keeps to itself when a test passes.
    writeln!(
        io::stderr(),
        "W 105 MB: sample, run and ledger {:.2} of it; an edit {:.2} more",
        share(most),
        share(more)
    )
    .unwrap();
    assert!(share(most) <= 2.2, "{most} bytes");
    assert!(share(more) <= 0.6, "{more} bytes");

    // The reference of one stage alone needs a few MB, whatever the size of its W.
    let ((), alone) = peak(|| {
        let mut ledger = Ledger::unchecked(&edited.program);
        ledger.advance(&run.program, &run.trace, 0, 1);
    });
    assert!(alone < 16 << 20, "{alone} bytes");
}
