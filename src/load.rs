//! The sample that the command line asks for: built in or from a file, with its own sentence or another.

use std::fs::File;
use std::io::{self, ErrorKind, Read};

use qkv::ground::exit::Exit;
use qkv::ground::fault::{Failure, Fault, system_words};
use qkv::ground::lang::Text;
use qkv::ground::text::{Lens, Segmenter, visible};
use qkv::report;
use qkv::runtime::at_home;
use qkv::source::sample::{Lexicon, Sample, SentenceError};

use crate::cli::{self, Options, Weights};
use crate::host::{reader, say};

/// A sample that cannot be loaded.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.words().en)]
pub(crate) enum LoadError {
    /// Neither built in nor a file; the built-in sample whose name is nearest, where one is near.
    Nowhere { asked: String, nearest: Option<&'static str> },
    /// A directory.
    Directory { file: String },
    /// A pipe or a device.
    Special { file: String },
    /// More bytes than any sample has.
    TooLarge { file: String },
    /// What the system does not let us read.
    Unreadable { file: String, why: io::Error },
    /// A sentence that the sample cannot take, under the option it came from.
    Sentence { option: &'static str, why: SentenceError },
}

impl Failure for LoadError {
    fn words(&self) -> Text {
        match self {
            Self::Nowhere { asked, nearest } => {
                let (asked, known) = (visible(asked), Sample::names().collect::<Vec<_>>());
                let hint = nearest.map_or(Text::new("", ""), |name| {
                    Text::owned(format!("；是不是 `{name}`？"), format!("; did you mean `{name}`?"))
                });
                Text::owned(
                    format!("没有样例也没有文件叫「{asked}」{}；内置的样例有：{}", hint.zh, known.join("、")),
                    format!(
                        "there is no sample and no file `{asked}`{}; the built-in samples are {}",
                        hint.en,
                        known.join(", ")
                    ),
                )
            }
            Self::Directory { file } => {
                let file = visible(file);
                Text::owned(format!("{file} 是目录，不是样例文件"), format!("{file} is a directory, not a sample file"))
            }
            Self::Special { file } => {
                let file = visible(file);
                Text::owned(
                    format!("{file} 是管道或设备；样例要从普通文件里读"),
                    format!("{file} is a pipe or a device; samples are read from ordinary files"),
                )
            }
            Self::TooLarge { file } => {
                let (file, most) = (visible(file), Sample::LARGEST_FILE >> 20);
                Text::owned(
                    format!("{file} 超过 {most} MiB，样例没有这么大的"),
                    format!("{file} is larger than {most} MiB, which no sample is"),
                )
            }
            Self::Unreadable { file, why } => {
                let (file, why) = (visible(file), system_words(why));
                Text::owned(format!("{file} 读不了：{}", why.zh), format!("{file} cannot be read: {}", why.en))
            }
            Self::Sentence { option, why } => {
                let why = why.words();
                Text::owned(format!("{option}: {}", why.zh), format!("{option}: {}", why.en))
            }
        }
    }

    fn exit(&self) -> Exit {
        Exit::Input
    }
}

/// The sample asked for, with the weights asked for.
pub(crate) fn load(options: &Options) -> Result<Sample, Fault> {
    load_named(options.sample.as_deref().unwrap_or(Sample::DEFAULT), options)
}

/// A sentence that was asked for: the sample that has it, how it was written, and how it was cut.
pub(crate) type Written = (Sample, String, Lens);

/// The sample asked for as it was read, for a screen that changes it and can go back; and, where one is asked for, the
/// same with another sentence or lens.
pub(crate) fn own(options: &Options) -> Result<(Sample, Option<Written>), Fault> {
    let original = open(options.sample.as_deref().unwrap_or(Sample::DEFAULT))?;
    let Some((option, written, lens)) = sentence(&original, options) else { return Ok((original, None)) };
    let changed = cut(&original, option, &written, lens)?;
    Ok((original, Some((changed, written, lens))))
}

/// A built-in sample, else a file, as it is written.
pub(crate) fn open(name: &str) -> Result<Sample, Fault> {
    Ok(match Sample::builtin(name) {
        Some(sample) => sample?,
        None => Sample::from_bytes(&read(name)?, name)?,
    })
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

fn cut(sample: &Sample, option: &'static str, written: &str, lens: Lens) -> Result<Sample, Fault> {
    let changed = sample.with_sentence(written, lens, &mut Segmenter::new(), &Lexicon::builtin()?);
    Ok(changed.map_err(|why| LoadError::Sentence { option, why })?)
}

pub(crate) fn load_named(name: &str, options: &Options) -> Result<Sample, Fault> {
    let mut sample = open(name)?;
    if let Some((option, written, lens)) = sentence(&sample, options) {
        sample = cut(&sample, option, &written, lens)?;
    }
    let sample = sample.as_saved()?;
    if let Some(words) = report::unknown(&sample, reader(options)) {
        say(&words);
    }
    Ok(match options.weights {
        Weights::Own => sample,
        Weights::Random => sample.with_random_weights(options.seed),
    })
}

fn read(name: &str) -> Result<Vec<u8>, LoadError> {
    let file = name.to_owned();
    let path = at_home(name);
    let path = path.as_path();
    if path.is_dir() {
        return Err(LoadError::Directory { file });
    }
    // Opening a pipe may wait for ever, and reading a terminal takes keys away from the screen.
    if path.metadata().is_ok_and(|about| !about.is_file()) {
        return Err(LoadError::Special { file });
    }
    let opened = match File::open(path) {
        Ok(opened) => opened,
        Err(why) if why.kind() == ErrorKind::NotFound => return Err(nowhere(name)),
        Err(why) => return Err(LoadError::Unreadable { file, why }),
    };
    let mut bytes = Vec::new();
    if let Err(why) = opened.take(Sample::LARGEST_FILE as u64 + 1).read_to_end(&mut bytes) {
        return Err(LoadError::Unreadable { file, why });
    }
    if bytes.len() > Sample::LARGEST_FILE {
        return Err(LoadError::TooLarge { file });
    }
    Ok(bytes)
}

/// Nothing of that name; names what is nearest.
fn nowhere(asked: &str) -> LoadError {
    let nearest = Sample::names().map(|name| (strsim::levenshtein(asked, name), name)).min();
    let near = nearest.filter(|(distance, name)| *distance <= name.len() / 2);
    LoadError::Nowhere { asked: asked.to_owned(), nearest: near.map(|(_, name)| name) }
}

#[cfg(test)]
mod tests {
    use qkv::ground::text::TextError;

    use super::*;

    #[test]
    fn the_nearest_name_is_suggested() {
        assert!(nowhere("tianmen").to_string().contains("did you mean `tiananmen`?"));
        assert!(!nowhere("zzzzzzzzzzzz.toml").to_string().contains("did you mean"));
    }

    #[test]
    fn every_error_speaks_both_languages() {
        let refused = || io::Error::from(ErrorKind::PermissionDenied);
        for error in [
            LoadError::Nowhere { asked: "x".to_owned(), nearest: Some("h1h2") },
            LoadError::Nowhere { asked: "x".to_owned(), nearest: None },
            LoadError::Directory { file: "x.toml".to_owned() },
            LoadError::Special { file: "x.toml".to_owned() },
            LoadError::TooLarge { file: "x.toml".to_owned() },
            LoadError::Unreadable { file: "x.toml".to_owned(), why: refused() },
            LoadError::Sentence { option: "--text", why: TextError::Empty.into() },
        ] {
            // A variant that is not listed above does not compile.
            let exit = match &error {
                LoadError::Nowhere { .. }
                | LoadError::Directory { .. }
                | LoadError::Special { .. }
                | LoadError::TooLarge { .. }
                | LoadError::Unreadable { .. }
                | LoadError::Sentence { .. } => Exit::Input,
            };
            let Text { zh, en } = error.words();
            assert!(zh.contains(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)) && !en.is_empty(), "{zh} {en}");
            assert_eq!((zh.trim(), en.trim(), error.to_string().as_str()), (zh.as_ref(), en.as_ref(), en.as_ref()));
            assert_eq!(error.exit(), exit, "{en}");
        }
    }
}
