//! What a window says, as lines of meaning. A screen lays them out in cells; plain text or a page can be made from the same.

use crate::app::Model;
use crate::explain::Piece;
use crate::ground::lang::Text;
use crate::ground::text;
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
    /// What stands above and below are two things.
    Gap,
    /// What the lines below are about.
    Heading(Text),
    /// A sentence or a paragraph.
    Say(Tone, Text),
    /// Words that stand on one line, such as a variable and its value: cut where there is no room, never wrapped.
    Exact(Tone, Text),
    /// How far something has come.
    Bar {
        /// How it is meant.
        tone: Tone,
        /// What it is.
        name: String,
        /// So many of so many.
        share: (usize, usize),
        /// Where it stands, in words.
        words: Text,
    },
    /// A small map of signs.
    Marks(Marks),
    /// What stands since the last heading takes at least so many lines, so that what follows keeps its place.
    Room(usize),
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

/// A small map: a sign for each thing, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marks {
    /// How it is meant.
    pub tone: Tone,
    /// The signs.
    pub rows: Vec<String>,
    /// The column that stays in sight where not all have room.
    pub focus: usize,
    /// What the signs are. A map with a legend is shown whole or not at all.
    pub legend: Option<Text>,
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

/// Lines that a key reads on.
const STEP: isize = 3;

/// The first line that is shown of words that fill a window, after reading on or back from line `from`.
pub(super) fn read<'a>(model: &Model, from: usize, by: isize, words: impl Iterator<Item = &'a Text>) -> usize {
    let width = usize::from(model.size.0.saturating_sub(4));
    let lines: usize = words.map(|words| text::wrap(model.say(words), width).len()).sum();
    from.saturating_add_signed(STEP * by).min(lines.saturating_sub(1))
}
