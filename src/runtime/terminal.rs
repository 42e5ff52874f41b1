//! The terminal: entered once, and left as it was found however the program ends.

use std::fs::File;
use std::io::{self, Stdout, Write, stdout};
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, Once};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use crossterm::{cursor, execute};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;

use crate::ui::Depth;

/// The screen while it is ours.
pub(super) struct Screen {
    pub terminal: Terminal<CrosstermBackend<Stdout>>,
    _quiet: Option<Quiet>,
}

impl Screen {
    /// Takes the screen. A panic from now on gives it back before it speaks.
    ///
    /// # Errors
    /// When this is no terminal.
    pub fn open() -> Result<Self> {
        restore_on_panic();
        let terminal = Terminal::new(CrosstermBackend::new(stdout()))?;
        enable_raw_mode().context("this is not a terminal that can be drawn on")?;
        OURS.store(true, Ordering::SeqCst);
        // Whatever fails from here on gives back what was taken.
        let screen = Self { terminal, _quiet: Quiet::new() };
        execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste, cursor::Hide)?;
        Ok(screen)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

/// Whether the screen is ours and has to be given back.
static OURS: AtomicBool = AtomicBool::new(false);

/// Puts the terminal back in order, once: leaving the alternate screen a second time would also move the cursor to
/// where it was before, over the words of a panic.
fn restore() {
    if OURS.swap(false, Ordering::SeqCst) {
        let _ = disable_raw_mode();
        let _ = execute!(stdout(), DisableBracketedPaste, LeaveAlternateScreen, cursor::Show);
        let _ = stdout().flush();
    }
}

/// What the last panic off the main thread said.
static LAST_WORDS: Mutex<Option<String>> = Mutex::new(None);

/// A panic of the loop gives the terminal back before it is printed. One on another thread may be caught there (a
/// driver that dies makes wgpu panic): it is kept until the loop knows that the thread is really gone.
fn restore_on_panic() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        let main = thread::current().id();
        panic::set_hook(Box::new(move |info| {
            if thread::current().id() == main {
                restore();
                Quiet::undo();
                before(info);
            } else if let Ok(mut words) = LAST_WORDS.lock() {
                *words = Some(info.to_string());
            }
        }));
    });
}

/// What the last panic off the main thread said, if there was one.
pub(super) fn last_words() -> Option<String> {
    LAST_WORDS.lock().ok()?.take()
}

/// While the screen is up, what drivers write to fd 2 goes to a file instead of into the picture.
struct Quiet;

#[cfg(unix)]
mod stderr {
    use std::fs::File;
    use std::os::fd::OwnedFd;
    use std::sync::Mutex;

    /// Where fd 2 pointed before.
    static BEFORE: Mutex<Option<OwnedFd>> = Mutex::new(None);

    pub(super) fn redirect(to: &File) -> std::io::Result<()> {
        let before = rustix::io::fcntl_dupfd_cloexec(std::io::stderr(), 3)?;
        rustix::stdio::dup2_stderr(to)?;
        if let Ok(mut kept) = BEFORE.lock() {
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
    fn new() -> Option<Self> {
        Self::redirect().ok().map(|()| Self)
    }

    #[cfg(unix)]
    fn redirect() -> io::Result<()> {
        // Not worth a file that stays: what drivers mutter is for no reader.
        stderr::redirect(&File::create("/dev/null")?)
    }

    #[cfg(not(unix))]
    fn redirect() -> io::Result<()> {
        Ok(())
    }

    fn undo() {
        #[cfg(unix)]
        stderr::restore();
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        Self::undo();
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

/// How long a terminal may take to say its colours. One beside us answers within a few milliseconds, also when it knows no
/// colours; over a slow line the question costs one round trip. Only a terminal that answers nothing at all costs this.
const COLOURS: Duration = Duration::from_millis(200);

/// Whether the terminal's ground is light; a terminal that does not answer is taken to be dark.
pub fn is_light() -> bool {
    use terminal_colorsaurus::{QueryOptions, ThemeMode, theme_mode};
    let mut options = QueryOptions::default();
    options.timeout = COLOURS;
    theme_mode(options).is_ok_and(|mode| mode == ThemeMode::Light)
}
