//! The race on screen: which work, and who has come in so far.

use super::deeds::perform;
use super::keymap::{self, Deed, Key};
use super::{Effect, Model, Overlay};
use crate::program::Backend;
use crate::session::{Job, Kind, News};
use crate::study::race::{Contender, Entry, Point, Roof, Rules, Work};

/// The work at first: the article's batch of 64 sentences under 8 heads, hidden size 256.
const FIRST: (usize, usize, usize, usize) = (64, 16, 8, 256);

/// How far the keys go.
const TOKENS: (usize, usize) = (4, 1024);
const BATCH: (usize, usize) = (1, 4096);
const HEADS: (usize, usize) = (1, 16);
const FEATURES: (usize, usize) = (4, 128);

/// The race while its window is open.
#[derive(Debug, Clone)]
pub struct Track {
    /// What is raced over.
    pub work: Work,
    /// Who computes on the adapter's side; none until it is open, or where there is none.
    pub adapter: Option<Backend>,
    /// Who has come in, in the order of the start.
    pub entries: Vec<Entry>,
    /// Who is running.
    pub running: Option<Contender>,
    /// Whether all have come in.
    pub over: bool,
    /// What the adapter can do at most.
    pub roof: Option<Roof>,
    /// Both sides with 1, 2, 4 … sentences, as far as that was measured.
    pub points: Vec<Point>,
    /// Whether all points are there.
    pub searched: bool,
    /// Whether the plot has the window for itself.
    pub plot: bool,
}

/// Opens the window and starts.
pub(super) fn enter(model: &mut Model) -> Vec<Effect> {
    let (batch, tokens, heads, hidden) = FIRST;
    Work::new(batch, tokens, heads, hidden).map_or_else(|_| Vec::new(), |work| start(model, work))
}

fn start(model: &mut Model, work: Work) -> Vec<Effect> {
    let track = Track {
        work,
        adapter: None,
        entries: Vec::new(),
        running: None,
        over: false,
        roof: None,
        points: Vec::new(),
        searched: false,
        plot: false,
    };
    model.overlay = Overlay::Race(track);
    model.ask(Job::Race { work, rules: Rules::on_screen() })
}

/// Left and Right halve and double the words, Up and Down the sentences, `,` and `.` the heads that share the hidden size,
/// `[` and `]` the numbers of a head; Tab gives the plot the whole window, `r` races again.
pub(super) fn press(model: &mut Model, key: Key, mut track: Track) -> Vec<Effect> {
    let Work { batch, tokens, heads, hidden } = track.work;
    let turned = |n: usize, twice: bool, (least, most): (usize, usize)| {
        if twice { (2 * n).min(most) } else { (n / 2).max(least) }
    };
    let deed = keymap::deed(key);
    let next = match deed {
        Some(Deed::NextTensor) => {
            track.plot = !track.plot;
            Ok(track.work)
        }
        Some(Deed::Left | Deed::Right) => {
            Work::new(batch, turned(tokens, deed == Some(Deed::Right), TOKENS), heads, hidden)
        }
        Some(Deed::Up | Deed::Down) => Work::new(turned(batch, deed == Some(Deed::Up), BATCH), tokens, heads, hidden),
        Some(Deed::NextHead | Deed::PreviousHead) => {
            Work::new(batch, tokens, turned(heads, deed == Some(Deed::NextHead), HEADS), hidden)
        }
        Some(Deed::NextStage | Deed::PreviousStage) => {
            let features = turned(track.work.features(), deed == Some(Deed::NextStage), FEATURES);
            Work::new(batch, tokens, heads, heads * features)
        }
        Some(Deed::RandomRow) => return start(model, track.work),
        Some(Deed::Close | Deed::Open | Deed::Quit | Deed::Race) => {
            return model.cancel(Kind::Race);
        }
        Some(Deed::Language | Deed::Theme) => {
            model.overlay = Overlay::Race(track);
            return deed.map_or_else(Vec::new, |deed| perform(model, deed));
        }
        _ => Ok(track.work),
    };
    match next {
        Ok(work) if work != track.work => start(model, work),
        _ => {
            model.overlay = Overlay::Race(track);
            Vec::new()
        }
    }
}

/// Hears what happened.
pub(super) fn progress(model: &mut Model, news: News) {
    let Overlay::Race(track) = &mut model.overlay else { return };
    match news {
        News::Adapter(adapter) => track.adapter = adapter,
        News::Started { contender, .. } => track.running = Some(contender),
        News::In(entry) => {
            track.entries.push(entry);
            track.running = None;
        }
        News::Over => (track.running, track.over) = (None, true),
        News::Roof(roof) => track.roof = Some(roof),
        News::Point(point) => track.points.push(point),
    }
}

/// Hears that nothing more will come.
pub(super) fn over(model: &mut Model) {
    if let Overlay::Race(track) = &mut model.overlay {
        (track.running, track.over, track.searched) = (None, true, true);
    }
}
