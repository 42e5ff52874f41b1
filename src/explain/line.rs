//! A line put together piece by piece: words, and numbers in the colour of what they mean.

use crate::ground::lang::Lang;
use crate::ground::number::Format;
use crate::program::Role;

/// A piece of a line, coloured by what its number means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The words.
    pub text: String,
    /// The meaning of the number, where it is one.
    pub role: Option<Role>,
}

/// How a number is coloured and written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    /// What it means.
    pub(crate) role: Role,
    /// Its digits: those of the picture that it is in.
    pub(crate) format: Format,
}

impl Style {
    /// The same meaning in two digits: for what is in no picture.
    pub(crate) const fn in_two(self) -> Self {
        Self { format: Format::TWO, ..self }
    }
}

/// The line so far.
#[derive(Default)]
pub(crate) struct Line {
    /// Its pieces, left to right.
    pub(crate) pieces: Vec<Piece>,
    /// Whether a number in it was rounded: `≈` from there on.
    pub(crate) rounded: bool,
}

impl Line {
    pub(crate) fn say(&mut self, text: impl Into<String>) -> &mut Self {
        self.pieces.push(Piece { text: text.into(), role: None });
        self
    }

    pub(crate) fn coloured(&mut self, text: impl Into<String>, role: Role) -> &mut Self {
        self.pieces.push(Piece { text: text.into(), role: Some(role) });
        self
    }

    /// A number, in brackets where it is negative.
    pub(crate) fn number(&mut self, x: f64, style: Style) -> &mut Self {
        self.rounded |= !style.format.says_exactly(x);
        let text = style.format.say(x);
        self.coloured(if x < 0.0 { format!("({text})") } else { text }, style.role)
    }

    /// `(0.03, 0.85)`
    pub(crate) fn vector(&mut self, numbers: impl Iterator<Item = f64>, style: Style) -> &mut Self {
        let numbers: Vec<f64> = numbers.collect();
        self.rounded |= !numbers.iter().all(|&x| style.format.says_exactly(x));
        let words: Vec<String> = numbers.into_iter().map(|x| style.format.say(x)).collect();
        self.coloured(format!("({})", words.join(", ")), style.role)
    }

    /// `=` while everything shown so far was exact, `≈` once something was rounded.
    pub(crate) fn equals(&mut self, result: f64, style: Style) -> &mut Self {
        self.rounded |= !style.format.says_exactly(result);
        let sign = if self.rounded { " ≈ " } else { " = " };
        self.say(sign).coloured(style.format.say(result), style.role)
    }

    /// `   term 17 of 64 (动作)`
    pub(crate) fn nth(&mut self, lang: Lang, what: (&str, &str), (n, of): (usize, usize), name: &str) -> &mut Self {
        let (zh, en) = what;
        self.say(match lang {
            Lang::Zh => format!("   第 {n}/{of} {zh}（{name}）"),
            Lang::En => format!("   {en} {n} of {of} ({name})"),
        })
    }
}
