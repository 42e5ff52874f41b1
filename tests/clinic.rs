//! The bug clinic: every case is really there to be seen, can be taken back bit for bit, and can be worked through by keys.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod house;

use std::collections::BTreeSet;

use house::House;
use qkv::app::Key;
use qkv::app::windows::Window;
use qkv::compute::gpu::Gpu;
use qkv::compute::{Compute, Cpu};
use qkv::ground::lang::Lang;
use qkv::program::{Address, Ledger, MISTAKES, Mistake, Name, Program, Trace};
use qkv::source::sample::{Sample, Scenario};
use qkv::study::clinic::{CASES, CHECKS, Case, Progress, Sign};

fn base(case: &Case) -> Sample {
    Sample::builtin(case.sample).unwrap_or_else(|| panic!("{}: no sample {}", case.name, case.sample)).unwrap()
}

fn run(base: &Sample, scenario: &Scenario) -> (Sample, Trace) {
    let sample = scenario.apply(base).unwrap();
    let trace = Cpu::default().run(&sample.program, &sample.inputs).unwrap();
    (sample, trace)
}

/// Bit for bit, whatever the number.
fn same(program: &Program, a: &Trace, b: &Trace) -> bool {
    let bits = |trace: &Trace| -> Vec<u32> {
        program.slots().flat_map(|slot| trace.tensor(slot).numbers().map(f32::to_bits).collect::<Vec<_>>()).collect()
    };
    bits(a) == bits(b)
}

#[test]
fn every_mistake_has_a_case_and_every_case_a_mistake_and_answers() {
    let shown: BTreeSet<&str> = CASES.iter().map(|case| case.mistake).collect();
    assert_eq!(shown, MISTAKES.iter().map(|mistake| mistake.name).collect());
    assert!(CASES.len() >= 12);
    let names: BTreeSet<&str> = CASES.iter().map(|case| case.name).collect();
    assert_eq!(names.len(), CASES.len());
    for case in CASES {
        assert!(Mistake::by_name(case.name).is_none(), "{}: the name gives it away", case.name);
        let choices = case.choices();
        assert_eq!(choices.len(), 4, "{}: an answer is no mistake, or there twice", case.name);
        assert!(choices.iter().any(|mistake| mistake.name == case.mistake));
        assert!(!case.code.wrong.is_empty() && !case.code.right.is_empty() && case.code.wrong != case.code.right);
        for text in [&case.title, &case.told, &case.why].into_iter().chain(&case.hints) {
            assert!(!text.zh.is_empty() && !text.en.is_empty() && text.zh != text.en, "{}", case.name);
        }
        // The right answer is in no particular place.
        let title = &case.mistake().unwrap().title;
        assert!(
            !case.told.en.contains(title.en.as_ref()) && !case.told.zh.contains(title.zh.as_ref()),
            "{}",
            case.name
        );
    }
    let places: BTreeSet<usize> = CASES
        .iter()
        .map(|case| case.choices().iter().position(|mistake| mistake.name == case.mistake).unwrap())
        .collect();
    assert!(places.len() >= 3, "{places:?}");
}

#[test]
fn every_case_is_seen_where_it_is_and_not_in_the_right_program() {
    for case in CASES {
        let base = base(case);
        let (wrong, seen) = run(&base, &case.scenario());
        let (right, clean) = run(&base, &case.right());
        assert!(case.sign.is_seen(&wrong.program, &seen), "{}: {:?} cannot be seen", case.name, case.sign);
        assert!(!case.sign.is_seen(&right.program, &clean), "{}: {:?} is always seen", case.name, case.sign);
        // Every other check holds in the right program, too.
        for check in CHECKS {
            let finding = check.of(&right.program, &clean);
            assert!(
                finding.is_none_or(|f| f.holds != Some(false)),
                "{}: {} fails in the right program",
                case.name,
                check.name
            );
        }
        let last = |sample: &Sample, trace: &Trace| {
            let slot = sample.program.stages().last().unwrap().output;
            (*trace.tensor(slot).shape(), trace.tensor(slot).numbers().map(f32::to_bits).collect::<Vec<_>>())
        };
        assert_ne!(last(&wrong, &seen), last(&right, &clean), "{}: the result is the same", case.name);
    }
}

#[test]
fn both_backends_agree_with_the_reference_of_what_a_mistake_does() {
    let mut gpu = Gpu::open().ok();
    for case in CASES {
        let sample = case.scenario().apply(&base(case)).unwrap();
        let mut backends: Vec<&mut dyn Compute> = Vec::new();
        let mut cpu = Cpu::default();
        backends.push(&mut cpu);
        backends.extend(gpu.as_mut().map(|gpu| gpu as &mut dyn Compute));
        for backend in backends {
            let trace = backend.run(&sample.program, &sample.inputs).unwrap();
            let ledger = Ledger::check(&sample.program, &trace);
            let worst = ledger.worst().unwrap();
            assert!(ledger.ok(), "{} {}: {}", case.name, trace.by, worst.at.display(&sample.program));
        }
    }
}

#[test]
fn undoing_a_mistake_restores_every_number_bit_for_bit() {
    for case in CASES {
        let base = base(case);
        let (right, before) = run(&base, &case.right());
        let (wrong, _) = run(&base, &case.scenario());
        assert_ne!(right.program.wiring(), wrong.program.wiring());
        let (again, after) = run(&base, &case.right());
        assert!(
            same(&right.program, &before, &after) && right.program.wiring() == again.program.wiring(),
            "{}",
            case.name
        );
    }
}

#[test]
fn the_last_hint_names_a_number_that_exists_and_is_not_as_it_should_be() {
    for case in CASES {
        let base = base(case);
        let (wrong, seen) = run(&base, &case.scenario());
        let address = Address::parse(case.cell, &wrong.program).unwrap_or_else(|e| panic!("{}: {e}", case.name));
        let symbol = wrong.program.symbol(address.slot).to_string();
        for hint in [&case.hints[2].zh, &case.hints[2].en] {
            // `scaled[1,1]` is written without its head where there is one alone.
            let named = hint.contains(case.cell) || hint.contains(&case.cell.replace(".1[", "["));
            assert!(named && hint.contains(&symbol), "{}: {hint}", case.name);
        }
        // What is opened there is made otherwise than in the right program: by other cells, by another rule, or in another step.
        let (right, clean) = run(&base, &case.right());
        let made = |sample: &Sample, trace: &Trace| {
            let at = Address::parse(case.cell, &sample.program).ok()?;
            let stage = sample.program.made_by(at.slot)?;
            let operands: Vec<_> = stage.operands.iter().map(|&slot| sample.program.symbol(slot)).collect();
            Some((format!("{:?}", sample.program.sources(stage, at.cell)), operands, trace.get(at).to_bits()))
        };
        let same = made(&wrong, &seen) == made(&right, &clean);
        assert!(!same || case.mistake == "no-output-matrix", "{}: {} is as it should be", case.name, case.cell);
    }
}

#[test]
fn what_the_stories_say_of_numbers_is_so() {
    let of = |name: &str| {
        let case = Case::by_name(name).unwrap();
        let (sample, trace) = run(&base(case), &case.scenario());
        let value = |at: &str| trace.get(Address::parse(at, &sample.program).unwrap());
        let check = |name: &str| {
            CHECKS
                .iter()
                .find(|check| check.name == name)
                .unwrap()
                .of(&sample.program, &trace)
                .unwrap()
                .words
                .en
                .to_string()
        };
        (value("scores.1[1,1]"), check("spread"), check("row-sums"), check("column-sums"))
    };
    assert_eq!(of("weaker-with-heads").1, "48 → 16.97");
    assert_eq!(of("nearly-even").1, "8 → 2");
    assert_eq!(of("popular-word").3, "1.00");
    // The words of the empty seats: columns sum to less than one only where the padding takes part.
    let case = Case::by_name("found-by-content").unwrap();
    let (sample, trace) = run(&base(case), &case.scenario());
    let last = Sign::LooksElsewhere { head: 3, query: 2, keys: &[3] };
    assert!(!last.is_seen(&sample.program, &trace), "every word looks at the last");
    let case = Case::by_name("seeing-the-future").unwrap();
    let (sample, trace) = run(&base(case), &case.scenario());
    let count = |name: &str| CHECKS.iter().find(|c| c.name == name).unwrap().of(&sample.program, &trace).unwrap().words;
    assert_eq!(count("hidden-shares"), count("seen-shares"), "as many of the one as of the other");
    assert!(sample.program.find(None, Name::Mask).is_some());
}

/// The place of a case in the list, from 1.
fn number(name: &str) -> usize {
    1 + CASES.iter().position(|case| case.name == name).unwrap()
}

/// The number of an answer, from 1.
fn answer(name: &str, mistake: &str) -> String {
    let choices = Case::by_name(name).unwrap().choices();
    (1 + choices.iter().position(|choice| choice.name == mistake).unwrap()).to_string()
}

#[test]
fn a_case_is_worked_through_by_keys() {
    for lang in Lang::ALL {
        let mut house = House::open("tiananmen", lang);
        let before = house.model.run().unwrap().trace.clone();
        house.press("D");
        for _ in 1..number("popular-word") {
            house.key(Key::Down);
        }
        house.key(Key::Enter);
        let case = Case::by_name("popular-word").unwrap();
        let mistake = case.mistake().unwrap();
        assert!(house.model.shows_case());
        let secret = |house: &mut House| house.picture(160, 60);
        let name = mistake.title.get(lang).to_owned();
        // The title stands once, among the answers, and nowhere else.
        assert_eq!(secret(&mut house).matches(&name).count(), 1, "{}", secret(&mut house));
        let sums = CHECKS.iter().find(|check| check.name == "row-sums").unwrap();
        assert!(secret(&mut house).contains(sums.title.get(lang)), "{}", secret(&mut house));

        house.press("Z");
        assert_eq!(house.model.clinic.on().unwrap().hints().len(), 1);
        // Out of the window, a number opened and one from it, and back.
        house.key(Key::Esc).key(Key::Enter).key(Key::Enter).press("q");
        assert!(house.model.windows.is_empty());
        house.press("D");
        house.press(&answer(case.name, "no-maximum")).press(&answer(case.name, "no-maximum"));
        let progress = house.model.clinic.on().unwrap();
        assert!(!progress.is_solved() && progress.is_wrong(Mistake::by_name("no-maximum").unwrap()));
        house.press(&answer(case.name, case.mistake));
        let score = house.model.clinic.solved(case).unwrap();
        assert_eq!((score.opened, score.hints, score.wrong), (2, 1, 1));
        // Named from now on, with what the code looks like.
        let solved = house.picture(160, 60);
        assert!(
            solved.matches(&name).count() >= 2 && solved.contains("- weights = scores.softmax(dim=-2)"),
            "{solved}"
        );
        assert_eq!(house.model.run().unwrap().program.wiring().mistake, Some(mistake));
        assert!(house.model.run().unwrap().ledger.ok());

        // Taken back: the name, the case, and everything is as it was.
        house.key(Key::Esc).press("uu");
        let after = house.model.run().unwrap();
        assert!(same(&after.program, &before, &after.trace));
        assert!(!house.model.shows_case() && house.model.clinic.solved(case).is_some());
    }
}

#[test]
fn what_is_not_on_the_screen_is_opened_again_and_after_a_solution_comes_the_next() {
    let mut house = House::open("tiananmen", Lang::En);
    house.press("D").key(Key::Enter);
    let first = CASES[0].name;
    house.key(Key::Esc).press("u");
    assert!(!house.model.shows_case());
    // Numbers of another program do not count.
    house.key(Key::Enter).key(Key::Esc);
    assert_eq!(house.model.clinic.on().unwrap().score().opened, 0);
    house.press("D");
    assert!(house.picture(120, 40).contains("Enter opens it again"));
    house.key(Key::Enter);
    assert!(house.model.shows_case());
    house.press(&answer(first, CASES[0].mistake)).key(Key::Enter);
    assert_eq!(house.model.clinic.on().and_then(Progress::case).unwrap().name, CASES[1].name);
    // No more than three hints.
    house.press("ZZZZZ");
    let on = house.model.clinic.on().unwrap();
    assert_eq!((on.hints().len(), on.score().hints), (3, 3));
    assert!(house.model.notice.as_ref().unwrap().bad);
    // The list shows what is solved.
    house.key(Key::Left);
    let list = house.picture(120, 40);
    assert!(list.contains("✓ ") && list.contains(CASES[14].title.en.as_ref()), "{list}");
}

#[test]
fn every_case_opens_from_the_list_and_is_solved_by_its_answer_at_every_size() {
    let mut house = House::open("tiananmen", Lang::Zh);
    house.press("D");
    for (n, case) in CASES.iter().enumerate() {
        let Some(Window::Clinic(_)) = house.model.windows.top() else { panic!("{}", case.name) };
        house.key(Key::Enter);
        assert!(house.model.shows_case() && house.model.run().unwrap().ledger.ok(), "{}", case.name);
        for size in [(80, 24), (120, 36), (200, 55), (40, 12)] {
            let picture = house.picture(size.0, size.1);
            assert!(!picture.is_empty());
        }
        // Everything else works on it too: heads, card, switches, the GPU lens on every stage, slow motion.
        house.key(Key::Esc);
        for stage in 0..house.model.program().stages().len() {
            house.press(&format!(":stage {}", stage + 2)).key(Key::Enter);
            for window in ["H", "i", "S", "K"] {
                house.press(window);
                house.picture(120, 36);
                house.key(Key::Esc);
                assert!(house.model.windows.is_empty(), "{} {window}", case.name);
            }
            house.press("ss").press("nnnnnn").picture(120, 36);
            house.key(Key::Esc);
        }
        house.press("D");
        assert!(house.model.shows_case() && house.model.clinic.on().unwrap().score().wrong == 0, "{}", case.name);
        house.press(&answer(case.name, case.mistake));
        assert!(house.model.clinic.solved(case).is_some(), "{n} {}", case.name);
    }
    house.key(Key::Enter);
    assert_eq!(house.model.clinic.on().and_then(Progress::case).unwrap().name, CASES[0].name, "and round again");
}

#[test]
fn a_number_that_was_never_written_says_so() {
    let mut house = House::open("english", Lang::En);
    house.press(":mistake read-too-early").key(Key::Enter).press(":stage concat").key(Key::Enter);
    house.press("jjjjjjj").key(Key::Enter);
    let picture = house.picture(120, 36);
    assert!(picture.contains("nothing was written here yet: a new buffer holds 0"), "{picture}");
    assert!(picture.contains("Here it begins: nothing was written here yet."), "{picture}");
}

#[test]
fn a_typed_mistake_is_named_and_taken_back() {
    let mut house = House::open("tiananmen", Lang::En);
    let before = house.model.run().unwrap().trace.clone();
    house.press(":mistake heads-averaged").key(Key::Enter);
    let run = house.model.run().unwrap();
    assert!(run.program.find(None, Name::Output).is_none() && run.ledger.ok());
    assert!(house.picture(160, 40).contains("mistake: heads averaged"));
    house.press(":mistake none").key(Key::Enter);
    let after = house.model.run().unwrap();
    assert!(same(&after.program, &before, &after.trace));
    house.press(":mistake keys").key(Key::Enter);
    assert!(house.model.notice.is_some() || !house.model.windows.is_empty(), "an unknown name is refused");
}
