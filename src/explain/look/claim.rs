//! What can be claimed of a row: a fact with the places and numbers that make it one.

use std::mem::{Discriminant, discriminant};

use crate::program::Address;

/// A column of a row and the number in it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Entry {
    /// The column, from 0.
    pub column: usize,
    /// The number.
    pub number: f32,
}

/// What is true of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    /// Every number is 0.
    Zero,
    /// These are all the numbers that are not 0, the largest magnitude first.
    Present(Vec<Entry>),
    /// No number has a larger magnitude than these, the largest first; there are more that are not 0.
    Largest(Vec<Entry>),
    /// Beside the columns that tell where the word stands, no number has a larger magnitude than these, the largest first.
    Meaning {
        /// The numbers.
        entries: Vec<Entry>,
        /// Whether they are all that are not 0 there.
        all: bool,
    },
    /// Every score is this.
    SameScore {
        /// The score.
        score: f32,
        /// Whether the query is 0.
        no_query: bool,
    },
    /// These columns, and no others, have the highest score.
    Best {
        /// All of them, rising.
        columns: Vec<usize>,
        /// The score.
        score: f32,
    },
    /// Every score of the row was divided by the program's divisor.
    Divided,
    /// The divisor is 1: the scores are as they were.
    Undivided,
    /// The mask lets this word look at so many of all.
    Open {
        /// How many it may look at.
        open: usize,
        /// How many there are.
        of: usize,
    },
    /// These columns, and no others, had the highest score, and the mask hides all of them.
    Hidden {
        /// All of them, rising.
        columns: Vec<usize>,
        /// The score.
        score: f32,
    },
    /// The mask leaves this column alone, whose weight is 1.
    Alone {
        /// The column.
        column: usize,
    },
    /// Every column that the mask leaves has the same weight.
    Even {
        /// All of them, rising.
        columns: Vec<usize>,
        /// The weight of each.
        share: f32,
        /// How many columns there are.
        of: usize,
        /// Whether that is because the query is 0; else the scores are the same.
        no_query: bool,
    },
    /// The largest weights, the largest first: at most five, each at least 0.2.
    Shares(Vec<Entry>),
    /// No weight reaches 0.2; this is the largest.
    Scattered(Entry),
    /// The numbers of these columns were set, not computed.
    ByHand(Vec<usize>),
    /// The weights add up to this instead of 1.
    Sum(f64),
    /// The context is the average of the values of these words.
    Average {
        /// All of them, rising.
        columns: Vec<usize>,
        /// How many words there are.
        of: usize,
    },
    /// These words, and no others, have the largest weight.
    Most {
        /// All of them, rising.
        columns: Vec<usize>,
        /// The weight.
        share: f32,
    },
    /// The number is the same as one of the context.
    Copied {
        /// The head, from 0.
        head: usize,
        /// The column there, from 0.
        column: usize,
    },
}

/// A fact about the row of a number.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// A number of the row.
    pub at: Address,
    /// What is true of it.
    pub fact: Fact,
}

impl Fact {
    /// The columns that it speaks of.
    pub fn columns(&self) -> Vec<usize> {
        match self {
            Self::Present(entries) | Self::Largest(entries) | Self::Shares(entries) | Self::Meaning { entries, .. } => {
                entries.iter().map(|entry| entry.column).collect()
            }
            Self::Best { columns, .. }
            | Self::Hidden { columns, .. }
            | Self::Even { columns, .. }
            | Self::Average { columns, .. }
            | Self::Most { columns, .. }
            | Self::ByHand(columns) => columns.clone(),
            Self::Alone { column } | Self::Copied { column, .. } => vec![*column],
            Self::Scattered(entry) => vec![entry.column],
            Self::Zero
            | Self::SameScore { .. }
            | Self::Divided
            | Self::Undivided
            | Self::Open { .. }
            | Self::Sum(_) => Vec::new(),
        }
    }

    /// What it says and of which columns, whatever the numbers: two rows with the same gist tell the same story.
    pub fn gist(&self) -> (Discriminant<Self>, Vec<usize>) {
        (discriminant(self), self.columns())
    }
}
