//! Samples: a sentence, its tokens, sizes, named dimensions and weights, from a TOML file.
//!
//! ```text
//! bytes ── read: typed values and their places ── format: the file's keys ── validate: everything fits ──> Sample
//! ```
//!
//! Nothing here opens a file: `main` reads, [`Sample::parse`] judges, and says file, line and column
//! where it refuses. `docs/SAMPLES.md` shows the format by example.

mod aim;
mod builtin;
pub mod design;
pub(in crate::source) mod format;
mod inflection;
mod lexicon;
mod mask;
mod model_file;
mod names;
mod numerals;
mod origin;
mod pieces;
mod random;
mod scenario;
mod sentence;
mod switches;
mod training;
mod validate;
pub(in crate::source) mod what_if;
mod write;

use std::sync::Arc;

pub use aim::{Aim, Learned};
pub use builtin::{BUILTIN, Builtin};
pub use design::Design;
pub use lexicon::Lexicon;
pub use mask::MaskChoice;
pub use model_file::ModelFile;
pub use names::Names;
pub use origin::{Mark, NumberOrigin, Origin, WordOrigin};
pub use pieces::Pieces;
pub use scenario::{Place, Scenario};
pub use sentence::SentenceError;
pub use switches::{SWITCHES, Switch};
pub use training::Training;

use crate::ground::exit::Exit;
use crate::ground::fault::Failure;
use crate::ground::lang::Text;
use crate::math::tensor::Tensor;
use crate::program::attention::Sizes;
use crate::program::{Inputs, Program, Symbol};
use crate::source::file::FileError;
use crate::source::model::InModel;

/// The version of the file format, its first key.
pub(crate) const FORMAT: &str = "qkv-sample/1";

/// A change that cannot be made, in the person's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.en)]
pub struct EditError(pub Text);

impl Failure for EditError {
    fn words(&self) -> Text {
        self.0.clone()
    }

    fn exit(&self) -> Exit {
        Exit::Input
    }
}

/// What a head is called and meant for. Only designed samples say more than a number.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HeadCard {
    /// `动作 → 对象`, `action → object`.
    pub name: Option<Text>,
    /// One sentence: what it looks for.
    pub intent: Option<Text>,
    /// The names of its query and key features, one a column; empty where they have none.
    pub features: Vec<Text>,
    /// The names of its value features, one a column; empty where they have none.
    pub values: Vec<Text>,
}

/// A checked sample: its program is built, its numbers fit.
#[derive(Debug, Clone)]
pub struct Sample {
    /// The short name, as in `--sample tiananmen`.
    pub name: String,
    /// The title.
    pub title: Text,
    /// Where the weights come from.
    pub origin: Origin,
    /// Where everything else comes from that its file gives: the weights may have been drawn anew since.
    pub given: Origin,
    /// The sentence as written.
    pub text: String,
    /// The words of H (the keys' words in a dot-product sample).
    pub tokens: Vec<String>,
    /// The words of M in cross-attention; empty otherwise.
    pub memory_tokens: Vec<String>,
    /// English glosses of `tokens`, or empty.
    pub gloss: Vec<String>,
    /// Who says what each of `tokens` means.
    pub word_origins: Vec<WordOrigin>,
    /// Where the tokens are finer than words: how they make up each coarser cut, the coarsest first. Empty otherwise.
    pub coarser: Vec<Pieces>,
    /// What the query of a dot-product sample stands for.
    pub query_token: String,
    /// The names of the columns of H, or empty.
    pub dimensions: Vec<Text>,
    /// One card a head.
    pub heads: Vec<HeadCard>,
    /// The sizes the program was built with.
    pub sizes: Sizes,
    /// The program.
    pub program: Arc<Program>,
    /// The numbers it is given.
    pub inputs: Arc<Inputs>,
    /// What is changed when it is opened: the switches and overridden numbers that its file asks for.
    pub what_if: Scenario,
    /// How its own weights were learned, where they were learned here.
    pub training: Option<Training>,
    /// The words that it knows, where it writes words and is no model from a folder.
    pub vocabulary: Arc<[String]>,
    /// The model that it is a text of; none of a sample that is one attention.
    pub model: Option<InModel>,
}

impl Sample {
    /// The most bytes of a file that is read as a sample, and of one that is written: what was saved can be opened again.
    pub const LARGEST_FILE: usize = 64 << 20;

    /// One of the tensors the program is given.
    pub fn input(&self, symbol: impl Into<Symbol>) -> Option<&Arc<Tensor<f32>>> {
        self.program.find_symbol(symbol.into()).and_then(|slot| self.inputs.shared(slot))
    }

    /// The sample with the changes that its file asks for.
    ///
    /// # Errors
    /// Never for a sample that was read: its file was checked.
    pub fn as_saved(&self) -> Result<Self, EditError> {
        self.what_if.apply(self)
    }

    /// Reads a sample; `file` is what errors call it.
    ///
    /// # Errors
    /// [`FileError`] says where, what was found and what was expected.
    pub fn parse(source: &str, file: &str) -> Result<Self, FileError> {
        validate::sample(source).map_err(|refusal| refusal.locate(source, file))
    }

    /// Reads a sample from the bytes of a file.
    ///
    /// # Errors
    /// [`FileError`], also for the first byte that is not UTF-8.
    pub fn from_bytes(bytes: &[u8], file: &str) -> Result<Self, FileError> {
        Self::parse(crate::source::file::utf8(bytes, file)?, file)
    }
}
