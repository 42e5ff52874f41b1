//! The way back through every sample that ships with the program: what its stages are called, what their axes count, what is said
//! of them.

use std::collections::BTreeSet;
use std::sync::Arc;

use qkv::math::ops::{CrossEntropy, TargetLoss};
use qkv::math::tensor::Cell;
use qkv::program::{About, Address, Backward, Divisor, MISTAKES, Name, Program, Slot, Wiring, backward, labels};
use qkv::source::sample::{BUILTIN, Sample, Scenario};

/// The way back from a loss of the weights, or of the last tensor as if it were logits.
fn way(program: &Program, of_weights: bool) -> Backward {
    let mut program = program.clone();
    let of = if of_weights {
        program.stages().iter().rfind(|stage| stage.symbol.name == Name::Weights).unwrap().output
    } else {
        program.stages().last().unwrap().output
    };
    let targets = program.input(Name::Targets, program.shape(of));
    let loss = if of_weights {
        program.stage(Name::Loss, TargetLoss, [of, targets])
    } else {
        program.stage(Name::Loss, CrossEntropy, [of, targets])
    };
    backward(&program, loss.unwrap(), |_| true).unwrap()
}

/// Every sample as it is, and the first of each kind under every switch and with every mistake.
fn programs() -> Vec<(String, Arc<Program>)> {
    let mut programs = Vec::new();
    for builtin in BUILTIN {
        let sample = builtin.load().unwrap();
        programs.push((builtin.name.to_owned(), sample.program.clone()));
        let plain = Wiring::default();
        let switched = [
            Wiring { divisor: Divisor::Whole, ..plain },
            Wiring { projected: false, ..plain },
            Wiring { swapped: true, ..plain },
            Wiring { tied: true, ..plain },
            Wiring { joined: false, ..plain },
        ];
        let mistaken = MISTAKES.iter().map(|mistake| Wiring { mistake: Some(mistake), ..plain });
        for wiring in switched.into_iter().chain(mistaken).filter(|_| builtin.name != Sample::BATCH) {
            let Ok(other) = (Scenario { wiring, ..Scenario::default() }).apply(&sample) else { continue };
            programs.push((format!("{} {wiring:?}", builtin.name), other.program));
        }
    }
    programs
}

#[test]
fn every_stage_of_a_way_back_has_a_name_of_its_own_and_says_what_it_is_made_of() {
    for (what, forward) in programs() {
        for of_weights in [true, false] {
            let back = way(&forward, of_weights);
            let program = &back.program;
            let mut names = BTreeSet::new();
            for slot in program.slots() {
                let symbol = program.symbol(slot);
                assert!(names.insert(symbol.to_string()), "{what}: {symbol} twice");
                let address = Address { slot, cell: Cell::default() };
                assert_eq!(Address::parse(&address.display(program), program).unwrap(), address, "{what}");
            }
            for stage in &program.stages()[back.forward..] {
                let label = labels::of(program, stage.output);
                let (made, of) = label.formula.split_once(" = ").unwrap();
                assert_eq!(made, stage.symbol.name.as_str(), "{what}");
                for &operand in &stage.operands {
                    let name = program.symbol(operand).name.as_str();
                    assert!(of.contains(name), "{what}: {} without {name}", label.formula);
                }
            }
        }
    }
}

#[test]
fn a_gradient_has_the_axes_and_the_colour_of_its_tensor() {
    let mut count = 0;
    for (what, forward) in programs() {
        for of_weights in [true, false] {
            let back = way(&forward, of_weights);
            let program = &back.program;
            let words = |slot: Slot| labels::of(program, slot);
            for slot in program.slots() {
                let Some(gradient) = back.gradient(slot) else { continue };
                assert_eq!(program.shape(gradient), program.shape(slot), "{what}: {}", program.symbol(slot));
                assert_eq!(words(gradient).role, words(slot).role, "{what}: {}", program.symbol(slot));
                assert_eq!(program.find_gradient(program.symbol(slot)), Some(gradient), "{what}");
                count += 1;
            }
            // What comes back through a tensor to another has the axes of that other.
            for stage in &program.stages()[back.forward..] {
                let Some((About::Part(n), through)) = stage.symbol.name.of_which() else { continue };
                let through = program.made_by(program.find(stage.symbol.layer, through).unwrap()).unwrap();
                assert_eq!(stage.shape, program.shape(through.operands[usize::from(n)]), "{what}: {}", stage.symbol);
            }
        }
    }
    assert!(count > 1000, "{count}");
}

/// Stages of a way back: symbol, axes, formula.
fn listed(name: &str, of_weights: bool) -> String {
    let sample = Sample::builtin(name).unwrap().unwrap();
    let back = way(&sample.program, of_weights);
    let line = |stage: &qkv::program::Stage| {
        let label = labels::of(&back.program, stage.output);
        format!("{:<40} {}", label.formula, stage.shape)
    };
    back.program.stages()[back.forward..].iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn ways_back_read_like_formulas() {
    for (name, of_weights) in [
        ("h1h2", false),
        ("tiananmen", true),
        ("tiananmen", false),
        ("translation-cross", false),
        (Sample::BATCH, true),
    ] {
        let loss = if of_weights { "weights" } else { "logits" };
        insta::assert_snapshot!(format!("{name}_{loss}"), listed(name, of_weights));
    }
}

#[test]
fn a_gradient_is_divided_as_its_scores_were() {
    let base = Sample::builtin(Sample::DEFAULT).unwrap().unwrap();
    for (divisor, temperature, expected) in [
        (Divisor::Root, 1.0, "dscores = dscaled / √d"),
        (Divisor::One, 1.0, "dscores = dscaled"),
        (Divisor::Whole, 2.0, "dscores = dscaled / (d · T)"),
    ] {
        let scenario = Scenario { wiring: Wiring { divisor, temperature, ..Wiring::default() }, ..Scenario::default() };
        let back = way(&scenario.apply(&base).unwrap().program, true);
        let gradient = back.program.find(None, Name::Scores.gradient()).unwrap();
        assert_eq!(labels::of(&back.program, gradient).formula, expected);
    }
}
