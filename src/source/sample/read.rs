//! Typed values out of a parsed TOML document, each with the place where it stands.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{Fault, excerpt};
use crate::ground::lang::Text;
use crate::ground::text::{LETTERS, WORD_LETTERS, disturbs};

/// The longest list or matrix side a sample may hold.
pub(super) const WIDTH: usize = 4096;
/// The largest number a sample may hold. With it and [`WIDTH`] no product of any program leaves f32:
/// `|q|` stays below `4096·10⁶·10⁶ = 4·10¹⁵` and a score below `4096·|q|² = 7·10³⁴`; f32 ends at `3·10³⁸`.
const LARGEST: f64 = 1e6;

/// A value of the document.
pub(super) type Node<'a> = Spanned<DeValue<'a>>;

/// A value and the byte where it begins.
#[derive(Debug)]
pub(super) struct At<T> {
    /// The byte.
    pub(super) at: usize,
    /// The value.
    pub(super) value: T,
}

impl<T> At<T> {
    /// A complaint about this value.
    pub(super) fn fault(&self, message: impl Into<String>) -> Fault {
        Fault::new(self.at, message)
    }
}

/// Rows of numbers, all of one length, at least 1×1.
#[derive(Debug)]
pub(super) struct Matrix {
    /// The columns.
    pub(super) cols: usize,
    /// The numbers, row by row.
    pub(super) numbers: Vec<f32>,
    /// The byte where each row begins.
    pub(super) rows_at: Vec<usize>,
}

impl Matrix {
    /// How many rows there are.
    pub(super) fn rows(&self) -> usize {
        self.rows_at.len()
    }

    /// `4×8`.
    pub(super) fn size(&self) -> String {
        format!("{}×{}", self.rows(), self.cols)
    }
}

/// The keys of one table.
pub(super) struct Fields<'a> {
    /// What a person calls the table.
    pub(super) place: &'static str,
    /// The byte where the table begins.
    pub(super) at: usize,
    /// The keys and values.
    pub(super) table: &'a DeTable<'a>,
}

impl<'a> Fields<'a> {
    /// Refuses the first key that is not among `known`.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), Fault> {
        let unknown = self.table.keys().filter(|key| !known.contains(&key.get_ref().as_ref()));
        match unknown.min_by_key(|key| key.span().start) {
            None => Ok(()),
            Some(key) => {
                let (name, place) = (excerpt(key.get_ref()), self.place);
                let alike = |known: &&str| strsim::jaro_winkler(known, &name);
                let nearest = known.iter().copied().max_by(|a, b| alike(a).total_cmp(&alike(b)));
                let hint = match nearest.filter(|known| alike(known) > 0.8) {
                    Some(known) => format!("did you mean `{known}`?"),
                    None => format!("the keys there are {}", known.join(", ")),
                };
                Err(Fault::new(key.span().start, format!("unknown key `{name}` in {place}; {hint}")))
            }
        }
    }

    /// The value of a key, where it is there.
    pub(super) fn find<T>(
        &self,
        key: &str,
        read: impl FnOnce(&str, &'a Node<'a>) -> Result<T, Fault>,
    ) -> Result<Option<At<T>>, Fault> {
        let node = self.table.get(key);
        node.map(|node| Ok(At { at: node.span().start, value: read(key, node)? })).transpose()
    }

    /// The value of a key that must be there.
    pub(super) fn need<T>(
        &self,
        key: &str,
        read: impl FnOnce(&str, &'a Node<'a>) -> Result<T, Fault>,
    ) -> Result<At<T>, Fault> {
        let missing = || Fault::new(self.at, format!("`{key}` is missing in {}", self.place));
        self.find(key, read)?.ok_or_else(missing)
    }
}

/// A list of at most [`WIDTH`] entries, none of them read yet.
fn list<'a>(what: &str, node: &'a Node<'a>) -> Result<&'a [Node<'a>], Fault> {
    let entries = node.get_ref().as_array().ok_or_else(|| wrong_type(what, node, "a list"))?;
    if entries.len() > WIDTH {
        let message = format!("{what} has {} entries, the most is {WIDTH}", entries.len());
        return Err(Fault::new(node.span().start, message));
    }
    Ok(entries)
}

/// A list with every entry read by `read`, which is told what it reads: `tokens, entry 2`.
pub(super) fn list_of<'a, T>(
    read: impl Fn(&str, &'a Node<'a>) -> Result<T, Fault>,
) -> impl Fn(&str, &'a Node<'a>) -> Result<Vec<T>, Fault> {
    move |what, node| {
        let numbered = (1..).zip(list(what, node)?);
        numbered.map(|(i, entry)| read(&format!("{what}, entry {i}"), entry)).collect()
    }
}

/// The same, with the place of every entry.
pub(super) fn placed<'a, T>(
    read: impl Fn(&str, &'a Node<'a>) -> Result<T, Fault>,
) -> impl Fn(&str, &'a Node<'a>) -> Result<At<T>, Fault> {
    move |what, node| Ok(At { at: node.span().start, value: read(what, node)? })
}

/// A word or a line of words: not empty, not endless, without characters that would disturb a terminal.
pub(super) fn words<'a>(what: &str, node: &'a Node<'a>) -> Result<String, Fault> {
    line(what, node, WORD_LETTERS)
}

/// A sentence: the same, and longer.
pub(super) fn sentence<'a>(what: &str, node: &'a Node<'a>) -> Result<String, Fault> {
    line(what, node, LETTERS)
}

fn line<'a>(what: &str, node: &'a Node<'a>, longest: usize) -> Result<String, Fault> {
    let words = node.get_ref().as_str().ok_or_else(|| wrong_type(what, node, "a string"))?;
    let fault = |message| Err(Fault::new(node.span().start, message));
    if words.is_empty() {
        return fault(format!("{what} is empty"));
    }
    if words.chars().nth(longest).is_some() {
        return fault(format!("{what} is longer than {longest} characters"));
    }
    if let Some(c) = words.chars().find(|&c| disturbs(c)) {
        return fault(format!("{what} holds the control character U+{:04X}", u32::from(c)));
    }
    Ok(words.to_owned())
}

/// Words in both languages, `{ zh = "…", en = "…" }`.
pub(super) fn text<'a>(what: &str, node: &'a Node<'a>) -> Result<Text, Fault> {
    let table = node.get_ref().as_table().ok_or_else(|| wrong_type(what, node, "{ zh = \"...\", en = \"...\" }"))?;
    let fields = Fields { place: "a text in two languages", at: node.span().start, table };
    fields.only(&["zh", "en"])?;
    let side = |key| -> Result<String, Fault> {
        let missing = || Fault::new(node.span().start, format!("{what} lacks its `{key}`; every text has zh and en"));
        Ok(fields.find(key, |key, node| words(&format!("{what}, {key}"), node))?.ok_or_else(missing)?.value)
    };
    Ok(Text::owned(side("zh")?, side("en")?))
}

/// A whole number of at least 1.
pub(super) fn count<'a>(what: &str, node: &'a Node<'a>) -> Result<usize, Fault> {
    let digits = node.get_ref().as_integer().ok_or_else(|| wrong_type(what, node, "a whole number"))?;
    match i64::from_str_radix(digits.as_str(), digits.radix()).map(usize::try_from) {
        Ok(Ok(n)) if n > 0 => Ok(n),
        _ => {
            let found = excerpt(digits.as_str());
            Err(Fault::new(node.span().start, format!("{what} is {found}, expected a whole number from 1")))
        }
    }
}

/// Rows of numbers.
pub(super) fn matrix<'a>(what: &str, node: &'a Node<'a>) -> Result<Matrix, Fault> {
    let rows = list(what, node)?;
    let mut matrix = Matrix { cols: 0, numbers: Vec::new(), rows_at: Vec::with_capacity(rows.len()) };
    for (i, node) in rows.iter().enumerate() {
        let at = node.span().start;
        let what = format!("{what}, row {}", i + 1);
        let row = list(&what, node)?;
        if row.is_empty() {
            return Err(Fault::new(at, format!("{what} has no numbers")));
        }
        if i > 0 && row.len() != matrix.cols {
            let (found, cols) = (row.len(), matrix.cols);
            let numbers = if found == 1 { "number" } else { "numbers" };
            let above = if i == 1 { "the row above has" } else { "the rows above have" };
            return Err(Fault::new(at, format!("{what} has {found} {numbers}, {above} {cols}")));
        }
        matrix.cols = row.len();
        matrix.rows_at.push(at);
        for (j, node) in row.iter().enumerate() {
            matrix.numbers.push(number(|| format!("{what}, column {}", j + 1), node)?);
        }
    }
    if rows.is_empty() {
        return Err(Fault::new(node.span().start, format!("{what} has no rows")));
    }
    Ok(matrix)
}

/// A number that f32 holds and that stays inside f32 through every product.
pub(super) fn number(what: impl Fn() -> String, node: &Node<'_>) -> Result<f32, Fault> {
    let value = any_number(&what, node)?;
    if f64::from(value.abs()) > LARGEST {
        let why = "too large: a sample's numbers stay within ±1000000, so that no product leaves f32";
        let written = written(node).unwrap_or_default();
        return Err(Fault::new(node.span().start, format!("{} is {}, {why}", what(), excerpt(written))));
    }
    Ok(value)
}

/// How a number is written; `None` for a value of another type.
fn written<'a>(node: &'a Node<'_>) -> Option<&'a str> {
    match node.get_ref() {
        DeValue::Integer(n) => Some(n.as_str()),
        DeValue::Float(n) => Some(n.as_str()),
        _ => None,
    }
}

/// A number that f32 holds.
pub(super) fn any_number(what: impl Fn() -> String, node: &Node<'_>) -> Result<f32, Fault> {
    let written = written(node).ok_or_else(|| wrong_type(&what(), node, "a number"))?;
    let value = match node.get_ref() {
        // Digits too many for i128 are also too large for a sample.
        DeValue::Integer(n) => i128::from_str_radix(n.as_str(), n.radix()).map_or(f64::MAX, |n| n as f64),
        _ => written.parse().unwrap_or(f64::NAN),
    };
    let fault = |why: &str| Err(Fault::new(node.span().start, format!("{} is {}, {why}", what(), excerpt(written))));
    // A literal such as 1e999 overflows to infinity without being written as one.
    if value.is_nan() || (value.is_infinite() && written.contains("inf")) {
        return fault("expected a finite number");
    }
    if value.abs() > f64::from(f32::MAX) {
        return fault("too large: a sample's numbers stay within ±1000000, so that no product leaves f32");
    }
    if value != 0.0 && value.abs() < f64::from(f32::MIN_POSITIVE) {
        return fault("too small for f32: write 0, or at least 1.2e-38");
    }
    Ok(value as f32)
}

/// A value of another type than expected.
pub(super) fn wrong_type(what: &str, node: &Node<'_>, expected: &str) -> Fault {
    let found = match node.get_ref() {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a number",
        DeValue::Float(_) => "a number with a point",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    };
    Fault::new(node.span().start, format!("{what} is {found}, expected {expected}"))
}
