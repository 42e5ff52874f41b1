//! Sentences in two languages, from a small grammar: `samples/trained/pairs.toml`, which says how it is written.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use serde::Deserialize;

use super::Draw;
use crate::ground::exit::Exit;
use crate::ground::fault::Failure;
use crate::ground::lang::Text;
use crate::ground::text::visible;

/// What stands behind every sentence, and for nothing in front of one that begins.
pub(super) const END: usize = 0;

/// How many pairs there are: a few hundred, of the thousands that the grammar could make.
const COUNT: usize = 480;

/// The sentence that the program opens with: kept back, so that it is translated without ever having been seen.
const KNOWN: &str = "我 爱 北京 天安门";

/// A sentence and its translation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The Chinese words, by their numbers.
    pub chinese: Vec<usize>,
    /// The English words, by theirs.
    pub english: Vec<usize>,
    /// For each English word the Chinese one it translates; none for those that only English needs.
    pub from: Vec<Option<usize>>,
}

/// A few hundred of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pairs {
    /// The Chinese words, by number.
    pub chinese: Vec<String>,
    /// The English words, by number.
    pub english: Vec<String>,
    /// The pairs; those that are kept back come first.
    pub pairs: Vec<Pair>,
}

/// The pairs of the program's own file.
pub(super) static PAIRS: LazyLock<Pairs> = LazyLock::new(|| Pairs::parse(SOURCE).unwrap_or_default());

const SOURCE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/samples/trained/pairs.toml"));

/// Why a grammar of pairs was not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words().en)]
pub enum PairsError {
    /// It is not written as such a file is.
    File(String),
    /// A pattern speaks of what is not there.
    Unknown(String),
    /// An entry has more words in one language than in the other.
    Uneven(String),
}

impl Failure for PairsError {
    fn words(&self) -> Text {
        match self {
            Self::File(why) => {
                let why = visible(why);
                Text::owned(format!("不是句对的语法文件：{why}"), format!("no grammar of pairs: {why}"))
            }
            Self::Unknown(name) => {
                let name = visible(name);
                Text::owned(format!("没有什么叫「{name}」"), format!("nothing is called `{name}`"))
            }
            Self::Uneven(entry) => {
                let entry = visible(entry);
                Text::owned(
                    format!("「{entry}」两种语言的词数不一样"),
                    format!("`{entry}` has more words in one language than in the other"),
                )
            }
        }
    }

    fn exit(&self) -> Exit {
        Exit::Input
    }
}

/// The file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Grammar {
    #[serde(rename = "format")]
    _format: Format,
    forms: BTreeMap<String, Vec<String>>,
    words: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    pattern: Vec<Pattern>,
}

#[derive(Deserialize)]
enum Format {
    #[serde(rename = "qkv-pairs/1")]
    One,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pattern {
    zh: String,
    en: String,
}

/// A word list's entry.
type Entry<'g> = (&'g String, &'g Vec<String>);

impl Pairs {
    /// Makes the pairs of a grammar.
    ///
    /// # Errors
    /// [`PairsError`] where the grammar does not hold together.
    pub fn parse(source: &str) -> Result<Self, PairsError> {
        let grammar: Grammar = toml::from_str(source).map_err(|error| PairsError::File(error.to_string()))?;
        let mut all = Vec::new();
        for pattern in &grammar.pattern {
            all.push(grammar.expand(pattern)?);
        }
        let mut draw = Draw::of_list();
        // Every pattern as often as any other, whatever it could make; each sentence once.
        let mut chosen: Vec<Sentence> = Vec::new();
        let known = all.iter().flatten().find(|sentence| sentence.chinese.join(" ") == KNOWN);
        chosen.extend(known.cloned());
        let mut taken: std::collections::HashSet<Vec<String>> =
            chosen.iter().map(|sentence| sentence.chinese.clone()).collect();
        let orders: Vec<Vec<usize>> = all.iter().map(|made| draw.order(made.len())).collect();
        for n in 0.. {
            let before = chosen.len();
            for (made, order) in all.iter().zip(&orders) {
                let Some(sentence) = order.get(n).and_then(|&n| made.get(n)) else { continue };
                if chosen.len() < COUNT && taken.insert(sentence.chinese.clone()) {
                    chosen.push(sentence.clone());
                }
            }
            let left = orders.iter().any(|order| order.len() > n + 1);
            if chosen.len() == COUNT || (!left && chosen.len() == before) {
                break;
            }
        }
        let rest = chosen.len().min(1);
        let order = draw.order(chosen.len() - rest);
        let mixed: Vec<Sentence> =
            chosen.iter().take(rest).cloned().chain(order.into_iter().map(|n| chosen[n + rest].clone())).collect();
        Ok(Self::numbered(&mixed))
    }

    /// The sentences with their words by number, the sign of the end first, then in the order in which they occur.
    fn numbered(sentences: &[Sentence]) -> Self {
        let mut pairs = Self { chinese: vec!["。".to_owned()], english: vec![".".to_owned()], pairs: Vec::new() };
        let (mut chinese, mut english) = (HashMap::new(), HashMap::new());
        for Sentence { chinese: zh, english: en, from } in sentences {
            let zh = zh.iter().map(|word| number(word, &mut chinese, &mut pairs.chinese)).collect();
            let en = en.iter().map(|word| number(word, &mut english, &mut pairs.english)).collect();
            pairs.pairs.push(Pair { chinese: zh, english: en, from: from.clone() });
        }
        pairs
    }

    /// Words of the longest Chinese sentence.
    pub fn longest_chinese(&self) -> usize {
        self.pairs.iter().map(|pair| pair.chinese.len()).max().unwrap_or(0)
    }

    /// Words of the longest English sentence.
    pub fn longest_english(&self) -> usize {
        self.pairs.iter().map(|pair| pair.english.len()).max().unwrap_or(0)
    }

    /// So many pairs that are kept back, and all others.
    pub fn held_out(&self, count: usize) -> (&[Pair], &[Pair]) {
        self.pairs.split_at(count.min(self.pairs.len()))
    }
}

fn number(word: &str, known: &mut HashMap<String, usize>, words: &mut Vec<String>) -> usize {
    *known.entry(word.to_owned()).or_insert_with(|| {
        words.push(word.to_owned());
        words.len() - 1
    })
}

/// A pair in words.
#[derive(Debug, Clone)]
struct Sentence {
    chinese: Vec<String>,
    english: Vec<String>,
    from: Vec<Option<usize>>,
}

/// One word of a pattern.
enum Piece<'p> {
    /// As it stands.
    Word(&'p str),
    /// A word of a list, in a form; `translates` unless it only comes along.
    Slot { slot: &'p str, form: Form<'p>, translates: bool },
}

/// Which form.
#[derive(Clone, Copy)]
enum Form<'p> {
    First,
    Named(&'p str),
    Agrees(&'p str),
}

impl<'p> Piece<'p> {
    fn read(written: &'p str) -> Self {
        let inside = |open: char, close: char| written.strip_prefix(open)?.strip_suffix(close);
        let (inner, translates) = match (inside('{', '}'), inside('<', '>')) {
            (Some(inner), _) => (inner, true),
            (_, Some(inner)) => (inner, false),
            _ => return Self::Word(written),
        };
        if let Some((slot, form)) = inner.split_once('.') {
            return Self::Slot { slot, form: Form::Named(form), translates };
        }
        match inner.split_once(':') {
            Some((slot, with)) => Self::Slot { slot, form: Form::Agrees(with), translates },
            None => Self::Slot { slot: inner, form: Form::First, translates },
        }
    }
}

/// The list that a slot takes its word from: `who2` is another `who`.
fn list_of(slot: &str) -> &str {
    slot.trim_end_matches(|c: char| c.is_ascii_digit())
}

impl Grammar {
    /// Every sentence of a pattern.
    fn expand(&self, pattern: &Pattern) -> Result<Vec<Sentence>, PairsError> {
        let mut slots: Vec<&str> = Vec::new();
        for piece in pattern.zh.split(' ').chain(pattern.en.split(' ')).map(Piece::read) {
            if let Piece::Slot { slot, .. } = piece
                && !slots.contains(&slot)
            {
                slots.push(slot);
            }
        }
        let mut choices: Vec<Vec<Entry>> = vec![Vec::new()];
        for slot in &slots {
            let list = self.words.get(list_of(slot)).ok_or_else(|| PairsError::Unknown((*slot).to_owned()))?;
            choices = choices
                .into_iter()
                .flat_map(|chosen| list.iter().map(move |entry| [&chosen[..], &[entry]].concat()))
                .collect();
        }
        let differ = |chosen: &Vec<Entry>| {
            let same = |a: usize, b: usize| list_of(slots[a]) == list_of(slots[b]) && chosen[a].0 == chosen[b].0;
            !(0..slots.len()).any(|b| (0..b).any(|a| same(a, b)))
        };
        choices.into_iter().filter(differ).map(|chosen| self.say(pattern, &slots, &chosen)).collect()
    }

    /// A pattern with these words.
    fn say(&self, pattern: &Pattern, slots: &[&str], chosen: &[Entry]) -> Result<Sentence, PairsError> {
        let entry = |slot: &str| {
            let at = slots.iter().position(|other| *other == slot);
            at.map(|at| chosen[at]).ok_or_else(|| PairsError::Unknown(slot.to_owned()))
        };
        let mut sentence = Sentence { chinese: Vec::new(), english: Vec::new(), from: Vec::new() };
        let mut begins: HashMap<&str, usize> = HashMap::new();
        for piece in pattern.zh.split(' ').map(Piece::read) {
            match piece {
                Piece::Word(word) => sentence.chinese.push(word.to_owned()),
                Piece::Slot { slot, .. } => {
                    begins.insert(slot, sentence.chinese.len());
                    sentence.chinese.extend(entry(slot)?.0.split(' ').map(str::to_owned));
                }
            }
        }
        for piece in pattern.en.split(' ').map(Piece::read) {
            let Piece::Slot { slot, form, translates } = piece else {
                if let Piece::Word(word) = piece {
                    sentence.english.push(word.to_owned());
                    sentence.from.push(None);
                }
                continue;
            };
            let (zh, forms) = entry(slot)?;
            let n = match form {
                Form::First => 0,
                Form::Named(form) => self.form(slot, form)?,
                Form::Agrees(with) => {
                    let helps = self.form(with, "do")?;
                    usize::from(entry(with)?.1.get(helps).is_some_and(|helping| helping == "does"))
                }
            };
            let form = forms.get(n).ok_or_else(|| PairsError::Unknown(format!("{zh}, {slot}")))?;
            if translates && form.split(' ').count() != zh.split(' ').count() {
                return Err(PairsError::Uneven(zh.clone()));
            }
            for (n, word) in form.split(' ').enumerate() {
                sentence.english.push(word.to_owned());
                sentence.from.push(begins.get(slot).filter(|_| translates).map(|begins| begins + n));
            }
        }
        Ok(sentence)
    }

    /// The place of a form in the entries of a list.
    fn form(&self, slot: &str, form: &str) -> Result<usize, PairsError> {
        let forms = self.forms.get(list_of(slot));
        let at = forms.and_then(|forms| forms.iter().position(|other| other == form));
        at.ok_or_else(|| PairsError::Unknown(form.to_owned()))
    }
}
