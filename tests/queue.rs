//! The queue: what host and device do when, as measured, and on screen.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should stop")]

#[path = "house/device.rs"]
mod device;
mod house;

use device::device;
use std::time::Duration;

use house::{House, fault};
use qkv::app::windows::{QueueWindow, Window};
use qkv::app::{Effect, Key, Message, update};
use qkv::compute::gpu::Options;
use qkv::ground::lang::Lang;
use qkv::kernels::Rung;
use qkv::session::{Job, Progress, Tickets};
use qkv::study::race::{Cut, Lane, Scene, Span, Timeline, What, Work};

fn queue(house: &House) -> &QueueWindow {
    let Some(Window::Queue(queue)) = house.model.windows.top() else { panic!("the queue is open") };
    queue
}

/// A scene of so many pieces that the device computes in 12 ms together; heads need no upload.
fn scene(scene: Scene, cut: Cut, pieces: usize) -> Timeline {
    let pieces = if scene == Scene::Together { 1 } else { pieces };
    let ms = |n: u64| Duration::from_micros(1000 * n / pieces as u64 * 4);
    let mut spans = Vec::new();
    let mut host = ms(0);
    for piece in 0..pieces {
        let mut note = |what, lasts: Duration| {
            spans.push(Span { lane: Lane::Host, what, piece, from: host, to: host + lasts });
            host += lasts;
        };
        if cut == Cut::Sentences {
            note(What::Upload, ms(1));
        }
        note(What::Submit, ms(1));
        if scene == Scene::OneByOne {
            note(What::Wait, ms(3));
        }
    }
    let apart = if scene == Scene::OneByOne { 5 } else { 3 };
    for piece in 0..pieces {
        let from = ms(2 + apart * piece as u64);
        spans.push(Span { lane: Lane::Device, what: What::Run, piece, from, to: from + ms(3) });
    }
    let done = spans.last().unwrap().to;
    Timeline { scene, pieces, spans, submitted: ms(2 * pieces as u64), done, clocked: true, losses: Vec::new() }
}

fn watched(lang: Lang) -> House {
    let mut house = House::open("tiananmen", lang);
    let effects = update(&mut house.model, Message::Key(Key::Char('Q')));
    let [Effect::Do(ticket, Job::Queue { cut: Cut::Sentences, pieces: 64 })] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    for of in Scene::ALL {
        for ticket in [*ticket, Tickets::default().issue()] {
            let progress = Progress::Queue(scene(of, Cut::Sentences, 64));
            update(&mut house.model, Message::Progress(ticket, progress));
        }
    }
    assert_eq!(queue(&house).timelines.len(), 3, "another request's are dropped");
    house
}

#[test]
fn the_queue_looks_as_it_should() {
    for (lang, name) in [(Lang::Zh, "zh"), (Lang::En, "en")] {
        for (columns, rows) in [(80, 24), (120, 36), (200, 55)] {
            let picture = watched(lang).picture(columns, rows);
            assert!(picture.lines().next().unwrap().contains(["Esc 关闭", "Esc closes"][lang as usize]), "{picture}");
            insta::assert_snapshot!(format!("queue_{name}_{columns}x{rows}"), picture);
        }
    }
}

#[test]
fn a_replay_shows_it_grow_and_ends_with_everything() {
    let mut house = watched(Lang::En);
    let whole = house.picture(120, 36);
    let mut ticket = match update(&mut house.model, Message::Key(Key::Char(' '))).as_slice() {
        [Effect::Wake { ticket, .. }] => *ticket,
        effects => panic!("{effects:?}"),
    };
    let drawn = |picture: &str| picture.matches(['█', '▒']).count();
    let mut last = 0;
    loop {
        assert!(
            update(&mut house.model, Message::Tick(Tickets::default().issue())).is_empty(),
            "a stale wake-up does nothing"
        );
        let now = drawn(&house.picture(120, 36));
        assert!(now >= last);
        last = now;
        match update(&mut house.model, Message::Tick(ticket)).as_slice() {
            [Effect::Wake { ticket: next, .. }] => ticket = *next,
            [] => break,
            effects => panic!("{effects:?}"),
        }
    }
    assert_eq!(house.picture(120, 36), whole);
    house.key(Key::Left);
    assert!(queue(&house).moment.is_some() && !queue(&house).playing);
    house.key(Key::Right);
    assert_eq!(house.picture(120, 36), whole);
}

#[test]
fn keys_choose_the_pieces_and_a_failure_is_said() {
    let mut house = watched(Lang::En);
    assert!(update(&mut house.model, Message::Key(Key::Up)).is_empty(), "no more pieces than sentences");
    let effects = update(&mut house.model, Message::Key(Key::Down));
    let [Effect::Do(ticket, Job::Queue { pieces: 32, .. })] = effects.as_slice() else { panic!("{effects:?}") };
    update(&mut house.model, Message::Answered(*ticket, Err(fault("no graphics adapter"))));
    assert!(house.picture(80, 24).contains("nothing to watch: no graphics adapter"));
    house.press("q");
    assert!(house.model.windows.is_empty());
}

#[test]
fn the_work_is_cut_by_heads_too() {
    let mut house = watched(Lang::En);
    let effects = update(&mut house.model, Message::Key(Key::Tab));
    let [Effect::Do(ticket, Job::Queue { cut: Cut::Heads, pieces: 8 })] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    for of in Scene::ALL {
        update(&mut house.model, Message::Progress(*ticket, Progress::Queue(scene(of, Cut::Heads, 8))));
    }
    insta::assert_snapshot!("queue_heads_en_80x24", house.picture(80, 24));
    house.key(Key::Char('L'));
    insta::assert_snapshot!("queue_heads_zh_120x36", house.picture(120, 36));
    house.key(Key::Tab).key(Key::Tab);
    assert_eq!((queue(&house).cut, queue(&house).pieces), (Cut::Sentences, 64));
}

/// A scene of two steps of learning, each in three pieces of 2 ms.
fn learning(scene: Scene) -> Timeline {
    let ms = Duration::from_millis;
    let mut spans = Vec::new();
    let (mut host, mut device, mut last) = (0, 0, 0);
    for piece in 0..6 {
        spans.push(Span { lane: Lane::Host, what: What::Submit, piece, from: ms(host), to: ms(host + 1) });
        host += 1;
        device = device.max(host) + 2;
        spans.push(Span { lane: Lane::Device, what: What::Run, piece, from: ms(device - 2), to: ms(device) });
        let waits = match scene {
            Scene::OneByOne => true,
            Scene::Reading => piece % 3 == 2,
            _ => piece == 5,
        };
        if waits {
            last = host;
            spans.push(Span { lane: Lane::Host, what: What::Wait, piece, from: ms(host), to: ms(device) });
            host = device;
        }
    }
    let losses = if scene == Scene::Reading { vec![2.3, 1.9] } else { vec![1.9] };
    Timeline { scene, pieces: 6, spans, submitted: ms(last), done: ms(device), clocked: true, losses }
}

#[test]
fn steps_of_learning_go_through_the_queue() {
    let mut house = watched(Lang::En);
    house.key(Key::Tab);
    let effects = update(&mut house.model, Message::Key(Key::Tab));
    let asked = effects.iter().find_map(|effect| match effect {
        Effect::Do(ticket, Job::Queue { cut: Cut::Steps, pieces: 4 }) => Some(*ticket),
        _ => None,
    });
    for of in Scene::of(Cut::Steps) {
        update(&mut house.model, Message::Progress(asked.unwrap(), Progress::Queue(learning(of))));
    }
    insta::assert_snapshot!("queue_steps_en_80x24", house.picture(80, 24));
    house.key(Key::Char('L'));
    insta::assert_snapshot!("queue_steps_zh_120x36", house.picture(120, 36));
}

#[test]
fn what_was_measured_of_learning_fits_together_and_was_learning() {
    let Some(gpu) = device(&Options::default()) else { return };
    let mut ends = Vec::new();
    for scene in Scene::of(Cut::Steps) {
        let timeline = gpu.learning(scene, 8).unwrap();
        assert_eq!(timeline.pieces, 24);
        assert!(timeline.submitted <= timeline.done);
        let host = timeline.spans.iter().filter(|span| span.lane == Lane::Host).collect::<Vec<_>>();
        assert!(host.windows(2).all(|pair| pair[0].to == pair[1].from), "the host is always somewhere");
        let waits = host.iter().filter(|span| span.what == What::Wait).count();
        assert_eq!(
            waits,
            match scene {
                Scene::OneByOne => 24,
                Scene::Reading => 8,
                _ => 1,
            }
        );
        if scene == Scene::Reading {
            let (first, last) = (timeline.losses[0], timeline.losses[7]);
            assert!(last < first, "every step begins where the one before ended: {:?}", timeline.losses);
        }
        ends.push(timeline.losses.last().copied().unwrap());
    }
    assert!(ends.iter().all(|&end| end == ends[0]), "waiting changes no number: {ends:?}");
}

#[test]
fn a_piece_is_its_share_of_the_work() {
    let whole = Work::new(64, 32, 8, 256).unwrap();
    assert_eq!((Cut::Sentences.share(whole, 8), Cut::Heads.share(whole, 8), Cut::Heads.share(whole, 1)), (8, 1, 8));
}

#[test]
fn what_was_measured_fits_together() {
    let Some(gpu) = device(&Options::default()) else { return };
    let work = Work::new(8, 16, 4, 32).unwrap();
    for (scene, cut) in Scene::ALL.into_iter().flat_map(|scene| [(scene, Cut::Sentences), (scene, Cut::Heads)]) {
        let timeline = gpu.timeline(scene, (work, cut, 4), Rung::Register).unwrap();
        assert_eq!(timeline.pieces, if scene == Scene::Together { 1 } else { 4 });
        assert!(timeline.submitted <= timeline.done && timeline.trap() >= 1.0);
        let of = |lane| timeline.spans.iter().filter(move |span| span.lane == lane).collect::<Vec<_>>();
        let host = of(Lane::Host);
        assert!(host.windows(2).all(|pair| pair[0].to == pair[1].from), "the host is always somewhere");
        let waits = host.iter().filter(|span| span.what == What::Wait).count();
        assert_eq!(waits, if scene == Scene::OneByOne { 4 } else { 1 });
        let uploads = host.iter().filter(|span| span.what == What::Upload).count();
        assert_eq!(uploads, if cut == Cut::Heads { 0 } else { timeline.pieces });
        let device = of(Lane::Device);
        assert_eq!(device.len(), if timeline.clocked { timeline.pieces } else { 0 });
        assert!(device.iter().all(|span| span.from <= span.to && span.to <= timeline.done));
        assert!(timeline.busy() <= timeline.done);
    }
    let (program, inputs) = work.layer(1).unwrap();
    let split = gpu.prepare(&program, &inputs, Rung::Register).unwrap().split().unwrap();
    assert!(split.execute > Duration::ZERO && split.read_back > Duration::ZERO && split.upload > Duration::ZERO);
}
