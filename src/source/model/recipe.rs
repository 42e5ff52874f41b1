//! `tokenizer.json`, as the `tokenizers` library writes it: which steps cut a text, and the vocabulary.
//!
//! ```text
//! added tokens are cut out ── normalizer: text becomes text ── pre_tokenizer: text becomes words ── model: words become
//! pieces ── post_processor: special pieces around them
//! ```
//!
//! Every part that we do not carry out exactly is refused by name. What is asked of a file bounds the work that it can make:
//! the length of a vocabulary entry, the number of steps, and patterns that need no backtracking.

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kitoken::{CharsMap, Normalization, NormalizationReplacePattern, Regex, Split, SplitBehavior};
use regex_syntax::hir::{Class, Hir, HirKind};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use unicode_normalization::UnicodeNormalization as _;

use super::error::{ModelError, shown};
use super::json::not_json;
use crate::ground::lang::Text;

/// The bytes of a vocabulary's entry, at most.
const ENTRY: usize = 1024;
/// The same where entries are looked for at every place of a word.
const SCORED_ENTRY: usize = 256;
/// The bytes of an entry that is looked for in the text itself, at most.
const ADDED: usize = 256;
/// The entries of a vocabulary, at most.
const ENTRIES: usize = 1 << 22;
/// The steps of a normalizer or pre-tokenizer, at most.
const STEPS: usize = 32;
/// The characters that replace others, or stand before a text, at most.
const REPLACEMENT: usize = 16;
/// The letters of a word that is looked up piece by piece, at most.
const WORD: usize = 1000;
/// The special pieces around a text, at most.
const AROUND: usize = 16;

/// The sign of `SentencePiece` for a space.
pub(super) const META: char = '\u{2581}';

/// How a vocabulary cuts a word.
pub(super) enum Model {
    /// The longest entry from the left; what continues a word has a prefix.
    WordPiece {
        /// The prefix: `##`.
        prefix: String,
        /// Longer words are unknown.
        longest: u32,
    },
    /// Pairs are joined in the order of the merges.
    BytePair {
        /// The rank of each entry that a merge makes.
        ranks: Vec<(Vec<u8>, u32)>,
        /// Entries are written in signs that stand for bytes.
        bytes: bool,
        /// A character that is not in the vocabulary becomes `<0xE4>`, byte by byte.
        fallback: bool,
        /// Unknown characters side by side are one.
        fuse: bool,
    },
    /// The most probable cut.
    Unigram {
        /// The logarithm of each entry's probability, in the order of the vocabulary.
        scores: Vec<f32>,
        /// As for [`Model::BytePair`].
        fallback: bool,
    },
}

/// A step that makes text of text.
pub(super) enum Step {
    /// By a regular expression, or a table of characters.
    By(Normalization),
    /// A fixed string.
    Replace(String, String),
    Lowercase,
    Nfc,
    Nfd,
    Nfkc,
    Nfkd,
    Prepend(String),
    StripLeft,
    StripRight,
}

impl Step {
    /// Carries the step out.
    pub(super) fn apply(&self, text: Cow<'_, str>) -> String {
        let owned = |text: Cow<'_, str>| text.into_owned();
        match self {
            Self::By(normalization) => {
                let mut text = text;
                normalization.normalize(&mut text, 0..usize::MAX);
                owned(text)
            }
            Self::Replace(from, to) => text.replace(from, to),
            // Letter by letter: a sigma at the end of a word is like any other.
            Self::Lowercase => text.chars().flat_map(char::to_lowercase).collect(),
            Self::Nfc => text.nfc().collect(),
            Self::Nfd => text.nfd().collect(),
            Self::Nfkc => text.nfkc().collect(),
            Self::Nfkd => text.nfkd().collect(),
            Self::Prepend(_) if text.is_empty() => String::new(),
            Self::Prepend(before) => format!("{before}{text}"),
            Self::StripLeft => text.trim_start().to_owned(),
            Self::StripRight => text.trim_end().to_owned(),
        }
    }
}

/// A step that makes words of text.
pub(super) enum Cut {
    By(Split),
    Whitespace,
    /// A space stands before every part that has none.
    Space,
    /// Spaces become the sign, and one stands before the part where it has none.
    Meta {
        sign: char,
        before: Before,
        split: bool,
    },
}

/// Before which parts a sign stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Before {
    Every,
    First,
    None,
}

/// An entry that is looked for in the text itself, as the file has it.
#[derive(Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "the file's own keys")]
pub(super) struct Added {
    pub(super) id: u32,
    pub(super) content: String,
    #[serde(default)]
    pub(super) special: bool,
    #[serde(default)]
    pub(super) single_word: bool,
    #[serde(default)]
    pub(super) lstrip: bool,
    #[serde(default)]
    pub(super) rstrip: bool,
    /// It is looked for in what the normalizer made of the text.
    #[serde(default)]
    pub(super) normalized: bool,
}

/// All that a `tokenizer.json` says about how a text is cut.
pub(super) struct Recipe {
    pub(super) model: Model,
    /// Entries as they are written in the file, and their numbers.
    pub(super) vocabulary: Vec<(String, u32)>,
    pub(super) unknown: Option<String>,
    pub(super) added: Vec<Added>,
    pub(super) steps: Vec<Step>,
    pub(super) cuts: Vec<Cut>,
    pub(super) before: Vec<u32>,
    pub(super) after: Vec<u32>,
}

/// The file, as far as it is read at all. How texts are cut short or made longer is not: we refuse what is too long.
#[derive(Deserialize)]
struct File {
    #[serde(default)]
    added_tokens: Option<Vec<Added>>,
    #[serde(default)]
    normalizer: Value,
    #[serde(default)]
    pre_tokenizer: Value,
    #[serde(default)]
    post_processor: Value,
    model: ModelPart,
}

#[derive(Deserialize)]
struct ModelPart {
    #[serde(default)]
    r#type: Option<String>,
    #[serde(default)]
    unk_token: Option<String>,
    #[serde(default)]
    unk_id: Option<usize>,
    #[serde(default)]
    continuing_subword_prefix: Option<String>,
    #[serde(default)]
    end_of_word_suffix: Option<String>,
    #[serde(default)]
    max_input_chars_per_word: Option<u64>,
    #[serde(default)]
    byte_fallback: Option<bool>,
    #[serde(default)]
    fuse_unk: Option<bool>,
    #[serde(default)]
    dropout: Option<f64>,
    vocab: Vocabulary,
    #[serde(default)]
    merges: Option<Vec<Merge>>,
}

/// `{"word": 0}` or `[["word", -1.5]]`.
enum Vocabulary {
    Numbered(Vec<(String, u32)>),
    Scored(Vec<(String, f64)>),
}

impl<'de> Deserialize<'de> for Vocabulary {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Vocabulary;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object or a list")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vocabulary, A::Error> {
                let mut all = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    all.push(entry);
                    bounded::<A::Error>(all.len())?;
                }
                Ok(Vocabulary::Numbered(all))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vocabulary, A::Error> {
                let mut all = Vec::new();
                while let Some(entry) = list.next_element()? {
                    all.push(entry);
                    bounded::<A::Error>(all.len())?;
                }
                Ok(Vocabulary::Scored(all))
            }
        }
        deserializer.deserialize_any(Read)
    }
}

fn bounded<E: serde::de::Error>(entries: usize) -> Result<(), E> {
    if entries <= ENTRIES {
        return Ok(());
    }
    Err(E::custom(format_args!("more than {ENTRIES} entries")))
}

/// `"a b"` or `["a", "b"]`: what is joined.
struct Merge(String);

impl<'de> Deserialize<'de> for Merge {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Merge;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("two entries to be joined")
            }

            fn visit_str<E: serde::de::Error>(self, pair: &str) -> Result<Merge, E> {
                match pair.split_once(' ') {
                    Some((left, right)) if !left.is_empty() && !right.is_empty() => Ok(Merge(format!("{left}{right}"))),
                    _ => Err(E::custom(format_args!("`{}` is not two entries with a space between", shown(pair)))),
                }
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Merge, A::Error> {
                let two = || A::Error::custom("expected two entries");
                let mut joined: String = list.next_element()?.ok_or_else(two)?;
                let right: String = list.next_element()?.ok_or_else(two)?;
                joined.push_str(&right);
                if list.next_element::<String>()?.is_some() { Err(two()) } else { Ok(Merge(joined)) }
            }
        }
        deserializer.deserialize_any(Read)
    }
}

/// Where in the file something stands, for messages.
#[derive(Clone)]
struct Path<'a> {
    file: &'a str,
    names: String,
}

impl Path<'_> {
    fn to(&self, name: impl fmt::Display) -> Self {
        let dot = if self.names.is_empty() { "" } else { "." };
        Self { file: self.file, names: format!("{}{dot}{name}", self.names) }
    }

    fn at(&self, index: usize) -> Self {
        Self { file: self.file, names: format!("{}[{index}]", self.names) }
    }

    fn refuse(&self, message: Text) -> ModelError {
        ModelError::value(self.file, self.names.clone(), message)
    }

    /// A value that is not what is expected there.
    fn expected(&self, found: Option<&Value>, expected: &Text) -> ModelError {
        let found = shown(&found.map_or_else(|| "null".to_owned(), Value::to_string));
        self.refuse(Text::owned(
            format!("是 {found}，这里只支持{}", expected.zh),
            format!("is {found}, supported is {}", expected.en),
        ))
    }

    fn word<'v>(&self, options: &'v Map<String, Value>, key: &str) -> Result<&'v str, ModelError> {
        let value = options.get(key);
        value.and_then(Value::as_str).ok_or_else(|| self.to(key).expected(value, &Text::new("字符串", "a string")))
    }

    fn flag(&self, options: &Map<String, Value>, key: &str, usual: bool) -> Result<bool, ModelError> {
        match options.get(key) {
            None | Some(Value::Null) => Ok(usual),
            Some(Value::Bool(flag)) => Ok(*flag),
            other => Err(self.to(key).expected(other, &Text::new(" true 或者 false", "true or false"))),
        }
    }

    /// A regular expression that does its work in time linear in the text.
    fn pattern(&self, pattern: &str) -> Result<Regex, ModelError> {
        const LONGEST: usize = 1000;
        let fit = pattern.len() <= LONGEST && is_linear(pattern);
        let compiled = fit.then(|| Regex::new(pattern).ok()).flatten();
        compiled.ok_or_else(|| {
            let found = shown(pattern);
            self.refuse(Text::owned(
                format!("正则表达式 {found} 这里不支持：不能有回溯（除了 \\s+(?!\\S)），不能太大，最长 {LONGEST} 字节"),
                format!(
                    "the regular expression {found} is not supported: none that looks around (but \\s+(?!\\S)), none that is large, and at most {LONGEST} bytes"
                ),
            ))
        })
    }
}

/// Whether a pattern needs no backtracking and not much room: none but the one look ahead that tokenizers have, spaces up to the
/// last before a word, and that as one of the outermost alternatives.
fn is_linear(pattern: &str) -> bool {
    // As much as a hundred times all letters; a tokenizer's own pattern has some of them.
    const LARGEST: usize = 1 << 16;
    let regular = |part: &str| regex_syntax::parse(part).is_ok_and(|parsed| size(&parsed) <= LARGEST);
    let possessive = ["*+", "++", "?+"].iter().any(|sign| pattern.contains(sign)) || repeats_possessively(pattern);
    match pattern.split_once(r"|\s+(?!\S)") {
        _ if possessive => false,
        None => regular(pattern),
        Some((before, after)) => regular(before) && (after.is_empty() || after.strip_prefix('|').is_some_and(regular)),
    }
}

/// Whether there is a count with a `+` behind it: what takes all it can and gives nothing back, like `*+`. Other engines read a
/// repetition of a repetition.
fn repeats_possessively(pattern: &str) -> bool {
    pattern.match_indices("}+").any(|(at, _)| {
        let Some((before, count)) = pattern[..at].rsplit_once('{') else { return false };
        let is_count = count.chars().all(|c| c.is_ascii_digit() || c == ',');
        is_count && !before.ends_with(r"\x") && !before.ends_with(r"\u")
    })
}

/// How many ranges of characters a pattern has, those that are repeated as often as they are.
fn size(pattern: &Hir) -> usize {
    match pattern.kind() {
        HirKind::Empty | HirKind::Look(_) => 1,
        HirKind::Literal(literal) => literal.0.len(),
        HirKind::Class(Class::Unicode(class)) => class.ranges().len(),
        HirKind::Class(Class::Bytes(class)) => class.ranges().len(),
        HirKind::Repetition(again) => {
            let most = again.max.unwrap_or(again.min).max(again.min).max(1);
            size(&again.sub).saturating_mul(most as usize)
        }
        HirKind::Capture(group) => size(&group.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().fold(1, |sum: usize, part| sum.saturating_add(size(part)))
        }
    }
}

/// What is known of a kind of step, for the message about another one.
fn unknown_kind(path: &Path<'_>, options: &Map<String, Value>, known: &[&str]) -> ModelError {
    let known = known.join(", ");
    path.to("type").expected(options.get("type"), &Text::owned(format!(" {known}"), known.clone()))
}

impl Recipe {
    /// Reads a `tokenizer.json`; `file` is what errors call it.
    pub(super) fn parse(source: &str, file: &str) -> Result<Self, ModelError> {
        let parsed: File = serde_json::from_str(source).map_err(|error| not_json(&error, source, file))?;
        let root = Path { file, names: String::new() };
        let (mut steps, mut cuts) = (Vec::new(), Vec::new());
        normalizer(&parsed.normalizer, &root.to("normalizer"), &mut steps)?;
        let mut bytes = false;
        pre_tokenizer(&parsed.pre_tokenizer, &root.to("pre_tokenizer"), &mut cuts, &mut bytes)?;
        let (mut before, mut after) = (Vec::new(), Vec::new());
        post_processor(&parsed.post_processor, &root.to("post_processor"), &mut before, &mut after)?;
        let added = parsed.added_tokens.unwrap_or_default();
        check_added(&added, &root.to("added_tokens"))?;
        let (model, vocabulary, unknown) = model(parsed.model, bytes, &root.to("model"))?;
        Ok(Self { model, vocabulary, unknown, added, steps, cuts, before, after })
    }

    /// BERT's own: a `vocab.txt` with one entry a line.
    pub(super) fn bert(source: &str, lowercase: bool, file: &str) -> Result<Self, ModelError> {
        let root = Path { file, names: "vocab.txt".to_owned() };
        let vocabulary: Vec<(String, u32)> =
            source.lines().zip(0..).map(|(entry, id)| (entry.to_owned(), id)).collect();
        let place = |i: usize| Path { file, names: format!("line {}", i + 1) };
        check_entries(vocabulary.iter().map(|(entry, _)| entry.as_str()), ENTRY, place)?;
        let find = |name: &str| vocabulary.iter().find(|(entry, _)| entry == name).map(|(_, id)| *id);
        let needed = |name: &str| {
            find(name).ok_or_else(|| {
                root.refuse(Text::owned(format!("词表里没有 {name}"), format!("there is no {name} in the vocabulary")))
            })
        };
        let (before, after) = (vec![needed("[CLS]")?], vec![needed("[SEP]")?]);
        needed("[UNK]")?;
        let added = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"].into_iter().filter_map(|name| {
            let (content, lstrip, rstrip) = (name.to_owned(), false, false);
            find(name).map(|id| Added {
                id,
                content,
                special: true,
                single_word: false,
                lstrip,
                rstrip,
                normalized: false,
            })
        });
        let added = added.collect();
        let (mut steps, mut cuts) = (Vec::new(), Vec::new());
        clean(&root, &mut steps)?;
        steps.push(by_regex(&root, CHINESE, " $1 ")?);
        if lowercase {
            without_accents(&root, &mut steps)?;
            steps.push(Step::Lowercase);
        }
        bert_cuts(&root, &mut cuts)?;
        let (model, unknown) = (Model::WordPiece { prefix: "##".to_owned(), longest: 100 }, Some("[UNK]".to_owned()));
        Ok(Self { model, vocabulary, unknown, added, steps, cuts, before, after })
    }
}

fn check_added(added: &[Added], path: &Path<'_>) -> Result<(), ModelError> {
    let Some(i) = added.iter().position(|token| token.content.is_empty() || token.content.len() > ADDED) else {
        return Ok(());
    };
    Err(path
        .at(i)
        .to("content")
        .refuse(Text::owned(format!("应该有 1 到 {ADDED} 字节"), format!("should have 1 to {ADDED} bytes"))))
}

/// Entries: some, and none too long.
fn check_entries<'v, 'p>(
    entries: impl Iterator<Item = &'v str>,
    longest: usize,
    place: impl Fn(usize) -> Path<'p>,
) -> Result<(), ModelError> {
    let mut none = true;
    for (i, entry) in entries.enumerate() {
        none = false;
        if entry.len() > longest {
            return Err(place(i).refuse(Text::owned(
                format!("一个词条有 {} 字节，最多 {longest}", entry.len()),
                format!("an entry has {} bytes, the most is {longest}", entry.len()),
            )));
        }
    }
    if none {
        return Err(place(0).refuse(Text::new("词表是空的", "the vocabulary is empty")));
    }
    Ok(())
}

type Read = (Model, Vec<(String, u32)>, Option<String>);

fn model(part: ModelPart, bytes: bool, path: &Path<'_>) -> Result<Read, ModelError> {
    const KNOWN: [&str; 3] = ["WordPiece", "BPE", "Unigram"];
    let kind = match (&part.r#type, &part.vocab) {
        (Some(kind), _) => kind.as_str(),
        // Old files do not say it.
        (None, Vocabulary::Scored(_)) => "Unigram",
        (None, _) if part.merges.is_some() => "BPE",
        (None, _) => "WordPiece",
    };
    let vocab = path.to("vocab");
    match (kind, part.vocab) {
        ("WordPiece", Vocabulary::Numbered(entries)) => {
            check_entries(entries.iter().map(|(entry, _)| entry.as_str()), ENTRY, |i| vocab.at(i))?;
            let longest = part.max_input_chars_per_word.unwrap_or(100);
            if longest > WORD as u64 {
                return Err(path.to("max_input_chars_per_word").refuse(Text::owned(
                    format!("是 {longest}，最多 {WORD}"),
                    format!("is {longest}, the most is {WORD}"),
                )));
            }
            let unknown = part.unk_token.unwrap_or_else(|| "[UNK]".to_owned());
            let prefix = part.continuing_subword_prefix.unwrap_or_else(|| "##".to_owned());
            Ok((Model::WordPiece { prefix, longest: longest as u32 }, entries, Some(unknown)))
        }
        ("BPE", Vocabulary::Numbered(entries)) => {
            check_entries(entries.iter().map(|(entry, _)| entry.as_str()), ENTRY, |i| vocab.at(i))?;
            for (key, set) in [
                ("continuing_subword_prefix", part.continuing_subword_prefix.is_some_and(|p| !p.is_empty())),
                ("end_of_word_suffix", part.end_of_word_suffix.is_some_and(|s| !s.is_empty())),
                ("dropout", part.dropout.is_some_and(|d| d != 0.0)),
            ] {
                if set {
                    return Err(path
                        .to(key)
                        .refuse(Text::new("这里不支持，只支持 null", "is not supported, only null is")));
                }
            }
            let ranks =
                part.merges.unwrap_or_default().into_iter().zip(0..).map(|(merge, rank)| (merge.0.into_bytes(), rank));
            let ranks = ranks.collect();
            let (fallback, fuse) = (part.byte_fallback.unwrap_or(false) && !bytes, part.fuse_unk.unwrap_or(false));
            Ok((Model::BytePair { ranks, bytes, fallback, fuse }, entries, part.unk_token))
        }
        ("Unigram", Vocabulary::Scored(entries)) => {
            check_entries(entries.iter().map(|(entry, _)| entry.as_str()), SCORED_ENTRY, |i| vocab.at(i))?;
            if let Some(i) = entries.iter().position(|(_, score)| !(*score as f32).is_finite()) {
                return Err(vocab.at(i).refuse(Text::new("分数不是有限的数", "its score is not a finite number")));
            }
            let unknown = match part.unk_id {
                None => None,
                Some(id) => Some(entries.get(id).map(|(entry, _)| entry.clone()).ok_or_else(|| {
                    let count = entries.len();
                    path.to("unk_id").refuse(Text::owned(
                        format!("是 {id}，可是词表只有 {count} 条"),
                        format!("is {id}, but the vocabulary has {count} entries"),
                    ))
                })?),
            };
            let scores = entries.iter().map(|(_, score)| *score as f32).collect();
            let entries = entries.into_iter().zip(0..).map(|((entry, _), id)| (entry, id)).collect();
            Ok((Model::Unigram { scores, fallback: part.byte_fallback.unwrap_or(false) }, entries, unknown))
        }
        (kind, _) if KNOWN.contains(&kind) => Err(vocab.refuse(Text::owned(
            format!("{kind} 的词表不是这样写的：WordPiece 和 BPE 是 {{词: 编号}}，Unigram 是 [[词, 分数]]"),
            format!("a {kind} has it otherwise: WordPiece and BPE as {{entry: number}}, Unigram as [[entry, score]]"),
        ))),
        (kind, _) => {
            let found = Value::from(kind);
            let known = Text::owned(format!(" {}", KNOWN.join("、")), KNOWN.join(", "));
            Err(path.to("type").expected(Some(&found), &known))
        }
    }
}

/// What kind a step is of, and its options.
type Kind<'v> = (&'v str, &'v Map<String, Value>);

/// The options of a step and its kind; none where there is no step.
fn step<'v>(value: &'v Value, path: &Path<'_>) -> Result<Option<Kind<'v>>, ModelError> {
    match value {
        Value::Null => Ok(None),
        Value::Object(options) => Ok(Some((path.word(options, "type")?, options))),
        other => Err(path.expected(Some(other), &Text::new("对象或 null", "an object or null"))),
    }
}

/// The steps of a sequence with their places.
fn sequence<'v, 'p>(
    options: &'v Map<String, Value>,
    key: &str,
    path: &Path<'p>,
) -> Result<Vec<(&'v Value, Path<'p>)>, ModelError> {
    let path = path.to(key);
    let steps = options.get(key).and_then(Value::as_array).filter(|steps| steps.len() <= STEPS);
    let steps = steps.ok_or_else(|| {
        path.expected(
            options.get(key),
            &Text::owned(format!("最多 {STEPS} 步的列表"), format!("a list of at most {STEPS} steps")),
        )
    })?;
    Ok(steps.iter().enumerate().map(|(i, step)| (step, path.at(i))).collect())
}

/// Bounds the steps of nested sequences.
fn room<T>(steps: &[T], path: &Path<'_>) -> Result<(), ModelError> {
    if steps.len() <= STEPS {
        return Ok(());
    }
    Err(path.refuse(Text::owned(format!("步骤太多，最多 {STEPS} 步"), format!("too many steps, the most is {STEPS}"))))
}

fn by_regex(path: &Path<'_>, pattern: &str, replacement: &str) -> Result<Step, ModelError> {
    let pattern = NormalizationReplacePattern::Regex(path.pattern(pattern)?);
    Ok(Step::By(Normalization::Replace { pattern, replacement: replacement.to_owned() }))
}

fn normalizer(value: &Value, path: &Path<'_>, steps: &mut Vec<Step>) -> Result<(), ModelError> {
    const KNOWN: [&str; 13] = [
        "Sequence",
        "BertNormalizer",
        "NFC",
        "NFD",
        "NFKC",
        "NFKD",
        "Lowercase",
        "StripAccents",
        "Strip",
        "Nmt",
        "Precompiled",
        "Replace",
        "Prepend",
    ];
    let Some((kind, options)) = step(value, path)? else { return Ok(()) };
    match kind {
        "Sequence" => {
            for (value, path) in sequence(options, "normalizers", path)? {
                normalizer(value, &path, steps)?;
            }
        }
        "BertNormalizer" => {
            let lowercase = path.flag(options, "lowercase", true)?;
            if path.flag(options, "clean_text", true)? {
                clean(path, steps)?;
            }
            if path.flag(options, "handle_chinese_chars", true)? {
                steps.push(by_regex(path, CHINESE, " $1 ")?);
            }
            if path.flag(options, "strip_accents", lowercase)? {
                without_accents(path, steps)?;
            }
            if lowercase {
                steps.push(Step::Lowercase);
            }
        }
        "NFC" => steps.push(Step::Nfc),
        "NFD" => steps.push(Step::Nfd),
        "NFKC" => steps.push(Step::Nfkc),
        "NFKD" => steps.push(Step::Nfkd),
        "Lowercase" => steps.push(Step::Lowercase),
        "StripAccents" => steps.push(by_regex(path, r"\p{Mn}", "")?),
        "Strip" => {
            if path.flag(options, "strip_left", true)? {
                steps.push(Step::StripLeft);
            }
            if path.flag(options, "strip_right", true)? {
                steps.push(Step::StripRight);
            }
        }
        "Nmt" => steps.push(Step::By(Normalization::NMT)),
        "Precompiled" => steps.push(Step::By(Normalization::CharsMap { map: chars_map(options, path)? })),
        "Replace" => {
            let content = short(options, "content", path)?;
            match pattern(options, path)? {
                Pattern::Literal(literal) => steps.push(Step::Replace(literal, content)),
                // What stands for a group in a replacement stands for itself here.
                Pattern::Regex(regex) => {
                    let pattern = NormalizationReplacePattern::Regex(regex);
                    let replacement = content.replace('$', "$$");
                    steps.push(Step::By(Normalization::Replace { pattern, replacement }));
                }
            }
        }
        "Prepend" => steps.push(Step::Prepend(short(options, "prepend", path)?)),
        _ => return Err(unknown_kind(path, options, &KNOWN)),
    }
    room(steps, path)
}

/// A string that is written into texts, so it must not be long.
fn short(options: &Map<String, Value>, key: &str, path: &Path<'_>) -> Result<String, ModelError> {
    let word = path.word(options, key)?;
    if word.chars().count() <= REPLACEMENT {
        return Ok(word.to_owned());
    }
    Err(path
        .to(key)
        .refuse(Text::owned(format!("超过 {REPLACEMENT} 个字符"), format!("has more than {REPLACEMENT} characters"))))
}

/// What BERT calls a Chinese character; each stands apart.
const CHINESE: &str = r"([\x{4E00}-\x{9FFF}\x{3400}-\x{4DBF}\x{20000}-\x{2A6DF}\x{2A700}-\x{2B73F}\x{2B740}-\x{2B81F}\x{2B920}-\x{2CEAF}\x{F900}-\x{FAFF}\x{2F800}-\x{2FA1F}])";

/// No control characters, and one kind of space.
fn clean(path: &Path<'_>, steps: &mut Vec<Step>) -> Result<(), ModelError> {
    steps.push(by_regex(path, r"[\t\n\r]", " ")?);
    steps.push(by_regex(path, r"[\x00\x{FFFD}\p{Cc}\p{Cf}\p{Co}]", "")?);
    steps.push(by_regex(path, r"\s", " ")?);
    Ok(())
}

fn without_accents(path: &Path<'_>, steps: &mut Vec<Step>) -> Result<(), ModelError> {
    steps.push(Step::Nfd);
    steps.push(by_regex(path, r"\p{Mn}", "")?);
    Ok(())
}

/// A table of characters, checked so that looking anything up stays inside it.
fn chars_map(options: &Map<String, Value>, path: &Path<'_>) -> Result<CharsMap, ModelError> {
    let written = path.word(options, "precompiled_charsmap")?;
    let path = path.to("precompiled_charsmap");
    let bad = || path.refuse(Text::new("不是一张完整的字符表", "is no complete table of characters"));
    let bytes = STANDARD.decode(written).map_err(|_| bad())?;
    let (size, rest) = bytes.split_first_chunk::<4>().ok_or_else(bad)?;
    let size = u32::from_le_bytes(*size) as usize;
    let (array, texts) = rest.split_at_checked(size).ok_or_else(bad)?;
    let units: Vec<usize> = array.as_chunks().0.iter().map(|four| u32::from_le_bytes(*four) as usize).collect();
    // As darts-clone lays a trie: where a unit leads, any byte may be looked up.
    let offset = |unit: usize| (unit >> 10) << ((unit & (1 << 9)) >> 6);
    let inside = |(at, unit): (usize, &usize)| {
        let led = at ^ offset(*unit);
        let leaf = || (unit >> 8) & 1 == 0 || units.get(led).is_some_and(|leaf| leaf & 0x7FFF_FFFF <= texts.len());
        unit >> 31 == 1 || ((led | 0xFF) < units.len() && leaf())
    };
    if units.is_empty() || !array.len().is_multiple_of(4) || !units.iter().enumerate().all(inside) {
        return Err(bad());
    }
    // The library leaves the last unit out: one more is given, which nothing leads to.
    let padded = [&((size + 4) as u32).to_le_bytes(), array, &[0; 4], texts].concat();
    CharsMap::try_from(padded).map_err(|_| bad())
}

enum Pattern {
    Literal(String),
    Regex(Regex),
}

/// `{"String": "x"}` or `{"Regex": "x"}`.
fn pattern(options: &Map<String, Value>, path: &Path<'_>) -> Result<Pattern, ModelError> {
    let path = path.to("pattern");
    let found = options.get("pattern");
    let (literal, regex) = (|| Some((found?.get("String"), found?.get("Regex"))))().unwrap_or_default();
    match (literal.and_then(Value::as_str), regex.and_then(Value::as_str)) {
        (Some(literal), None) if !literal.is_empty() => Ok(Pattern::Literal(literal.to_owned())),
        (None, Some(regex)) => Ok(Pattern::Regex(path.pattern(regex)?)),
        _ => {
            let expected = Text::new(r#" {"String": …} 或 {"Regex": …}"#, r#"{"String": ...} or {"Regex": ...}"#);
            Err(path.expected(found, &expected))
        }
    }
}

fn by_split(regex: Regex, behavior: SplitBehavior) -> Cut {
    Cut::By(Split::Pattern { pattern: regex.into(), behavior })
}

/// Whatever ASCII or Unicode calls punctuation.
const PUNCTUATION: &str = r"[\x21-\x2F\x3A-\x40\x5B-\x60\x7B-\x7E\p{P}]";

fn bert_cuts(path: &Path<'_>, cuts: &mut Vec<Cut>) -> Result<(), ModelError> {
    cuts.push(Cut::Whitespace);
    cuts.push(by_split(path.pattern(PUNCTUATION)?, SplitBehavior::Isolate));
    Ok(())
}

fn pre_tokenizer(value: &Value, path: &Path<'_>, cuts: &mut Vec<Cut>, bytes: &mut bool) -> Result<(), ModelError> {
    const KNOWN: [&str; 9] = [
        "Sequence",
        "BertPreTokenizer",
        "ByteLevel",
        "Metaspace",
        "Whitespace",
        "WhitespaceSplit",
        "Punctuation",
        "Digits",
        "Split",
    ];
    const GPT2: &str = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
    let Some((kind, options)) = step(value, path)? else { return Ok(()) };
    match kind {
        "Sequence" => {
            for (value, path) in sequence(options, "pretokenizers", path)? {
                pre_tokenizer(value, &path, cuts, bytes)?;
            }
        }
        "BertPreTokenizer" => bert_cuts(path, cuts)?,
        "ByteLevel" => {
            *bytes = true;
            if path.flag(options, "add_prefix_space", true)? {
                cuts.push(Cut::Space);
            }
            if path.flag(options, "use_regex", true)? {
                cuts.push(by_split(path.pattern(GPT2)?, SplitBehavior::Isolate));
            }
        }
        "Metaspace" => cuts.push(metaspace(options, path)?),
        "Whitespace" => cuts.push(by_split(path.pattern(r"\w+|[^\w\s]+")?, SplitBehavior::Match)),
        "WhitespaceSplit" => cuts.push(Cut::Whitespace),
        "Punctuation" => {
            let behavior = behavior(options, path, false)?;
            cuts.push(by_split(path.pattern(PUNCTUATION)?, behavior));
        }
        "Digits" => {
            let one = path.flag(options, "individual_digits", false)?;
            cuts.push(by_split(path.pattern(if one { r"\p{N}" } else { r"\p{N}+" })?, SplitBehavior::Isolate));
        }
        "Split" => {
            let invert = path.flag(options, "invert", false)?;
            let behavior = behavior(options, path, invert)?;
            cuts.push(match pattern(options, path)? {
                Pattern::Literal(literal) => Cut::By(Split::Pattern { pattern: literal.into(), behavior }),
                Pattern::Regex(regex) => by_split(regex, behavior),
            });
        }
        _ => return Err(unknown_kind(path, options, &KNOWN)),
    }
    room(cuts, path)
}

/// What becomes of the places that match.
fn behavior(options: &Map<String, Value>, path: &Path<'_>, invert: bool) -> Result<SplitBehavior, ModelError> {
    let found = options.get("behavior");
    match found.map(Value::as_str) {
        // Where a pattern is inverted, what it leaves out is what matches; apart they stand either way.
        None | Some(Some("Isolated")) => Ok(SplitBehavior::Isolate),
        Some(Some("Removed")) if invert => Ok(SplitBehavior::Match),
        Some(Some("Removed")) => Ok(SplitBehavior::Remove),
        _ => Err(path.to("behavior").expected(found, &Text::new(" Isolated、Removed", "Isolated, Removed"))),
    }
}

fn metaspace(options: &Map<String, Value>, path: &Path<'_>) -> Result<Cut, ModelError> {
    let sign = path.word(options, "replacement")?;
    let mut signs = sign.chars();
    let (Some(sign), None) = (signs.next(), signs.next()) else {
        return Err(path
            .to("replacement")
            .expected(options.get("replacement"), &Text::new("一个字符", "a single character")));
    };
    let before = match options.get("prepend_scheme") {
        None | Some(Value::Null) if path.flag(options, "add_prefix_space", true)? => Before::Every,
        None | Some(Value::Null) => Before::None,
        Some(scheme) => match scheme.as_str() {
            Some("always") => Before::Every,
            Some("first") => Before::First,
            Some("never") => Before::None,
            _ => {
                let expected = Text::new(" always、first、never", "always, first, never");
                return Err(path.to("prepend_scheme").expected(Some(scheme), &expected));
            }
        },
    };
    Ok(Cut::Meta { sign, before, split: path.flag(options, "split", true)? })
}

fn post_processor(
    value: &Value,
    path: &Path<'_>,
    before: &mut Vec<u32>,
    after: &mut Vec<u32>,
) -> Result<(), ModelError> {
    const KNOWN: [&str; 5] = ["Sequence", "BertProcessing", "RobertaProcessing", "TemplateProcessing", "ByteLevel"];
    let Some((kind, options)) = step(value, path)? else { return Ok(()) };
    match kind {
        "Sequence" => {
            for (value, path) in sequence(options, "processors", path)? {
                post_processor(value, &path, before, after)?;
            }
        }
        "BertProcessing" | "RobertaProcessing" => {
            let id = |key: &str| {
                let found = options.get(key);
                let id =
                    found.and_then(|pair| pair.get(1)).and_then(Value::as_u64).and_then(|id| u32::try_from(id).ok());
                let pair = Text::new(" [\"…\", 编号]", "[\"...\", number]");
                id.ok_or_else(|| path.to(key).expected(found, &pair))
            };
            before.insert(0, id("cls")?);
            after.push(id("sep")?);
        }
        "TemplateProcessing" => template(options, path, before, after)?,
        "ByteLevel" => {}
        _ => return Err(unknown_kind(path, options, &KNOWN)),
    }
    if before.len() + after.len() > AROUND {
        return Err(path.refuse(Text::owned(
            format!("特殊词太多，最多 {AROUND} 个"),
            format!("too many special pieces, the most is {AROUND}"),
        )));
    }
    Ok(())
}

/// The special pieces that stand before and behind the one text, each by its numbers.
fn template(
    options: &Map<String, Value>,
    path: &Path<'_>,
    before: &mut Vec<u32>,
    after: &mut Vec<u32>,
) -> Result<(), ModelError> {
    let (mut first, mut last, mut seen) = (Vec::new(), Vec::new(), 0);
    for (piece, path) in sequence(options, "single", path)? {
        if piece.get("Sequence").is_some() {
            seen += 1;
            continue;
        }
        let name = piece.get("SpecialToken").and_then(|token| token.get("id")).and_then(Value::as_str);
        let ids = name.and_then(|name| options.get("special_tokens")?.get(name)?.get("ids")?.as_array());
        let into = if seen == 0 { &mut first } else { &mut last };
        let ids = ids.filter(|ids| ids.len() <= AROUND).ok_or_else(|| {
            let expected = Text::new(
                "文字，或者 special_tokens 里有编号的特殊词",
                "the text, or a special piece whose ids are in special_tokens",
            );
            path.expected(Some(piece), &expected)
        })?;
        for id in ids {
            let id = id.as_u64().and_then(|id| u32::try_from(id).ok());
            into.push(id.ok_or_else(|| {
                path.expected(Some(piece), &Text::new("有编号的特殊词", "a special piece with an id"))
            })?);
        }
    }
    if seen != 1 {
        return Err(path.to("single").refuse(Text::owned(
            format!("里面有 {seen} 段文字，应该正好一段"),
            format!("holds {seen} texts, expected exactly one"),
        )));
    }
    first.append(before);
    *before = first;
    after.append(&mut last);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_that_could_go_back_are_refused() {
        for good in [
            r" {2,}",
            r"'s|'t| ?\p{L}+|\s+(?!\S)|\s+",
            r"(?i:'s|'t)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
            r"a|\s+(?!\S)",
            r"\p{L}{50}",
            r"\x{4000}+",
        ] {
            assert!(is_linear(good), "{good}");
        }
        for bad in [
            r"(a+)+\1",
            r"(?=a)b",
            r"a(?!b)",
            r"(?:x|\s+(?!\S))*y",
            r"(?:x|\s+(?!\S)|y)*",
            r"a|\s+(?!\S)+b",
            r"a|\s+(?!\S)|b|\s+(?!\S)",
            r"(?>a*)b",
            r"a*+b",
            r"x{2,3}+b",
            r"(",
            r"\p{L}{200}",
            r"(?:a{1000}){1000}",
        ] {
            assert!(!is_linear(bad), "{bad}");
        }
    }
}
