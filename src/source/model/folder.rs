//! A folder that holds a checkpoint: the one thing that is asked of the world.
//!
//! Names are those of files that stand in the folder itself. What stands above reads them from a disk
//! (`engine/folder.rs`); [`InMemory`] holds them in memory.

use std::collections::BTreeMap;

use crate::ground::exit::Exit;
use crate::ground::fault::Failure;
use crate::ground::lang::Text;

/// Files of one folder, read piece by piece.
pub trait Folder: Send + Sync {
    /// The bytes of a file; none where there is no such file.
    ///
    /// # Errors
    /// [`FolderError`] for a name that is not [`plain`], for what is no regular file, and for what the system refuses.
    fn size(&self, name: &str) -> Result<Option<u64>, FolderError>;

    /// Fills `into` with the bytes of a file from byte `at` on.
    ///
    /// # Errors
    /// As [`size`](Self::size), and for a file that ends earlier.
    fn read(&self, name: &str, at: u64, into: &mut [u8]) -> Result<(), FolderError>;

    /// What errors call a file: its name, or where it stands.
    fn called(&self, name: &str) -> String {
        name.to_owned()
    }

    /// Where it stands, so that it can be found again; none where it stands nowhere.
    fn place(&self) -> Option<String> {
        None
    }
}

/// Why a file of a folder cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words().en)]
pub enum FolderError {
    /// A name that is not that of a file in the folder.
    Outside,
    /// A directory, a pipe or a device.
    Special,
    /// No such file, though there was one before.
    Gone,
    /// The file ends before the bytes that were asked for.
    Ends {
        /// The byte after the last one that was asked for.
        wanted: u64,
    },
    /// What the system says.
    System(Text),
}

impl Failure for FolderError {
    fn words(&self) -> Text {
        match self {
            Self::Outside => {
                Text::new("这不是目录里一个文件的名字", "this is not the name of a file inside the folder")
            }
            Self::Special => Text::new(
                "它是目录、管道或设备，不是普通文件",
                "it is a directory, a pipe or a device, not an ordinary file",
            ),
            Self::Gone => Text::new("文件不见了", "the file is gone"),
            Self::Ends { wanted } => Text::owned(
                format!("文件在第 {wanted} 字节之前就结束了"),
                format!("the file ends before byte {wanted}"),
            ),
            Self::System(words) => words.clone(),
        }
    }

    fn exit(&self) -> Exit {
        Exit::Input
    }
}

/// Whether a name is that of a file in the folder itself, on every system: no way into another folder, no drive, no device.
pub fn plain(name: &str) -> bool {
    const LONGEST: usize = 255;
    let apart = |c: char| matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|') || c.is_control();
    !name.is_empty()
        && name.len() <= LONGEST
        && !name.contains(apart)
        && !name.starts_with([' ', '~'])
        && !name.ends_with(['.', ' '])
        && !is_device(name)
}

/// Names that mean a device on Windows, whatever their ending.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().to_ascii_uppercase();
    let numbered =
        |kind: &str| stem.strip_prefix(kind).is_some_and(|n| n.len() == 1 && n.as_bytes()[0].is_ascii_digit());
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL") || numbered("COM") || numbered("LPT")
}

/// A folder held in memory.
#[derive(Debug, Clone, Default)]
pub struct InMemory {
    files: BTreeMap<String, Vec<u8>>,
}

impl InMemory {
    /// A folder without files.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same folder with one file more, or with other bytes in it.
    #[must_use]
    pub fn with(mut self, name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.insert(name.to_owned(), bytes.into());
        self
    }

    /// The same folder without a file.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.files.remove(name);
        self
    }
}

impl Folder for InMemory {
    fn size(&self, name: &str) -> Result<Option<u64>, FolderError> {
        if !plain(name) {
            return Err(FolderError::Outside);
        }
        Ok(self.files.get(name).map(|bytes| bytes.len() as u64))
    }

    fn read(&self, name: &str, at: u64, into: &mut [u8]) -> Result<(), FolderError> {
        if !plain(name) {
            return Err(FolderError::Outside);
        }
        let bytes = self.files.get(name).ok_or(FolderError::Gone)?;
        let wanted = at.saturating_add(into.len() as u64);
        let range = usize::try_from(at).ok().zip(usize::try_from(wanted).ok());
        let found = range.and_then(|(from, to)| bytes.get(from..to)).ok_or(FolderError::Ends { wanted })?;
        into.copy_from_slice(found);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_of_the_folder_itself_have_names() {
        for good in ["config.json", "model-00001-of-00002.safetensors", ".hidden", "词表.txt", "a b"] {
            assert!(plain(good), "{good}");
        }
        for bad in [
            "",
            ".",
            "..",
            "../x",
            "/etc/passwd",
            "a/b",
            "a\\b",
            "C:x",
            "C:\\x",
            "x\0",
            "x\n",
            "x.",
            "x ",
            "~",
            "~root",
            "con",
            "NUL.txt",
            "com1.json",
            "a?",
        ] {
            assert!(!plain(bad), "{bad:?}");
            assert_eq!(InMemory::new().size(bad), Err(FolderError::Outside));
        }
        assert!(!plain(&"x".repeat(256)) && plain("console.json") && plain("com.json"));
    }

    #[test]
    fn reading_past_the_end_is_refused() {
        let folder = InMemory::new().with("x", *b"abcd");
        let mut two = [0; 2];
        folder.read("x", 2, &mut two).unwrap();
        assert_eq!(&two, b"cd");
        assert_eq!(folder.read("x", 3, &mut two), Err(FolderError::Ends { wanted: 5 }));
        assert_eq!(folder.read("x", u64::MAX, &mut two), Err(FolderError::Ends { wanted: u64::MAX }));
        assert_eq!(folder.read("y", 0, &mut two), Err(FolderError::Gone));
    }
}
