//! The sample that the command line asks for: built in or from a file, with its own sentence or another.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use qkv::ground::fault::Failure;
use qkv::ground::text::{Lens, Segmenter};
use qkv::report;
use qkv::source::sample::{Lexicon, Sample, SentenceError};

use crate::cli::{self, Options, Weights};
use crate::host::{reader, say};

/// The largest file that is read as a sample. The samples of this crate are a thousand times smaller.
const LARGEST_FILE: u64 = 16 << 20;

/// A sample that is neither built in nor a file.
#[derive(Debug, thiserror::Error)]
#[error("there is no sample and no file `{asked}`{hint}; the built-in samples are {known}")]
pub(crate) struct NoSample {
    asked: String,
    hint: String,
    known: String,
}

/// A file that cannot be read as a sample.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FileError {
    #[error("{file} is a directory, not a sample file")]
    Directory { file: String },
    #[error("{file} is a pipe or a device; samples are read from ordinary files")]
    Special { file: String },
    #[error("{file} is larger than {} MiB, which no sample is", LARGEST_FILE >> 20)]
    TooLarge { file: String },
    #[error("{file} cannot be read: {why}")]
    Unreadable { file: String, why: io::Error },
}

/// The sample asked for, with the weights asked for.
pub(crate) fn load(options: &Options) -> anyhow::Result<Sample> {
    load_named(options.sample.as_deref().unwrap_or(Sample::DEFAULT), options)
}

/// A sentence that was asked for: the sample that has it, how it was written, and how it was cut.
pub(crate) type Written = (Sample, String, Lens);

/// The sample asked for as it was read, for a screen that changes it and can go back; and, where one is asked for, the
/// same with another sentence or lens.
pub(crate) fn own(options: &Options) -> anyhow::Result<(Sample, Option<Written>)> {
    let original = open(options.sample.as_deref().unwrap_or(Sample::DEFAULT))?;
    let Some((option, written, lens)) = sentence(&original, options) else { return Ok((original, None)) };
    let changed = cut(&original, option, &written, lens, options)?;
    Ok((original, Some((changed, written, lens))))
}

/// A built-in sample, else a file, as it is written.
pub(crate) fn open(name: &str) -> anyhow::Result<Sample> {
    Ok(match Sample::builtin(name) {
        Some(sample) => sample?,
        None => Sample::from_bytes(&read(name)?, name)?,
    })
}

/// A sentence that cannot be used, under the option it came from.
#[derive(Debug, thiserror::Error)]
#[error("{option}: {words}")]
pub(crate) struct BadSentence {
    option: &'static str,
    words: String,
}

/// The sentence and the lens asked for, and by which option; none where the sample's own file cuts its own sentence.
fn sentence(sample: &Sample, options: &Options) -> Option<(&'static str, String, Lens)> {
    let lens = match options.lens {
        None | Some(cli::Lens::Words) => Lens::Words,
        Some(cli::Lens::Characters) => Lens::Characters,
        Some(cli::Lens::Bytes) => Lens::Bytes,
    };
    match &options.text {
        None if lens == Lens::Words => None,
        None => Some(("--lens", sample.text.clone(), lens)),
        Some(written) => Some(("--text", written.clone(), lens)),
    }
}

fn cut(sample: &Sample, option: &'static str, written: &str, lens: Lens, options: &Options) -> anyhow::Result<Sample> {
    let changed = sample.with_sentence(written, lens, &mut Segmenter::new(), &Lexicon::builtin()?);
    let bad = |why: SentenceError| BadSentence { option, words: reader(options).text(&why.words()) };
    Ok(changed.map_err(bad)?)
}

pub(crate) fn load_named(name: &str, options: &Options) -> anyhow::Result<Sample> {
    let mut sample = open(name)?;
    if let Some((option, written, lens)) = sentence(&sample, options) {
        sample = cut(&sample, option, &written, lens, options)?;
    }
    let sample = sample.as_saved().map_err(|error| anyhow::anyhow!("{}", error.0.en))?;
    if let Some(words) = report::unknown(&sample, reader(options)) {
        say(&words);
    }
    Ok(match options.weights {
        Weights::Own => sample,
        Weights::Random => sample.with_random_weights(options.seed),
    })
}

fn read(name: &str) -> anyhow::Result<Vec<u8>> {
    let file = || name.to_owned();
    let path = Path::new(name);
    if path.is_dir() {
        return Err(FileError::Directory { file: file() }.into());
    }
    // Opening a pipe may wait for ever, and reading a terminal takes keys away from the screen.
    if path.metadata().is_ok_and(|about| !about.is_file()) {
        return Err(FileError::Special { file: file() }.into());
    }
    let opened = match File::open(path) {
        Ok(opened) => opened,
        Err(why) if why.kind() == ErrorKind::NotFound => return Err(no_sample(name).into()),
        Err(why) => return Err(FileError::Unreadable { file: file(), why }.into()),
    };
    let mut bytes = Vec::new();
    let read = opened.take(LARGEST_FILE + 1).read_to_end(&mut bytes);
    read.map_err(|why| FileError::Unreadable { file: file(), why })?;
    if bytes.len() as u64 > LARGEST_FILE {
        return Err(FileError::TooLarge { file: file() }.into());
    }
    Ok(bytes)
}

/// Names what there is, and the nearest of it.
fn no_sample(asked: &str) -> NoSample {
    let nearest = Sample::names().map(|name| (strsim::levenshtein(asked, name), name)).min();
    let hint = match nearest {
        Some((distance, name)) if distance <= name.len() / 2 => format!("; did you mean `{name}`?"),
        _ => String::new(),
    };
    NoSample { asked: asked.to_owned(), hint, known: Sample::names().collect::<Vec<_>>().join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_suggested() {
        assert!(no_sample("tianmen").to_string().contains("did you mean `tiananmen`?"));
        assert!(!no_sample("zzzzzzzzzzzz.toml").to_string().contains("did you mean"));
    }
}
