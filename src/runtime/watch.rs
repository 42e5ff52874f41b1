//! The file of the lesson that is played: whoever writes one sees it as soon as it is saved.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime};

use super::{Event, files};
use crate::app::Message;

/// How often it is looked at.
const EVERY: Duration = Duration::from_millis(300);

/// A thread that looks at one file, where there is one to look at.
pub(super) struct Watcher {
    events: Sender<Event>,
    watched: Option<Watched>,
}

struct Watched {
    file: String,
    ended: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Watcher {
    /// Watches nothing yet.
    pub(super) const fn new(events: Sender<Event>) -> Self {
        Self { events, watched: None }
    }

    /// Watches this file and no other.
    pub(super) fn watch(&mut self, file: Option<&str>) {
        if self.watched.as_ref().map(|watched| watched.file.as_str()) == file {
            return;
        }
        self.stop();
        let Some(file) = file.map(str::to_owned) else { return };
        let (events, ended) = (self.events.clone(), Arc::new(AtomicBool::new(false)));
        let (name, end) = (file.clone(), Arc::clone(&ended));
        // Before the thread is there: on a busy machine it may begin after the next save.
        let known = written(&files::at_home(&file));
        let looking = thread::Builder::new().name("watch".into()).spawn(move || look(&name, known, &end, &events));
        self.watched = looking.ok().map(|thread| Watched { file, ended, thread });
    }

    fn stop(&mut self) {
        if let Some(Watched { ended, thread, .. }) = self.watched.take() {
            ended.store(true, Ordering::Release);
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Says when the file has been written; a file that is away for a moment, as while it is replaced, is waited for.
fn look(file: &str, mut known: Written, ended: &AtomicBool, events: &Sender<Event>) {
    let place = files::at_home(file);
    while !ended.load(Ordering::Acquire) {
        thread::park_timeout(EVERY);
        let now = written(&place);
        if now.is_none() || now == known {
            continue;
        }
        known = now;
        if events.send(Event::Message(Message::Saved(file.to_owned()))).is_err() {
            return;
        }
    }
}

/// When a file was written, and how long it is; none while there is none.
type Written = Option<(SystemTime, u64)>;

/// When it was written, and how long it is: two saves within one tick of the clock differ in one of them.
fn written(place: &Path) -> Written {
    let about = std::fs::metadata(place).ok()?;
    Some((about.modified().ok()?, about.len()))
}
