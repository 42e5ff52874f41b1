//! What has arrived and waits to be handled, in order; and when a picture is due. No clock: the time is passed in.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::Event;
use super::colours::Colours;
use super::pointer::Pointer;
use crate::app::{ALWAYS_QUIT, Message};
use crate::session::{Answer, Progress};

/// How long messages are handled before a picture is drawn in between.
const FRAME: Duration = Duration::from_millis(25);

/// Keys that may wait. Nobody types so far ahead: what is beyond comes from a file that was sent as keys, and is left out.
const MOST_KEYS: usize = 1 << 16;

/// Why the loop ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The person, the system or the terminal wants us to go.
    Leave,
    /// A thread that is needed panicked: nothing will be computed, or heard, any more.
    Died(&'static str),
}

/// What waits to be handled.
#[derive(Debug)]
pub(super) enum Heard {
    /// For the model.
    Message(Message),
    /// Something was done with the mouse.
    Pointer(Pointer),
}

/// What has arrived.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: VecDeque<Heard>,
    keys: usize,
    /// Whether and why to end; goes before everything that waits.
    pub end: Option<End>,
    /// Whether to stop until the shell lets us go on.
    pub stop: bool,
    /// Whether the screen has to be taken and drawn anew.
    pub anew: bool,
    /// The column in which the cursor stood after our signs, where the terminal has told it.
    pub column: Option<u16>,
    /// What the terminal has said about its colours.
    pub colours: Colours,
}

impl Queue {
    /// Takes in what has happened.
    pub(super) fn hear(&mut self, event: Event) {
        match event {
            Event::Message(message) => self.push(Heard::Message(message)),
            Event::Pointer(pointer) => self.push(Heard::Pointer(pointer)),
            #[cfg(unix)]
            Event::Inputs(inputs, leave) => {
                for input in inputs {
                    self.hear(input);
                }
                drop(leave);
            }
            #[cfg(unix)]
            Event::Colour { ground, rgb } => self.colours.hear(ground, rgb),
            #[cfg(unix)]
            Event::Kind => {
                self.colours.end();
                super::terminal::answered();
            }
            #[cfg(unix)]
            Event::Column(column) => {
                if super::terminal::told_column() {
                    self.column = Some(column);
                }
            }
            #[cfg(unix)]
            Event::Stop => self.stop = true,
            Event::Anew => self.anew = true,
            Event::Terminate => self.end = self.end.or(Some(End::Leave)),
            Event::Died(thread) => self.end = Some(End::Died(thread)),
        }
    }

    fn push(&mut self, heard: Heard) {
        // Whoever leaves does not wait for what is still to be done.
        if matches!(heard, Heard::Message(Message::Key(ALWAYS_QUIT))) {
            self.end = self.end.or(Some(End::Leave));
        }
        if is_from_a_hand(&heard) {
            if self.keys >= MOST_KEYS {
                return;
            }
            self.keys += 1;
        }
        match (self.waiting.back_mut(), &heard) {
            (Some(Heard::Message(last)), Heard::Message(new)) if replaces(new, last) => *last = new.clone(),
            _ => self.waiting.push_back(heard),
        }
    }

    /// What comes next.
    pub(super) fn pop(&mut self) -> Option<Heard> {
        let heard = self.waiting.pop_front()?;
        self.keys -= usize::from(is_from_a_hand(&heard));
        Some(heard)
    }

    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

/// Whether somebody did it with keys or mouse.
fn is_from_a_hand(heard: &Heard) -> bool {
    matches!(heard, Heard::Message(Message::Key(_)) | Heard::Pointer(_))
}

/// Whether a message makes the one before it, not yet handled, superfluous.
fn replaces(new: &Message, old: &Message) -> bool {
    match (new, old) {
        (Message::Resize(..), Message::Resize(..)) => true,
        (Message::Progress(new, Progress::Scaling(_)), Message::Progress(old, Progress::Scaling(_))) => new == old,
        (Message::Answered(new, Ok(Answer::Run(_))), Message::Answered(old, Ok(Answer::Run(_)))) => new >= old,
        _ => false,
    }
}

/// What the loop does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// Handle the next message.
    Handle,
    /// Draw a picture.
    Draw,
    /// Wait for something to happen.
    Wait,
}

/// When a picture is due: after all that has happened, or in the middle of it when that takes longer than [`FRAME`].
#[derive(Debug)]
pub(super) struct Pace {
    /// Since when the picture on the screen is not the latest.
    since: Option<Instant>,
}

impl Pace {
    /// A pace that begins with a picture.
    pub(super) fn new(now: Instant) -> Self {
        Self { since: Some(now) }
    }

    /// What is next, where something waits to be handled or not.
    pub(super) fn turn(&mut self, now: Instant, waits: bool) -> Turn {
        match (waits, self.since) {
            (true, Some(since)) if now.saturating_duration_since(since) >= FRAME => Turn::Draw,
            (true, _) => {
                self.since.get_or_insert(now);
                Turn::Handle
            }
            (false, Some(_)) => Turn::Draw,
            (false, None) => Turn::Wait,
        }
    }

    /// A picture was drawn.
    pub(super) fn drawn(&mut self) {
        self.since = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Key;

    fn key(c: char) -> Event {
        Event::Message(Message::Key(Key::Char(c)))
    }

    /// Handles messages of the given costs and draws pictures of another until nothing waits; the times of the pictures.
    fn play(costs: &[u64], picture: u64) -> Vec<u64> {
        let start = Instant::now();
        let (mut pace, mut now, mut next, mut pictures) = (Pace::new(start), 0, 0, Vec::new());
        loop {
            match pace.turn(start + Duration::from_millis(now), next < costs.len()) {
                Turn::Handle => {
                    now += costs[next];
                    next += 1;
                }
                Turn::Draw => {
                    now += picture;
                    pictures.push(now);
                    pace.drawn();
                }
                Turn::Wait => return pictures,
            }
        }
    }

    #[test]
    fn a_picture_comes_within_a_frame_however_much_waits() {
        let frame = FRAME.as_millis() as u64;
        for (cost, picture) in [(0, 3), (1, 3), (10, 5), (24, 40), (300, 10)] {
            let times = play(&vec![cost; 500], picture);
            let gaps = std::iter::once(times[0]).chain(times.windows(2).map(|pair| pair[1] - pair[0]));
            let most = gaps.max().unwrap_or_default();
            assert!(most <= frame + cost + picture, "{most} ms between pictures of {cost} ms a key");
            let whole = 500 * cost + times.len() as u64 * picture;
            assert_eq!(times.last(), Some(&whole), "the last picture comes after the last key");
        }
    }

    #[test]
    fn what_is_soon_handled_is_one_picture_and_nothing_is_none() {
        assert_eq!(play(&[1; 20], 2), [22]);
        assert_eq!(play(&[], 2), [2], "the first picture");
    }

    #[test]
    fn keys_keep_their_order_and_sizes_become_one() {
        let mut queue = Queue::default();
        for c in "ab".chars() {
            queue.hear(key(c));
        }
        for columns in [80, 81, 82] {
            queue.hear(Event::Message(Message::Resize(columns, 24)));
        }
        queue.hear(key('c'));
        queue.hear(Event::Message(Message::Resize(83, 24)));
        let mut heard = Vec::new();
        while let Some(Heard::Message(message)) = queue.pop() {
            heard.push(match message {
                Message::Key(key) => key.name(),
                Message::Resize(columns, _) => columns.to_string(),
                other => format!("{other:?}"),
            });
        }
        assert_eq!(heard, ["a", "b", "82", "c", "83"]);
        assert!(queue.is_empty());
    }

    #[test]
    fn keys_have_a_bound_and_ctrl_c_none() {
        let mut queue = Queue::default();
        for _ in 0..2 * MOST_KEYS {
            queue.hear(key('m'));
        }
        assert_eq!((queue.waiting.len(), queue.end), (MOST_KEYS, None));
        queue.hear(Event::Message(Message::Key(ALWAYS_QUIT)));
        assert_eq!((queue.waiting.len(), queue.end), (MOST_KEYS, Some(End::Leave)));
        assert!(queue.pop().is_some());
        queue.hear(key('n'));
        assert_eq!(queue.waiting.len(), MOST_KEYS, "there is room again");
    }

    #[test]
    fn a_thread_that_died_is_told_whatever_else_ends() {
        let mut queue = Queue::default();
        queue.hear(Event::Terminate);
        queue.hear(Event::Died("worker"));
        queue.hear(Event::Terminate);
        assert_eq!(queue.end, Some(End::Died("worker")));
    }
}
