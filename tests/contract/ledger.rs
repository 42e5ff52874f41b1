//! The ledger piece by piece: what is asked for first, the rest behind it, and the same verdict in the end.

use qkv::compute::{Compute, Cpu};
use qkv::math::tensor::{Cell, Tensor};
use qkv::program::attention::Sizes;
use qkv::program::{Address, Ledger, Override, Program, Trace};
use qkv::source::sample::Sample;

const SIZES: Sizes =
    Sizes { batch: Some(3), tokens: 9, memory: 9, model: 12, heads: 2, features: 8, values: 6, output: Some(5) };

fn run(sizes: Sizes) -> (Sample, Trace) {
    let sample = Sample::drawn(sizes, 3).unwrap();
    let trace = Cpu::default().run(&sample.program, &sample.inputs).unwrap();
    (sample, trace)
}

/// The same trace with one number of a stage's result changed.
fn spoiled(program: &Program, trace: &Trace, at: Address, by: f32) -> Trace {
    let tensors = program.slots().map(|slot| {
        let mut tensor = Tensor::clone(trace.tensor(slot));
        if slot == at.slot {
            tensor.set(at.cell, tensor.get(at.cell) + by);
        }
        tensor.into()
    });
    trace.with_tensors(tensors.collect())
}

#[test]
fn a_small_program_is_checked_at_once() {
    let (sample, trace) = run(SIZES);
    let begun = Ledger::begin(&sample.program, &trace, 4);
    assert!(begun.is_complete() && begun.ok());
    assert_eq!(begun, Ledger::check(&sample.program, &trace));
    let checked = begun.checked();
    let cells: usize = sample.program.stages().iter().map(|stage| stage.shape.count()).sum();
    assert_eq!((checked.cells, checked.of, checked.percent()), (cells as u64, cells as u64, 100));
}

#[test]
fn pieces_come_to_the_same_verdict_in_any_order() {
    let (sample, trace) = run(SIZES);
    let program = &sample.program;
    let whole = Ledger::check(program, &trace);
    for (first, budget) in [(0, 1), (3, 100), (9, 1000), (4, 12_345), (99, 50)] {
        let (mut ledger, mut pieces) = (Ledger::unchecked(program), 0);
        let mut before = ledger.checked().cells;
        assert!(!ledger.is_complete() && ledger.ok() && ledger.checked().percent() == 0);
        while !ledger.is_complete() {
            ledger.advance(program, &trace, first, budget);
            pieces += 1;
            let now = ledger.checked().cells;
            assert!(now > before, "every piece gets somewhere");
            // No more work than asked for, up to one row of the widest stage.
            assert!((now - before) <= budget + 12, "{now} {before}");
            before = now;
            let others =
                (0..program.stages().len()).filter(|&stage| stage != first && ledger.is_checked(stage)).count();
            assert!(first > 9 || others == 0 || ledger.is_checked(first), "the stage that was asked for comes first");
        }
        assert!(pieces > 1);
        assert_eq!(ledger, whole);
        ledger.advance(program, &trace, first, budget);
        assert_eq!(ledger, whole, "nothing is left to be done");
    }
}

#[test]
fn a_fault_is_found_when_its_row_is_reached() {
    let (sample, trace) = run(SIZES);
    let program = &sample.program;
    let at = Address { slot: program.output_of(7), cell: Cell { batch: 2, head: 1, row: 8, col: 2 } };
    let wrong = spoiled(program, &trace, at, 0.5);
    let mut ledger = Ledger::unchecked(program);
    while !ledger.is_checked(0) {
        ledger.advance(program, &wrong, 0, 10);
    }
    assert!(ledger.ok());
    while !ledger.is_checked(7) {
        assert!(ledger.ok(), "its row is the last");
        ledger.advance(program, &wrong, 7, 1);
    }
    assert_eq!(ledger.worst().map(|worst| worst.at), Some(at));
    assert!(!ledger.ok() && !ledger.is_complete());
    let red: Vec<_> = Ledger::check(program, &wrong).stages.iter().filter(|stage| !stage.ok()).map(|s| s.at).collect();
    assert_eq!(red[0], at);
}

#[test]
fn a_number_set_by_hand_is_its_own_reference_in_every_piece() {
    let sample = Sample::drawn(SIZES, 3).unwrap();
    let program = &sample.program;
    let cells = program.stages()[6].shape.cells().step_by(7);
    let over = cells.map(|cell| Override { address: Address { slot: program.output_of(6), cell }, value: 0.25 });
    let inputs = qkv::program::Inputs::clone(&sample.inputs).with_overrides(program, over.collect());
    let trace = Cpu::default().run(program, &inputs).unwrap();
    let mut ledger = Ledger::unchecked(program);
    while !ledger.is_complete() {
        ledger.advance(program, &trace, 6, 30);
    }
    assert!(ledger.ok());
    assert_eq!(ledger, Ledger::check(program, &trace));
}
