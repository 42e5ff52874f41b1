//! The file in which it is kept what somebody has learned: `$XDG_STATE_HOME/qkv/learned.json`.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::PathBuf;

use super::files::{SaveError, replacing, state_folder};
use crate::study::learned::Learned;

/// The most bytes that are read: names and numbers of some dozen lessons.
const LARGEST: u64 = 1 << 20;

fn file() -> Option<PathBuf> {
    Some(state_folder()?.join("learned.json"))
}

/// What was learned before: nothing where there is no file; none where the file is not ours to read or write, so that nothing in
/// it is lost.
pub fn learned() -> Option<Learned> {
    let file = file()?;
    match fs::metadata(&file) {
        Err(why) if why.kind() == ErrorKind::NotFound => Some(Learned::default()),
        Ok(about) if about.is_file() && about.len() <= LARGEST => {
            fs::read_to_string(&file).ok().and_then(|json| Learned::parse(&json))
        }
        _ => None,
    }
}

/// Keeps what was learned.
pub(super) fn keep(learned: &Learned) -> Result<(), SaveError> {
    let name = || file().map_or_else(|| "learned.json".to_owned(), |file| file.display().to_string());
    let written = || -> io::Result<()> {
        let file = file().ok_or(ErrorKind::NotFound)?;
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        replacing(&file, &learned.to_json())?.persist(&file)?;
        Ok(())
    };
    written().map_err(|why| SaveError::Unwritable { file: name(), why })
}

/// Forgets what was learned: the name of the file that is gone, none where there was none.
///
/// # Errors
/// What the system refuses.
pub fn forget() -> io::Result<Option<String>> {
    let Some(file) = file() else { return Ok(None) };
    match fs::remove_file(&file) {
        Ok(()) => Ok(Some(file.display().to_string())),
        Err(why) if why.kind() == ErrorKind::NotFound => Ok(None),
        Err(why) => Err(why),
    }
}
