//! The theatre of training: it learns, pauses, goes back bit for bit, breaks honestly, and every moment can be walked into and kept.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod house;

use std::sync::Arc;

use house::House;
use qkv::app::Key;
use qkv::app::windows::{TheatreWindow, Window};
use qkv::ground::lang::Lang;
use qkv::program::{Kind, Layer, Name};
use qkv::source::sample::Sample;
use qkv::study::train::{EMERGED, Task};

fn theatre(house: &House) -> &TheatreWindow {
    match house.model.windows.top() {
        Some(Window::Theatre(theatre)) => theatre,
        other => panic!("no theatre: {other:?}"),
    }
}

/// The weights of the moment that is looked at, by their bits.
fn bits(house: &House) -> Vec<u32> {
    let checkpoint = &theatre(house).moment().unwrap().checkpoint;
    checkpoint.weights.iter().flat_map(|weights| weights.as_slice().iter().map(|x| x.to_bits())).collect()
}

fn open(lang: Lang) -> House {
    let mut house = House::open("tiananmen", lang);
    house.press("t");
    house
}

#[test]
fn a_learner_learns_to_reverse_and_the_antidiagonal_emerges() {
    let mut house = open(Lang::En);
    let before = house.picture(120, 36);
    assert!(before.contains("Nothing is learned yet") && before.contains("not there yet"), "{before}");
    house.press(" ");
    let (step, usual) = (theatre(&house).step(), Task::Reverse.recipe().steps);
    assert_eq!(step, usual, "it pauses by itself");
    let moment = Arc::clone(theatre(&house).moment().unwrap());
    assert!(moment.evaluation.accuracy >= 0.99, "{}", moment.evaluation.accuracy);
    assert!(moment.evaluation.best("antidiagonal").unwrap().value >= EMERGED);
    let after = house.picture(120, 36);
    assert!(after.contains("it has emerged") && after.contains("Learned."), "{after}");
    assert!(house.picture(80, 24).contains("emerged"));
    // Space again goes on for as long once more.
    house.press(" ");
    assert_eq!(theatre(&house).step(), 2 * usual);
}

#[test]
fn an_earlier_moment_is_itself_again_and_learning_from_it_goes_the_same_way() {
    let mut house = open(Lang::En);
    house.press(" ");
    let end = bits(&house);
    let count = theatre(&house).moments.len();
    for _ in 0..count / 2 {
        house.key(Key::Left);
    }
    let (middle, step) = (bits(&house), theatre(&house).step());
    assert!(middle != end && step > 0);
    assert!(house.picture(120, 36).contains("an earlier moment"));
    house.key(Key::End);
    assert_eq!(bits(&house), end);
    house.key(Key::Home);
    assert_eq!(theatre(&house).step(), 0);
    for _ in 0..count - 1 - count / 2 {
        house.key(Key::Right);
    }
    assert_eq!((bits(&house), theatre(&house).step()), (middle, step));
    house.press(" ");
    assert_eq!(theatre(&house).step(), Task::Reverse.recipe().steps);
    assert!(bits(&house) == end, "stopped and gone on is as never stopped");
    // Another rate is another story.
    house.key(Key::Home).press("+ ");
    assert!(bits(&house) != end);
}

#[test]
fn one_step_another_seed_another_task_another_head() {
    let mut house = open(Lang::En);
    house.press("nn");
    assert_eq!((theatre(&house).step(), theatre(&house).moments.len()), (2, 3));
    let first = bits(&house);
    house.press("rnn");
    assert_eq!(theatre(&house).step(), 2);
    assert!(bits(&house) != first, "another seed begins elsewhere");
    let mut seen = Vec::new();
    for _ in Task::ALL {
        house.key(Key::Tab);
        let theatre = theatre(&house);
        assert_eq!(theatre.step(), 0);
        seen.push(theatre.task);
        let heads = theatre.heads();
        assert_eq!(theatre.chosen(), heads.last().copied(), "the head that answers");
        house.press("k>");
        for (columns, rows) in [(80, 24), (120, 36), (200, 55)] {
            let picture = house.picture(columns, rows);
            assert!(picture.contains(house.model.say(&self::theatre(&house).task.title())), "{picture}");
        }
    }
    assert_eq!(seen.len(), Task::ALL.len());
    assert!(Task::ALL.iter().all(|task| seen.contains(task)));
}

#[test]
fn a_rate_that_breaks_the_loss_stops_with_the_number_that_began_it_and_advice() {
    let mut house = open(Lang::En);
    for _ in 0..107 {
        house.press("+");
    }
    for _ in 0..6 {
        house.press(" ");
        if theatre(&house).moment().unwrap().trouble.is_some() {
            break;
        }
    }
    let trouble =
        theatre(&house).moment().unwrap().trouble.clone().unwrap_or_else(|| panic!("{}", house.picture(120, 36)));
    let picture = house.picture(200, 55);
    assert!(picture.contains("broke") && picture.contains("ten times smaller"), "{picture}");
    assert!(theatre(&house).until.is_none() && trouble.step > theatre(&house).step());
    let sound =
        theatre(&house).moment().unwrap().checkpoint.weights.iter().all(|w| w.as_slice().iter().all(|x| x.is_finite()));
    assert!(sound, "it stands at the last sound moment");
}

#[test]
fn a_moment_is_walked_into_layer_by_layer_and_left_again() {
    let mut house = open(Lang::En);
    house.key(Key::Tab).key(Key::Tab); // induction, two layers
    assert_eq!(theatre(&house).task, Task::Induction);
    house.press("nn");
    let (steps, moment) = (theatre(&house).step(), Arc::clone(theatre(&house).moment().unwrap()));
    house.key(Key::Enter);
    let run = house.model.run().unwrap();
    assert!(run.ledger.ok());
    assert_eq!((run.program.kind(), run.program.layers()), (Kind::Learner, 2));
    for layer in 0..2 {
        let found = run.trace.find(&run.program, Some(Layer(layer)), Name::Weights).unwrap();
        let matrix = moment.weights[layer].matrix(0, 0);
        let worst = found.numbers().zip(matrix.iter().copied());
        let worst = worst.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst < 1e-5, "layer {layer}: {worst}");
    }
    // The map of its heads lies over the walk, as over any model's.
    assert!(matches!(house.model.windows.top(), Some(Window::Map(_))));
    house.key(Key::Enter);
    for _ in 0..house.model.pages() {
        let picture = house.picture(120, 36);
        assert!(!picture.contains("NaN"), "{picture}");
        house.press("]");
    }
    house.press("t");
    assert_eq!((theatre(&house).task, theatre(&house).step()), (Task::Induction, steps));
}

#[test]
fn what_was_learned_is_saved_as_a_sample_that_says_how() {
    let mut house = open(Lang::En);
    house.press(" :");
    for key in "save learned.toml".chars() {
        house.key(Key::Char(key));
    }
    house.key(Key::Enter);
    let (name, toml) = house.files().pop().unwrap();
    assert_eq!(name, "learned.toml");
    let sample = Sample::parse(&toml, &name).unwrap();
    let training = sample.training.clone().unwrap();
    assert_eq!((training.task.as_str(), training.seed, training.steps), ("reverse", 1, Task::Reverse.recipe().steps));
    assert!(training.accuracy >= 0.99 && training.command.starts_with("qkv train reverse --seed 1 --steps"));
    assert_eq!(sample.origin.name(), "trained");
    assert!(toml.len() <= 64 << 10, "{} bytes", toml.len());
    // The rate that was asked for belongs to the command; one that was changed on the way can be no command's.
    house.key(Key::Home).press("+n:");
    for key in "save faster.toml".chars() {
        house.key(Key::Char(key));
    }
    house.key(Key::Enter);
    let (_, toml) = house.files().pop().unwrap();
    assert!(toml.contains("--rate 0.02"), "{}", &toml[..600]);
}

#[test]
fn how_far_it_is_is_said_whole_on_a_small_screen_too() {
    for (lang, small, large) in
        [(Lang::Zh, "%", "没学过的句子对了"), (Lang::En, "% right", "right on sentences kept back")]
    {
        for (n, task) in Task::ALL.iter().enumerate() {
            let mut house = open(lang);
            (0..n).for_each(|_| {
                house.key(Key::Tab);
            });
            house.press("n");
            assert_eq!(theatre(&house).task, *task);
            let line = |picture: &str| picture.lines().find(|line| line.contains("η =")).unwrap().to_owned();
            let narrow = line(&house.picture(80, 24));
            assert!(narrow.trim_end_matches('│').trim_end().ends_with(small), "{narrow}");
            let wide = line(&house.picture(120, 36));
            assert!(wide.contains(large), "{wide}");
        }
    }
}
