//! Texts become pieces: the entries of a model's vocabulary.
//!
//! `recipe` reads which steps the model's own files ask for; here they are carried out, word by word, so that every piece
//! knows its word. The cutting of a word is kitoken's.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap, HashSet};

use kitoken::{Configuration, Fallback, Kitoken, Metadata, Processing, SpecialToken, SpecialTokenKind, Template};
use kitoken::{InsertionPosition, Token};

use super::error::{ModelError, shown};
use super::json::utf8;
use super::recipe::{Added, Before, Cut, META, Model, Recipe, Step};
use crate::ground::lang::Text;
use crate::ground::text::disturbs;

/// The bytes of a text, at most; with them the work of cutting it is bounded.
pub const LONGEST: usize = 1 << 16;
/// What a normalizer may make of them.
const GROWN: usize = 4 * LONGEST;
/// How a space inside a piece is written, as a person sees it.
const SPACE: char = '␣';

/// One piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Its number in the vocabulary: its row in the table of word vectors.
    pub id: u32,
    /// As a person reads it: `##ing`, `␣the`, `<0xE4BD>`.
    pub text: String,
    /// It stands for no words: the model's own `[CLS]` and `[SEP]`, or such a name inside the text.
    pub special: bool,
    /// No piece of the same word stands before it.
    pub starts_word: bool,
    /// Its word, counted from 0; special pieces count as words.
    pub word: usize,
}

/// How a model cuts texts, and what its vocabulary is.
pub struct Tokenizer {
    cutter: Kitoken,
    steps: Vec<Step>,
    cuts: Vec<Cut>,
    /// Looked for in the text as it is.
    raw: Lookup,
    /// Looked for in what the normalizer made.
    normalized: Lookup,
    before: Vec<u32>,
    after: Vec<u32>,
    special: HashSet<u32>,
    mask: Option<u32>,
    /// Texts by number.
    texts: HashMap<u32, Vec<u8>>,
    vocabulary: usize,
    continuing: bool,
}

impl std::fmt::Debug for Tokenizer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokenizer").field("vocabulary", &self.vocabulary).finish_non_exhaustive()
    }
}

impl Tokenizer {
    /// Reads a `tokenizer.json`; `file` is what errors call it.
    ///
    /// # Errors
    /// [`ModelError::Form`] with line and column of what is no JSON, [`ModelError::Value`] for a step that we do not carry out.
    pub fn from_json(bytes: &[u8], file: &str) -> Result<Self, ModelError> {
        Self::new(Recipe::parse(utf8(bytes, file)?, file)?, file)
    }

    /// Reads BERT's own `vocab.txt`, one entry a line; `lowercase` for a model that knows small letters without accents only.
    ///
    /// # Errors
    /// [`ModelError`] for what is not UTF-8, and for a vocabulary without `[CLS]`, `[SEP]` and `[UNK]`.
    pub fn from_vocab(bytes: &[u8], lowercase: bool, file: &str) -> Result<Self, ModelError> {
        Self::new(Recipe::bert(utf8(bytes, file)?, lowercase, file)?, file)
    }

    fn new(recipe: Recipe, file: &str) -> Result<Self, ModelError> {
        let Recipe { model, vocabulary, unknown, added, steps, cuts, before, after } = recipe;
        let mut texts: HashMap<u32, Vec<u8>> = HashMap::with_capacity(vocabulary.len());
        let byte_signs = matches!(model, Model::BytePair { bytes: true, .. });
        let signs = if byte_signs { byte_signs_of() } else { HashMap::new() };
        let entry = |text: &str| if byte_signs { as_bytes(text, &signs) } else { text.as_bytes().to_vec() };
        for (text, id) in &vocabulary {
            texts.insert(*id, entry(text));
        }
        for token in &added {
            texts.insert(token.id, token.content.clone().into_bytes());
        }
        for id in before.iter().chain(&after) {
            if !texts.contains_key(id) {
                return Err(ModelError::value(
                    file,
                    "post_processor",
                    Text::owned(format!("编号 {id} 不在词表里"), format!("the number {id} is not in the vocabulary")),
                ));
            }
        }
        let number = |text: &str| {
            let added = added.iter().find(|token| token.content == text).map(|token| token.id);
            added.or_else(|| vocabulary.iter().find(|(entry, _)| entry == text).map(|(_, id)| *id))
        };
        let mask = ["[MASK]", "<mask>"]
            .into_iter()
            .find_map(|name| added.iter().find(|token| token.content == name).map(|token| token.id));
        let unknown = match unknown {
            None => None,
            Some(text) => Some((
                number(&text).ok_or_else(|| {
                    let shown = shown(&text);
                    ModelError::value(
                        file,
                        "model.unk_token",
                        Text::owned(
                            format!("是 \"{shown}\"，可是词表里没有它"),
                            format!("is \"{shown}\", which is not in the vocabulary"),
                        ),
                    )
                })?,
                text,
            )),
        };
        let special: HashSet<u32> = added
            .iter()
            .filter(|token| token.special)
            .map(|token| token.id)
            .chain(before.iter().chain(&after).copied())
            .collect();
        let count = texts.keys().max().map_or(0, |most| *most as usize + 1);
        let continuing = matches!(model, Model::WordPiece { .. });
        let cutter = cutter(model, vocabulary, &entry, unknown.as_ref(), file)?;
        let mut tokenizer = Self {
            cutter,
            steps,
            cuts,
            raw: Lookup::default(),
            normalized: Lookup::default(),
            before,
            after,
            special,
            mask,
            texts,
            vocabulary: count,
            continuing,
        };
        for token in added {
            if token.normalized {
                // What is looked for in a normalized text is normalized as well.
                let content = tokenizer.normalize(&token.content)?;
                tokenizer.normalized.add(content, &token);
            } else {
                tokenizer.raw.add(token.content.clone(), &token);
            }
        }
        Ok(tokenizer)
    }

    /// How many entries there are: one more than the largest number.
    pub const fn vocabulary(&self) -> usize {
        self.vocabulary
    }

    /// The number of the piece that stands for a hidden word, where the model has one.
    pub const fn mask(&self) -> Option<u32> {
        self.mask
    }

    /// Whether a piece stands for no words.
    pub fn is_special(&self, id: u32) -> bool {
        self.special.contains(&id)
    }

    /// An entry as a person reads it, as in [`Piece::text`]; of a number that the vocabulary lacks, the number.
    pub fn decode(&self, id: u32) -> String {
        self.texts.get(&id).map_or_else(|| format!("<{id}>"), |bytes| readable(bytes))
    }

    /// A text as pieces, between the model's own special ones.
    ///
    /// # Errors
    /// [`ModelError::LongText`] above [`LONGEST`] bytes, [`ModelError::NoPiece`] for a word that no piece stands for.
    pub fn encode(&self, text: &str) -> Result<Vec<Piece>, ModelError> {
        if text.len() > LONGEST {
            return Err(ModelError::LongText { found: text.len(), most: LONGEST });
        }
        let mut line = Line { of: self, pieces: Vec::new(), words: 0, first: true };
        line.specials(&self.before);
        for part in self.raw.cut(text) {
            match part {
                Part::Added(id) => line.whole(id),
                Part::Text(text) => {
                    let text = self.normalize(text)?;
                    for part in self.normalized.cut(&text) {
                        match part {
                            Part::Added(id) => line.whole(id),
                            Part::Text(text) => line.text(text)?,
                        }
                    }
                }
            }
        }
        line.specials(&self.after);
        Ok(line.pieces)
    }

    fn normalize(&self, text: &str) -> Result<String, ModelError> {
        let mut text = Cow::Borrowed(text);
        for step in &self.steps {
            text = Cow::Owned(step.apply(text));
            if text.len() > GROWN {
                return Err(ModelError::LongText { found: text.len(), most: GROWN });
            }
        }
        Ok(text.into_owned())
    }

    /// The words of a part of a text: each is cut by itself.
    fn words(&self, text: &str, first: bool) -> Vec<String> {
        let mut parts = vec![text.to_owned()];
        for cut in &self.cuts {
            let mut next = Vec::new();
            for (i, part) in parts.into_iter().enumerate() {
                carry_out(cut, part, first && i == 0, &mut next);
            }
            parts = next;
        }
        parts
    }
}

/// A step that makes words, on one part.
fn carry_out(cut: &Cut, part: String, first: bool, into: &mut Vec<String>) {
    match cut {
        Cut::By(split) => {
            let found = split.split(&part);
            let words = found.into_iter().filter_map(|(from, to)| part.get(from..to)).filter(|word| !word.is_empty());
            into.extend(words.map(str::to_owned));
        }
        Cut::Whitespace => into.extend(part.split_whitespace().map(str::to_owned)),
        Cut::Space if part.starts_with(' ') => into.push(part),
        Cut::Space => into.push(format!(" {part}")),
        Cut::Meta { sign, before, split } => {
            let mut text = part.replace(' ', sign.encode_utf8(&mut [0; 4]));
            let wanted = match before {
                Before::Every => true,
                Before::First => first,
                Before::None => false,
            };
            if wanted && !text.starts_with(*sign) {
                text.insert(0, *sign);
            }
            if !*split {
                into.push(text);
                return;
            }
            let mut rest = text.as_str();
            while !rest.is_empty() {
                let after = rest.char_indices().skip(1).find(|(_, c)| c == sign).map_or(rest.len(), |(at, _)| at);
                let (word, behind) = rest.split_at(after);
                into.push(word.to_owned());
                rest = behind;
            }
        }
    }
}

/// A text on its way to pieces.
struct Line<'t> {
    of: &'t Tokenizer,
    pieces: Vec<Piece>,
    words: usize,
    first: bool,
}

impl Line<'_> {
    fn specials(&mut self, ids: &[u32]) {
        for id in ids {
            self.push(*id, true, true);
        }
    }

    /// An entry that stood in the text as it is.
    fn whole(&mut self, id: u32) {
        self.push(id, self.of.is_special(id), true);
        self.first = false;
    }

    fn text(&mut self, text: &str) -> Result<(), ModelError> {
        for word in self.of.words(text, self.first) {
            let ids = self.of.cutter.encode(&word, &[][..]).map_err(|_| ModelError::NoPiece { word: word.clone() })?;
            let mut starts = true;
            for id in ids {
                // Where nothing cuts a text into words before, the signs for spaces do.
                let spaced = !self.of.continuing && self.of.texts.get(&id).is_some_and(|bytes| is_spaced(bytes));
                self.push(id, false, starts || spaced);
                starts = false;
            }
        }
        self.first = false;
        Ok(())
    }

    fn push(&mut self, id: u32, special: bool, starts_word: bool) {
        if starts_word {
            self.words += 1;
        }
        let word = self.words.saturating_sub(1);
        self.pieces.push(Piece { id, text: self.of.decode(id), special, starts_word, word });
    }
}

/// Whether an entry begins with a space, and is more than that.
fn is_spaced(bytes: &[u8]) -> bool {
    bytes.starts_with(b" ") || std::str::from_utf8(bytes).is_ok_and(|text| text.starts_with(META))
}

/// A part of a text.
enum Part<'a> {
    Text(&'a str),
    Added(u32),
}

/// Entries that are looked for in a text.
#[derive(Default)]
struct Lookup {
    entries: HashMap<String, Wanted>,
    /// How long those are that begin with a byte, the longest first.
    lengths: HashMap<u8, BTreeSet<Reverse<usize>>>,
}

struct Wanted {
    id: u32,
    single_word: bool,
    lstrip: bool,
    rstrip: bool,
}

impl Lookup {
    fn add(&mut self, content: String, token: &Added) {
        let Some(first) = content.bytes().next() else { return };
        let &Added { id, single_word, lstrip, rstrip, .. } = token;
        self.lengths.entry(first).or_default().insert(Reverse(content.len()));
        self.entries.entry(content).or_insert(Wanted { id, single_word, lstrip, rstrip });
    }

    /// The longest entry that stands at a place.
    fn at(&self, text: &str, at: usize) -> Option<(usize, &Wanted)> {
        let first = text.as_bytes().get(at)?;
        self.lengths.get(first)?.iter().find_map(|Reverse(length)| {
            let wanted = self.entries.get(text.get(at..at + length)?)?;
            Some((at + length, wanted))
        })
    }

    /// The text between the entries, and the entries: the leftmost first, of those at one place the longest.
    fn cut<'a>(&self, text: &'a str) -> Vec<Part<'a>> {
        let (mut parts, mut begin, mut at) = (Vec::new(), 0, 0);
        while at < text.len() {
            let Some((end, wanted)) = self.at(text, at) else {
                at += 1;
                continue;
            };
            let (mut from, mut to) = (at, end);
            at = to;
            let word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
            if wanted.single_word && (word(text[..from].chars().next_back()) || word(text[to..].chars().next())) {
                continue;
            }
            if wanted.lstrip {
                from = begin + text[begin..from].trim_end().len();
            }
            if wanted.rstrip {
                to = text.len() - text[to..].trim_start().len();
                at = to;
            }
            if from > begin {
                parts.push(Part::Text(&text[begin..from]));
            }
            parts.push(Part::Added(wanted.id));
            begin = to;
        }
        if begin < text.len() {
            parts.push(Part::Text(&text[begin..]));
        }
        parts
    }
}

/// The signs that stand for bytes in a vocabulary of bytes: printable ones for themselves, the others from U+0100 on.
fn byte_signs_of() -> HashMap<char, u8> {
    let printable = |byte: u8| matches!(byte, b'!'..=b'~' | 0xA1..=0xAC | 0xAE..=0xFF);
    let mut others = '\u{100}'..;
    let sign = |byte: u8| if printable(byte) { Some(char::from(byte)) } else { others.next() };
    (0..=u8::MAX).map(sign).zip(0..=u8::MAX).filter_map(|(sign, byte)| Some((sign?, byte))).collect()
}

fn as_bytes(text: &str, signs: &HashMap<char, u8>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for c in text.chars() {
        match signs.get(&c) {
            Some(byte) => bytes.push(*byte),
            None => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    bytes
}

/// An entry as a person reads it: spaces can be seen, and bytes that are no character, those side by side in one bracket.
fn readable(bytes: &[u8]) -> String {
    let (mut text, mut loose) = (String::with_capacity(bytes.len()), String::new());
    let close = |loose: &mut String, text: &mut String| {
        if !loose.is_empty() {
            text.extend(["<0x", std::mem::take(loose).as_str(), ">"]);
        }
    };
    for chunk in bytes.utf8_chunks() {
        if !chunk.valid().is_empty() {
            close(&mut loose, &mut text);
        }
        for c in chunk.valid().chars() {
            match c {
                ' ' | META => text.push(SPACE),
                '\n' => text.push_str("\\n"),
                '\r' => text.push_str("\\r"),
                '\t' => text.push_str("\\t"),
                c if disturbs(c) => text.extend(c.escape_unicode()),
                c => text.push(c),
            }
        }
        loose.extend(chunk.invalid().iter().map(|byte| format!("{byte:02X}")));
    }
    close(&mut loose, &mut text);
    text
}

/// `<0xE4>` as the byte that it stands for.
fn byte_of(entry: &[u8]) -> Option<u8> {
    let digits = entry.strip_prefix(b"<0x")?.strip_suffix(b">")?;
    let digits = std::str::from_utf8(digits).ok().filter(|digits| digits.len() == 2)?;
    u8::from_str_radix(digits, 16).ok()
}

/// What cuts one word, built so that the library meets nothing that it does not expect.
fn cutter(
    model: Model,
    vocabulary: Vec<(String, u32)>,
    entry: &dyn Fn(&str) -> Vec<u8>,
    unknown: Option<&(u32, String)>,
    file: &str,
) -> Result<Kitoken, ModelError> {
    let mut config = Configuration::default();
    let (fallback, fuse) = match &model {
        Model::WordPiece { .. } => (false, false),
        Model::BytePair { fallback, fuse, .. } => (*fallback, *fuse),
        Model::Unigram { fallback, .. } => (*fallback, true),
    };
    if fallback {
        config.fallback.push(Fallback::Bytes);
    }
    if let Some((id, _)) = unknown {
        config.fallback.push(Fallback::Unknown);
        if fuse {
            config.processing.push(Processing::Collapse { id: *id });
        }
    }
    let specials = unknown.iter().map(|(id, text)| SpecialToken {
        id: *id,
        bytes: text.clone().into_bytes(),
        kind: SpecialTokenKind::Unknown,
        ident: None,
        score: 0.0,
        extract: false,
    });
    let specials: Vec<_> = specials.collect();
    let reserved = |text: &str| unknown.is_some_and(|(_, unknown)| unknown == text);
    // An entry that stands for a byte gives way to one that is that character.
    let single = vocabulary.iter().filter(|(text, _)| fallback && text.len() == 1);
    let mut seen: HashSet<Vec<u8>> = HashSet::new();
    let characters: HashSet<u8> = single.flat_map(|(text, _)| text.bytes()).collect();
    // Of entries that mean the same bytes the first stays.
    let mut kept = |text: &str| {
        let byte = if fallback { byte_of(text.as_bytes()) } else { None };
        let bytes = match byte {
            Some(byte) if characters.contains(&byte) => return None,
            Some(byte) => vec![byte],
            None => entry(text),
        };
        (!bytes.is_empty() && !reserved(text) && seen.insert(bytes.clone())).then_some(bytes)
    };
    let model = match model {
        Model::WordPiece { prefix, longest } => {
            let vocab = vocabulary.into_iter().filter_map(|(text, id)| Some(Token { id, bytes: kept(&text)? }));
            let mut vocab: Vec<_> = vocab.collect();
            vocab.sort();
            if prefix.is_empty() || vocab.iter().all(|token| token.bytes.starts_with(prefix.as_bytes())) {
                return Err(ModelError::value(
                    file,
                    "model.vocab",
                    Text::new("没有一个词条能开始一个词", "no entry can begin a word"),
                ));
            }
            config.templates.push(Template { content: prefix, position: InsertionPosition::WordContinuation });
            kitoken::Model::WordPiece { vocab, max_word_chars: longest }
        }
        Model::BytePair { ranks, bytes, .. } => {
            let ranks: HashMap<Vec<u8>, u32> = ranks.into_iter().rev().collect();
            let vocab = vocabulary.into_iter().filter_map(|(text, id)| {
                let rank = ranks.get(text.as_bytes()).copied().unwrap_or(u32::MAX);
                Some((rank, Token { id, bytes: kept(&text)? }))
            });
            let mut vocab: Vec<_> = vocab.collect();
            vocab.sort_by_key(|(rank, token)| (*rank, token.id));
            kitoken::Model::BytePair { vocab: vocab.into_iter().map(|(_, token)| token).collect(), chars: !bytes }
        }
        Model::Unigram { scores, .. } => {
            let scored = vocabulary
                .into_iter()
                .zip(scores)
                .filter_map(|((text, id), score)| Some((Token { id, bytes: kept(&text)? }, score)));
            let (vocab, scores) = scored.unzip();
            kitoken::Model::Unigram { vocab, scores }
        }
    };
    if model.vocab().is_empty() {
        return Err(ModelError::value(
            file,
            "model.vocab",
            Text::new("词表里没有能用的词条", "the vocabulary holds no entry that can be used"),
        ));
    }
    Kitoken::new(model, specials, config, Metadata::default()).map_err(|error| {
        let why = shown(&error.to_string());
        ModelError::value(
            file,
            "model",
            Text::owned(format!("分词器建不起来：{why}"), format!("no tokenizer comes of it: {why}")),
        )
    })
}
