//! The keyboard and the system's signals, as events.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::Sender;
use std::thread;

use super::Event;
use super::error::{Result, RuntimeError};
use super::rehearse::rehearse;
use crate::app::{Key, Message, REPAINT, STOP};

#[cfg(not(unix))]
pub(super) use super::console::keyboard;
#[cfg(unix)]
pub(super) use unix::{Leave, Tty, keyboard, signals, size, stop};

/// Starts a thread that the loop needs; if it panics, the loop hears that and ends.
///
/// # Errors
/// When the system gives no thread.
pub(super) fn spawn(name: &'static str, events: &Sender<Event>, body: impl FnOnce() + Send + 'static) -> Result<()> {
    let events = events.clone();
    let guarded = move || {
        if catch_unwind(AssertUnwindSafe(body)).is_err() {
            let _ = events.send(Event::Died(name));
        }
    };
    thread::Builder::new().name(name.into()).spawn(guarded).map_err(|why| RuntimeError::NoThread(name, why))?;
    Ok(())
}

/// What a key does: the model's, but for those that are about the terminal itself.
pub(super) fn pressed(key: Key) -> Option<Event> {
    rehearse("keyboard");
    match key {
        REPAINT => Some(Event::Anew),
        STOP => {
            stop_all();
            None
        }
        _ => Some(Event::Message(Message::Key(key))),
    }
}

#[cfg(unix)]
use unix::stop_all;

#[cfg(not(unix))]
fn stop_all() {}

/// Nothing stops this program and lets it go on.
#[cfg(not(unix))]
pub(super) fn stop() {}

/// There are no signals.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "as on the systems that have signals")]
pub(super) fn signals(_events: &Sender<Event>) -> Result<()> {
    Ok(())
}

/// Columns and rows of the terminal.
#[cfg(not(unix))]
pub(super) fn size() -> Option<(u16, u16)> {
    crossterm::terminal::size().ok()
}

#[cfg(unix)]
mod unix {
    use std::fs::File;
    use std::io::{self, IsTerminal};
    use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
    use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
    use std::thread;
    use std::time::Duration;

    use filedescriptor::{POLLIN, poll, pollfd};
    use rustix::process::{Signal, getpgrp, getsid, kill_current_process_group};
    use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGSTOP, SIGTERM, SIGTSTP, SIGWINCH};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::{emulate_default_handler, raise};

    use super::super::bytes::{Input, Parser};
    use super::super::terminal;
    use super::{Event, Result, RuntimeError, pressed, spawn};
    use crate::app::Message;

    /// Bytes that are read at once.
    const CHUNK: usize = 4096;

    /// Reads that may wait for the loop to hear them. What is beyond waits in the system, not in our memory.
    const READS: usize = 64;

    /// How long the loop may take to end after a signal, before the program ends without it.
    const PATIENCE: Duration = Duration::from_secs(5);

    /// The terminal that keys come from: the standard input, else the one that rules this process.
    pub(in super::super) enum Tty {
        Input(io::Stdin),
        Ruling(File),
    }

    impl Tty {
        pub(crate) fn open() -> io::Result<Self> {
            let input = io::stdin();
            Ok(if input.is_terminal() {
                Self::Input(input)
            } else {
                Self::Ruling(File::options().read(true).write(true).open("/dev/tty")?)
            })
        }
    }

    impl AsFd for Tty {
        fn as_fd(&self) -> BorrowedFd<'_> {
            match self {
                Self::Input(input) => input.as_fd(),
                Self::Ruling(file) => file.as_fd(),
            }
        }
    }

    /// Listens to the keyboard on a thread of its own until the loop or the terminal is gone.
    ///
    /// # Errors
    /// When there is no terminal to listen to, or the system gives no thread.
    pub(in super::super) fn keyboard(events: &Sender<Event>) -> Result<()> {
        let tty = Tty::open().map_err(RuntimeError::NoKeyboard)?;
        let sender = events.clone();
        spawn("keyboard", events, move || {
            listen(&tty, &sender);
            // The terminal or the loop is gone: nobody can press a key any more.
            let _ = sender.send(Event::Terminate);
        })
    }

    /// Leave to send one more read, given back when that was heard.
    #[derive(Debug)]
    pub(in super::super) struct Leave(SyncSender<()>);

    impl Drop for Leave {
        fn drop(&mut self) {
            let _ = self.0.try_send(());
        }
    }

    fn leaves() -> (SyncSender<()>, Receiver<()>) {
        let (back, next) = sync_channel(READS);
        for _ in 0..READS {
            let _ = back.try_send(());
        }
        (back, next)
    }

    /// Reads keys until the terminal or the loop is gone.
    fn listen(tty: &Tty, sender: &Sender<Event>) {
        let (mut parser, mut bytes, mut heard) = (Parser::default(), vec![0; CHUNK], Vec::new());
        let (back, next) = leaves();
        loop {
            match ready(tty, parser.patience()) {
                Ok(true) => match rustix::io::read(tty, &mut bytes) {
                    // A terminal that is closed has an end, or gives errors: it is gone.
                    Ok(0) => return,
                    Ok(n) => parser.advance(&bytes[..n], &mut heard),
                    Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
                    Err(_) => return,
                },
                Ok(false) => parser.idle(&mut heard),
                Err(_) => return,
            }
            let inputs: Vec<Event> = heard.drain(..).filter_map(event).collect();
            if !inputs.is_empty() {
                let sent = next.recv().is_ok() && sender.send(Event::Inputs(inputs, Leave(back.clone()))).is_ok();
                if !sent {
                    return;
                }
            }
        }
    }

    /// Whether there is something to read; `false` where nothing has come for so long.
    fn ready(tty: &Tty, patience: Option<Duration>) -> io::Result<bool> {
        let mut fds = [pollfd { fd: tty.as_fd().as_raw_fd(), events: POLLIN, revents: 0 }];
        loop {
            match poll(&mut fds, patience) {
                Ok(ready) => return Ok(ready > 0),
                Err(filedescriptor::Error::Poll(why) | filedescriptor::Error::Io(why))
                    if why.kind() == io::ErrorKind::Interrupted => {}
                Err(why) => return Err(io::Error::other(why)),
            }
        }
    }

    fn event(input: Input) -> Option<Event> {
        Some(match input {
            Input::Key(key) => return pressed(key),
            Input::Paste(text) => Event::Message(Message::Paste(text)),
            Input::Colour { ground, rgb } => Event::Colour { ground, rgb },
            Input::Kind => Event::Kind,
            Input::Column(column) => Event::Column(column),
            Input::Pointer(pointer) => Event::Pointer(pointer),
        })
    }

    /// SIGTERM, SIGHUP, SIGINT and SIGQUIT end the loop, so that the terminal is put back in order; SIGTSTP stops it in
    /// between, SIGCONT draws anew, SIGWINCH tells another size.
    ///
    /// # Errors
    /// When the system will not let us hear its signals.
    pub(in super::super) fn signals(events: &Sender<Event>) -> Result<()> {
        let mut signals = Signals::new([SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH])
            .map_err(RuntimeError::NoSignals)?;
        let sender = events.clone();
        spawn("signals", events, move || {
            let mut ending = false;
            for signal in signals.forever() {
                let event = match signal {
                    SIGTSTP => may_stop().then_some(Event::Stop),
                    SIGCONT => Some(Event::Anew),
                    SIGWINCH => size().map(|(columns, rows)| Event::Message(Message::Resize(columns, rows))),
                    // Asked a second time, or never heard: no longer in order, but never leaving the terminal behind.
                    _ if ending => return die(signal),
                    _ => {
                        ending = true;
                        let watch = move || {
                            thread::sleep(PATIENCE);
                            die(signal);
                        };
                        let _ = thread::Builder::new().name("patience".into()).spawn(watch);
                        Some(Event::Terminate)
                    }
                };
                let heard = event.is_none_or(|event| sender.send(event).is_ok());
                // The loop has ended and waits for its threads: whoever asks again does not want to wait.
                if ending && !heard {
                    die(signal);
                }
            }
        })
    }

    /// Ends the program by a signal's own effect, without the loop, once the terminal is in order. The terminal may be
    /// what holds the loop up, so not even that is waited for very long.
    fn die(signal: i32) {
        let (done, restored) = channel();
        terminal::restore_settings();
        let _ = thread::Builder::new().spawn(move || {
            terminal::restore();
            let _ = done.send(());
        });
        let _ = restored.recv_timeout(Duration::from_millis(200));
        let _ = emulate_default_handler(signal);
    }

    /// Whether there is somebody who would let us go on: a shell with job control. A program that was started by the
    /// terminal itself is alone in its session, and the system would not stop it either.
    fn may_stop() -> bool {
        getsid(None).is_ok_and(|session| session != getpgrp())
    }

    /// Asks everyone who works in this terminal for the same job to stop, as the terminal itself does on Ctrl-Z.
    pub(super) fn stop_all() {
        if may_stop() {
            let _ = kill_current_process_group(Signal::TSTP);
        }
    }

    /// Stops this process; comes back when it may go on.
    pub(in super::super) fn stop() {
        let _ = raise(SIGSTOP);
    }

    /// Columns and rows of the terminal.
    pub(in super::super) fn size() -> Option<(u16, u16)> {
        let size = rustix::termios::tcgetwinsize(rustix::stdio::stdout()).ok()?;
        Some((size.ws_col, size.ws_row))
    }
}
