//! What part of a trace a report shows: tensors, a head, a sentence.

use std::ops::Range;

use crate::ground::exit::Exit;
use crate::ground::fault::Failure;
use crate::ground::lang::Text;
use crate::ground::text::visible;
use crate::program::{Program, Slot};

/// What a person asked for; numbers count from 1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// One tensor by its symbol.
    pub stage: Option<String>,
    /// One head.
    pub head: Option<usize>,
    /// One sentence of a batch.
    pub sentence: Option<usize>,
}

/// A request that this program cannot meet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words().en)]
pub enum SelectionError {
    /// A tensor the program does not have.
    Stage {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// A head or a sentence that is not there.
    Outside {
        /// Head, sentence, row or column.
        what: Text,
        /// What was asked for.
        asked: usize,
        /// How many there are.
        len: usize,
    },
    /// A part of a format that is always whole.
    Whole(&'static str),
}

impl Failure for SelectionError {
    fn words(&self) -> Text {
        match self {
            Self::Stage { name, known } => {
                let name = visible(name);
                Text::owned(
                    format!("这个样例里没有阶段「{name}」；有 {known}"),
                    format!("there is no stage `{name}` in this sample; there are {known}"),
                )
            }
            Self::Outside { what, asked, len } => Text::owned(
                format!("这个样例里没有{} {asked}；从 1 到 {len}", what.zh),
                format!("there is no {} {asked} in this sample; it goes from 1 to {len}", what.en),
            ),
            Self::Whole(option) => Text::owned(
                format!("JSON 总是包含所有的头和句子；去掉 {option}，或者换一种 --format"),
                format!("JSON holds every head and sentence; leave {option} out, or choose another --format"),
            ),
        }
    }

    fn exit(&self) -> Exit {
        Exit::Input
    }
}

/// The part of a trace to show, counted from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// The tensors, in the program's order.
    pub slots: Vec<Slot>,
    head: Option<usize>,
    sentence: Option<usize>,
}

impl Selection {
    /// Checks a request against a program.
    ///
    /// # Errors
    /// [`SelectionError`] says what there is to choose from.
    pub fn new(request: &Request, program: &Program) -> Result<Self, SelectionError> {
        let slots = match &request.stage {
            None => program.slots().collect(),
            Some(name) => vec![find(program, name)?],
        };
        let head = from_one(Text::new("头", "head"), request.head, program.heads())?;
        let sentence = from_one(Text::new("句子", "sentence"), request.sentence, program.batch())?;
        Ok(Self { slots, head, sentence })
    }

    /// These tensors, all heads, of one sentence, counted from 0.
    pub const fn of_sentence(slots: Vec<Slot>, sentence: usize) -> Self {
        Self { slots, head: None, sentence: Some(sentence) }
    }

    /// The heads to show of a tensor that has so many.
    pub fn heads(&self, len: usize) -> Range<usize> {
        chosen(self.head, len)
    }

    /// The sentences to show of a tensor that has so many.
    pub fn sentences(&self, len: usize) -> Range<usize> {
        chosen(self.sentence, len)
    }

    /// The same, with the first sentence where none was asked for.
    #[must_use]
    pub fn one_sentence(self) -> Self {
        Self { sentence: self.sentence.or(Some(0)), ..self }
    }
}

/// One of `len`, or all; a tensor without the axis is shown whole.
fn chosen(one: Option<usize>, len: usize) -> Range<usize> {
    match one {
        Some(i) if len > 1 => i..i + 1,
        _ => 0..len,
    }
}

/// The tensor of that name. Capitals matter only where the name would mean two tensors (`q` and `Q`).
fn find(program: &Program, name: &str) -> Result<Slot, SelectionError> {
    let named =
        |same: fn(&str, &str) -> bool| program.slots().find(|&slot| same(&program.symbol(slot).to_string(), name));
    named(|a, b| a == b).or_else(|| named(str::eq_ignore_ascii_case)).ok_or_else(|| SelectionError::Stage {
        name: name.to_owned(),
        known: program.slots().map(|slot| program.symbol(slot).to_string()).collect::<Vec<_>>().join(", "),
    })
}

fn from_one(what: Text, asked: Option<usize>, len: usize) -> Result<Option<usize>, SelectionError> {
    match asked {
        None => Ok(None),
        Some(n) if (1..=len).contains(&n) => Ok(Some(n - 1)),
        Some(asked) => Err(SelectionError::Outside { what, asked, len }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::attention::{Sizes, self_attention};

    fn program() -> Program {
        let sizes =
            Sizes { batch: Some(5), tokens: 4, memory: 0, model: 8, heads: 4, features: 8, values: 8, output: None };
        self_attention(&sizes).unwrap()
    }

    fn select(stage: Option<&str>, head: Option<usize>, sentence: Option<usize>) -> Result<Selection, SelectionError> {
        Selection::new(&Request { stage: stage.map(String::from), head, sentence }, &program())
    }

    #[test]
    fn a_request_counts_from_one() {
        let selection = select(Some("WEIGHTS"), Some(4), Some(1)).unwrap();
        assert_eq!((selection.heads(4), selection.sentences(5)), (3..4, 0..1));
        assert_eq!(selection.heads(1), 0..1, "a tensor without heads is shown all the same");
        assert_eq!(select(None, None, None).unwrap().heads(4), 0..4);
        assert_eq!(select(None, None, None).unwrap().one_sentence().sentences(5), 0..1);
    }

    #[test]
    fn what_is_not_there_is_named_with_what_is() {
        let error = select(Some("wieghts"), None, None).unwrap_err().to_string();
        assert!(error.contains("`wieghts`") && error.contains("weights") && error.contains("W_q"), "{error}");
        let error = select(None, Some(5), None).unwrap_err().to_string();
        assert!(error.contains("head 5") && error.contains("1 to 4"), "{error}");
        assert!(select(None, Some(0), None).is_err() && select(None, None, Some(6)).is_err());
    }
}
