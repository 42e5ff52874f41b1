//! A `.safetensors` file: arrays under their names, the tokens as a JSON list under `tokens` of its `__metadata__`.

use std::sync::Arc;

use super::{ImportError, Named, Store, TOKENS, finite};
use crate::ground::lang::Text;
use crate::source::model::{Folder, Index};

/// See the module.
pub(super) struct Tensors {
    file: String,
    index: Index,
    arrays: Vec<Named>,
    tokens: Option<String>,
}

impl Tensors {
    /// Reads the header.
    pub(super) fn open(folder: &Arc<dyn Folder>, name: &str) -> Result<Self, ImportError> {
        let (index, metadata) = Index::of_file(Arc::clone(folder), name)?;
        let arrays = index.iter().map(|(name, entry)| (name.to_owned(), entry.shape.clone())).collect();
        let tokens = metadata.into_iter().find(|(key, _)| key == "tokens").map(|(_, tokens)| tokens);
        Ok(Self { file: folder.called(name), index, arrays, tokens })
    }
}

impl Store for Tensors {
    fn file(&self) -> &str {
        &self.file
    }

    fn arrays(&self) -> &[Named] {
        &self.arrays
    }

    fn read(&mut self, name: &str) -> Result<Vec<f32>, ImportError> {
        let numbers = self.index.read_any(name)?;
        let shape = self.index.get(name).map(|entry| entry.shape.clone()).unwrap_or_default();
        finite(&self.file, name, &shape, &numbers)?;
        Ok(numbers)
    }

    fn tokens(&mut self) -> Result<Option<Vec<String>>, ImportError> {
        self.tokens.as_deref().map(|listed| words(&self.file, "__metadata__.tokens", listed)).transpose()
    }
}

/// Tokens that are written as a JSON list of strings.
pub(super) fn words(file: &str, place: &str, listed: &str) -> Result<Vec<String>, ImportError> {
    let refuse = || {
        let message = Text::new(
            "应该是用 JSON 写的一串词，如 [\"我\", \"爱\"]",
            "expected a JSON list of words, such as [\"I\", \"love\"]",
        );
        ImportError::array(file, place, message)
    };
    if listed.len() > TOKENS {
        return Err(refuse());
    }
    serde_json::from_str(listed).map_err(|_| refuse())
}
