//! The keyboard where the system itself tells events: Windows.

use std::sync::mpsc::Sender;

use crossterm::event::{self, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEventKind};

use super::Event;
use super::error::Result;
use super::input::{pressed, spawn};
use super::pointer::{Act, Pointer};
use crate::app::{Key, Message};

/// Listens to the keyboard on a thread of its own until the loop is gone.
///
/// # Errors
/// When the system gives no thread.
pub(super) fn keyboard(events: &Sender<Event>) -> Result<()> {
    let sender = events.clone();
    spawn("keyboard", events, move || {
        let mut late = LateAnswers::default();
        while let Ok(event) = event::read() {
            if !late.swallow(&event)
                && let Some(event) = heard(event)
                && sender.send(event).is_err()
            {
                return;
            }
        }
        // The terminal is gone: nobody can press a key any more.
        let _ = sender.send(Event::Terminate);
    })
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

fn heard(event: event::Event) -> Option<Event> {
    Some(match event {
        event::Event::Key(key) if key.kind != KeyEventKind::Release => pressed(self::key(key)?)?,
        event::Event::Paste(text) => Event::Message(Message::Paste(text)),
        event::Event::Mouse(mouse) => {
            let act = match mouse.kind {
                MouseEventKind::Down(MouseButton::Left) => Act::Press,
                MouseEventKind::ScrollUp => Act::Wheel(-1),
                MouseEventKind::ScrollDown => Act::Wheel(1),
                _ => return None,
            };
            Event::Pointer(Pointer { act, place: (mouse.column, mouse.row) })
        }
        event::Event::Resize(columns, rows) => Event::Message(Message::Resize(columns, rows)),
        _ => return None,
    })
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
        KeyCode::F(5) => Key::F5,
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
