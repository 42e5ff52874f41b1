//! What a text says about the numbers of a run: `weights.2[2,3] + weights.2[2,4] > 0.9`.
//!
//! ```text
//! statement  = sum [ ("=" | "!=" | "<" | ">" | "<=" | ">=") sum ]
//! sum        = product { ("+" | "-") product }
//! product    = factor { ("*" | "/") factor }
//! factor     = number | "-" factor | "(" sum ")" | region | function "(" (sum | region | tensor) ")"
//! region     = address, in which head, row and column may be "*": `weights.2[2,*]`
//! ```
//!
//! It is read without a program; what it speaks of is looked up where it is evaluated. `=` holds as far as the digits of a number
//! written with a point go: 4.0 is 3.95 to 4.05; a whole number is exact.

mod evaluate;
mod parse;

pub use evaluate::Value;

use super::{Address, AddressError};
use crate::ground::exit::Exit;
use crate::ground::fault::Failure;
use crate::ground::lang::Text;
use crate::ground::text::visible;

/// An expression, and what it is said to be.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// What is spoken of.
    left: Expression,
    /// What it is compared with.
    claim: Option<(Relation, Expression)>,
}

/// How two numbers compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    Equal,
    Unequal,
    Less,
    Greater,
    AtMost,
    AtLeast,
}

/// A number worked out.
#[derive(Debug, Clone, PartialEq)]
enum Expression {
    /// A number as it is written, and the digits behind its point; none where it has no point.
    Number(f64, Option<usize>),
    /// A number of the run, by its address.
    At(String),
    /// A function of many numbers.
    Over(Over, String),
    /// A count of a tensor's rows or columns.
    Count(Count, String),
    /// A function of one number.
    Of(Function, Box<Self>),
    Negative(Box<Self>),
    Two(Box<Self>, Sign, Box<Self>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Plus,
    Minus,
    Times,
    Over,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Function {
    Exp,
    Ln,
    Sqrt,
    Abs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Over {
    Sum,
    Mean,
    Max,
    Min,
    Largest,
    Entropy,
    Norm,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Count {
    Rows,
    Columns,
}

/// A statement that cannot be read, or not be evaluated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words().en)]
pub enum StatementError {
    /// Something else was expected in the text, so many bytes behind its beginning.
    Form {
        /// Bytes from the beginning.
        at: usize,
        /// What was expected there.
        expected: Text,
    },
    /// A name that no function has.
    Function(String),
    /// An address that names no number.
    Address(AddressError),
    /// A tensor that is not there.
    Tensor(String),
    /// The largest of numbers of which two are largest.
    Tie(String),
    /// It does not hold.
    False {
        /// The statement as it stands.
        statement: String,
        /// What the left side is.
        found: String,
    },
}

impl From<AddressError> for StatementError {
    fn from(error: AddressError) -> Self {
        Self::Address(error)
    }
}

impl Failure for StatementError {
    fn words(&self) -> Text {
        match self {
            Self::Form { expected, .. } => {
                Text::owned(format!("这里应当是{}", expected.zh), format!("expected {} here", expected.en))
            }
            Self::Function(name) => {
                let (name, known) = (visible(name), parse::known().join(" "));
                Text::owned(
                    format!("没有函数「{name}」；有 {known}"),
                    format!("there is no function `{name}`; there are {known}"),
                )
            }
            Self::Address(error) => error.words(),
            Self::Tensor(name) => {
                let name = visible(name);
                Text::owned(format!("这里没有「{name}」"), format!("there is no `{name}` here"))
            }
            Self::Tie(region) => {
                let region = visible(region);
                Text::owned(
                    format!("{region} 里最大的不止一个，说不出是哪一个"),
                    format!("several numbers of {region} are the largest: it cannot be said which one is"),
                )
            }
            Self::False { statement, found } => {
                let statement = visible(statement);
                Text::owned(
                    format!("「{statement}」不成立：左边是 {found}"),
                    format!("`{statement}` does not hold: the left side is {found}"),
                )
            }
        }
    }

    fn exit(&self) -> Exit {
        Exit::Input
    }
}

impl Statement {
    /// Reads a statement.
    ///
    /// # Errors
    /// [`StatementError::Form`] with the place, or [`StatementError::Function`].
    pub fn parse(text: &str) -> Result<Self, StatementError> {
        parse::statement(text)
    }

    /// Whether it claims something.
    pub const fn claims(&self) -> bool {
        self.claim.is_some()
    }

    /// The address, where the left side is nothing but a number of the run.
    pub fn address(&self) -> Option<&str> {
        match &self.left {
            Expression::At(address) => Some(address),
            _ => None,
        }
    }

    /// The number as it is written, where the left side is nothing but that.
    pub const fn is_literal(&self) -> bool {
        matches!(self.left, Expression::Number(..))
    }
}

/// The cells of a region: an address with `*` for what runs.
///
/// # Errors
/// [`StatementError`] where there is nothing.
pub fn region(text: &str, program: &super::Program) -> Result<Vec<Address>, StatementError> {
    let (name, place) = text.split_once('[').unwrap_or((text, ""));
    let runs = |part: &str| part.trim() == "*";
    let (rows, columns) =
        place.trim_end_matches(|c| c != ']').trim_end_matches(']').split_once(',').unwrap_or_default();
    let (rows, columns, heads) = (runs(rows), runs(columns), name.ends_with(".*"));
    let first = Address::parse(&text.replace('*', "1"), program)?;
    let same = |c: crate::math::tensor::Cell| {
        let f = first.cell;
        c.batch == f.batch && (heads || c.head == f.head) && (rows || c.row == f.row) && (columns || c.col == f.col)
    };
    let cells = program.shape(first.slot).cells().filter(|&cell| same(cell));
    Ok(cells.map(|cell| Address { slot: first.slot, cell }).collect())
}
