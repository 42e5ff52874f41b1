//! Ten thousand keys at random: the program stays on its feet and every number it shows is right.

use std::collections::BTreeSet;

use qkv::app::{Key, Message, keys};
use qkv::source::sample::Sample;
use qkv::ui::Depth;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::scene::{SETTINGS, Scene};

const KEYS: usize = 10_000;

/// Lines that do something, beside those that are typed at random.
const LINES: [&str; 22] = [
    "sample batch64x8x256",
    "sample h1h2",
    "sample english",
    "sample tiananmen",
    "sample translation",
    "sample translation-cross",
    "sample padding",
    "sample trained-reverse",
    "sample trained-translation",
    "sample trained-induction",
    "mistake mask-after-softmax",
    "mistake heads-averaged",
    "sample nonsense",
    "seed 5",
    "own",
    "stage weights",
    "stage 99",
    "head 3",
    "sentence 2",
    "lang zh",
    "backend gpu",
    "backend cpu",
];

/// Every key that the table knows, those of the command line, and a few that mean nothing.
fn all_keys() -> Vec<Key> {
    let mut keys: Vec<Key> = keys::walk_commands().iter().flat_map(|command| command.keys).copied().collect();
    keys.extend([Key::Enter, Key::Esc, Key::Backspace, Key::Delete, Key::Left, Key::Right, Key::Home, Key::End]);
    keys.extend(['a', 'e', 'u', 'w', 'x'].map(Key::Ctrl));
    keys.extend("x é爱😀\u{301}".chars().map(Key::Char));
    keys
}

#[test]
fn ten_thousand_keys() {
    let mut random = ChaCha8Rng::seed_from_u64(26);
    let keys = all_keys();
    let sample = Sample::builtin(Sample::DEFAULT).unwrap().unwrap();
    let mut scene = Scene::new(sample, SETTINGS);
    let mut seen = BTreeSet::new();
    let mut pressed = 0;
    while pressed < KEYS {
        if random.random_range(0..50) == 0 {
            scene.tell(Message::Key(Key::Esc));
            scene.tell(Message::Key(Key::Char(':')));
            let line = LINES[random.random_range(0..LINES.len())];
            line.chars().for_each(|c| scene.tell(Message::Key(Key::Char(c))));
            scene.tell(Message::Key(Key::Enter));
            pressed += line.len() + 3;
        } else {
            scene.tell(Message::Key(keys[random.random_range(0..keys.len())]));
            pressed += 1;
        }
        if random.random_range(0..10) == 0 {
            let size = (random.random_range(0..=250), random.random_range(0..=80));
            scene.tell(Message::Resize(size.0, size.1));
            scene.draw(Depth::True, size);
        }
        // What is shown belongs to what is on the screen, and every cell of it has been checked.
        assert!(scene.model.trace().is_some(), "after {pressed} keys");
        let ledger = &scene.model.run().unwrap().ledger;
        assert!(ledger.ok(), "after {pressed} keys: {:?}", ledger.worst());
        seen.insert(scene.model.material.original.name.clone());
    }
    assert_eq!(seen.len(), Sample::names().count(), "the keys led to {seen:?}");
}
