//! English endings: which words a form may have been made from. Spelling rules only; irregular forms stand in the lexicon.

use crate::ground::lang::Text;

use super::format::choice;
use crate::source::file::error::Refusal;
use crate::source::file::read::Node;

/// How the words of a group are inflected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Inflection {
    /// -s, -es, -ies.
    Noun,
    /// The same, and -ed, -ied, -ing.
    Verb,
    /// -er, -est, -ier, -iest.
    Adjective,
}

impl Inflection {
    /// Reads it from a lexicon.
    pub(super) fn read<'a>(what: &Text, node: &'a Node<'a>) -> Result<Self, Refusal> {
        choice(what, node, &[("noun", Self::Noun), ("verb", Self::Verb), ("adjective", Self::Adjective)])
    }

    const fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Noun => &["s"],
            Self::Verb => &["s", "ed", "ing"],
            Self::Adjective => &["er", "est"],
        }
    }
}

/// A folded word without its possessive: `beijing's` and `cats'` are `beijing` and `cats`.
pub(super) fn owner(word: &str) -> &str {
    let bare = word.strip_suffix("'s").or_else(|| word.strip_suffix("s'").map(|_| &word[..word.len() - 1]));
    bare.filter(|bare| !bare.is_empty()).unwrap_or(word)
}

/// The words that a folded word may be a form of, each with the inflections that make it so; the likeliest first.
pub(super) fn stems(word: &str) -> Vec<(String, Inflection)> {
    const ALL: [Inflection; 3] = [Inflection::Noun, Inflection::Verb, Inflection::Adjective];
    let mut found = Vec::new();
    if !word.bytes().all(|b| b.is_ascii_lowercase()) {
        return found;
    }
    for how in ALL {
        for ending in how.endings() {
            let Some(stem) = word.strip_suffix(ending).filter(|stem| stem.len() > 1) else { continue };
            found.extend(spellings(stem, ending).into_iter().map(|stem| (stem, how)));
        }
    }
    found
}

/// How a word without its ending may have been written before: `stopp` was `stop`, `citie` was `city`, `hop` was `hope`.
fn spellings(stem: &str, ending: &str) -> Vec<String> {
    let mut all = vec![stem.to_owned()];
    if ending == "s" {
        all.extend(stem.strip_suffix("ie").map(|stem| format!("{stem}y")));
        let hisses = ["s", "x", "z", "ch", "sh", "o"];
        all.extend(stem.strip_suffix('e').filter(|s| hisses.iter().any(|end| s.ends_with(end))).map(str::to_owned));
        return all;
    }
    all.push(format!("{stem}e"));
    all.extend(stem.strip_suffix('i').filter(|_| ending != "ing").map(|stem| format!("{stem}y")));
    let mut letters = stem.chars().rev();
    if letters.next() == letters.next() {
        all.push(stem[..stem.len() - 1].to_owned());
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_lead_back_to_their_words() {
        for (form, word, how) in [
            ("cats", "cat", Inflection::Noun),
            ("cities", "city", Inflection::Noun),
            ("churches", "church", Inflection::Noun),
            ("houses", "house", Inflection::Noun),
            ("loves", "love", Inflection::Verb),
            ("studies", "study", Inflection::Verb),
            ("studied", "study", Inflection::Verb),
            ("loved", "love", Inflection::Verb),
            ("walked", "walk", Inflection::Verb),
            ("stopped", "stop", Inflection::Verb),
            ("making", "make", Inflection::Verb),
            ("running", "run", Inflection::Verb),
            ("seeing", "see", Inflection::Verb),
            ("taller", "tall", Inflection::Adjective),
            ("biggest", "big", Inflection::Adjective),
            ("happier", "happy", Inflection::Adjective),
            ("largest", "large", Inflection::Adjective),
        ] {
            assert!(stems(form).contains(&(word.to_owned(), how)), "{form}: {:?}", stems(form));
        }
        assert!(stems("s").is_empty() && stems("爱s").is_empty());
        for (form, word) in [("beijing's", "beijing"), ("cats'", "cats"), ("its", "its"), ("'s", "'s"), ("s'", "s")] {
            assert_eq!(owner(form), word);
        }
    }
}
