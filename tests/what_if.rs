//! What if: overrides, switches, rows, sentences, files. Every result is held against the f64 reference by the ledger.

#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "house/device.rs"]
mod device;
mod house;

use device::device;

use house::House;
use qkv::app::windows::Window;
use qkv::app::{Key, Message, update};
use qkv::compute::gpu::Options;
use qkv::compute::{Compute, Cpu};
use qkv::explain::whole;
use qkv::ground::lang::Lang;
use qkv::ground::text::Lens;
use qkv::program::{Address, Divisor, MISTAKES, Name, Wiring, labels};
use qkv::source::sample::{BUILTIN, MaskChoice, SWITCHES, Sample, Scenario};

fn value(house: &House, address: &str) -> f32 {
    let run = house.model.run().unwrap();
    run.trace.get(Address::parse(address, &run.program).unwrap())
}

fn type_in(house: &mut House, line: &str) {
    house.key(Key::Ctrl('u')).press(line).key(Key::Enter);
}

fn ledger_ok(house: &House) -> bool {
    house.model.run().unwrap().ledger.ok()
}

/// Turns the switch at a position of the table once.
fn turn(house: &mut House, switch: usize) {
    house.press("S");
    for _ in 0..switch {
        house.key(Key::Down);
    }
    house.key(Key::Right).key(Key::Esc);
}

#[test]
fn an_overridden_score_goes_on_and_is_marked_until_it_is_taken_back() {
    let mut house = House::open("tiananmen", Lang::En);
    house.press("5e");
    let address = house.model.address();
    let name = address.display(house.model.program());
    let before = value(&house, &name);
    type_in(&mut house, "9");
    assert_eq!(value(&house, &name), 9.0);
    let scaled = name.replace("scores", "scaled");
    assert!((f64::from(value(&house, &scaled)) - 9.0 / 2f64.sqrt()).abs() < 1e-6, "what follows is computed from it");
    assert!(ledger_ok(&house));
    assert!(house.picture(120, 36).contains("set by hand"), "{}", house.picture(120, 36));
    house.key(Key::Enter);
    assert!(matches!(house.model.windows.top(), Some(Window::Microscope(_))));
    house.key(Key::Esc).key(Key::Backspace);
    assert_eq!(value(&house, &name), before);
    assert!(!house.picture(120, 36).contains("set by hand"));
    house.key(Key::Backspace);
    assert!(house.picture(120, 36).contains("was not changed"));
}

#[test]
fn overrides_and_every_wiring_are_the_same_on_both_backends() {
    let Some(mut gpu) = device(&Options::default()) else { return };
    for builtin in BUILTIN.iter().filter(|b| b.name != Sample::BATCH) {
        let base = builtin.load().unwrap();
        for wiring in wirings() {
            let plain = Scenario { wiring, ..Scenario::default() };
            let Ok(sample) = plain.apply(&base) else { continue };
            let mut scenario = plain;
            for symbol in [Name::Scores, Name::Weights, Name::Q, Name::Context] {
                let slot = sample.program.find(None, symbol).unwrap();
                let cell = sample.program.shape(slot).cells().last().unwrap();
                scenario = scenario.with_number(&sample.program, Address { slot, cell }, 0.75).unwrap();
            }
            let sample = scenario.apply(&base).unwrap();
            assert_eq!(sample.inputs.overrides().len(), 4);
            let ours = gpu.run(&sample.program, &sample.inputs).unwrap();
            let reference = Cpu::default().run(&sample.program, &sample.inputs).unwrap();
            assert!(qkv::program::Ledger::check(&sample.program, &ours).ok(), "{} {wiring:?}", base.name);
            for slot in sample.program.slots() {
                for (a, b) in ours.tensor(slot).numbers().zip(reference.tensor(slot).numbers()) {
                    assert!(
                        a == b || (a - b).abs() <= 1e-5 * b.abs().max(1.0),
                        "{} {a} {b}",
                        sample.program.symbol(slot)
                    );
                }
            }
            for o in ours.overrides() {
                assert_eq!(ours.get(o.address), 0.75);
            }
        }
    }
}

/// One wiring for each way to turn each switch, and one with several turned.
fn wirings() -> Vec<Wiring> {
    let usual = Wiring::default();
    vec![
        usual,
        Wiring { divisor: Divisor::One, ..usual },
        Wiring { divisor: Divisor::Whole, ..usual },
        Wiring { temperature: 0.05, ..usual },
        Wiring { temperature: 20.0, ..usual },
        Wiring { projected: false, ..usual },
        Wiring { swapped: true, ..usual },
        Wiring { tied: true, ..usual },
        Wiring { joined: false, ..usual },
        Wiring { divisor: Divisor::Whole, swapped: true, tied: true, temperature: 0.5, ..usual },
    ]
}

#[test]
fn switches_do_what_they_say() {
    let base = Sample::builtin("tiananmen").unwrap().unwrap();
    let run = |wiring: Wiring, positions: bool| {
        let sample = Scenario { wiring, positions, ..Scenario::default() }.apply(&base).unwrap();
        let trace = Cpu::default().run(&sample.program, &sample.inputs).unwrap();
        (sample, trace)
    };
    let usual = Wiring::default();
    let find = |(sample, trace): &(Sample, qkv::program::Trace), symbol| {
        trace.find(&sample.program, None, symbol).unwrap().clone()
    };
    let plain = run(usual, true);
    let scores = find(&plain, Name::Scores);
    // Swapping W_q and W_k turns the scores of self-attention over their diagonal.
    let swapped = find(&run(Wiring { swapped: true, ..usual }, true), Name::Scores);
    for c in scores.shape().cells() {
        assert!((scores.get(c) - swapped.get(c.moved(c.col, c.row))).abs() < 1e-5);
    }
    // d = 2: undivided scores are √2 times the scaled ones, divided by d they are scores / 2.
    let one = find(&run(Wiring { divisor: Divisor::One, ..usual }, true), Name::Scaled);
    let whole = find(&run(Wiring { divisor: Divisor::Whole, ..usual }, true), Name::Scaled);
    let cooled = find(&run(Wiring { temperature: 0.5, divisor: Divisor::One, ..usual }, true), Name::Scaled);
    for c in scores.shape().cells() {
        assert_eq!(one.get(c), scores.get(c));
        assert_eq!(whole.get(c), scores.get(c) / 2.0);
        assert_eq!(cooled.get(c), scores.get(c) * 2.0);
    }
    // Without W the queries, keys and values are the words.
    let bare = run(Wiring { projected: false, ..usual }, true);
    let h = find(&bare, Name::H);
    for symbol in [Name::Q, Name::K, Name::V] {
        let tensor = find(&bare, symbol);
        for c in tensor.shape().cells() {
            let d = tensor.shape().cols.len;
            assert_eq!(tensor.get(c), h.get(qkv::math::tensor::Cell { head: 0, col: c.head * d + c.col, ..c }));
        }
    }
    // Tied values are the keys, number by number.
    let tied = run(Wiring { tied: true, ..usual }, true);
    assert_eq!(find(&tied, Name::V).as_slice(), find(&tied, Name::K).as_slice());
    assert!(run(Wiring { joined: false, ..usual }, true).0.program.find(None, Name::Output).is_none());
    // Without positions their columns are 0 and nothing else is touched.
    let (blind, seeing) = (find(&run(usual, false), Name::H), find(&plain, Name::H));
    for c in blind.shape().cells() {
        let place = ["constant", "position", "squared"].contains(&base.dimensions[c.col].en.as_ref());
        assert_eq!(blind.get(c), if place { 0.0 } else { seeing.get(c) });
    }
    assert!(blind.as_slice() != seeing.as_slice());
}

#[test]
fn every_switch_is_turned_by_keyboard_in_every_sample_and_undone() {
    for builtin in BUILTIN.iter().filter(|b| b.name != Sample::BATCH) {
        for switch in 0..SWITCHES.len() {
            let mut house = House::open(builtin.name, Lang::Zh);
            let before = house.model.run().cloned().unwrap();
            turn(&mut house, switch);
            assert!(ledger_ok(&house), "{} {switch}", builtin.name);
            let turned = !house.model.material.scenario.is_plain();
            if turned {
                house.press("u");
                assert!(house.model.material.scenario.is_plain());
                let after = house.model.run().cloned().unwrap();
                for slot in before.program.slots() {
                    assert_eq!(before.trace.tensor(slot), after.trace.tensor(slot));
                }
            }
        }
    }
}

#[test]
fn numbers_changed_by_hand_outlive_a_switch() {
    let mut house = House::open("tiananmen", Lang::En);
    house.press("2").key(Key::Tab).key(Key::Tab).key(Key::Home).press("e");
    let name = house.model.address().display(house.model.program());
    assert!(name.starts_with("W_q"), "{name}");
    type_in(&mut house, "0.25");
    assert_eq!(value(&house, &name), 0.25);
    turn(&mut house, 4);
    assert!(house.model.program().find(None, Name::WQ).is_none(), "W is off");
    turn(&mut house, 4);
    assert_eq!(value(&house, &name), 0.25, "and comes back as it was left");
}

#[test]
fn a_row_is_pasted_or_drawn_or_refused_whole() {
    let mut house = House::open("tiananmen", Lang::En);
    house.press("1").key(Key::Home);
    let paste = |house: &mut House, text: &str| {
        let effects = update(&mut house.model, Message::Paste(text.into()));
        house.carry_out(effects);
    };
    paste(&mut house, "[1, 2, 3, 4,\t5 6;7 8]");
    let row = house.model.view.cursor.row + 1;
    for col in 1..=8 {
        assert_eq!(value(&house, &format!("H[{row},{col}]")), col as f32);
    }
    paste(&mut house, "1 2 3");
    assert!(house.picture(120, 36).contains("takes 8 numbers, 3 were pasted"));
    paste(&mut house, "1 2 3 4 5 6 7 eight");
    assert!(house.picture(120, 36).contains("is no number"));
    paste(&mut house, "1 2 3 4 5 6 7 1e30");
    assert!(house.model.notice.is_some());
    assert_eq!(value(&house, &format!("H[{row},8]")), 8.0, "nothing was lost");
    house.press("u");
    assert_ne!(value(&house, &format!("H[{row},8]")), 8.0, "a row is one change");

    house.press("8W");
    assert!(house.model.notice.as_ref().unwrap().text.en.ends_with("u undoes it"));
    let (head, row) = (house.model.view.cursor.head + 1, house.model.view.cursor.row + 1);
    let sum: f32 = (1..=4).map(|col| value(&house, &format!("weights.{head}[{row},{col}]"))).sum();
    assert!((sum - 1.0).abs() < 1e-6 && ledger_ok(&house), "{sum}");
    assert_eq!(house.model.material.sample.inputs.overrides().len(), 4);
}

#[test]
fn a_sentence_is_typed_cut_otherwise_and_undone() {
    let mut house = House::open("tiananmen", Lang::En);
    house.press("/");
    type_in(&mut house, "他喜欢上海外滩");
    assert!(house.model.windows.is_empty());
    assert_eq!(house.model.material.sample.tokens, ["他", "喜欢", "上海", "外滩"]);
    house.press("v");
    assert_eq!((house.model.material.lens, house.model.material.sample.tokens.len()), (Lens::Characters, 7));
    house.press("8c");
    let picture = house.picture(120, 36);
    assert!(picture.contains("7×7") && picture.contains("4×4"), "{picture}");
    house.key(Key::Esc).press("uu");
    assert_eq!(house.model.material.sample.tokens, ["我", "爱", "北京", "天安门"]);
    house.press("/");
    type_in(&mut house, "我爱|北|京");
    assert_eq!(house.model.material.sample.tokens, ["我", "爱", "北", "京"]);
    house.press("c");
    assert!(house.picture(120, 36).contains("cuts it finer"));
}

#[test]
fn bad_sentences_stay_in_their_line_with_the_reason() {
    let mut house = House::open("tiananmen", Lang::En);
    let before = house.model.material.sample.tokens.clone();
    let long = "字".repeat(10_000);
    let words = "a ".repeat(600);
    for (bad, why) in
        [("|||", "is empty"), (long.as_str(), "characters, the most is"), (words.as_str(), "the most is 512")]
    {
        house.press("/").key(Key::Ctrl('u'));
        let effects = update(&mut house.model, Message::Paste(bad.to_owned()));
        house.carry_out(effects);
        house.key(Key::Enter);
        let picture = house.picture(80, 24);
        assert!(picture.contains(why), "{why}: {picture}");
        let Some(Window::Prompt(prompt)) = house.model.windows.top() else { panic!("{bad} is lost") };
        assert_eq!(prompt.input.value(), bad);
        house.key(Key::Esc);
        assert_eq!(house.model.material.sample.tokens, before);
    }
    // Right-to-left words, a lone combining mark and emoji are words like others.
    for odd in ["שלום עולם", "\u{301}", "👩‍👩‍👧‍👦 爱 🇨🇳", "a"] {
        house.press("/");
        type_in(&mut house, odd);
        assert!(house.model.windows.is_empty(), "{odd}");
        assert!(ledger_ok(&house));
        house.picture(80, 24);
    }
    // Control characters never reach the line; far too much is refused whole.
    house.press("/").key(Key::Ctrl('u'));
    update(&mut house.model, Message::Paste("我\u{7}\u{1b}[2J爱".to_owned()));
    let Some(Window::Prompt(prompt)) = house.model.windows.top() else { panic!() };
    assert_eq!(prompt.input.value(), "我[2J爱");
    update(&mut house.model, Message::Paste("x".repeat(100_000)));
    let Some(Window::Prompt(prompt)) = house.model.windows.top() else { panic!() };
    assert!(prompt.error.is_some() && prompt.input.value() == "我[2J爱");
}

#[test]
fn what_was_changed_is_saved_read_again_and_told_at_the_end() {
    let mut house = House::open("tiananmen", Lang::En);
    assert!(house.model.changes().is_empty());
    house.press("1").key(Key::Home).press("e");
    type_in(&mut house, "0.5");
    house.press("8e");
    type_in(&mut house, "0.9");
    turn(&mut house, 0);
    house.press(":");
    type_in(&mut house, "temperature 0.5");
    house.press(":");
    type_in(&mut house, "window 1");
    house.press(":");
    type_in(&mut house, "save mine.toml");
    let (name, contents) = house.files().pop().unwrap();
    assert_eq!(name, "mine.toml");
    let read = Sample::parse(&contents, &name).unwrap();
    let again = read.as_saved().unwrap();
    assert_eq!(again.inputs.tensors(), house.model.material.sample.inputs.tensors());
    assert_eq!(again.inputs.overrides(), house.model.material.sample.inputs.overrides());
    assert_eq!(again.program.wiring(), house.model.material.sample.program.wiring());
    let trace = Cpu::default().run(&again.program, &again.inputs).unwrap();
    let shown = &house.model.run().unwrap().trace;
    for slot in again.program.slots() {
        assert_eq!(trace.tensor(slot), shown.tensor(slot));
    }
    let told: Vec<String> = house.model.changes().iter().map(|text| text.en.to_string()).collect();
    assert!(told.iter().any(|line| line.starts_with("H[") && line.ends_with("→ 0.50")), "{told:?}");
    assert!(told.iter().any(|line| line.contains("set to 0.90 by hand")), "{told:?}");
    for words in ["T = 0.5", "window of 1", "no ÷√d"] {
        assert!(told.iter().any(|line| line == words), "{words}: {told:?}");
    }
    house.press(":");
    type_in(&mut house, "reset");
    assert!(house.model.changes().is_empty() && house.model.material.scenario.mask == MaskChoice::Own);
}

#[test]
fn what_a_file_asks_for_in_vain_is_located() {
    let plain = Scenario::default().to_toml(&Sample::builtin("tiananmen").unwrap().unwrap()).unwrap();
    for (table, why) in [
        ("{ divide_by = \"2d\" }", "divide_by is \"2d\""),
        ("{ temperature = 99 }", "temperature is 99"),
        ("{ swaped = true }", "did you mean `swapped`"),
        ("{ tied = 1 }", "expected true or false"),
        ("{ mistake = \"typo\" }", "mistake is \"typo\", expected \"softmax-over-queries\" or"),
        ("{ overrides = [{ at = \"H[1,1]\", value = 1 }] }", "H is given"),
        ("{ overrides = [{ at = \"weights.9[1,1]\", value = 1 }] }", "lies outside"),
        ("{ overrides = [{ at = \"masked.1[1,1]\", value = 1 }] }", "is a copy"),
        ("{ overrides = [{ at = \"scores.1[1,1]\", value = 1e39 }] }", "too large"),
        ("{ targets = [\"scores.1[1,2]\"] }", "a target is a number of weights, not of scores"),
        ("{ targets = [\"weights.1[1,9]\"] }", "lies outside"),
        ("{ targets = [\"weights.1[1,2]\", \"weights.1[1,3]\"] }", "this row has a target already"),
        ("{ targets = [\"weights.1[1,2]\"], rate = 99 }", "rate is 99, expected one from"),
        ("{ targets = [\"weights.1[1,2]\"], optimizer = \"lion\" }", "optimizer is \"lion\""),
        ("{ rate = 1 }", "stand beside targets"),
        ("3", "a table of switches"),
    ] {
        let source = plain.replacen("\n[tensors]", &format!("what_if = {table}\n[tensors]"), 1);
        let error = Sample::parse(&source, "bad.toml").unwrap_err().to_string();
        assert!(error.contains(why) && error.contains("bad.toml:"), "{table}: {error}");
    }
}

#[test]
fn a_line_is_copied_as_words_and_as_latex() {
    let mut house = House::open("tiananmen", Lang::En);
    house.press("5y");
    assert!(house.copied().unwrap().starts_with("scores."));
    house.press("Y");
    let latex = house.copied().unwrap();
    assert!(latex.contains('\\') && latex.contains("scores"), "{latex}");
    house.key(Key::Enter).key(Key::Enter).press("y");
    assert!(house.copied().unwrap().starts_with("Q."), "the number that is open");
}

#[test]
fn every_switch_that_is_turned_is_said_and_saved() {
    let sample = Sample::builtin("tiananmen").unwrap().unwrap();
    for switch in SWITCHES {
        let mut scenario = Scenario::default();
        (switch.turn)(&mut scenario, 1);
        if scenario.is_plain() {
            assert_eq!(switch.name.en, "everything as it was");
            continue;
        }
        assert_eq!(scenario.turned().len(), 1, "{}", switch.name.en);
        assert_ne!((switch.now)(&scenario), (switch.now)(&Scenario::default()), "{}", switch.name.en);
        let file = scenario.to_toml(&sample).unwrap();
        let again = Sample::parse(&file, "again.toml").unwrap().as_saved().unwrap();
        let here = scenario.apply(&sample).unwrap();
        assert_eq!(again.inputs.tensors(), here.inputs.tensors(), "{}", switch.name.en);
        assert_eq!(again.program.wiring(), here.program.wiring(), "{}", switch.name.en);
    }
}

#[test]
fn every_mistake_is_said_and_saved() {
    let sample = Sample::builtin("tiananmen").unwrap().unwrap();
    for mistake in MISTAKES {
        let wiring = Wiring { mistake: Some(mistake), ..Wiring::default() };
        let scenario = Scenario { mask: MaskChoice::Causal, wiring, ..Scenario::default() };
        assert!(scenario.turned()[1].en.contains(mistake.title.en.as_ref()), "{mistake:?}");
        let file = scenario.to_toml(&sample).unwrap();
        let again = Sample::parse(&file, "again.toml").unwrap().as_saved().unwrap();
        let here = scenario.apply(&sample).unwrap();
        assert_eq!(again.program.wiring(), here.program.wiring(), "{mistake:?}");
        // While it is to be found, neither the switches nor a word of any stage gives its name away.
        let secret = Scenario { wiring: Wiring { unnamed: true, ..wiring }, ..scenario };
        let hidden = secret.apply(&sample).unwrap();
        assert!(!secret.turned().iter().any(|words| words.en.contains(mistake.title.en.as_ref())), "{mistake:?}");
        let right = Scenario { wiring: Wiring::default(), ..secret }.apply(&sample).unwrap();
        for slot in right.program.slots() {
            let Some(same) = hidden.program.find_symbol(right.program.symbol(slot)) else { continue };
            assert_eq!(labels::of(&hidden.program, same), labels::of(&right.program, slot), "{mistake:?}");
        }
        let formula = |program| whole::whole(program, None).into_iter().map(|part| part.text).collect::<String>();
        assert_eq!(formula(&hidden.program), formula(&right.program), "{mistake:?}");
    }
}

/// The first line speaks of the numbers below it: of the old ones while they stand there, of those to come where none do.
#[test]
fn the_first_line_never_speaks_of_numbers_that_are_gone() {
    let first = |house: &mut House| house.picture(120, 36).lines().next().unwrap().to_owned();
    let mut house = House::open("h1h2", Lang::En);
    house.press("S5");
    // Another program, whose numbers are not there yet.
    update(&mut house.model, Message::Key(Key::Char(' ')));
    assert!(house.model.run().is_none(), "nothing has answered");
    assert!(first(&mut house).contains("designed weights, no W "), "{}", first(&mut house));
    // The same program with other numbers: the old ones stand until they are there.
    let mut house = House::open("h1h2", Lang::En);
    update(&mut house.model, Message::Key(Key::Char('w')));
    assert!(house.model.run().is_some(), "what was computed before");
    assert!(first(&mut house).contains("designed weights "), "{}", first(&mut house));
}
