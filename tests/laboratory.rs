//! The √d laboratory on screen.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod house;

use std::sync::Arc;

use house::{House, fault};
use qkv::app::windows::{LaboratoryWindow, Window};
use qkv::app::{Effect, Key, Message, update};
use qkv::ground::lang::Lang;
use qkv::session::{Job, Progress, Ticket};
use qkv::study::scaling::{Experiment, KEYS, Outcome};

fn laboratory(house: &House) -> &LaboratoryWindow {
    let Some(Window::Laboratory(laboratory)) = house.model.windows.top() else { panic!("{:?}", house.model.windows) };
    laboratory
}

/// Presses a key and gives what it asks for, without carrying it out.
fn asks(house: &mut House, key: Key) -> Option<(Ticket, Option<Experiment>)> {
    match update(&mut house.model, Message::Key(key)).as_slice() {
        [Effect::Do(ticket, Job::Scaling(experiment))] => Some((*ticket, Some(*experiment))),
        [Effect::Cancel(ticket)] => Some((*ticket, None)),
        [] => None,
        effects => panic!("{effects:?}"),
    }
}

#[test]
fn it_agrees_with_theory_and_with_the_reference() {
    let mut house = House::open("tiananmen", Lang::En);
    house.press("d").key(Key::Down).key(Key::Down);
    let found = laboratory(&house).finished.clone().unwrap();
    assert_eq!((found.outcome.experiment.d(), found.outcome.drawn), (16, 100_000));
    assert!(found.verdict.ok());
    for (scores, theory) in found.outcome.with_theory() {
        assert!((scores.sigma / theory - 1.0).abs() < 0.02, "{} {theory}", scores.sigma);
    }
    let picture = house.picture(80, 24);
    for number in ["d = 16", "(4.000)", "(1.000)", "(0.250)", "512 pairs checked"] {
        assert!(picture.contains(number), "{number}: {picture}");
    }
}

#[test]
fn keys_turn_d_between_its_limits() {
    let mut house = House::open("tiananmen", Lang::En);
    let mut last = asks(&mut house, Key::Char('d')).unwrap();
    assert_eq!(last.1.map(Experiment::d), Some(64));
    for (key, d) in [
        (Key::Right, 65),
        (Key::Up, 128),
        (Key::Left, 127),
        (Key::Up, 128),
        (Key::Up, 256),
        (Key::Down, 128),
        (Key::Right, 129),
        (Key::Down, 128),
        (Key::End, 2048),
        (Key::Home, 1),
        (Key::Right, 2),
        (Key::Up, 4),
    ] {
        let next = asks(&mut house, key).unwrap();
        assert_eq!(next.1.map(Experiment::d), Some(d), "{key:?}");
        assert!(next.0 > last.0, "a newer request");
        last = next;
    }
    for (there, beyond) in [(Key::End, Key::Right), (Key::End, Key::Up), (Key::Home, Key::Left), (Key::Home, Key::Down)]
    {
        asks(&mut house, there);
        assert_eq!(asks(&mut house, beyond), None, "{beyond:?}");
    }
    let drawn_anew = asks(&mut house, Key::Char('r')).unwrap().1.unwrap();
    assert_eq!((drawn_anew.d(), drawn_anew.seed()), (1, house.model.settings.seed + 1));
    // Leaving breaks off what is being drawn.
    assert_eq!(asks(&mut house, Key::Esc).unwrap().1, None);
    assert!(house.model.windows.is_empty());
}

#[test]
fn it_grows_while_it_is_drawn_and_answers_about_another_d_are_dropped() {
    let mut house = House::open("tiananmen", Lang::En);
    let (request, wanted) = asks(&mut house, Key::Char('d')).unwrap();
    assert!(house.picture(80, 24).contains("drawing 0%"));
    let some = |wanted: Experiment, pairs: usize| {
        let scores: Vec<f64> = (0..pairs).map(|pair| wanted.score(pair)).collect();
        Arc::new(Outcome::new(wanted, &scores))
    };
    let half = some(wanted.unwrap(), 50 * KEYS);
    update(&mut house.model, Message::Progress(request, Progress::Scaling(Arc::clone(&half))));
    assert_eq!(laboratory(&house).seen().unwrap().drawn, 50 * KEYS);
    assert!(house.picture(80, 24).contains("drawing 0%"), "400 of 100000");
    // The next one shows what is known until it has something of its own.
    let (next, _) = asks(&mut house, Key::Up).unwrap();
    assert_eq!(laboratory(&house).seen().unwrap().experiment.d(), 64);
    update(&mut house.model, Message::Progress(request, Progress::Scaling(some(wanted.unwrap(), 60 * KEYS))));
    assert_eq!(laboratory(&house).seen().unwrap().drawn, 50 * KEYS, "of d = 64, which nobody wants any more");
    update(&mut house.model, Message::Answered(next, Err(fault("no power"))));
    assert!(house.picture(80, 24).contains("nothing could be drawn: no power"));
}

#[test]
fn the_laboratory_as_pictures() {
    for (lang, name) in [(Lang::Zh, "zh"), (Lang::En, "en")] {
        let mut house = House::open("tiananmen", lang);
        house.press("d");
        assert!(house.picture(80, 24).contains("d = 2"), "what the sample has stands beside what is drawn");
        for (columns, rows) in [(80, 24), (120, 36), (200, 55)] {
            insta::assert_snapshot!(format!("{name}-{columns}x{rows}"), house.picture(columns, rows));
        }
    }
}
