//! Where a number lives: [`Address`].
//!
//! `Q.2[3,1]` is head 2, row 3, column 1 of Q; `H[3,1]` has no head; `Q.2[3,1]@5` is the fifth
//! sentence of a batch; `layer3.weights.7[5,2]` stands in the third of several layers. Everything that a person reads or types counts from 1, as the papers do.

use super::symbol::{Layer, Name};
use super::{Program, Slot};
use crate::ground::exit::Exit;
use crate::ground::fault::Failure;
use crate::ground::lang::Text;
use crate::ground::text::visible;
use crate::math::tensor::Cell;

/// Where a number lives in a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Address {
    /// Which tensor.
    pub slot: Slot,
    /// Which of its cells.
    pub cell: Cell,
}

/// An address that names no number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words().en)]
pub enum AddressError {
    /// Not of the form `name.head[row,column]`.
    Form(String),
    /// A tensor the program does not have.
    Tensor {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// Of several heads or sentences it is not said which.
    Which {
        /// What was asked for.
        address: String,
        /// What there are several of.
        what: Text,
        /// How many.
        len: usize,
        /// The first that could have been meant.
        first: String,
    },
    /// A head, row, column or sentence that is not there.
    Outside {
        /// What was asked for.
        address: String,
        /// Which part of it.
        what: Text,
        /// How far it may go.
        len: usize,
    },
}

impl Failure for AddressError {
    fn words(&self) -> Text {
        match self {
            Self::Form(found) => {
                let found = visible(found);
                Text::owned(
                    format!("「{found}」不是地址；写张量、头（有头时）和从 1 数的行、列：weights.2[1,3]"),
                    format!(
                        "`{found}` is not an address; write a tensor, a head where it has heads, and row and column from 1: weights.2[1,3]"
                    ),
                )
            }
            Self::Tensor { name, known } => {
                let name = visible(name);
                Text::owned(
                    format!("这里没有「{name}」；有 {known}"),
                    format!("there is no `{name}` here; there are {known}"),
                )
            }
            Self::Which { address, what, len, first } => {
                let address = visible(address);
                Text::owned(
                    format!("{address} 有 {len} 个{}，要写明是哪一个，例如 {first}", what.zh),
                    format!("{address} could be in any of {len} {}; say in which, such as {first}", what.en),
                )
            }
            Self::Outside { address, what, len } => {
                let address = visible(address);
                Text::owned(
                    format!("{address} 在外面：{}从 1 到 {len}", what.zh),
                    format!("{address} lies outside: {} goes from 1 to {len}", what.en),
                )
            }
        }
    }

    fn exit(&self) -> Exit {
        Exit::Input
    }
}

impl Address {
    /// Reads `weights.2[1,3]` or `layer3.weights.2[1,3]` against a program. Head and sentence may be left out where there is
    /// only one.
    ///
    /// # Errors
    /// [`AddressError`] says what was expected.
    pub fn parse(text: &str, program: &Program) -> Result<Self, AddressError> {
        let form = || AddressError::Form(text.to_owned());
        let number = |s: &str| s.trim().parse::<usize>().map_err(|_| form());
        let (place, sentence) = match text.trim().split_once('@') {
            Some((place, n)) => (place, Some(number(n)?)),
            None => (text.trim(), None),
        };
        let (name, rest) = place.split_once('[').ok_or_else(form)?;
        let (row, col) = rest.strip_suffix(']').and_then(|r| r.split_once(',')).ok_or_else(form)?;
        let (layer, name) = match name.split_once('.').map(|(first, rest)| (Layer::parse(first), rest)) {
            Some((Some(layer), rest)) => (Some(layer), rest),
            _ => (None, name),
        };
        let (name, head) = match name.split_once('.') {
            Some((name, head)) => (name, Some(number(head)?)),
            None => (name, None),
        };
        let slot = Name::parse(name).and_then(|name| program.find(layer, name));
        let slot = slot.ok_or_else(|| AddressError::Tensor {
            name: layer.map_or_else(|| name.to_owned(), |layer| format!("{layer}.{name}")),
            known: known(program, layer),
        })?;
        let [b, h, r, c] = program.shape(slot).lens();
        let within = |what, n: usize, len| match n.checked_sub(1) {
            Some(i) if i < len => Ok(i),
            _ => Err(AddressError::Outside { address: text.to_owned(), what, len }),
        };
        let cell = Cell {
            batch: within(Text::new("句子", "the sentence"), sentence.unwrap_or(1), b)?,
            head: within(Text::new("头", "the head"), head.unwrap_or(1), h)?,
            row: within(Text::new("行", "the row"), number(row)?, r)?,
            col: within(Text::new("列", "the column"), number(col)?, c)?,
        };
        let found = Self { slot, cell };
        let which =
            |what, len| AddressError::Which { address: text.to_owned(), what, len, first: found.display(program) };
        match (head, sentence) {
            (None, _) if h > 1 => Err(which(Text::new("头", "heads"), h)),
            (_, None) if b > 1 => Err(which(Text::new("句子", "sentences"), b)),
            _ => Ok(found),
        }
    }

    /// The address as a person reads it.
    pub fn display(self, program: &Program) -> String {
        let Cell { batch, head, row, col } = self.cell;
        let shape = program.shape(self.slot);
        let head = shape.heads.map(|_| format!(".{}", head + 1)).unwrap_or_default();
        let sentence = shape.batch.map(|_| format!("@{}", batch + 1)).unwrap_or_default();
        format!("{}{head}[{},{}]{sentence}", program.symbol(self.slot), row + 1, col + 1)
    }
}

/// The tensors that could have been meant: those of that layer, or where it is not there, all.
fn known(program: &Program, layer: Option<Layer>) -> String {
    let symbols = || program.slots().map(|slot| program.symbol(slot));
    let here = symbols().any(|symbol| symbol.layer == layer);
    symbols().filter(|s| !here || s.layer == layer).map(|s| s.to_string()).collect::<Vec<_>>().join(", ")
}
