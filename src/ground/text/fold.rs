//! What does not count when words are compared: capitals, the form of letters and apostrophes, traditional characters, and
//! characters that nobody sees.

use std::collections::HashMap;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

/// The simplified character of each traditional one.
static SIMPLIFIED: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    let pairs = include_str!("traditional.txt").lines().filter(|line| !line.starts_with('#'));
    let pair = |pair: &str| {
        let mut both = pair.chars();
        both.next().zip(both.next())
    };
    pairs.flat_map(str::split_whitespace).filter_map(pair).collect()
});

/// The same text in simplified characters: byte for byte as long, so that places in one are places in the other.
pub(super) fn simplified(text: &str) -> String {
    text.chars().map(simple).collect()
}

fn simple(c: char) -> char {
    // Everything shorter is no Chinese character.
    if c.len_utf8() < 3 { c } else { SIMPLIFIED.get(&c).copied().unwrap_or(c) }
}

/// A word as it is looked up: `London`, `ＬＯＮＤＯＮ` and `london` are one, so are 愛 and 爱, `Beijing’s` and `Beijing's`.
pub fn folded(word: &str) -> String {
    let seen = word.nfkc().filter(|&c| !is_invisible(c) || is_joiner(c));
    let plain = seen.map(|c| if matches!(c, '\u{2018}' | '\u{2019}' | '\u{2bc}') { '\'' } else { simple(c) });
    // A quotation mark alone stays what it is; between letters it is an apostrophe.
    let lower = plain.collect::<String>().to_lowercase();
    if lower == "'" { word.to_owned() } else { lower }
}

/// Whether it joins or parts the letters beside it: the only invisible ones that tell words apart.
const fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200C}' | '\u{200D}')
}

/// Whether a character takes no room and leaves no mark: the default ignorable code points of Unicode.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}'
        | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFF8}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E0FFF}')
}

/// Whether there is nothing to see: spaces and invisible characters only.
pub fn is_blank(word: &str) -> bool {
    word.chars().all(|c| c.is_whitespace() || is_invisible(c))
}

/// A word as a person can see it: of one that shows nothing, its spaces as `␣` and its other characters by their code.
pub fn seen(word: &str) -> String {
    if !is_blank(word) {
        return word.to_owned();
    }
    let sign = |c: char| if c.is_whitespace() { "␣".to_owned() } else { format!("U+{:04X}", u32::from(c)) };
    word.chars().map(sign).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_count_is_folded_away() {
        for (word, same) in [
            ("LONDON", "london"),
            ("ＬＯＮＤＯＮ", "london"),
            ("愛", "爱"),
            ("Beijing’s", "beijing's"),
            ("Beijing\u{2bc}s", "beijing's"),
            ("Bei\u{200b}jing\u{feff}", "beijing"),
            ("co\u{ad}operate", "cooperate"),
            ("cafe\u{301}", "café"),
            ("ﬁsh", "fish"),
            ("葛\u{e0100}", "葛"),
            ("👩\u{200d}🚀", "👩\u{200d}🚀"),
            ("’", "’"),
        ] {
            assert_eq!(folded(word), same, "{word}");
        }
    }

    #[test]
    fn simplified_text_has_its_bytes_where_they_were() {
        let text = "我愛北京天安門, 這是 café 👩‍🚀 名著";
        let simple = simplified(text);
        assert_eq!(simple, "我爱北京天安门, 这是 café 👩‍🚀 名著");
        assert!(text.char_indices().map(|(at, _)| at).eq(simple.char_indices().map(|(at, _)| at)));
        assert!(SIMPLIFIED.len() > 2500 && SIMPLIFIED.iter().all(|(t, s)| t.len_utf8() == 3 && s.len_utf8() == 3));
    }

    #[test]
    fn what_shows_nothing_gets_a_sign() {
        for (word, shown) in
            [(" ", "␣"), ("  ", "␣␣"), ("\u{200b}", "U+200B"), ("\u{3000}", "␣"), ("爱", "爱"), (" a", " a")]
        {
            assert_eq!(seen(word), shown);
        }
    }
}
