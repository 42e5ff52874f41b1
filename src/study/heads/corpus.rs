//! Sentences over which heads are measured; `samples/corpus.toml` is the file inside the program.

use serde::Deserialize;

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
pub enum CorpusError {
    /// Not TOML, or not these keys.
    #[error("samples/corpus.toml: {0}")]
    Toml(String),
    /// Another format.
    #[error("samples/corpus.toml: format is `{0}`, expected `{FORMAT}`")]
    Format(String),
    /// Too few.
    #[error("samples/corpus.toml: {0} sentences, expected {ENOUGH} or more")]
    Few(usize),
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
