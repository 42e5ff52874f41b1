//! The same from a disk, where names may be links, and what they name may be no file.

use std::fs;
use std::sync::Arc;

use qkv::engine::OnDisk;
use qkv::source::model::{Checkpoint, Folder, FolderError, LayerWeight, Weight};
use tempfile::TempDir;

use crate::maker::{bert, bytes_of};

const FILES: [&str; 3] = ["config.json", "model.safetensors", "tokenizer.json"];

fn written() -> TempDir {
    let (folder, made) = (tempfile::tempdir().unwrap(), bert().folder());
    for name in FILES {
        fs::write(folder.path().join(name), bytes_of(&made, name)).unwrap();
    }
    folder
}

fn open(folder: &TempDir) -> Result<Checkpoint, String> {
    let folder: Arc<dyn Folder> = Arc::new(OnDisk::new(folder.path()));
    Checkpoint::open(&folder).map_err(|error| error.to_string())
}

#[test]
fn a_folder_on_the_disk_reads_as_one_in_memory() {
    let folder = written();
    let (disk, memory) = (open(&folder).unwrap(), crate::open(bert().folder()).unwrap());
    for weight in [Weight::Words, Weight::Layer(1, LayerWeight::Down)] {
        assert!(disk.weight(weight).unwrap().is_some());
        assert_eq!(disk.weight(weight).unwrap(), memory.weight(weight).unwrap());
    }
    assert_eq!(disk.pieces("I love Beijing."), memory.pieces("I love Beijing."));
    // What is gone or shorter since is said when it is read.
    fs::write(folder.path().join("model.safetensors"), "short").unwrap();
    let error = disk.weight(Weight::Words).unwrap_err().to_string();
    assert!(error.contains("model.safetensors cannot be read: the file ends before byte"), "{error}");
}

#[test]
fn messages_say_where_the_file_stands() {
    let folder = written();
    fs::write(folder.path().join("config.json"), "{").unwrap();
    let (error, path) = (open(&folder).unwrap_err(), folder.path().join("config.json"));
    assert_eq!(error, format!("{}:1:1: not JSON: EOF while parsing an object", path.display()));
    let nowhere = tempfile::tempdir().unwrap().path().join("gone");
    let nowhere: Arc<dyn Folder> = Arc::new(OnDisk::new(nowhere));
    assert!(Checkpoint::open(&nowhere).unwrap_err().to_string().starts_with("there is no "));
}

#[test]
#[cfg(unix)]
fn links_are_followed_to_files_and_to_nothing_else() {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;
    let (folder, elsewhere) = (written(), tempfile::tempdir().unwrap());
    // The hub's caches hold links to blobs beside the folder.
    for name in FILES {
        fs::rename(folder.path().join(name), elsewhere.path().join(name)).unwrap();
        symlink(elsewhere.path().join(name), folder.path().join(name)).unwrap();
    }
    assert!(open(&folder).is_ok());
    let on_disk = OnDisk::new(folder.path());
    let mut byte = [0];
    for name in ["..", "../x", "/etc/passwd", "a/b", ""] {
        assert_eq!(on_disk.size(name), Err(FolderError::Outside), "{name}");
        assert_eq!(on_disk.read(name, 0, &mut byte), Err(FolderError::Outside), "{name}");
    }
    fs::create_dir(folder.path().join("directory")).unwrap();
    symlink("/dev/zero", folder.path().join("device")).unwrap();
    let _socket = UnixListener::bind(folder.path().join("socket")).unwrap();
    for name in ["directory", "device", "socket"] {
        assert_eq!(on_disk.size(name), Err(FolderError::Special), "{name}");
        assert_eq!(on_disk.read(name, 0, &mut byte), Err(FolderError::Special), "{name}");
    }
    symlink("nothing", folder.path().join("dangling")).unwrap();
    assert_eq!((on_disk.size("dangling"), on_disk.size("none")), (Err(FolderError::Gone), Ok(None)));
    fs::remove_file(folder.path().join("config.json")).unwrap();
    symlink("/dev/zero", folder.path().join("config.json")).unwrap();
    let error = open(&folder).unwrap_err();
    assert!(
        error.ends_with("config.json cannot be read: it is a directory, a pipe or a device, not an ordinary file"),
        "{error}"
    );
}
