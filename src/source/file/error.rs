//! A file that cannot be used, and where in it the reason stands.

use crate::ground::exit::Exit;
use crate::ground::fault::Failure;
use crate::ground::lang::Text;
use crate::ground::text::visible;

/// What is wrong with a file, and where: `samples/x.toml:12:5: W_q, row 3 has 7 numbers, …`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words().en)]
pub struct FileError {
    /// The file, as the caller names it.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What was found and what was expected.
    pub message: Text,
}

impl Failure for FileError {
    fn words(&self) -> Text {
        let Self { file, line, column, message } = self;
        let file = visible(file);
        Text::owned(
            format!("{file}:{line}:{column}: {}", message.zh),
            format!("{file}:{line}:{column}: {}", message.en),
        )
    }

    fn exit(&self) -> Exit {
        Exit::Input
    }
}

/// What a file is refused for, while its name is not known: a byte offset and the words.
#[derive(Debug)]
pub(in crate::source) struct Refusal {
    at: usize,
    message: Text,
}

impl Refusal {
    /// Something wrong at a byte offset.
    pub(in crate::source) const fn new(at: usize, message: Text) -> Self {
        Self { at, message }
    }

    /// The same about a part of the file, the part named before it.
    pub(in crate::source) fn of(self, part: &Text) -> Self {
        Self { message: about(part, &self.message), ..self }
    }

    /// The same, standing elsewhere.
    pub(in crate::source) fn moved(self, to: impl Fn(usize) -> usize) -> Self {
        Self { at: to(self.at), ..self }
    }

    /// The same as a person looks for it: file, line and column.
    pub(in crate::source) fn locate(self, source: &str, file: &str) -> FileError {
        let before = source.get(..self.at).unwrap_or(source);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        FileError {
            file: file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            message: self.message,
        }
    }
}

/// The parser's own words where a file is no TOML.
pub(in crate::source) fn not_toml(error: &toml::de::Error) -> Refusal {
    let why = error.message().replace('\n', ", ");
    let words = Text::owned(format!("不是合格的 TOML：{why}"), format!("not TOML: {why}"));
    Refusal::new(error.span().map_or(0, |span| span.start), words)
}

/// Words about a part of a file, the part named before them.
pub(in crate::source) fn about(part: &Text, words: &Text) -> Text {
    Text::owned(format!("{}：{}", part.zh, words.zh), format!("{}: {}", part.en, words.en))
}

/// Words from a file, fit to stand inside a message: on one line, without control characters, not long.
pub(in crate::source) fn excerpt(words: &str) -> String {
    const LONGEST: usize = 40;
    let mut short: String = words.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if words.chars().nth(LONGEST).is_some() {
        short.push_str("...");
    }
    short
}
