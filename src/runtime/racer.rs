//! The race behind the screen: a thread for each race, which stops when a newer one is asked for.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Duration;

use super::Event;
use crate::app::{Message, News, QUEUED};
use crate::compute::gpu::ladder::Ladder;
use crate::engine::race::{Race, Tuned, refused, search, threads, within};
use crate::ground::lang::Text;
use crate::kernels::Rung;
use crate::session::ComputeError;
use crate::study::race::{Contender, Entry, NoTime};
use crate::study::race::{Cut, Scene, Work};

/// Warm runs of each contender, as far as they fit into its time; one at least.
const REPETITIONS: usize = 5;

/// A contender's time: after it the next one starts.
const PATIENCE: Duration = Duration::from_secs(6);

/// Operations beyond which the plain rungs are left out: nobody wants to wait for them.
const BEARABLE: f64 = 3e9;

/// Starts races.
#[derive(Default)]
pub(super) struct Racer {
    /// The race that is wanted; 0 for none.
    wanted: Arc<AtomicU64>,
}

impl Racer {
    /// Starts a race in place of the one before; none only stops that. Without `adapter` the processor runs alone.
    pub fn start(&self, request: u64, work: Option<Work>, adapter: bool, events: Sender<Event>) {
        self.wanted.store(if work.is_some() { request } else { 0 }, Ordering::SeqCst);
        let Some(work) = work else { return };
        let wanted = Arc::clone(&self.wanted);
        thread::spawn(move || {
            let stop = || wanted.load(Ordering::SeqCst) != request;
            let tell = |news: News| {
                if !stop() {
                    let _ = events.send(Event::Message(Message::Race { request, news }));
                }
            };
            let ladder = if adapter { Ladder::open().ok() } else { None };
            tell(News::Adapter(ladder.as_ref().map(|ladder| ladder.backend().clone())));
            let race = match Race::new(ladder.as_ref(), work, 1) {
                Ok(race) => race,
                Err(why) => {
                    for entry in refused(ladder.as_ref(), work, &why) {
                        tell(News::In(entry));
                    }
                    tell(News::Over);
                    tell(News::Searched);
                    return;
                }
            };
            let mut tuned = Tuned::load();
            for contender in race.contenders(&mut tuned) {
                if stop() {
                    return;
                }
                tell(News::Started(contender));
                let slow = matches!(contender, Contender::Rung(rung) if !rung.is_fused());
                let entry = if slow && work.operations() > BEARABLE {
                    let why = NoTime::TooSlow;
                    Entry { contender, work, result: Err(why) }
                } else {
                    race.run(contender, REPETITIONS, &within(PATIENCE, &stop))
                };
                tell(News::In(entry));
            }
            tell(News::Over);
            if let Some(ladder) = &ladder {
                // Not measured, not shown: what fails here leaves the race as it is.
                if let Ok(roof) = ladder.roof() {
                    tell(News::Roof(roof));
                }
                let mut tell_point = |point| {
                    tell(News::Point(point));
                    !stop()
                };
                if let Some(rung) = race.choose(&mut tuned) {
                    let _ = search(ladder, work, rung, threads(), &mut tell_point);
                }
            }
            tell(News::Searched);
        });
    }

    /// Watches host and device during every scene of the queue; a race that runs is stopped.
    pub fn watch(&self, request: u64, (cut, pieces): (Cut, usize), adapter: bool, events: Sender<Event>) {
        self.wanted.store(request, Ordering::SeqCst);
        let wanted = Arc::clone(&self.wanted);
        thread::spawn(move || {
            let tell = |result| {
                let wanted = wanted.load(Ordering::SeqCst) == request;
                wanted && events.send(Event::Message(Message::Watched { request, result })).is_ok()
            };
            let watched = (|| {
                let ladder = if adapter {
                    Ladder::open()
                } else {
                    Err(ComputeError::NoAdapter(Text::new("没有要它", "not asked for")))
                };
                let ladder = ladder?;
                let fused = ladder.rungs(QUEUED).into_iter().rfind(|rung| rung.is_fused());
                let (work, rung) = ((QUEUED, cut, pieces), fused.unwrap_or(Rung::Register));
                for scene in Scene::ALL {
                    if !tell(Ok(ladder.timeline(scene, work, rung)?)) {
                        break;
                    }
                }
                Ok::<_, ComputeError>(())
            })();
            if let Err(why) = watched {
                tell(Err(why.to_string()));
            }
        });
    }
}
