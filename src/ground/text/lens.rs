//! How finely a sentence is cut: [`Lens`]; and what it is cut into: [`Sentence`].

use std::ops::Range;

use crate::ground::lang::Text;

/// How finely a sentence is cut into tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Lens {
    /// Words, from a dictionary where Chinese is written and by the rules of Unicode (UAX #29) elsewhere.
    #[default]
    Words,
    /// Characters as a person counts them: graphemes.
    Characters,
    /// The bytes of UTF-8: what a model without any vocabulary reads.
    Bytes,
}

impl Lens {
    /// Every lens, the coarsest first: the order in which a key cycles through them.
    pub const ALL: [Self; 3] = [Self::Words, Self::Characters, Self::Bytes];

    /// The lens after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::Words => Self::Characters,
            Self::Characters => Self::Bytes,
            Self::Bytes => Self::Words,
        }
    }

    /// The lenses that cut more coarsely, the coarsest first.
    pub fn coarser(self) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |&lens| lens < self)
    }

    /// The name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Words => "words",
            Self::Characters => "characters",
            Self::Bytes => "bytes",
        }
    }

    /// The name for a person.
    pub const fn label(self) -> Text {
        match self {
            Self::Words => Text::new("词", "words"),
            Self::Characters => Text::new("字", "characters"),
            Self::Bytes => Text::new("字节", "bytes"),
        }
    }
}

/// One token of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// How it is shown: itself; a byte as `E6`; what has no shape of its own, such as a lone combining mark,
    /// by its first code point, `U+0301`.
    pub text: String,
    /// Its bytes in [`Sentence::text`].
    pub range: Range<usize>,
}

/// A sentence, cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// The sentence without the boundaries set by hand, and without spaces around it.
    pub text: String,
    /// How it was cut.
    pub lens: Lens,
    /// The tokens, in order; at least one. Words and characters leave out the spaces between them, bytes do not.
    pub tokens: Vec<Token>,
}
