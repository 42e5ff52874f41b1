//! What if: given numbers are changed, everything that follows is computed anew, and every change can be undone.

#![expect(clippy::unwrap_used, reason = "tests")]

mod house;

use std::sync::Arc;

use house::House;
use proptest::prelude::*;
use qkv::app::palette::DARK;
use qkv::app::windows::Window;
use qkv::app::{Key, Message, Model, Settings, update};
use qkv::ground::lang::Lang;
use qkv::program::{Address, Name};
use qkv::session::Choice;
use qkv::source::sample::Sample;

/// Every number of the trace, by its bits.
fn bits(house: &House) -> Vec<u32> {
    let run = house.model.run().unwrap();
    let program = &run.program;
    program.slots().flat_map(|slot| run.trace.tensor(slot).numbers().map(f32::to_bits).collect::<Vec<_>>()).collect()
}

fn value(house: &House, address: &str) -> f32 {
    let run = house.model.run().unwrap();
    run.trace.get(Address::parse(address, &run.program).unwrap())
}

#[test]
fn a_given_number_is_typed_and_what_follows_moves() {
    let mut house = House::open("tiananmen", Lang::En);
    let before = value(&house, "output[1,1]");
    house.press("1").key(Key::Home).press("e");
    assert!(matches!(house.model.windows.top(), Some(Window::Prompt(_))));
    house.key(Key::Ctrl('u')).press("3").key(Key::Enter);
    assert_eq!(value(&house, "H[1,1]"), 3.0);
    assert_ne!(value(&house, "output[1,1]"), before);
    let moved = house.model.moved().cloned().unwrap();
    assert!(moved.stages.iter().any(|change| change.symbol.name == Name::Output && change.most.is_some()));
    assert!(house.picture(120, 36).contains("(edited)"));
    house.press("u");
    assert_eq!(value(&house, "output[1,1]"), before);
    assert!(!house.picture(120, 36).contains("(edited)"));
    house.press("U");
    assert_eq!(value(&house, "H[1,1]"), 3.0);
}

#[test]
fn bad_numbers_say_why_beside_the_line_and_nothing_is_lost() {
    let mut house = House::open("tiananmen", Lang::En);
    let before = bits(&house);
    house.press("1");
    for bad in ["", "x", "1e9", "nan", "inf", "1,5", "--3", "\u{661}"] {
        house.press("e").key(Key::Ctrl('u')).press(bad);
        let typed = house.picture(80, 24);
        assert!(typed.contains(bad), "{typed}");
        house.key(Key::Enter);
        match house.model.windows.top() {
            // An empty line gives up.
            None => assert!(bad.is_empty(), "{bad}"),
            Some(Window::Prompt(prompt)) => {
                assert!(prompt.error.is_some(), "{bad}");
                assert_eq!(prompt.input.value(), bad, "the line stays, to be mended");
                assert!(house.picture(80, 24).contains("write a number"), "{bad}");
            }
            other => panic!("{bad}: {other:?}"),
        }
        house.key(Key::Esc);
        assert_eq!(bits(&house), before, "{bad}");
    }
}

#[test]
fn a_copy_is_not_set_and_a_mask_keeps_a_word_to_look_at() {
    let mut house = House::open("tiananmen", Lang::En);
    let before = bits(&house);
    house.press("7+");
    assert!(house.picture(120, 36).contains("is a copy and cannot be set"));
    assert_eq!(bits(&house), before);
    // Stage 7 is the mask's; Tab goes to the mask itself.
    house.key(Key::Tab).key(Key::Home);
    for _ in 0..3 {
        house.press("0").key(Key::Right);
    }
    assert_eq!(value(&house, "weights.1[1,4]"), 1.0, "only one word is left to look at");
    house.press("0");
    assert!(house.picture(120, 36).contains("must keep at least one 1"));
    assert_eq!(value(&house, "mask[1,4]"), 1.0);
}

#[test]
fn the_heads_columns_of_the_weights_are_edited_where_they_are_seen() {
    let mut house = House::open("tiananmen", Lang::En);
    house.press("2..").key(Key::Tab).key(Key::Tab).key(Key::Home);
    let address = house.model.address().display(house.model.program());
    assert!(address.starts_with("W_q[") && address.ends_with(",5]"), "head 3 begins at column 5: {address}");
    let before = value(&house, &address);
    house.press("+");
    assert_eq!(value(&house, &address), before + 1.0, "whole steps among whole numbers");
    assert!(house.model.run().unwrap().ledger.ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Any hundred changes, undone, leave every number of the trace as it was, bit for bit; redone, as they became.
    #[test]
    fn a_hundred_changes_are_undone_bit_for_bit(keys in prop::collection::vec(prop::sample::select(vec![
        '+', '-', '0', 'w', 'm', 'n', 'b', '.', ',', 'j', 'k', 'h', 'l', '\t',
    ]), 100)) {
        let mut house = House::open("tiananmen", Lang::En);
        let before = bits(&house);
        for key in &keys {
            if *key == '\t' {
                house.key(Key::Tab);
            } else {
                house.press(&key.to_string());
            }
            prop_assert!(house.model.run().unwrap().ledger.ok());
        }
        let after = bits(&house);
        for _ in 0..keys.len() {
            house.press("u");
        }
        prop_assert_eq!(bits(&house), before);
        for _ in 0..keys.len() {
            house.press("U");
        }
        prop_assert_eq!(bits(&house), after);
    }
}

#[test]
fn ten_thousand_edits_of_a_large_sample_are_remembered_in_little_room() {
    const EDITS: usize = 10_000;
    let sample = Arc::new(Sample::builtin(Sample::BATCH).unwrap().unwrap());
    let settings =
        Settings { lang: Lang::En, palette: &DARK, ascii: false, backend: Choice::Cpu, random: false, seed: 1 };
    let mut model = Model::new(Arc::clone(&sample), settings);
    let press = |model: &mut Model, key| update(model, Message::Key(key));
    // Numbers of H, here and there; now and then the mask.
    press(&mut model, Key::Char('1'));
    for n in 0..EDITS {
        match n % 500 {
            499 => drop(press(&mut model, Key::Char('m'))),
            _ => drop(press(&mut model, Key::Char('+'))),
        }
        press(&mut model, if n % 37 < 30 { Key::Right } else { Key::Down });
    }
    let (changes, bytes) = model.remembered();
    assert_eq!(changes, EDITS);
    assert!(bytes < 4 << 20, "{bytes} bytes");
    let last = model.material.sample.inputs.clone();
    assert_ne!(last.tensors(), sample.inputs.tensors());

    for _ in 0..EDITS {
        press(&mut model, Key::Char('u'));
    }
    assert_eq!(model.remembered(), (0, bytes));
    assert_eq!(model.material.sample.inputs.tensors(), sample.inputs.tensors());
    for _ in 0..EDITS {
        press(&mut model, Key::Ctrl('r'));
    }
    assert_eq!(model.material.sample.inputs.tensors(), last.tensors());
}

#[test]
fn a_sentence_that_an_undo_keeps_for_a_redo_counts_as_remembered() {
    let mut house = House::open("tiananmen", Lang::En);
    let long = "我爱北京天安门".repeat(9);
    house.press("/").key(Key::Ctrl('u')).press(&long).key(Key::Enter);
    let h = house.model.material.sample.inputs.get(house.model.program().find(None, Name::H).unwrap()).unwrap();
    let bytes = size_of_val(h.as_slice());
    let (changes, before) = house.model.remembered();
    assert!(changes == 1 && before < bytes, "the way back leads to the sample that is kept anyway: {before} bytes");
    house.press("u");
    let (changes, after) = house.model.remembered();
    assert!(changes == 0 && after > bytes, "{after} bytes with {bytes} of H");
    house.press("U");
    assert_eq!(house.model.remembered(), (1, before));
}
