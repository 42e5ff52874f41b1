//! Sentences over which heads are measured; `samples/corpus.toml` is the file inside the program.

use serde::Deserialize;

use crate::ground::exit::Exit;
use crate::ground::fault::Failure;
use crate::ground::lang::Text;

/// The version of the file format, its first key.
const FORMAT: &str = "qkv-corpus/1";

/// Fewer sentences than this say nothing about a head.
pub const ENOUGH: usize = 32;

/// Sentences, as written.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Corpus {
    format: String,
    /// The sentences.
    pub sentences: Vec<String>,
}

/// What is wrong with a corpus.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words().en)]
pub enum CorpusError {
    /// Not TOML, or not these keys.
    Toml(String),
    /// Another format.
    Format(String),
    /// Too few.
    Few(usize),
}

impl Failure for CorpusError {
    fn words(&self) -> Text {
        let Text { zh, en } = match self {
            Self::Toml(why) => Text::owned(format!("不是合格的 TOML：{why}"), why.clone()),
            Self::Format(found) => Text::owned(
                format!("format 是 `{found}`，应当是 `{FORMAT}`"),
                format!("format is `{found}`, expected `{FORMAT}`"),
            ),
            Self::Few(found) => Text::owned(
                format!("只有 {found} 个句子，至少要 {ENOUGH} 个"),
                format!("{found} sentences, expected {ENOUGH} or more"),
            ),
        };
        Text::owned(format!("samples/corpus.toml：{zh}"), format!("samples/corpus.toml: {en}"))
    }

    fn exit(&self) -> Exit {
        Exit::Failed
    }
}

impl Corpus {
    /// The corpus that comes with the program.
    ///
    /// # Errors
    /// Never for what was released: a test reads it.
    pub fn builtin() -> Result<Self, CorpusError> {
        const SOURCE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/samples/corpus.toml"));
        Self::parse(SOURCE)
    }

    /// Reads a corpus.
    ///
    /// # Errors
    /// [`CorpusError`] says what was expected.
    pub fn parse(source: &str) -> Result<Self, CorpusError> {
        let corpus: Self = toml::from_str(source).map_err(|error| CorpusError::Toml(error.to_string()))?;
        if corpus.format != FORMAT {
            return Err(CorpusError::Format(corpus.format));
        }
        if corpus.sentences.len() < ENOUGH {
            return Err(CorpusError::Few(corpus.sentences.len()));
        }
        Ok(corpus)
    }
}
