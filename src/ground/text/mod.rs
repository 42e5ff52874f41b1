//! Text as a terminal sees it, columns and not bytes; and text as attention sees it, tokens.
//!
//! ```text
//! a sentence as typed ── Segmenter::cut, through a Lens ──> Sentence: tokens and their bytes
//! ```

mod error;
mod fold;
mod lens;
mod segmenter;

use std::borrow::Cow;

pub use error::TextError;
pub use fold::{folded, is_blank, seen};
pub use lens::{Lens, Sentence, Token};
pub use segmenter::{BOUNDARY, Segmenter};

use textwrap::{WordSeparator, core::Word};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// The most tokens of a sentence. With the most heads of a sample it keeps every tensor below 2^24 numbers.
pub const TOKENS: usize = 512;
/// The most characters of a sentence: 512 words of running text fit.
pub const LETTERS: usize = 5000;
/// The most characters of one word or name.
pub const WORD_LETTERS: usize = 1000;

/// Whether a character would disturb a terminal: the control characters proper, line separators, and what turns the
/// direction of writing.
pub fn disturbs(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Foreign words (a file name, what was typed, what a driver says) as one line that is safe to write to a terminal:
/// every character that [`disturbs`] is written as `\u{1b}`.
pub fn visible(foreign: &str) -> String {
    escaped(foreign, disturbs)
}

/// The same for words of several lines.
pub fn visible_lines(foreign: &str) -> String {
    escaped(foreign, |c| c != '\n' && disturbs(c))
}

fn escaped(words: &str, hidden: impl Fn(char) -> bool) -> String {
    let mut shown = String::with_capacity(words.len());
    for c in words.chars() {
        if hidden(c) { shown.extend(c.escape_unicode()) } else { shown.push(c) }
    }
    shown
}

/// The ASCII sign that a full-width sign stands for, as Chinese input methods write them; any other character is itself.
pub fn half_width(c: char) -> char {
    match c {
        '！'..='～' => char::from_u32(u32::from(c) - u32::from('！') + u32::from('!')).unwrap_or(c),
        '\u{3000}' => ' ',
        '、' => '/',
        '。' => '.',
        '《' => '<',
        '》' => '>',
        '【' => '[',
        '】' => ']',
        '「' => '{',
        '」' => '}',
        '￥' => '$',
        '−' | '—' => '-',
        _ => c,
    }
}

/// How many columns the text takes: Chinese and emoji two, combining marks none.
///
/// Counted grapheme by grapheme, as they are put into cells: the ligature of lam and alef, which Unicode counts as one
/// column, is two cells.
pub fn columns(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.graphemes(true).map(grapheme_columns).sum() }
}

/// The sound marks of half-width kana take a column in terminals, whatever this version of Unicode's tables says.
fn grapheme_columns(grapheme: &str) -> usize {
    let marks = grapheme.matches(SOUND_MARKS).count();
    if marks == 0 { grapheme.width() } else { grapheme.trim_end_matches(SOUND_MARKS).width() + marks }
}

const SOUND_MARKS: [char; 2] = ['\u{FF9E}', '\u{FF9F}'];

/// The text cut to at most `width` columns, never inside a grapheme.
pub fn cut(text: &str, width: usize) -> &str {
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        used += grapheme_columns(grapheme);
        if used > width {
            return &text[..at];
        }
    }
    text
}

/// The text cut or padded to exactly `width` columns, the padding on the right.
pub fn left(text: &str, width: usize) -> String {
    let kept = cut(text, width);
    format!("{kept}{}", " ".repeat(width - columns(kept)))
}

/// The text in at most `width` columns; where something had to go, an ellipsis says so.
pub fn shortened(text: &str, width: usize) -> String {
    if columns(text) <= width { text.to_owned() } else { format!("{}…", cut(text, width.saturating_sub(1))) }
}

/// The text cut or padded to exactly `width` columns, the padding on the left.
pub fn right(text: &str, width: usize) -> String {
    let kept = cut(text, width);
    format!("{}{kept}", " ".repeat(width - columns(kept)))
}

/// Lines of at most `width` columns, broken where Unicode allows it (UAX #14): at spaces in Latin text, between
/// Chinese characters, never before the punctuation that closes a phrase. What two spaces set apart is a list: its short entries are
/// not broken.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let separator =
        if text.contains(APART) { WordSeparator::Custom(entries) } else { WordSeparator::UnicodeBreakProperties };
    let options = textwrap::Options::new(width.max(1)).word_separator(separator);
    textwrap::wrap(text, options).into_iter().map(Cow::into_owned).collect()
}

/// Sets the entries of a list apart.
const APART: &str = "  ";

/// Columns of an entry that is not broken.
const ENTRY: usize = 20;

/// The pieces between which a list may be broken.
fn entries(list: &str) -> Box<dyn Iterator<Item = Word<'_>> + '_> {
    let mut rest = list;
    let entry = move || {
        let (entry, after) = rest.split_at(rest.find(APART).unwrap_or(rest.len()));
        let spaces = after.len() - after.trim_start_matches(' ').len();
        let all = &rest[..entry.len() + spaces];
        rest = &rest[all.len()..];
        Some(all).filter(|all| !all.is_empty())
    };
    let pieces = std::iter::from_fn(entry).flat_map(|entry| {
        if columns(entry.trim_end()) <= ENTRY {
            Box::new(std::iter::once(Word::from(entry)))
        } else {
            WordSeparator::UnicodeBreakProperties.find_words(entry)
        }
    });
    Box::new(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_words_are_seen_and_not_obeyed() {
        assert_eq!(visible("天安门 e\u{301} 👩‍🚀"), "天安门 e\u{301} 👩‍🚀");
        assert_eq!(visible("a\u{1b}[2J\n\u{9b}\u{202e}\u{2028}\u{7f}"), r"a\u{1b}[2J\u{a}\u{9b}\u{202e}\u{2028}\u{7f}");
        assert_eq!(visible_lines("one\ntwo\r"), "one\ntwo\\u{d}");
        assert!(
            !visible_lines(&(0..0x3000).filter_map(char::from_u32).collect::<String>())
                .replace('\n', "")
                .contains(disturbs)
        );
    }

    #[test]
    fn full_width_signs_stand_for_ascii() {
        let plain = |text: &str| text.chars().map(half_width).collect::<String>();
        assert_eq!(plain("？：、，。！／＝＋－［］｛｝（１．５）Ａｚ～"), "?:/,.!/=+-[]{}(1.5)Az~");
        assert_eq!(plain("《》【】「」￥−—\u{3000}"), "<>[]{}$-- ");
        assert_eq!(plain("我爱 é·√"), "我爱 é·√");
    }

    #[test]
    fn short_entries_of_a_list_are_not_broken() {
        assert_eq!(
            wrap("接着试：S 如果  R 谁快  g 考考自己  q 退出", 26),
            ["接着试：S 如果  R 谁快", "g 考考自己  q 退出"]
        );
        assert_eq!(wrap("one two   three four", 12), ["one two", "three four"]);
        assert_eq!(wrap("没有列表就像平常一样断开", 10), ["没有列表就", "像平常一样", "断开"]);
        let long = "an entry of many words is broken  as it always was";
        assert_eq!(wrap(long, 20), ["an entry of many", "words is broken", "as it always was"]);
    }

    #[test]
    fn columns_are_what_a_terminal_draws() {
        for (text, n) in [("qkv", 3), ("天安门", 6), ("👩‍🚀", 2), ("e\u{301}", 1), ("ﾊ\u{FF9F}", 2), ("سلام", 4), ("", 0)]
        {
            assert_eq!(columns(text), n, "{text}");
        }
    }

    #[test]
    fn cutting_never_splits_a_grapheme() {
        assert_eq!(cut("天安门", 5), "天安");
        assert_eq!(left("天安门", 5), "天安 ");
        assert_eq!(right("爱", 4), "  爱");
    }

    #[test]
    fn wrapped_lines_fit_and_keep_every_word() {
        let text = "每个查询和每个键做一次点积：方向越一致，分数越高；互不相干就是 0。";
        for width in 6..80 {
            let lines = wrap(text, width);
            assert!(lines.iter().all(|l| columns(l) <= width), "{width}: {lines:?}");
            let glued: String = lines.concat().split_whitespace().collect();
            assert_eq!(glued, text.split_whitespace().collect::<String>(), "{width}");
            assert!(lines.iter().all(|l| !l.starts_with(['，', '。', '；'])), "{width}: {lines:?}");
        }
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
    }
}
