//! A terminal with a person before it: a pty, the real program in it, and eyes that wait for what they expect to see.

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};

/// When to stop believing that something will still happen. Nothing ever waits this long in a test that passes.
const PATIENCE: Duration = Duration::from_secs(30);

/// The program in a terminal.
pub(crate) struct Terminal {
    /// None when it was unplugged.
    master: Option<Box<dyn MasterPty + Send>>,
    keyboard: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    picture: Arc<Picture>,
    /// The line discipline before the program came: raw or not, echo or not, every control character.
    discipline: String,
}

/// What the terminal shows, and a bell that rings when it changes.
struct Picture {
    seen: Mutex<Seen>,
    changed: Condvar,
}

struct Seen {
    parser: vt100::Parser<Clipboard>,
    /// Nobody holds the terminal any more: the program is gone.
    closed: bool,
    /// Nobody looks at the terminal any more.
    unplugged: bool,
    /// Nobody looks for now: what is written stays in the terminal's buffer.
    blind: bool,
    /// How often something was drawn.
    drawn: usize,
}

/// What was last put into the terminal's clipboard, as it was written: in base64.
#[derive(Default)]
struct Clipboard(Vec<u8>);

impl vt100::Callbacks for Clipboard {
    fn copy_to_clipboard(&mut self, _: &mut vt100::Screen, _: &[u8], data: &[u8]) {
        self.0 = data.to_vec();
    }
}

/// What is set before the program starts.
pub(crate) struct Setting<'a> {
    pub(crate) size: (u16, u16),
    pub(crate) args: &'a [&'a str],
    pub(crate) variables: &'a [(&'a str, &'a str)],
    /// What the terminal answers when it is asked for its colours.
    pub(crate) answer: &'static str,
    /// What it answers when it is asked for the column behind two of our signs; nothing from one that answers nothing.
    pub(crate) column: &'static str,
    pub(crate) directory: Option<&'a Path>,
    /// A shell's script that starts the program (`"$@"`) in place of the terminal itself.
    pub(crate) script: Option<&'a str>,
}

/// Everything most journeys need: a plain dark terminal, English, no driver.
pub(crate) const PLAIN: Setting<'static> = Setting {
    size: (100, 30),
    args: &["--backend", "cpu", "--theme", "dark"],
    variables: &[],
    answer: "",
    column: "\x1b[1;3R",
    directory: None,
    script: None,
};

/// A white terminal's answer: black letters, white ground, and the kind of terminal, which every terminal tells.
pub(crate) const WHITE: &str = "\x1b]10;rgb:0000/0000/0000\x1b\\\x1b]11;rgb:ffff/ffff/ffff\x1b\\\x1b[?62;22c";

impl Terminal {
    /// Starts the program on the default sample, in a surrounding that is the same on every machine.
    pub(crate) fn open() -> Self {
        Self::with(&PLAIN)
    }

    pub(crate) fn with(setting: &Setting) -> Self {
        let (cols, rows) = setting.size;
        let pty = native_pty_system().openpty(PtySize { rows, cols, ..PtySize::default() }).unwrap();
        let discipline = format!("{:?}", pty.master.get_termios());
        let program = env!("CARGO_BIN_EXE_qkv");
        let mut command = CommandBuilder::new(if setting.script.is_some() { "sh" } else { program });
        if let Some(script) = setting.script {
            command.args(["-c", script, "sh", program]);
        }
        command.env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        for (name, value) in [("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("LANG", "en_US.UTF-8")] {
            command.env(name, value);
        }
        for (name, value) in setting.variables {
            command.env(name, value);
        }
        if let Some(directory) = setting.directory {
            command.cwd(directory);
        }
        command.args(setting.args);
        let child = pty.slave.spawn_command(command).unwrap();
        // Only the program holds the terminal now: when it goes, reading ends.
        drop(pty.slave);

        let parser = vt100::Parser::new_with_callbacks(at_least_one(rows), at_least_one(cols), 0, Clipboard::default());
        let picture = Arc::new(Picture {
            seen: Mutex::new(Seen { parser, closed: false, unplugged: false, blind: false, drawn: 0 }),
            changed: Condvar::new(),
        });
        let mut reader = pty.master.try_clone_reader().unwrap();
        let keyboard = Arc::new(Mutex::new(pty.master.take_writer().unwrap()));
        let (eyes, answers) = (Arc::clone(&picture), Arc::clone(&keyboard));
        let known = [(&b"\x1b[6n"[..], setting.column), (&b"\x1b]11;?"[..], setting.answer)];
        thread::spawn(move || {
            let mut bytes = vec![0; 65536];
            while let Ok(n @ 1..) = reader.read(&mut bytes) {
                for (question, answer) in known {
                    if bytes[..n].windows(question.len()).any(|w| w == question) {
                        answers.lock().unwrap().write_all(answer.as_bytes()).unwrap();
                    }
                }
                let mut seen = eyes.look();
                seen.parser.process(&bytes[..n]);
                seen.drawn += 1;
                eyes.changed.notify_all();
                while seen.blind {
                    seen = eyes.changed.wait(seen).unwrap_or_else(PoisonError::into_inner);
                }
                if seen.unplugged {
                    return;
                }
            }
            eyes.look().closed = true;
            eyes.changed.notify_all();
        });
        Self { master: Some(pty.master), keyboard: Box::new(Shared(keyboard)), child, picture, discipline }
    }

    fn master(&self) -> &(dyn MasterPty + Send) {
        self.master.as_deref().unwrap()
    }

    /// Presses keys, as the bytes a terminal sends for them.
    pub(crate) fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
        self.keyboard.flush().unwrap();
    }

    /// Sends bytes that are no text.
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.keyboard.write_all(bytes).unwrap();
        self.keyboard.flush().unwrap();
    }

    /// Covers the screen, as another program would that writes to the same terminal.
    pub(crate) fn scribble(&self) {
        self.picture.look().parser.process(b"\x1b[2J\x1b[Hscribbled");
    }

    /// What the program put into the clipboard, in base64.
    pub(crate) fn clipboard(&self) -> Vec<u8> {
        self.picture.look().parser.callbacks().0.clone()
    }

    /// Types a command and enters it.
    pub(crate) fn command(&mut self, line: &str) {
        self.press(":");
        self.wait_for("sample NAME|FILE");
        // Like a paste, so that a long path is one event.
        self.press(&format!("\x1b[200~{line}\x1b[201~\r"));
    }

    pub(crate) fn resize(&self, columns: u16, rows: u16) {
        self.picture.look().parser.screen_mut().set_size(at_least_one(rows), at_least_one(columns));
        self.master().resize(PtySize { rows, cols: columns, ..PtySize::default() }).unwrap();
    }

    /// Waits until the line discipline is the program's own, or as it was before.
    pub(crate) fn wait_until_raw(&self, raw: bool) {
        let given_up = Instant::now() + PATIENCE;
        while (format!("{:?}", self.master().get_termios()) != self.discipline) != raw {
            assert!(Instant::now() < given_up, "the line discipline never changed");
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Closes the terminal as if its window were gone, and waits until the program is.
    pub(crate) fn unplug(mut self) -> ExitStatus {
        self.picture.look().unplugged = true;
        // The eyes close at the next thing they see.
        self.press("L");
        self.keyboard = Box::new(std::io::sink());
        self.master = None;
        self.gone()
    }

    /// Reads nothing of what the program writes from now on.
    pub(crate) fn close_eyes(&self) {
        self.picture.look().blind = true;
    }

    /// Waits until the program is gone, whatever it leaves behind.
    pub(crate) fn gone(mut self) -> ExitStatus {
        let given_up = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < given_up, "the program stays");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// The same, unless the program is gone.
    pub(crate) fn signal_if_there(&self, name: &str) {
        let Some(pid) = self.master().process_group_leader() else { return };
        // It may go in this moment: then there is nobody to hear it.
        let _ = Command::new("sh").arg("-c").arg(format!("kill -{name} {pid} 2>/dev/null")).status();
    }

    /// Sends the program a signal by name, as `kill` does.
    pub(crate) fn signal(&self, name: &str) {
        // Whoever has the terminal: the program, also where a shell started it.
        let pid = self.master().process_group_leader().unwrap();
        let sent = Command::new("sh").arg("-c").arg(format!("kill -{name} {pid}")).status().unwrap();
        assert!(sent.success(), "SIG{name} could not be sent");
    }

    /// Waits until the words stand on the screen.
    pub(crate) fn wait_for(&self, words: &str) {
        self.wait_until(words, |screen| screen.contents().contains(words));
    }

    /// Waits until all of the words stand on the screen: a frame may come in pieces.
    pub(crate) fn wait_for_all(&self, words: &[&str]) {
        self.wait_until(&words.join(" and "), |screen| {
            let text = screen.contents();
            words.iter().all(|w| text.contains(w))
        });
    }

    /// Waits until the words are gone from the screen.
    pub(crate) fn wait_until_gone(&self, words: &str) {
        self.wait_until(&format!("no {words}"), |screen| !screen.contents().contains(words));
    }

    /// Waits until the screen is as expected.
    pub(crate) fn wait_until(&self, what: &str, expected: impl Fn(&vt100::Screen) -> bool) {
        let given_up = Instant::now() + PATIENCE;
        let mut seen = self.picture.look();
        loop {
            let screen = seen.parser.screen();
            if expected(screen) {
                return;
            }
            let text = screen.contents();
            assert!(!seen.closed, "the program went before the screen showed {what:?}; it shows:\n{text}");
            let left = given_up.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "the screen never showed {what:?}; it shows:\n{text}");
            seen = self.picture.changed.wait_timeout(seen, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// How often something was drawn so far.
    pub(crate) fn drawn(&self) -> usize {
        self.picture.look().drawn
    }

    /// Waits until something is drawn after so much was.
    pub(crate) fn wait_until_drawn(&self, before: usize) {
        let given_up = Instant::now() + PATIENCE;
        let mut seen = self.picture.look();
        while seen.drawn == before {
            assert!(!seen.closed && Instant::now() < given_up, "nothing is drawn any more");
            seen = self.picture.changed.wait_timeout(seen, PATIENCE).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Whether the program listens to the mouse.
    pub(crate) fn listens_to_the_mouse(&self) -> bool {
        self.picture.look().parser.screen().mouse_protocol_mode() != vt100::MouseProtocolMode::None
    }

    /// The background of a cell.
    pub(crate) fn background(&self, row: u16, column: u16) -> vt100::Color {
        self.picture.look().parser.screen().cell(row, column).unwrap().bgcolor()
    }

    /// Waits until the program has gone, and checks that the terminal is as it was before it came.
    pub(crate) fn left_in_order(mut self) -> Departure {
        let given_up = Instant::now() + PATIENCE;
        let mut seen = self.picture.look();
        while !seen.closed {
            let left = given_up.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "the program stays; it shows:\n{}", seen.parser.screen().contents());
            seen = self.picture.changed.wait_timeout(seen, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        let screen = seen.parser.screen();
        let text = screen.contents();
        assert!(!screen.alternate_screen(), "the alternate screen was not left:\n{text}");
        assert!(!screen.hide_cursor(), "the cursor is still hidden:\n{text}");
        assert!(!screen.bracketed_paste(), "bracketed paste is still on:\n{text}");
        assert!(!screen.application_cursor() && !screen.application_keypad(), "the keys are not plain:\n{text}");
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None, "the mouse is still ours:\n{text}");
        assert_eq!(screen.fgcolor(), vt100::Color::Default, "colours are still on:\n{text}");
        assert_eq!(screen.bgcolor(), vt100::Color::Default, "colours are still on:\n{text}");
        assert!(!screen.bold() && !screen.inverse(), "attributes are still on:\n{text}");
        assert_eq!(format!("{:?}", self.master().get_termios()), self.discipline, "the line discipline has changed");
        let cursor = screen.cursor_position();
        drop(seen);
        Departure { status: self.child.wait().unwrap(), text, cursor }
    }
}

/// How the program went, and what it left on the screen.
pub(crate) struct Departure {
    pub(crate) status: ExitStatus,
    pub(crate) text: String,
    /// Row and column where the shell's next prompt would stand, from 0.
    pub(crate) cursor: (u16, u16),
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // A test that failed must not leave the program behind; one that passed has seen it go.
        if let Ok(None) = self.child.try_wait() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

impl Picture {
    fn look(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The keyboard, which the terminal itself also writes to when it is asked something.
struct Shared(Arc<Mutex<Box<dyn Write + Send>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).flush()
    }
}

/// The emulator has no word for a terminal without rows.
fn at_least_one(n: u16) -> NonZeroU16 {
    NonZeroU16::new(n).unwrap_or(NonZeroU16::MIN)
}
