//! Files that the person asks for, and the clipboard.
//!
//! A file is written beside its place and put there when it is whole: a full disk leaves nothing half done.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use crossterm::clipboard::CopyToClipboard;
use crossterm::execute;
use tempfile::NamedTempFile;

use super::Readers;
use super::terminal::Picture;
use super::{learned, tmux};
use crate::engine::Files;
use crate::ground::exit::Exit;
use crate::ground::fault::{Failure, Fault, system_words};
use crate::ground::lang::Text;
use crate::ground::text::visible;
use crate::session::{Clipboard, Copied, Listed, Listing, NewFile};
use crate::source::sample::Sample;
use crate::study::learned::Learned;

/// A file that cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.words().en)]
pub(super) enum SaveError {
    /// There is one of that name.
    Taken { file: String },
    /// What the system does not let us write.
    Unwritable { file: String, why: io::Error },
}

impl Failure for SaveError {
    fn words(&self) -> Text {
        match self {
            Self::Taken { file } => {
                let file = visible(file);
                Text::owned(
                    format!("{file} 已经存在，请换一个名字"),
                    format!("{file} is already there; choose another name"),
                )
            }
            Self::Unwritable { file, why } => {
                let (file, why) = (visible(file), system_words(why));
                Text::owned(format!("{file} 写不了：{}", why.zh), format!("{file} cannot be written: {}", why.en))
            }
        }
    }

    fn exit(&self) -> Exit {
        Exit::Failed
    }
}

/// A path as it is written, its `~` the person's home: a shell does not always read it first.
pub fn at_home(path: &str) -> PathBuf {
    let rest = path.strip_prefix('~').filter(|rest| rest.is_empty() || rest.starts_with(std::path::is_separator));
    match rest.zip(etcetera::home_dir().ok()) {
        Some((rest, home)) => home.join(rest.trim_start_matches(std::path::is_separator)),
        None => PathBuf::from(path),
    }
}

/// The most entries of a folder that are looked at for a path that is being typed.
const MOST_LISTED: usize = 10_000;

/// What stands in a folder, by name. What cannot be read has nothing, and a name that is no text cannot be typed.
fn list(folder: &str) -> Vec<Listed> {
    let Ok(entries) = fs::read_dir(if folder.is_empty() { ".".into() } else { at_home(folder) }) else {
        return Vec::new();
    };
    let listed = entries.flatten().take(MOST_LISTED).filter_map(|entry| {
        let (name, path) = (entry.file_name().into_string().ok()?, entry.path());
        let what = match path.is_dir() {
            true if path.join("config.json").is_file() => Listing::Model,
            true => Listing::Folder,
            false => Listing::File,
        };
        Some(Listed { name, what })
    });
    let mut listed: Vec<Listed> = listed.collect();
    listed.sort();
    listed
}

/// The most names of ours that are tried: somebody who has so many files takes another folder.
const MOST_NAMES: usize = 9999;

/// Writes a file that is not there yet: nothing that a person has is overwritten. Gives its name.
///
/// # Errors
/// [`SaveError`] for a name that is taken, and for what the system refuses.
pub(super) fn save(file: &NewFile, contents: &str) -> Result<String, SaveError> {
    let failed = |why: io::Error| match why.kind() {
        ErrorKind::AlreadyExists => SaveError::Taken { file: file.name() },
        _ => SaveError::Unwritable { file: file.name(), why },
    };
    match file {
        NewFile::At(path) => {
            let place = at_home(path);
            let written = beside(&place, contents).map_err(failed)?;
            written.persist_noclobber(&place).map_err(|why| failed(why.error))?;
            Ok(path.clone())
        }
        NewFile::Free { stem, ending } => {
            let mut written = replacing(Path::new(&file.name()), contents).map_err(failed)?;
            let numbered = (2..=MOST_NAMES).map(|n| format!("{stem}-{n}{ending}"));
            for name in std::iter::once(file.name()).chain(numbered) {
                match written.persist_noclobber(&name) {
                    Ok(_) => return Ok(name),
                    Err(taken) if taken.error.kind() == ErrorKind::AlreadyExists => written = taken.file,
                    Err(why) => return Err(failed(why.error)),
                }
            }
            Err(SaveError::Taken { file: file.name() })
        }
    }
}

/// Writes a file of that name that is not there yet; gives its name.
///
/// # Errors
/// Why it cannot be written, or that the name is taken.
pub fn write_new(path: &str, contents: &str) -> Result<String, Fault> {
    Ok(save(&NewFile::At(path.to_owned()), contents)?)
}

/// Writes a file of that name, in place of one that is there; gives its name. Who calls it knows that what is there is ours.
///
/// # Errors
/// Why it cannot be written.
pub fn write_over(path: &str, contents: &str) -> Result<String, Fault> {
    let place = at_home(path);
    let unwritable = |why: io::Error| SaveError::Unwritable { file: path.to_owned(), why };
    let written = replacing(&place, contents).map_err(unwritable)?;
    written.persist(&place).map_err(|why| unwritable(why.error))?;
    Ok(path.to_owned())
}

/// The contents in a file of the same folder that has no place yet, and goes when nobody gives it one.
fn beside(path: &Path, contents: &str) -> io::Result<NamedTempFile> {
    // Not even begun: the words shall name what stands in the way, not what would come of it.
    if path.symlink_metadata().is_ok() {
        return Err(ErrorKind::AlreadyExists.into());
    }
    replacing(path, contents)
}

/// As [`beside`], for a file that may replace an older one.
pub(super) fn replacing(path: &Path, contents: &str) -> io::Result<NamedTempFile> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut new = tempfile::Builder::new();
    new.prefix(".qkv-");
    #[cfg(unix)]
    let readable = std::os::unix::fs::PermissionsExt::from_mode(0o666);
    #[cfg(unix)]
    new.permissions(readable); // less what the umask takes away, like any file of theirs
    let mut file = new.tempfile_in(folder)?;
    file.write_all(contents.as_bytes())?;
    file.flush()?;
    Ok(file)
}

/// Puts a text into the terminal's clipboard (OSC 52), and into a file: whether the terminal took it cannot be known.
pub(super) fn copy_to_terminal(text: &str) -> Copied {
    let mut picture = Picture::default();
    let handed = execute!(picture, CopyToClipboard::to_clipboard_from(text)).is_ok();
    let clipboard = if handed { Clipboard::Terminal } else { Clipboard::Nowhere };
    Copied { clipboard, file: keep(text) }
}

/// Writes what was copied last into a file as well; gives its name.
fn keep(text: &str) -> Option<String> {
    let file = state_folder()?.join("copied.txt");
    fs::create_dir_all(file.parent()?).ok()?;
    replacing(&file, &format!("{text}\n")).ok()?.persist(&file).ok()?;
    Some(file.display().to_string())
}

/// Where this program keeps such things here.
pub(super) fn state_folder() -> Option<PathBuf> {
    state(|name| std::env::var_os(name).map(PathBuf::from))
}

/// Where a program keeps such things: `$XDG_STATE_HOME/qkv`, else `~/.local/state/qkv`, else `%LOCALAPPDATA%`. A path that
/// is not absolute counts as none (XDG Base Directory Specification): it would mean another folder wherever one stands.
fn state(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    let set = |name| variable(name).filter(|path| path.is_absolute());
    let folder = set("XDG_STATE_HOME")
        .or_else(|| set("HOME").map(|home| home.join(".local").join("state")))
        .or_else(|| set("LOCALAPPDATA"))?;
    Some(folder.join("qkv"))
}

/// The files of this machine.
pub(super) struct LocalFiles {
    pub readers: Readers,
}

impl Files for LocalFiles {
    fn load(&mut self, what: &str) -> Result<Sample, Fault> {
        (self.readers.sample)(what)
    }

    fn lesson(&mut self, what: &str) -> Result<Vec<u8>, Fault> {
        (self.readers.lesson)(what)
    }

    fn keep(&mut self, learned: &Learned) -> Result<(), Fault> {
        Ok(learned::keep(learned)?)
    }

    fn save(&mut self, file: &NewFile, contents: &str) -> Result<String, Fault> {
        Ok(save(file, contents)?)
    }

    fn list(&mut self, folder: &str) -> Vec<Listed> {
        list(folder)
    }

    /// Into tmux's buffer: what comes here is not for the terminal, where only the loop writes.
    fn copy(&mut self, text: &str) -> Copied {
        let clipboard = if tmux::load(text) { Clipboard::Tmux } else { Clipboard::Nowhere };
        Copied { clipboard, file: keep(text) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_file_is_whole_or_not_there_and_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("walk.toml");
        let file = NewFile::At(path.to_str().unwrap().to_owned());
        assert_eq!(save(&file, "first").unwrap(), path.to_str().unwrap());
        assert!(save(&file, "second").unwrap_err().to_string().contains("already there"));
        assert_eq!(fs::read_to_string(&path).unwrap(), "first");
        assert_eq!(names(folder.path()), ["walk.toml"], "nothing else lies about");
        let nowhere = folder.path().join("no/such/folder.toml");
        let nowhere = NewFile::At(nowhere.to_str().unwrap().to_owned());
        assert!(save(&nowhere, "x").unwrap_err().to_string().contains("cannot be written"));
    }

    #[test]
    fn a_name_of_ours_gets_the_first_free_number() {
        let folder = tempfile::tempdir().unwrap();
        let stem = folder.path().join("qkv-weights").to_str().unwrap().to_owned();
        let file = NewFile::Free { stem: stem.clone(), ending: ".csv" };
        let saved: Vec<String> = ["1", "2", "3"].iter().map(|contents| save(&file, contents).unwrap()).collect();
        assert_eq!(saved, [format!("{stem}.csv"), format!("{stem}-2.csv"), format!("{stem}-3.csv")]);
        fs::remove_file(&saved[1]).unwrap();
        assert_eq!(save(&file, "4").unwrap(), saved[1]);
        let read: Vec<String> = saved.iter().map(|name| fs::read_to_string(name).unwrap()).collect();
        assert_eq!((read, names(folder.path()).len()), (vec!["1".into(), "4".into(), "3".into()], 3));
    }

    #[test]
    fn a_folder_says_what_stands_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let model = folder.path().join("gpt2");
        fs::create_dir_all(folder.path().join("a b")).unwrap();
        fs::create_dir(&model).unwrap();
        fs::write(model.join("config.json"), "{}").unwrap();
        fs::write(folder.path().join("walk.toml"), "").unwrap();
        let named = |name: &str, what| Listed { name: name.to_owned(), what };
        let all = [named("a b", Listing::Folder), named("gpt2", Listing::Model), named("walk.toml", Listing::File)];
        assert_eq!(list(folder.path().to_str().unwrap()), all);
        assert!(list("no/such/folder").is_empty());
        assert!(list("").iter().any(|listed| listed.name == "Cargo.toml"), "the folder that is stood in");
    }

    #[test]
    fn a_tilde_is_home() {
        let home = etcetera::home_dir().unwrap();
        assert_eq!(at_home("~/x.toml"), home.join("x.toml"));
        assert_eq!(at_home("~"), home);
        for path in ["~x/y", "x/~/y", "./~", ""] {
            assert_eq!(at_home(path), Path::new(path));
        }
    }

    #[test]
    #[cfg(unix)]
    fn a_saved_file_is_as_readable_as_any_other() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let (saved, usual) = (folder.path().join("saved"), folder.path().join("usual"));
        save(&NewFile::At(saved.to_str().unwrap().to_owned()), "x").unwrap();
        fs::write(&usual, "x").unwrap();
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode();
        assert_eq!(mode(&saved), mode(&usual));
    }

    #[test]
    fn a_relative_folder_of_states_counts_as_none() {
        let state = |set: &[(&str, &str)]| {
            state(|name| set.iter().find(|(n, _)| *n == name).map(|(_, path)| PathBuf::from(path)))
        };
        let home = ("HOME", if cfg!(windows) { "C:\\home" } else { "/home/me" });
        let expected = Path::new(home.1).join(".local").join("state").join("qkv");
        assert_eq!(state(&[("XDG_STATE_HOME", "states"), home]), Some(expected));
        assert_eq!(state(&[("XDG_STATE_HOME", "states"), ("HOME", "")]), None);
    }

    #[test]
    fn every_error_speaks_both_languages() {
        let refused = || io::Error::from(ErrorKind::PermissionDenied);
        for error in [
            SaveError::Taken { file: "x.toml".to_owned() },
            SaveError::Unwritable { file: "x.toml".to_owned(), why: refused() },
        ] {
            // A variant that is not listed above does not compile.
            let exit = match &error {
                SaveError::Taken { .. } | SaveError::Unwritable { .. } => Exit::Failed,
            };
            let Text { zh, en } = error.words();
            assert!(zh.contains(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)) && !en.is_empty(), "{zh} {en}");
            assert_eq!((zh.trim(), en.trim(), error.to_string().as_str()), (zh.as_ref(), en.as_ref(), en.as_ref()));
            assert_eq!(error.exit(), exit, "{en}");
        }
    }
}
