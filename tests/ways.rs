//! Ways in and ways back: what a mouse points at, what a line completes and remembers, what undo brings back, what a Chinese
//! input method writes.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod house;

use std::time::Duration;

use house::House;
use qkv::app::windows::Window;
use qkv::app::{Effect, Key, Message, Page, Target, keys, update};
use qkv::ground::lang::Lang;
use qkv::kernels::Rung;
use qkv::program::Name;
use qkv::session::{Kind, News, Progress};
use qkv::source::sample::Sample;
use qkv::study::race::{Contender, Entry, Lane, Scene, Span, Timeline, Times, What};
use qkv::ui;
use ratatui::layout::Rect;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 36), (200, 55)];

fn top(house: &House) -> &'static str {
    house.model.windows.top().map_or("walk", |window| window.context().name)
}

/// Where on the screen something is that fits.
fn place(house: &House, size: (u16, u16), fits: impl Fn(&Target) -> bool) -> Option<(Rect, Target)> {
    ui::targets(&house.model, size).into_iter().rev().find(|(_, target)| fits(target))
}

/// Clicks in the middle of something, by what lies there.
fn click(house: &mut House, size: (u16, u16), fits: impl Fn(&Target) -> bool) -> Target {
    house.tell(Message::Resize(size.0, size.1));
    let (rect, _) = place(house, size, fits).expect("it is on the screen");
    let target = ui::target(&house.model, size, (rect.x + rect.width / 2, rect.y + rect.height / 2)).unwrap();
    house.tell(Message::Click(target));
    target
}

#[test]
fn a_click_chooses_stage_head_number_and_key() {
    for size in SIZES {
        let mut house = House::open("tiananmen", Lang::En);
        click(&mut house, size, |target| *target == Target::Page(8));
        assert_eq!(house.model.program().symbol(house.model.slot()).name, Name::Weights, "{size:?}");
        click(&mut house, size, |target| *target == Target::Head(1));
        assert_eq!(house.model.view.cursor.head, 1);
        // Every number of the main matrix is where its digits are drawn, and takes the cursor there.
        for (row, col) in [(0, 0), (1, 3), (3, 1)] {
            let there = |target: &Target| match target {
                Target::Number(at) => {
                    at.slot == house.model.slot() && (at.cell.head, at.cell.row, at.cell.col) == (1, row, col)
                }
                _ => false,
            };
            // The picture has it once, the small ones of every head again: the first is the main one.
            let (rect, _) = ui::targets(&house.model, size).into_iter().find(|(_, target)| there(target)).unwrap();
            let target = ui::target(&house.model, size, (rect.x, rect.y)).unwrap();
            house.tell(Message::Click(target));
            let at = house.model.address().cell;
            assert_eq!((at.head, at.row, at.col), (1, row, col), "{size:?}");
            let buffer = house.buffer(size.0, size.1, house::THEME);
            let cell: String = (rect.x..rect.right())
                .flat_map(|x| (rect.y..rect.bottom()).map(move |y| (x, y)))
                .map(|at| buffer[at].symbol().to_owned())
                .collect();
            let number = format!("{:.2}", house.model.trace().unwrap().get(house.model.address()));
            let digits: String = cell.chars().filter(char::is_ascii_digit).collect();
            assert_eq!(digits, number.replace('.', ""), "{size:?}: the number that is drawn there");
            // On what is chosen already a click is Enter.
            house.tell(Message::Click(target));
            assert_eq!(top(&house), "microscope", "{size:?}");
            house.key(Key::Esc);
        }
        click(&mut house, size, |target| *target == Target::Key(Key::Char('?')));
        assert_eq!(top(&house), "help");
    }
}

#[test]
fn a_click_in_another_heads_small_matrix_goes_to_that_head() {
    let mut house = House::open("tiananmen", Lang::En);
    house.press("8");
    let slot = house.model.slot();
    click(&mut house, (120, 36), |target| matches!(target, Target::Number(at) if at.slot == slot && at.cell.head == 2));
    assert_eq!(house.model.view.cursor.head, 2);
}

#[test]
fn rows_tabs_and_tiles_of_windows_are_chosen_and_nothing_shines_through() {
    for size in SIZES {
        let mut house = House::open("tiananmen", Lang::En);
        house.press("S");
        click(&mut house, size, |target| *target == Target::Row(2));
        let Some(Window::Switches(switches)) = house.model.windows.top() else { panic!("the switches") };
        assert_eq!(switches.chosen, 2);
        let before = house.model.material.scenario.clone();
        click(&mut house, size, |target| *target == Target::Row(2));
        assert_ne!(house.model.material.scenario, before, "a second click turns it");
        house.key(Key::Esc).press("H");
        click(&mut house, size, |target| *target == Target::Row(1));
        click(&mut house, size, |target| *target == Target::Tab(1));
        let Some(Window::Heads(heads)) = house.model.windows.top() else { panic!("the heads") };
        assert_eq!((heads.chosen, heads.view), (1, qkv::app::windows::View::Lines), "{size:?}");
        // The window fills the screen: nothing of the walk can be pointed at.
        let all = |x: u16, y: u16| ui::target(&house.model, size, (x, y));
        for (x, y) in [(3, 3), (size.0 / 2, size.1 / 2), (size.0 - 1, size.1 - 1)] {
            let target = all(x, y);
            assert!(!matches!(target, Some(Target::Page(_) | Target::Number(_))), "{size:?} {target:?}");
        }
        house.key(Key::Esc).press("?mask");
        click(&mut house, size, |target| *target == Target::Row(1));
        let Some(Window::Help(help)) = house.model.windows.top() else { panic!("the help") };
        assert_eq!(help.chosen, 1);
        house.key(Key::Esc).key(Key::Esc).press("8").key(Key::Enter);
        // The number of the cursor itself is chosen; another one is chosen first, then opened.
        click(&mut house, size, |target| *target == Target::Row(0));
        let deep = |house: &House| match house.model.windows.top() {
            Some(Window::Microscope(window)) => window.names().len(),
            _ => 0,
        };
        assert_eq!(deep(&house), 1);
        click(&mut house, size, |target| *target == Target::Row(0));
        assert_eq!(deep(&house), 2, "a second click opens the term");
    }
}

#[test]
fn the_wheel_moves_what_it_is_over() {
    let mut house = House::open("tiananmen", Lang::En);
    house.press("5").key(Key::Up).key(Key::Up);
    house.tell(Message::Wheel(Target::Page(3), 1));
    assert_eq!(house.model.position(), 6, "from stage to stage");
    let row = house.model.view.cursor.row;
    house.tell(Message::Wheel(Target::Number(house.model.address()), 1));
    assert_eq!(house.model.view.cursor.row, row + 1);
    house.press("R");
    let before = house.model.ticket(Kind::Race);
    house.tell(Message::Wheel(Target::Window, 1));
    assert_eq!(house.model.ticket(Kind::Race), before, "a race does not begin anew under a wheel");
    house.key(Key::Esc).press("?");
    house.tell(Message::Wheel(Target::Row(4), 1));
    let Some(Window::Help(help)) = house.model.windows.top() else { panic!("the help") };
    assert_eq!(help.chosen, 3);
}

fn typed(house: &House) -> String {
    let Some(Window::Prompt(prompt)) = house.model.windows.top() else { panic!("a line is open") };
    prompt.input.value().to_owned()
}

#[test]
fn a_command_is_completed_and_remembered() {
    let mut house = House::open("tiananmen", Lang::En);
    house.press(":sam").key(Key::Tab);
    assert_eq!(typed(&house), "sample ");
    house.press("translation").key(Key::Tab);
    assert_eq!(typed(&house), "sample translation", "as far as it is clear");
    house.key(Key::Tab);
    let second = typed(&house);
    house.key(Key::BackTab);
    assert!(second.starts_with("sample translation") && typed(&house) != second, "then one after another");
    house.key(Key::Ctrl('u')).press("stage we").key(Key::Tab);
    assert_eq!(typed(&house), "stage weights");
    house.key(Key::Enter).press(":lang ").key(Key::Tab);
    assert!(["lang zh", "lang en"].contains(&typed(&house).as_str()));
    house.key(Key::Esc).press(":heads").key(Key::Enter);
    assert_eq!(top(&house), "line", "there is no such command");
    house.key(Key::Esc).press(":head 2").key(Key::Enter).press(":").key(Key::Up);
    assert_eq!(typed(&house), "head 2");
    house.key(Key::Up).key(Key::Up);
    assert_eq!(typed(&house), "stage weights", "the one before the one that was refused");
    house.key(Key::Down).key(Key::Down).key(Key::Down);
    assert_eq!(typed(&house), "", "back to what was typed");
    // In the heads their own commands are completed too.
    house.key(Key::Esc).press("H:heads.ma").key(Key::Tab);
    assert_eq!(typed(&house), "heads.mark");
    house.key(Key::Esc).key(Key::Esc).press(":help faster").key(Key::Enter);
    assert_eq!(top(&house), "help");
    assert!(house.picture(80, 24).contains("Which is faster"));
    house.key(Key::Esc).key(Key::Esc).press(":q");
    let effects = update(&mut house.model, Message::Key(Key::Enter));
    assert!(matches!(effects.as_slice(), [Effect::Quit]), "{effects:?}");
}

#[test]
fn a_path_is_completed_from_what_stands_in_the_folder() {
    let mut house = House::open("tiananmen", Lang::En);
    house.press(":model m").key(Key::Tab);
    assert_eq!(typed(&house), r"model my\ models/", "as a shell writes it");
    house.key(Key::Tab);
    assert_eq!(typed(&house), r"model my\ models/bert-", "as far as it is clear, and nothing that cannot be typed");
    house.key(Key::Tab);
    assert_eq!(typed(&house), r"model my\ models/bert-1");
    assert!(house.picture(120, 36).contains("bert-1   bert-2"), "what there is stands above the line");
    house.key(Key::Tab);
    assert_eq!(typed(&house), r"model my\ models/bert-2");
    house.key(Key::Enter);
    assert!(house.picture(120, 36).contains("there is no my models/bert-2"), "what it means has no backslash");
    for (begun, ends) in [
        ("model 'my models/bert-1", r"model my\ models/bert-1"),
        ("model .", "model .cache/"),
        ("sample wa", "sample walk.toml"),
        ("sample g", "sample gpt2"),
        ("lesson g", "lesson gpt2/"),
        ("save m", r"save my\ models/"),
        ("picture m", r"picture my\ models/"),
    ] {
        house.key(Key::Ctrl('u')).press(begun).key(Key::Tab);
        assert_eq!(typed(&house), ends);
    }
    for begun in ["model n", "save w", "sample notes", "model nowhere/"] {
        house.key(Key::Ctrl('u')).press(begun).key(Key::Tab);
        assert_eq!(typed(&house), begun);
        assert!(house.picture(120, 36).contains("nothing there begins so"), "{begun}");
    }
    // Who goes on typing is not interrupted by what comes late.
    house.key(Key::Ctrl('u')).press("model m");
    let asked = update(&mut house.model, Message::Key(Key::Tab));
    house.press("x").carry_out(asked);
    assert_eq!(typed(&house), "model mx");
}

#[test]
fn full_width_signs_are_keys_where_nothing_is_typed_and_text_where_something_is() {
    let mut house = House::open("tiananmen", Lang::Zh);
    for (sign, opens) in [('？', "help"), ('：', "line"), ('、', "line"), ('／', "line")] {
        house.key(Key::Char(sign));
        assert_eq!(top(&house), opens, "{sign}");
        house.key(Key::Esc);
    }
    let head = house.model.view.cursor.head;
    house.press("。");
    assert_eq!(house.model.view.cursor.head, head + 1);
    house.press("H？");
    assert_eq!(top(&house), "help", "in a window too");
    house.key(Key::Esc).key(Key::Esc).press("/我，爱：你").key(Key::Enter);
    assert!(house.model.material.written.as_ref().unwrap().contains('，'), "what is typed stays as it is");
    house.press("1").key(Key::Home).press("e１．５").key(Key::Enter);
    assert_eq!(house.model.trace().unwrap().get(house.model.address()), 1.5, "but a number is a number");
}

/// Every change that was made, in words.
fn changes(house: &House) -> Vec<String> {
    house.model.changes().iter().map(|words| words.en.to_string()).collect()
}

#[test]
fn another_sample_is_undone_with_everything_that_was_changed_before() {
    let mut house = House::open("tiananmen", Lang::En);
    house.press("5++m");
    let (before, run) = (changes(&house), house.model.run().unwrap().trace.clone());
    assert!(before.len() >= 2, "{before:?}");
    house.press(":sample h1h2").key(Key::Enter);
    assert_eq!(house.model.material.original.name, "h1h2");
    assert!(changes(&house).is_empty());
    assert!(house.model.notice.as_ref().unwrap().text.en.contains("u undoes it"));
    house.press("8+u").press("u");
    assert_eq!((house.model.material.original.name.as_str(), changes(&house)), ("tiananmen", before.clone()));
    let again = &house.model.run().unwrap().trace;
    let program = house.model.program();
    assert!(program.slots().all(|slot| run.tensor(slot) == again.tensor(slot)), "bit for bit");
    // And back further, and forward again.
    house.press("uuu");
    assert!(changes(&house).is_empty());
    house.press("u");
    assert!(house.model.notice.as_ref().unwrap().text.en.contains("no change to undo"));
    house.press("UUUU");
    assert_eq!(house.model.material.original.name, "h1h2");
    assert!(house.model.run().unwrap().ledger.ok());
}

#[test]
fn what_takes_the_place_of_much_says_that_it_can_be_undone() {
    for replaces in [":reset", "W", "X", "w", "m", "/我爱上海", ":sample h1h2", ":seed 3"] {
        let mut house = House::open("tiananmen", Lang::En);
        house.press("8++");
        let (name, before) = (house.model.material.original.name.clone(), changes(&house));
        house.press(replaces);
        if replaces.len() > 1 {
            house.key(Key::Enter);
        }
        let says = house.model.notice.as_ref().map(|notice| notice.text.en.to_string()).unwrap_or_default();
        assert!(says.ends_with("u undoes it"), "{replaces}: {says:?}");
        assert_ne!(changes(&house), before, "{replaces}");
        house.press("u");
        assert_eq!((&house.model.material.original.name, changes(&house)), (&name, before), "{replaces}");
    }
}

#[test]
fn leaving_with_changes_asks_once() {
    let mut house = House::open("tiananmen", Lang::En);
    let quits =
        |house: &mut House| matches!(update(&mut house.model, Message::Key(Key::Char('q'))).as_slice(), [Effect::Quit]);
    assert!(quits(&mut house), "nothing was changed");
    house.press("+");
    assert!(!quits(&mut house) && house.model.notice.as_ref().unwrap().text.en.contains(":save"));
    assert!(quits(&mut house), "asked already");
    house.press("n");
    assert!(!quits(&mut house), "asked long ago");
    house.press(":save mine.toml").key(Key::Enter);
    assert!(quits(&mut house), "a file holds it");
    house.press("+");
    assert!(!quits(&mut house), "but not this");
    assert!(matches!(update(&mut house.model, Message::Key(Key::Ctrl('c'))).as_slice(), [Effect::Quit]));
}

#[test]
fn the_race_says_how_far_it_is_and_how_long_it_will_take() {
    let mut house = House::open("tiananmen", Lang::En);
    house.press("R");
    let ticket = house.model.ticket(Kind::Race).unwrap();
    assert!(house.picture(80, 24).contains("choosing a rung by trial"), "it says what it does before anybody runs");
    let mut tell = |news| update(&mut house.model, Message::Progress(ticket, Progress::Race(news)));
    let work = qkv::study::race::Work::new(64, 16, 8, 256).unwrap();
    let entry = |contender, ms: &[u64]| {
        let warm = ms[1..].iter().map(|ms| Duration::from_millis(*ms)).collect();
        let times = Times { cold: Duration::from_millis(ms[0]), warm, error: 0.0, split: None };
        News::In(Entry { contender, work, result: Ok(times) })
    };
    tell(News::Started { contender: Contender::NdarrayOne, n: 0, of: 4 });
    tell(entry(Contender::NdarrayOne, &[2000, 1000, 1000]));
    tell(News::Started { contender: Contender::NdarrayAll, n: 1, of: 4 });
    tell(entry(Contender::NdarrayAll, &[1000, 1000]));
    tell(News::Started { contender: Contender::Rung(Rung::Tiled), n: 2, of: 4 });
    // Three seconds each, and two still to come.
    assert!(house.picture(120, 36).contains("tiled running, 3 of 4, about 6 s more at this pace"));
    update(&mut house.model, Message::Progress(ticket, Progress::Race(News::Over)));
    assert!(house.picture(120, 36).contains("then looking for the crossing"), "and after the last");
}

#[test]
fn the_line_of_keys_shows_what_matters_on_the_page() {
    let mut house = House::open("tiananmen", Lang::En);
    let line = |house: &mut House| house.picture(120, 36).lines().last().unwrap().to_owned();
    for (page, words) in [
        ("1", ["/ sentence", "o samples", "e edit"]),
        ("2", ["Enter open", "Tab matrix", ". head"]),
        ("5", ["Space play", "K GPU", "f follow"]),
        ("6", ["d why √d", "S what if", ". head"]),
        ("7", ["m mask", "Tab matrix", "S what if"]),
        ("8", ["H heads", "i card", "x silence"]),
    ] {
        let shown = line(house.press(page));
        assert!(words.iter().all(|words| shown.contains(words)), "{page}: {shown}");
        assert!(shown.ends_with("? help  q quit"), "{shown}");
    }
    assert!(!line(&mut house).contains("u undo"));
    let shown = line(house.press("+"));
    assert!(shown.starts_with(" n next  b back") && shown.contains("u undo  = compare"), "{shown}");
    assert!(matches!(house.model.view.page, Page::Stage(_)));
    let names: Vec<&str> = keys::here(&house.model).iter().map(|command| command.name).collect();
    assert!(names.contains(&"race.open") && names.contains(&"common.command"), "{names:?}");
}

/// The queue while its window shows what was uploaded, submitted and computed.
#[test]
fn in_ascii_the_queue_draws_no_other_sign() {
    for lang in [Lang::En, Lang::Zh] {
        let mut house = House::open("h1h2", lang);
        house.press("Q");
        let ticket = house.model.ticket(Kind::Queue).unwrap();
        let ms = Duration::from_millis;
        let host = [What::Upload, What::Submit, What::Wait].into_iter().zip(0_u64..).map(|(what, n)| {
            let (from, to) = (ms(10 * n), ms(10 * (n + 1)));
            Span { lane: Lane::Host, what, piece: 0, from, to }
        });
        let device = Span { lane: Lane::Device, what: What::Run, piece: 0, from: ms(20), to: ms(30) };
        let spans: Vec<Span> = host.chain([device]).collect();
        for scene in Scene::ALL {
            let (spans, submitted, done) = (spans.clone(), ms(20), ms(30));
            let timeline = Timeline { scene, pieces: 1, spans, submitted, done, clocked: true, losses: Vec::new() };
            update(&mut house.model, Message::Progress(ticket, Progress::Queue(timeline)));
        }
        for size in SIZES {
            assert!(house.picture(size.0, size.1).contains('▲'), "what was uploaded is drawn");
            let ascii = house::text(&house.buffer(size.0, size.1, qkv::ui::Theme { ascii: true, ..house::THEME }));
            let chinese = |c: char| ('\u{3000}'..'\u{a000}').contains(&c) || "，：；（）？！、".contains(c);
            let foreign: Vec<char> = ascii.chars().filter(|c| !c.is_ascii() && !chinese(*c)).collect();
            assert!(foreign.is_empty(), "{foreign:?} in\n{ascii}");
        }
    }
}

#[test]
fn half_pages_move_eight_rows_and_half_a_list() {
    let mut house = House::open("tiananmen", Lang::En);
    house.press("/a b c d e f g h i j k l").key(Key::Enter).press("8").key(Key::Up);
    for _ in 0..20 {
        house.key(Key::Up);
    }
    let row = |house: &House| house.model.address().cell.row;
    assert_eq!(row(&house), 0);
    assert_eq!(row(house.key(Key::Ctrl('d'))), 8);
    assert_eq!(row(house.key(Key::Ctrl('d'))), 11, "the last");
    assert_eq!(row(house.key(Key::Ctrl('u'))), 3);
    house.key(Key::Enter).key(Key::Ctrl('d'));
    let chosen = |house: &House| match house.model.windows.top() {
        Some(Window::Microscope(window)) => window.opened(&house.model).unwrap().0.term,
        _ => panic!("the microscope is open"),
    };
    let after = chosen(&house);
    assert_eq!(chosen(house.press("G")), 11);
    assert_eq!(chosen(house.key(Key::Home)), 0);
    assert!(after >= 5, "half a page of terms: {after}");
}

#[test]
fn heads_are_called_by_the_sample_that_was_opened() {
    let mut house = House::open("tiananmen", Lang::En);
    house.press(":sample english").key(Key::Enter).press("8");
    let sample = Sample::builtin("english").unwrap().unwrap();
    let picture = house.picture(200, 55);
    for head in &sample.heads {
        let name = head.name.as_ref().unwrap();
        assert!(picture.contains(name.en.as_ref()), "{} in\n{picture}", name.en);
    }
    // And by the first again, when that is taken back.
    house.press("u8");
    let sample = Sample::builtin("tiananmen").unwrap().unwrap();
    let name = sample.heads[1].name.as_ref().unwrap();
    assert!(house.picture(200, 55).contains(name.en.as_ref()));
}
