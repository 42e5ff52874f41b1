//! Lessons: read, checked, played to their end on the interface itself; and what is wrong with one said where it stands.

#![expect(clippy::unwrap_used, reason = "a check that cannot go on should stop")]

mod house;

use std::sync::Arc;

use house::House;
use qkv::app::Key;
use qkv::app::lesson::Open;
use qkv::engine::{Builtin, Driver, check_lesson};
use qkv::ground::fault::Failure;
use qkv::ground::lang::{Lang, Text};
use qkv::source::file::FileError;
use qkv::source::lesson::{BUILTIN, Lesson, LessonError, Material, TEMPLATE};
use qkv::source::sample::{Lexicon, Sample};

/// The built-in samples, and sentences under them.
struct Shelf;

impl Material for Shelf {
    fn sample(&mut self, name: &str) -> Result<Sample, Text> {
        let nobody = || Text::owned(format!("没有样例 {name}"), format!("there is no sample {name}"));
        Sample::builtin(name).ok_or_else(nobody)?.map_err(|e| e.words())
    }

    fn sentence(&mut self, sample: &Sample, written: &str, lens: qkv::ground::text::Lens) -> Result<Sample, Text> {
        let lexicon = Lexicon::builtin().unwrap();
        sample.with_sentence(written, lens, &mut qkv::ground::text::Segmenter::new(), &lexicon).map_err(|e| e.words())
    }
}

fn read(source: &str) -> Result<Lesson, LessonError> {
    Lesson::parse(source, "x.toml", &mut Shelf)
}

/// Everything that is wrong with a lesson, as it is said.
fn wrong(source: &str) -> Vec<FileError> {
    match read(source) {
        Err(LessonError(errors)) => errors,
        Ok(lesson) => {
            let settings = House::open("tiananmen", Lang::En).model.settings;
            check_lesson(&Arc::new(lesson), settings, &mut Driver::new(Builtin))
        }
    }
}

fn said(source: &str) -> Vec<String> {
    wrong(source).iter().map(|error| error.words().en.into_owned()).collect()
}

#[test]
fn the_template_is_a_whole_lesson() {
    assert_eq!(said(TEMPLATE.source), [] as [&str; 0]);
}

#[test]
fn every_built_in_lesson_is_right() {
    for builtin in BUILTIN {
        let errors = wrong(builtin.source);
        assert!(errors.is_empty(), "{}: {errors:#?}", builtin.file);
        let lesson = read(builtin.source).unwrap();
        assert_eq!(lesson.about.name, builtin.name(), "{}", builtin.file);
    }
}

/// The template with something else in the place of one of its parts.
fn with(part: &str, other: &str) -> String {
    assert!(TEMPLATE.source.contains(part), "{part}");
    TEMPLATE.source.replacen(part, other, 1)
}

#[test]
fn a_mistake_is_said_where_it_stands() {
    let line = |part: &str| {
        let before = &TEMPLATE.source[..TEMPLATE.source.find(part).unwrap()];
        before.matches('\n').count() + 1
    };
    for (part, other, words) in [
        (
            "format = \"qkv-lesson/1\"",
            "format = \"qkv-lesson/9\"",
            "format is \"qkv-lesson/9\", expected \"qkv-lesson/1\"",
        ),
        ("minutes = 5", "minutes = 0", "minutes is 0, expected a whole number from 1"),
        ("stage = \"sentence\"", "stage = \"sentnce\"", "stage: there is no stage `sentnce`; expected one of"),
        ("stage = \"sentence\"", "stagé = 1", "not TOML"),
        ("stage = \"sentence\"", "stge = \"sentence\"", "unknown key `stge` in step 1; did you mean `stage`?"),
        (
            "cell = \"weights.2[2,4]\"",
            "cell = \"weights.2[2,9]\"",
            "weights.2[2,9] lies outside: the column goes from 1 to 4",
        ),
        (
            "cell = \"weights.2[3,3]\"",
            "cell = \"weights.7[3,3]\"",
            "weights.7[3,3] lies outside: the head goes from 1 to 4",
        ),
        ("\nhead = 2", "\nhead = 5", "there is no head 5: there are 4"),
        ("\nhead = 2", "\nhead = \"two\"", "head is a string, expected a whole number"),
        ("sample = \"tiananmen\"", "sample = \"nobody\"", "there is no sample nobody"),
        (
            "min(weights.2[2,*]) > 0",
            "min(weights.2[2,*]) > 1",
            "`min(weights.2[2,*]) > 1` does not hold: the left side is",
        ),
        ("min(weights.2[2,*]) > 0", "min(weights.2[2,*])", "claims, entry 1: write a comparison"),
        ("mask = \"causal\"", "mask = \"casual\"", "mask is \"casual\", expected \"own\" or \"none\" or \"causal\""),
        ("keys = \"m\"", "keys = \"Esc\"", "these keys do not bring about what it waits for"),
        ("keys = \"m\"", "keys = \"mm\"", "no key is called `mm`"),
        ("until = { mask = \"causal\" }", "until = { mask = \"own\" }", "what it waits for is so from the beginning"),
        ("holds = \"sum(weights.2[*,4]) != 1\"", "holds = \"sum(weights.2[*,4]) = 1\"", "exactly one choice must hold"),
    ] {
        let errors = wrong(&with(part, other));
        let first = errors.first().unwrap_or_else(|| panic!("{other}: nothing is said"));
        assert!(first.message.en.starts_with(words), "{other}: {}", first.message.en);
        let (expected, part) = (line(part.trim_start()), part.trim_start());
        // A question that does not come out is said where it begins, which is the line above.
        let near =
            if words.starts_with("exactly") { expected.abs_diff(first.line) < 5 } else { first.line == expected };
        assert!(near, "{part}: line {} instead of {expected}: {}", first.line, first.message.en);
    }
}

/// Plays a lesson to its end, as a learner would: does what it waits for, and goes on.
fn play(lesson: Lesson, lang: Lang) -> Vec<usize> {
    let mut house = House::open("tiananmen", lang);
    house.begin_lesson(lesson);
    let mut seen = Vec::new();
    loop {
        let playing = house.model.lesson().unwrap();
        assert!(playing.is_set(), "step {} has set the screen", playing.number() + 1);
        seen.push(playing.number());
        if playing.open() == Some(Open::Deed) {
            for key in playing.way() {
                house.key(key);
            }
            assert!(house.model.lesson().unwrap().is_done(), "step {}", seen.len());
        }
        if house.model.lesson().unwrap().open() == Some(Open::Question) {
            // It is asked before the lesson goes on; any answer will do.
            house.key(Key::PageDown).key(Key::Enter).key(Key::Esc);
            assert!(house.model.lesson().unwrap().is_done(), "step {}", seen.len());
        }
        let last = house.model.lesson().unwrap().lesson().steps.len() - 1;
        if *seen.last().unwrap() == last {
            return seen;
        }
        house.key(Key::PageDown);
    }
}

#[test]
fn a_learner_comes_to_the_end_of_every_lesson() {
    for lang in Lang::ALL {
        for builtin in BUILTIN.iter().chain([&TEMPLATE]) {
            let lesson = read(builtin.source).unwrap();
            let all: Vec<usize> = (0..lesson.steps.len()).collect();
            assert_eq!(play(lesson, lang), all, "{}", builtin.file);
        }
    }
}

#[test]
fn whoever_roams_comes_back_with_one_key() {
    let mut house = House::open("tiananmen", Lang::En);
    house.begin_lesson(read(TEMPLATE.source).unwrap());
    house.key(Key::PageDown);
    let there = (house.model.view.page, house.model.address(), house.model.material.scenario.clone());
    house.press("]m.+H").key(Key::Esc);
    assert_ne!((house.model.view.page, house.model.address(), house.model.material.scenario.clone()), there);
    house.press("z");
    assert_eq!((house.model.view.page, house.model.address(), house.model.material.scenario.clone()), there);
}

#[test]
fn what_is_to_be_done_is_hinted_at_before_it_is_skipped() {
    let mut house = House::open("tiananmen", Lang::En);
    house.begin_lesson(read(TEMPLATE.source).unwrap());
    // The question of the third step is asked before it is passed by.
    for _ in 0..4 {
        house.key(Key::PageDown);
    }
    let playing = house.model.lesson().unwrap();
    assert_eq!((playing.number(), playing.open(), playing.hint()), (3, Some(Open::Deed), None));
    assert!(house.picture(100, 30).contains("do it yourself"));
    house.key(Key::PageDown);
    assert!(house.picture(100, 30).contains("m changes the mask (keys m)"), "{}", house.picture(100, 30));
    house.press("m");
    assert!(house.model.lesson().unwrap().is_done());
    assert!(house.picture(100, 30).contains("done; PgDn goes on"));
}

/// Sixty and more ways to get a lesson wrong, each made from the template or from nothing.
fn mutations() -> Vec<(&'static str, String)> {
    let mut all: Vec<(&'static str, String)> = Vec::new();
    let mut add = |name: &'static str, source: String| all.push((name, source));
    // Keys that must be there.
    for key in ["format", "name", "title", "minutes", "goals", "concepts", "sample"] {
        let start = TEMPLATE.source.find(&format!("\n{key} = ")).unwrap() + 1;
        let end = if key == "goals" {
            TEMPLATE.source[start..].find("\n]").unwrap() + 2
        } else {
            TEMPLATE.source[start..].find('\n').unwrap()
        };
        add("a key is missing", format!("{}{}", &TEMPLATE.source[..start], &TEMPLATE.source[start + end..]));
    }
    add("no steps", TEMPLATE.source.split("[[step]]").next().unwrap().to_owned());
    add("nothing", String::new());
    add("no text", "\u{0}".to_owned());
    add("another format", with("qkv-lesson/1", "qkv-sample/1"));
    // Wrong types.
    for (part, other) in [
        ("minutes = 5", "minutes = \"five\""),
        ("minutes = 5", "minutes = -5"),
        ("minutes = 5", "minutes = 5.5"),
        ("name = \"my-lesson\"", "name = 7"),
        ("name = \"my-lesson\"", "name = \"my lesson\""),
        ("name = \"my-lesson\"", "name = \"\""),
        ("concepts = [\"softmax\"]", "concepts = \"softmax\""),
        ("concepts = [\"softmax\"]", "concepts = [\"softmix\"]"),
        ("sample = \"tiananmen\"", "sample = 1"),
        ("sample = \"tiananmen\"", "sample = \"../secret.toml\""),
        ("sample = \"tiananmen\"", "sample = \"/etc/passwd\""),
        ("sample = \"tiananmen\"", "sample = \"./x.toml\""),
        ("stage = \"sentence\"", "stage = 3"),
        ("stage = \"sentence\"", "stage = \"W_z\""),
        ("stage = \"sentence\"", "stage = \"output\"\nsample = \"h1h2\""),
        ("stage = \"sentence\"", "head = 0"),
        ("stage = \"sentence\"", "sentence = 2"),
        ("stage = \"sentence\"", "lens = \"words\""),
        ("stage = \"sentence\"", "text = \"x\"\nlens = \"letters\""),
        ("stage = \"sentence\"", "text = \"\""),
        ("stage = \"sentence\"", "positions = \"off\""),
        ("stage = \"sentence\"", "weights = \"random\""),
        ("stage = \"sentence\"", "weights = { random = 0 }"),
        ("stage = \"sentence\"", "mask = { window = 0 }"),
        ("stage = \"sentence\"", "mask = { width = 2 }"),
        ("stage = \"sentence\"", "what_if = \"no\""),
        ("stage = \"sentence\"", "what_if = { divide_by = \"2\" }"),
        ("stage = \"sentence\"", "what_if = { temperature = 100 }"),
        ("stage = \"sentence\"", "what_if = { silenced = [9] }"),
        ("stage = \"sentence\"", "what_if = { mistake = \"typo\" }"),
        ("stage = \"sentence\"", "edits = [{ at = \"H[9,9]\", value = 1 }]"),
        ("stage = \"sentence\"", "edits = [{ at = \"mask[1,1]\", value = 0.5 }]"),
        ("stage = \"sentence\"", "edits = [{ at = \"H[1,1]\" }]"),
        ("stage = \"sentence\"", "window = \"door\""),
        ("stage = \"sentence\"", "window = \"help\""),
        ("stage = \"sentence\"", "commands = [\"take.picture\"]"),
        ("stage = \"sentence\"", "commands = [\"walk.quit\"]"),
        ("stage = \"sentence\"", "commands = [\"dance\"]"),
        ("cell = \"weights.2[2,4]\"", "cell = \"weights\""),
        ("cell = \"weights.2[2,4]\"", "cell = \"weights[2,4]\""),
        ("cell = \"weights.2[2,4]\"", "cell = \"weights.2[*,4]\""),
        // Texts.
        ("zh = \"先猜，再看。\", ", ""),
        (", en = \"Guess first, then look.\"", ""),
        ("先猜，再看。", "先猜 {weights.2[1,1]}，再看。"),
        ("先猜，再看。", ""),
        ("先猜，再看。", "先猜\\u001b[2J"),
        ("先猜，再看。", "先猜，再看。{"),
        ("先猜，再看。", "先猜 0.47，再看。"),
        ("Guess first, then look.", "Guess 0.47 first, then look."),
        ("{sum(weights.2[2,*]) = 1}：它", "{sum(weights.2[2,*]) = 2}：它"),
        ("{rows(H) = 4}", "{rows(H) == }"),
        ("{rows(H) = 4}", "{rows(Z) = 4}"),
        ("{rows(H) = 4}", "{columns(H) = 4}"),
        // Claims, questions, deeds.
        ("claims = [\"min(weights.2[2,*]) > 0\"]", "claims = \"min(weights.2[2,*]) > 0\""),
        ("claims = [\"min(weights.2[2,*]) > 0\"]", "claims = [\"min(weights.2[2,*]) >\"]"),
        ("claims = [\"min(weights.2[2,*]) > 0\"]", "claims = [\"largest(weights.1[3,*]) = 9\"]"),
        ("[step.ask]", "[step.ask]\nkind = \"riddle\""),
        ("[step.ask]", "[step.ask]\nanswer = 1"),
        ("[step.ask]", "[step.ask]\nanswer = 7"),
        ("[step.ask]", "[step.ask]\ncover = [\"weights\"]"),
        (", holds = \"sum(weights.2[*,4]) != 1\"", ""),
        ("zh = \"不一定\", en = \"not in general\"", "zh = \"是\", en = \"yes\""),
        ("until = { mask = \"causal\" }", "until = {}"),
        ("until = { mask = \"causal\" }", "until = { colour = \"red\" }"),
        ("until = { mask = \"causal\" }", "until = { claim = \"1 = 2\" }"),
        ("until = { mask = \"causal\" }, keys = \"m\"", "keys = \"m\""),
        ("keys = \"m\"", "keys = \"q\""),
        ("keys = \"m\"", "keys = \"P\""),
    ] {
        add("a part is another", with(part, other));
    }
    let steps: String = (0..70).map(|_| "\n[[step]]\nsay = { zh = \"一\", en = \"one\" }\n").collect();
    add("too many steps", format!("{}{steps}", TEMPLATE.source));
    add("ten megabytes", format!("{}#{}", TEMPLATE.source, "x".repeat(10 << 20)));
    add("deep", format!("name = {}{}", "[".repeat(100_000), "]".repeat(100_000)));
    let long = "很长的一步".repeat(40);
    add("too long", with("先猜，再看。", &long));
    add("deep brackets", with("{rows(H) = 4}", &format!("{{{}1 = 1}}", "(".repeat(2000))));
    all
}

#[test]
fn whatever_is_wrong_gets_a_located_message_in_both_languages() {
    let all = mutations();
    assert!(all.len() >= 60, "{}", all.len());
    for (name, source) in &all {
        let errors = wrong(source);
        assert!(!errors.is_empty(), "{name}: nothing is said of\n{}", &source[..source.len().min(3000)]);
        for error in errors {
            let Text { zh, en } = error.words();
            assert!(zh.starts_with(&format!("x.toml:{}:{}: ", error.line, error.column)), "{zh}");
            assert!(error.line <= source.lines().count().max(1), "{zh}");
            assert!(zh.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{name}: {zh}");
            assert!(!en.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)) || en.contains('`'), "{name}: {en}");
            assert!(!zh.contains('\u{1b}') && !en.contains('\u{1b}') && en.len() < 1000, "{name}: {en}");
        }
    }
}

#[test]
fn what_is_asked_for_is_covered_from_the_beginning_of_its_step_to_the_answer() {
    let source = with("[step.ask]", "[step.ask]\ncover = [\"weights.2[*,*]\"]");
    let mut house = House::open("tiananmen", Lang::En);
    house.begin_lesson(read(&source).unwrap());
    let shown = |house: &mut House| house.picture(120, 36).contains("0.47");
    house.key(Key::PageDown);
    assert!(shown(&mut house), "no question yet");
    house.key(Key::PageDown);
    assert_eq!(house.model.lesson().unwrap().open(), Some(Open::Question));
    // Neither in the matrix nor in the arithmetic of a number of it.
    for _ in 0..2 {
        assert!(!shown(&mut house), "{}", house.picture(120, 36));
        house.key(Key::Up).key(Key::Right);
    }
    house.press("g");
    assert!(!shown(&mut house), "while it is asked");
    house.key(Key::Esc);
    assert!(!shown(&mut house), "closed without an answer");
    house.press("g").key(Key::Enter);
    assert!(shown(&mut house), "answered: {}", house.picture(120, 36));
    house.key(Key::Esc);
    assert!(shown(&mut house), "and so it stays: {}", house.picture(120, 36));
    // Whoever goes on without an answer sees everything again.
    let mut house = House::open("tiananmen", Lang::En);
    house.begin_lesson(read(&source).unwrap());
    house.key(Key::PageDown).key(Key::PageDown).key(Key::PageDown).key(Key::PageDown);
    assert_eq!(house.model.lesson().unwrap().number(), 3);
    assert!(shown(&mut house), "{}", house.picture(120, 36));
}

/// The template with a question made from the numbers in place of its own.
fn with_made_question(ask: &str) -> String {
    let (before, rest) = TEMPLATE.source.split_once("[step.ask]\n").unwrap();
    let (_, after) = rest.split_once("\n# 4.").unwrap();
    format!("{before}ask = {ask}\n\n# 4.{after}")
}

#[test]
fn a_question_can_be_made_from_the_live_numbers() {
    let made = with_made_question("{ kind = \"largest-weight\", cell = \"weights.1[2,1]\", level = \"free\" }");
    assert_eq!(said(&made), [] as [&str; 0]);
    let mut house = House::open("tiananmen", Lang::En);
    house.begin_lesson(read(&made).unwrap());
    house.key(Key::PageDown).key(Key::PageDown);
    house.key(Key::PageDown);
    // The row that it is about is covered.
    let asked = house.picture(120, 36);
    assert!(asked.contains("predict first"), "{asked}");
    let row = asked.lines().find(|line| line.contains("爱") && line.contains("2.83")).unwrap();
    assert!(row.contains("[?]") && !row.contains("0.85"), "{row}");
    let right = house.model.answers.len();
    house.press("1").key(Key::Enter);
    assert_eq!(house.model.answers.len(), right + 1);
    assert_eq!(house.model.answers[0].kind, "largest-weight");

    for (ask, words) in [
        ("{ kind = \"riddle\" }", "there is no kind of question `riddle`; there are "),
        ("{ kind = \"largest-weight\", level = \"much\" }", "level is one of example last-step pointer free"),
        ("{ kind = \"largest-weight\", cell = \"weights.9[1,1]\" }", "weights.9[1,1] lies outside"),
        // A weight has no terms that add up.
        ("{ kind = \"missing-term\", cell = \"weights.1[2,1]\" }", "no such question with one clear answer"),
    ] {
        let said = said(&with_made_question(ask));
        assert!(said.first().is_some_and(|first| first.contains(words)), "{ask}: {said:?}");
    }
}
