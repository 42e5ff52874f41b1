//! The lexicon: words beyond a sample's own, described in named dimensions.
//!
//! A file of groups, each with one description for all its words, and of word classes; inside the program are
//! `samples/lexicon.toml` for Chinese and `samples/english-words.toml`.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

use super::inflection::{Inflection, owner, stems};
use crate::ground::lang::Text;
use crate::ground::text::folded;
use crate::source::file::FileError;
use crate::source::file::error::{Refusal, excerpt, not_toml};
use crate::source::file::read::{At, Fields, Node, list_of, number, part, placed, text, words, wrong_type};

/// The version of the file format, its first key.
const FORMAT: &str = "qkv-lexicon/1";

/// Words and what they are.
#[derive(Debug, Clone, PartialEq)]
pub struct Lexicon {
    dimensions: Vec<Text>,
    groups: Vec<Group>,
    /// The group of each word; words are kept folded.
    words: BTreeMap<String, usize>,
    /// The group of each class of words, by the sign that the Chinese dictionary has for it.
    classes: BTreeMap<String, usize>,
}

/// Words that share a description.
#[derive(Debug, Clone, PartialEq)]
struct Group {
    about: Text,
    /// One number a dimension.
    row: Vec<f32>,
    inflects: Option<Inflection>,
}

impl Lexicon {
    /// The lexicon that comes with the program.
    ///
    /// # Errors
    /// Never for what was released: a test reads it.
    pub fn builtin() -> Result<Self, FileError> {
        const CHINESE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/samples/lexicon.toml"));
        const ENGLISH: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/samples/english-words.toml"));
        let chinese = Self::parse(CHINESE, "samples/lexicon.toml")?;
        Ok(chinese.and(Self::parse(ENGLISH, "samples/english-words.toml")?))
    }

    /// Reads a lexicon; `file` is what errors call it.
    ///
    /// # Errors
    /// [`FileError`] says where, what was found and what was expected; a word described twice is an error.
    pub fn parse(source: &str, file: &str) -> Result<Self, FileError> {
        read(source).map_err(|refusal| refusal.locate(source, file))
    }

    /// The words of both, described in the dimensions of this one; what both describe is as this one says.
    fn and(mut self, other: Self) -> Self {
        let place = |name: &Text| other.dimensions.iter().position(|known| known.en == name.en);
        let columns: Vec<Option<usize>> = self.dimensions.iter().map(place).collect();
        let first = self.groups.len();
        self.groups.extend(other.groups.into_iter().map(|group| {
            let row = columns.iter().map(|column| column.map_or(0.0, |column| group.row[column])).collect();
            Group { row, ..group }
        }));
        for (all, more) in [(&mut self.words, other.words), (&mut self.classes, other.classes)] {
            for (word, group) in more {
                all.entry(word).or_insert(first + group);
            }
        }
        self
    }

    /// What words are described in.
    pub fn dimensions(&self) -> &[Text] {
        &self.dimensions
    }

    /// One number a dimension; `None` for a word that nobody described. Capitals, traditional characters and English
    /// endings make no difference.
    pub fn describe(&self, word: &str) -> Option<&[f32]> {
        self.group(word).map(|group| group.row.as_slice())
    }

    /// What kind of word it is, for a person: `城市`, `cities`.
    pub fn about(&self, word: &str) -> Option<&Text> {
        self.group(word).map(|group| &group.about)
    }

    /// The class that the Chinese dictionary has this sign for (`ns`: names of places): what it is called, and one number a
    /// dimension.
    pub fn class(&self, sign: &str) -> Option<(&Text, &[f32])> {
        let group = self.groups.get(*self.classes.get(sign)?);
        group.map(|group| (&group.about, group.row.as_slice()))
    }

    /// Every word, folded, in the order of Unicode.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.words.keys().map(String::as_str)
    }

    fn group(&self, word: &str) -> Option<&Group> {
        let word = folded(word);
        let exactly = |word: &str| self.words.get(word).and_then(|&group| self.groups.get(group));
        let inflected = |word: &str| {
            let forms = stems(word);
            forms.iter().find_map(|(stem, how)| exactly(stem).filter(|group| group.inflects == Some(*how)))
        };
        let owner = owner(&word);
        exactly(&word).or_else(|| exactly(owner)).or_else(|| inflected(owner))
    }
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
    fields.only(&["format", "dimensions", "group", "class"])?;
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
    let group = |what: &Text, node| draft(what, node, &names, (Text::new("组", "a group"), "words"));
    let class = |what: &Text, node| draft(what, node, &names, (Text::new("词类", "a class"), "tags"));
    let drafts = fields.need("group", list_of(group))?.value;
    let classes = fields.find("class", list_of(class))?.map_or_else(Vec::new, |classes| classes.value);

    let mut groups = Vec::new();
    let words = listed(drafts, &mut groups, folded)?;
    let classes = listed(classes, &mut groups, str::to_owned)?;
    let dimensions = dimensions.into_iter().map(|dimension| dimension.value).collect();
    Ok(Lexicon { dimensions, groups, words, classes })
}

/// A group and what it lists, each with its place.
type Draft = (Group, Vec<At<String>>);

/// The group of everything that is listed; each is listed once.
fn listed(
    drafts: Vec<Draft>,
    groups: &mut Vec<Group>,
    key: fn(&str) -> String,
) -> Result<BTreeMap<String, usize>, Refusal> {
    let mut all = BTreeMap::new();
    for (group, listed) in drafts {
        for word in listed {
            if all.insert(key(&word.value), groups.len()).is_some() {
                let found = excerpt(&word.value);
                return Err(
                    word.refuse(Text::owned(format!("「{found}」描述了两遍"), format!("`{found}` is described twice")))
                );
            }
        }
        groups.push(group);
    }
    Ok(all)
}

/// One group and its words, or one class and its signs: what a person calls it, and the key of its list.
fn draft<'a>(
    what: &Text,
    node: &'a Node<'a>,
    dimensions: &[&str],
    (place, list): (Text, &'static str),
) -> Result<Draft, Refusal> {
    let fields = Fields { place, at: node.span().start, table: table(what, node)? };
    fields.only(&["about", "describes", "inflects", list])?;
    let describes = fields.need("describes", table)?;
    let describes =
        Fields { place: Text::new("`describes` ", "`describes`"), at: describes.at, table: describes.value };
    describes.only(dimensions)?;
    let one = |name: &&str| {
        let found = describes.find(name, |name, node| number(|| part(&Text::same("describes"), &name.en), node))?;
        Ok(found.map_or(0.0, |found| found.value))
    };
    let group = Group {
        about: fields.need("about", text)?.value,
        row: dimensions.iter().map(one).collect::<Result<_, _>>()?,
        inflects: fields.find("inflects", Inflection::read)?.map(|how| how.value),
    };
    let listed = fields.need(list, list_of(placed(words)))?;
    if listed.value.is_empty() {
        return Err(listed.refuse(Text::owned(
            format!("{list}：是空的，至少要一个词"),
            format!("{list} is empty, expected at least one word"),
        )));
    }
    Ok((group, listed.value))
}

fn table<'a>(what: &Text, node: &'a Node<'a>) -> Result<&'a DeTable<'a>, Refusal> {
    match node.get_ref() {
        DeValue::Table(table) => Ok(table),
        _ => Err(wrong_type(what, node, &Text::new("表", "a table"))),
    }
}
