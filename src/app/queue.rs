//! The queue on screen: host and device over time, in several scenes, replayed slowly.

use std::time::Duration;

use super::deeds::perform;
use super::keymap::{self, Deed, Key};
use super::{Effect, Model, Overlay};
use crate::lab::{Scene, Timeline};

/// Sentences that are handed over: the article's batch.
pub const SENTENCES: usize = 64;

/// Pieces that they can be handed over in.
pub const PIECES: [usize; 7] = [1, 2, 4, 8, 16, 32, 64];

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
    pub failed: Option<String>,
    /// In how many pieces the work is handed over.
    pub pieces: usize,
    /// How far the replay is, in moments; none where everything is shown.
    pub moment: Option<usize>,
    /// Whether the replay runs on by itself.
    pub playing: bool,
    /// Number of the request that is being answered.
    request: u64,
}

/// Opens the window and watches.
pub(super) fn enter(model: &mut Model) -> Vec<Effect> {
    watch(model, 8)
}

fn watch(model: &mut Model, pieces: usize) -> Vec<Effect> {
    model.races += 1;
    let request = model.races;
    model.overlay =
        Overlay::Queue(Queue { timelines: Vec::new(), failed: None, pieces, moment: None, playing: false, request });
    vec![Effect::Watch { request, pieces }]
}

/// Up and Down: more and fewer pieces; Space replays, Left and Right by hand; `r` watches again.
pub(super) fn press(model: &mut Model, key: Key, mut queue: Queue) -> Vec<Effect> {
    let deed = keymap::deed(key);
    let at = PIECES.iter().position(|&n| n == queue.pieces).unwrap_or(0);
    match deed {
        Some(Deed::Up) if at + 1 < PIECES.len() => return watch(model, PIECES[at + 1]),
        Some(Deed::Down) if at > 0 => return watch(model, PIECES[at - 1]),
        Some(Deed::RandomRow) => return watch(model, queue.pieces),
        Some(Deed::Close | Deed::Open | Deed::Quit | Deed::Queue) => return Vec::new(),
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
    vec![Effect::Wake { after: PACE, ticket: model.stepping.next_ticket() }]
}

/// A wake-up: one moment on, until everything is shown. A stale one does nothing.
pub(super) fn tick(model: &mut Model, ticket: u64) -> Vec<Effect> {
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

/// Hears what was seen; an older request's is dropped.
pub(super) fn hear(model: &mut Model, request: u64, result: Result<Timeline, String>) {
    let Overlay::Queue(queue) = &mut model.overlay else { return };
    if queue.request != request {
        return;
    }
    match result {
        Ok(timeline) => queue.timelines.push(timeline),
        Err(why) => queue.failed = Some(why),
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
