//! From a draft to a sample: counts, shapes and kinds are compared, the program is built and given its numbers.

use std::sync::Arc;

use toml::de::DeTable;

use super::error::{Fault, excerpt};
use super::format::{Draft, List, Mask};
use super::read::{At, Matrix};
use super::{HeadCard, Sample, Scenario};
use crate::ground::lang::Text;
use crate::ground::text::TOKENS;
use crate::math::tensor::Tensor;
use crate::program::attention::{Sizes, cross_attention, dot_product, self_attention};
use crate::program::{Inputs, Kind, Name, Program};

/// The largest file. The largest matrix of numbers like `-0.25` stays well below it.
const BYTES: usize = 64 << 20;
/// The most heads. With [`TOKENS`] it keeps every tensor below 2^24 numbers.
const HEADS: usize = 64;

/// Reads and checks a whole file.
pub(super) fn sample(source: &str) -> Result<Sample, Fault> {
    if source.len() > BYTES {
        return Err(Fault::new(0, format!("the file has {} bytes, a sample has at most {BYTES}", source.len())));
    }
    let document = DeTable::parse(source).map_err(|error| {
        let message = error.message().replace('\n', ", ");
        Fault::new(error.span().map_or(0, |span| span.start), format!("not TOML: {message}"))
    })?;
    Draft::read(document.get_ref())?.check()
}

impl Draft {
    /// Compares everything with everything else.
    fn check(self) -> Result<Sample, Fault> {
        self.check_name()?;
        self.check_kind()?;
        self.check_words()?;
        let sizes = self.sizes()?;
        let mask = self.mask(&sizes)?;
        let heads = self.heads(&sizes)?;
        let program = match self.kind {
            Kind::DotProduct => dot_product(&sizes),
            Kind::SelfAttention => self_attention(&sizes),
            Kind::CrossAttention => cross_attention(&sizes),
        };
        let program = program.map_err(|error| Fault::new(self.tensors_at, error.to_string()))?;
        let inputs = self.inputs(&program, &mask)?;
        let what_if = self.what_if;
        let mut sample = Sample {
            name: self.name.value,
            title: self.title,
            origin: self.origin,
            text: self.text,
            tokens: self.tokens.value,
            memory_tokens: self.memory_tokens.map_or_else(Vec::new, |list| list.value),
            gloss: self.gloss.map_or_else(Vec::new, |list| list.value),
            unknown: self.unknown.map_or_else(Vec::new, |list| list.value.iter().map(|n| n.value - 1).collect()),
            coarser: Vec::new(),
            query_token: self.query_token.map_or_else(|| "q".to_owned(), |word| word.value),
            dimensions: self.dimensions.map_or_else(Vec::new, |list| list.value),
            heads,
            sizes,
            program: Arc::new(program),
            inputs: Arc::new(inputs),
            what_if: Scenario::default(),
        };
        if let Some(asked) = what_if {
            sample.what_if = asked.value.check(asked.at, &sample)?;
            sample.as_saved().map_err(|error| asked.fault(format!("what_if: {}", error.0.en)))?;
        }
        Ok(sample)
    }

    /// The name is typed at a prompt and may become a file name.
    fn check_name(&self) -> Result<(), Fault> {
        let plain = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
        if self.name.value.chars().all(plain) {
            return Ok(());
        }
        let found = excerpt(&self.name.value);
        Err(self.name.fault(format!("name is \"{found}\", expected letters, digits, - and _ only")))
    }

    /// What belongs to another kind of program is refused, what this kind needs is demanded.
    fn check_kind(&self) -> Result<(), Fault> {
        let (kind, takes) = (self.kind.name(), takes(self.kind));
        if let Some((symbol, tensor)) = self.tensors.iter().find(|(symbol, _)| !takes.contains(symbol)) {
            return Err(tensor.fault(format!("{symbol} does not belong to {kind}; it takes {}", names(takes))));
        }
        let needs = takes.iter().filter(|symbol| **symbol != Name::WO);
        if let Some(symbol) = needs.clone().find(|symbol| self.tensor(**symbol).is_none()) {
            return Err(Fault::new(self.tensors_at, format!("{symbol} is missing; {kind} needs {}", names(needs))));
        }
        let dot = self.kind == Kind::DotProduct;
        let keys = [
            (
                "memory_tokens",
                self.memory_tokens.as_ref().map(|k| k.at),
                self.kind == Kind::CrossAttention,
                "only cross-attention has a memory",
            ),
            ("query_token", self.query_token.as_ref().map(|k| k.at), dot, "only dot-product has a single query"),
            ("feature_names", self.feature_names.as_ref().map(|k| k.at), !dot, "its features are the dimensions"),
            ("value_names", self.value_names.as_ref().map(|k| k.at), !dot, "its values are the dimensions"),
        ];
        for (key, at, belongs, why) in keys {
            if let (Some(at), false) = (at, belongs) {
                return Err(Fault::new(at, format!("`{key}` does not belong to {kind}: {why}")));
            }
        }
        Ok(())
    }

    /// Words: some, not too many, one row of numbers each.
    fn check_words(&self) -> Result<(), Fault> {
        self.check_sentence("tokens", &self.tokens, Name::H)?;
        match (&self.memory_tokens, self.kind) {
            (Some(memory), _) => self.check_sentence("memory_tokens", memory, Name::M)?,
            (None, Kind::CrossAttention) => {
                return Err(Fault::new(
                    0,
                    "`memory_tokens` is missing; cross-attention needs one word for each row of M",
                ));
            }
            (None, _) => {}
        }
        if let Some(gloss) = &self.gloss {
            same_count(gloss, "gloss", self.tokens.value.len(), "one for each token")?;
        }
        self.check_unknown()?;
        Ok(())
    }

    /// Numbers of words, from 1, each larger than the one before.
    fn check_unknown(&self) -> Result<(), Fault> {
        let mut before = 0;
        for number in self.unknown.iter().flat_map(|list| &list.value) {
            let (n, words) = (number.value, self.tokens.value.len());
            if n > words {
                let words = plural(words, "word");
                return Err(number.fault(format!("unknown names word {n}, but tokens has {words}")));
            }
            if n <= before {
                return Err(number.fault(format!("unknown has {n} after {before}, expected rising numbers of words")));
            }
            before = n;
        }
        Ok(())
    }

    fn check_sentence(&self, key: &str, words: &List<String>, symbol: Name) -> Result<(), Fault> {
        let count = words.value.len();
        if count == 0 {
            return Err(words.fault(format!("{key} is empty, expected at least one word")));
        }
        if count > TOKENS {
            return Err(words.fault(format!("{key} has {count} words, the most is {TOKENS}")));
        }
        match self.tensor(symbol) {
            Some(m) if m.value.rows() != count => {
                let (rows, words) = (plural(m.value.rows(), "row"), plural(count, "word"));
                Err(m.fault(format!("{symbol} has {rows}, expected {count}: one for each of the {words} in {key}")))
            }
            _ => Ok(()),
        }
    }

    /// The sizes, once all matrices fit each other.
    fn sizes(&self) -> Result<Sizes, Fault> {
        let heads = self.heads.value;
        if heads > HEADS {
            return Err(self.heads.fault(format!("heads is {heads}, the most is {HEADS}")));
        }
        let cols = |symbol| self.tensor(symbol).map(|m| m.value.cols);
        let model = cols(Name::H).unwrap_or_default();
        let features = cols(Name::WQ).unwrap_or(model);
        let values = cols(Name::WV).unwrap_or(model);

        self.expect(Name::Query, Some(1), Some(model), "one query, as wide as H")?;
        self.expect(Name::M, None, Some(model), "as wide as H")?;
        for symbol in [Name::WQ, Name::WK, Name::WV] {
            self.expect(symbol, Some(model), None, "one row for each column of H")?;
        }
        self.expect(Name::WK, None, Some(features), "as wide as W_q")?;
        self.expect(Name::WO, Some(values), None, "one row for each column of W_v")?;
        for symbol in if self.kind == Kind::DotProduct { [Name::H; 2] } else { [Name::WQ, Name::WV] } {
            if let Some(width) = cols(symbol).filter(|width| !width.is_multiple_of(heads)) {
                let columns = plural(width, "column");
                let message = format!("{heads} heads cannot share the {columns} of {symbol} evenly");
                // `heads` may be left out, but 1 divides everything: here it is written.
                return Err(self.heads.fault(message));
            }
        }
        if let Some(dimensions) = &self.dimensions {
            same_count(dimensions, "dimensions", model, "one for each column of H")?;
        }
        let tokens = self.tokens.value.len();
        let memory = self.memory_tokens.as_ref().map_or(tokens, |list| list.value.len());
        let tokens = if self.kind == Kind::DotProduct { 1 } else { tokens };
        Ok(Sizes { batch: None, tokens, memory, model, heads, features, values, output: cols(Name::WO) })
    }

    /// Refuses a tensor with other rows or columns than these.
    fn expect(&self, symbol: Name, rows: Option<usize>, cols: Option<usize>, why: &str) -> Result<(), Fault> {
        let Some(m) = self.tensor(symbol) else { return Ok(()) };
        let (r, c) = (rows.unwrap_or(m.value.rows()), cols.unwrap_or(m.value.cols));
        if (r, c) == (m.value.rows(), m.value.cols) {
            return Ok(());
        }
        Err(m.fault(format!("{symbol} is {}, expected {r}×{c}: {why}", m.value.size())))
    }

    /// The mask as rows of 0 and 1.
    fn mask(&self, sizes: &Sizes) -> Result<Vec<f32>, Fault> {
        let (asks, answers) =
            (sizes.tokens, if self.kind == Kind::SelfAttention { sizes.tokens } else { sizes.memory });
        match &self.mask.value {
            Mask::None => Ok(vec![1.0; asks * answers]),
            Mask::Causal if asks == answers => Ok(causal(asks)),
            Mask::Causal => Err(self
                .mask
                .fault(format!("a causal mask needs as many queries as keys, here are {asks} and {answers}"))),
            Mask::Rows(rows) => self.mask_rows(rows, asks, answers),
        }
    }

    fn mask_rows(&self, mask: &Matrix, asks: usize, answers: usize) -> Result<Vec<f32>, Fault> {
        if (mask.rows(), mask.cols) != (asks, answers) {
            let message = format!(
                "mask is {}, expected {asks}×{answers}: one row for each query, one column for each key",
                mask.size()
            );
            return Err(self.mask.fault(message));
        }
        for (i, (row, &at)) in mask.numbers.chunks(answers).zip(&mask.rows_at).enumerate() {
            let row_number = i + 1;
            if let Some(j) = row.iter().position(|x| ![0.0, 1.0].contains(x)) {
                let message = format!("mask, row {row_number}, column {} is {}, expected 0 or 1", j + 1, row[j]);
                return Err(Fault::new(at, message));
            }
            if row.iter().all(|&x| x == 0.0) {
                let message = format!("mask, row {row_number} hides every key; leave at least one 1 in it");
                return Err(Fault::new(at, message));
            }
        }
        Ok(mask.numbers.clone())
    }

    /// One card a head.
    fn heads(&self, sizes: &Sizes) -> Result<Vec<HeadCard>, Fault> {
        let heads = sizes.heads;
        let (d, d_v) = (sizes.features / heads, sizes.values / heads);
        for (key, list) in [("head_names", &self.head_names), ("head_intents", &self.head_intents)] {
            if let Some(list) = list {
                same_count(list, key, heads, "one for each head")?;
            }
        }
        for (key, lists, width) in [("feature_names", &self.feature_names, d), ("value_names", &self.value_names, d_v)]
        {
            let Some(lists) = lists else { continue };
            same_count(lists, key, heads, "one list for each head")?;
            for (i, list) in (1..).zip(&lists.value) {
                same_count(list, &format!("{key}, head {i}"), width, "one for each of the head's columns")?;
            }
        }
        let one = |list: &Option<List<Text>>, h: usize| list.as_ref().and_then(|list| list.value.get(h).cloned());
        // In a dot-product sample the words are their own keys and values, so the dimensions name those too.
        let dimensions = self.dimensions.as_ref().filter(|_| self.kind == Kind::DotProduct);
        let many = |lists: &Option<List<List<Text>>>, h: usize| match (lists, dimensions) {
            (Some(lists), _) => lists.value[h].value.clone(),
            (None, Some(names)) => names.value[h * d..(h + 1) * d].to_vec(),
            (None, None) => Vec::new(),
        };
        let card = |h| HeadCard {
            name: one(&self.head_names, h),
            intent: one(&self.head_intents, h),
            features: many(&self.feature_names, h),
            values: many(&self.value_names, h),
        };
        Ok((0..heads).map(card).collect())
    }

    /// The numbers the program is given.
    fn inputs(&self, program: &Program, mask: &[f32]) -> Result<Inputs, Fault> {
        let shape_of = |name| program.find(None, name).map(|slot| program.shape(slot));
        let inputs = Inputs::new(program, |symbol| {
            let numbers = if symbol.name == Name::Mask { mask } else { &self.tensor(symbol.name)?.value.numbers };
            Tensor::from_vec(shape_of(symbol.name)?, numbers.to_vec())
        });
        inputs.map_err(|error| Fault::new(self.tensors_at, error.to_string()))
    }
}

/// A query sees itself and what comes before.
pub(super) fn causal(words: usize) -> Vec<f32> {
    (0..words * words).map(|i| if i % words <= i / words { 1.0 } else { 0.0 }).collect()
}

/// Refuses a list of another length.
fn same_count<T>(list: &At<Vec<T>>, key: &str, expected: usize, why: &str) -> Result<(), Fault> {
    let found = list.value.len();
    if found == expected {
        return Ok(());
    }
    let entries = if found == 1 { "entry" } else { "entries" };
    Err(list.fault(format!("{key} has {found} {entries}, expected {expected}: {why}")))
}

/// The tensors a file gives each kind of program; `W_o` may always be left out.
const fn takes(kind: Kind) -> &'static [Name] {
    match kind {
        Kind::DotProduct => &[Name::Query, Name::H],
        Kind::SelfAttention => &[Name::H, Name::WQ, Name::WK, Name::WV, Name::WO],
        Kind::CrossAttention => &[Name::H, Name::M, Name::WQ, Name::WK, Name::WV, Name::WO],
    }
}

/// `H, W_q, W_k`.
fn names<'a>(names: impl IntoIterator<Item = &'a Name>) -> String {
    names.into_iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ")
}

/// `1 row`, `3 rows`.
fn plural(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}
