//! Files that the person asks for, and the clipboard.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;

use crossterm::clipboard::CopyToClipboard;
use crossterm::execute;

/// Writes a file that is not there yet: nothing that a person has is overwritten.
///
/// # Errors
/// Words for the person.
pub(super) fn save(path: &str, contents: &str) -> Result<(), String> {
    let file = File::create_new(path).map_err(|why| match why.kind() {
        ErrorKind::AlreadyExists => format!("{path} is already there; choose another name"),
        _ => format!("{path} cannot be written: {why}"),
    })?;
    let mut file = io::BufWriter::new(file);
    file.write_all(contents.as_bytes()).and_then(|()| file.flush()).map_err(|why| format!("{path}: {why}"))
}

/// Puts a text into the terminal's clipboard (OSC 52), and into a file for terminals that refuse; gives the file's name.
pub(super) fn copy(text: &str) -> Option<String> {
    // Whether the terminal took it cannot be known: that is what the file is for.
    let _ = execute!(io::stdout(), CopyToClipboard::to_clipboard_from(text));
    let file = state().map(|folder| folder.join("copied.txt"))?;
    fs::create_dir_all(file.parent()?).ok()?;
    fs::write(&file, format!("{text}\n")).ok()?;
    Some(file.display().to_string())
}

/// Where a program keeps such things: `$XDG_STATE_HOME/qkv`, else `~/.local/state/qkv`, else `%LOCALAPPDATA%`.
fn state() -> Option<PathBuf> {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = set("XDG_STATE_HOME")
        .or_else(|| set("HOME").map(|home| home.join(".local").join("state")))
        .or_else(|| set("LOCALAPPDATA"))?;
    Some(folder.join("qkv"))
}
