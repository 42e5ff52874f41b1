//! What a file of tensors is refused for: the file, the array in it, what was found and what was expected.

use crate::ground::exit::Exit;
use crate::ground::fault::Failure;
use crate::ground::lang::Text;
use crate::ground::text::visible;
use crate::source::model::ModelError;
use crate::source::model::error::shown;

/// A file of tensors that cannot be imported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words().en)]
pub enum ImportError {
    /// A file that cannot be read, or is not what its name says.
    File(#[from] ModelError),
    /// A file of another kind.
    Ending {
        /// The file.
        file: String,
    },
    /// A zip file that is broken, or holds what is not read.
    Zip {
        /// The file.
        file: String,
        /// What was found and what was expected.
        message: Text,
    },
    /// A file without any of the arrays that are looked for.
    Nothing {
        /// The file.
        file: String,
        /// What it holds instead.
        found: Vec<String>,
    },
    /// An array that cannot be used.
    Array {
        /// The file.
        file: String,
        /// The array's name.
        array: String,
        /// What was found and what was expected.
        message: Text,
    },
}

impl ImportError {
    /// An array that will not do.
    pub(super) fn array(file: &str, array: &str, message: Text) -> Self {
        Self::Array { file: file.to_owned(), array: array.to_owned(), message }
    }
}

/// The most names that a message lists.
const LISTED: usize = 8;

impl Failure for ImportError {
    fn words(&self) -> Text {
        match self {
            Self::File(error) => error.words(),
            Self::Ending { file } => {
                let file = visible(file);
                Text::owned(
                    format!("{file}：能导入的文件以 .npz、.safetensors 或 .json 结尾"),
                    format!("{file}: files that can be imported end in .npz, .safetensors or .json"),
                )
            }
            Self::Zip { file, message } => {
                let file = visible(file);
                Text::owned(format!("{file}：{}", message.zh), format!("{file}: {}", message.en))
            }
            Self::Nothing { file, found } => {
                let file = visible(file);
                let mut names: Vec<String> = found.iter().take(LISTED).map(|name| shown(name)).collect();
                if found.len() > LISTED {
                    names.push("...".to_owned());
                }
                let (zh, en) = match names.join(", ") {
                    none if none.is_empty() => ("里面一个数组也没有".to_owned(), "it holds no array".to_owned()),
                    names => (format!("里面有的是 {names}"), format!("it holds {names}")),
                };
                Text::owned(
                    format!("{file} 里没有 attention，也没有 Q、K、V；{zh}（docs/IMPORT.md）"),
                    format!("{file} holds neither attention nor Q, K and V; {en} (docs/IMPORT.md)"),
                )
            }
            Self::Array { file, array, message } => {
                let (file, array) = (visible(file), shown(array));
                Text::owned(format!("{file}，{array}：{}", message.zh), format!("{file}, {array}: {}", message.en))
            }
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Self::File(error) => error.exit(),
            _ => Exit::Input,
        }
    }
}
