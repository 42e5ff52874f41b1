//! What a checkpoint is refused for: the file, the place in it, what was found and what was expected.

use super::folder::FolderError;
use crate::ground::exit::Exit;
use crate::ground::fault::Failure;
use crate::ground::lang::Text;
use crate::ground::text::visible;

/// A checkpoint, or a text for its tokenizer, that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words().en)]
pub enum ModelError {
    /// A file that the checkpoint needs and the folder lacks.
    Missing {
        /// The file, or the files of which one is needed.
        file: String,
        /// What it is needed for, and what stands in its place where that is known.
        why: Text,
    },
    /// A file that is there and cannot be read.
    Folder {
        /// The file, as the folder calls it.
        file: String,
        /// What keeps it from being read.
        why: FolderError,
    },
    /// More bytes than such a file has.
    TooLarge {
        /// The file.
        file: String,
        /// Its bytes.
        found: u64,
        /// The most that are read.
        most: u64,
    },
    /// A text file that is not what its name says: no UTF-8, no JSON, another form.
    Form {
        /// The file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// Column in characters, from 1.
        column: usize,
        /// What was found and what was expected.
        message: Text,
    },
    /// A value that stands where it should and will not do.
    Value {
        /// The file.
        file: String,
        /// Where the value stands: the names that lead to it, `pre_tokenizer.pretokenizers[2].type`.
        place: String,
        /// What was found and what was expected.
        message: Text,
    },
    /// Bytes of a safetensors file that are not as its format demands.
    Bytes {
        /// The file.
        file: String,
        /// The byte, from 0.
        at: u64,
        /// What was found and what was expected.
        message: Text,
    },
    /// A tensor that cannot be used.
    Tensor {
        /// The file.
        file: String,
        /// The tensor's name.
        tensor: String,
        /// What was found and what was expected.
        message: Text,
    },
    /// A tensor that the model needs and no file holds.
    NoTensor {
        /// The file that should hold it, or name it.
        file: String,
        /// The name under which it is looked for.
        tensor: String,
    },
    /// NaN or an infinity among the numbers of a tensor.
    NotFinite {
        /// The file.
        file: String,
        /// The tensor's name.
        tensor: String,
        /// Row, from 1.
        row: usize,
        /// Column, from 1.
        column: usize,
        /// How the number is written.
        found: String,
    },
    /// A tensor for which this machine has no memory.
    Memory {
        /// The tensor's name.
        tensor: String,
        /// The bytes that it takes as f32.
        needed: u64,
    },
    /// A text longer than a tokenizer is given.
    LongText {
        /// Its bytes.
        found: usize,
        /// The most.
        most: usize,
    },
    /// A text of more pieces than the model takes.
    TooManyPieces {
        /// The pieces of the text, special ones included.
        found: usize,
        /// The most that the model takes.
        most: usize,
    },
    /// A word for which the tokenizer has no piece, not even one for the unknown.
    NoPiece {
        /// The word.
        word: String,
    },
}

impl ModelError {
    /// A value of a file that will not do.
    pub(super) fn value(file: &str, place: impl Into<String>, message: Text) -> Self {
        Self::Value { file: file.to_owned(), place: place.into(), message }
    }

    /// A tensor that will not do.
    pub(super) fn tensor(file: &str, tensor: &str, message: Text) -> Self {
        Self::Tensor { file: file.to_owned(), tensor: tensor.to_owned(), message }
    }

    /// Bytes that will not do.
    pub(super) fn bytes(file: &str, at: u64, message: Text) -> Self {
        Self::Bytes { file: file.to_owned(), at, message }
    }
}

/// Foreign words as they stand in a message: on one line, without control characters, not long.
pub(in crate::source) fn shown(words: &str) -> String {
    cut(words, 60)
}

/// The name of a tensor, of which the end says most.
fn name(tensor: &str) -> String {
    cut(tensor, 160)
}

fn cut(words: &str, longest: usize) -> String {
    let mut short: String = words.chars().take(longest).collect();
    if words.chars().nth(longest).is_some() {
        short.push_str("...");
    }
    let lines: Vec<_> = short.lines().map(str::trim).collect();
    visible(&lines.join(" "))
}

impl Failure for ModelError {
    fn words(&self) -> Text {
        match self {
            Self::Missing { file, why } => {
                let file = visible(file);
                Text::owned(format!("没有 {file}：{}", why.zh), format!("there is no {file}: {}", why.en))
            }
            Self::Folder { file, why } => {
                let (file, why) = (visible(file), why.words());
                Text::owned(format!("{file} 读不了：{}", why.zh), format!("{file} cannot be read: {}", why.en))
            }
            Self::TooLarge { file, found, most } => {
                let file = visible(file);
                Text::owned(
                    format!("{file} 有 {found} 字节，这种文件最多 {most} 字节"),
                    format!("{file} has {found} bytes, such a file has at most {most}"),
                )
            }
            Self::Form { file, line, column, message } => {
                let file = visible(file);
                Text::owned(
                    format!("{file}:{line}:{column}: {}", message.zh),
                    format!("{file}:{line}:{column}: {}", message.en),
                )
            }
            Self::Value { file, place, message } => located(file, &name(place), message),
            Self::Bytes { file, at, message } => {
                let file = visible(file);
                Text::owned(format!("{file}，字节 {at}：{}", message.zh), format!("{file}, byte {at}: {}", message.en))
            }
            Self::Tensor { file, tensor, message } => located(file, &name(tensor), message),
            Self::NoTensor { file, tensor } => {
                let (file, tensor) = (visible(file), name(tensor));
                Text::owned(
                    format!("{file} 里没有张量 {tensor}，这个模型需要它"),
                    format!("{file} holds no tensor {tensor}, which this model needs"),
                )
            }
            Self::NotFinite { file, tensor, row, column, found } => located(
                file,
                &name(tensor),
                &Text::owned(
                    format!("第 {row} 行第 {column} 列是 {found}，每个数都必须是有限的"),
                    format!("row {row}, column {column} is {found}, every number must be finite"),
                ),
            ),
            Self::Memory { tensor, needed } => {
                let tensor = name(tensor);
                Text::owned(
                    format!("内存放不下张量 {tensor}：要 {needed} 字节"),
                    format!("there is no memory for the tensor {tensor}: it takes {needed} bytes"),
                )
            }
            Self::LongText { found, most } => Text::owned(
                format!("文字有 {found} 字节，一次最多切 {most} 字节"),
                format!("the text has {found} bytes, at most {most} are cut at a time"),
            ),
            Self::TooManyPieces { found, most } => Text::owned(
                format!("这段文字切成 {found} 片，这个模型最多 {most} 片；请把文字缩短"),
                format!("the text makes {found} pieces, this model takes at most {most}; shorten the text"),
            ),
            Self::NoPiece { word } => {
                let word = shown(word);
                Text::owned(
                    format!("分词器切不了「{word}」：词表里没有它的片，也没有代表未知的片"),
                    format!(
                        "the tokenizer cannot cut `{word}`: its vocabulary has neither pieces for it nor an unknown one"
                    ),
                )
            }
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Self::Memory { .. } => Exit::Failed,
            _ => Exit::Input,
        }
    }
}

fn located(file: &str, place: &str, message: &Text) -> Text {
    let file = visible(file);
    Text::owned(format!("{file}，{place}：{}", message.zh), format!("{file}, {place}: {}", message.en))
}
