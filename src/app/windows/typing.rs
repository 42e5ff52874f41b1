//! Keys in a line that is being typed.

use tui_input::{Input, InputRequest};

use crate::app::keys::Key;

/// What a key does in a line: types a character, moves, deletes; none for one that belongs to the window.
pub(super) fn edit_line(key: Key) -> Option<InputRequest> {
    Some(match key {
        Key::Char(c) => InputRequest::InsertChar(c),
        Key::Backspace => InputRequest::DeletePrevChar,
        Key::Delete => InputRequest::DeleteNextChar,
        Key::Left => InputRequest::GoToPrevChar,
        Key::Right => InputRequest::GoToNextChar,
        Key::Home | Key::Ctrl('a') => InputRequest::GoToStart,
        Key::End | Key::Ctrl('e') => InputRequest::GoToEnd,
        Key::Ctrl('u') => InputRequest::DeleteLine,
        Key::Ctrl('w') => InputRequest::DeletePrevWord,
        _ => return None,
    })
}

/// Does it. A line takes so many bytes.
pub(in crate::app) fn type_into(input: &mut Input, key: Key, longest: usize) {
    let full = matches!(key, Key::Char(_)) && input.value().len() >= longest;
    if let Some(request) = edit_line(key).filter(|_| !full) {
        input.handle(request);
    }
}
