//! Tensors are shared, not copied: a run, an edit and a switch make only what they change.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod house;

use std::sync::Arc;

use house::House;
use qkv::app::Key;
use qkv::compute::{Compute, Cpu};
use qkv::ground::lang::Lang;
use qkv::math::tensor::Cell;
use qkv::program::{Address, Divisor, Name, Wiring};
use qkv::source::sample::{MaskChoice, Sample, Scenario};

fn sample() -> Sample {
    Sample::builtin(Sample::DEFAULT).unwrap().unwrap()
}

/// The given tensors of `after` that are not those of `before`: made anew, or gone.
fn made_anew(before: &Sample, after: &Sample) -> Vec<String> {
    let same = |symbol| match (before.input(symbol), after.input(symbol)) {
        (Some(a), Some(b)) => Arc::ptr_eq(a, b),
        _ => false,
    };
    let symbols = before.program.inputs().iter().map(|input| input.symbol);
    symbols.filter(|&symbol| !same(symbol)).map(|symbol| symbol.to_string()).collect()
}

#[test]
fn a_trace_shares_what_was_given() {
    let sample = sample();
    let trace = Cpu::default().run(&sample.program, &sample.inputs).unwrap();
    for slot in sample.program.slots().filter(|&slot| sample.program.made_by(slot).is_none()) {
        assert!(Arc::ptr_eq(trace.shared(slot), sample.inputs.shared(slot).unwrap()));
    }
    let (again, last) = (trace.clone(), sample.program.output_of(0));
    assert!(Arc::ptr_eq(again.shared(last), trace.shared(last)));
}

#[test]
fn a_scenario_makes_only_what_it_changes() {
    let sample = sample();
    let plain = Scenario::default();
    let slot = sample.program.find(None, Name::WK).unwrap();
    let edited = plain.with_number(&sample.program, Address { slot, cell: Cell::at(1, 2) }, 0.5).unwrap();
    let wired = |wiring| Scenario { wiring, ..plain.clone() };
    let cases = [
        (plain.clone(), &[][..]),
        (edited, &["W_k"]),
        (Scenario { mask: MaskChoice::Causal, ..plain.clone() }, &["mask"]),
        (Scenario { positions: false, ..plain.clone() }, &["H"]),
        (Scenario { silenced: [1.into()].into(), ..plain.clone() }, &["W_o"]),
        (Scenario { seed: Some(7), ..plain.clone() }, &["W_q", "W_k", "W_v", "W_o"]),
        (wired(Wiring { divisor: Divisor::One, swapped: true, ..Wiring::default() }), &[]),
        (wired(Wiring { joined: false, ..Wiring::default() }), &["W_o"]), // not there any more
    ];
    for (scenario, changed) in cases {
        assert_eq!(made_anew(&sample, &scenario.apply(&sample).unwrap()), changed, "{scenario:?}");
    }
}

#[test]
fn an_edit_makes_one_tensor_anew_however_many_were_edited_before() {
    let mut house = House::open(Sample::DEFAULT, Lang::En);
    let now = |house: &House| Sample::clone(&house.model.material.sample);
    house.press("1+"); // H
    let words = now(&house);
    house.press("2").key(Key::Tab).key(Key::Tab).press("+"); // a matrix of weights
    let both = now(&house);
    let made = made_anew(&words, &both);
    assert!(made.len() == 1 && made != ["H"], "{made:?}");
    house.press("1").key(Key::Right).press("+");
    assert_eq!(made_anew(&both, &now(&house)), ["H"]);
    let third = now(&house);
    house.press("u");
    assert_eq!(made_anew(&third, &now(&house)), ["H"]);
    let undone = now(&house);
    assert_eq!(undone.inputs, both.inputs, "undone to the same numbers");
    house.press("u");
    assert_eq!(made_anew(&undone, &now(&house)), made, "as the sample has them, and the words as they were edited");
}
