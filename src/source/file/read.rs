//! Typed values out of a parsed TOML document, each with the place where it stands.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{Refusal, excerpt};
use crate::ground::lang::Text;
use crate::ground::text::{LETTERS, WORD_LETTERS, disturbs};

/// The longest list or matrix side a sample may hold.
pub(in crate::source) const WIDTH: usize = 4096;
/// The largest number a sample may hold. With it and [`WIDTH`] no product of any program leaves f32:
/// `|q|` stays below `4096·10⁶·10⁶ = 4·10¹⁵` and a score below `4096·|q|² = 7·10³⁴`; f32 ends at `3·10³⁸`.
const LARGEST: f64 = 1e6;

/// A value of the document.
pub(in crate::source) type Node<'a> = Spanned<DeValue<'a>>;

/// A value and the byte where it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At<T> {
    /// The byte.
    pub at: usize,
    /// The value.
    pub value: T,
}

impl<T> At<T> {
    /// Refuses the file for this value.
    pub(in crate::source) fn refuse(&self, message: Text) -> Refusal {
        Refusal::new(self.at, message)
    }
}

/// Rows of numbers, all of one length, at least 1×1.
#[derive(Debug)]
pub(in crate::source) struct Matrix {
    /// The columns.
    pub(in crate::source) cols: usize,
    /// The numbers, row by row.
    pub(in crate::source) numbers: Vec<f32>,
    /// The byte where each row begins.
    pub(in crate::source) rows_at: Vec<usize>,
}

impl Matrix {
    /// How many rows there are.
    pub(in crate::source) fn rows(&self) -> usize {
        self.rows_at.len()
    }

    /// `4×8`.
    pub(in crate::source) fn size(&self) -> String {
        format!("{}×{}", self.rows(), self.cols)
    }
}

/// The keys of one table.
pub(in crate::source) struct Fields<'a> {
    /// What a person calls the table.
    pub(in crate::source) place: Text,
    /// The byte where the table begins.
    pub(in crate::source) at: usize,
    /// The keys and values.
    pub(in crate::source) table: &'a DeTable<'a>,
}

impl<'a> Fields<'a> {
    /// Refuses the first key that is not among `known`.
    pub(in crate::source) fn only(&self, known: &[&str]) -> Result<(), Refusal> {
        let unknown = self.table.keys().filter(|key| !known.contains(&key.get_ref().as_ref()));
        match unknown.min_by_key(|key| key.span().start) {
            None => Ok(()),
            Some(key) => {
                let (name, place) = (excerpt(key.get_ref()), &self.place);
                let alike = |known: &&str| strsim::jaro_winkler(known, &name);
                let nearest = known.iter().copied().max_by(|a, b| alike(a).total_cmp(&alike(b)));
                let hint = match nearest.filter(|known| alike(known) > 0.8) {
                    Some(known) => Text::owned(format!("是不是 `{known}`？"), format!("did you mean `{known}`?")),
                    None => Text::owned(
                        format!("可以写的键有 {}", known.join("、")),
                        format!("the keys there are {}", known.join(", ")),
                    ),
                };
                let words = Text::owned(
                    format!("{}里有不认识的键 `{name}`；{}", place.zh, hint.zh),
                    format!("unknown key `{name}` in {}; {}", place.en, hint.en),
                );
                Err(Refusal::new(key.span().start, words))
            }
        }
    }

    /// The value of a key, where it is there.
    pub(in crate::source) fn find<T>(
        &self,
        key: &str,
        read: impl FnOnce(&Text, &'a Node<'a>) -> Result<T, Refusal>,
    ) -> Result<Option<At<T>>, Refusal> {
        let node = self.table.get(key);
        node.map(|node| Ok(At { at: node.span().start, value: read(&Text::same(key), node)? })).transpose()
    }

    /// The value of a key that must be there.
    pub(in crate::source) fn need<T>(
        &self,
        key: &str,
        read: impl FnOnce(&Text, &'a Node<'a>) -> Result<T, Refusal>,
    ) -> Result<At<T>, Refusal> {
        let missing = || {
            let Text { zh, en } = &self.place;
            Refusal::new(self.at, Text::owned(format!("{zh}里缺少 `{key}`"), format!("`{key}` is missing in {en}")))
        };
        self.find(key, read)?.ok_or_else(missing)
    }
}

/// A list of at most [`WIDTH`] entries, none of them read yet.
fn list<'a>(what: &Text, node: &'a Node<'a>) -> Result<&'a [Node<'a>], Refusal> {
    let entries = node.get_ref().as_array().ok_or_else(|| wrong_type(what, node, &Text::new("列表", "a list")))?;
    if entries.len() > WIDTH {
        let n = entries.len();
        let message = Text::owned(
            format!("{}：有 {n} 项，最多 {WIDTH} 项", what.zh),
            format!("{} has {n} entries, the most is {WIDTH}", what.en),
        );
        return Err(Refusal::new(node.span().start, message));
    }
    Ok(entries)
}

/// A list with every entry read by `read`, which is told what it reads: `tokens, entry 2`.
pub(in crate::source) fn list_of<'a, T>(
    read: impl Fn(&Text, &'a Node<'a>) -> Result<T, Refusal>,
) -> impl Fn(&Text, &'a Node<'a>) -> Result<Vec<T>, Refusal> {
    move |what, node| {
        let numbered = (1..).zip(list(what, node)?);
        let named = |i: usize| Text::owned(format!("{} 第 {i} 项", what.zh), format!("{}, entry {i}", what.en));
        numbered.map(|(i, entry)| read(&named(i), entry)).collect()
    }
}

/// The same, with the place of every entry.
pub(in crate::source) fn placed<'a, T>(
    read: impl Fn(&Text, &'a Node<'a>) -> Result<T, Refusal>,
) -> impl Fn(&Text, &'a Node<'a>) -> Result<At<T>, Refusal> {
    move |what, node| Ok(At { at: node.span().start, value: read(what, node)? })
}

/// A word or a line of words: not empty, not endless, without characters that would disturb a terminal.
pub(in crate::source) fn words<'a>(what: &Text, node: &'a Node<'a>) -> Result<String, Refusal> {
    line(what, node, WORD_LETTERS)
}

/// A sentence: the same, and longer.
pub(in crate::source) fn sentence<'a>(what: &Text, node: &'a Node<'a>) -> Result<String, Refusal> {
    line(what, node, LETTERS)
}

fn line<'a>(what: &Text, node: &'a Node<'a>, longest: usize) -> Result<String, Refusal> {
    let words = node.get_ref().as_str().ok_or_else(|| wrong_type(what, node, &STRING))?;
    let refuse = |zh: String, en: String| {
        let words = Text::owned(format!("{}：{zh}", what.zh), format!("{} {en}", what.en));
        Err(Refusal::new(node.span().start, words))
    };
    if words.is_empty() {
        return refuse("是空的".into(), "is empty".into());
    }
    if words.chars().nth(longest).is_some() {
        return refuse(format!("超过了 {longest} 个字符"), format!("is longer than {longest} characters"));
    }
    if let Some(c) = words.chars().find(|&c| disturbs(c)) {
        let code = u32::from(c);
        return refuse(format!("含有控制字符 U+{code:04X}"), format!("holds the control character U+{code:04X}"));
    }
    Ok(words.to_owned())
}

/// Words in both languages, `{ zh = "…", en = "…" }`.
pub(in crate::source) fn text<'a>(what: &Text, node: &'a Node<'a>) -> Result<Text, Refusal> {
    const FORM: Text = Text::new("{ zh = \"...\", en = \"...\" }", "{ zh = \"...\", en = \"...\" }");
    let table = node.get_ref().as_table().ok_or_else(|| wrong_type(what, node, &FORM))?;
    let fields = Fields { place: Text::new("双语文字", "a text in two languages"), at: node.span().start, table };
    fields.only(&["zh", "en"])?;
    let side = |key| -> Result<String, Refusal> {
        let missing = || {
            let words = Text::owned(
                format!("{}：缺少 `{key}`；每段文字都要有 zh 和 en", what.zh),
                format!("{} lacks its `{key}`; every text has zh and en", what.en),
            );
            Refusal::new(node.span().start, words)
        };
        Ok(fields.find(key, |key, node| sentence(&part(what, &key.en), node))?.ok_or_else(missing)?.value)
    };
    Ok(Text::owned(side("zh")?, side("en")?))
}

/// What a person calls the value of a key inside another value.
pub(in crate::source) fn part(what: &Text, key: &str) -> Text {
    Text::owned(format!("{} 的 {key}", what.zh), format!("{}, {key}", what.en))
}

/// A whole number of at least 1.
pub(in crate::source) fn count<'a>(what: &Text, node: &'a Node<'a>) -> Result<usize, Refusal> {
    let digits = node.get_ref().as_integer().ok_or_else(|| wrong_type(what, node, &WHOLE))?;
    match i64::from_str_radix(digits.as_str(), digits.radix()).map(usize::try_from) {
        Ok(Ok(n)) if n > 0 => Ok(n),
        _ => {
            let found = excerpt(digits.as_str());
            let words = Text::owned(
                format!("{}：写的是 {found}，应当是从 1 起的整数", what.zh),
                format!("{} is {found}, expected a whole number from 1", what.en),
            );
            Err(Refusal::new(node.span().start, words))
        }
    }
}

/// Rows of numbers.
pub(in crate::source) fn matrix<'a>(what: &Text, node: &'a Node<'a>) -> Result<Matrix, Refusal> {
    matrix_of(what, node, |what, node| number(what, node))
}

/// Rows of numbers, each read by `read`, which is told what it reads.
pub(in crate::source) fn matrix_of<'a>(
    what: &Text,
    node: &'a Node<'a>,
    read: impl Fn(&dyn Fn() -> Text, &'a Node<'a>) -> Result<f32, Refusal>,
) -> Result<Matrix, Refusal> {
    let rows = list(what, node)?;
    let mut matrix = Matrix { cols: 0, numbers: Vec::new(), rows_at: Vec::with_capacity(rows.len()) };
    for (i, node) in rows.iter().enumerate() {
        let (at, n) = (node.span().start, i + 1);
        let what = Text::owned(format!("{} 第 {n} 行", what.zh), format!("{}, row {n}", what.en));
        let refuse = |zh: String, en: String| {
            Err(Refusal::new(at, Text::owned(format!("{}{zh}", what.zh), format!("{} {en}", what.en))))
        };
        let row = list(&what, node)?;
        if row.is_empty() {
            return refuse("没有数".into(), "has no numbers".into());
        }
        if i > 0 && row.len() != matrix.cols {
            let (found, cols) = (row.len(), matrix.cols);
            let numbers = if found == 1 { "number" } else { "numbers" };
            let above = if i == 1 { "the row above has" } else { "the rows above have" };
            return refuse(
                format!("有 {found} 个数，上面的行有 {cols} 个"),
                format!("has {found} {numbers}, {above} {cols}"),
            );
        }
        matrix.cols = row.len();
        matrix.rows_at.push(at);
        for (j, node) in (1..).zip(row) {
            let what = || Text::owned(format!("{}第 {j} 列", what.zh), format!("{}, column {j}", what.en));
            matrix.numbers.push(read(&what, node)?);
        }
    }
    if rows.is_empty() {
        let words = Text::owned(format!("{} 没有行", what.zh), format!("{} has no rows", what.en));
        return Err(Refusal::new(node.span().start, words));
    }
    Ok(matrix)
}

const TOO_LARGE: Text = Text::new(
    "太大了：样例里的数在 ±1000000 以内，乘积才不会超出 f32",
    "too large: a sample's numbers stay within ±1000000, so that no product leaves f32",
);

/// A number that f32 holds and that stays inside f32 through every product.
pub(in crate::source) fn number(what: impl Fn() -> Text, node: &Node<'_>) -> Result<f32, Refusal> {
    let value = any_number(&what, node)?;
    if f64::from(value.abs()) > LARGEST {
        return Err(wrong_number(&what(), node, &TOO_LARGE));
    }
    Ok(value)
}

/// How a number is written; `None` for a value of another type.
pub(in crate::source) fn written<'a>(node: &'a Node<'_>) -> Option<&'a str> {
    match node.get_ref() {
        DeValue::Integer(n) => Some(n.as_str()),
        DeValue::Float(n) => Some(n.as_str()),
        _ => None,
    }
}

/// A number that f32 holds.
pub(in crate::source) fn any_number(what: impl Fn() -> Text, node: &Node<'_>) -> Result<f32, Refusal> {
    let written = written(node).ok_or_else(|| wrong_type(&what(), node, &Text::new("数", "a number")))?;
    let value = match node.get_ref() {
        // Digits too many for i128 are also too large for a sample.
        DeValue::Integer(n) => i128::from_str_radix(n.as_str(), n.radix()).map_or(f64::MAX, |n| n as f64),
        _ => written.parse().unwrap_or(f64::NAN),
    };
    let refuse = |why: Text| Err(wrong_number(&what(), node, &why));
    // A literal such as 1e999 overflows to infinity without being written as one.
    if value.is_nan() || (value.is_infinite() && written.contains("inf")) {
        return refuse(Text::new("应当是有限的数", "expected a finite number"));
    }
    if value.abs() > f64::from(f32::MAX) {
        return refuse(TOO_LARGE);
    }
    if value != 0.0 && value.abs() < f64::from(f32::MIN_POSITIVE) {
        return refuse(Text::new(
            "太小了，f32 存不下：写 0，或者至少 1.2e-38",
            "too small for f32: write 0, or at least 1.2e-38",
        ));
    }
    Ok(value as f32)
}

fn wrong_number(what: &Text, node: &Node<'_>, why: &Text) -> Refusal {
    let found = excerpt(written(node).unwrap_or_default());
    let words =
        Text::owned(format!("{}：写的是 {found}，{}", what.zh, why.zh), format!("{} is {found}, {}", what.en, why.en));
    Refusal::new(node.span().start, words)
}

/// A word or a line of words, as an expected type.
pub(in crate::source) const STRING: Text = Text::new("字符串", "a string");
const WHOLE: Text = Text::new("整数", "a whole number");

/// A value of another type than expected.
pub(in crate::source) fn wrong_type(what: &Text, node: &Node<'_>, expected: &Text) -> Refusal {
    let found = match node.get_ref() {
        DeValue::String(_) => STRING,
        DeValue::Integer(_) => Text::new("一个数", "a number"),
        DeValue::Float(_) => Text::new("带小数点的数", "a number with a point"),
        DeValue::Boolean(_) => Text::new("真假值", "true or false"),
        DeValue::Datetime(_) => Text::new("日期", "a date"),
        DeValue::Array(_) => Text::new("列表", "a list"),
        DeValue::Table(_) => Text::new("表", "a table"),
    };
    let words = Text::owned(
        format!("{}：这里是{}，应当是{}", what.zh, found.zh, expected.zh),
        format!("{} is {}, expected {}", what.en, found.en, expected.en),
    );
    Refusal::new(node.span().start, words)
}
