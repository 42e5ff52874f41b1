//! Forward influence: the derivative of every later number by one number, against central differences of the f64 reference.

#![expect(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;
use qkv::compute::{Compute, Cpu};
use qkv::math::tensor::Tensor;
use qkv::program::{Address, Divisor, Influence, MISTAKES, Name, Program, Slot, Trace, Wiring};
use qkv::source::sample::{BUILTIN, MaskChoice, Sample, Scenario};

/// Every tensor in f64, one number of `at`'s tensor moved by `by`: later stages are computed anew, the others stay.
fn moved(program: &Program, trace: &Trace, at: Address, by: f64) -> Vec<Tensor<f64>> {
    let mut tensors: Vec<Tensor<f64>> = program.slots().map(|slot| trace.tensor(slot).to_f64()).collect();
    let mut reached = vec![false; tensors.len()];
    let value = tensors[at.slot.0].get(at.cell);
    tensors[at.slot.0].set(at.cell, value + by);
    reached[at.slot.0] = true;
    for (i, stage) in program.stages().iter().enumerate() {
        let slot = program.output_of(i);
        if slot == at.slot || !stage.operands.iter().any(|operand| reached[operand.0]) {
            continue;
        }
        let operands: Vec<_> = stage.operands.iter().map(|operand| &tensors[operand.0]).collect();
        let mut output = stage.op.reference(&operands, stage.shape);
        for o in trace.overrides().iter().filter(|o| o.address.slot == slot) {
            output.set(o.address.cell, f64::from(o.value));
        }
        tensors[slot.0] = output;
        reached[slot.0] = true;
    }
    tensors
}

/// Compares every number of every tensor; gives how many moved.
fn check(sample: &Sample, trace: &Trace, of: Address) -> usize {
    const STEP: f64 = 1e-4;
    let program = &sample.program;
    let influence = Influence::of(program, trace, of);
    // The trace was rounded to f32 at every stage: both sides of the difference begin at the same unrounded reference.
    let (up, down) = (moved(program, trace, of, STEP), moved(program, trace, of, -STEP));
    let mut moving = 0;
    for slot in program.slots().filter(|&slot| slot != of.slot) {
        // Stages before this number stand still, number by number.
        let largest = influence.strongest(slot).map_or(0.0, |(_, most)| most.abs());
        for cell in program.shape(slot).cells() {
            let (a, b) = (up[slot.0].get(cell), down[slot.0].get(cell));
            let difference = if a == b { 0.0 } else { (a - b) / (2.0 * STEP) };
            let derivative = influence.on(Address { slot, cell });
            let off = (derivative - difference).abs();
            // Scores of hundreds leave f32 four digits behind the point, and the trace was rounded to f32.
            let allowed = 1e-3 * derivative.abs().max(1e-2 * largest);
            assert!(
                off <= allowed + 1e-9,
                "{} by {}: {derivative} and {difference}",
                Address { slot, cell }.display(program),
                of.display(program)
            );
            moving += usize::from(derivative != 0.0);
        }
    }
    moving
}

fn traced(sample: &Sample) -> Trace {
    Cpu::default().run(&sample.program, &sample.inputs).unwrap()
}

#[test]
fn derivatives_are_central_differences_in_every_sample() {
    for builtin in BUILTIN.iter().filter(|b| b.name != Sample::BATCH) {
        let sample = builtin.load().unwrap();
        let trace = traced(&sample);
        for slot in sample.program.slots().filter(|&slot| sample.program.symbol(slot).name != Name::Mask) {
            let cells: Vec<_> = sample.program.shape(slot).cells().collect();
            let last = slot.0 + 1 == sample.program.slots().count();
            let mut moving = 0;
            for &cell in cells.iter().step_by(cells.len().div_ceil(8)) {
                if trace.get(Address { slot, cell }).is_finite() {
                    moving += check(&sample, &trace, Address { slot, cell });
                }
            }
            assert!(moving > 0 || last, "{} of {} moves nothing", sample.program.symbol(slot), builtin.name);
        }
    }
}

#[test]
fn derivatives_are_central_differences_in_every_mistaken_program() {
    let base = Sample::builtin("tiananmen").unwrap().unwrap();
    for mistake in MISTAKES {
        let wiring = Wiring { mistake: Some(mistake), ..Wiring::default() };
        let scenario = Scenario { seed: Some(3), mask: MaskChoice::Causal, wiring, ..Scenario::default() };
        let sample = scenario.apply(&base).unwrap();
        let trace = traced(&sample);
        let mut moving = 0;
        for slot in sample.program.slots().filter(|&slot| sample.program.symbol(slot).name != Name::Mask) {
            let cells: Vec<_> = sample.program.shape(slot).cells().collect();
            for &cell in cells.iter().step_by(cells.len().div_ceil(8)) {
                if trace.get(Address { slot, cell }).is_finite() {
                    moving += check(&sample, &trace, Address { slot, cell });
                }
            }
        }
        assert!(moving > 0, "{mistake:?}");
    }
}

#[test]
fn the_mask_has_no_derivative_and_what_lies_before_stands_still() {
    let sample = Sample::builtin("tiananmen").unwrap().unwrap();
    let trace = traced(&sample);
    let at = |address: &str| Address::parse(address, &sample.program).unwrap();
    let mask = Influence::of(&sample.program, &trace, at("mask[1,2]"));
    assert!(sample.program.slots().all(|slot| mask.tensor(slot).is_none()));
    let weights = Influence::of(&sample.program, &trace, at("weights.2[2,4]"));
    for symbol in [Name::H, Name::WQ, Name::Q, Name::Scores, Name::Masked] {
        assert!(weights.tensor(sample.program.find(None, symbol).unwrap()).is_none(), "{symbol}");
    }
    // context.2[2,:] = Σ weights.2[2,j] · V.2[j,:]: the derivative is the value itself.
    for col in 1..=2 {
        let value = f64::from(trace.get(at(&format!("V.2[4,{col}]"))));
        assert_eq!(weights.on(at(&format!("context.2[2,{col}]"))), value);
        assert_eq!(weights.on(at(&format!("context.2[1,{col}]"))), 0.0);
        assert_eq!(weights.on(at(&format!("context.1[2,{col}]"))), 0.0);
    }
}

/// A scenario whose derivatives differ from the plain one's.
fn scenarios() -> impl Strategy<Value = Scenario> {
    let divisor = prop::sample::select(Divisor::ALL.to_vec());
    let switches = (divisor, 0.2_f32..5.0, any::<[bool; 3]>(), 0..100_u64);
    switches.prop_map(|(divisor, temperature, [swapped, tied, projected], seed)| {
        let wiring = Wiring { divisor, temperature, projected, swapped, tied, ..Wiring::default() };
        Scenario { seed: Some(seed), wiring, ..Scenario::default() }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Under random weights, any wiring and an overridden number.
    #[test]
    fn derivatives_are_central_differences_under_any_wiring(
        scenario in scenarios(), name in prop::sample::select(vec!["tiananmen", "translation-cross", "h1h2"]),
        pick in any::<(prop::sample::Index, prop::sample::Index, prop::sample::Index)>(), overridden in any::<bool>(),
    ) {
        let base = Sample::builtin(name).unwrap().unwrap();
        let Ok(sample) = scenario.apply(&base) else { return Ok(()) };
        let mut scenario = scenario;
        if overridden {
            let slot = sample.program.find(None, Name::Scores).unwrap();
            let cells: Vec<_> = sample.program.shape(slot).cells().collect();
            scenario = scenario.with_number(&sample.program, Address { slot, cell: *pick.2.get(&cells) }, 0.5).unwrap();
        }
        let sample = scenario.apply(&base).unwrap();
        let trace = traced(&sample);
        let slots: Vec<Slot> = sample.program.slots().filter(|&s| sample.program.symbol(s).name != Name::Mask).collect();
        let slot = *pick.0.get(&slots);
        let cells: Vec<_> = sample.program.shape(slot).cells().collect();
        let cell = *pick.1.get(&cells);
        if trace.get(Address { slot, cell }).is_finite() && !trace.is_overridden(Address { slot, cell }) {
            check(&sample, &trace, Address { slot, cell });
        }
    }
}
