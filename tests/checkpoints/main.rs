//! Models from the hub: each family opens, whatever does not fit is refused at its place, and nothing that a file says makes
//! the reader panic, wait or take memory.
//!
//! `QKV_CHECKPOINTS=100000 cargo test --release --test checkpoints` spoils so many files of each kind, instead of the usual number.
//! `QKV_MODEL=folder` opens a real model as well.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "tests")]

mod configs;
mod disk;
mod families;
mod maker;
mod real;
mod refused;
mod spoiled;

use std::sync::Arc;

use qkv::ground::fault::Failure;
use qkv::ground::lang::Text;
use qkv::source::model::{Checkpoint, Folder, InMemory, ModelError};

/// Opens what a folder in memory holds.
fn open(folder: InMemory) -> Result<Checkpoint, ModelError> {
    let folder: Arc<dyn Folder> = Arc::new(folder);
    Checkpoint::open(&folder)
}

/// What a folder is refused for, which both languages say.
fn complaint(folder: InMemory) -> Text {
    let words = open(folder).unwrap_err().words();
    assert!(words.zh.contains(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{words:?}");
    assert!(!words.en.contains(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{words:?}");
    words
}
