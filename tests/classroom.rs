//! Lessons in a room: questions asked and answered, hands counted, the speaker's notes, and what is learned from it.

#![expect(clippy::unwrap_used, reason = "a check that cannot go on should stop")]

mod house;

use house::House;
use qkv::app::lesson::Open;
use qkv::app::{Key, Model};
use qkv::engine::{Builtin, Driver};
use qkv::ground::lang::Lang;
use qkv::source::lesson::Lesson;
use qkv::study::Concept;
use qkv::study::learned::Learned;

fn lesson(name: &str) -> Lesson {
    Driver::new(Builtin).lesson(name).unwrap()
}

/// Somebody who begins a lesson, and of whom it is kept what was learned.
fn learner(name: &str) -> House {
    let model = House::open("tiananmen", Lang::En).model.with_learned(Learned::default());
    let mut house = House::new(model);
    house.begin_lesson(lesson(name));
    house
}

/// A class that is shown a lesson.
fn class(name: &str) -> House {
    let mut house = House::new(House::open("tiananmen", Lang::En).model.for_a_class());
    house.begin_lesson(lesson(name));
    house
}

fn step(model: &Model) -> usize {
    model.lesson().unwrap().number() + 1
}

/// Goes on until a question is to be answered.
fn to_a_question(house: &mut House) {
    while house.model.lesson().unwrap().open() != Some(Open::Question) {
        let playing = house.model.lesson().unwrap();
        assert!(playing.number() + 1 < playing.lesson().steps.len(), "no question");
        let effects = house.model.go_on_in_lesson();
        house.carry_out(effects);
    }
}

/// Goes on to a step, from 1.
fn to_step(house: &mut House, wanted: usize) {
    while step(&house.model) < wanted {
        let effects = house.model.go_on_in_lesson();
        house.carry_out(effects);
    }
}

#[test]
fn a_question_is_asked_before_the_lesson_goes_on() {
    let mut house = learner("four-steps");
    let first = house.picture(120, 36);
    assert!(first.contains("PgDn asks you about it"), "{first}");
    house.key(Key::PageDown);
    let asked = house.picture(120, 36);
    assert!(asked.contains("In head 2, to whom does 爱 give most of its share?"), "{asked}");
    assert_eq!(step(&house.model), 1, "the question comes first");
    // The second choice is right.
    house.press("2").key(Key::Enter);
    let told = house.picture(120, 36);
    assert!(told.contains("✓ Right.") && told.contains("Four steps show how"), "{told}");
    assert!(house.model.lesson().unwrap().is_done());
    house.key(Key::PageDown);
    assert_eq!(step(&house.model), 2);
}

#[test]
fn a_wrong_answer_is_told_what_was_mixed_up() {
    let mut house = learner("four-steps");
    house.key(Key::PageDown).press("1").key(Key::Enter);
    let told = house.picture(120, 36);
    assert!(told.contains("Not quite. It is head 1 that looks for the subject"), "{told}");
}

#[test]
fn nothing_gives_the_answer_away_before_it_is_given() {
    let mut house = learner("four-steps");
    house.key(Key::PageDown);
    for size in [(80, 24), (120, 36), (200, 55)] {
        let picture = house.picture(size.0, size.1);
        assert!(!picture.contains("0.47"), "{size:?}\n{picture}");
    }
    house.press("2").key(Key::Enter);
    assert!(house.picture(120, 36).contains("0.47"));
}

#[test]
fn what_is_learned_is_kept() {
    let mut house = learner("four-steps");
    assert_eq!(house.kept().unwrap().reached("four-steps").step, 1);
    house.key(Key::PageDown).press("2").key(Key::Enter);
    let known = house.kept().unwrap().known(Concept::Scores);
    assert_eq!((known.right, known.asked), (1, 1));
    house.key(Key::PageDown);
    assert_eq!(house.kept().unwrap().reached("four-steps").step, 2);
}

#[test]
fn hands_are_counted_the_answer_shown_and_the_room_asked_once_more() {
    let mut house = class("four-steps");
    to_a_question(&mut house);
    house.key(Key::PageDown).press("V");
    house.press("3 12 0 5").key(Key::Enter);
    let counted = house.picture(120, 36);
    assert!(counted.contains("[12]") && counted.contains("[5]"), "{counted}");
    house.press("O");
    let shown = house.picture(120, 36);
    assert!(shown.contains('✓') && !shown.contains("Right."), "{shown}");
    house.press("NV").press("0 20 0 0").key(Key::Enter);
    assert!(house.picture(120, 36).contains("[12 → 20]"));
    assert!(house.model.answers.is_empty(), "nobody's own answer");
}

#[test]
fn a_class_sees_large_cells_and_one_thing_at_a_time() {
    let mut house = class("four-steps");
    to_step(&mut house, 4);
    // On a small screen the matrix that the cursor is in, each number on two lines.
    let picture = house.picture(80, 24);
    assert!(!picture.contains("masked  4×4"), "one matrix\n{picture}");
    let rows: Vec<usize> =
        picture.lines().enumerate().filter(|(_, line)| line.contains("0.25")).map(|(n, _)| n).collect();
    assert!(rows.windows(2).all(|pair| pair[1] - pair[0] >= 2), "{rows:?}\n{picture}");
    // Whoever looks alone sees both.
    let mut alone = learner("four-steps");
    to_step(&mut alone, 4);
    assert!(alone.picture(80, 24).contains("masked  4×4"));
}

#[test]
fn a_clicker_steps_blanks_and_begins_anew() {
    let mut house = class("which-axis");
    house.key(Key::PageDown).key(Key::PageDown);
    let at = step(&house.model);
    assert!(at > 1);
    house.press(".");
    assert_eq!(house.picture(120, 36).trim(), "", "a blank screen");
    house.key(Key::PageDown);
    assert!(!house.picture(120, 36).trim().is_empty());
    assert_eq!(step(&house.model), at, "the key that brings it back does nothing else");
    house.key(Key::F5);
    assert_eq!(step(&house.model), 1);
}

#[test]
fn the_speaker_sees_notes_and_what_comes_next() {
    for lang in Lang::ALL {
        let mut house = House::new(House::open("tiananmen", lang).model.for_a_class());
        house.begin_lesson(lesson("four-steps"));
        let notes = house.model.speaker_notes().unwrap();
        let first = &lesson("four-steps").steps[0];
        assert_eq!((notes.step, notes.of), (1, lesson("four-steps").steps.len()));
        assert_eq!(notes.notes.as_deref(), first.notes.as_ref().map(|text| text.get(lang)));
        assert_eq!(notes.next.as_deref(), lesson("four-steps").steps[1].title.as_ref().map(|text| text.get(lang)));
    }
    assert_eq!(House::open("tiananmen", Lang::En).model.speaker_notes(), None, "outside of a lesson");
}
