//! The speaker's notes in a second terminal: whoever shows a lesson to a class tells them over a local socket.
//!
//! ```text
//! qkv present ── Server ── a JSON line a step ──▶ socket (the person's own) ──▶ follow ── qkv notes
//! ```

use std::io::{self, BufRead, BufReader, ErrorKind, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::files::state_folder;
use crate::session::Notes;

/// Who does not listen for so long is not told any more: nobody's screen waits for theirs.
const PATIENCE: Duration = Duration::from_millis(50);

/// How long a reader waits for news before its clock goes on.
const TICK: Duration = Duration::from_millis(500);

/// Where the speaker's side meets: the folder of this session, which nobody else can read, else that of our states.
fn place() -> Option<PathBuf> {
    let session = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|path| path.is_absolute());
    Some(session.filter(|path| path.is_dir()).or_else(state_folder)?.join("qkv-notes.sock"))
}

/// Tells everybody who listens what the speaker's notes are.
#[derive(Debug)]
pub(super) struct Server {
    place: PathBuf,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    told: Option<Notes>,
}

#[derive(Debug, Default)]
struct Shared {
    ended: AtomicBool,
    listeners: Mutex<Vec<UnixStream>>,
    last: Mutex<Option<String>>,
}

impl Server {
    /// Opens the socket; none where somebody else shows a lesson already, or the system has no place for it.
    pub(super) fn open() -> Option<Self> {
        let place = place()?;
        if let Some(folder) = place.parent() {
            std::fs::create_dir_all(folder).ok()?;
        }
        let listener = bind(&place).ok()?;
        let shared = Arc::new(Shared::default());
        let own = Arc::clone(&shared);
        let thread = thread::Builder::new().name("notes".into()).spawn(move || own.welcome(&listener)).ok()?;
        Some(Self { place, shared, thread: Some(thread), told: None })
    }

    /// Tells what the notes are now, where they are others than before.
    pub(super) fn tell(&mut self, notes: Option<Notes>) {
        if notes == self.told {
            return;
        }
        let line = notes.as_ref().and_then(|notes| serde_json::to_string(notes).ok()).map(|json| format!("{json}\n"));
        self.told = notes;
        let Some(line) = line else { return };
        let mut listeners = lock(&self.shared.listeners);
        listeners.retain_mut(|listener| listener.write_all(line.as_bytes()).is_ok());
        *lock(&self.shared.last) = Some(line);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::Release);
        // Whoever waits at the door is woken.
        let woken = UnixStream::connect(&self.place);
        let _ = std::fs::remove_file(&self.place);
        if let (Ok(_), Some(thread)) = (woken, self.thread.take()) {
            let _ = thread.join();
        }
    }
}

impl Shared {
    /// Lets listeners in, and tells each what was told last.
    fn welcome(&self, listener: &UnixListener) {
        for stream in listener.incoming() {
            if self.ended.load(Ordering::Acquire) {
                return;
            }
            let Ok(mut stream) = stream else { continue };
            let _ = stream.set_write_timeout(Some(PATIENCE));
            let mut listeners = lock(&self.listeners);
            let last = lock(&self.last).clone();
            if last.is_none_or(|line| stream.write_all(line.as_bytes()).is_ok()) {
                listeners.push(stream);
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The socket at a place; one that nobody answers at any more is replaced.
fn bind(place: &Path) -> io::Result<UnixListener> {
    match UnixListener::bind(place) {
        Err(why) if why.kind() == ErrorKind::AddrInUse && UnixStream::connect(place).is_err() => {
            std::fs::remove_file(place)?;
            UnixListener::bind(place)
        }
        bound => bound,
    }
}

/// Follows the notes of whoever shows a lesson: `hear` is told them when they change, and every half second that time goes on,
/// until it says that it has heard enough.
///
/// # Errors
/// Where nobody shows a lesson, or the connection breaks.
pub fn follow(mut hear: impl FnMut(Option<Notes>) -> bool) -> io::Result<()> {
    let place = place().ok_or(ErrorKind::NotFound)?;
    let stream = UnixStream::connect(place)?;
    stream.set_read_timeout(Some(TICK))?;
    let mut lines = BufReader::new(stream);
    let mut line = String::new();
    loop {
        match lines.read_line(&mut line) {
            Ok(0) => return Ok(()),
            Ok(_) if line.ends_with('\n') => {
                let notes = serde_json::from_str(&line).ok();
                line.clear();
                if !hear(notes) {
                    return Ok(());
                }
            }
            Ok(_) => {}
            Err(why) if matches!(why.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted) => {
                if !hear(None) {
                    return Ok(());
                }
            }
            Err(why) => return Err(why),
        }
    }
}
