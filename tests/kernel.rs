//! The GPU lens on screen: stepping a shader, watching a workgroup, changing kernels. Without a device the mirror walks alone.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should stop")]

mod house;

use house::House;
use qkv::app::windows::{LensWindow, Turns, Window};
use qkv::app::{Effect, Key, Message, update};
use qkv::ground::lang::Lang;
use qkv::kernels::mirror::{Scalar, Value};
use qkv::kernels::{Rung, Version};
use qkv::session::Job;

/// The lens on the weights of the default sample.
fn lens(lang: Lang) -> House {
    let mut house = House::open("tiananmen", lang);
    house.press("8K");
    house
}

fn open(house: &House) -> &LensWindow {
    let Some(Window::Lens(lens)) = house.model.windows.top() else { panic!("the lens is open") };
    lens
}

#[test]
fn the_lens_looks_as_it_should() {
    for (lang, name) in [(Lang::Zh, "zh"), (Lang::En, "en")] {
        for (columns, rows) in [(80, 24), (120, 36), (200, 55)] {
            let mut house = lens(lang);
            let picture = house.picture(columns, rows);
            assert!(picture.lines().next().unwrap().contains(["Esc 关闭", "Esc closes"][lang as usize]), "{picture}");
            insta::assert_snapshot!(format!("kernel_{name}_{columns}x{rows}_start"), picture);
            house.press("nnnnnnnnn");
            insta::assert_snapshot!(format!("kernel_{name}_{columns}x{rows}_stepped"), house.picture(columns, rows));
            house.key(Key::Tab).key(Key::Tab).press("Annnnnnnnnn");
            insta::assert_snapshot!(format!("kernel_{name}_{columns}x{rows}_group"), house.picture(columns, rows));
        }
    }
}

#[test]
fn a_step_back_is_the_state_before() {
    let mut house = lens(Lang::En);
    let all = open(&house).seen().unwrap().recording.ticks.len();
    assert!(all > 20, "{all}");
    let mut pictures = vec![house.picture(120, 36)];
    for _ in 0..12 {
        house.press("n");
        pictures.push(house.picture(120, 36));
    }
    for before in pictures.iter().rev().skip(1) {
        house.press("b");
        assert_eq!(&house.picture(120, 36), before);
    }
    house.press("G");
    assert_eq!(open(&house).steps, all);
    house.press("n");
    assert_eq!(open(&house).steps, all, "the end is the end");
    house.key(Key::Home).press("b");
    assert_eq!(open(&house).steps, 0);
}

#[test]
fn once_round_the_loop_comes_back_to_the_same_line() {
    let mut house = House::open("tiananmen", Lang::En);
    house.press("5K");
    let line = |house: &House| {
        let lens = open(house);
        let tick = &lens.seen().unwrap().recording.ticks[lens.steps - 1];
        let source = lens.seen().unwrap().launch.source.lines().nth(tick.line as usize - 1).unwrap();
        source.trim().to_owned()
    };
    while open(&house).steps == 0 || !line(&house).starts_with("sum = add_product") {
        house.press("n");
    }
    let m = |house: &House| {
        let lens = open(house);
        let known = lens.seen().unwrap().recording.variables(lens.steps);
        known.iter().find_map(|(name, value)| if *name == "m" { Some((*value).clone()) } else { None })
    };
    assert_eq!(m(&house), Some(Value::One(Scalar::U(0))));
    house.press("]");
    assert!(line(&house).starts_with("sum = add_product"));
    assert_eq!(m(&house), Some(Value::One(Scalar::U(1))));
    house.press("[");
    assert_eq!(m(&house), Some(Value::One(Scalar::U(0))), "and a round back");
    // From the beginning a round leads to the loop, not to the end.
    house.key(Key::Home).press("]");
    let (steps, all) = (open(&house).steps, open(&house).seen().unwrap().recording.ticks.len());
    assert!(steps > 0 && steps < all, "{steps} of {all}");
    let first = line(&house);
    house.press("]");
    assert_eq!(line(&house), first, "the loop's first line, again");
}

/// Wakes the interface as its own clock would, so many times at most; how often it asked for it.
fn wake(house: &mut House, key: Key, most: usize) -> usize {
    let mut effects = update(&mut house.model, Message::Key(key));
    for n in 0..most {
        let Some(Effect::Wake { ticket, .. }) = effects.pop() else { return n };
        effects = update(&mut house.model, Message::Tick(ticket));
    }
    most
}

#[test]
fn the_lens_plays_line_by_line_and_space_pauses_it() {
    let mut house = lens(Lang::En);
    let shown = |house: &House| {
        let lens = open(house);
        lens.seen().unwrap().recording.ticks.iter().filter(|tick| lens.shows(tick)).count()
    };
    let all = shown(&house);
    assert_eq!(wake(&mut house, Key::Char(' '), 3), 3);
    assert!(house.picture(120, 36).contains(&format!("step 3 of {all}, 4 a second")));
    assert_eq!(wake(&mut house, Key::Char(' '), 9), 0, "paused: it asks for nothing more");
    assert!(house.picture(120, 36).contains(&format!("step 3 of {all}")) && open(&house).playing.is_none());
    assert_eq!(wake(&mut house, Key::Char(' '), 10_000), all - 3, "to the end, and no further");
    house.press("b}");
    let effects = update(&mut house.model, Message::Key(Key::Char(' ')));
    let [Effect::Wake { after, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(after.as_millis(), 125, "twice as fast");
    // The whole workgroup plays too.
    house.press("A");
    let turns = wake(&mut house, Key::Char(' '), 10_000);
    assert_eq!(open(&house).turns, Some(turns));
}

#[test]
fn functions_are_stepped_over_or_into() {
    let mut house = House::open("tiananmen", Lang::En);
    house.press("5K");
    let steps = |house: &mut House| {
        house.key(Key::Home);
        let mut n = 0;
        let all = open(house).seen().unwrap().recording.ticks.len();
        while open(house).steps < all {
            house.press("n");
            n += 1;
        }
        n
    };
    let over = steps(&mut house);
    house.key(Key::Enter);
    let into = steps(&mut house);
    assert!(into > 3 * over, "{into} and {over}");
}

#[test]
fn subgroups_wait_for_each_other_at_barriers() {
    let mut house = lens(Lang::En);
    house.key(Key::Tab).key(Key::Tab).press("A");
    let seen = open(&house).seen().unwrap().clone();
    assert_eq!(seen.version, Version::Rung(Rung::Tiled));
    let barriers = seen.recording.waves.iter().filter(|wave| wave.barrier).count();
    let mut met = 0;
    loop {
        let before = open(&house).turns;
        house.press("]");
        let turns = open(&house).turns.unwrap();
        if Some(turns) == before {
            break;
        }
        let progress = Turns::after(&seen, turns);
        assert!(progress.steps.windows(2).all(|pair| pair[0] == pair[1]), "all stand together: {progress:?}");
        met += 1;
    }
    assert_eq!(met, barriers + 1, "every barrier, and the end");
}

#[test]
fn arrows_move_to_other_numbers_and_heads() {
    let mut house = lens(Lang::En);
    let first = open(&house).seen().unwrap().clone();
    house.key(Key::Right).press(".");
    let next = open(&house).seen().unwrap().clone();
    assert_ne!(first.address, next.address);
    assert_eq!(next.owner.group[2], next.address.cell.head as u32, "heads are the third dimension");
    house.key(Key::Esc);
    assert!(house.model.windows.is_empty());
}

#[test]
fn keys_pressed_before_there_is_anything_to_see_are_not_lost() {
    let mut house = House::open("tiananmen", Lang::En);
    house.press("8");
    let mut effects = Vec::new();
    for key in [Key::Char('K'), Key::Tab, Key::Tab, Key::Char('A'), Key::Char('n')] {
        effects.extend(update(&mut house.model, Message::Key(key)));
    }
    assert!(matches!(effects.as_slice(), [Effect::Do(_, Job::Look(_))]), "{effects:?}");
    house.carry_out(effects);
    let lens = open(&house);
    assert_eq!((lens.version, lens.turns), (Version::Rung(Rung::Tiled), Some(1)));
    assert_eq!(lens.seen().unwrap().version, lens.version);

    // Neither are those that follow a change of kernels: they are about the new one.
    let mut effects = Vec::new();
    for key in [Key::Char('A'), Key::Tab, Key::Char('G')] {
        effects.extend(update(&mut house.model, Message::Key(key)));
    }
    house.carry_out(effects);
    let lens = open(&house);
    assert_eq!(lens.version, Version::Rung(Rung::Subgroup));
    assert_eq!((lens.turns, lens.steps), (None, lens.seen().unwrap().recording.ticks.len()));
}

#[test]
fn a_number_that_is_loaded_has_the_name_it_has_on_its_own_page() {
    // scores = Q·Kᵀ: the kernel sees Kᵀ, a person knows K, which has 4 rows and 2 columns.
    let mut house = House::open("tiananmen", Lang::En);
    house.press("5").key(Key::Right).key(Key::Right).press("K").key(Key::Tab);
    let loaded = (0..40).any(|_| house.press("n").picture(120, 36).contains("loads Q[1,2] K[4,2]"));
    assert!(loaded, "the second product of scores[1,4]");
}

#[test]
fn a_condition_of_two_parts_is_decided_once() {
    let mut house = House::open("tiananmen", Lang::En);
    house.press("5K");
    let seen = open(&house).seen().unwrap().clone();
    let line = seen.launch.source.lines().position(|line| line.contains("||")).unwrap() as u32 + 1;
    let decided: Vec<_> =
        seen.recording.ticks.iter().filter(|tick| tick.line == line).map(|tick| tick.decided).collect();
    assert_eq!(decided, [Some(false)], "this invocation has a cell");
}

#[test]
fn given_numbers_were_made_by_no_shader() {
    let mut house = House::open("tiananmen", Lang::En);
    house.press("K");
    assert!(house.model.windows.is_empty());
    assert!(house.picture(80, 24).contains("no shader made them"));
}

/// Everything that the lens says, as lines of words.
fn said(house: &House) -> String {
    let window = house.model.windows.top().unwrap();
    let words = |line: qkv::app::windows::Line| format!("{line:?}");
    window.says(&house.model).into_iter().map(words).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_head_reads_its_own_columns_and_a_copy_is_no_number() {
    // Q of head 2, second column: column 4 of W_q, whichever kernel makes it.
    let mut house = House::open("tiananmen", Lang::En);
    house.press("2.").key(Key::Right).press("K");
    for _ in 0..6 {
        let words = said(&house);
        let columns: Vec<&str> = words.split("W_q[").skip(1).filter_map(|w| w.split([',', ']']).nth(1)).collect();
        let own = |columns: &str| columns.split('…').all(|n| matches!(n, "3" | "4"));
        assert!(!columns.is_empty() && columns.iter().all(|c| own(c)), "{:?}: {words}", open(&house).version);
        assert!(!words.contains("H: 128 numbers"), "32, a copy for each head: {words}");
        assert!(words.contains("x counts columns, y rows") || words.contains("x counts rows"), "{words}");
        house.key(Key::Tab);
    }
}

#[test]
fn a_loop_says_which_round_it_is_in() {
    let mut house = House::open("tiananmen", Lang::En);
    house.press("5K");
    let all = open(&house).seen().unwrap().recording.ticks.len();
    let mut rounds = Vec::new();
    for _ in 0..all {
        house.press("n");
        let words = said(&house);
        rounds.extend(words.contains("this line runs 2 times, this is number 2").then_some(()));
    }
    assert!(!rounds.is_empty(), "two features are two rounds");
}

#[test]
fn the_third_dimension_is_named_after_what_it_counts() {
    let mut house = House::open("tiananmen", Lang::Zh);
    house.press("5K");
    assert!(said(&house).contains("z = 头（4 个头同时算"), "{}", said(&house));
    let mut house = House::open("batch64x8x256", Lang::Zh);
    house.press("5K");
    assert!(said(&house).contains("z = 句 × 头（64 句 × 8 头 = 512 层"), "{}", said(&house));
}
