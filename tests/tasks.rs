//! What a first-time user wants to do: each is found in the help by an obvious word, takes at most five keys, and its keys do it.

#![expect(clippy::unwrap_used, reason = "tests")]

mod house;

use std::time::Duration;

use house::House;
use qkv::app::guide::{self, Item, TASKS, Task};
use qkv::app::windows::{Line, Window};
use qkv::app::{Effect, Key, Message, Status, update};
use qkv::explain;
use qkv::ground::lang::Lang;
use qkv::kernels::Rung;
use qkv::math::tensor::Cell;
use qkv::program::Name;
use qkv::session::{Job, Kind, News, Progress};
use qkv::source::sample::Sample;
use qkv::study::race::{Contender, Entry, Times};

/// The twelve kinds of task, and words that anybody would look for them with.
const TWELVE: [(&str, &[&str]); 12] = [
    ("which-head", &["which head", "gallery", "哪个头", "多头"]),
    ("where-from", &["where", "come from", "how computed", "哪里来", "怎么算"]),
    ("why-even", &["even", "uniform", "equal", "平均", "均匀", "一样多"]),
    ("make-it-attend", &["attend", "make attend", "让一个词", "让它看"]),
    ("sqrt-off", &["sqrt off", "without sqrt", "not divided", "不除", "关掉 根号"]),
    ("mask", &["mask", "causal", "future", "遮挡", "因果", "掩码"]),
    ("faster", &["faster", "speed", "race", "谁快", "更快", "速度"]),
    ("which-invocation", &["invocation", "thread", "gpu thread", "线程", "哪个线程"]),
    ("own-sentence", &["sentence", "my own", "own text", "句子", "自己的"]),
    ("silence", &["silence", "head off", "ablation", "关掉", "关掉一个头"]),
    ("why-sqrt", &["why divide", "why sqrt", "saturate", "为什么要除", "根号"]),
    ("copy", &["copy", "take away", "clipboard", "复制", "带走"]),
];

fn task(name: &str) -> &'static Task {
    TASKS.iter().find(|task| task.name == name).unwrap()
}

/// A key by its name on a key cap.
fn key(name: &str) -> Key {
    let named = [
        Key::Up,
        Key::Down,
        Key::Left,
        Key::Right,
        Key::Home,
        Key::End,
        Key::Enter,
        Key::Esc,
        Key::Tab,
        Key::BackTab,
        Key::Backspace,
        Key::Char(' '),
    ];
    named.into_iter().find(|key| key.name() == name).unwrap_or_else(|| {
        let mut letters = name.chars();
        let (letter, rest) = (letters.next().unwrap(), letters.next());
        assert!(rest.is_none(), "{name} is no key");
        Key::Char(letter)
    })
}

/// Presses what the help says, as it says it; how many keys that were, what is typed as one counted as one.
fn press(house: &mut House, task: &Task) -> usize {
    let way = task.way(&house.model);
    let mut keys = 0;
    let mut rest = way.as_str();
    if let Some(typed) = task.typed {
        let before = way.strip_suffix(" Enter").and_then(|way| way.strip_suffix(typed)).unwrap();
        // A colon stands directly before what is typed.
        for name in before.replace(':', " : ").split_whitespace() {
            house.key(key(name));
            keys += 1;
        }
        house.press(typed);
        keys += 1;
        rest = "Enter";
    }
    for name in rest.split_whitespace() {
        house.key(key(name));
        keys += 1;
    }
    keys
}

fn open(lang: Lang) -> House {
    House::open(Sample::DEFAULT, lang)
}

fn value(house: &House, name: Name, cell: Cell) -> f32 {
    house.model.trace().unwrap().find(house.model.program(), None, name).unwrap().get(cell)
}

/// The numbers of a tensor, cell by cell.
fn all(house: &House, name: Name) -> Vec<(Cell, f32)> {
    let tensor = house.model.trace().unwrap().find(house.model.program(), None, name).unwrap();
    tensor.shape().cells().map(|cell| (cell, tensor.get(cell))).collect()
}

/// Everything that the window on top says, as one text.
fn said(house: &House) -> String {
    let says = house.model.windows.top().unwrap().says(&house.model);
    let words = says.iter().map(|line| match line {
        Line::Heading(words) | Line::Say(_, words) | Line::Exact(_, words) => house.model.say(words).to_owned(),
        Line::Row(row) => {
            let entries = row.entries.iter().map(|entry| house.model.say(&entry.words));
            std::iter::once(house.model.say(&row.name)).chain(entries).collect::<Vec<_>>().join(" ")
        }
        _ => String::new(),
    });
    words.collect::<Vec<_>>().join("\n")
}

#[test]
fn an_obvious_word_finds_each_of_the_twelve_among_the_first_three() {
    for (name, words) in TWELVE {
        for word in words {
            let found: Vec<Item> = guide::found(None, word).into_iter().take(3).collect();
            let there = found.iter().any(|item| matches!(item, Item::Task(task) if task.name == name));
            let titles: Vec<_> = found.iter().map(|item| item.words().en).collect();
            assert!(there, "{name} is not found by {word:?}: {titles:?}");
        }
    }
}

/// In the help itself, by typing: the words stand on the screen, and Enter does what they say.
#[test]
fn the_help_finds_while_one_types_and_enter_does_it() {
    for (lang, wanted, asks) in
        [(Lang::En, "causal", "How do I hide the words that come later?"), (Lang::Zh, "因果", "怎样遮住后面的词？")]
    {
        for size in [(80, 24), (120, 36), (200, 55)] {
            let mut house = open(lang);
            house.press("?").press(wanted);
            let picture = house.picture(size.0, size.1);
            let lines: Vec<&str> = picture.lines().skip(1).take(7).collect();
            assert!(lines[0].contains(wanted) && lines.iter().any(|line| line.contains(asks)), "{picture}");
        }
    }
    let mut house = open(Lang::En);
    house.press("?causal").key(Key::Enter);
    assert!(house.model.windows.is_empty(), "the help is closed");
    assert!(all(&house, Name::Weights).iter().all(|(cell, x)| cell.col <= cell.row || *x == 0.0), "and it is done");
    // A command that is typed is begun, and a page is gone to.
    house.press("?save").key(Key::Enter);
    let Some(Window::Prompt(prompt)) = house.model.windows.top() else { panic!("a line") };
    assert_eq!(prompt.input.value(), "save my.toml");
    house.key(Key::Esc).press("?force look").key(Key::Enter);
    let Some(Window::Prompt(prompt)) = house.model.windows.top() else { panic!("a number is asked for") };
    assert_eq!((prompt.input.value(), prompt.input.is_selected()), ("1", true));
    assert_eq!(house.model.program().symbol(house.model.slot()).name, Name::Weights);
    // What no table has is said; Esc shows everything again, then closes.
    house.key(Key::Esc).press("?zzzz");
    assert!(house.picture(80, 24).contains("nothing found"));
    house.key(Key::Esc);
    assert!(house.picture(80, 24).contains("understand"));
    house.key(Key::Esc);
    assert!(house.model.windows.is_empty());
}

#[test]
fn in_a_window_its_own_come_first_and_others_lead_to_theirs() {
    let mut house = open(Lang::En);
    house.press("H?mark this").key(Key::Enter);
    let Some(Window::Heads(heads)) = house.model.windows.top() else { panic!("the heads are still there") };
    assert!(heads.marked.contains(&0), "done in the window where it was asked");
    house.press("?once round").key(Key::Enter);
    assert!(house.model.windows.is_empty() && house.model.notice.is_some(), "the lens says why it cannot open here");
    house.press("8?once round").key(Key::Enter);
    assert!(matches!(house.model.windows.top(), Some(Window::Lens(_))), "its window first");
}

#[test]
fn every_task_does_something_by_the_keys_it_names() {
    for task in TASKS {
        let mut house = open(Lang::En);
        // There is something to undo, to take back and to compare with.
        let before = house.press("+").picture(120, 36);
        if matches!(task.name, "faster" | "queue") {
            // These measure time: that they are asked for is all that is seen here.
            for key in task.keys {
                let effects = update(&mut house.model, Message::Key(*key));
                assert!(matches!(effects.as_slice(), [Effect::Do(..)]), "{}: {effects:?}", task.name);
            }
            continue;
        }
        press(&mut house, task);
        let after = house.picture(120, 36);
        if task.name == "who-computes" {
            // There is nothing but the CPU here.
            assert!(house.model.windows.is_empty() && house.model.status == Status::NotWanted);
            continue;
        }
        let differs = before != after || house.model.settings.palette != open(Lang::En).model.settings.palette;
        assert!(differs, "{}: {}", task.name, task.way(&house.model));
        let complains = house.model.notice.as_ref().is_some_and(|notice| notice.bad);
        assert!(!complains, "{}: {after}", task.name);
        let refused = matches!(house.model.windows.top(), Some(Window::Prompt(prompt)) if prompt.error.is_some());
        if task.name == "import" {
            // No such file is here: that it is looked for is all that is seen.
            assert!(refused && after.contains("there is no my.npz"), "{after}");
            continue;
        }
        assert!(!refused, "{}: {after}", task.name);
    }
}

/// Opens the default sample, presses the keys of a task, and counts them.
fn walked(name: &str) -> House {
    let mut house = open(Lang::En);
    let task = task(name);
    let keys = press(&mut house, task);
    assert!(keys <= 5, "{name} takes {keys} keys: {}", task.way(&house.model));
    house
}

#[test]
fn which_head() {
    let mut house = walked("which-head");
    // Head 2 is the one that joins the verb with its object, by its weights, and the picture names it.
    let to_the_object = value(&house, Name::Weights, Cell { head: 1, row: 1, col: 3, ..Cell::default() });
    assert!(to_the_object > 0.4, "{to_the_object}");
    assert!(house.picture(120, 36).contains("2 verb finds object"));
    assert_eq!(house.model.study().unwrap().heads.len(), 4, "and every head was measured");
}

#[test]
fn where_from() {
    let house = walked("where-from");
    let Some(Window::Microscope(microscope)) = house.model.windows.top() else { panic!("it is opened") };
    let (look, opened) = microscope.opened(&house.model).unwrap();
    assert_eq!(look.address, house.model.address());
    // The exponentials of its row, of which its own is the share that the trace holds.
    let sum: f64 = opened.terms.iter().map(|term| term.value).sum();
    let own = opened.terms.iter().map(|term| term.value / sum);
    assert!(opened.terms.len() == 4 && own.into_iter().any(|share| (share - opened.value).abs() < 1e-6), "{opened:?}");
    assert!(said(&house).contains("masked.1["), "and which numbers they come from");
}

#[test]
fn why_even() {
    let mut house = walked("why-even");
    let at = house.model.address();
    let row: Vec<f32> = (0..4)
        .map(|col| house.model.trace().unwrap().get(qkv::program::Address { cell: Cell { col, ..at.cell }, ..at }))
        .collect();
    assert!(row.iter().all(|x| (x - 0.25).abs() < 1e-6), "{row:?}");
    let query: Vec<f32> = (0..2).map(|col| value(&house, Name::Q, Cell { col, ..at.cell })).collect();
    assert!(query.iter().all(|x| *x == 0.0), "its query is nothing: {query:?}");
    let because = explain::look(house.model.program(), house.model.trace().unwrap(), at, &house.model.names());
    let start: String = because.chars().take(24).collect();
    assert!(!because.is_empty() && house.picture(120, 36).contains(&start), "{because}");
}

#[test]
fn make_it_attend() {
    let before = open(Lang::En);
    let house = walked("make-it-attend");
    let at = house.model.address().cell;
    assert_eq!((at.col, value(&house, Name::Weights, at)), (3, 1.0), "to the last word");
    let old = value(&before, Name::Weights, at);
    for col in 0..2 {
        let there = Cell { col, ..at };
        let moved = value(&house, Name::Context, there) - value(&before, Name::Context, there);
        let brought = (1.0 - old) * value(&house, Name::V, Cell { row: 3, ..there });
        assert!((moved - brought).abs() < 1e-5, "{moved} and {brought}: its value comes along");
    }
}

#[test]
fn sqrt_off() {
    let (before, house) = (open(Lang::En), walked("sqrt-off"));
    assert_ne!(all(&before, Name::Scaled), all(&before, Name::Scores));
    assert_eq!(all(&house, Name::Scaled), all(&house, Name::Scores));
}

#[test]
fn mask() {
    let house = walked("mask");
    assert!(all(&house, Name::Weights).iter().all(|(cell, x)| (cell.col <= cell.row) == (*x > 0.0)));
    let notice = &house.model.notice.as_ref().unwrap().text;
    assert!(notice.en.contains("causal") && notice.zh.contains("因果"), "{notice:?}");
    // And round to the sample's own, which says what it is.
    let mut house = house;
    house.press("mmm");
    let notice = &house.model.notice.as_ref().unwrap().text;
    assert!(notice.en.contains("the sample's own (none") && notice.zh.contains("样例自带的（不遮"), "{notice:?}");
}

#[test]
fn faster() {
    let mut house = walked("faster");
    let ticket = house.model.ticket(Kind::Race).unwrap();
    let Some(Window::Race(race)) = house.model.windows.top() else { panic!("the race is open") };
    let work = race.work;
    let entry = |contender, ms| {
        let times =
            Times { cold: Duration::from_millis(ms), warm: vec![Duration::from_millis(ms)], error: 1e-7, split: None };
        News::In(Entry { contender, work, result: Ok(times) })
    };
    for news in [entry(Contender::NdarrayAll, 30), entry(Contender::Ours(Rung::Tiled), 10), News::Over] {
        update(&mut house.model, Message::Progress(ticket, Progress::Race(news)));
    }
    assert!(said(&house).contains("ours (tiled) is 3 times as fast as the processor"), "{}", said(&house));
}

#[test]
fn which_invocation() {
    let house = walked("which-invocation");
    let Some(Window::Lens(lens)) = house.model.windows.top() else { panic!("the lens is open") };
    let seen = lens.seen().unwrap();
    assert_eq!(seen.address, house.model.address());
    assert!((seen.mirrored - house.model.trace().unwrap().get(seen.address)).abs() < 1e-5, "it makes that number");
    let [wx, wy, _] = seen.workgroup;
    let [gx, gy, gz] = seen.owner.group;
    let (x, y) = (gx * wx + seen.owner.local % wx, gy * wy + seen.owner.local / wx);
    let cell = seen.address.cell;
    assert_eq!((x as usize, y as usize, gz as usize), (cell.col, cell.row, cell.head), "x is the column, y the row");
    assert!(said(&house).contains(&format!("({x},{y},{gz})")), "{}", said(&house));
}

#[test]
fn own_sentence() {
    let house = walked("own-sentence");
    assert_eq!(house.model.material.sample.tokens, ["他", "喜欢", "上海", "外滩"]);
    assert!(house.model.run().unwrap().ledger.ok());
}

#[test]
fn silence() {
    let (before, house) = (open(Lang::En), walked("silence"));
    assert_eq!(house.model.material.scenario.silenced.iter().copied().collect::<Vec<_>>(), [0.into()]);
    // The output is what the other three heads bring: concat without the columns of head 1, times W_o.
    let w_o = |row, col| value(&before, Name::WO, Cell { row, col, ..Cell::default() });
    for (cell, output) in all(&house, Name::Output) {
        let others: f32 =
            (2..8).map(|m| value(&before, Name::Concat, Cell { col: m, ..cell }) * w_o(m, cell.col)).sum();
        assert!((output - others).abs() < 1e-5, "{cell:?}: {output} and {others}");
    }
    assert_ne!(all(&before, Name::Output), all(&house, Name::Output));
}

#[test]
fn why_sqrt() {
    let house = walked("why-sqrt");
    let Some(Window::Laboratory(laboratory)) = house.model.windows.top() else { panic!("the laboratory is open") };
    let seen = laboratory.seen().unwrap();
    let [raw, root, _] = seen.with_theory();
    assert!((raw.0.sigma - 8.0).abs() < 1.0 && (root.0.sigma - 1.0).abs() < 0.15, "{} {}", raw.0.sigma, root.0.sigma);
    assert!(raw.0.largest > root.0.largest, "undivided scores give one word nearly everything");
}

#[test]
fn copy() {
    let house = walked("copy");
    let pieces = explain::arithmetic(
        house.model.program(),
        house.model.trace().unwrap(),
        house.model.address(),
        &house.model.names(),
    );
    let line: String = pieces.into_iter().map(|piece| piece.text).collect();
    assert_eq!(house.copied().unwrap(), line);
    let mut house = house;
    house.press("5").press("Y");
    assert!(house.copied().unwrap().contains('\\'), "and as LaTeX: {:?}", house.copied());
    assert!(matches!(update(&mut house.model, Message::Key(Key::Char('y'))).as_slice(), [Effect::Do(_, Job::Copy(_))]));
}

#[test]
fn the_document_lists_every_task() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/TASKS.md");
    let generated = guide::markdown(&open(Lang::En).model);
    if std::env::var_os("QKV_UPDATE_DOCS").is_some() {
        std::fs::write(&path, &generated).unwrap();
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(stored == generated, "docs/TASKS.md is out of date: QKV_UPDATE_DOCS=1 cargo test --test tasks");
}
