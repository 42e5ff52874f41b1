//! Text as a terminal sees it: columns, not bytes.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// How many columns the text takes: Chinese and emoji two, combining marks none.
pub fn columns(text: &str) -> usize {
    text.width()
}

/// The text cut to at most `width` columns, never inside a grapheme.
pub fn cut(text: &str, width: usize) -> &str {
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        used += columns(grapheme);
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

/// The text cut or padded to exactly `width` columns, the padding on the left.
pub fn right(text: &str, width: usize) -> String {
    let kept = cut(text, width);
    format!("{}{kept}", " ".repeat(width - columns(kept)))
}

/// Lines of at most `width` columns. Breaks at spaces in Latin text and between Chinese characters,
/// but keeps closing punctuation with what it closes.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for piece in text.split_word_bounds() {
        let Some(line) = lines.last_mut() else { break };
        let fits = columns(line) + columns(piece) <= width;
        if fits || (closes(piece) && columns(line) < width + columns(piece)) && columns(line) < width {
            line.push_str(piece);
        } else if piece.trim().is_empty() {
            lines.push(String::new());
        } else {
            let carried = if closes(piece) { last_word(line) } else { String::new() };
            line.truncate(line.trim_end().len());
            let mut rest = carried + piece;
            while columns(&rest) > width && width > 0 {
                let head = cut(&rest, width).to_owned();
                if head.is_empty() {
                    break;
                }
                rest = rest[head.len()..].to_owned();
                lines.push(head);
            }
            lines.push(rest);
        }
    }
    lines.retain(|line| !line.is_empty());
    lines
}

/// Punctuation that must not begin a line.
fn closes(piece: &str) -> bool {
    piece.chars().all(|c| "，。；：、！？」』）》.,;:!?)]".contains(c))
}

/// Takes the last word off a line, to carry it to the next with the punctuation that closes it.
fn last_word(line: &mut String) -> String {
    let at = line.split_word_bound_indices().next_back().map_or(0, |(at, _)| at);
    if at == 0 { String::new() } else { line.split_off(at) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_what_a_terminal_draws() {
        for (text, n) in [("qkv", 3), ("天安门", 6), ("👩‍🚀", 2), ("e\u{301}", 1), ("", 0)] {
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
