//! JSON files of a checkpoint: read whole up to a bound, every value with the place where it stands.

use std::fmt;
use std::marker::PhantomData;
use std::ops::RangeInclusive;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::error::{ModelError, shown};
use super::folder::Folder;
use crate::ground::lang::Text;

/// All bytes of a file; none where there is no such file.
///
/// # Errors
/// [`ModelError::TooLarge`] above `most` bytes, [`ModelError::Folder`] for what cannot be read.
pub(in crate::source) fn whole(folder: &dyn Folder, name: &str, most: u64) -> Result<Option<Vec<u8>>, ModelError> {
    let failed = |why| ModelError::Folder { file: folder.called(name), why };
    let Some(size) = folder.size(name).map_err(failed)? else { return Ok(None) };
    let too_large = || ModelError::TooLarge { file: folder.called(name), found: size, most };
    if size > most {
        return Err(too_large());
    }
    let mut bytes = vec![0; usize::try_from(size).map_err(|_| too_large())?];
    folder.read(name, 0, &mut bytes).map_err(failed)?;
    Ok(Some(bytes))
}

/// The bytes of a file as text, without the mark that some editors put before it.
pub(in crate::source) fn utf8<'a>(bytes: &'a [u8], file: &str) -> Result<&'a str, ModelError> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        let found = bytes.get(at).copied().unwrap_or_default();
        let message = Text::owned(format!("字节 0x{found:02X} 不是 UTF-8"), format!("byte 0x{found:02X} is not UTF-8"));
        at_byte(&String::from_utf8_lossy(&bytes[..at]), at, file, message)
    })
}

/// Something wrong at a byte of a text.
pub(in crate::source) fn at_byte(source: &str, at: usize, file: &str, message: Text) -> ModelError {
    let before = source.get(..at).unwrap_or(source);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    ModelError::Form {
        file: file.to_owned(),
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
        message,
    }
}

/// What serde found wrong with a text, in both languages, where it stands.
pub(super) fn not_json(error: &serde_json::Error, source: &str, file: &str) -> ModelError {
    let (at, message) = complaint(error, source);
    at_byte(source, at, file, message)
}

/// The byte at which serde stopped, and its words. The column that it counts is in bytes, of the byte last read.
pub(in crate::source) fn complaint(error: &serde_json::Error, source: &str) -> (usize, Text) {
    let line_start = match error.line() {
        0 | 1 => 0,
        line => source.match_indices('\n').nth(line - 2).map_or(source.len(), |(at, _)| at + 1),
    };
    let mut at = (line_start + error.column().saturating_sub(1)).min(source.len());
    while !source.is_char_boundary(at) {
        at -= 1;
    }
    let said = error.to_string();
    let why = said.split(" at line ").next().unwrap_or_default();
    let why = excerpt_of(why);
    if error.is_data() {
        return (at, Text::owned(in_chinese(&why).unwrap_or_else(|| format!("值不对：{why}")), why));
    }
    let zh = match in_chinese(&why) {
        Some(zh) => format!("不是合格的 JSON：{zh}"),
        None => format!("不是合格的 JSON。解析器只会英文，它的原话是：{why}"),
    };
    (at, Text::owned(zh, format!("not JSON: {why}")))
}

/// The parser's words, on one line and not long, whatever they quote.
fn excerpt_of(why: &str) -> String {
    const LONGEST: usize = 160;
    let one_line: String = why.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    match one_line.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}...", &one_line[..at]),
        None => one_line,
    }
}

/// What the parser complains of, as it begins, and the same in Chinese; `{}` is the rest of its words.
const COMPLAINTS: [(&str, &str); 26] = [
    ("EOF while parsing a list", "列表没有写完，文件就结束了"),
    ("EOF while parsing an object", "花括号没有写完，文件就结束了"),
    ("EOF while parsing a string", "字符串没有写完，文件就结束了"),
    ("EOF while parsing a value", "这里应该有一个值，文件却结束了"),
    ("expected `:`", "键的后面少了 `:`"),
    ("expected `,` or `]`", "列表里少了逗号，或者少了 `]`"),
    ("expected `,` or `}`", "少了逗号，或者少了 `}`"),
    ("expected `\"`", "这里应该是双引号"),
    ("expected ident", "这里只能是 true、false 或者 null"),
    ("expected value", "这里应该是一个值"),
    ("key must be a string", "键要放在双引号里"),
    ("trailing comma", "多了一个逗号"),
    ("trailing characters", "该结束的地方还有别的字符"),
    ("invalid escape", "反斜杠后面的字母不对"),
    ("invalid number", "数写得不对"),
    ("number out of range", "数太大了"),
    ("invalid unicode code point", "转义写出的不是一个字符"),
    ("control character", "字符串里有没有转义的控制字符"),
    ("lone leading surrogate", "转义只写了半个字符"),
    ("unexpected end of hex escape", "转义没有写完"),
    ("recursion limit exceeded", "括号套得太深"),
    ("duplicate key ", "键 {} 前面已经写过了"),
    ("missing field ", "缺少 {}"),
    ("unknown field ", "不认识的键 {}"),
    ("invalid type: ", "类型不对：{}"),
    ("invalid value: ", "值不对：{}"),
];

fn in_chinese(why: &str) -> Option<String> {
    let (en, zh) = COMPLAINTS.iter().find(|(en, _)| why.starts_with(en))?;
    let rest = &why[en.len()..];
    let rest = rest.replace(", expected one of ", "，这里可以写 ").replace(", expected ", "，应该是 ");
    Some(zh.replace("{}", &rest))
}

/// The entries of an object in the order of the file; a key that stands there twice is refused.
pub(super) struct Entries<V>(pub(super) Vec<(String, V)>);

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Entries<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read<V>(PhantomData<V>);
        impl<'de, V: Deserialize<'de>> Visitor<'de> for Read<V> {
            type Value = Entries<V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let (mut entries, mut seen) = (Vec::new(), std::collections::HashSet::new());
                while let Some(key) = map.next_key::<String>()? {
                    if !seen.insert(key.clone()) {
                        return Err(A::Error::custom(format_args!("duplicate key `{}`", shown(&key))));
                    }
                    entries.push((key, map.next_value()?));
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(Read(PhantomData))
    }
}

/// A JSON file that is one object.
pub(super) struct Document<'a> {
    file: String,
    source: &'a str,
    entries: Vec<(String, &'a RawValue)>,
}

/// A value under a key of a [`Document`], with the place where it stands.
#[derive(Clone, Copy)]
pub(super) struct At<'d> {
    document: &'d Document<'d>,
    key: &'d str,
    raw: &'d RawValue,
}

impl<'a> Document<'a> {
    /// Reads the keys; values are read when they are asked for.
    pub(super) fn parse(source: &'a str, file: &str) -> Result<Self, ModelError> {
        let entries: Entries<&RawValue> =
            serde_json::from_str(source).map_err(|error| not_json(&error, source, file))?;
        Ok(Self { file: file.to_owned(), source, entries: entries.0 })
    }

    /// The value under a key; `null` is as good as none.
    pub(super) fn get<'d>(&'d self, key: &'d str) -> Option<At<'d>> {
        let (_, raw) = self.entries.iter().find(|(name, _)| name == key)?;
        (raw.get() != "null").then_some(At { document: self, key, raw })
    }

    /// The first of several keys under which there is something.
    pub(super) fn first<'d>(&'d self, keys: &[&'d str]) -> Option<At<'d>> {
        keys.iter().find_map(|key| self.get(key))
    }

    /// A key that has to be there and is not.
    pub(super) fn lacks(&self, key: &str) -> ModelError {
        self.refuse(Text::owned(format!("缺少 `{key}`"), format!("`{key}` is missing")))
    }

    /// Something wrong with the file as a whole.
    pub(super) fn refuse(&self, message: Text) -> ModelError {
        at_byte(self.source, 0, &self.file, message)
    }
}

impl<'d> At<'d> {
    /// The key.
    pub(super) const fn key(self) -> &'d str {
        self.key
    }

    /// The value as it is written, fit for a message.
    pub(super) fn written(self) -> String {
        shown(self.raw.get())
    }

    /// Something wrong with this value.
    pub(super) fn refuse(self, message: Text) -> ModelError {
        let Document { source, file, .. } = self.document;
        // A raw value is a part of the text that it was read from.
        let at = (self.raw.get().as_ptr() as usize).wrapping_sub(source.as_ptr() as usize);
        at_byte(source, at.min(source.len()), file, message)
    }

    /// The value is something else than what is expected there.
    pub(super) fn expected(self, expected: &Text) -> ModelError {
        let (key, found) = (self.key, self.written());
        self.refuse(Text::owned(
            format!("{key} 是 {found}，应该是{}", expected.zh),
            format!("{key} is {found}, expected {}", expected.en),
        ))
    }

    /// A whole number within bounds.
    pub(in crate::source) fn whole(self, within: RangeInclusive<usize>) -> Result<usize, ModelError> {
        let (from, to) = (within.start(), within.end());
        let expected = Text::owned(format!(" {from} 到 {to} 的整数"), format!("a whole number from {from} to {to}"));
        let number = serde_json::from_str::<u64>(self.raw.get()).ok().and_then(|n| usize::try_from(n).ok());
        number.filter(|n| within.contains(n)).ok_or_else(|| self.expected(&expected))
    }

    /// A number above 0 and not above a bound.
    pub(super) fn positive(self, most: f64) -> Result<f64, ModelError> {
        let number = serde_json::from_str::<f64>(self.raw.get()).ok();
        number.filter(|n| *n > 0.0 && *n <= most).ok_or_else(|| {
            self.expected(&Text::owned(
                format!("大于 0、不超过 {most} 的数"),
                format!("a number above 0 and up to {most}"),
            ))
        })
    }

    /// True or false.
    pub(super) fn flag(self) -> Result<bool, ModelError> {
        serde_json::from_str(self.raw.get()).map_err(|_| self.expected(&Text::new(" true 或者 false", "true or false")))
    }

    /// A string.
    pub(super) fn word(self) -> Result<String, ModelError> {
        serde_json::from_str(self.raw.get()).map_err(|_| self.expected(&Text::new("字符串", "a string")))
    }

    /// Any value.
    pub(super) fn any(self) -> Result<serde_json::Value, ModelError> {
        serde_json::from_str(self.raw.get()).map_err(|error| {
            let (_, message) = complaint(&error, self.raw.get());
            self.refuse(message)
        })
    }
}
