//! Models from the hub: a folder with `config.json`, `model.safetensors` or its shards, and `tokenizer.json` or `vocab.txt`.
//!
//! ```text
//! Folder ── config ──> what kind, which sizes        ┐
//!        ── tensors ─> names, shapes, places         ├─> Checkpoint ── weight, rows ──> numbers
//!        ── recipe ──> tokens: texts become pieces   ┘
//! ```
//!
//! Opening reads configuration, headers and tokenizer, and compares every shape that the model needs; weights are read
//! when they are asked for. Nothing here touches a disk: a [`Folder`] is handed in.

pub mod config;
pub(in crate::source) mod error;
pub mod folder;
pub(in crate::source) mod json;
pub mod layout;
mod loaded;
pub mod pooling;
mod recipe;
pub mod tensors;
pub mod tokens;

use std::sync::Arc;

pub use config::{Activation, Config, Family};
pub use error::ModelError;
pub use folder::{Folder, FolderError, InMemory};
pub use layout::{LayerWeight, Layout, Weight};
pub use loaded::{InModel, Model};
pub use pooling::Pooling;
pub use tensors::{Dtype, Entry, Index};
pub use tokens::{Piece, Tokenizer};

use crate::ground::lang::Text;
use json::Document;

/// The bytes of a `tokenizer.json` or `vocab.txt`, at most.
const LARGEST_TOKENIZER: u64 = 128 << 20;

/// A model that was opened: what it is, where its numbers stand, and how it cuts a text.
#[derive(Debug)]
pub struct Checkpoint {
    /// What kind of model, and its sizes.
    pub config: Config,
    /// Every tensor of its files.
    pub index: Index,
    /// Where each weight stands among them.
    pub layout: Layout,
    /// Texts to pieces.
    pub tokenizer: Tokenizer,
}

/// A weight as we multiply with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    /// Rows: what goes in. A vector has one.
    pub rows: usize,
    /// Columns: what comes out.
    pub columns: usize,
    /// Row by row.
    pub numbers: Vec<f32>,
}

impl Checkpoint {
    /// Reads everything but the weights.
    ///
    /// # Errors
    /// [`ModelError`]: which file, where in it, what was found and what was expected.
    pub fn open(folder: &Arc<dyn Folder>) -> Result<Self, ModelError> {
        const CONFIG: &str = "config.json";
        let called = folder.called(CONFIG);
        let bytes = json::whole(&**folder, CONFIG, config::LARGEST)?.ok_or_else(|| ModelError::Missing {
            file: called.clone(),
            why: Text::new(
                "模型的目录里要有 config.json、model.safetensors 和 tokenizer.json",
                "a model's folder holds config.json, model.safetensors and tokenizer.json",
            ),
        })?;
        let config = Config::parse(&bytes, &called)?;
        let index = Index::open(folder.clone())?;
        let layout = Layout::find(&config, &index)?;
        let tokenizer = tokenizer(&**folder, config.family)?;
        if tokenizer.vocabulary() > config.vocabulary {
            let (found, most) = (tokenizer.vocabulary(), config.vocabulary);
            return Err(ModelError::value(
                &called,
                "vocab_size",
                Text::owned(
                    format!("是 {most}，可是分词器的编号到 {}", found - 1),
                    format!("is {most}, but the tokenizer's numbers go up to {}", found - 1),
                ),
            ));
        }
        Ok(Self { config, index, layout, tokenizer })
    }

    /// A weight, `[in, out]` however the file holds it; none where the model has no such weight.
    ///
    /// # Errors
    /// As [`Index::read`].
    pub fn weight(&self, weight: Weight) -> Result<Option<Matrix>, ModelError> {
        let Some(place) = self.layout.get(weight) else { return Ok(None) };
        let (rows, columns) = place.shape;
        Ok(Some(Matrix { rows, columns, numbers: place.read(&self.index)? }))
    }

    /// Some rows of a table ([`Weight::Words`], [`Weight::Positions`], [`Weight::Segments`]) in the order asked for; nothing
    /// else of it is read. None where the model has no such table.
    ///
    /// # Errors
    /// As [`Index::rows`].
    pub fn rows(&self, table: Weight, wanted: &[usize]) -> Result<Option<Matrix>, ModelError> {
        let Some(place) = self.layout.get(table) else { return Ok(None) };
        let numbers = self.index.rows(&place.tensor, wanted)?;
        Ok(Some(Matrix { rows: wanted.len(), columns: place.shape.1, numbers }))
    }

    /// A text as pieces, as many as the model takes.
    ///
    /// # Errors
    /// As [`Tokenizer::encode`], and [`ModelError::TooManyPieces`].
    pub fn pieces(&self, text: &str) -> Result<Vec<Piece>, ModelError> {
        let pieces = self.tokenizer.encode(text)?;
        let (found, most) = (pieces.len(), self.config.positions);
        if found > most { Err(ModelError::TooManyPieces { found, most }) } else { Ok(pieces) }
    }
}

/// The tokenizer of a folder: `tokenizer.json` or, for BERT, `vocab.txt`.
fn tokenizer(folder: &dyn Folder, family: Family) -> Result<Tokenizer, ModelError> {
    const JSON: &str = "tokenizer.json";
    const VOCAB: &str = "vocab.txt";
    const OPTIONS: &str = "tokenizer_config.json";
    if let Some(bytes) = json::whole(folder, JSON, LARGEST_TOKENIZER)? {
        return Tokenizer::from_json(&bytes, &folder.called(JSON));
    }
    let missing = |why| ModelError::Missing { file: folder.called(JSON), why };
    if family != Family::Bert {
        return Err(missing(Text::new(
            "分词器只从 tokenizer.json 里读；tokenizer.model 或 vocab.json 请先转换",
            "the tokenizer is read from tokenizer.json; convert a tokenizer.model or vocab.json first",
        )));
    }
    let Some(bytes) = json::whole(folder, VOCAB, LARGEST_TOKENIZER)? else {
        return Err(missing(Text::new(
            "分词器从 tokenizer.json 或 vocab.txt 里读",
            "the tokenizer is read from tokenizer.json or vocab.txt",
        )));
    };
    let lowercase = match json::whole(folder, OPTIONS, config::LARGEST)? {
        None => true,
        Some(options) => {
            let file = folder.called(OPTIONS);
            let document = Document::parse(json::utf8(&options, &file)?, &file)?;
            let asked = document.get("do_lower_case").map(json::At::flag);
            asked.transpose()?.unwrap_or(true)
        }
    };
    Tokenizer::from_vocab(&bytes, lowercase, &folder.called(VOCAB))
}
