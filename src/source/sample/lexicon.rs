//! The lexicon: words beyond a sample's own, described in named dimensions.
//!
//! A file of groups, each with one description for all its words; `samples/lexicon.toml` is the one inside the program.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

use super::SampleError;
use super::error::{Refusal, excerpt, not_toml};
use super::read::{At, Fields, Node, list_of, number, part, placed, text, words, wrong_type};
use crate::ground::lang::Text;

/// The version of the file format, its first key.
const FORMAT: &str = "qkv-lexicon/1";

/// Words and what they are.
#[derive(Debug, Clone, PartialEq)]
pub struct Lexicon {
    dimensions: Vec<Text>,
    groups: Vec<Group>,
    /// The group of each word; words are kept folded.
    words: BTreeMap<String, usize>,
}

/// Words that share a description.
#[derive(Debug, Clone, PartialEq)]
struct Group {
    about: Text,
    /// One number a dimension.
    row: Vec<f32>,
}

impl Lexicon {
    /// The lexicon that comes with the program.
    ///
    /// # Errors
    /// Never for what was released: a test reads it.
    pub fn builtin() -> Result<Self, SampleError> {
        const SOURCE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/samples/lexicon.toml"));
        Self::parse(SOURCE, "samples/lexicon.toml")
    }

    /// Reads a lexicon; `file` is what errors call it.
    ///
    /// # Errors
    /// [`SampleError`] says where, what was found and what was expected; a word described twice is an error.
    pub fn parse(source: &str, file: &str) -> Result<Self, SampleError> {
        read(source).map_err(|refusal| refusal.locate(source, file))
    }

    /// What words are described in.
    pub fn dimensions(&self) -> &[Text] {
        &self.dimensions
    }

    /// One number a dimension; `None` for a word that nobody described. Large and small letters are the same.
    pub fn describe(&self, word: &str) -> Option<&[f32]> {
        self.group(word).map(|group| group.row.as_slice())
    }

    /// What kind of word it is, for a person: `城市`, `cities`.
    pub fn about(&self, word: &str) -> Option<&Text> {
        self.group(word).map(|group| &group.about)
    }

    /// Every word, folded, in the order of Unicode.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.words.keys().map(String::as_str)
    }

    fn group(&self, word: &str) -> Option<&Group> {
        self.words.get(&fold(word)).and_then(|&group| self.groups.get(group))
    }
}

/// A word as it is looked up: `London`, `LONDON` and `london` are one.
pub(super) fn fold(word: &str) -> String {
    word.to_lowercase()
}

fn read(source: &str) -> Result<Lexicon, Refusal> {
    let document = DeTable::parse(source).map_err(|error| not_toml(&error))?;
    let fields = Fields { place: Text::new("词典", "the lexicon"), at: 0, table: document.get_ref() };
    let format = fields.need("format", words)?;
    if format.value != FORMAT {
        let found = excerpt(&format.value);
        return Err(format.refuse(Text::owned(
            format!("format：写的是 \"{found}\"，应当是 \"{FORMAT}\""),
            format!("format is \"{found}\", expected \"{FORMAT}\""),
        )));
    }
    fields.only(&["format", "dimensions", "group"])?;
    let dimensions = fields.need("dimensions", list_of(placed(text)))?.value;
    let mut names: Vec<&str> = Vec::new();
    for dimension in &dimensions {
        if names.contains(&dimension.value.en.as_ref()) {
            let Text { zh, en } = &dimension.value;
            return Err(dimension.refuse(Text::owned(
                format!("维度「{}」写了两遍", excerpt(zh)),
                format!("the dimension `{}` stands twice", excerpt(en)),
            )));
        }
        names.push(&dimension.value.en);
    }
    let drafts = fields.need("group", list_of(|what: &Text, node| draft(what, node, &names)))?.value;

    let (mut groups, mut words) = (Vec::new(), BTreeMap::new());
    for (group, listed) in drafts {
        for word in listed {
            if words.insert(fold(&word.value), groups.len()).is_some() {
                let found = excerpt(&word.value);
                return Err(
                    word.refuse(Text::owned(format!("「{found}」描述了两遍"), format!("`{found}` is described twice")))
                );
            }
        }
        groups.push(group);
    }
    let dimensions = dimensions.into_iter().map(|dimension| dimension.value).collect();
    Ok(Lexicon { dimensions, groups, words })
}

/// One group and its words.
fn draft<'a>(what: &Text, node: &'a Node<'a>, dimensions: &[&str]) -> Result<(Group, Vec<At<String>>), Refusal> {
    let fields = Fields { place: Text::new("组", "a group"), at: node.span().start, table: table(what, node)? };
    fields.only(&["about", "describes", "words"])?;
    let describes = fields.need("describes", table)?;
    let describes =
        Fields { place: Text::new("`describes` ", "`describes`"), at: describes.at, table: describes.value };
    describes.only(dimensions)?;
    let one = |name: &&str| {
        let found = describes.find(name, |name, node| number(|| part(&Text::same("describes"), &name.en), node))?;
        Ok(found.map_or(0.0, |found| found.value))
    };
    let group =
        Group { about: fields.need("about", text)?.value, row: dimensions.iter().map(one).collect::<Result<_, _>>()? };
    let listed = fields.need("words", list_of(placed(words)))?;
    if listed.value.is_empty() {
        return Err(
            listed.refuse(Text::new("words：是空的，至少要一个词", "words is empty, expected at least one word"))
        );
    }
    Ok((group, listed.value))
}

fn table<'a>(what: &Text, node: &'a Node<'a>) -> Result<&'a DeTable<'a>, Refusal> {
    match node.get_ref() {
        DeValue::Table(table) => Ok(table),
        _ => Err(wrong_type(what, node, &Text::new("表", "a table"))),
    }
}
