//! What part of a trace a report shows: tensors, a layer, a head, a sentence.

use std::ops::Range;

use crate::ground::exit::Exit;
use crate::ground::fault::{Failure, Fault};
use crate::ground::lang::Text;
use crate::ground::text::visible;
use crate::program::{Address, Layer, Name, Program, Slot};

/// What a person asked for; numbers count from 1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// One tensor by its symbol, or by its name in every layer.
    pub stage: Option<String>,
    /// One layer; 0 is what the first one receives.
    pub layer: Option<usize>,
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
    /// A layer that is not there.
    Layer {
        /// What was asked for.
        asked: usize,
        /// How many there are.
        len: usize,
    },
    /// A layer of what has none.
    NoLayers,
    /// A tensor that stands in several layers, of which one is needed.
    WhichLayer {
        /// What was asked for.
        name: String,
        /// How many layers there are.
        layers: usize,
    },
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
            Self::Layer { asked, len } => Text::owned(
                format!("--layer：没有第 {asked} 层；从 1 到 {len}，0 是第 1 层收到的词向量"),
                format!(
                    "--layer: there is no layer {asked}; they go from 1 to {len}, and 0 is what the first receives"
                ),
            ),
            Self::NoLayers => Text::new(
                "--layer：这个样例只有一层注意力，没有层可选；层要打开模型才有（--model）",
                "--layer: this sample is one attention and has no layers to choose from; models have (--model)",
            ),
            Self::WhichLayer { name, layers } => {
                let name = visible(name);
                Text::owned(
                    format!("{name} 每层都有，要写明是哪一层：--layer 从 1 到 {layers}，或者 layer1.{name}"),
                    format!("{name} stands in every layer; say in which: --layer 1 to {layers}, or layer1.{name}"),
                )
            }
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
    layer: Option<usize>,
    head: Option<usize>,
    sentence: Option<usize>,
}

impl Selection {
    /// Checks a request against a program.
    ///
    /// # Errors
    /// [`SelectionError`] says what there is to choose from.
    pub fn new(request: &Request, program: &Program) -> Result<Self, SelectionError> {
        let layer = layer(program, request.layer)?;
        let here = |slot: &Slot| layer.is_none() || layer_of(program, *slot) == layer;
        let slots = match &request.stage {
            None => program.slots().filter(here).collect(),
            Some(name) => find(program, name, &here)?,
        };
        let head = from_one(Text::new("头", "head"), request.head, program.heads())?;
        let sentence = from_one(Text::new("句子", "sentence"), request.sentence, program.batch())?;
        Ok(Self { slots, layer, head, sentence })
    }

    /// These tensors, all heads, of one sentence, counted from 0.
    pub const fn of_sentence(slots: Vec<Slot>, sentence: usize) -> Self {
        Self { slots, layer: None, head: None, sentence: Some(sentence) }
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

    /// What a person reads of a tensor that stands in several layers: the first of them, where no layer was asked for. Says
    /// how many there are where some are left out.
    #[must_use]
    pub fn one_layer(mut self, program: &Program) -> (Self, Option<usize>) {
        let several = self.layer.is_none() && program.layers() > 0 && self.slots.len() > 1;
        let all = self.slots.len();
        if several {
            self.slots.truncate(1);
        }
        (self, several.then_some(all))
    }

    /// The one tensor that was asked for.
    ///
    /// # Errors
    /// [`SelectionError::WhichLayer`] where it stands in several layers.
    pub fn one(&self, program: &Program) -> Result<Slot, SelectionError> {
        match self.slots[..] {
            [slot] => Ok(slot),
            [slot, ..] => Err(SelectionError::WhichLayer {
                name: program.symbol(slot).name.to_string(),
                layers: program.layers(),
            }),
            [] => Err(SelectionError::Stage { name: String::new(), known: String::new() }),
        }
    }
}

/// The layer of a tensor, from 1; 0 for what the first layer receives and for what that is made from. None for what comes
/// after the last one, and where there are no layers.
pub fn layer_of(program: &Program, slot: Slot) -> Option<usize> {
    match program.symbol(slot).layer {
        Some(Layer(layer)) => Some(layer + 1),
        None => program.find(None, Name::Hidden).filter(|hidden| slot <= *hidden).map(|_| 0),
    }
}

/// A layer that was asked for, as [`layer_of`] counts.
///
/// # Errors
/// [`SelectionError`] where there is no such layer, or none at all.
pub fn layer(program: &Program, asked: Option<usize>) -> Result<Option<usize>, SelectionError> {
    match (asked, program.layers()) {
        (Some(_), 0) => Err(SelectionError::NoLayers),
        (Some(asked), len) if asked > len => Err(SelectionError::Layer { asked, len }),
        (asked, _) => Ok(asked),
    }
}

/// One of `len`, or all; a tensor without the axis is shown whole.
fn chosen(one: Option<usize>, len: usize) -> Range<usize> {
    match one {
        Some(i) if len > 1 => i..i + 1,
        _ => 0..len,
    }
}

/// An address, in the layer that was asked for where it names none itself: `weights.2[1,3]` in layer 4.
///
/// # Errors
/// What is wrong with the layer or the address; of a name that stands in layers only, that one has to be said.
pub fn address(text: &str, asked: Option<usize>, program: &Program) -> Result<Address, Fault> {
    let asked = layer(program, asked)?;
    let text = text.trim();
    let named = text.split_once('.').is_some_and(|(first, _)| Layer::parse(first).is_some());
    let name = text.split(['.', '[']).next().and_then(Name::parse);
    if let (false, Some(name)) = (named, name) {
        match asked {
            Some(n @ 1..) => return Ok(Address::parse(&format!("layer{n}.{text}"), program)?),
            None if program.find(None, name).is_none() && program.find(Some(Layer(0)), name).is_some() => {
                return Err(SelectionError::WhichLayer { name: name.to_string(), layers: program.layers() }.into());
            }
            Some(_) | None => {}
        }
    }
    let address = Address::parse(text, program)?;
    if asked.is_some() && layer_of(program, address.slot) != asked {
        let known = program.slots().filter(|&slot| layer_of(program, slot) == asked);
        let known: Vec<String> = known.map(|slot| program.symbol(slot).name.to_string()).collect();
        return Err(SelectionError::Stage { name: text.to_owned(), known: known.join(", ") }.into());
    }
    Ok(address)
}

/// The tensors of that name, of those that are wanted: `weights` of every layer, `layer4.weights` of one. Capitals matter
/// only where the name would mean two tensors (`q` and `Q`).
fn find(program: &Program, name: &str, wanted: &dyn Fn(&Slot) -> bool) -> Result<Vec<Slot>, SelectionError> {
    let named = |same: fn(&str, &str) -> bool| -> Vec<Slot> {
        let is = |slot: &Slot| {
            let symbol = program.symbol(*slot);
            same(&symbol.to_string(), name) || same(symbol.name.as_str(), name)
        };
        let mut found: Vec<Slot> = program.slots().filter(wanted).filter(is).collect();
        // A program without layers has a name once; should it come again, the first is meant.
        let mut seen = Vec::new();
        found.retain(|&slot| {
            let symbol = program.symbol(slot);
            let new = !seen.contains(&symbol);
            seen.push(symbol);
            new
        });
        found
    };
    let mut found = named(|a, b| a == b);
    if found.is_empty() {
        found = named(str::eq_ignore_ascii_case);
        found.truncate(if program.layers() > 0 { usize::MAX } else { 1 });
    }
    if !found.is_empty() {
        return Ok(found);
    }
    let mut known: Vec<&str> = Vec::new();
    for slot in program.slots().filter(wanted) {
        let name = program.symbol(slot).name.as_str();
        if !known.contains(&name) {
            known.push(name);
        }
    }
    Err(SelectionError::Stage { name: name.to_owned(), known: known.join(", ") })
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
        Selection::new(&Request { stage: stage.map(String::from), layer: None, head, sentence }, &program())
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
