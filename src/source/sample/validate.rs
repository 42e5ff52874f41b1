//! From a draft to a sample: counts, shapes and kinds are compared, the program is built and given its numbers.

use std::sync::Arc;

use toml::de::DeTable;

use super::format::{Draft, List, Mask};
use super::numerals::Numerals;
use super::what_if::ours;
use super::{HeadCard, Sample, Scenario, WordOrigin};
use crate::ground::fault::Failure;
use crate::ground::lang::Text;
use crate::ground::text::TOKENS;
use crate::math::tensor::Tensor;
use crate::program::attention::{Sizes, attention};
use crate::program::{Inputs, Name, Program, Wiring};
use crate::source::file::error::{Refusal, excerpt, not_toml};
use crate::source::file::read::{At, Matrix};

/// The most heads. With [`TOKENS`] it keeps every tensor below 2^24 numbers.
const HEADS: usize = 64;

/// Reads and checks a whole file.
pub(super) fn sample(source: &str) -> Result<Sample, Refusal> {
    if source.len() > Sample::LARGEST_FILE {
        let (found, most) = (source.len(), Sample::LARGEST_FILE);
        let words = Text::owned(
            format!("文件有 {found} 字节，样例最多 {most} 字节"),
            format!("the file has {found} bytes, a sample has at most {most}"),
        );
        return Err(Refusal::new(0, words));
    }
    let numerals = Numerals::of(source);
    let sample = || {
        let document = DeTable::parse(&numerals.text).map_err(|error| not_toml(&error))?;
        Draft::read(document.get_ref())?.check()
    };
    sample().map_err(|refusal| refusal.moved(|at| numerals.in_file(at)))
}

impl Draft {
    /// Compares everything with everything else.
    fn check(self) -> Result<Sample, Refusal> {
        self.check_name()?;
        self.check_kind()?;
        self.check_words()?;
        let sizes = self.sizes()?;
        let mask = self.mask(&sizes)?;
        let heads = self.heads(&sizes)?;
        let program = attention(self.kind, &sizes, &Wiring::default())
            .map_err(|error| Refusal::new(self.tensors_at, error.words()))?;
        let inputs = self.inputs(&program, &mask)?;
        let what_if = self.what_if;
        let given = self.given.unwrap_or(self.origin);
        let all_given = vec![WordOrigin::Given(given); self.tokens.value.len()];
        let word_origins = self.word_origins.map_or(all_given, |list| list.value);
        let mut sample = Sample {
            model: None,
            name: self.name.value,
            title: self.title,
            origin: self.origin,
            given,
            text: self.text,
            tokens: self.tokens.value,
            memory_tokens: self.memory_tokens.map_or_else(Vec::new, |list| list.value),
            gloss: self.gloss.map_or_else(Vec::new, |list| list.value),
            word_origins,
            coarser: Vec::new(),
            query_token: self.query_token.map_or_else(|| "q".to_owned(), |word| word.value),
            dimensions: self.dimensions.map_or_else(Vec::new, |list| list.value),
            heads,
            sizes,
            program: Arc::new(program),
            inputs: Arc::new(inputs),
            what_if: Scenario::default(),
            training: self.training.map(|training| training.value),
            vocabulary: Arc::default(),
        };
        if let Some(asked) = what_if {
            sample.what_if = asked.value.check(asked.at, &sample)?;
            sample.as_saved().map_err(|error| asked.refuse(ours(&error.words())))?;
        }
        Ok(sample)
    }

    /// The name is typed at a prompt and may become a file name.
    fn check_name(&self) -> Result<(), Refusal> {
        let plain = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
        if self.name.value.chars().all(plain) {
            return Ok(());
        }
        let found = excerpt(&self.name.value);
        Err(self.name.refuse(Text::owned(
            format!("name：写的是 \"{found}\"，只能用字母、数字、- 和 _"),
            format!("name is \"{found}\", expected letters, digits, - and _ only"),
        )))
    }

    /// What belongs to another kind of program is refused, what this kind needs is demanded.
    fn check_kind(&self) -> Result<(), Refusal> {
        let (kind, takes) = (self.kind.name(), self.kind.takes());
        if let Some((symbol, tensor)) = self.tensors.iter().find(|(symbol, _)| !takes.contains(symbol)) {
            let takes = names(&takes);
            return Err(tensor.refuse(Text::owned(
                format!("{symbol} 不属于 {kind}；它用的是 {takes}"),
                format!("{symbol} does not belong to {kind}; it takes {takes}"),
            )));
        }
        let needs = takes.iter().filter(|symbol| **symbol != Name::WO);
        if let Some(symbol) = needs.clone().find(|symbol| self.tensor(**symbol).is_none()) {
            let needs = names(needs);
            let words = Text::owned(
                format!("缺少 {symbol}；{kind} 需要 {needs}"),
                format!("{symbol} is missing; {kind} needs {needs}"),
            );
            return Err(Refusal::new(self.tensors_at, words));
        }
        let keys = [
            (
                "memory_tokens",
                self.memory_tokens.as_ref().map(|k| k.at),
                self.kind.has_memory(),
                Text::new("只有 cross-attention 有记忆", "only cross-attention has a memory"),
            ),
            (
                "query_token",
                self.query_token.as_ref().map(|k| k.at),
                self.kind.has_one_query(),
                Text::new("只有 dot-product 有单个查询", "only dot-product has a single query"),
            ),
            (
                "feature_names",
                self.feature_names.as_ref().map(|k| k.at),
                self.kind.has_weights(),
                Text::new("它的特征就是各个维度", "its features are the dimensions"),
            ),
            (
                "value_names",
                self.value_names.as_ref().map(|k| k.at),
                self.kind.has_weights(),
                Text::new("它的值就是各个维度", "its values are the dimensions"),
            ),
        ];
        for (key, at, belongs, why) in keys {
            if let (Some(at), false) = (at, belongs) {
                let words = Text::owned(
                    format!("`{key}` 不属于 {kind}：{}", why.zh),
                    format!("`{key}` does not belong to {kind}: {}", why.en),
                );
                return Err(Refusal::new(at, words));
            }
        }
        Ok(())
    }

    /// Words: some, not too many, one row of numbers each.
    fn check_words(&self) -> Result<(), Refusal> {
        self.check_sentence("tokens", &self.tokens, Name::H)?;
        match (&self.memory_tokens, self.kind.has_memory()) {
            (Some(memory), _) => self.check_sentence("memory_tokens", memory, Name::M)?,
            (None, true) => {
                let kind = self.kind.name();
                let words = Text::owned(
                    format!("缺少 `memory_tokens`；{kind} 里 M 的每一行要一个词"),
                    format!("`memory_tokens` is missing; {kind} needs one word for each row of M"),
                );
                return Err(Refusal::new(0, words));
            }
            (None, false) => {}
        }
        if let Some(gloss) = &self.gloss {
            same_count(
                gloss,
                &Text::same("gloss"),
                self.tokens.value.len(),
                &Text::new("每个词一个", "one for each token"),
            )?;
        }
        if let Some(origins) = &self.word_origins {
            let each = Text::new("每个词一个", "one for each token");
            same_count(origins, &Text::same("word_origins"), self.tokens.value.len(), &each)?;
        }
        Ok(())
    }

    fn check_sentence(&self, key: &str, words: &List<String>, symbol: Name) -> Result<(), Refusal> {
        let count = words.value.len();
        if count == 0 {
            return Err(words.refuse(Text::owned(
                format!("{key}：是空的，至少要一个词"),
                format!("{key} is empty, expected at least one word"),
            )));
        }
        if count > TOKENS {
            return Err(words.refuse(Text::owned(
                format!("{key}：有 {count} 个词，最多 {TOKENS} 个"),
                format!("{key} has {count} words, the most is {TOKENS}"),
            )));
        }
        match self.tensor(symbol) {
            Some(m) if m.value.rows() != count => {
                let found = m.value.rows();
                let (rows, words) = (plural(found, "row"), plural(count, "word"));
                Err(m.refuse(Text::owned(
                    format!("{symbol} 有 {found} 行，应当是 {count} 行：{key} 的 {count} 个词每个一行"),
                    format!("{symbol} has {rows}, expected {count}: one for each of the {words} in {key}"),
                )))
            }
            _ => Ok(()),
        }
    }

    /// The sizes, once all matrices fit each other.
    fn sizes(&self) -> Result<Sizes, Refusal> {
        let heads = self.heads.value;
        if heads > HEADS {
            return Err(self.heads.refuse(Text::owned(
                format!("heads：写的是 {heads}，最多 {HEADS}"),
                format!("heads is {heads}, the most is {HEADS}"),
            )));
        }
        let cols = |symbol| self.tensor(symbol).map(|m| m.value.cols);
        let model = cols(Name::H).unwrap_or_default();
        let features = cols(Name::WQ).unwrap_or(model);
        let values = cols(Name::WV).unwrap_or(model);

        self.expect(Name::Query, Some(1), Some(model), &Text::new("一个查询，和 H 一样宽", "one query, as wide as H"))?;
        self.expect(Name::M, None, Some(model), &Text::new("和 H 一样宽", "as wide as H"))?;
        for symbol in [Name::WQ, Name::WK, Name::WV] {
            self.expect(symbol, Some(model), None, &Text::new("H 的每一列对应一行", "one row for each column of H"))?;
        }
        self.expect(Name::WK, None, Some(features), &Text::new("和 W_q 一样宽", "as wide as W_q"))?;
        self.expect(
            Name::WO,
            Some(values),
            None,
            &Text::new("W_v 的每一列对应一行", "one row for each column of W_v"),
        )?;
        for symbol in if self.kind.has_weights() { [Name::WQ, Name::WV] } else { [Name::H; 2] } {
            if let Some(width) = cols(symbol).filter(|width| !width.is_multiple_of(heads)) {
                let message = Text::owned(
                    format!("{symbol} 的 {width} 列不能由 {heads} 个头平分"),
                    format!("{heads} heads cannot share the {} of {symbol} evenly", plural(width, "column")),
                );
                // `heads` may be left out, but 1 divides everything: here it is written.
                return Err(self.heads.refuse(message));
            }
        }
        if let Some(dimensions) = &self.dimensions {
            same_count(
                dimensions,
                &Text::same("dimensions"),
                model,
                &Text::new("H 的每一列一个", "one for each column of H"),
            )?;
        }
        let tokens = self.tokens.value.len();
        let memory = self.memory_tokens.as_ref().map_or(tokens, |list| list.value.len());
        let tokens = if self.kind.has_one_query() { 1 } else { tokens };
        Ok(Sizes { batch: None, tokens, memory, model, heads, features, values, output: cols(Name::WO) })
    }

    /// Refuses a tensor with other rows or columns than these.
    fn expect(&self, symbol: Name, rows: Option<usize>, cols: Option<usize>, why: &Text) -> Result<(), Refusal> {
        let Some(m) = self.tensor(symbol) else { return Ok(()) };
        let (r, c) = (rows.unwrap_or(m.value.rows()), cols.unwrap_or(m.value.cols));
        if (r, c) == (m.value.rows(), m.value.cols) {
            return Ok(());
        }
        let found = m.value.size();
        Err(m.refuse(Text::owned(
            format!("{symbol} 是 {found}，应当是 {r}×{c}：{}", why.zh),
            format!("{symbol} is {found}, expected {r}×{c}: {}", why.en),
        )))
    }

    /// The mask as rows of 0 and 1.
    fn mask(&self, sizes: &Sizes) -> Result<Vec<f32>, Refusal> {
        let (asks, answers) = (sizes.tokens, if self.kind.answers().is_none() { sizes.tokens } else { sizes.memory });
        match &self.mask.value {
            Mask::None => Ok(vec![1.0; asks * answers]),
            Mask::Causal if asks == answers => Ok(causal(asks)),
            Mask::Causal => Err(self.mask.refuse(Text::owned(
                format!("causal 掩码要求查询和键一样多，这里是 {asks} 个和 {answers} 个"),
                format!("a causal mask needs as many queries as keys, here are {asks} and {answers}"),
            ))),
            Mask::Rows(rows) => self.mask_rows(rows, asks, answers),
        }
    }

    fn mask_rows(&self, mask: &Matrix, asks: usize, answers: usize) -> Result<Vec<f32>, Refusal> {
        if (mask.rows(), mask.cols) != (asks, answers) {
            let found = mask.size();
            let message = Text::owned(
                format!("mask 是 {found}，应当是 {asks}×{answers}：每个查询一行，每个键一列"),
                format!("mask is {found}, expected {asks}×{answers}: one row for each query, one column for each key"),
            );
            return Err(self.mask.refuse(message));
        }
        for (i, (row, &at)) in mask.numbers.chunks(answers).zip(&mask.rows_at).enumerate() {
            let row_number = i + 1;
            if let Some(j) = row.iter().position(|x| ![0.0, 1.0].contains(x)) {
                let (column, found) = (j + 1, row[j]);
                let message = Text::owned(
                    format!("mask 第 {row_number} 行第 {column} 列：写的是 {found}，应当是 0 或 1"),
                    format!("mask, row {row_number}, column {column} is {found}, expected 0 or 1"),
                );
                return Err(Refusal::new(at, message));
            }
            if row.iter().all(|&x| x == 0.0) {
                let message = Text::owned(
                    format!("mask 第 {row_number} 行把所有键都挡住了；至少留一个 1"),
                    format!("mask, row {row_number} hides every key; leave at least one 1 in it"),
                );
                return Err(Refusal::new(at, message));
            }
        }
        Ok(mask.numbers.clone())
    }

    /// One card a head.
    fn heads(&self, sizes: &Sizes) -> Result<Vec<HeadCard>, Refusal> {
        let heads = sizes.heads;
        let (d, d_v) = (sizes.features / heads, sizes.values / heads);
        for (key, list) in [("head_names", &self.head_names), ("head_intents", &self.head_intents)] {
            if let Some(list) = list {
                same_count(list, &Text::same(key), heads, &Text::new("每个头一个", "one for each head"))?;
            }
        }
        for (key, lists, width) in [("feature_names", &self.feature_names, d), ("value_names", &self.value_names, d_v)]
        {
            let Some(lists) = lists else { continue };
            same_count(lists, &Text::same(key), heads, &Text::new("每个头一个列表", "one list for each head"))?;
            for (i, list) in (1..).zip(&lists.value) {
                let what = Text::owned(format!("{key} 第 {i} 个头"), format!("{key}, head {i}"));
                let why = Text::new("这个头的每一列一个", "one for each of the head's columns");
                same_count(list, &what, width, &why)?;
            }
        }
        let one = |list: &Option<List<Text>>, h: usize| list.as_ref().and_then(|list| list.value.get(h).cloned());
        // Without W the words are their own keys and values, so the dimensions name those too.
        let dimensions = self.dimensions.as_ref().filter(|_| !self.kind.has_weights());
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
    fn inputs(&self, program: &Program, mask: &[f32]) -> Result<Inputs, Refusal> {
        let shape_of = |name| program.find(None, name).map(|slot| program.shape(slot));
        let inputs = Inputs::new(program, |symbol| {
            let numbers = if symbol.name == Name::Mask { mask } else { &self.tensor(symbol.name)?.value.numbers };
            Tensor::from_vec(shape_of(symbol.name)?, numbers.to_vec())
        });
        inputs.map_err(|error| Refusal::new(self.tensors_at, error.words()))
    }
}

/// A query sees itself and what comes before.
pub(super) fn causal(words: usize) -> Vec<f32> {
    (0..words * words).map(|i| if i % words <= i / words { 1.0 } else { 0.0 }).collect()
}

/// Refuses a list of another length.
fn same_count<T>(list: &At<Vec<T>>, what: &Text, expected: usize, why: &Text) -> Result<(), Refusal> {
    let found = list.value.len();
    if found == expected {
        return Ok(());
    }
    let entries = if found == 1 { "entry" } else { "entries" };
    Err(list.refuse(Text::owned(
        format!("{}：有 {found} 项，应当是 {expected} 项：{}", what.zh, why.zh),
        format!("{} has {found} {entries}, expected {expected}: {}", what.en, why.en),
    )))
}

/// `H, W_q, W_k`.
fn names<'a>(names: impl IntoIterator<Item = &'a Name>) -> String {
    names.into_iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ")
}

/// `1 row`, `3 rows`.
fn plural(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}
