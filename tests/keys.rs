//! A hundred thousand random keys on each screen: no panic, and no number that the ledger does not cover.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use qkv::app::palette::DARK;
use qkv::app::windows::Window;
use qkv::app::{Effect, Key, Message, Model, Settings, keys, update};
use qkv::engine::{Builtin, Driver, Watch};
use qkv::ground::lang::Lang;
use qkv::session::{Choice, Job, Progress, Ticket};
use qkv::source::sample::Sample;
use qkv::study::scaling::{self, Outcome};
use qkv::ui::{self, Depth, Theme};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Keys of each screen.
const KEYS: usize = 100_000;

/// Keys between two pictures, which are drawn at random sizes.
const PER_PICTURE: usize = 50;

/// Keys between two results: the worker too drops what a newer request has replaced.
const PER_RESULT: usize = 10;

/// The interface with everything that the runtime does for it, results coming late as they do there.
struct Hand {
    model: Model,
    driver: Driver,
    waiting: Option<(Ticket, Job)>,
    looks: usize,
    random: ChaCha8Rng,
}

impl Hand {
    fn new(seed: u64) -> Self {
        let sample = Sample::builtin(Sample::DEFAULT).unwrap().unwrap();
        let settings =
            Settings { lang: Lang::Zh, palette: &DARK, ascii: false, backend: Choice::Cpu, random: false, seed: 1 };
        let mut model = Model::new(Arc::new(sample), settings);
        let first = model.first_request();
        let mut hand = Self {
            model,
            driver: Driver::new(Builtin),
            waiting: None,
            looks: 0,
            random: ChaCha8Rng::seed_from_u64(seed),
        };
        hand.carry_out(first);
        hand.settle();
        hand
    }

    fn tell(&mut self, message: Message) {
        let effects = update(&mut self.model, message);
        self.carry_out(effects);
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            let Effect::Do(ticket, job) = effect else { continue };
            match &job {
                Job::Run { .. } => self.waiting = Some((ticket, job)),
                // The large sample is another test's: here many runs are made.
                Job::Load(name) if name != Sample::BATCH => self.answer(ticket, &job),
                Job::Sentence { .. } | Job::Save { .. } | Job::Copy(_) => self.answer(ticket, &job),
                Job::Scaling(wanted) => {
                    // Of the pairs that were asked for, one row: what counts here is that d and seed come back.
                    let scores: Vec<f64> = (0..scaling::KEYS).map(|pair| wanted.score(pair)).collect();
                    let outcome = Arc::new(Outcome::new(*wanted, &scores));
                    self.tell(Message::Progress(ticket, Progress::Scaling(outcome)));
                }
                // One answer in many: the others are overtaken by the next key.
                Job::Look(_) => {
                    self.looks += 1;
                    if self.looks % 64 == 1 {
                        self.answer(ticket, &job);
                    }
                }
                _ => {}
            }
        }
    }

    fn answer(&mut self, ticket: Ticket, job: &Job) {
        let answered = self.driver.carry_out(job, Watch::nobody()).transpose().unwrap();
        self.tell(Message::Answered(ticket, answered));
    }

    /// The result that is waited for; every number of it is checked.
    fn settle(&mut self) {
        while let Some((ticket, job)) = self.waiting.take() {
            self.answer(ticket, &job);
        }
        let run = self.model.run().unwrap();
        assert!(self.model.trace().is_some(), "the numbers belong to what is shown");
        assert_eq!(run.ledger.stages.len(), run.program.stages().len(), "every stage is covered");
        assert!(run.ledger.ok(), "{:?}", run.ledger.worst());
    }

    fn draw(&mut self) {
        let size = (self.random.random_range(0..=220), self.random.random_range(0..=70));
        self.tell(Message::Resize(size.0, size.1));
        ui::still(&self.model, Theme::of(Depth::True, &self.model.settings), size);
    }
}

/// A hundred thousand keys; whenever the screen was left, `open` leads back to it.
fn press(seed: u64, keys: &[Key], open: &[Key], is_open: fn(&Model) -> bool) {
    let mut hand = Hand::new(seed);
    let mut there = 0;
    for n in 0..KEYS {
        if !is_open(&hand.model) {
            hand.tell(Message::Key(Key::Esc));
            hand.tell(Message::Key(Key::Esc));
            for key in open {
                hand.tell(Message::Key(*key));
            }
        }
        there += usize::from(is_open(&hand.model));
        let key = keys[hand.random.random_range(0..keys.len())];
        hand.tell(Message::Key(key));
        if n % PER_RESULT == 0 {
            hand.settle();
        }
        if n % PER_PICTURE == 0 {
            hand.draw();
        }
    }
    hand.settle();
    assert!(there * 2 > KEYS, "the screen was open for {there} keys only");
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
    let own = contexts.iter().find(|(context, ..)| *context == name).unwrap();
    own.2.iter().flat_map(|command| command.keys).copied().collect()
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
    press(1, &all_keys(), &[], |_| true);
}

#[test]
fn in_the_help() {
    press(2, &all_keys(), &[Key::Char('?')], |m| matches!(m.windows.top(), Some(Window::Help(_))));
}

#[test]
fn in_the_card() {
    press(3, &all_keys(), &[Key::Char('i')], |m| matches!(m.windows.top(), Some(Window::Card(_))));
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
fn beside_the_coarser_words() {
    let open = [Key::Char('v'), Key::Char('c')];
    press(7, &all_keys(), &open, |m| matches!(m.windows.top(), Some(Window::Coarser(_))));
}

#[test]
fn in_the_laboratory() {
    press(11, &all_keys(), &[Key::Char('d')], |m| matches!(m.windows.top(), Some(Window::Laboratory(_))));
}

#[test]
fn in_the_race() {
    press(14, &all_keys(), &[Key::Char('R')], |m| matches!(m.windows.top(), Some(Window::Race(_))));
}

#[test]
fn in_the_gpu_lens() {
    let mut keys = all_keys();
    keys.extend(own_keys("lens"));
    press(15, &keys, &[Key::Char('n'), Key::Char('n'), Key::Char('K')], |m| {
        matches!(m.windows.top(), Some(Window::Lens(_)))
    });
}

#[test]
fn in_the_queue() {
    press(16, &all_keys(), &[Key::Char('Q')], |m| matches!(m.windows.top(), Some(Window::Queue(_))));
}

#[test]
fn in_the_window_of_heads() {
    let mut keys = all_keys();
    keys.extend(own_keys("heads"));
    keys.extend([Key::Tab; 8]);
    press(12, &keys, &[Key::Char('H')], |m| matches!(m.windows.top(), Some(Window::Heads(_))));
}

#[test]
fn typing_a_filter() {
    let mut keys = typing();
    keys.extend("previous>0.5&entropy<1 self".chars().map(Key::Char));
    press(13, &keys, &[Key::Char('H'), Key::Char('/')], |m| matches!(m.windows.top(), Some(Window::Heads(_))));
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
