//! The sample file `qkv-sample/1` as it is written: every key read and typed, nothing yet compared with anything else.

use toml::de::{DeTable, DeValue};

use super::training::training;
use super::what_if::{WhatIf, what_if};
use super::{FORMAT, Origin, Training, WordOrigin};
use crate::ground::lang::Text;
use crate::program::{Kind, Name};
use crate::source::file::error::{Refusal, excerpt};
use crate::source::file::read::{
    At, Fields, Matrix, Node, STRING, count, list_of, matrix, matrix_of, number, placed, sentence, text, words,
    written, wrong_type,
};

/// The keys of a file, in the order in which one is written.
const KEYS: [&str; 22] = [
    "format",
    "name",
    "title",
    "program",
    "weights",
    "given",
    "text",
    "tokens",
    "memory_tokens",
    "gloss",
    "word_origins",
    "query_token",
    "heads",
    "mask",
    "dimensions",
    "head_names",
    "head_intents",
    "feature_names",
    "value_names",
    "what_if",
    "training",
    "tensors",
];

/// Every tensor that some kind of program is given by a file. The mask has a key of its own.
pub(super) const TENSORS: [Name; 7] = [Name::Query, Name::H, Name::M, Name::WQ, Name::WK, Name::WV, Name::WO];

/// The mask as it is written.
#[derive(Debug)]
pub(super) enum Mask {
    /// `"none"`: every query sees every key.
    None,
    /// `"causal"`: a query sees itself and what comes before.
    Causal,
    /// One row a query, 1 where it may look and 0 where not.
    Rows(Matrix),
}

/// A list with a place of its own.
pub(super) type List<T> = At<Vec<T>>;

/// A file whose keys and types are right.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) name: At<String>,
    pub(super) title: Text,
    pub(super) kind: Kind,
    pub(super) origin: Origin,
    pub(super) given: Option<Origin>,
    pub(super) text: String,
    pub(super) tokens: List<String>,
    pub(super) memory_tokens: Option<List<String>>,
    pub(super) gloss: Option<List<String>>,
    pub(super) word_origins: Option<List<WordOrigin>>,
    pub(super) query_token: Option<At<String>>,
    pub(super) heads: At<usize>,
    pub(super) mask: At<Mask>,
    pub(super) dimensions: Option<List<Text>>,
    pub(super) head_names: Option<List<Text>>,
    pub(super) head_intents: Option<List<Text>>,
    pub(super) feature_names: Option<List<List<Text>>>,
    pub(super) value_names: Option<List<List<Text>>>,
    pub(super) what_if: Option<At<WhatIf>>,
    pub(super) training: Option<At<Training>>,
    /// Where `[tensors]` stands.
    pub(super) tensors_at: usize,
    /// The tensors that are there.
    pub(super) tensors: Vec<(Name, At<Matrix>)>,
}

impl Draft {
    /// Reads a document.
    pub(super) fn read<'a>(document: &'a DeTable<'a>) -> Result<Self, Refusal> {
        let fields = Fields { place: Text::new("样例", "the sample"), at: 0, table: document };
        fields.need("format", |what, node| choice(what, node, &[(FORMAT, ())]))?;
        fields.only(&KEYS)?;

        let tensors = fields.need("tensors", |what, node| {
            node.get_ref().as_table().ok_or_else(|| wrong_type(what, node, &Text::new("表", "a table")))
        })?;
        let tensors_at = tensors.at;
        let tensors = Fields { place: Text::new("[tensors] ", "[tensors]"), at: tensors_at, table: tensors.value };
        if let Some(key) = tensors.table.keys().find(|key| KEYS.contains(&key.get_ref().as_ref())) {
            let name = key.get_ref();
            let message = Text::owned(
                format!("`{name}` 写在 [tensors] 下面，就成了它的一部分；请移到 [tensors] 上面"),
                format!("`{name}` stands below [tensors] and so belongs to it; move it above"),
            );
            return Err(Refusal::new(key.span().start, message));
        }
        tensors.only(&TENSORS.map(Name::as_str))?;

        Ok(Self {
            name: fields.need("name", words)?,
            title: fields.need("title", text)?.value,
            kind: fields.need("program", |what, node| choice(what, node, &Kind::ALL.map(|k| (k.name(), k))))?.value,
            origin: fields.need("weights", origin)?.value,
            given: fields.find("given", origin)?.map(|given| given.value),
            text: fields.need("text", sentence)?.value,
            tokens: fields.need("tokens", list_of(words))?,
            memory_tokens: fields.find("memory_tokens", list_of(words))?,
            gloss: fields.find("gloss", list_of(words))?,
            word_origins: fields.find("word_origins", list_of(word_origin))?,
            query_token: fields.find("query_token", words)?,
            heads: fields.find("heads", count)?.unwrap_or(At { at: 0, value: 1 }),
            mask: fields.find("mask", mask)?.unwrap_or(At { at: 0, value: Mask::None }),
            dimensions: fields.find("dimensions", list_of(text))?,
            head_names: fields.find("head_names", list_of(text))?,
            head_intents: fields.find("head_intents", list_of(text))?,
            feature_names: fields.find("feature_names", list_of(placed(list_of(text))))?,
            value_names: fields.find("value_names", list_of(placed(list_of(text))))?,
            what_if: fields.find("what_if", what_if)?,
            training: fields.find("training", training)?,
            tensors_at,
            tensors: TENSORS
                .into_iter()
                .filter_map(|name| tensors.find(name.as_str(), matrix).map(|m| m.map(|m| (name, m))).transpose())
                .collect::<Result<_, _>>()?,
        })
    }

    /// One tensor, where the file has it.
    pub(super) fn tensor(&self, name: Name) -> Option<&At<Matrix>> {
        self.tensors.iter().find(|(n, _)| *n == name).map(|(_, matrix)| matrix)
    }
}

/// One of a few fixed words.
pub(in crate::source) fn choice<'a, T: Copy>(
    what: &Text,
    node: &'a Node<'a>,
    known: &[(&str, T)],
) -> Result<T, Refusal> {
    let found = node.get_ref().as_str().ok_or_else(|| wrong_type(what, node, &STRING))?;
    known.iter().find(|(name, _)| *name == found).map(|&(_, value)| value).ok_or_else(|| {
        let names: Vec<_> = known.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        let found = excerpt(found);
        let message = Text::owned(
            format!("{}：写的是 \"{found}\"，应当是 {}", what.zh, names.join(" 或 ")),
            format!("{} is \"{found}\", expected {}", what.en, names.join(" or ")),
        );
        Refusal::new(node.span().start, message)
    })
}

/// Where numbers come from.
fn origin<'a>(what: &Text, node: &'a Node<'a>) -> Result<Origin, Refusal> {
    choice(what, node, &Origin::ALL.map(|origin| (origin.name(), origin)))
}

/// `"designed"`, `{ lexicon = { zh = "城市", en = "cities" } }`, `{ class = { … } }`.
fn word_origin<'a>(what: &Text, node: &'a Node<'a>) -> Result<WordOrigin, Refusal> {
    let DeValue::Table(table) = node.get_ref() else { return Ok(WordOrigin::Given(origin(what, node)?)) };
    let fields = Fields { place: what.clone(), at: node.span().start, table };
    fields.only(&["lexicon", "class"])?;
    match fields.find("lexicon", text)? {
        Some(about) => Ok(WordOrigin::Lexicon(about.value)),
        None => Ok(WordOrigin::Class(fields.need("class", text)?.value)),
    }
}

/// `"none"`, `"causal"` or rows of 0 and 1.
fn mask<'a>(what: &Text, node: &'a Node<'a>) -> Result<Mask, Refusal> {
    if node.get_ref().is_str() {
        let words = [("none", true), ("causal", false)];
        return Ok(if choice(what, node, &words)? { Mask::None } else { Mask::Causal });
    }
    if !node.get_ref().is_array() {
        let expected =
            Text::new("\"none\"、\"causal\" 或者由 0 和 1 组成的行", "\"none\", \"causal\" or rows of 0 and 1");
        return Err(wrong_type(what, node, &expected));
    }
    matrix_of(what, node, visible).map(Mask::Rows)
}

/// Whether a query sees a key: 1 or `true` where it does.
fn visible(what: &dyn Fn() -> Text, node: &Node<'_>) -> Result<f32, Refusal> {
    if let Some(seen) = node.get_ref().as_bool() {
        return Ok(f32::from(u8::from(seen)));
    }
    // What is added to a score: nothing, or what hides it.
    let Some(found) = written(node).filter(|found| found.parse::<f64>().is_ok_and(|x| x < 0.0)) else {
        return number(what, node);
    };
    let (what, found) = (what(), excerpt(found));
    let Text { zh, en } = what;
    Err(Refusal::new(
        node.span().start,
        Text::owned(
            format!(
                "{zh}：写的是 {found}。这是加到分数上的掩码（0 看得见，{found} 看不见）；这里正好相反，1 看得见，0 看不见：把 0 写成 1，\
                 把 {found} 写成 0"
            ),
            format!(
                "{en} is {found}: that is a mask to be added to scores (0 is seen, {found} hidden); here it is the other way round, 1 is \
                 seen and 0 hidden: write 1 for 0, and 0 for {found}"
            ),
        ),
    ))
}
