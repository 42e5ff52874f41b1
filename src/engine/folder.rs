//! A checkpoint's folder on the disk.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::ground::fault::system_words;
use crate::source::model::folder::{Folder, FolderError, plain};

/// A folder of this machine. The files that it names may be links to regular files anywhere, as the hub's caches have them.
#[derive(Debug)]
pub struct OnDisk {
    path: PathBuf,
    /// The file last read: a tensor is read in many pieces.
    open: Mutex<Option<(String, File)>>,
}

impl OnDisk {
    /// The folder at a path; nothing is read yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), open: Mutex::new(None) }
    }

    /// Where the folder stands.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn at(&self, name: &str) -> Result<PathBuf, FolderError> {
        if plain(name) { Ok(self.path.join(name)) } else { Err(FolderError::Outside) }
    }
}

/// Opens a regular file. What it is is asked before: opening a pipe may wait for ever.
fn regular(path: &Path) -> Result<File, FolderError> {
    let about = path.metadata().map_err(|why| said(&why))?;
    if !about.is_file() {
        return Err(FolderError::Special);
    }
    File::open(path).map_err(|why| said(&why))
}

fn said(why: &io::Error) -> FolderError {
    match why.kind() {
        ErrorKind::NotFound => FolderError::Gone,
        _ => FolderError::System(system_words(why)),
    }
}

impl Folder for OnDisk {
    fn size(&self, name: &str) -> Result<Option<u64>, FolderError> {
        let path = self.at(name)?;
        match path.metadata() {
            Ok(about) if about.is_file() => Ok(Some(about.len())),
            Ok(_) => Err(FolderError::Special),
            // A link that leads nowhere is no missing file.
            Err(why) if why.kind() == ErrorKind::NotFound => match path.symlink_metadata() {
                Ok(_) => Err(FolderError::Gone),
                Err(_) => Ok(None),
            },
            Err(why) => Err(said(&why)),
        }
    }

    fn read(&self, name: &str, at: u64, into: &mut [u8]) -> Result<(), FolderError> {
        let path = self.at(name)?;
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let mut file = match open.take() {
            Some((opened, file)) if opened == name => file,
            _ => regular(&path)?,
        };
        let wanted = at.saturating_add(into.len() as u64);
        file.seek(SeekFrom::Start(at)).map_err(|why| said(&why))?;
        file.read_exact(into).map_err(|why| match why.kind() {
            ErrorKind::UnexpectedEof => FolderError::Ends { wanted },
            _ => said(&why),
        })?;
        *open = Some((name.to_owned(), file));
        Ok(())
    }

    fn called(&self, name: &str) -> String {
        self.path.join(name).to_string_lossy().into_owned()
    }

    fn place(&self) -> Option<String> {
        std::path::absolute(&self.path).ok()?.into_os_string().into_string().ok()
    }
}
