//! `Q`: the queue. Host and device over time, in several scenes, replayed slowly.

mod says;

use std::time::Duration;

pub use says::milliseconds;

use super::{Behaviour, Line, News, Outcome};
use crate::app::keys::{Command, Group, Key, Opener, Row, When, row, short};
use crate::app::{Effect, Model};
use crate::ground::lang::Text;
use crate::session::{Job, Kind, Progress, Ticket};
use crate::study::race::{Cut, QUEUED, Scene, Timeline};

/// Moments of a replay.
pub const MOMENTS: usize = 60;

/// From a moment to the next: slow enough to follow.
const PACE: Duration = Duration::from_millis(90);

/// Steps of learning that are watched first.
const FIRST_STEPS: usize = 4;

/// The queue while its window is open.
#[derive(Debug, Clone)]
pub struct QueueWindow {
    /// The scenes that were watched so far.
    pub timelines: Vec<Timeline>,
    /// Why nothing can be watched.
    pub failed: Option<Text>,
    /// Along what the work is cut.
    pub cut: Cut,
    /// In how many pieces it is handed over.
    pub pieces: usize,
    /// How far the replay is, in moments; none where everything is shown.
    pub moment: Option<usize>,
    /// Whether the replay runs on by itself.
    pub playing: bool,
    /// The wake-up that it waits for.
    ticket: Ticket,
}

/// What its keys do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    MorePieces,
    FewerPieces,
    Cut,
    Replay,
    Before,
    After,
    Again,
}

const OPENER: Opener = Opener {
    command: Command {
        keys: &[Key::Char('Q')],
        name: "queue.open",
        group: Some(Group::Gpu),
        when: When::Always,
        short: None,
        help: Text::new(
            "队列：主机交活、设备干活的时间线，异步陷阱，流水线",
            "the queue: a timeline of what host and device do when, the async trap, pipelining",
        ),
    },
    after: "walk.compare",
    open: |model| {
        // A launch a sentence, beside one launch for all.
        let (cut, pieces) = (Cut::Sentences, Cut::Sentences.most(QUEUED));
        model.open_window(QueueWindow::new(cut, pieces));
        model.ask(Job::Queue { cut, pieces })
    },
};

impl QueueWindow {
    /// Nothing was watched yet.
    fn new(cut: Cut, pieces: usize) -> Self {
        Self {
            timelines: Vec::new(),
            failed: None,
            cut,
            pieces,
            moment: None,
            playing: false,
            ticket: Ticket::default(),
        }
    }

    fn watch(&mut self, model: &mut Model, cut: Cut, pieces: usize) -> Outcome {
        *self = Self::new(cut, pieces);
        model.ask(Job::Queue { cut, pieces }).into()
    }

    fn wake(&mut self, model: &mut Model) -> Outcome {
        self.ticket = model.issue();
        vec![Effect::Wake { after: PACE, ticket: self.ticket }].into()
    }

    fn forward(&mut self) {
        self.moment = self.moment.map(|moment| moment + 1).filter(|&moment| moment < MOMENTS);
    }

    /// The timeline of a scene, once it was watched.
    pub fn timeline(&self, scene: Scene) -> Option<&Timeline> {
        self.timelines.iter().find(|timeline| timeline.scene == scene)
    }

    /// The longest of all scenes: what the width of the picture stands for.
    pub(crate) fn longest(&self) -> Duration {
        self.timelines.iter().map(|timeline| timeline.done).max().unwrap_or_default()
    }

    /// Up to when things are shown.
    pub fn shown(&self) -> Duration {
        self.moment.map_or(Duration::MAX, |moment| self.longest().mul_f64(moment as f64 / MOMENTS as f64))
    }
}

impl Behaviour for QueueWindow {
    type Deed = Deed;
    const NAME: &'static str = "queue";
    const TITLE: Text = Text::new("队列", "queue");
    const OPENER: Option<&'static Opener> = Some(&OPENER);
    const WORK: &'static [Kind] = &[Kind::Queue];
    #[rustfmt::skip] // one row, one line
    const KEYS: &'static [Row<Deed>] = &[
        row(&[Key::Up, Key::Char('k')], "queue.more_pieces", Deed::MorePieces, short("分几份", "pieces"), "份数加倍；训练时是步数", "twice as many pieces; of learning, steps"),
        row(&[Key::Down, Key::Char('j')], "queue.fewer_pieces", Deed::FewerPieces, short("分几份", "pieces"), "份数减半；训练时是步数", "half as many pieces; of learning, steps"),
        row(&[Key::Tab, Key::BackTab], "queue.cut", Deed::Cut, short("换切法", "cut"), "按句子切、按头切，或者看训练：前向、反向、更新", "by sentences, by heads, or learning: forward, backward, step"),
        row(&[Key::Char(' ')], "queue.replay", Deed::Replay, short("慢放", "replay"), "慢放，再按一次停住", "replay slowly; press again to stop"),
        row(&[Key::Char('r')], "queue.again", Deed::Again, short("再测", "again"), "再测一次", "measure again"),
        row(&[Key::Left, Key::Char('h')], "queue.before", Deed::Before, short("前后", "move"), "慢放退一格", "one moment back in the replay"),
        row(&[Key::Right, Key::Char('l')], "queue.after", Deed::After, short("前后", "move"), "慢放进一格", "one moment on in the replay"),
    ];

    fn press(&mut self, model: &mut Model, deed: Deed) -> Outcome {
        let Self { cut, pieces, .. } = *self;
        match deed {
            Deed::MorePieces if 2 * pieces <= cut.most(QUEUED) => return self.watch(model, cut, 2 * pieces),
            Deed::FewerPieces if pieces > 1 => return self.watch(model, cut, pieces / 2),
            Deed::MorePieces | Deed::FewerPieces => {}
            Deed::Cut => {
                let other = match cut {
                    Cut::Sentences => Cut::Heads,
                    Cut::Heads => Cut::Steps,
                    Cut::Steps => Cut::Sentences,
                };
                let first = if other == Cut::Steps { FIRST_STEPS } else { other.most(QUEUED) };
                return self.watch(model, other, first);
            }
            Deed::Again => return self.watch(model, cut, pieces),
            Deed::Before => {
                self.playing = false;
                self.moment = Some(self.moment.unwrap_or(MOMENTS).saturating_sub(1));
            }
            Deed::After => {
                self.playing = false;
                self.forward();
            }
            Deed::Replay => {
                self.playing = !self.playing;
                if self.playing {
                    self.moment = Some(self.moment.unwrap_or(0));
                    return self.wake(model);
                }
            }
        }
        Outcome::stay()
    }

    /// One moment on, until everything is shown. A stale wake-up is not its own.
    fn tick(&mut self, model: &mut Model, ticket: Ticket) -> Option<Outcome> {
        if !self.playing || ticket != self.ticket {
            return None;
        }
        self.forward();
        self.playing = self.moment.is_some();
        Some(if self.playing { self.wake(model) } else { Outcome::stay() })
    }

    fn hear(&mut self, _model: &mut Model, news: News) -> Outcome {
        match news {
            News::Progress(Progress::Queue(timeline)) => self.timelines.push(timeline),
            News::Ended(_, Err(why)) => self.failed = Some(why.words().clone()),
            _ => {}
        }
        Outcome::stay()
    }

    fn says(&self, model: &Model) -> Vec<Line> {
        says::lines(self, model)
    }
}
