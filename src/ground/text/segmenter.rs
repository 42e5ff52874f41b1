//! Cutting a sentence: by dictionary, by the rules of Unicode, and by hand.

use std::fmt;
use std::ops::Range;
use std::sync::LazyLock;

use jieba_rs::Jieba;
use unicode_segmentation::UnicodeSegmentation;

use super::fold::simplified;
use super::{LETTERS, Lens, Sentence, TOKENS, TextError, Token, WORD_LETTERS, columns, disturbs, folded, is_blank};

/// Sets a boundary by hand: `北|京` is two words. It never becomes a token itself.
pub const BOUNDARY: char = '|';

/// The Chinese dictionary: a tenth of a second to unpack, some 30 MiB, never changed. So there is one for all segmenters.
static DICTIONARY: LazyLock<Jieba> = LazyLock::new(Jieba::new);

/// Cuts sentences into tokens. The Chinese dictionary is loaded when the first Chinese word needs it, and kept.
#[derive(Default)]
pub struct Segmenter {
    dictionary: Option<&'static Jieba>,
}

impl fmt::Debug for Segmenter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Segmenter").field("loaded", &self.is_loaded()).finish()
    }
}

impl Segmenter {
    /// A segmenter that has loaded nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether this one has needed the dictionary so far.
    pub fn is_loaded(&self) -> bool {
        self.dictionary.is_some()
    }

    /// Cuts a sentence as it was typed. What a [`BOUNDARY`] parts stays parted in every lens; each side is cut as if it
    /// stood alone: `南京|市长|江大桥` begins with 南京 and 市长 ("mayor"), not with 南京市 ("the city of Nanjing").
    ///
    /// Cuts nest: no byte belongs to two characters, no character to two words. Line breaks and tabs are spaces, and what
    /// nobody sees makes no word. Traditional characters are cut as the simplified ones would be, and stay as they were typed.
    ///
    /// # Errors
    /// [`TextError`] where the sentence is empty, too long, or holds control characters.
    pub fn cut(&mut self, written: &str, lens: Lens) -> Result<Sentence, TextError> {
        let written: String = written.chars().map(|c| if breaks(c) { ' ' } else { c }).collect();
        check(&written)?;
        let (text, parts) = parts(&written);
        let mut tokens = Vec::new();
        for part in parts {
            let ends = match lens {
                Lens::Words => self.words(&text[part.clone()]),
                Lens::Characters => characters(&text[part.clone()]),
                Lens::Bytes => (1..=part.len()).collect(),
            };
            let mut start = part.start;
            for end in ends.into_iter().map(|end| part.start + end) {
                tokens.extend(token(&text, start..end, lens)?);
                start = end;
            }
        }
        if tokens.is_empty() {
            return Err(TextError::Empty);
        }
        if tokens.len() > TOKENS {
            return Err(TextError::TooManyTokens { found: tokens.len(), lens });
        }
        Ok(Sentence { text, lens, tokens })
    }

    /// What kind of word the Chinese dictionary says it is, in its own short sign: `ns` is the name of a place. None for a
    /// word that is not in it.
    pub fn kind(&mut self, word: &str) -> Option<String> {
        let word = folded(word);
        if !word.starts_with(is_han) {
            return None;
        }
        let dictionary = self.dictionary();
        let tagged = dictionary.has_word(&word).then(|| dictionary.tag(&word, false))?;
        tagged.into_iter().find(|tag| tag.word == word).map(|tag| tag.tag.to_owned())
    }

    fn dictionary(&mut self) -> &'static Jieba {
        self.dictionary.get_or_insert_with(|| &DICTIONARY)
    }

    /// The ends of the words, spaces among them.
    fn words(&mut self, part: &str) -> Vec<usize> {
        let graphemes = characters(part);
        let part = &simplified(part);
        let mut ends = Vec::new();
        for (run, chinese) in runs(part) {
            let start = run.start;
            if chinese {
                let dictionary = self.dictionary();
                // Without its guesses at words that stand in no dictionary: they would make one word of 我爱北.
                ends.extend(dictionary.cut(&part[run], false).iter().map(|word| start + word.byte_end));
            } else {
                ends.extend(part[run].split_word_bound_indices().map(|(at, word)| start + at + word.len()));
            }
        }
        // A word never ends inside a character, whatever a dictionary makes of a variation selector.
        ends.retain(|end| graphemes.binary_search(end).is_ok());
        ends
    }
}

/// Whether a character ends a line or jumps to the next column.
const fn breaks(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\u{b}' | '\u{c}' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Refuses what no lens could cut.
fn check(written: &str) -> Result<(), TextError> {
    let found = written.chars().count();
    if found > LETTERS {
        return Err(TextError::TooLong { found });
    }
    match (1..).zip(written.chars()).find(|&(_, c)| disturbs(c)) {
        Some((at, found)) => Err(TextError::Control { found, at }),
        None => Ok(()),
    }
}

/// The sentence without its boundaries, and the stretches between them.
fn parts(written: &str) -> (String, Vec<Range<usize>>) {
    let counts = |grapheme: &&str| !is_blank(grapheme.trim_matches(BOUNDARY));
    let first = written.grapheme_indices(true).find(|(_, grapheme)| counts(grapheme)).map_or(0, |(at, _)| at);
    let last = written.grapheme_indices(true).rfind(|(_, grapheme)| counts(grapheme));
    let inner = last.map_or("", |(at, grapheme)| written[first..at + grapheme.len()].trim_matches(BOUNDARY));
    let mut text = String::with_capacity(inner.len());
    let mut parts = Vec::new();
    for part in inner.split(BOUNDARY) {
        let start = text.len();
        text.push_str(part);
        parts.push(start..text.len());
    }
    (text, parts)
}

/// The ends of the characters.
fn characters(part: &str) -> Vec<usize> {
    part.grapheme_indices(true).map(|(at, character)| at + character.len()).collect()
}

/// Stretches that are Chinese throughout, or nowhere.
fn runs(part: &str) -> Vec<(Range<usize>, bool)> {
    let mut runs: Vec<(Range<usize>, bool)> = Vec::new();
    for (at, character) in part.grapheme_indices(true) {
        let (end, chinese) = (at + character.len(), character.starts_with(is_han));
        match runs.last_mut() {
            Some((run, kind)) if *kind == chinese => run.end = end,
            _ => runs.push((at..end, chinese)),
        }
    }
    runs
}

/// Chinese characters: the unified ideographs and their extensions, and the two that count as such.
const fn is_han(c: char) -> bool {
    matches!(c, '\u{3005}' | '\u{3007}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3FFFF}')
}

/// The token at these bytes; `None` for what stands between words or characters: spaces, and what nobody sees.
fn token(text: &str, range: Range<usize>, lens: Lens) -> Result<Option<Token>, TextError> {
    if lens == Lens::Bytes {
        return Ok(Some(Token { text: format!("{:02X}", text.as_bytes()[range.start]), range }));
    }
    let word = text[range.clone()].trim();
    let Some(first) = word.chars().next().filter(|_| !is_blank(word)) else { return Ok(None) };
    let letters = word.chars().count();
    if letters > WORD_LETTERS {
        return Err(TextError::LongWord { found: letters });
    }
    let shown = if is_shapeless(word, first) { format!("U+{:04X}", u32::from(first)) } else { word.to_owned() };
    Ok(Some(Token { text: shown, range }))
}

/// Whether a terminal would draw nothing, or would draw it onto whatever stands before: a lone combining mark, a joiner,
/// a space of no width.
fn is_shapeless(word: &str, first: char) -> bool {
    columns(word) == 0 || ['a', first].iter().collect::<String>().graphemes(true).count() == 1
}
