//! `g`: a question about this page, asked so that the answer cannot be read off the screen, and told what was wrong with a
//! wrong answer.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod house;

use std::collections::BTreeSet;

use house::{House, THEME};
use qkv::app::windows::{QuizWindow, Window};
use qkv::app::{Key, Page, Target};
use qkv::ground::lang::{Lang, Text};
use qkv::program::Name;
use qkv::study::Concept;
use qkv::study::quiz::{self, Asked, Choice, Ground, Help, Item, KINDS, Misconception, Wanted};
use qkv::ui;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 36), (200, 55)];

const SAMPLES: [&str; 5] = ["tiananmen", "english", "h1h2", "translation", "translation-cross"];

fn window(house: &House) -> &QuizWindow {
    match house.model.windows.top() {
        Some(Window::Quiz(window)) => window,
        other => panic!("the question is not on top: {other:?}"),
    }
}

fn top(house: &House) -> &'static str {
    house.model.windows.top().map_or("walk", |window| window.context().name)
}

/// A question of a kind about the sample that is open.
fn drawn(house: &House, kind: &str, seed: u64, help: Help) -> Option<Item> {
    let ground = Ground { sample: &house.model.material.sample, trace: house.model.trace()? };
    quiz::draw(ground, &Wanted { kind: Some(kind), ..Wanted::default() }, seed, help)
}

/// A picture without its line breaks and the spaces between words.
fn flat(picture: &str) -> String {
    picture.chars().filter(|c| !c.is_whitespace() && *c != '│').collect()
}

/// Types the right answer, or a wrong one.
fn answer(house: &mut House, rightly: bool) {
    match window(house).item().asked.clone() {
        Asked::Choice { right, choices } => {
            let other = (0..choices.len()).filter(|&n| n != right).max_by_key(|&n| choices[n].misconception.is_some());
            let chosen = if rightly { right } else { other.unwrap() };
            house.press(&(chosen + 1).to_string());
        }
        Asked::Number { right, within, near } => {
            let wrong = near.first().map_or(right + 10.0 * within.max(1.0), |near| near.number);
            house.press(&format!("{:.4}", if rightly { right } else { wrong }));
        }
    }
    house.key(Key::Enter);
}

#[test]
fn every_page_asks_and_covers_what_would_give_the_answer_away() {
    let mut kinds: BTreeSet<String> = BTreeSet::new();
    for sample in SAMPLES {
        let mut house = House::open(sample, Lang::En);
        for position in 0..house.model.pages() {
            house.press("`");
            for _ in 0..position {
                house.key(Key::PageDown);
            }
            for _ in 0..4 {
                house.press("g");
                if top(&house) != "quiz" {
                    assert!(house.model.notice.is_some(), "{sample}, page {position}: neither asked nor said why not");
                    continue;
                }
                let item = window(&house).item().clone();
                kinds.insert(item.kind.to_string());
                for size in SIZES {
                    // Every place that shows a covered number shows a question mark and no digit.
                    let buffer = house.buffer(size.0, size.1, THEME);
                    let all = ui::targets(&house.model, size);
                    for (n, (place, target)) in all.iter().enumerate() {
                        let Target::Number(at) = target else { continue };
                        // What was drawn later lies on top.
                        let in_sight = !all[n + 1..].iter().any(|(over, _)| over.intersects(*place));
                        if !item.covered.contains(at) || !in_sight {
                            continue;
                        }
                        let drawn: String = (place.y..place.bottom())
                            .flat_map(|y| (place.x..place.right()).map(move |x| (x, y)))
                            .map(|at| buffer[at].symbol())
                            .collect();
                        assert!(
                            !drawn.contains(|c: char| c.is_ascii_digit()),
                            "{sample} {size:?} {}: {drawn}",
                            item.kind
                        );
                        assert!(drawn.contains('?'), "{sample} {size:?} {}: `{drawn}`", item.kind);
                    }
                }
                house.key(Key::Esc);
                assert_eq!(top(&house), "walk");
                assert!(!item.covered.iter().any(|&at| house.model.view.covers(at)), "all is shown again");
            }
        }
    }
    assert!(kinds.len() >= 9, "{kinds:?}");
}

#[test]
fn a_right_answer_uncovers_the_numbers_and_its_arithmetic_can_be_opened() {
    let mut house = House::open("tiananmen", Lang::En);
    house.press("8").key(Key::Down);
    let before = (house.model.view.page, house.model.view.cursor);
    house.press("g");
    let item = window(&house).item().clone();
    answer(&mut house, true);
    assert!(window(&house).verdict().unwrap().right);
    assert!(house.picture(120, 36).contains("Right."));
    assert!(!item.covered.iter().any(|&at| house.model.view.covers(at)));
    assert_eq!(house.model.answers.len(), 1);
    assert_eq!((house.model.answers[0].concept, house.model.answers[0].right), (item.concept, true));
    // Enter opens the number in question; Esc comes back to the question, and from there to where the walk was.
    house.key(Key::Enter);
    let Some(Window::Microscope(microscope)) = house.model.windows.top() else { panic!("the microscope") };
    assert_eq!(microscope.path(house.model.program()).unwrap()[0].address, item.disputed.unwrap());
    house.key(Key::Esc);
    assert_eq!(window(&house).item(), &item);
    house.press("g");
    assert_ne!(window(&house).item(), &item, "another one");
    assert_eq!(window(&house).verdict(), None);
    house.key(Key::Esc);
    assert_eq!((house.model.view.page, house.model.view.cursor), before);
}

#[test]
fn a_wrong_answer_names_what_was_likely_misunderstood_in_both_languages() {
    for lang in Lang::ALL {
        let mut named = 0;
        for kind in KINDS {
            let mut house = House::open("tiananmen", lang);
            for seed in 0..6 {
                let Some(item) = drawn(&house, kind.name, seed, Help::Free) else { continue };
                house.model.open_question(item);
                answer(&mut house, false);
                let verdict = window(&house).verdict().unwrap();
                assert!(!verdict.right, "{}", kind.name);
                if let Some(misconception) = verdict.misconception {
                    named += 1;
                    let picture = flat(&house.picture(120, 36));
                    assert!(picture.contains(&flat(misconception.says().get(lang))), "{}: {picture}", kind.name);
                }
                house.key(Key::Esc);
            }
        }
        assert!(named >= 20, "{lang:?}: {named}");
    }
}

#[test]
fn question_choices_and_verdict_have_room_on_the_smallest_screen() {
    for lang in Lang::ALL {
        for sample in SAMPLES {
            let mut house = House::open(sample, lang);
            for kind in KINDS {
                for seed in 0..8 {
                    let help = Help::ALL[seed as usize % 4];
                    let Some(item) = drawn(&house, kind.name, seed, help) else { continue };
                    house.model.open_question(item.clone());
                    let picture = flat(&house.picture(80, 24));
                    let words = item.choices().iter().map(|choice| choice.words.get(lang));
                    for words in words.chain([item.question.get(lang)]) {
                        assert!(
                            picture.contains(&flat(words)),
                            "{} {seed}: {words}\n{}",
                            kind.name,
                            house.picture(80, 24)
                        );
                    }
                    answer(&mut house, seed % 2 == 0);
                    let picture = flat(&house.picture(80, 24));
                    let (_, feedback) = window(&house).feedback().unwrap();
                    assert!(picture.contains(&flat(feedback.get(lang))), "{}\n{}", kind.name, house.picture(80, 24));
                    house.key(Key::Esc);
                }
            }
        }
    }
}

#[test]
fn help_fades_while_answers_are_right_and_comes_back() {
    let mut house = House::open("tiananmen", Lang::En);
    house.press("6");
    let mut about: Vec<Option<Text>> = Vec::new();
    // On one page and of one kind: of scores that are only divided, help is an example, the operands, the formula, nothing.
    for _ in 0..40 {
        house.press("g");
        let item = window(&house).item().clone();
        if item.concept == Concept::Scaling && item.kind == "estimate" {
            about.push(item.help);
            answer(&mut house, true);
        }
        house.key(Key::Esc);
    }
    assert!(about.len() >= 5, "{about:#?}");
    assert!(about[0].is_some() && about[1].is_some() && about[2].is_some(), "{about:#?}");
    assert!(about[4..].iter().all(Option::is_none), "{about:#?}");
}

#[test]
fn a_number_is_typed_as_any_keyboard_writes_it_and_what_is_none_is_said() {
    let mut house = House::open("tiananmen", Lang::Zh);
    let item = (0..50).find_map(|seed| drawn(&house, "estimate", seed, Help::Free)).unwrap();
    let Asked::Number { right, .. } = item.asked else { panic!("a number") };
    house.model.open_question(item);
    house.press("-").key(Key::Enter);
    assert_eq!(window(&house).verdict(), None);
    assert!(house.picture(80, 24).contains("要写一个数"));
    house.key(Key::Backspace).press(&format!("{right:.3}").replace('.', "。"));
    house.key(Key::Enter);
    assert!(window(&house).verdict().unwrap().right, "{right}");
}

#[test]
fn in_a_batch_the_sentence_in_sight_is_asked_about_with_the_numbers_that_one_needs() {
    let mut house = House::open("batch64x8x256", Lang::En);
    house.press("8>>");
    let sentence = house.model.view.cursor.batch;
    for _ in 0..6 {
        house.press("g");
        let item = window(&house).item().clone();
        assert_eq!(item.cells[0].cell.batch, if item.kind == "shape" { 0 } else { sentence }, "{}", item.kind);
        // The picture has no room for sixteen columns of digits: what is needed stands in the window.
        let picture = flat(&house.picture(120, 36));
        for line in &item.given {
            assert!(picture.contains(&flat(line.get(Lang::En))), "{line:?}");
        }
        house.key(Key::Esc);
    }
}

#[test]
fn a_question_that_somebody_wrote_is_asked_in_the_same_window() {
    let mut house = House::open("tiananmen", Lang::En);
    let choice = |words, misconception| Choice { words: Text::same(words), misconception, why: None };
    let choices = vec![choice("rows", None), choice("columns", Some(Misconception::WrongAxis)), choice("both", None)];
    let slot = house.model.program().find(None, Name::Weights).unwrap();
    let at = qkv::program::Address { slot, cell: qkv::math::tensor::Cell::default() };
    house.model.open_question(Item {
        kind: Item::OWN.into(),
        concept: Concept::Softmax,
        help: None,
        given: Vec::new(),
        question: Text::new("哪个方向加起来是 1？", "Which add up to 1?"),
        asked: Asked::Choice { choices, right: 0 },
        cells: vec![at],
        view: Some(at),
        covered: Vec::new(),
        disputed: None,
        because: Text::new("一行一个查询。", "A row is one query."),
    });
    assert_eq!(house.model.view.page, Page::Stage(house.model.program().stage_of(slot).unwrap()));
    house.press("2").key(Key::Enter);
    let picture = house.picture(120, 36);
    assert!(
        picture.contains("it is the row that adds up to 1") && picture.contains("A row is one query."),
        "{picture}"
    );
    // No other follows: the lesson goes on.
    house.press("g");
    assert_eq!(top(&house), "walk");
}

#[test]
fn the_window_looks_like_this() {
    for lang in Lang::ALL {
        let mut house = House::open("tiananmen", lang);
        for (kind, seed) in [("largest-weight", 1), ("estimate", 2), ("order", 3)] {
            let item = drawn(&house, kind, seed, Help::Example).unwrap();
            house.model.open_question(item);
            let code = if lang == Lang::Zh { "zh" } else { "en" };
            for (columns, rows) in SIZES {
                insta::assert_snapshot!(format!("{code}-{columns}x{rows}-{kind}"), house.picture(columns, rows));
            }
            answer(&mut house, false);
            insta::assert_snapshot!(format!("{code}-80x24-{kind}-wrong"), house.picture(80, 24));
            house.key(Key::Esc);
        }
    }
}
