//! A line that is being typed.

use tui_input::{Input, InputRequest};

use crate::app::keys::Key;

/// A line being typed. What stood there before is selected at first: typing replaces it, moving keeps it.
#[derive(Debug, Clone, Default)]
pub struct TypedLine {
    input: Input,
    selected: bool,
}

impl TypedLine {
    /// A line with these words in it, all of them selected.
    pub(in crate::app) fn selected(words: impl Into<String>) -> Self {
        let input = Input::new(words.into());
        Self { selected: !input.value().is_empty(), input }
    }

    /// What stands in it.
    pub fn value(&self) -> &str {
        self.input.value()
    }

    /// Whether all of it is selected: the next character takes its place.
    pub const fn is_selected(&self) -> bool {
        self.selected
    }

    /// The column of the cursor.
    pub fn column(&self) -> usize {
        self.input.visual_cursor()
    }

    /// How many columns are out of sight at the left, where so many have room.
    pub fn scroll(&self, room: usize) -> usize {
        self.input.visual_scroll(room)
    }

    /// Puts other words in, with the cursor behind them.
    pub(in crate::app) fn replace(&mut self, words: impl Into<String>) {
        *self = Self { input: Input::new(words.into()), selected: false };
    }

    /// Takes a key; `false` for one that means nothing in a line. A line holds so many bytes.
    pub(in crate::app) fn take(&mut self, key: Key, longest: usize) -> bool {
        let Some(request) = request(key) else { return false };
        let writes = matches!(key, Key::Char(_) | Key::Backspace | Key::Delete | Key::Ctrl('w'));
        if std::mem::take(&mut self.selected) && writes {
            self.input.reset();
            if !matches!(key, Key::Char(_)) {
                return true;
            }
        }
        let full = matches!(key, Key::Char(_)) && self.value().len() >= longest;
        if !full {
            self.input.handle(request);
        }
        true
    }

    /// Puts text where the cursor is, or in the place of what is selected; `false` where that is more bytes than a line holds.
    pub(in crate::app) fn insert(&mut self, text: &str, longest: usize) -> bool {
        let (before, after) = if self.selected { ("", "") } else { self.around() };
        if before.len() + text.len() + after.len() > longest {
            return false;
        }
        let cursor = before.chars().count() + text.chars().count();
        *self = Self { input: Input::new(format!("{before}{text}{after}")).with_cursor(cursor), selected: false };
        true
    }

    /// What stands before and behind the cursor.
    pub(in crate::app) fn around(&self) -> (&str, &str) {
        let at: usize = self.value().chars().take(self.input.cursor()).map(char::len_utf8).sum();
        self.value().split_at(at)
    }
}

/// What a key does in a line: types a character, moves, deletes; none for one that belongs to the window.
fn request(key: Key) -> Option<InputRequest> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use Key::{Backspace, Char, Ctrl, Delete, End, Home, Left, Right};

    /// What stands in a line after keys, and whether it is still selected.
    fn after(words: &str, keys: &[Key]) -> (String, bool) {
        let mut line = TypedLine::selected(words);
        for key in keys {
            assert!(line.take(*key, 100));
        }
        (line.value().to_owned(), line.is_selected())
    }

    #[test]
    fn the_first_character_replaces_what_stood_there_and_a_move_keeps_it() {
        assert_eq!(after("1.00", &[]), ("1.00".into(), true));
        assert_eq!(after("1.00", &[Char('3')]), ("3".into(), false));
        assert_eq!(after("1.00", &[Char('3'), Char('0')]), ("30".into(), false));
        for key in [Backspace, Delete, Ctrl('u'), Ctrl('w')] {
            assert_eq!(after("1 2", &[key]), (String::new(), false), "{key:?}");
        }
        for (key, then) in [(Right, "1.003"), (End, "1.003"), (Left, "1.030"), (Home, "31.00"), (Ctrl('a'), "31.00")] {
            assert_eq!(after("1.00", &[key, Char('3')]), (then.into(), false), "{key:?}");
        }
        assert_eq!(after("", &[]), (String::new(), false), "nothing is selected in an empty line");
    }

    #[test]
    fn what_is_pasted_replaces_what_is_selected_and_a_line_has_a_bound() {
        let mut line = TypedLine::selected("我爱北京");
        assert!(line.insert("天安门", 12));
        assert_eq!((line.value(), line.column()), ("天安门", 6));
        assert!(line.take(Left, 12) && line.insert("x", 12) && line.take(Char('y'), 12));
        assert_eq!(line.value(), "天安xy门");
        assert!(!line.insert("zz", 12), "no room");
        assert!(line.take(Char('z'), 11), "heard, and left out");
        assert_eq!((line.value(), line.around()), ("天安xy门", ("天安xy", "门")));
    }
}
