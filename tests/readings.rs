//! What the picture shows besides the numbers of now: the influence of one number, and invariants that broke.

#![expect(clippy::unwrap_used, reason = "tests")]

mod house;

use std::sync::Arc;

use house::House;
use qkv::app::{Key, Message, Reading, update};
use qkv::ground::lang::Lang;
use qkv::math::tensor::Cell;
use qkv::program::{Address, Broken, Ledger, Name};
use qkv::session::{Answer, Kind, Run};

/// The address of a cell, counted as on the screen.
fn address(house: &House, symbol: Name, head: usize, row: usize, col: usize) -> Address {
    let slot = house.model.program().find(None, symbol).unwrap();
    Address { slot, cell: Cell { batch: 0, head: head - 1, row: row - 1, col: col - 1 } }
}

/// Types a number over the one under the cursor.
fn set(house: &mut House, number: &str) {
    house.press("e").key(Key::Ctrl('u'));
    house.press(number).key(Key::Enter);
}

#[test]
fn a_number_is_followed_through_every_stage() {
    let mut house = House::open("tiananmen", Lang::En);
    house.press("5f");
    let of = house.model.influence().unwrap().of;
    assert_eq!(house.model.program().symbol(of.slot).name, Name::Scores);
    let picture = house.picture(80, 24);
    assert!(
        picture.contains("∂/∂scores.1[1,2]") && picture.contains("∂scores.1[1,2] / ∂scores.1[1,2] = 1"),
        "{picture}"
    );

    // ÷√2, and the derivative of softmax: p(1 − p).
    house.press("]");
    assert!((house.model.shown().unwrap().get(house.model.address()) - 0.5_f32.sqrt()).abs() < 1e-6);
    house.press("]]");
    let p = house.model.trace().unwrap().get(house.model.address());
    let shown = house.model.shown().unwrap().get(house.model.address());
    assert!((shown - p * (1.0 - p) * 0.5_f32.sqrt()).abs() < 1e-6, "{shown}");
    let picture = house.picture(80, 24);
    assert!(picture.contains("0.09·δ"), "{picture}");
    assert!(
        !picture.contains('Σ') && !picture.contains("exp(x - max)"),
        "shares add up, derivatives do not: {picture}"
    );
    // Another row of scores has nothing to do with it.
    let other = address(&house, Name::Weights, 1, 2, 2);
    assert!(house.model.influence().unwrap().on(other) == 0.0);

    // The numbers of now come back: by the same key, by Esc, by slow motion.
    house.press("f");
    assert_eq!((house.model.view.reading, house.model.influence().is_none()), (Reading::Now, true));
    assert_eq!(house.press("f").key(Key::Esc).model.view.reading, Reading::Now);
    assert_eq!(house.press("fs").model.view.reading, Reading::Now);
    assert!(house.model.partial().is_some());
    house.press("f");
    assert!(house.model.partial().is_none() && house.model.influence().is_some());
}

#[test]
fn what_is_followed_keeps_up_with_what_is_changed() {
    let mut house = House::open("tiananmen", Lang::Zh);
    house.press("5f]]]");
    let before = house.model.shown().unwrap().get(house.model.address());
    house.press("S4"); // whatever stands there: the number is still followed
    house.key(Key::Esc);
    house.press("[[[");
    set(&mut house, "0");
    house.press("]]]");
    assert_eq!(house.model.view.reading, Reading::Influence);
    let after = house.model.shown().unwrap().get(house.model.address());
    assert!((before - after).abs() > 0.01, "{before} {after}");
    // Another sample has other numbers.
    house.press(":sample h1h2").key(Key::Enter);
    assert_eq!((house.model.view.reading, house.model.influence().is_none()), (Reading::Now, true));
}

#[test]
fn an_entry_of_the_mask_is_not_followed_and_says_why() {
    let mut house = House::open("tiananmen", Lang::En);
    house.press("7").key(Key::Tab);
    assert_eq!(house.model.program().symbol(house.model.slot()).name, Name::Mask);
    house.press("f");
    assert_eq!(house.model.view.reading, Reading::Now);
    assert!(house.model.notice.as_ref().unwrap().text.en.contains("no derivative"));
}

#[test]
fn a_row_that_does_not_sum_to_1_names_the_number_that_did_it() {
    let mut house = House::open("tiananmen", Lang::En);
    house.press("8");
    assert!(house.model.alarms().is_empty());
    set(&mut house, "1.5");
    let alarm = house.model.alarms()[0];
    assert!(matches!(alarm.what, Broken::RowSum(sum) if sum > 1.6), "{alarm:?}");
    assert_eq!((alarm.cause, house.model.alarms().len()), (address(&house, Name::Weights, 1, 1, 2), 1));
    let picture = house.key(Key::Right).picture(80, 24);
    assert!(picture.contains("1.50!") && picture.contains("sums to 1.65, not 1"), "{picture}");
    house.press("u");
    assert!(house.model.alarms().is_empty());
    assert!(!house.picture(80, 24).contains("sums to"));
}

#[test]
fn infinity_and_nan_name_where_they_began() {
    let mut house = House::open("tiananmen", Lang::Zh);
    house.press("5");
    set(&mut house, "3e38");
    house.press(":temperature 0.05").key(Key::Enter);
    let at = |symbol| address(&house, symbol, 1, 1, 2);
    let found: Vec<_> = house.model.alarms().iter().map(|a| (a.what, a.at, a.cause)).collect();
    assert_eq!(found[0], (Broken::Infinite, at(Name::Scaled), at(Name::Scaled)));
    let nan = found.iter().find(|(what, ..)| *what == Broken::NotANumber).unwrap();
    assert_eq!((nan.1.slot, nan.2), (at(Name::Weights).slot, at(Name::Scaled)), "{found:?}");
    assert!(found.iter().all(|(_, _, cause)| *cause == at(Name::Scaled)), "{found:?}");
    assert!(house.model.run().unwrap().ledger.ok(), "the reference says the same");
    let picture = house.press("8").picture(80, 24);
    assert!(picture.contains("不是数（NaN）") && picture.contains("由 scaled.1[1,2] 引起"), "{picture}");
}

#[test]
fn numbers_changed_by_hand_are_marked() {
    let mut house = House::open("tiananmen", Lang::En);
    house.press("1+").key(Key::Right);
    let marked = |house: &mut House| house.picture(120, 36).matches("0.10*").count();
    assert_eq!(marked(&mut house), 1, "{}", house.picture(120, 36));
    house.press("u");
    assert_eq!(marked(&mut house), 0);
}

#[test]
fn readings_as_pictures() {
    for (lang, name) in [(Lang::Zh, "zh"), (Lang::En, "en")] {
        for size in [(80, 24), (120, 36)] {
            let name = format!("{name}-{}x{}", size.0, size.1);
            let mut house = House::open("tiananmen", lang);
            house.press("5f]]]]");
            insta::assert_snapshot!(format!("{name}-follow"), house.picture(size.0, size.1));
            house.press("f8");
            set(&mut house, "0.5");
            insta::assert_snapshot!(format!("{name}-alarm"), house.picture(size.0, size.1));
            house.press("==");
            insta::assert_snapshot!(format!("{name}-difference"), house.picture(size.0, size.1));
        }
    }
}

/// A run is asked for, and this comes back.
fn comes_back(house: &mut House, run: Run) {
    for key in ['+', 'u'] {
        update(&mut house.model, Message::Key(Key::Char(key)));
    }
    let ticket = house.model.ticket(Kind::Run).unwrap();
    update(&mut house.model, Message::Answered(ticket, Ok(Answer::Run(Arc::new(run)))));
}

#[test]
fn the_status_line_says_how_much_has_been_checked() {
    for (lang, all, some) in
        [(Lang::En, "every cell checked", "% checked so far, worst error"), (Lang::Zh, "逐格核对过", "已核对 ")]
    {
        let mut house = House::open("tiananmen", lang);
        assert!(house.picture(120, 36).contains(all));
        let run = house.model.run().cloned().unwrap();
        let mut ledger = Ledger::unchecked(&run.program);
        for share in [0, 11] {
            comes_back(&mut house, Run { ledger: ledger.clone(), ..Run::clone(&run) });
            let picture = house.picture(120, 36);
            let percent = format!("{share}%");
            assert!(picture.contains(some) && picture.contains(&percent) && !picture.contains(all), "{picture}");
            ledger.advance(&run.program, &run.trace, 3, 1);
            ledger.advance(&run.program, &run.trace, 3, 4 * 4 * 2 * 3);
        }
        ledger.advance(&run.program, &run.trace, 3, u64::MAX);
        assert_eq!(ledger, run.ledger);
        comes_back(&mut house, Run { ledger, ..Run::clone(&run) });
        assert!(house.picture(120, 36).contains(all));
    }
}
