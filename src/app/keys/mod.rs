//! Keys as data: tables of rows, one table a context (the walk, each window, what is common to all).
//!
//! A row says which keys, which command they give (`race.again`), what that does, and how it is put in words. Footer, the key
//! lines of windows, `?`, docs/KEYS.md, the typed line and the dispatch all read the same rows.

mod common;
mod docs;
mod group;
mod here;
mod line;
mod meanings;
pub(super) mod walk;

pub use common::{COMMON, CommonDeed, IN_WINDOWS};
pub use docs::markdown;
pub use group::Group;
pub use here::here;
pub use line::line;
use meanings::{MEANINGS, Meaning};
pub use walk::{Deed, WALK, walk_commands};

use super::windows::CONTEXTS;
use crate::ground::lang::Text;
use crate::ground::text;

/// A key as a person names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "named as on the keyboard")]
pub enum Key {
    Char(char),
    Ctrl(char),
    Up,
    Down,
    Left,
    Right,
    PageUp,
    PageDown,
    Home,
    End,
    Enter,
    Esc,
    Tab,
    BackTab,
    Backspace,
    Delete,
    F5,
}

/// The key that always quits, whatever is open.
pub const ALWAYS_QUIT: Key = Key::Ctrl('c');

/// Draws everything anew. The terminal's own business: the runtime hears it, and no table has it.
pub const REPAINT: Key = Key::Ctrl('l');

/// Stops the program until the shell lets it go on; the runtime's, too.
pub const STOP: Key = Key::Ctrl('z');

/// The digits, where one row stands for all of them.
pub(super) const DIGITS: &[Key] = &[
    Key::Char('1'),
    Key::Char('2'),
    Key::Char('3'),
    Key::Char('4'),
    Key::Char('5'),
    Key::Char('6'),
    Key::Char('7'),
    Key::Char('8'),
    Key::Char('9'),
];

impl Key {
    /// The name on a key cap.
    pub fn name(self) -> String {
        match self {
            Self::Char(' ') => "Space".into(),
            Self::Char(c) => c.to_string(),
            Self::Ctrl(c) => format!("Ctrl-{}", c.to_ascii_uppercase()),
            Self::Up => "Up".into(),
            Self::Down => "Down".into(),
            Self::Left => "Left".into(),
            Self::Right => "Right".into(),
            Self::PageUp => "PgUp".into(),
            Self::PageDown => "PgDn".into(),
            Self::Home => "Home".into(),
            Self::End => "End".into(),
            Self::Enter => "Enter".into(),
            Self::Esc => "Esc".into(),
            Self::Tab => "Tab".into(),
            Self::BackTab => "Shift-Tab".into(),
            Self::Backspace => "Backspace".into(),
            Self::Delete => "Del".into(),
            Self::F5 => "F5".into(),
        }
    }

    /// The key of that name, as [`Key::name`] writes it, in small letters or in capitals.
    pub fn named(name: &str) -> Option<Self> {
        let special = [
            (Self::Char(' '), ""),
            (Self::Up, ""),
            (Self::Down, ""),
            (Self::Left, ""),
            (Self::Right, ""),
            (Self::PageUp, "PageUp"),
            (Self::PageDown, "PageDown"),
            (Self::Home, ""),
            (Self::End, ""),
            (Self::Enter, "Return"),
            (Self::Esc, "Escape"),
            (Self::Tab, ""),
            (Self::BackTab, "BackTab"),
            (Self::Backspace, ""),
            (Self::Delete, "Delete"),
            (Self::F5, ""),
        ];
        let mut letters = name.chars();
        if let (Some(c), None) = (letters.next(), letters.next()) {
            return Some(Self::Char(c));
        }
        let is = |own: &str| own.eq_ignore_ascii_case(name);
        if let Some((key, _)) = special.into_iter().find(|(key, other)| is(&key.name()) || is(other)) {
            return Some(key);
        }
        let (control, letter) = name.split_once('-')?;
        let mut letters = letter.chars();
        match (control.eq_ignore_ascii_case("ctrl"), letters.next(), letters.next()) {
            (true, Some(c), None) => Some(Self::Ctrl(c.to_ascii_lowercase())),
            _ => None,
        }
    }

    /// The key as the tables know it: what a Chinese input method writes where ASCII is meant, `？` and `：`, is that key.
    #[must_use]
    pub fn plain(self) -> Self {
        if let Self::Char(c) = self { Self::Char(text::half_width(c)) } else { self }
    }

    /// The digit, of a digit from 1 to 9.
    pub(crate) fn digit(self) -> Option<usize> {
        let Self::Char(c) = self else { return None };
        c.to_digit(10).filter(|digit| *digit > 0).map(|digit| digit as usize)
    }

    /// The arrow that a key cap of the cursor block bears.
    pub(crate) const fn arrow(self) -> Option<char> {
        match self {
            Self::Up => Some('↑'),
            Self::Down => Some('↓'),
            Self::Left => Some('←'),
            Self::Right => Some('→'),
            _ => None,
        }
    }
}

/// When a row applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum When {
    /// Always.
    Always,
    /// Where there are several heads.
    ManyHeads,
    /// The program has several layers.
    ManyLayers,
    /// There are several sections: layers, or a way back.
    ManySections,
    /// Where there are several sentences.
    ManySentences,
    /// Where a page shows more than one tensor to move in.
    ManyTensors,
    /// Where a sentence of one's own can be typed.
    OwnSentence,
    /// Where heads add to an output.
    Output,
    /// While a stage is walked in small steps, and wherever there is room to say it.
    SmallSteps,
}

/// What a row says, whatever its deed is.
#[derive(Debug, Clone)]
pub struct Command {
    /// The keys; the first is the one that a line of keys shows.
    pub keys: &'static [Key],
    /// Its name: the context, a dot, a word.
    pub name: &'static str,
    /// Among what the help lists it; none for a command that is listed with its window alone.
    pub group: Option<Group>,
    /// When it applies.
    pub when: When,
    /// A word or two for a line of keys, or none to stay out of it. Neighbours of the same words are shown as one.
    pub short: Option<Text>,
    /// A sentence for the help.
    pub help: Text,
}

/// One row of a table: a command, and the deed that it stands for.
#[derive(Debug, Clone)]
pub struct Row<D> {
    /// Keys, name and words.
    pub command: Command,
    /// What is done.
    pub deed: D,
}

/// One row that always applies; the words are 中文 and English.
pub(super) const fn row<D: Copy>(
    keys: &'static [Key],
    name: &'static str,
    deed: D,
    short: Option<Text>,
    zh: &'static str,
    en: &'static str,
) -> Row<D> {
    when(When::Always, keys, name, deed, short, (zh, en))
}

/// One row that applies at times.
pub(super) const fn when<D: Copy>(
    when: When,
    keys: &'static [Key],
    name: &'static str,
    deed: D,
    short: Option<Text>,
    help: (&'static str, &'static str),
) -> Row<D> {
    Row { command: Command { keys, name, group: None, when, short, help: Text::new(help.0, help.1) }, deed }
}

impl<D: Copy> Row<D> {
    /// The same row, listed in a group of the help.
    const fn among(mut self, group: Group) -> Self {
        self.command.group = Some(group);
        self
    }
}

/// The words of a row for a line of keys.
#[expect(clippy::unnecessary_wraps, reason = "the other rows say None")]
pub(super) const fn short(zh: &'static str, en: &'static str) -> Option<Text> {
    Some(Text::new(zh, en))
}

/// The row of a table that a key stands in.
pub(super) fn by_key<D: Copy>(table: &'static [Row<D>], key: Key) -> Option<D> {
    table.iter().find(|row| row.command.keys.contains(&key)).map(|row| row.deed)
}

/// The row of a table with a name.
pub(super) fn by_name<D: Copy>(table: &'static [Row<D>], name: &str) -> Option<D> {
    table.iter().find(|row| row.command.name == name).map(|row| row.deed)
}

/// The key of the walk that opens a window. It stands in the window's own file, so that the walk knows of none.
#[derive(Debug)]
pub struct Opener {
    /// Keys, name and words.
    pub command: Command,
    /// The row of the walk's table after which it is listed.
    pub after: &'static str,
    /// Opens it.
    pub(super) open: fn(&mut super::Model) -> Vec<super::Effect>,
}

/// A context: who takes keys, how it is called, and its rows.
#[derive(Debug)]
pub struct Context {
    /// The first half of its commands' names.
    pub name: &'static str,
    /// What a person calls it.
    pub title: Text,
    /// Its rows.
    pub commands: fn() -> Vec<&'static Command>,
    /// The key of the walk that opens it; none where something else does.
    pub opener: Option<&'static Opener>,
    /// Whether it stands beside or under the picture, and not over it.
    pub docks: bool,
}

/// The names of the commands that apply in a context; none is the walk.
pub(super) fn named_here(context: Option<&'static Context>) -> Vec<&'static str> {
    let own = match context {
        Some(context) => {
            (context.commands)().into_iter().chain(commands_of(COMMON)).chain(commands_of(IN_WINDOWS)).collect()
        }
        None => walk_commands(),
    };
    own.into_iter().map(|command| command.name).collect()
}

/// The rows of a table without their deeds.
pub(super) fn commands_of<D>(table: &'static [Row<D>]) -> Vec<&'static Command> {
    table.iter().map(|row| &row.command).collect()
}

/// A context as it is listed.
#[derive(Debug)]
pub struct Listed {
    /// Its name.
    pub name: &'static str,
    /// What a person calls it.
    pub title: &'static Text,
    /// Its rows.
    pub commands: Vec<&'static Command>,
}

/// Every context: the walk, each window in the order of their registry, what all have in common.
pub fn contexts() -> Vec<Listed> {
    let window = |context: &'static Context| Listed {
        name: context.name,
        title: &context.title,
        commands: (context.commands)(),
    };
    let openers = walk::openers().map(|opener| &opener.command);
    let walk =
        Listed { name: "walk", title: &walk::TITLE, commands: commands_of(WALK).into_iter().chain(openers).collect() };
    let lesson = Listed { name: "lesson", title: &super::lesson::TITLE, commands: super::lesson::commands() };
    let presenting = &super::presenting::TITLE;
    let presenting = Listed { name: "present", title: presenting, commands: super::presenting::commands() };
    let common = Listed { name: "common", title: &common::TITLE, commands: common::commands() };
    std::iter::once(walk).chain(CONTEXTS.iter().map(window)).chain([lesson, presenting, common]).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_key_does_two_things_in_a_context() {
        for Listed { name, commands, .. } in contexts() {
            let mut seen = HashSet::new();
            for key in commands.iter().flat_map(|command| command.keys) {
                assert!(seen.insert(*key), "{name}: {} is bound twice", key.name());
            }
        }
    }

    #[test]
    fn every_command_has_a_name_of_its_own_and_words() {
        let mut seen = HashSet::new();
        for Listed { name: context, commands, .. } in contexts() {
            for Command { name, help, .. } in commands {
                assert!(seen.insert(*name), "{name} stands twice");
                assert!(name.contains('.') && !help.zh.is_empty() && !help.en.is_empty(), "{context}: {name}");
            }
        }
    }
}
