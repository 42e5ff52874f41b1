//! What a window says, as lines of meaning. A screen lays them out in cells; plain text or a page can be made from the same.

use crate::explain::Piece;
use crate::ground::lang::Text;
use crate::program::Address;

/// How words are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// Plainly.
    #[default]
    Plain,
    /// What counts most.
    Strong,
    /// What steps back.
    Dim,
    /// A key, or what goes on at the moment.
    Key,
    /// Good news.
    Good,
    /// Bad news.
    Bad,
}

/// One line of meaning.
#[derive(Debug, Clone, PartialEq)]
pub enum Line {
    /// What the lines below are about.
    Heading(Text),
    /// A sentence or a paragraph.
    Say(Tone, Text),
    /// Words and numbers, coloured by what they mean.
    Pieces(Vec<Piece>),
    /// The names of the columns of the rows below.
    Columns(Vec<Text>),
    /// One row of a table.
    Row(Row),
}

impl Line {
    /// A plain sentence.
    pub const fn say(text: Text) -> Self {
        Self::Say(Tone::Plain, text)
    }
}

/// One row of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// What it is about.
    pub name: Text,
    /// Whether it is the chosen one.
    pub chosen: bool,
    /// What stands in its columns.
    pub entries: Vec<Entry>,
}

/// What stands in a column of a row.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The words, or the number as it is written.
    pub words: Text,
    /// Whose number it is, and the number itself, where it is one of the trace.
    pub of: Option<(Address, f64)>,
}

impl Entry {
    /// Words.
    pub const fn words(words: Text) -> Self {
        Self { words, of: None }
    }
}
