//! A program of several layers: a later layer's W and mask stand behind the stages of an earlier one.

use std::collections::BTreeSet;

use proptest::prelude::*;
use qkv::compute::{Compute, Cpu};
use qkv::math::tensor::{Cell, Tensor};
use qkv::program::attention::{Sizes, attention};
use qkv::program::{
    Address, AddressError, Influence, Inputs, Kind, Layer, Ledger, Name, Override, Program, Slot, Trace, Wiring,
    alarms, labels, ledger,
};
use qkv::study::heads::{self, Forms, Parts};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::adapter;

const SIZES: Sizes =
    Sizes { batch: None, tokens: 4, memory: 3, model: 6, heads: 2, features: 4, values: 6, output: Some(6) };

/// Self-attention over self-attention: what a layer puts out are the words of the next one.
fn stacked(layers: usize, sizes: &Sizes, wiring: Wiring) -> Program {
    let mut program = Program::new(Kind::SelfAttention, wiring);
    let first = attention(Kind::SelfAttention, sizes, &wiring).unwrap();
    let mut words = program.input(Name::H, first.inputs()[0].shape);
    for layer in 0..layers {
        words = program.attend(Some(Layer(layer)), words, words, sizes).unwrap();
    }
    program
}

fn inputs(program: &Program, seed: u64) -> Inputs {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let tensors: Vec<_> = (program.inputs().iter())
        .map(|input| {
            let number = |c: Cell| match input.symbol.name {
                Name::Mask => f32::from(u8::from(c.col <= c.row)),
                _ => random.random_range(-1.0..1.0),
            };
            (input.symbol, Tensor::from_fn(input.shape, number))
        })
        .collect();
    Inputs::new(program, |symbol| tensors.iter().find(|(s, _)| *s == symbol).map(|(_, tensor)| tensor.clone())).unwrap()
}

fn two_layers() -> (Program, Inputs) {
    let program = stacked(2, &SIZES, Wiring::default());
    let inputs = inputs(&program, 7);
    (program, inputs)
}

fn find(program: &Program, layer: usize, name: Name) -> Slot {
    program.find(Some(Layer(layer)), name).unwrap()
}

/// Everything that is known of a trace holds for both layers.
fn holds(program: &Program, inputs: &Inputs, trace: &Trace) {
    let ledger = Ledger::check(program, trace);
    assert!(ledger.ok(), "{:?}", ledger.worst());
    assert!(ledger::end_to_end(program, trace).ok());
    assert!(alarms(program, trace).is_empty());
    for input in program.inputs() {
        assert_eq!(trace.tensor(input.slot), inputs.get(input.slot).unwrap(), "{}", input.symbol);
    }
    for slot in program.slots() {
        assert_eq!(*trace.tensor(slot).shape(), program.shape(slot), "{}", program.symbol(slot));
    }
    let weights = |layer| trace.tensor(find(program, layer, Name::Weights));
    assert_ne!(weights(0), weights(1));
    assert_eq!(trace.find(program, Some(Layer(1)), Name::Weights), Some(weights(1)));
}

#[test]
fn inputs_may_come_behind_stages() {
    let (program, inputs) = two_layers();
    let (made, given) = (find(&program, 0, Name::Output), find(&program, 1, Name::WQ));
    assert!(made < given && program.made_by(given).is_none() && program.made_by(made).is_some());
    assert_eq!(program.stage_of(made), Some(9));
    assert_eq!(program.output_of(9), made);
    assert!(inputs.get(made).is_none() && inputs.get(given).is_some());

    holds(&program, &inputs, &Cpu::default().run(&program, &inputs).unwrap());
}

#[test]
fn a_device_runs_them_too() {
    let Some(mut turn) = adapter::gpu() else { return };
    let (program, inputs) = two_layers();
    holds(&program, &inputs, &turn.gpu.run(&program, &inputs).unwrap());

    // A number overridden in the first layer reaches the second, on the device as on the processor.
    let weights = find(&program, 0, Name::Weights);
    let zero = Override { address: Address { slot: weights, cell: Cell::at(2, 1).in_head(1) }, value: 0.0 };
    let inputs = inputs.with_overrides(&program, vec![zero]);
    let (here, there) = (Cpu::default().run(&program, &inputs).unwrap(), turn.gpu.run(&program, &inputs).unwrap());
    assert!(Ledger::check(&program, &there).ok());
    let last = find(&program, 1, Name::Output);
    let apart = here.tensor(last).numbers().zip(there.tensor(last).numbers()).map(|(a, b)| (a - b).abs());
    assert!(apart.fold(0.0, f32::max) < 1e-5);
    let alarm = alarms(&program, &there);
    assert_eq!(alarm.iter().map(|alarm| alarm.cause).collect::<Vec<_>>(), [zero.address]);
}

#[test]
fn a_number_of_the_first_layer_moves_the_second() {
    let (program, inputs) = two_layers();
    let trace = Cpu::default().run(&program, &inputs).unwrap();
    let of = |layer, name| Address { slot: find(&program, layer, name), cell: Cell::at(1, 0) };
    let last = find(&program, 1, Name::Output);

    let early = Influence::of(&program, &trace, of(0, Name::WV));
    assert!(early.strongest(last).is_some_and(|(_, most)| most.abs() > 1e-6));
    let late = Influence::of(&program, &trace, of(1, Name::WV));
    assert!(late.strongest(last).is_some());
    assert!(late.tensor(find(&program, 0, Name::Output)).is_none(), "nothing leads back");

    // Against the difference that the number really makes.
    let step = 1e-3_f32;
    let moved = |by: f32| {
        let at = of(1, Name::WV);
        let mut tensor = inputs.get(at.slot).unwrap().clone();
        tensor.set(at.cell, tensor.get(at.cell) + by);
        Cpu::default().run(&program, &inputs.with_tensors(&program, [(at.slot, tensor)]).unwrap()).unwrap()
    };
    let (up, down) = (moved(step), moved(-step));
    for cell in program.shape(last).cells() {
        let address = Address { slot: last, cell };
        let found = f64::from(up.get(address) - down.get(address)) / f64::from(2.0 * step);
        assert!((found - late.on(address)).abs() < 1e-3, "{cell:?}: {found} {}", late.on(address));
    }
}

#[test]
fn heads_and_labels_know_their_layer() {
    let (program, inputs) = two_layers();
    let trace = Cpu::default().run(&program, &inputs).unwrap();
    let all = heads::all(&program);
    let found: Vec<_> = all.iter().map(|head| (head.layer, head.head, head.layer_number())).collect();
    let [first, second] = [Some(Layer(0)), Some(Layer(1))];
    assert_eq!(found, [(first, 0, 1), (first, 1, 1), (second, 0, 2), (second, 1, 2)]);
    assert_eq!(all[2].weights, find(&program, 1, Name::Weights));
    let parts = [first, second].map(|layer| Parts::of(&program, &trace, layer, 0).unwrap().ranking());
    assert_ne!(parts[0], parts[1]);
    let forms = [first, second].map(|layer| Forms::of(&program, &trace, layer, 0).unwrap().asks.numbers);
    assert_ne!(forms[0], forms[1]);
    assert!(Parts::of(&program, &trace, None, 0).is_none());
    for slot in program.slots() {
        assert_eq!(labels::of(&program, slot), labels::label(program.symbol(slot).name, Kind::SelfAttention));
    }
}

#[test]
fn an_address_names_its_layer() {
    let program = stacked(3, &Sizes { heads: 2, ..SIZES }, Wiring::default());
    let parse = |text: &str| Address::parse(text, &program);
    let cell = Cell::at(2, 1).in_head(1);
    let address = Address { slot: find(&program, 2, Name::Weights), cell };
    assert_eq!(parse("layer3.weights.2[3,2]"), Ok(address));
    assert_eq!(address.display(&program), "layer3.weights.2[3,2]");
    assert_eq!(parse("H[1,1]").unwrap().display(&program), "H[1,1]");
    assert_eq!(parse(" layer1.W_q[6,4] ").unwrap().display(&program), "layer1.W_q[6,4]");

    let tensor = |text: &str| match parse(text) {
        Err(AddressError::Tensor { name, known }) => (name, known),
        other => panic!("{text}: {other:?}"),
    };
    let (name, known) = tensor("layer3.sums[1,1]");
    assert_eq!(name, "layer3.sums");
    assert!(known.starts_with("layer3.W_q, layer3.W_k") && !known.contains("layer2"), "{known}");
    assert_eq!(tensor("weights.2[1,1]"), ("weights".into(), "H".into()));
    assert!(tensor("layer4.weights[1,1]").1.contains("layer3.weights"));
    for text in ["layer3.weights.0[1,1]", "layer3.weights.3[1,1]", "layer3.weights.2[0,1]", "layer3.weights.2[1,5]"] {
        assert!(matches!(parse(text), Err(AddressError::Outside { .. })), "{text}");
    }
    for text in ["layer3[1,1]", "layer3.[1,1]", "layer3.weights.2.1[1,1]", "layer3.weights.2", "layer3.weights.x[1,1]"]
    {
        assert!(parse(text).is_err(), "{text}");
    }
}

prop_compose! {
    /// Any number of layers of any sizes and wiring; none: one attention without a layer.
    fn programs()(
        layers in 0_usize..5,
        batch in proptest::option::of(1_usize..4),
        tokens in 1_usize..6,
        model in 1_usize..5,
        heads in 1_usize..13,
        d in 1_usize..3,
        projected: bool,
        swapped: bool,
        tied: bool,
        joined: bool,
        kind in prop_oneof![Just(Kind::SelfAttention), Just(Kind::CrossAttention), Just(Kind::DotProduct)],
    ) -> Program {
        // One head without W_o ends at a context with a head axis: no words for a next layer.
        let heads = if layers > 1 { heads.max(2) } else { heads };
        let wide = heads * model;
        let sizes = Sizes {
            batch, tokens, memory: tokens + 1, model: wide, heads, features: heads * d, values: wide, output: Some(wide),
        };
        let wiring = Wiring { projected, swapped, tied, joined, ..Wiring::default() };
        if layers == 0 { attention(kind, &sizes, &wiring).unwrap() } else { stacked(layers, &sizes, wiring) }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_address_is_read_as_it_is_written(program in programs()) {
        let mut seen = BTreeSet::new();
        for slot in program.slots() {
            prop_assert_eq!(program.find_symbol(program.symbol(slot)), Some(slot));
            for cell in program.shape(slot).cells() {
                let address = Address { slot, cell };
                let written = address.display(&program);
                prop_assert_eq!(Address::parse(&written, &program), Ok(address), "{}", written);
                prop_assert!(seen.insert(written.clone()), "{} is written twice", written);
            }
        }
    }
}
