//! The keyboard and the system's signals, as events.

use std::sync::mpsc::Sender;
use std::thread;

use anyhow::Result;
use crossterm::event::{self, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::Event;
use crate::app::{Key, Message};

/// Listens to the keyboard on a thread of its own until the loop is gone.
///
/// # Errors
/// When the system gives no thread.
pub(super) fn keyboard(sender: Sender<Event>) -> Result<()> {
    thread::Builder::new().name("keyboard".into()).spawn(move || {
        let mut late = LateAnswers::default();
        while let Ok(event) = event::read() {
            if !late.swallow(&event)
                && let Some(message) = message(event)
                && sender.send(Event::Message(message)).is_err()
            {
                return;
            }
        }
        // The terminal is gone: nobody can press a key any more.
        let _ = sender.send(Event::Terminate);
    })?;
    Ok(())
}

/// How many answers a terminal owes us at most: the colour of its letters and that of its ground.
const ANSWERS: usize = 2;

/// What the terminal answers when asked for its colours (`ESC ] 11 ; rgb:ffff/ffff/ffff ESC \`), where that comes after
/// nobody waits for it any more, as over a slow line. It then reads like keys, the colon among them.
#[derive(Default)]
struct LateAnswers {
    inside: bool,
    heard: usize,
}

impl LateAnswers {
    /// Whether the event is part of such an answer.
    fn swallow(&mut self, event: &event::Event) -> bool {
        let event::Event::Key(KeyEvent { code: KeyCode::Char(c), modifiers, .. }) = event else { return false };
        let (alt, control) = (modifiers.contains(KeyModifiers::ALT), modifiers.contains(KeyModifiers::CONTROL));
        if !self.inside {
            self.inside = alt && *c == ']' && self.heard < ANSWERS;
            self.heard += usize::from(self.inside);
            return self.inside;
        }
        let colour = !alt && !control && (c.is_ascii_hexdigit() || ";:/rg".contains(*c));
        let end = alt && *c == '\\' || control && *c == 'g';
        self.inside = colour;
        colour || end
    }
}

/// SIGTERM, SIGHUP and SIGINT end the loop, so that the terminal is put back in order.
///
/// # Errors
/// When the system will not let us hear its signals.
#[cfg(unix)]
pub(super) fn signals(sender: Sender<Event>) -> Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    let mut signals = Signals::new([SIGTERM, SIGHUP, SIGINT])?;
    thread::Builder::new().name("signals".into()).spawn(move || {
        if signals.forever().next().is_some() {
            let _ = sender.send(Event::Terminate);
        }
    })?;
    Ok(())
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "as on the systems that have signals")]
pub(super) fn signals(_sender: Sender<Event>) -> Result<()> {
    Ok(())
}

fn message(event: event::Event) -> Option<Message> {
    match event {
        event::Event::Key(key) if key.kind != KeyEventKind::Release => self::key(key).map(Message::Key),
        event::Event::Paste(text) => Some(Message::Paste(text)),
        event::Event::Resize(columns, rows) => Some(Message::Resize(columns, rows)),
        _ => None,
    }
}

/// The key as the table knows it. Shift is part of the character.
fn key(event: KeyEvent) -> Option<Key> {
    let control = event.modifiers.contains(KeyModifiers::CONTROL);
    if event.modifiers.contains(KeyModifiers::ALT) {
        return None;
    }
    Some(match event.code {
        KeyCode::Char(c) if control => Key::Ctrl(c.to_ascii_lowercase()),
        KeyCode::Char(c) => Key::Char(c),
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Esc,
        KeyCode::Tab => Key::Tab,
        KeyCode::BackTab => Key::BackTab,
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Delete => Key::Delete,
        _ => return None,
    })
}
