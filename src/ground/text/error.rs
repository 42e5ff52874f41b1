//! A sentence that cannot be cut.

use super::{LETTERS, Lens, TOKENS, WORD_LETTERS};
use crate::ground::exit::Exit;
use crate::ground::fault::Failure;
use crate::ground::lang::Text;

/// Why a sentence cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words().en)]
pub enum TextError {
    /// Nothing, or nothing but spaces and boundaries.
    Empty,
    /// More than [`LETTERS`] characters.
    TooLong {
        /// How many there are.
        found: usize,
    },
    /// A character that would disturb a terminal.
    Control {
        /// Which.
        found: char,
        /// The how manieth of the sentence as typed, from 1.
        at: usize,
    },
    /// A single word of more than [`WORD_LETTERS`] characters.
    LongWord {
        /// How many there are.
        found: usize,
    },
    /// More than [`TOKENS`] tokens.
    TooManyTokens {
        /// How many there are.
        found: usize,
        /// How the sentence was cut.
        lens: Lens,
    },
}

impl Failure for TextError {
    fn words(&self) -> Text {
        match self {
            Self::Empty => Text::new("句子是空的，请至少写一个词", "the sentence is empty, expected at least one word"),
            Self::TooLong { found } => Text::owned(
                format!("句子有 {found} 个字符，最多 {LETTERS} 个"),
                format!("the sentence has {found} characters, the most is {LETTERS}"),
            ),
            Self::Control { found, at } => {
                let code = u32::from(*found);
                Text::owned(
                    format!("第 {at} 个字符是控制字符 U+{code:04X}，请把它删去"),
                    format!("character {at} is the control character U+{code:04X}, which a sentence cannot hold"),
                )
            }
            Self::LongWord { found } => Text::owned(
                format!("有一个词长达 {found} 个字符，最多 {WORD_LETTERS} 个"),
                format!("one word has {found} characters, the most is {WORD_LETTERS}"),
            ),
            Self::TooManyTokens { found, lens } => {
                let label = lens.label();
                Text::owned(
                    format!("按「{}」切分，句子有 {found} 段，最多 {TOKENS} 段", label.zh),
                    format!("the sentence has {found} {}, the most is {TOKENS}", label.en),
                )
            }
        }
    }

    fn exit(&self) -> Exit {
        Exit::Input
    }
}
