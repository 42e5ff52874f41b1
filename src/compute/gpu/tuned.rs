//! Which rung won the trial, remembered from run to run: by adapter, driver, size and kernels, in a file of the
//! user's cache.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use etcetera::BaseStrategy;
use serde::{Deserialize, Serialize};

use crate::kernels::{Rung, written_out};
use crate::study::race::Work;

/// What was found out so far. It is a cache: a file that cannot be read or written changes nothing but the time that a trial
/// takes.
#[derive(Debug, Default)]
pub struct Tuned {
    path: Option<PathBuf>,
    known: Known,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Known {
    /// The rung's name, by adapter, driver and size.
    #[serde(default)]
    rungs: BTreeMap<String, String>,
}

impl Tuned {
    /// What the user's cache holds.
    pub fn load() -> Self {
        let cache = etcetera::choose_base_strategy().map(|strategy| strategy.cache_dir());
        cache.map_or_else(|_| Self::default(), |cache| Self::at(cache.join("qkv").join("tuned.toml")))
    }

    /// What this file holds; it need not be there yet.
    pub fn at(path: PathBuf) -> Self {
        Self { known: read(&path), path: Some(path) }
    }

    /// The rung that won before on this adapter. What no trial could have chosen is not believed.
    pub fn rung(&self, machine: &str, work: Work) -> Option<Rung> {
        self.known.rungs.get(&key(machine, work)).and_then(|name| Rung::named(name)).filter(|rung| rung.is_tried())
    }

    /// Remembers a winner, beside what others have found out meanwhile.
    pub fn remember(&mut self, machine: &str, work: Work, rung: Rung) {
        if let Some(path) = &self.path {
            self.known.rungs.extend(read(path).rungs);
        }
        self.known.rungs.insert(key(machine, work), rung.name().to_owned());
        if let (Some(path), Ok(text)) = (&self.path, toml::to_string(&self.known)) {
            let _ = write(path, &text);
        }
    }
}

/// What a file holds; nothing where it cannot be read.
fn read(path: &Path) -> Known {
    fs::read_to_string(path).ok().and_then(|text| toml::from_str(&text).ok()).unwrap_or_default()
}

/// Writes beside the file, under a name that nobody else has, and then puts it in its place: nobody reads half of it.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut half = tempfile::NamedTempFile::new_in(folder)?;
    half.write_all(text.as_bytes())?;
    half.persist(path)?;
    Ok(())
}

/// The number of sentences does not matter to the choice; what a workgroup works on does, and so do the kernels: those of another
/// version are tried anew.
fn key(machine: &str, work: Work) -> String {
    let (words, heads, hidden) = (work.tokens, work.heads, work.hidden);
    format!("{machine} | {words} words, {heads} heads, {hidden} | kernels {:08x}", *KERNELS)
}

/// The version of the kernels. Every heavy run asks for it: they are written out once.
static KERNELS: LazyLock<u64> = LazyLock::new(|| {
    let mut kernels = DefaultHasher::new();
    written_out(8, &[4, 16, 64]).hash(&mut kernels);
    kernels.finish() >> 32
});
