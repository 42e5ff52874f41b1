//! `1.` and `.5`: numbers as Python prints them, written out as TOML has them.

use std::borrow::Cow;

/// A file whose numbers are all TOML's own.
pub(super) struct Numerals<'a> {
    /// The file as it is parsed.
    pub(super) text: Cow<'a, str>,
    /// The bytes of that text at which a `0` was put in, rising.
    added: Vec<usize>,
}

impl<'a> Numerals<'a> {
    /// Writes the numbers of a file out.
    pub(super) fn of(source: &'a str) -> Self {
        let gaps = gaps(source.as_bytes());
        if gaps.is_empty() {
            return Self { text: Cow::Borrowed(source), added: Vec::new() };
        }
        let (mut text, mut added, mut from) = (String::with_capacity(source.len() + gaps.len()), Vec::new(), 0);
        for gap in gaps {
            text.push_str(&source[from..gap]);
            added.push(text.len());
            text.push('0');
            from = gap;
        }
        text.push_str(&source[from..]);
        Self { text: Cow::Owned(text), added }
    }

    /// The byte of the file that a byte of the text stands for.
    pub(super) fn in_file(&self, at: usize) -> usize {
        at - self.added.partition_point(|&added| added < at)
    }
}

/// The bytes before which a `0` belongs: behind the point of `1.`, before that of `.5`. Strings, comments, keys and dates stay.
fn gaps(source: &[u8]) -> Vec<usize> {
    let mut gaps = Vec::new();
    let mut at = 0;
    while let Some(&byte) = source.get(at) {
        match byte {
            b'#' => at += source[at..].iter().position(|&b| b == b'\n').unwrap_or(source.len() - at),
            b'"' | b'\'' => at = after_string(source, at),
            b'.' => {
                gaps.extend(gap(source, at));
                at += 1;
            }
            _ => at += 1,
        }
    }
    gaps
}

/// Where a digit is missing beside a point.
fn gap(source: &[u8], point: usize) -> Option<usize> {
    let ends = |byte: Option<&u8>| byte.is_none_or(|b| b.is_ascii_whitespace() || b",]}#".contains(b));
    let begins = |byte: Option<&u8>| byte.is_none_or(|b| b.is_ascii_whitespace() || b",[{=".contains(b));
    let digits = source[..point].iter().rev().take_while(|b| b.is_ascii_digit() || **b == b'_').count();
    let mut first = point - digits;
    if first > 0 && b"+-".contains(&source[first - 1]) {
        first -= 1;
    }
    let whole = begins(first.checked_sub(1).and_then(|before| source.get(before)));
    let next = source.get(point + 1);
    if !whole {
        return None;
    }
    if digits == 0 {
        return next.filter(|b| b.is_ascii_digit()).map(|_| point);
    }
    let power = next.is_some_and(|b| b"eE".contains(b))
        && source.get(point + 2).is_some_and(|b| b.is_ascii_digit() || b"+-".contains(b));
    (ends(next) || power).then_some(point + 1)
}

/// The byte behind a string; the end of the file where it is not closed.
fn after_string(source: &[u8], start: usize) -> usize {
    let quote = source[start];
    let long = source[start..].starts_with(&[quote; 3]);
    let end: &[u8] = if long { &[quote; 3] } else { &[quote] };
    let mut at = start + end.len();
    while at < source.len() {
        if source[at..].starts_with(end) {
            return at + end.len();
        }
        // A string of one line that is not closed ends there: the parser will say so.
        if !long && source[at] == b'\n' {
            return at;
        }
        at += if quote == b'"' && source[at] == b'\\' { 2 } else { 1 };
    }
    source.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_get_their_digits_and_nothing_else_changes() {
        for (written, parsed) in [
            ("x = 1.", "x = 1.0"),
            ("H = [[1., -2., .5],[ +.25 ,1.e3, 1.E-3]]", "H = [[1.0, -2.0, 0.5],[ +0.25 ,1.0e3, 1.0E-3]]"),
            ("x=1.\n#1.\ny=1.#.5", "x=1.0\n#1.\ny=1.0#.5"),
            ("a = \"1. \\\" 2.\" # x", "a = \"1. \\\" 2.\" # x"),
            ("a = '1.\\' ", "a = '1.\\' "),
            ("a = \"\"\"1. \"\n.5\"\"\"\nb = 1.", "a = \"\"\"1. \"\n.5\"\"\"\nb = 1.0"),
            ("a.b = 1.5", "a.b = 1.5"),
            ("x1. = 2", "x1. = 2"),
            ("d = 1979-05-27T07:32:00.5", "d = 1979-05-27T07:32:00.5"),
            ("v = 1..2", "v = 1..2"),
            ("a = \"open\nb = 1.", "a = \"open\nb = 1.0"),
        ] {
            assert_eq!(Numerals::of(written).text, parsed, "{written}");
        }
    }

    #[test]
    fn places_are_those_of_the_file() {
        let source = "x = [1., 2., y]";
        let numerals = Numerals::of(source);
        let at = numerals.text.find('y').unwrap();
        assert_eq!(numerals.in_file(at), source.find('y').unwrap());
        assert_eq!(numerals.in_file(5), 5);
    }
}
