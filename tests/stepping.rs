//! Slow motion: every stage term by term, forward and back, by key and by itself.

#![expect(clippy::unwrap_used, reason = "tests")]

mod house;

use house::{House, THEME};
use proptest::prelude::*;
use qkv::app::{Effect, Key, Message, Page, StepSize, keys, update};
use qkv::engine::Engine;
use qkv::explain::{At, Shown, Tick, Ticks};
use qkv::ground::lang::Lang;
use qkv::math::ops::Exponentials;
use qkv::math::tensor::{Cell, MASKED_F64};
use qkv::program::{Name, Rule};
use qkv::session::Ticket;
use qkv::source::sample::Sample;
use ratatui::buffer::Buffer;

/// The ticks of a number, added up as they come, leave the number that the trace holds.
#[test]
fn the_ticks_of_every_number_make_it() {
    for sample in Sample::names().map(|name| Sample::builtin(name).unwrap().unwrap()) {
        let run = Engine::new().run(&sample.program, &sample.inputs).unwrap();
        let program = &sample.program;
        for (i, stage) in program.stages().iter().enumerate() {
            let slot = program.output_of(i);
            let ticks = Ticks::of(program, &run.trace, slot).unwrap();
            // Of the large sample a part that touches every axis.
            let spread = |c: &Cell| c.batch + 3 * c.head + 7 * c.row + 11 * c.col;
            let some = |c: &Cell| stage.shape.count() < 5000 || spread(c).is_multiple_of(997);
            for cell in stage.shape.cells().filter(some) {
                let want = f64::from(run.trace.get(ticks.address(cell)));
                let got = made(&ticks, cell);
                let close = got == want || (got - want).abs() <= 1e-5 * want.abs().max(1.0);
                assert!(close, "{} {}: {got} {want}", sample.name, ticks.address(cell).display(program));
                let end = At { cell, done: ticks.count(cell) };
                assert_eq!(ticks.shown(end, cell), Shown::Done);
                assert_eq!(ticks.tick(end), None);
            }
        }
    }
}

/// The steps of softmax for the row of a number.
fn exponentials(ticks: &Ticks, cell: Cell) -> Exponentials {
    Exponentials::of(&ticks.takes(cell).into_iter().map(|o| ticks.read(o)).collect::<Vec<_>>())
}

/// Carries the ticks of one number out, each from what the ticks before it left.
fn made(ticks: &Ticks, cell: Cell) -> f64 {
    let read = |at: At| -> Vec<f64> { ticks.took(at).into_iter().map(|o| ticks.read(o)).collect() };
    let mut sum = 0.0;
    // Softmax: the row's own ticks belong to its first number.
    let (mut max, mut differences, mut exps, mut total) = (f64::NAN, Vec::new(), Vec::new(), f64::NAN);
    if matches!(ticks.rule(cell), Rule::Softmax(1..)) {
        let row = exponentials(ticks, cell);
        (max, total) = (row.max, row.sum);
        assert_eq!(ticks.count(cell), 1);
    }
    for done in 0..ticks.count(cell) {
        let (tick, after) = (ticks.tick(At { cell, done }).unwrap(), At { cell, done: done + 1 });
        assert_eq!(ticks.last(after), Some(tick));
        let numbers = read(after);
        match tick {
            Tick::Term(k) => {
                assert_eq!(k, done);
                sum += numbers.iter().product::<f64>();
            }
            Tick::Row(k) => {
                assert_eq!(k, done);
                // The share and one number of V for each column.
                sum += numbers[2 * cell.col] * numbers[2 * cell.col + 1];
            }
            Tick::Whole => {
                sum = match ticks.rule(cell) {
                    Rule::Quotient(by) => numbers[0] / by,
                    Rule::Gate if numbers[1] == 0.0 => MASKED_F64,
                    _ => numbers[0],
                };
            }
            Tick::Max => max = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            Tick::Difference(_) => differences.push(numbers[0] - max),
            Tick::Exponential(_) => exps.push(differences[exps.len()].exp()),
            Tick::Total => {
                assert_eq!(exps.len(), numbers.len());
                total = exps.iter().sum();
            }
            Tick::Share => sum = if numbers[0] == MASKED_F64 { 0.0 } else { (numbers[0] - max).exp() / total },
        }
        if let Shown::Running(so_far) = ticks.shown(after, cell) {
            assert!((so_far - sum).abs() <= 1e-12 * sum.abs().max(1.0));
        }
    }
    sum
}

#[test]
fn softmax_is_walked_as_it_is_computed() {
    use Tick::{Difference, Exponential, Max, Share, Total};

    let mut house = House::open("tiananmen", Lang::En);
    // The causal mask hides columns 3 and 4 of row 2.
    house.press("m:stage weights").key(Key::Enter);
    let run = house.model.run().cloned().unwrap();
    let slot = run.program.find(None, Name::Weights).unwrap();
    let ticks = Ticks::of(&run.program, &run.trace, slot).unwrap();
    let all = |cell| (0..ticks.count(cell)).map(|done| ticks.tick(At { cell, done }).unwrap()).collect::<Vec<_>>();
    assert_eq!(all(Cell::at(1, 0)), [Max, Difference(0), Difference(1), Exponential(0), Exponential(1), Total, Share]);
    assert_eq!(all(Cell::at(1, 1)), [Share]);
    assert_eq!(all(Cell::at(1, 3)), [Share]);
    let row = exponentials(&ticks, Cell::at(1, 0));
    assert_eq!(row, Exponentials::of(&[row.exp[0].ln() + row.max, row.exp[1].ln() + row.max, MASKED_F64, MASKED_F64]));
}

/// What must be the same again, with the picture of it.
fn state(house: &mut House) -> (Page, usize, Cell, qkv::app::Stepping, Buffer) {
    let m = &house.model;
    let kept = (m.view.page, m.view.focus, m.view.cursor, m.stepping.clone());
    (kept.0, kept.1, kept.2, kept.3, house.buffer(100, 30, THEME))
}

/// Everything that moves, changes or plays; a tick among them as the Tab of no key.
const KEYS: [Key; 38] = [
    Key::Char('n'),
    Key::Char('n'),
    Key::Char('n'),
    Key::Char('b'),
    Key::Char('b'),
    Key::Char('s'),
    Key::Char('s'),
    Key::Char(' '),
    Key::Char('{'),
    Key::Char('}'),
    Key::PageDown,
    Key::PageUp,
    Key::Char('`'),
    Key::Char('G'),
    Key::Char('1'),
    Key::Char('5'),
    Key::Char('7'),
    Key::Char('8'),
    Key::Char('9'),
    Key::Up,
    Key::Down,
    Key::Left,
    Key::Right,
    Key::Home,
    Key::End,
    Key::Char('.'),
    Key::Char(','),
    Key::Tab,
    Key::Char('+'),
    Key::Char('-'),
    Key::Char('0'),
    Key::Char('u'),
    Key::Char('U'),
    Key::Char('w'),
    Key::Char('m'),
    Key::Char('L'),
    Key::Enter,
    Key::Esc,
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    /// From wherever a walk of keys has led, k steps forward and k steps back restore everything, the picture included.
    #[test]
    fn k_steps_forward_and_k_back_restore_the_state(
        keys in prop::collection::vec((0..KEYS.len(), any::<bool>()), 0..40),
        steps in 1_usize..30,
        sample in prop::sample::select(vec!["tiananmen", "translation-cross", "h1h2"]),
    ) {
        let mut house = House::open(sample, Lang::Zh);
        for (key, tick) in keys {
            house.key(KEYS[key]);
            if tick {
                tell_ticks(&mut house, 1);
            }
        }
        while !house.model.windows.is_empty() {
            house.key(Key::Esc);
        }
        // A key that does nothing pauses and takes the notice away, as a step does.
        house.press("@");
        let before = state(&mut house);
        let mut taken = 0;
        for _ in 0..steps {
            let here = state(&mut house);
            house.press("n");
            let there = state(&mut house);
            if there.3 == here.3 {
                prop_assert_eq!(&here, &there, "a step that leads nowhere changes nothing");
            } else {
                taken += 1;
                let mut back = house.model.clone();
                update(&mut back, Message::Key(Key::Char('b')));
                prop_assert_eq!(&back.stepping, &here.3);
            }
        }
        for _ in 0..taken {
            house.press("b");
        }
        prop_assert_eq!(state(&mut house), before);
    }
}

/// The ticks that have been asked for and are not stale, so many of them. Returns how many were used.
fn tell_ticks(house: &mut House, most: usize) -> usize {
    for n in 0..most {
        if !house.model.stepping.playing {
            return n;
        }
        let ticket = house.model.stepping.ticket();
        let effects = update(&mut house.model, Message::Tick(ticket));
        house.carry_out(effects);
    }
    most
}

#[test]
fn playing_takes_every_tick_of_the_stage_and_stops() {
    let mut house = House::open("tiananmen", Lang::En);
    for (stage, total) in [("Q", 64), ("scores", 32), ("masked", 16), ("weights", 56), ("context", 16), ("output", 256)]
    {
        house.key(Key::Esc).press(&format!(":stage {stage}")).key(Key::Enter).press(" ");
        assert_eq!(house.model.stepping.step_size, StepSize::Term);
        assert_eq!(house.model.progress(), Some((0, total)), "{stage}");
        for made in 1..=total {
            assert!(house.model.stepping.playing, "{stage} stopped at {made}");
            assert_eq!(tell_ticks(&mut house, 1), 1);
            assert_eq!(house.model.progress(), Some((made, total)), "{stage}");
        }
        assert!(!house.model.stepping.playing, "{stage} plays on");
        let (page, picture) = (house.model.view.page, house.picture(120, 36));
        assert!(!picture.contains("[·]"), "{picture}");
        // Space goes on with the next stage, and after the last one says so.
        house.press(" ");
        if stage == "output" {
            assert_eq!(house.model.view.page, Page::End);
            assert!(house.press(" ").picture(120, 36).contains("the end of the last stage"));
        } else {
            assert_ne!(house.model.view.page, page);
            assert_eq!(house.model.progress().map(|p| p.0), Some(0));
            assert!(house.model.stepping.playing);
        }
    }
}

#[test]
fn a_step_is_a_term_a_number_a_row_or_a_stage() {
    let mut house = House::open("tiananmen", Lang::En);
    house.press("5");
    let whole = house.picture(120, 36);
    house.key(Key::Home).press("kkks");
    for (size, all) in [(StepSize::Term, 32), (StepSize::Cell, 16), (StepSize::Row, 4)] {
        house.press("5").key(Key::Down).key(Key::Up);
        assert_eq!(house.model.stepping.step_size, size);
        for done in 0..=all {
            assert_eq!(house.model.progress(), Some((done, all)), "{size:?}");
            house.press("n");
        }
        assert_eq!(house.model.view.page, Page::Stage(4), "{size:?}: over the end into the next stage");
        for done in (0..=all).rev() {
            house.press("b");
            assert_eq!(house.model.progress(), Some((done, all)), "{size:?}");
        }
        house.press("s");
    }
    assert_eq!(house.model.stepping.step_size, StepSize::Stage);
    house.press("4").press("n");
    assert_eq!(house.model.progress(), None);
    assert_eq!(house.picture(120, 36).lines().count(), whole.lines().count());
}

#[test]
fn without_a_trail_back_goes_by_the_step_size() {
    for (keys, all) in [("s", 32_usize), ("ss", 16), ("sss", 4)] {
        let mut house = House::open("tiananmen", Lang::En);
        house.press("5").press(keys).press("65");
        house.key(Key::Down).key(Key::Up);
        for _ in 0..all {
            house.press("n");
        }
        // A head and back: the trail is gone.
        house.press(".,");
        for done in (0..all).rev() {
            house.press("b");
            assert_eq!(house.model.progress(), Some((done, all)), "{keys}");
        }
        house.press("b");
        let (made, of) = house.model.progress().unwrap();
        assert_eq!((made, house.model.view.page), (of, Page::Stage(2)), "the end of the stage before");
    }
}

#[test]
fn stale_wake_ups_do_nothing_and_any_other_key_pauses() {
    let mut house = House::open("tiananmen", Lang::En);
    let wake = |effects: &[Effect]| match effects {
        [Effect::Wake { after, ticket }] => Some((*after, *ticket)),
        _ => None,
    };
    house.press("5");
    let (after, first) = wake(&update(&mut house.model, Message::Key(Key::Char(' ')))).unwrap();
    // Faster: a new wake-up, sooner; the old one is stale.
    let (sooner, second) = wake(&update(&mut house.model, Message::Key(Key::Char('}')))).unwrap();
    assert_eq!(sooner * 2, after);
    assert!(update(&mut house.model, Message::Tick(first)).is_empty());
    assert_eq!(house.model.progress(), Some((0, 32)));
    let (_, third) = wake(&update(&mut house.model, Message::Tick(second))).unwrap();
    assert_eq!(house.model.progress(), Some((1, 32)));
    assert!(update(&mut house.model, Message::Tick(second)).is_empty());
    house.press("LT");
    assert!(house.model.stepping.playing);
    house.press("?");
    assert!(!house.model.stepping.playing);
    assert!(update(&mut house.model, Message::Tick(third)).is_empty());
    assert_eq!(house.model.progress(), Some((1, 32)));
    // Not playing, nothing wakes.
    house.key(Key::Esc);
    for key in ['n', 'b', '{', 's', 'x'] {
        assert_eq!(wake(&update(&mut house.model, Message::Key(Key::Char(key)))), None, "{key}");
    }
    house.key(Key::Esc);
    assert_eq!(house.model.stepping.step_size, StepSize::Stage, "Esc shows everything again");
}

#[test]
fn what_is_not_computed_yet_is_not_shown() {
    let mut house = House::open("tiananmen", Lang::En);
    // The words are no stage: Space begins with the first one.
    house.press(" ");
    assert_eq!((house.model.view.page, house.model.progress()), (Page::Stage(0), Some((0, 64))));
    let picture = house.picture(120, 36);
    assert!(picture.contains("8 terms, none added yet"), "{picture}");
    tell_ticks(&mut house, 3);
    assert!(house.picture(120, 36).contains("term 3 of 8"));
    house.press(":stage scores").key(Key::Enter).press("....");
    let empty = house.picture(80, 24);
    // Of the result all but the one under the cursor, and the sign of the product.
    let dots = empty.lines().filter(|line| !line.contains("Q · K")).map(|line| line.matches(" ·").count());
    assert_eq!(dots.sum::<usize>(), 15 + 1, "{empty}");
    assert!(empty.contains("[·]"), "{empty}");
}

#[test]
fn halfway_through_a_product_a_softmax_and_a_weighted_sum() {
    for (lang, name) in [(Lang::Zh, "zh"), (Lang::En, "en")] {
        for (stage, steps) in [("scores", 13), ("weights", 23), ("context", 7)] {
            let mut house = House::open("tiananmen", lang);
            house.press(&format!(".s:stage {stage}")).key(Key::Enter);
            house.press(&"n".repeat(steps));
            for (columns, rows) in [(80, 24), (120, 40)] {
                insta::assert_snapshot!(format!("{name}-{columns}x{rows}-{stage}"), house.picture(columns, rows));
            }
        }
    }
}

#[test]
fn twenty_thousand_keys_and_ticks() {
    let mut keys: Vec<Key> = keys::walk_commands().iter().flat_map(|command| command.keys).copied().collect();
    keys.extend([Key::Enter, Key::Esc, Key::Char('n'), Key::Char('s'), Key::Char(' '), Key::Char('n')]);
    // The laboratory draws millions of numbers and has random keys of its own.
    keys.retain(|&key| key != Key::Char('d'));
    let mut house = House::open("tiananmen", Lang::En);
    let mut state = 7_u64;
    let mut random = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    for n in 0..20_000 {
        if random(3) == 0 {
            // Now and then one that nobody asked for.
            let ticket = if random(4) == 0 { Ticket::default() } else { house.model.stepping.ticket() };
            let effects = update(&mut house.model, Message::Tick(ticket));
            house.carry_out(effects);
        } else {
            house.key(keys[random(keys.len())]);
        }
        // The large sample takes a second for each result.
        if house.model.material.original.name == Sample::BATCH {
            house = House::open("translation", Lang::Zh);
        }
        if let Some((done, all)) = house.model.progress() {
            assert!(done <= all, "after {n} keys: {done}/{all}");
        }
        if random(20) == 0 {
            house.picture(random(200) as u16, random(60) as u16);
        }
    }
}

/// Whoever knows the way presses keys before there are numbers.
#[test]
fn a_head_or_a_number_that_was_chosen_before_the_first_numbers_stays_chosen() {
    let early = |keys: &str| {
        let mut model = House::model("tiananmen", Lang::En);
        for key in keys.chars() {
            update(&mut model, Message::Key(Key::Char(key)));
        }
        House::new(model).model.address().cell
    };
    let head = |keys: &str| early(keys).head;
    assert_eq!((head("5"), head("5."), head("5..")), (0, 1, 2));
    let led = early("5jjl");
    assert_eq!((led.row, led.col), (2, 1), "the cursor stays where it was led");
}
