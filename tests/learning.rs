//! One step of learning: a row of weights is told where to look, the gradients come back through every stage, and the W move.

#![expect(clippy::unwrap_used, reason = "tests")]

mod house;

use house::House;
use qkv::app::Key;
use qkv::compute::{Compute, Cpu};
use qkv::ground::lang::Lang;
use qkv::math::tensor::Cell;
use qkv::program::training::LEARNED;
use qkv::program::{Address, Direction, Ledger, Name, Optimizer, Trace};
use qkv::source::sample::{Aim, BUILTIN, MaskChoice, Sample, Scenario};

fn run(sample: &Sample) -> Trace {
    Cpu::default().run(&sample.program, &sample.inputs).unwrap()
}

fn loss(sample: &Sample) -> f64 {
    f64::from(run(sample).find(&sample.program, None, Name::Loss).unwrap().get(Cell::default()))
}

/// The samples that have W to learn, one sentence each.
fn samples() -> impl Iterator<Item = Sample> {
    let all = BUILTIN.iter().map(|builtin| builtin.load().unwrap());
    all.filter(|sample| sample.input(Name::WQ).is_some() && sample.sizes.batch.is_none())
}

/// Every row of every head looks at the first word that it may see.
fn first_words(sample: &Sample) -> Aim {
    let weights = sample.program.find(None, Name::Weights).unwrap();
    let shape = sample.program.shape(weights);
    let trace = run(sample);
    let mut aim = Aim::default();
    for head in 0..shape.heads.map_or(1, |heads| heads) {
        for row in 0..shape.rows.len {
            let seen =
                |col: &usize| trace.get(Address { slot: weights, cell: Cell { batch: 0, head, row, col: *col } }) > 0.0;
            let col = (0..shape.cols.len).find(seen).unwrap();
            aim.targets.insert((0, head, row), col);
        }
    }
    aim
}

fn aiming(aim: Aim) -> Scenario {
    Scenario { aim: Some(aim), ..Scenario::default() }
}

#[test]
fn a_gradient_says_what_the_loss_does_when_its_weight_moves() {
    let mut looked_at = 0;
    for base in samples() {
        let scenario = aiming(first_words(&base));
        let sample = scenario.apply(&base).unwrap();
        let (program, trace) = (&sample.program, run(&sample));
        assert!(Ledger::check(program, &trace).ok(), "{}", sample.name);
        for input in program.inputs().iter().filter(|input| LEARNED.contains(&input.symbol.name)) {
            let Some(gradient) = program.find_gradient(input.symbol) else { continue };
            let cells = program.shape(input.slot).cells();
            let steepest = cells.max_by(|&a, &b| {
                let at = |cell| trace.get(Address { slot: gradient, cell }).abs();
                at(a).total_cmp(&at(b))
            });
            let cell = steepest.unwrap();
            let said = f64::from(trace.get(Address { slot: gradient, cell }));
            let now = trace.get(Address { slot: input.slot, cell });
            let moved = |by: f32| {
                let put = scenario.with_number(program, Address { slot: input.slot, cell }, now + by).unwrap();
                loss(&put.apply(&base).unwrap())
            };
            let found = (moved(0.01) - moved(-0.01)) / 0.02;
            assert!(
                (found - said).abs() <= 1e-3 + 0.01 * said.abs(),
                "{} {}: {found} {said}",
                sample.name,
                input.symbol
            );
            looked_at += 1;
        }
    }
    assert!(looked_at >= 8, "{looked_at}");
}

#[test]
fn steps_of_both_optimizers_bring_every_row_closer_and_only_the_w_of_scores_move() {
    for base in samples() {
        for optimizer in [Optimizer::Sgd, Optimizer::Adam] {
            let mut scenario = aiming(first_words(&base).by(optimizer));
            let before = loss(&scenario.apply(&base).unwrap());
            for _ in 0..20 {
                let sample = scenario.apply(&base).unwrap();
                let trace = run(&sample);
                let next = scenario.after_step(&sample.program, &trace).unwrap();
                let after = next.apply(&base).unwrap();
                for name in LEARNED {
                    let (Some(was), Some(is)) = (sample.input(name), after.input(name)) else { continue };
                    let stepped = trace.find(&sample.program, None, name.about(qkv::program::About::Next));
                    assert_eq!(
                        **is,
                        *stepped.unwrap_or(was),
                        "{} {name}: what the run computed is what is learned",
                        base.name
                    );
                }
                scenario = next;
            }
            let after = loss(&scenario.apply(&base).unwrap());
            assert!(after < before, "{} {}: {before} {after}", base.name, optimizer.name());
            let sample = scenario.apply(&base).unwrap();
            for name in [Name::WV, Name::WO] {
                assert_eq!(
                    sample.input(name),
                    base.input(name),
                    "{}: {name} has no say in who looks at whom",
                    base.name
                );
            }
        }
    }
}

#[test]
fn a_learner_sets_a_target_takes_a_step_sees_the_row_come_closer_and_undoes_it() {
    let mut house = House::open("tiananmen", Lang::En);
    let weight = |house: &House| {
        let run = house.model.run().unwrap();
        run.trace.get(Address::parse("weights.1[2,3]", &run.program).unwrap())
    };
    house.press("I").press("n");
    assert!(house.picture(120, 36).contains("set a target first"), "{}", house.picture(120, 36));
    house.key(Key::Down).key(Key::Right).key(Key::Enter);
    let before = weight(&house);
    let picture = house.picture(120, 36);
    assert!(picture.contains("爱 → 北京") && picture.contains("∂L/∂W_"), "{picture}");
    house.press("n");
    let after = weight(&house);
    assert!(after > before, "{before} {after}");
    assert!(house.picture(120, 36).contains("trained weights, 1 step of learning"));
    assert!(house.model.run().unwrap().ledger.ok());
    // Many steps one after another, until the row looks where it should.
    house.press(" ");
    assert!(weight(&house) > 0.9, "{}", weight(&house));
    let steps = house.model.material.scenario.aim.as_ref().unwrap().learned.steps;
    assert!(steps > 1 && house.picture(120, 36).contains(&format!("{steps} steps")));
    for _ in 0..steps {
        house.press("u");
    }
    assert_eq!(weight(&house).to_bits(), before.to_bits());
}

#[test]
fn the_way_back_is_walked_and_a_gradient_opened() {
    let mut house = House::open("tiananmen", Lang::En);
    house.press("I").key(Key::Home).key(Key::Enter).press("))");
    assert_eq!(house.model.section().direction, Direction::Step);
    house.press("(");
    assert_eq!(house.model.section().direction, Direction::Back);
    house.key(Key::Esc);
    let mut seen = Vec::new();
    for _ in 0..house.model.pages() {
        seen.push(house.model.program().symbol(house.model.slot()).name.to_string());
        let picture = house.picture(120, 36);
        assert!(!picture.contains("computing"), "{picture}");
        house.press("]");
    }
    for name in ["dweights", "dmasked", "dscores", "dQ", "dK", "dW_q", "dW_k"] {
        assert!(seen.iter().any(|seen| seen == name), "{name}: {seen:?}");
    }
    while house.model.program().symbol(house.model.slot()).name.as_str() != "dW_q" {
        house.press("[");
    }
    house.key(Key::Enter);
    let opened = house.picture(120, 36);
    assert!(opened.contains("dW_q[1,2] = ") && opened.contains("back_Q[1,2]"), "{opened}");
}

#[test]
fn what_is_masked_cannot_be_aimed_at_and_a_mask_over_a_target_is_refused() {
    let mut house = House::open("tiananmen", Lang::En);
    house.press("I").key(Key::Right).key(Key::Right).key(Key::Enter).key(Key::Esc).press("m");
    assert!(house.picture(120, 36).contains("what cannot be seen cannot be learned"), "{}", house.picture(120, 36));
    assert_eq!(house.model.material.scenario.mask, MaskChoice::Own);
}

#[test]
fn what_was_learned_is_saved_and_opened_again() {
    let base = Sample::builtin("tiananmen").unwrap().unwrap();
    let mut scenario = aiming(first_words(&base));
    let sample = scenario.apply(&base).unwrap();
    scenario = scenario.after_step(&sample.program, &run(&sample)).unwrap();
    let learned = scenario.apply(&base).unwrap();
    let toml = scenario.to_toml(&base).unwrap();
    let read = Sample::parse(&toml, "learned.toml").unwrap();
    for name in LEARNED {
        assert_eq!(read.input(name), learned.input(name), "{name}");
    }
    assert_eq!(read.origin.name(), "trained");
}

#[test]
fn what_is_aimed_at_is_saved_and_learned_on() {
    let base = Sample::builtin("tiananmen").unwrap().unwrap();
    let of = |optimizer| Aim { rate: 0.75, ..first_words(&base).by(optimizer) };
    for aim in [first_words(&base), of(Optimizer::Sgd), of(Optimizer::Adam)] {
        let (targets, optimizer, rate) = (aim.targets.clone(), aim.optimizer, aim.rate);
        let scenario = aiming(aim);
        let sample = scenario.apply(&base).unwrap();
        let scenario = scenario.after_step(&sample.program, &run(&sample)).unwrap();
        let toml = scenario.to_toml(&base).unwrap();
        let read = Sample::parse(&toml, "aiming.toml").unwrap();
        let aim = read.what_if.aim.as_ref().unwrap();
        assert_eq!((&aim.targets, aim.optimizer, aim.rate), (&targets, optimizer, rate));
        let again = read.as_saved().unwrap();
        assert!(again.program.find(None, Name::Loss).is_some(), "it opens with the way back");
        // The next step is that of whoever did not stop; Adam's moments begin anew.
        if optimizer == Optimizer::Sgd {
            let on = scenario.apply(&base).unwrap();
            let next = |sample: &Sample, scenario: &Scenario| {
                scenario.after_step(&sample.program, &run(sample)).unwrap().aim.unwrap().learned.tensors.clone()
            };
            assert_eq!(next(&again, &read.what_if), next(&on, &scenario));
        }
        assert_eq!(read.what_if.to_toml(&read).unwrap(), toml, "saved again it is the same file");
    }
}
