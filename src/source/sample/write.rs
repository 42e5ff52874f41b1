//! A sample written back as a file: what [`Sample::parse`] reads is what [`Sample::to_toml`] writes.

use std::fmt::Write;

use toml::Value;

use super::validate::causal;
use super::{FORMAT, HeadCard, Origin, Sample, WordOrigin};
use crate::ground::lang::Text;
use crate::math::tensor::Tensor;
use crate::program::Name;

impl Sample {
    /// The sample as a TOML file, or `None` for a batch: a file holds one sentence.
    pub fn to_toml(&self) -> Option<String> {
        if self.sizes.batch.is_some() {
            return None;
        }
        let kind = self.program.kind();
        let mut file = File::default();
        file.key("format", &quoted(FORMAT));
        file.key("name", &quoted(&self.name));
        file.key("title", &text(&self.title));
        file.key("program", &quoted(kind.name()));
        file.key("weights", &quoted(self.origin.name()));
        if self.given != self.origin {
            file.key("given", &quoted(self.given.name()));
        }
        file.key("text", &quoted(&self.text));
        file.key("tokens", &list(&self.tokens, |word| quoted(word)));
        file.list("memory_tokens", &self.memory_tokens, |word| quoted(word));
        file.list("gloss", &self.gloss, |word| quoted(word));
        if self.word_origins.iter().any(|word| *word != WordOrigin::Given(self.given)) {
            file.list("word_origins", &self.word_origins, word_origin);
        }
        if kind.has_one_query() {
            file.key("query_token", &quoted(&self.query_token));
        }
        file.key("heads", &self.sizes.heads.to_string());
        file.key("mask", &self.mask_words());
        file.list("dimensions", &self.dimensions, text);
        file.list("head_names", &self.of_all_heads(|card| card.name.clone()), text);
        file.list("head_intents", &self.of_all_heads(|card| card.intent.clone()), text);
        if kind.has_weights() {
            let named = |names: &[Text]| (!names.is_empty()).then(|| names.to_vec());
            file.list("feature_names", &self.of_all_heads(|card| named(&card.features)), |names| list(names, text));
            file.list("value_names", &self.of_all_heads(|card| named(&card.values)), |names| list(names, text));
        }
        if let Some(table) = super::what_if::written(self) {
            file.key("what_if", &table);
        }
        // Weights that were drawn anew were not learned.
        if let Some(training) = self.training.as_ref().filter(|_| self.origin == Origin::Trained) {
            file.line(&training.lines());
        }
        file.line("\n[tensors]");
        for (input, tensor) in self.program.inputs().iter().zip(self.inputs.tensors()) {
            if input.symbol.name != Name::Mask {
                file.key(input.symbol.name.as_str(), &rows(tensor));
            }
        }
        Some(file.0)
    }

    /// One entry a head, or nothing unless every head has one.
    fn of_all_heads<T>(&self, get: impl Fn(&HeadCard) -> Option<T>) -> Vec<T> {
        self.heads.iter().map(get).collect::<Option<_>>().unwrap_or_default()
    }

    /// The mask by name where it has one.
    fn mask_words(&self) -> String {
        let mask = self.input(Name::Mask);
        match mask {
            None => quoted("none"),
            Some(mask) if !mask.as_slice().contains(&0.0) => quoted("none"),
            Some(mask) => {
                let (r, c) = (mask.shape().rows.len, mask.shape().cols.len);
                if r == c && mask.as_slice() == causal(r) { quoted("causal") } else { rows(mask) }
            }
        }
    }
}

/// A file in the making.
#[derive(Default)]
struct File(String);

impl File {
    fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    fn key(&mut self, key: &str, value: &str) {
        self.line(&format!("{key} = {value}"));
    }

    /// A key that is left out when its list is empty.
    fn list<T>(&mut self, key: &str, entries: &[T], write: impl Fn(&T) -> String) {
        if !entries.is_empty() {
            self.key(key, &list(entries, write));
        }
    }
}

/// A TOML string.
fn quoted(words: &str) -> String {
    Value::from(words).to_string()
}

fn text(text: &Text) -> String {
    format!("{{ zh = {}, en = {} }}", quoted(&text.zh), quoted(&text.en))
}

fn list<T>(entries: &[T], write: impl Fn(&T) -> String) -> String {
    format!("[{}]", entries.iter().map(write).collect::<Vec<_>>().join(", "))
}

/// `"designed"`, `{ lexicon = { zh = "城市", en = "cities" } }`.
fn word_origin(word: &WordOrigin) -> String {
    match word {
        WordOrigin::Given(origin) => quoted(origin.name()),
        WordOrigin::Lexicon(about) => format!("{{ lexicon = {} }}", text(about)),
        WordOrigin::Class(about) => format!("{{ class = {} }}", text(about)),
    }
}

/// Rows of numbers, one a line, in the fewest digits that read back as the same f32.
fn rows(tensor: &Tensor<f32>) -> String {
    let mut written = String::from("[\n");
    for row in tensor.matrix(0, 0).rows() {
        // Writing to a string cannot fail. `{:?}` keeps the point in `1.0` and turns to `1e-7` where that is shorter.
        let _ = writeln!(written, "  {},", list(&row.to_vec(), |x| format!("{x:?}")));
    }
    written.push(']');
    written
}
