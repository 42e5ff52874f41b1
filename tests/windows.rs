//! Windows over the walk: their keys, their stack, and what becomes of them when what they are about is gone.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod house;

use house::{House, THEME, text};
use qkv::app::windows::{CONTEXTS, HeadsWindow, Line, Window};
use qkv::app::{Effect, Key, Message, keys, update};
use qkv::ground::lang::Lang;
use qkv::session::{Answered, Kind, Ticket};
use qkv::ui::Theme;

/// The key that opens each window of the registry on the walk, and a few that go there first.
fn openers() -> Vec<(&'static str, &'static str, Key)> {
    let first = |name: &str| match name {
        "coarser" => "v",
        "lens" => "5",
        _ => "",
    };
    let opener = |context: &'static keys::Context| Some((context.name, context.opener?.command.keys[0]));
    CONTEXTS.iter().filter_map(opener).map(|(name, key)| (name, first(name), key)).collect()
}

/// Opens one.
fn open(house: &mut House, (name, first, key): (&str, &str, Key)) {
    house.press(first).key(key);
    if name == "beside" {
        // It asks for a second sentence; the first is there to be changed.
        house.key(Key::Enter);
    }
}

fn top(house: &House) -> &'static str {
    house.model.windows.top().map_or("walk", |window| window.context().name)
}

/// Every window that a key of the walk opens, and the lines that are typed, where `?` is text.
#[test]
fn every_window_says_its_own_keys_first() {
    assert_eq!(openers().len() + 2, CONTEXTS.len(), "all but the help and the line");
    for lang in [Lang::Zh, Lang::En] {
        for (name, first, key) in openers() {
            let mut house = House::open("tiananmen", lang);
            open(&mut house, (name, first, key));
            assert_eq!(top(&house), name);
            let before = house.picture(120, 36);
            assert!(before.contains(["? 帮助", "? help"][lang as usize]), "{name} says where the help is:\n{before}");
            house.press("?");
            assert_eq!(top(&house), "help");
            let said = house.model.windows.top().unwrap().says(&house.model);
            let own = CONTEXTS.iter().find(|context| context.name == name).unwrap();
            assert_eq!(said[0], Line::Heading(own.title.clone()), "{name}");
            for (line, command) in said[1..].iter().zip((own.commands)()) {
                let Line::Row(row) = line else { panic!("{name}: {line:?}") };
                assert_eq!(row.entries[0].words, command.help, "{name}");
            }
            assert!(house.picture(120, 50).contains(house.model.say(&own.title)), "{name}");
            // One level back: the window is as it was.
            house.key(Key::Esc);
            assert_eq!(house.picture(120, 36), before, "{name}");
            house.key(Key::Esc);
            assert_eq!(top(&house), "walk", "{name}");
        }
    }
}

#[test]
fn while_a_line_is_typed_every_character_is_text() {
    for opener in [":", "/", "e"] {
        let mut house = House::open("tiananmen", Lang::En);
        house.press(opener).key(Key::Ctrl('u')).press("q?LT:o");
        let Some(Window::Prompt(prompt)) = house.model.windows.top() else { panic!("{opener} left its line") };
        assert_eq!((prompt.input.value(), house.model.settings.lang), ("q?LT:o", Lang::En));
    }
    let mut house = House::open("tiananmen", Lang::En);
    house.press("H&?qL");
    let Some(Window::Heads(HeadsWindow { typing: Some((input, _)), .. })) = house.model.windows.top() else {
        panic!("the filter is typed")
    };
    assert_eq!(input.value(), "?qL");
}

#[test]
fn no_key_falls_through_to_the_walk() {
    for (name, first, key) in openers() {
        let mut house = House::open("tiananmen", Lang::En);
        open(&mut house, (name, first, key));
        let own = CONTEXTS.iter().find(|context| context.name == name).unwrap();
        let taken: Vec<Key> = (own.commands)().iter().flat_map(|command| command.keys).copied().collect();
        let common = [Key::Char(':'), Key::Char('?'), Key::Esc, Key::Char('q'), Key::Ctrl('c'), key, Key::Enter];
        let opened: Vec<Key> = keys::walk_commands().iter().flat_map(|command| command.keys).copied().collect();
        for key in opened.into_iter().filter(|key| !taken.contains(key) && !common.contains(key)) {
            if keys::COMMON.iter().any(|row| row.command.keys.contains(&key)) {
                continue;
            }
            let (page, cursor) = (house.model.view.page, house.model.view.cursor);
            let scenario = house.model.material.scenario.clone();
            let effects = update(&mut house.model, Message::Key(key));
            assert!(effects.is_empty(), "{name}, {}: {effects:?}", key.name());
            assert_eq!((top(&house), house.model.view.page, house.model.view.cursor), (name, page, cursor));
            assert_eq!(house.model.material.scenario, scenario, "{name}, {}", key.name());
        }
    }
}

#[test]
fn commands_are_carried_out_by_name() {
    let mut house = House::open("tiananmen", Lang::En);
    house.press(":walk.next").key(Key::Enter).press(":race.open").key(Key::Enter);
    assert_eq!((house.model.position(), top(&house)), (2, "race"));
    house.key(Key::Esc).press("H:heads.mark").key(Key::Enter);
    let Some(Window::Heads(heads)) = house.model.windows.top() else { panic!("the line lay over the heads") };
    assert!(heads.marked.contains(&0));
    house.press(":common.language").key(Key::Enter).press(":window.close").key(Key::Enter);
    assert_eq!((top(&house), house.model.settings.lang), ("walk", Lang::Zh));
    // Those of another window mean nothing here.
    house.press(":heads.mark").key(Key::Enter);
    assert_eq!(top(&house), "line");
}

#[test]
fn windows_stack_and_closing_breaks_their_work_off() {
    let mut house = House::open("tiananmen", Lang::En);
    let effects = update(&mut house.model, Message::Key(Key::Char('R')));
    let [Effect::Do(race, _)] = effects.as_slice() else { panic!("{effects:?}") };
    house.press("?");
    let names: Vec<_> = house.model.windows.iter().map(|window| window.context().name).collect();
    assert_eq!(names, ["race", "help"]);
    house.key(Key::Esc);
    assert_eq!((top(&house), house.model.ticket(Kind::Race)), ("race", Some(*race)), "the race goes on");
    let effects = update(&mut house.model, Message::Key(Key::Esc));
    assert!(matches!(effects.as_slice(), [Effect::Cancel(ticket)] if ticket == race), "{effects:?}");
}

#[test]
fn in_ascii_no_window_shows_another_sign() {
    for (name, first, key) in openers().into_iter().filter(|(name, ..)| !["samples", "coarser"].contains(name)) {
        let mut house = House::open("h1h2", Lang::En);
        open(&mut house, (name, first, key));
        // Titles of lessons speak of words of their samples, which stay as they are.
        let ours = if name == "lessons" { "中文我爱北京天安门" } else { "中文" };
        for size in [(80, 24), (120, 36), (200, 55)] {
            let picture = text(&house.buffer(size.0, size.1, Theme { ascii: true, ..THEME }));
            let foreign: Vec<char> = picture.chars().filter(|c| !c.is_ascii() && !ours.contains(*c)).collect();
            assert!(foreign.is_empty(), "{name}: {foreign:?} in\n{picture}");
        }
    }
}

/// When an answer comes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum When {
    /// Before the next key.
    Early,
    /// After every second key.
    Between,
    /// When all keys were pressed, the newest only.
    Late,
}

/// Presses keys while runs and studies come at that time; draws after every one.
fn pressed(sample: &str, keys: &[Key], when: When) -> House {
    let mut house = House::open(sample, Lang::En);
    let mut later = Vec::new();
    for (n, key) in keys.iter().enumerate() {
        let effects = update(&mut house.model, Message::Key(*key));
        house.picture(120, 36);
        if when == When::Early || when == When::Between && n % 2 == 1 {
            let due = std::mem::take(&mut later);
            house.carry_out(due);
            house.carry_out(effects);
        } else {
            later.extend(effects);
        }
        house.picture(80, 24);
        let says: Vec<Line> = house.model.windows.iter().flat_map(|window| window.says(&house.model)).collect();
        numbers_are_of_the_trace(&house, &says);
    }
    house.carry_out(later);
    house.picture(120, 36);
    house
}

/// Every number that is said with an address is the one that stands there.
fn numbers_are_of_the_trace(house: &House, says: &[Line]) {
    let rows = says.iter().filter_map(|line| if let Line::Row(row) = line { Some(row) } else { None });
    for (address, number) in rows.flat_map(|row| &row.entries).filter_map(|entry| entry.of) {
        let there = f64::from(house.model.trace().unwrap().get(address));
        assert!(
            there == number || (there - number).abs() < 1e-6,
            "{} is {number}",
            address.display(house.model.program())
        );
    }
}

/// What the card says of this sentence's entropy, where it says it.
fn entropy(house: &House) -> Option<f64> {
    let Some(Window::Card(_)) = house.model.windows.top() else { panic!("the card is open") };
    let says = house.model.windows.top().unwrap().says(&house.model);
    let row = says.iter().find_map(|line| match line {
        Line::Row(row) if row.name.en.contains("entropy") => Some(row),
        _ => None,
    })?;
    row.entries[1].words.en.trim_start_matches("here ").trim().parse().ok()
}

fn keys(text: &str) -> Vec<Key> {
    let special = |word: &str| match word {
        "Enter" => Key::Enter,
        "Tab" => Key::Tab,
        "Space" => Key::Char(' '),
        "Esc" => Key::Esc,
        "Ctrl-U" => Key::Ctrl('u'),
        word => panic!("{word}"),
    };
    let mut all = Vec::new();
    for part in text.split('<') {
        match part.split_once('>') {
            Some((name, rest)) => {
                all.push(special(name));
                all.extend(rest.chars().map(Key::Char));
            }
            None => all.extend(part.chars().map(Key::Char)),
        }
    }
    all
}

#[test]
fn nothing_outlives_the_program_it_belongs_to() {
    for when in [When::Early, When::Between, When::Late] {
        pressed("tiananmen", &keys("Gf:sample h1h2<Enter>"), when);
        pressed("tiananmen", &keys("GfS7<Space>"), when);
        pressed("tiananmen", &keys("/<Ctrl-U>I love Beijing<Enter>H<Tab><Tab><Tab>u"), when);
        pressed("tiananmen", &keys("/<Ctrl-U>我爱北京<Enter>H<Tab><Tab><Tab>uU"), when);
        // The microscope, the lens and the line for a number, and the program changes under them.
        for open in ["8<Enter>", "8K", "8e<Ctrl-U>1", "H", "i", "vc"] {
            pressed("tiananmen", &keys(&format!("{open}:temperature 2<Enter>")), when);
            pressed("tiananmen", &keys(&format!("{open}:sample h1h2<Enter>")), when);
            pressed("tiananmen", &keys(&format!("{open}:window 1<Enter><Enter>")), when);
        }
    }
}

#[test]
fn a_card_never_shows_numbers_of_another_program() {
    for sample in ["h1h2", "tiananmen"] {
        for when in [When::Early, When::Between, When::Late] {
            let house = pressed(sample, &keys("S5<Space><Esc>i"), when);
            let words = house.model.material.sample.tokens.len() as f64;
            let entropy = entropy(&house);
            assert!(entropy.is_none_or(|entropy| entropy <= words.ln() + 0.006), "{sample}, {when:?}: {entropy:?}");
            assert!(when != When::Early || entropy.is_some(), "{sample}: measured by now");
        }
    }
}

#[test]
fn a_study_of_other_weights_is_not_shown() {
    let mut house = House::open("tiananmen", Lang::En);
    let effects = update(&mut house.model, Message::Key(Key::Char('H')));
    let [Effect::Do(asked, _)] = effects.as_slice() else { panic!("{effects:?}") };
    let asked: Ticket = *asked;
    house.carry_out(effects);
    assert!(house.model.study().is_some());
    // The switches change under the window: what was measured is gone, and measured anew.
    let effects = house.press(":").model.clone();
    assert_eq!(effects.windows.top().unwrap().context().name, "line");
    house.press("temperature 2").key(Key::Enter);
    assert!(house.model.study().is_some(), "measured anew");
    let stale: Answered = Err(house::fault("stale"));
    update(&mut house.model, Message::Answered(asked, stale));
    assert!(house.model.notice.is_none(), "nobody waits for the first study any more");
}

/// What is typed while the microscope leads the walk about is the person's: it stays when the microscope goes back.
#[test]
fn the_microscope_takes_back_only_what_it_moved() {
    let open = || {
        let mut house = House::open("tiananmen", Lang::En);
        house.press("5").key(Key::Enter);
        house
    };
    let typed = |house: &mut House, line: &str| {
        house.press(":").press(line).key(Key::Enter);
    };
    let stands = |house: &House| (house.model.view.page, house.model.view.cursor);
    // Nothing moved: typed or not, there is nothing to take back.
    let mut house = open();
    typed(&mut house, "head 3");
    house.key(Key::Esc);
    assert_eq!((top(&house), house.model.view.cursor.head), ("walk", 2));
    // Into Q and back: all as it was.
    let mut house = open();
    let before = stands(&house);
    house.key(Key::Enter);
    assert_ne!(stands(&house), before);
    house.key(Key::Esc);
    assert_eq!((top(&house), stands(&house)), ("microscope", before));
    // Into Q, another head by hand, and back: page and place as they were, the head as typed.
    house.key(Key::Enter);
    typed(&mut house, "head 4");
    house.key(Key::Esc);
    assert_eq!(stands(&house), (before.0, qkv::math::tensor::Cell { head: 3, ..before.1 }));
    // Another page by hand stays too, at whatever depth.
    for leave in [Key::Esc, Key::Char('q')] {
        let mut house = open();
        house.key(Key::Enter).key(Key::Enter);
        typed(&mut house, "stage weights");
        let there = house.model.view.page;
        assert_ne!(there, before.0);
        house.key(leave);
        if leave == Key::Esc {
            // One number back: that is the microscope's own way again.
            house.key(Key::Esc).key(Key::Esc);
        }
        assert_eq!((top(&house), house.model.view.page), ("walk", there), "{leave:?}");
    }
}

/// Where there is more to say than room, the last line says how to read on; nothing is left out without a word.
#[test]
fn a_window_with_more_words_than_room_is_read_on() {
    for (lang, more, less, last) in [
        (Lang::Zh, "PgDn 下面还有", "PgUp 上面还有", "几乎学不动"),
        (Lang::En, "PgDn: more below", "PgUp: more above", "hardly learn"),
    ] {
        let mut house = House::open("tiananmen", lang);
        house.press("d");
        // Words may go on in the next line.
        let joined = |picture: &str| picture.replace(|c: char| c.is_whitespace() || c == '│', "");
        let (more, less, last) = (joined(more), joined(less), joined(last));
        let (more, less, last) = (more.as_str(), less.as_str(), last.as_str());
        let picture = |house: &mut House, size: (u16, u16)| joined(&house.picture(size.0, size.1));
        let first = picture(&mut house, (80, 24));
        assert!(first.contains(more) && !first.contains(last), "{first}");
        for _ in 0..9 {
            house.key(Key::PageDown);
        }
        let end = picture(&mut house, (80, 24));
        assert!(end.contains(less) && end.contains(last), "{end}");
        for _ in 0..9 {
            house.key(Key::PageUp);
        }
        assert_eq!(picture(&mut house, (80, 24)), first);
        let whole = picture(&mut house, (200, 55));
        assert!(whole.contains(last) && !whole.contains(more) && !whole.contains(less), "{whole}");
    }
}
