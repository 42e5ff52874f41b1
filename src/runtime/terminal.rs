//! The terminal: entered once, and left as it was found however the program ends.

use std::fmt;
use std::io::{self, Write, stderr, stdout};
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, Once};
use std::thread;

use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen};
use crossterm::{Command, cursor, execute};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;

use super::error::{Result, RuntimeError};
use crate::ui::Depth;

/// The screen while it is ours.
pub(super) struct Screen {
    pub terminal: Terminal<CrosstermBackend<Picture>>,
}

impl Screen {
    /// Takes the screen, and the mouse where that is wanted.
    ///
    /// # Errors
    /// When this is no terminal.
    pub(super) fn open(mouse: bool) -> Result<Self> {
        MOUSE.store(mouse, Ordering::SeqCst);
        // Whatever fails from here on gives back what was taken.
        let screen = Self { terminal: Terminal::new(CrosstermBackend::new(Picture::default()))? };
        take()?;
        Ok(screen)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

/// Takes the screen, also where something else has had it in between.
///
/// # Errors
/// When this is no terminal.
pub(super) fn take() -> Result<()> {
    OURS.store(true, Ordering::SeqCst);
    settings::make_raw().map_err(RuntimeError::NoTerminal)?;
    let mut picture = Picture::default();
    execute!(picture, EnterAlternateScreen, EnableBracketedPaste, cursor::Hide)?;
    if MOUSE.load(Ordering::SeqCst) {
        execute!(picture, Mouse(true))?;
    }
    Ok(())
}

/// What goes to the terminal: kept until it is whole, and written in one piece while the screen is ours. Another thread may
/// give the screen back at any moment, on a signal or a panic that nobody can catch; what came behind that, or around it,
/// would stand in the shell with the colours still on.
#[derive(Debug, Default)]
pub(super) struct Picture(Vec<u8>);

impl Write for Picture {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let mut out = stdout().lock();
        let ours = OURS.load(Ordering::SeqCst);
        let written = if ours { out.write_all(&self.0).and_then(|()| out.flush()) } else { Ok(()) };
        self.0.clear();
        written
    }
}

/// Whether the mouse is wanted.
static MOUSE: AtomicBool = AtomicBool::new(false);

/// Buttons and the wheel, with their places in decimal (xterm's 1000 and 1006): not every move, which `EnableMouseCapture`
/// would bring.
struct Mouse(bool);

impl Command for Mouse {
    fn write_ansi(&self, f: &mut impl fmt::Write) -> fmt::Result {
        f.write_str(if self.0 { "\x1b[?1000h\x1b[?1006h" } else { "\x1b[?1006l\x1b[?1000l" })
    }

    #[cfg(windows)]
    fn execute_winapi(&self) -> io::Result<()> {
        use crossterm::event::{DisableMouseCapture, EnableMouseCapture};
        if self.0 { EnableMouseCapture.execute_winapi() } else { DisableMouseCapture.execute_winapi() }
    }

    #[cfg(windows)]
    fn is_ansi_code_supported(&self) -> bool {
        false
    }
}

/// Whether the screen is ours and has to be given back.
static OURS: AtomicBool = AtomicBool::new(false);

/// Puts the terminal back in order, once: leaving the alternate screen a second time would also move the cursor to
/// where it was before, over the words of a panic.
pub(super) fn restore() {
    // Before anything that waits for the terminal.
    restore_settings();
    // A picture that is on its way is written to its end; none follows.
    let mut out = stdout().lock();
    if OURS.swap(false, Ordering::SeqCst) {
        let _ = execute!(out, Mouse(false), DisableBracketedPaste, LeaveAlternateScreen, cursor::Show);
    }
}

/// Puts the settings of the terminal back; writes nothing, so it does not wait for a terminal that takes nothing.
pub(super) fn restore_settings() {
    settings::restore();
}

/// The line discipline: raw while the screen is ours.
#[cfg(unix)]
mod settings {
    use std::io;
    use std::sync::{Mutex, PoisonError};

    use rustix::termios::{OptionalActions, QueueSelector, Termios, tcflush, tcgetattr, tcsetattr};

    use super::super::input::Tty;
    use super::owed;

    /// What they were before.
    static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

    pub(super) fn make_raw() -> io::Result<()> {
        let tty = Tty::open()?;
        let mut kept = BEFORE.lock().unwrap_or_else(PoisonError::into_inner);
        let before = match &*kept {
            Some(before) => before,
            None => kept.insert(tcgetattr(&tty)?),
        };
        let mut raw = before.clone();
        raw.make_raw();
        Ok(tcsetattr(&tty, OptionalActions::Now, &raw)?)
    }

    pub(super) fn restore() {
        let before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let (Some(before), Ok(tty)) = (before, Tty::open()) {
            if owed() {
                // An answer that nobody has read yet must not be typed into the shell.
                let _ = tcflush(&tty, QueueSelector::IFlush);
            }
            let _ = tcsetattr(&tty, OptionalActions::Now, &before);
        }
    }
}

#[cfg(not(unix))]
mod settings {
    use crossterm::terminal::{disable_raw_mode, enable_raw_mode};

    pub(super) fn make_raw() -> std::io::Result<()> {
        enable_raw_mode()
    }

    pub(super) fn restore() {
        let _ = disable_raw_mode();
    }
}

/// Whether the terminal was asked for its colours, or for the column of its cursor, and has not answered yet.
#[cfg(unix)]
static OWED: AtomicBool = AtomicBool::new(false);
#[cfg(unix)]
static COLUMN_OWED: AtomicBool = AtomicBool::new(false);

#[cfg(unix)]
fn owed() -> bool {
    OWED.load(Ordering::SeqCst) || COLUMN_OWED.load(Ordering::SeqCst)
}

/// The column behind [`SIGNS`] where each takes one.
pub(super) const NARROW: u16 = 3;

/// Signs that some terminals, mostly East Asian ones, draw two columns wide (UAX #11: ambiguous).
#[cfg(unix)]
const SIGNS: &str = "─▲";

/// Asks the terminal how wide it draws our signs; and for the colours of its letters and of its ground, and for its kind (DA1),
/// which every terminal tells: then there is nothing more to wait for. The answers come from the keyboard.
///
/// # Errors
/// When the terminal takes no words.
#[cfg(unix)]
pub(super) fn ask(colours: bool, signs: bool) -> io::Result<()> {
    let mut question = Picture::default();
    if signs {
        COLUMN_OWED.store(true, Ordering::SeqCst);
        // Written, asked about, and wiped away.
        write!(question, "\x1b[1;1H{SIGNS}\x1b[6n\x1b[1;1H\x1b[2K")?;
    }
    if colours {
        OWED.store(true, Ordering::SeqCst);
        // BEL and not ESC \: some end their answer as the question was ended, and wrongly with the latter.
        question.write_all(b"\x1b]10;?\x07\x1b]11;?\x07\x1b[c")?;
    }
    question.flush()
}

/// The terminal has told a column; whether it was asked for one.
#[cfg(unix)]
pub(super) fn told_column() -> bool {
    COLUMN_OWED.swap(false, Ordering::SeqCst)
}

/// The terminal has answered.
#[cfg(unix)]
pub(super) fn answered() {
    OWED.store(false, Ordering::SeqCst);
}

/// What the last panic off the main thread said.
static LAST_WORDS: Mutex<Option<String>> = Mutex::new(None);

/// A panic of the loop gives the terminal back before it is printed. One on another thread may be caught there (a
/// driver that dies makes wgpu panic): it is kept until the loop knows that the thread is really gone. One that cannot be
/// caught ends the program at once: it must speak now.
fn restore_on_panic() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        let main = thread::current().id();
        panic::set_hook(Box::new(move |info| {
            let end = is_the_end(info);
            if end || thread::current().id() == main {
                restore();
                Quiet::end();
                if end {
                    // What led to it was said by the panic before, perhaps on a thread that only noted it down.
                    let _ = writeln!(stderr(), "{}\n{info}", last_words().unwrap_or_default());
                } else {
                    before(info);
                }
            } else if let Ok(mut words) = LAST_WORDS.lock() {
                *words = Some(info.to_string());
            }
        }));
    });
}

/// Whether a panic is one after which Rust aborts: inside a destructor that runs because of a panic, or where it would
/// leave code of the driver.
fn is_the_end(info: &panic::PanicHookInfo) -> bool {
    let words = info.payload_as_str().unwrap_or_default();
    words.starts_with("panic in a function that cannot unwind") || words.starts_with("panic in a destructor")
}

/// What the last panic off the main thread said, if there was one.
pub(super) fn last_words() -> Option<String> {
    LAST_WORDS.lock().ok()?.take()
}

/// While this lives, what drivers write to fd 2 goes nowhere instead of into the picture, or behind it to the shell.
pub(super) struct Quiet;

#[cfg(unix)]
mod stderr {
    use std::fs::File;
    use std::os::fd::OwnedFd;
    use std::sync::Mutex;

    /// Where fd 2 pointed before.
    static BEFORE: Mutex<Option<OwnedFd>> = Mutex::new(None);

    pub(super) fn redirect(to: &File) -> std::io::Result<()> {
        let Ok(mut kept) = BEFORE.lock() else { return Ok(()) };
        if kept.is_none() {
            let before = rustix::io::fcntl_dupfd_cloexec(std::io::stderr(), 3)?;
            rustix::stdio::dup2_stderr(to)?;
            *kept = Some(before);
        }
        Ok(())
    }

    pub(super) fn restore() {
        if let Ok(mut kept) = BEFORE.lock()
            && let Some(before) = kept.take()
        {
            let _ = rustix::stdio::dup2_stderr(before);
        }
    }
}

impl Quiet {
    /// Begins. A panic from now on gives the terminal back before it speaks, and speaks aloud.
    pub(super) fn begin() -> Self {
        restore_on_panic();
        // Not worth a file that stays: what drivers mutter is for no reader.
        #[cfg(unix)]
        let _ = std::fs::File::create("/dev/null").and_then(|nothing| stderr::redirect(&nothing));
        Self
    }

    fn end() {
        #[cfg(unix)]
        stderr::restore();
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        Self::end();
    }
}

/// How many colours this terminal shows.
pub fn depth() -> Depth {
    if std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty()) {
        return Depth::None;
    }
    match supports_color::on(supports_color::Stream::Stdout) {
        Some(level) if level.has_16m => Depth::True,
        Some(level) if level.has_256 => Depth::Indexed,
        Some(_) => Depth::Sixteen,
        None => Depth::None,
    }
}

/// Whether the terminal's ground is light; a terminal that does not answer is taken to be dark.
#[cfg(not(unix))]
pub(super) fn is_light(patience: std::time::Duration) -> bool {
    use terminal_colorsaurus::{QueryOptions, ThemeMode, theme_mode};
    let mut options = QueryOptions::default();
    options.timeout = patience;
    theme_mode(options).is_ok_and(|mode| mode == ThemeMode::Light)
}
