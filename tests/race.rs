//! The race on screen: keys turn the work, bars come as runs finish, old news are dropped.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod house;

use std::time::Duration;

use house::House;
use qkv::app::windows::{RaceWindow, Window};
use qkv::app::{Effect, Key, Message, update};
use qkv::ground::lang::{Lang, Text};
use qkv::kernels::Rung;
use qkv::program::{Backend, BackendKind};
use qkv::session::{Amount, Answer, ComputeError, Job, News, Progress, Ticket};
use qkv::study::race::{Contender, Entry, NoTime, Point, Times};
use qkv::study::race::{Roof, Split, Work};

fn race(house: &House) -> &RaceWindow {
    let Some(Window::Race(race)) = house.model.windows.top() else { panic!("{:?}", house.model.windows) };
    race
}

fn asks(house: &mut House, key: Key) -> Option<(Ticket, Option<Work>)> {
    match update(&mut house.model, Message::Key(key)).as_slice() {
        [Effect::Do(ticket, Job::Race { work, .. })] => Some((*ticket, Some(*work))),
        [Effect::Cancel(ticket)] => Some((*ticket, None)),
        [] => None,
        effects => panic!("{effects:?}"),
    }
}

/// A contender that came in after so many microseconds.
fn came_in(work: Work, contender: Contender, micros: u64) -> Entry {
    let times = |share: u64| Duration::from_micros(micros * share / 100);
    let warm = vec![times(90), times(100), times(120)];
    let split = Split { upload: times(4), queue: Some(times(2)), execute: times(94), read_back: times(9) };
    let split = matches!(contender, Contender::Ours(_)).then_some(split);
    Entry { contender, work, result: Ok(Times { cold: times(300), warm, error: 3e-7, split }) }
}

/// Both sides with 1, 2, 4 … sentences: the adapter wins from 8 on.
fn points() -> Vec<Point> {
    let point = |n: u32| {
        let (cpu, adapter) = (Duration::from_micros(100 << n), Duration::from_micros(500 + (50 << n)));
        Point { batch: 1 << n, cpu, adapter }
    };
    (0..8).map(point).collect()
}

fn software() -> Backend {
    let adapter = "Vulkan llvmpipe (LLVM 15.0.6, 256 bits)".to_owned();
    Backend { name: "gpu", adapter, kind: BackendKind::Software }
}

fn tell(house: &mut House, ticket: Ticket, news: News) {
    update(&mut house.model, Message::Progress(ticket, Progress::Race(news)));
}

/// Nothing more comes.
fn over(house: &mut House, ticket: Ticket) {
    update(&mut house.model, Message::Answered(ticket, Ok(Answer::Race)));
}

#[test]
fn keys_turn_the_work_and_leaving_stops_the_race() {
    let mut house = House::open("tiananmen", Lang::En);
    let (mut request, work) = asks(&mut house, Key::Char('R')).unwrap();
    let first = work.unwrap();
    assert_eq!((first.batch, first.heads, first.hidden), (64, 8, 256), "the article's batch");
    for (key, batch, tokens, heads, hidden) in [
        (Key::Right, 64, 32, 8, 256),
        (Key::Up, 128, 32, 8, 256),
        (Key::Down, 64, 32, 8, 256),
        (Key::Left, 64, 16, 8, 256),
        (Key::Char('.'), 64, 16, 16, 256),
        (Key::Char('+'), 64, 16, 16, 512),
        (Key::Char(','), 64, 16, 8, 512),
        (Key::Char('-'), 64, 16, 8, 256),
    ] {
        let (next, work) = asks(&mut house, key).unwrap();
        let work = work.unwrap();
        assert_eq!(work, Work { batch, tokens, heads, hidden }, "{key:?}");
        assert!(next > request, "a newer request");
        request = next;
    }
    for _ in 0..20 {
        asks(&mut house, Key::Left);
    }
    assert_eq!((race(&house).work.tokens, asks(&mut house, Key::Left)), (4, None), "no fewer");
    let again = asks(&mut house, Key::Char('r')).unwrap();
    assert_eq!(again.1, Some(race(&house).work));
    assert_eq!(asks(&mut house, Key::Esc), Some((again.0, None)));
    assert!(house.model.windows.is_empty());
}

#[test]
fn bars_come_as_runs_finish_and_old_news_are_dropped() {
    let mut house = House::open("tiananmen", Lang::En);
    let (old, _) = asks(&mut house, Key::Char('R')).unwrap();
    let (request, work) = asks(&mut house, Key::Right).unwrap();
    let work = work.unwrap();
    tell(&mut house, old, News::In(came_in(work, Contender::NdarrayOne, 1)));
    assert!(race(&house).entries.is_empty(), "of another race");
    tell(&mut house, request, News::Adapter(Some(software())));
    tell(&mut house, request, News::Started { contender: Contender::NdarrayOne, n: 0, of: 9 });
    assert!(house.picture(80, 24).contains("ndarray-1 running"));
    tell(&mut house, request, News::In(came_in(work, Contender::NdarrayOne, 9000)));
    tell(&mut house, request, News::In(came_in(work, Contender::NdarrayAll, 4000)));
    let (needed, limit) = (Amount::Bytes(512 << 20), Amount::Bytes(128 << 20));
    let why = NoTime::from(ComputeError::TooLarge { what: Text::same("scores"), needed, limit });
    tell(&mut house, request, News::In(Entry { contender: Contender::Rung(Rung::Naive), work, result: Err(why) }));
    let picture = house.picture(80, 24);
    assert!(picture.contains("scores: 512 MiB needed") && !picture.contains("wins"), "nobody has won yet: {picture}");
    tell(&mut house, request, News::In(came_in(work, Contender::Ours(Rung::Subgroup), 2000)));
    tell(&mut house, request, News::Over);
    let picture = house.picture(120, 36);
    assert!(picture.contains("the adapter wins: ours (subgroup) is 2 times as fast"), "{picture}");
}

#[test]
fn the_race_as_pictures() {
    for (lang, name) in [(Lang::Zh, "zh"), (Lang::En, "en")] {
        let mut house = House::open("tiananmen", lang);
        let (request, work) = asks(&mut house, Key::Char('R')).unwrap();
        let work = work.unwrap();
        tell(&mut house, request, News::Adapter(Some(software())));
        for (contender, micros) in [
            (Contender::NdarrayOne, 6000),
            (Contender::NdarrayAll, 2500),
            (Contender::Rung(Rung::Naive), 390_000),
            (Contender::Rung(Rung::Coalesced), 380_000),
            (Contender::Rung(Rung::Tiled), 550_000),
            (Contender::Rung(Rung::Register), 25_000),
            (Contender::Rung(Rung::Block), 60_000),
            (Contender::Rung(Rung::Subgroup), 8000),
            (Contender::Ours(Rung::Subgroup), 8000),
        ] {
            tell(&mut house, request, News::In(came_in(work, contender, micros)));
        }
        tell(&mut house, request, News::Over);
        tell(&mut house, request, News::Roof(Roof { flops: 130e9, bytes: 8e9 }));
        for point in points() {
            tell(&mut house, request, News::Point(point));
        }
        assert!(house.picture(120, 36).contains("128"), "the search goes on");
        house.key(Key::Tab);
        insta::assert_snapshot!(format!("{name}-plot-80x24"), house.picture(80, 24));
        house.key(Key::Tab);
        over(&mut house, request);
        for (columns, rows) in [(80, 24), (120, 36), (200, 55)] {
            let picture = house.picture(columns, rows);
            assert!(picture.lines().next().unwrap().contains(["Esc 关闭", "Esc closes"][lang as usize]), "{picture}");
            insta::assert_snapshot!(format!("{name}-{columns}x{rows}"), picture);
        }
        assert!(
            matches!(house.press("L").model.windows.top(), Some(Window::Race(_))),
            "another language, the same race"
        );
        assert!(house.key(Key::Esc).model.windows.is_empty());
    }
}

#[test]
fn the_crossing_is_named_or_said_not_to_be_there() {
    for (count, words) in [
        (8, "wins from 16 sentences on (8 sizes measured, up to 128)"),
        (3, "never reliably faster than the CPU (3 sizes measured, up to 4)"),
    ] {
        let mut house = House::open("tiananmen", Lang::En);
        let (request, _) = asks(&mut house, Key::Char('R')).unwrap();
        for point in points().into_iter().take(count) {
            tell(&mut house, request, News::Point(point));
        }
        assert!(house.picture(120, 36).contains("looking for the crossing"));
        over(&mut house, request);
        let picture = house.picture(120, 36);
        assert!(picture.contains(words), "{picture}");
    }
}
