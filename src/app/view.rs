//! Where the walk is: the page, the cursor, and what the picture shows there.

use super::reading::Reading;
use crate::math::tensor::Cell;
use crate::program::Address;
use crate::source::sample::Place;

/// One stop of the walk: the words themselves, or a stage of the program; before them what it is about, behind them what it
/// came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Page {
    /// The sentence and a question.
    Beginning,
    /// Words and their vectors.
    Words,
    /// The stage at this position.
    Stage(usize),
    /// What came in, what went out, and where to go on.
    End,
}

impl Page {
    /// Whether it shows the tensors that [`super::Model::tensors`] says, each number in its cell.
    pub const fn shows_tensors(self) -> bool {
        matches!(self, Self::Words | Self::Stage(_))
    }
}

/// Where the walk is, and what its picture shows there.
#[derive(Debug, Clone)]
pub struct View {
    /// The page.
    pub page: Page,
    /// The section of the program that is walked, from 0: of one without layers there is one.
    pub section: usize,
    /// Whether what stands around the attention of a layer is walked too.
    pub unfolded: bool,
    /// Which of the page's tensors the cursor is in.
    pub focus: usize,
    /// The cursor: sentence, head, row and column.
    pub cursor: Cell,
    /// Where the cursor stood in the stage's result, while it is in one of the given tensors beside it.
    pub(super) anchor: Cell,
    /// The cursor has not been placed yet: the first result places it where there is something to see.
    pub(super) fresh: bool,
    /// Whether the person has moved the cursor: until then it goes where there is something to see.
    pub(super) steered: bool,
    /// What the picture shows.
    pub reading: Reading,
    /// The number whose influence is followed.
    pub(super) followed: Option<Place>,
    /// The numbers that are covered, while a question about them is open.
    pub(super) covered: Vec<Address>,
}

impl View {
    /// The first page, before anybody has moved.
    pub(super) fn beginning() -> Self {
        Self {
            page: Page::Beginning,
            section: 0,
            unfolded: false,
            focus: 0,
            cursor: Cell::default(),
            anchor: Cell::default(),
            fresh: true,
            steered: false,
            reading: Reading::Now,
            followed: None,
            covered: Vec::new(),
        }
    }

    /// Whether a number is covered: it is what a question asks for.
    pub fn covers(&self, at: Address) -> bool {
        self.covered.contains(&at)
    }

    /// Whether some number of its row is covered: then nothing is told of the row.
    pub fn covers_in_row(&self, at: Address) -> bool {
        let row = |at: Address| Address { cell: Cell { col: 0, ..at.cell }, ..at };
        self.covered.iter().any(|&covered| row(covered) == row(at))
    }

    /// Whether any number is covered: a question is about to be asked, or being asked.
    pub fn covers_something(&self) -> bool {
        !self.covered.is_empty()
    }
}
