//! Random keys on each screen, over all samples and switches, with all work answered early, late, in between and when nobody
//! waits for it: no panic, no number that the ledger does not cover, none that a window says of another trace.
//!
//! `QKV_KEYS=1000000` presses so many keys in all, instead of the usual number.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "tests")]

mod hand;
mod invented;
mod models;
#[path = "../models/tiny.rs"]
mod tiny;

use hand::Hand;
use qkv::app::windows::Window;
use qkv::app::{Key, Message, Model, keys};
use qkv::session::Kind;
use rand::RngExt;

/// Keys on all screens together, where nobody asks for more.
const KEYS: usize = 400_000;

/// Screens that they are pressed on.
const SCREENS: usize = 18;

/// Keys between two pictures, which are drawn at random sizes, and between two looks at what windows say.
const PER_PICTURE: usize = 50;
const PER_WORDS: usize = 25;

/// Switches, samples and sentences, typed now and then so that all of them meet every screen.
const LINES: [&str; 10] = [
    "sample h1h2",
    "sample tiananmen",
    "sample translation",
    "sample translation-cross",
    "sample batch64x8x256",
    "seed 5",
    "own",
    "temperature 0.3",
    "window 1",
    "reset",
];

/// Keys between two such lines.
const PER_LINE: usize = 700;

/// How many keys each screen gets.
fn share() -> usize {
    let wanted = std::env::var("QKV_KEYS").ok().and_then(|keys| keys.parse().ok());
    wanted.unwrap_or(KEYS) / SCREENS
}

/// Many keys; whenever the screen was left, `open` leads back to it.
fn press(seed: u64, keys: &[Key], open: &[Key], is_open: fn(&Model) -> bool) -> Hand {
    let mut hand = Hand::new(seed);
    let (all, mut there) = (share(), 0);
    for n in 0..all {
        if n % PER_LINE == PER_LINE - 1 {
            let line = LINES[hand.random.random_range(0..LINES.len())];
            hand.type_line(line);
            hand.settle();
        }
        if !is_open(&hand.model) {
            hand.go(open);
        }
        if !is_open(&hand.model) {
            // Not every sample has every screen.
            hand.type_line("sample tiananmen");
            hand.settle();
            hand.go(open);
        }
        there += usize::from(is_open(&hand.model));
        let key = keys[hand.random.random_range(0..keys.len())];
        hand.tell(Message::Key(key));
        hand.hear();
        if n % PER_WORDS == 0 {
            hand.check_words();
        }
        if n % PER_PICTURE == 0 {
            hand.point();
            hand.hear();
            hand.draw();
        }
    }
    // Of the large sample most results never come.
    hand.type_line("sample h1h2");
    hand.settle();
    assert!(hand.model.trace().is_some(), "the numbers belong to what is shown");
    println!("{all} keys, on their screen for {there}; answered: {:?}", hand.answered);
    assert!(there * 2 > all, "the screen was open for {there} keys only");
    hand
}

/// The work of a window was answered again and again.
fn answered(hand: &Hand, kind: Kind) {
    assert!(hand.answered.get(&kind).is_some_and(|&times| times > 20), "{kind:?}: {:?}", hand.answered);
}

/// Every key that the table knows, and some that mean nothing.
fn all_keys() -> Vec<Key> {
    let mut keys: Vec<Key> = keys::walk_commands().iter().flat_map(|command| command.keys).copied().collect();
    keys.extend([Key::Enter, Key::Esc, Key::Up, Key::Down, Key::Left, Key::Right, Key::Tab, Key::Tab]);
    keys.extend("x é爱😀\u{301}".chars().map(Key::Char));
    keys
}

/// The keys of a window's own table.
fn own_keys(name: &str) -> Vec<Key> {
    let contexts = keys::contexts();
    let own = contexts.iter().find(|context| context.name == name).unwrap();
    own.commands.iter().flat_map(|command| command.keys).copied().collect()
}

/// What a line is typed with: many characters, few ways to leave it.
fn typing() -> Vec<Key> {
    let mut keys: Vec<Key> = "0123456789.-e我爱北京天安门| ,abcdefg:\u{301}שלום😀".chars().map(Key::Char).collect();
    keys.extend([Key::Enter, Key::Enter, Key::Left, Key::Right, Key::Home, Key::End, Key::Backspace, Key::Delete]);
    keys.extend([Key::Ctrl('u'), Key::Ctrl('w'), Key::Tab, Key::Esc]);
    keys
}

#[test]
fn on_the_walk() {
    // Lines that open are left again, so that most keys are the walk's own.
    let hand = press(1, &all_keys(), &[], |_| true);
    answered(&hand, Kind::Run);
}

#[test]
fn in_the_help() {
    press(2, &all_keys(), &[Key::Char('?')], |m| matches!(m.windows.top(), Some(Window::Help(_))));
}

#[test]
fn in_the_card() {
    let hand = press(3, &all_keys(), &[Key::Char('i')], |m| matches!(m.windows.top(), Some(Window::Card(_))));
    answered(&hand, Kind::Study);
}

#[test]
fn in_the_microscope() {
    press(4, &all_keys(), &[Key::Char('n'), Key::Right, Key::Enter], |m| {
        matches!(m.windows.top(), Some(Window::Microscope(_)))
    });
}

#[test]
fn in_the_list_of_samples() {
    press(5, &all_keys(), &[Key::Char('o')], |m| matches!(m.windows.top(), Some(Window::Samples(_))));
}

#[test]
fn in_the_switches() {
    press(6, &all_keys(), &[Key::Char('S')], |m| matches!(m.windows.top(), Some(Window::Switches(_))));
}

#[test]
fn in_a_question() {
    let keys = [own_keys("quiz"), own_keys("quiz"), typing()].concat();
    let hand = press(17, &keys, &[Key::Char('g')], |m| matches!(m.windows.top(), Some(Window::Quiz(_))));
    assert!(hand.model.answers.len() > 100, "{} answers", hand.model.answers.len());
}

#[test]
fn beside_the_coarser_words() {
    let open = [Key::Char('v'), Key::Char('c')];
    press(7, &all_keys(), &open, |m| matches!(m.windows.top(), Some(Window::Coarser(_))));
}

#[test]
fn in_the_laboratory() {
    let hand = press(11, &all_keys(), &[Key::Char('d')], |m| matches!(m.windows.top(), Some(Window::Laboratory(_))));
    answered(&hand, Kind::Scaling);
}

#[test]
fn in_the_race() {
    let hand = press(14, &all_keys(), &[Key::Char('R')], |m| matches!(m.windows.top(), Some(Window::Race(_))));
    answered(&hand, Kind::Race);
}

#[test]
fn in_the_gpu_lens() {
    let mut keys = all_keys();
    keys.extend(own_keys("lens"));
    let hand = press(15, &keys, &[Key::Char('n'), Key::Char('n'), Key::Char('K')], |m| {
        matches!(m.windows.top(), Some(Window::Lens(_)))
    });
    answered(&hand, Kind::Look);
}

#[test]
fn in_the_queue() {
    let hand = press(16, &all_keys(), &[Key::Char('Q')], |m| matches!(m.windows.top(), Some(Window::Queue(_))));
    answered(&hand, Kind::Queue);
}

#[test]
fn in_the_window_of_heads() {
    let mut keys = all_keys();
    keys.extend(own_keys("heads"));
    keys.extend([Key::Tab; 8]);
    let hand = press(12, &keys, &[Key::Char('H')], |m| matches!(m.windows.top(), Some(Window::Heads(_))));
    answered(&hand, Kind::Study);
}

#[test]
fn typing_a_filter() {
    let mut keys = typing();
    keys.extend("previous>0.5&entropy<1 self".chars().map(Key::Char));
    press(13, &keys, &[Key::Char('H'), Key::Char('&')], |m| matches!(m.windows.top(), Some(Window::Heads(_))));
}

#[test]
fn typing_a_command() {
    press(8, &typing(), &[Key::Char(':')], |m| matches!(m.windows.top(), Some(Window::Prompt(_))));
}

#[test]
fn typing_a_number() {
    let open = [Key::Right, Key::Char('n'), Key::Char('e')];
    press(9, &typing(), &open, |m| matches!(m.windows.top(), Some(Window::Prompt(_))));
}

#[test]
fn typing_a_sentence() {
    press(10, &typing(), &[Key::Char('/')], |m| matches!(m.windows.top(), Some(Window::Prompt(_))));
}
