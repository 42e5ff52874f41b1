//! A sample that cannot be used, and where in its file the reason stands.

/// What is wrong with a sample file, and where: `samples/x.toml:12:5: W_q, row 3 has 7 numbers, …`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {message}")]
pub struct SampleError {
    /// The file, as the caller names it.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What was found and what was expected.
    pub message: String,
}

/// An error that does not know its file yet: a byte offset and the words.
#[derive(Debug)]
pub(super) struct Fault {
    at: usize,
    message: String,
}

impl Fault {
    /// Something wrong at a byte offset.
    pub(super) fn new(at: usize, message: impl Into<String>) -> Self {
        Self { at, message: message.into() }
    }

    /// The same as a person looks for it: file, line and column.
    pub(super) fn locate(self, source: &str, file: &str) -> SampleError {
        let before = source.get(..self.at).unwrap_or(source);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        SampleError {
            file: file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            message: self.message,
        }
    }
}

/// Words from a file, fit to stand inside a message: on one line, without control characters, not long.
pub(super) fn excerpt(words: &str) -> String {
    const LONGEST: usize = 40;
    let mut short: String = words.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if words.chars().nth(LONGEST).is_some() {
        short.push_str("...");
    }
    short
}
