//! A file that cannot be used, and where in it the reason stands.

use crate::ground::exit::Exit;
use crate::ground::fault::Failure;
use crate::ground::lang::Text;
use crate::ground::text::visible;

/// What is wrong with a file, and where: `samples/x.toml:12:5: W_q, row 3 has 7 numbers, …`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words().en)]
pub struct FileError {
    /// The file, as the caller names it.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What was found and what was expected.
    pub message: Text,
}

impl Failure for FileError {
    fn words(&self) -> Text {
        let Self { file, line, column, message } = self;
        let file = visible(file);
        Text::owned(
            format!("{file}:{line}:{column}: {}", message.zh),
            format!("{file}:{line}:{column}: {}", message.en),
        )
    }

    fn exit(&self) -> Exit {
        Exit::Input
    }
}

/// What a file is refused for, while its name is not known: a byte offset and the words.
#[derive(Debug)]
pub(in crate::source) struct Refusal {
    at: usize,
    message: Text,
}

impl Refusal {
    /// Something wrong at a byte offset.
    pub(in crate::source) const fn new(at: usize, message: Text) -> Self {
        Self { at, message }
    }

    /// The same about a part of the file, the part named before it.
    pub(in crate::source) fn of(self, part: &Text) -> Self {
        Self { message: about(part, &self.message), ..self }
    }

    /// The same, standing elsewhere.
    pub(in crate::source) fn moved(self, to: impl Fn(usize) -> usize) -> Self {
        Self { at: to(self.at), ..self }
    }

    /// The same as a person looks for it: file, line and column.
    pub(in crate::source) fn locate(self, source: &str, file: &str) -> FileError {
        let before = source.get(..self.at).unwrap_or(source);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        FileError {
            file: file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            message: self.message,
        }
    }
}

/// What is wrong where a file is no TOML. The parser speaks English.
pub(in crate::source) fn not_toml(error: &toml::de::Error) -> Refusal {
    let why = error.message().replace('\n', ", ");
    let zh = match in_chinese(why.split(", expected ").next().unwrap_or_default()) {
        Some(zh) => format!("不是合格的 TOML：{zh}"),
        None => format!("不是合格的 TOML。解析器只会英文，它的原话是：{why}"),
    };
    Refusal::new(error.span().map_or(0, |span| span.start), Text::owned(zh, format!("not TOML: {why}")))
}

/// What the parser complains of most often, as its first line says it, and the same in Chinese.
const COMPLAINTS: &[(&str, &str)] = &[
    ("duplicate key", "这个键前面已经写过了"),
    ("key with no value", "键的后面少了 `=` 和它的值"),
    ("missing assignment between key-value pairs", "键和值之间少了 `=`"),
    ("extra `=`", "多了一个 `=`"),
    ("extra assignment between key-value pairs", "前面少了一个逗号：花括号里每两对之间要有逗号"),
    ("missing comma between key-value pairs", "花括号里两对之间少了逗号"),
    ("missing comma between array elements", "列表里两项之间少了逗号"),
    ("extra comma in array", "列表里多了一个逗号"),
    ("string values must be quoted", "这里的值不对：文字要放在引号里，列表里的数要用逗号隔开，`=` 后面不能空着"),
    ("invalid basic string", "字符串没有写完：少了结尾的双引号"),
    ("invalid literal string", "字符串没有写完：少了结尾的单引号"),
    ("invalid multi-line basic string", "多行字符串没有写完：少了结尾的三个双引号"),
    ("invalid multi-line literal string", "多行字符串没有写完：少了结尾的三个单引号"),
    ("missing escaped value", "反斜杠后面的字母不对：文字里的反斜杠要写两个"),
    ("invalid boolean", "这里只能是 true 或者 false；文字要放在引号里"),
    ("unclosed array", "列表没有写完：少了 `]`"),
    ("unclosed inline table", "花括号没有写完：少了 `}`"),
    ("unclosed table", "方括号没有写完：少了 `]`"),
    ("unclosed array table", "方括号没有写完：少了 `]]`"),
    ("missing table open", "多了一个 `]`，或者前面少了 `[`"),
    ("invalid unquoted key", "键只能用英文字母、数字、`-` 和 `_`，别的要放在引号里"),
    ("unquoted keys cannot be empty", "`=` 前面少了键"),
    ("unexpected leading zero", "数的前面不能多写 0"),
    ("carriage return must be followed by newline", "回车符后面少了换行符"),
];

fn in_chinese(complaint: &str) -> Option<&'static str> {
    COMPLAINTS.iter().find(|(en, _)| *en == complaint).map(|(_, zh)| *zh)
}

/// Words about a part of a file, the part named before them.
pub(in crate::source) fn about(part: &Text, words: &Text) -> Text {
    Text::owned(format!("{}：{}", part.zh, words.zh), format!("{}: {}", part.en, words.en))
}

/// Words from a file, fit to stand inside a message: on one line, without control characters, not long.
pub(in crate::source) fn excerpt(words: &str) -> String {
    const LONGEST: usize = 40;
    let mut short: String = words.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if words.chars().nth(LONGEST).is_some() {
        short.push_str("...");
    }
    short
}
