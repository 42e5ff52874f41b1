//! The queue on screen: host and device over time, in several scenes, replayed slowly.

use std::time::Duration;

use super::deeds::perform;
use super::keymap::{self, Deed, Key};
use super::{Effect, Model, Overlay};
use crate::ground::fault::Fault;
use crate::ground::lang::Text;
use crate::session::{Job, Kind, Ticket};
use crate::study::race::{Cut, QUEUED, Scene, Timeline};

/// Moments of a replay.
pub const MOMENTS: usize = 60;

/// From a moment to the next: slow enough to follow.
const PACE: Duration = Duration::from_millis(90);

/// The queue while its window is open.
#[derive(Debug, Clone)]
pub struct Queue {
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
}

/// Opens the window and watches: a launch a sentence, beside one launch for all.
pub(super) fn enter(model: &mut Model) -> Vec<Effect> {
    watch(model, Cut::Sentences, Cut::Sentences.most(QUEUED))
}

fn watch(model: &mut Model, cut: Cut, pieces: usize) -> Vec<Effect> {
    model.overlay =
        Overlay::Queue(Queue { timelines: Vec::new(), failed: None, cut, pieces, moment: None, playing: false });
    model.ask(Job::Queue { cut, pieces })
}

/// Up and Down: more and fewer pieces; Tab: cut by sentences or by heads; Space replays, Left and Right by hand; `r` watches again.
pub(super) fn press(model: &mut Model, key: Key, mut queue: Queue) -> Vec<Effect> {
    let deed = keymap::deed(key);
    let Queue { cut, pieces, .. } = queue;
    match deed {
        Some(Deed::Up) if 2 * pieces <= cut.most(QUEUED) => return watch(model, cut, 2 * pieces),
        Some(Deed::Down) if pieces > 1 => return watch(model, cut, pieces / 2),
        Some(Deed::NextTensor) => {
            let other = if cut == Cut::Heads { Cut::Sentences } else { Cut::Heads };
            return watch(model, other, other.most(QUEUED));
        }
        Some(Deed::RandomRow) => return watch(model, cut, pieces),
        Some(Deed::Close | Deed::Open | Deed::Quit | Deed::Queue) => return model.cancel(Kind::Queue),
        Some(Deed::Language | Deed::Theme) => {
            model.overlay = Overlay::Queue(queue);
            return deed.map_or_else(Vec::new, |deed| perform(model, deed));
        }
        Some(Deed::Left) => {
            queue.playing = false;
            queue.moment = Some(queue.moment.unwrap_or(MOMENTS).saturating_sub(1));
        }
        Some(Deed::Right) => {
            queue.playing = false;
            queue.moment = queue.moment.map(|moment| moment + 1).filter(|&moment| moment < MOMENTS);
        }
        Some(Deed::Play) => {
            queue.playing = !queue.playing;
            if queue.playing {
                queue.moment = Some(queue.moment.unwrap_or(0));
                model.overlay = Overlay::Queue(queue);
                return wake(model);
            }
        }
        _ => {}
    }
    model.overlay = Overlay::Queue(queue);
    Vec::new()
}

fn wake(model: &mut Model) -> Vec<Effect> {
    vec![Effect::Wake { after: PACE, ticket: model.next_wake() }]
}

/// A wake-up: one moment on, until everything is shown. A stale one does nothing.
pub(super) fn tick(model: &mut Model, ticket: Ticket) -> Vec<Effect> {
    if ticket != model.stepping.ticket() {
        return Vec::new();
    }
    let Overlay::Queue(queue) = &mut model.overlay else { return Vec::new() };
    if !queue.playing {
        return Vec::new();
    }
    queue.moment = queue.moment.map(|moment| moment + 1).filter(|&moment| moment < MOMENTS);
    queue.playing = queue.moment.is_some();
    if queue.playing { wake(model) } else { Vec::new() }
}

/// Hears of one more scene.
pub(super) fn progress(model: &mut Model, timeline: Timeline) {
    if let Overlay::Queue(queue) = &mut model.overlay {
        queue.timelines.push(timeline);
    }
}

/// Hears why nothing can be watched.
pub(super) fn fail(model: &mut Model, why: &Fault) {
    if let Overlay::Queue(queue) = &mut model.overlay {
        queue.failed = Some(why.words().clone());
    }
}

impl Queue {
    /// The timeline of a scene, once it was watched.
    pub fn timeline(&self, scene: Scene) -> Option<&Timeline> {
        self.timelines.iter().find(|timeline| timeline.scene == scene)
    }

    /// The longest of all scenes: what the width of the picture stands for.
    pub fn longest(&self) -> Duration {
        self.timelines.iter().map(|timeline| timeline.done).max().unwrap_or_default()
    }

    /// Up to when things are shown.
    pub fn shown(&self) -> Duration {
        self.moment.map_or(Duration::MAX, |moment| self.longest().mul_f64(moment as f64 / MOMENTS as f64))
    }
}
