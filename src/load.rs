//! The sample that the command line asks for: built in or from a file, with its own sentence or another.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::sync::{Arc, OnceLock};

use qkv::engine::{self, Builtin, Driver, Files};
use qkv::ground::exit::Exit;
use qkv::ground::fault::{Failure, Fault, system_words};
use qkv::ground::lang::Text;
use qkv::ground::text::{Lens, Segmenter, visible};
use qkv::report;
use qkv::runtime::at_home;
use qkv::session::{Copied, NewFile};
use qkv::source::import::{self, ImportError};
use qkv::source::lesson::{BUILTIN, BuiltinLesson, Lesson};
use qkv::source::model::{Folder, Model};
use qkv::source::sample::{Lexicon, ModelFile, Sample, SentenceError};
use qkv::study::learned::Learned;

use crate::cli::{self, Options, Weights};
use crate::host::{reader, say};

/// A sample that cannot be loaded.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.words().en)]
pub(crate) enum LoadError {
    /// Neither built in nor a file; the built-in sample whose name is nearest, where one is near.
    Nowhere { asked: String, nearest: Option<&'static str> },
    /// Neither a built-in lesson nor a file.
    NoLesson { asked: String },
    /// A directory in which no model lies.
    Directory { file: String },
    /// A model was asked for where there is no directory.
    NoModel { file: String },
    /// Tensors to import where there is no file.
    NoImport { file: String },
    /// More than one of a sample, a model, tensors to import.
    OneSample,
    /// A pipe or a device.
    Special { file: String },
    /// More bytes than any sample has.
    TooLarge { file: String },
    /// What the system does not let us read.
    Unreadable { file: String, why: io::Error },
    /// Both the sample and the sentence from the standard input.
    OneInput,
    /// A sentence on the standard input that is no text.
    NotText,
    /// Both a text and a file with one.
    OneText,
    /// A file in place of a sentence, and why it cannot be one.
    TextFile { file: String, why: Text },
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
            Self::NoLesson { asked } => {
                let (asked, known) = (visible(asked), BUILTIN.iter().map(BuiltinLesson::name).collect::<Vec<_>>());
                Text::owned(
                    format!("没有课程也没有文件叫「{asked}」；内置的课程有：{}", known.join("、")),
                    format!("there is no lesson and no file `{asked}`; the built-in lessons are {}", known.join(", ")),
                )
            }
            Self::Directory { file } => {
                let file = visible(file);
                Text::owned(
                    format!("{file} 是目录，里面没有 config.json：既不是样例文件，也不是模型"),
                    format!("{file} is a directory without a config.json: neither a sample file nor a model"),
                )
            }
            Self::NoModel { file } => {
                let file = visible(file);
                Text::owned(
                    format!(
                        "没有目录叫 {file}；模型是一个目录，里面有 config.json、model.safetensors 和 tokenizer.json"
                    ),
                    format!(
                        "there is no directory {file}; a model is one that holds config.json, model.safetensors and tokenizer.json"
                    ),
                )
            }
            Self::NoImport { file } => {
                let file = visible(file);
                Text::owned(format!("没有文件叫 {file}"), format!("there is no file {file}"))
            }
            Self::OneSample => Text::new(
                "--sample、--model 和 --import 只能用一个",
                "--sample, --model and --import exclude each other",
            ),
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
            Self::OneInput => Text::new(
                "--sample - 和 --text - 只能用一个：标准输入只有一份",
                "--sample - and --text - exclude each other: there is one standard input",
            ),
            Self::NotText => {
                Text::new("--text -: 标准输入不是 UTF-8 文字", "--text -: the standard input is no UTF-8 text")
            }
            Self::OneText => Text::new("--text 和 --text-file 只能用一个", "--text and --text-file exclude each other"),
            Self::TextFile { file, why } => {
                let file = visible(file);
                Text::owned(format!("--text-file {file}：{}", why.zh), format!("--text-file {file}: {}", why.en))
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
    load_named(asked(options)?, options)
}

/// A sentence that was asked for: the sample that has it, how it was written, and how it was cut.
pub(crate) type Written = (Sample, String, Lens);

/// The sample asked for as it was read, for a screen that changes it and can go back; and, where one is asked for, the
/// same with another sentence or lens.
pub(crate) fn own(options: &Options) -> Result<(Sample, Option<Written>), Fault> {
    let original = open(asked(options)?)?;
    let Some((option, written, lens)) = sentence(&original, options)? else { return Ok((original, None)) };
    let changed = cut(&original, option, &written, lens)?;
    Ok((original, Some((changed, written, lens))))
}

/// The most bytes of a file with a text: far more than any sentence or model takes.
const LONGEST_TEXT: usize = 1 << 20;

/// What stands for the standard input in place of a name.
const INPUT: &str = "-";

/// The name of the sample asked for.
fn asked(options: &Options) -> Result<&OsStr, Fault> {
    if [&options.sample, &options.model, &options.import].into_iter().flatten().count() > 1 {
        return Err(LoadError::OneSample.into());
    }
    if let Some(file) = &options.import {
        let name = file.to_string_lossy();
        return if import::is_import(&name) { Ok(file) } else { Err(ImportError::Ending { file: name.into() }.into()) };
    }
    if let Some(folder) = &options.model {
        let there = folder.to_str().map_or_else(|| folder.into(), at_home);
        let file = || folder.to_string_lossy().into_owned();
        return if there.is_dir() { Ok(folder) } else { Err(LoadError::NoModel { file: file() }.into()) };
    }
    let name = options.sample.as_deref().unwrap_or(OsStr::new(Sample::DEFAULT));
    if name == INPUT && options.text.as_deref() == Some(INPUT) {
        return Err(LoadError::OneInput.into());
    }
    Ok(name)
}

/// The sample that the command line names: `-` for the standard input, else as [`named`].
fn open(name: &OsStr) -> Result<Sample, Fault> {
    if name == INPUT {
        return judged(input()?, INPUT, Path::new(""));
    }
    // Only a name that is text can be a built-in one; a file is called whatever the system lets it.
    match name.to_str() {
        Some(name) => named(name),
        None => at(Path::new(name)),
    }
}

/// A built-in sample, else a file as it is written, or the folder of a model.
pub(crate) fn named(name: &str) -> Result<Sample, Fault> {
    match Sample::builtin(name) {
        Some(sample) => Ok(sample?),
        None => at(&at_home(name)),
    }
}

/// A sample file, tensors to import, or the folder of a model with the text that it shows first.
fn at(path: &Path) -> Result<Sample, Fault> {
    if let Some(name) = path.file_name().and_then(OsStr::to_str).filter(|name| import::is_import(name)) {
        if !path.exists() {
            return Err(LoadError::NoImport { file: path.to_string_lossy().into_owned() }.into());
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder: Arc<dyn Folder> = Arc::new(engine::OnDisk::new(folder));
        return import::open(&folder, name);
    }
    if path.is_dir() && path.join("config.json").exists() {
        let model = model(path)?;
        return model.sample(model.first_text());
    }
    judged(&read(path)?, &path.to_string_lossy(), path.parent().unwrap_or(Path::new("")))
}

/// The model in a folder.
fn model(path: &Path) -> Result<Arc<Model>, Fault> {
    let folder: Arc<dyn Folder> = Arc::new(engine::OnDisk::new(path));
    let full = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    Ok(Arc::new(Model::open(&folder, &called(&full))?))
}

/// What the bytes of a file are: a sample, or what was changed about a model, whose folder is looked for from `folder` on.
fn judged(bytes: &[u8], file: &str, folder: &Path) -> Result<Sample, Fault> {
    let Some(changed) = ModelFile::read(bytes, file)? else { return Ok(Sample::from_bytes(bytes, file)?) };
    let opened = model(&folder.join(at_home(changed.folder())));
    Ok(changed.of(&opened.map_err(|why| changed.refuse_folder(&why))?)?)
}

/// What a model is called: as its folder, or the one above where that says nothing. The caches of the hub's clients keep it as
/// `models--google-bert--bert-base-chinese/snapshots/8f23…`.
fn called(folder: &Path) -> String {
    let parts = folder.components().rev().filter_map(|part| part.as_os_str().to_str());
    let parts: Vec<&str> = parts.collect();
    let cached = parts.iter().find_map(|part| part.strip_prefix("models--"));
    let named = cached.map(|name| name.rsplit("--").next().unwrap_or(name));
    let plain = || parts.iter().find(|part| !matches!(**part, "model" | "onnx" | "snapshots")).copied();
    named.or_else(plain).unwrap_or("model").to_owned()
}

/// The bytes of a lesson's file.
pub(crate) fn lesson_file(what: &str) -> Result<Vec<u8>, Fault> {
    match read(Path::new(what)) {
        Err(LoadError::Nowhere { asked, .. }) => Err(LoadError::NoLesson { asked }.into()),
        read => Ok(read?),
    }
}

/// A lesson: built in, by its name or its number from 1, or a file.
pub(crate) fn lesson(what: &str) -> Result<Lesson, Fault> {
    let numbered = what.parse::<usize>().ok().and_then(|n| BUILTIN.get(n.checked_sub(1)?));
    let name = numbered.map_or_else(|| what.to_owned(), |builtin| builtin.name().to_owned());
    Driver::new(OnDisk).lesson(&name)
}

/// The files of this machine, to be read.
struct OnDisk;

impl Files for OnDisk {
    fn load(&mut self, what: &str) -> Result<Sample, Fault> {
        named(what)
    }

    fn lesson(&mut self, what: &str) -> Result<Vec<u8>, Fault> {
        lesson_file(what)
    }

    fn keep(&mut self, learned: &Learned) -> Result<(), Fault> {
        Builtin.keep(learned)
    }

    fn save(&mut self, file: &NewFile, contents: &str) -> Result<String, Fault> {
        Builtin.save(file, contents)
    }

    fn copy(&mut self, text: &str) -> Copied {
        Builtin.copy(text)
    }
}

/// All of the standard input, read once however many ask for it.
fn input() -> Result<&'static [u8], LoadError> {
    static READ: OnceLock<Vec<u8>> = OnceLock::new();
    if let Some(bytes) = READ.get() {
        return Ok(bytes);
    }
    let bytes = all(io::stdin().lock(), Path::new(INPUT))?;
    Ok(READ.get_or_init(|| bytes))
}

/// The sentence and the lens asked for, and by which option; none where the sample's own file cuts its own sentence.
fn sentence(sample: &Sample, options: &Options) -> Result<Option<(&'static str, String, Lens)>, LoadError> {
    let lens = match options.lens {
        None | Some(cli::Lens::Words) => Lens::Words,
        Some(cli::Lens::Characters) => Lens::Characters,
        Some(cli::Lens::Bytes) => Lens::Bytes,
    };
    if let Some(file) = &options.text_file {
        if options.text.is_some() {
            return Err(LoadError::OneText);
        }
        return Ok(Some(("--text-file", text_file(Path::new(file))?, lens)));
    }
    Ok(match options.text.as_deref() {
        None if lens == Lens::Words => None,
        None => Some(("--lens", sample.text.clone(), lens)),
        Some(INPUT) => {
            let text = std::str::from_utf8(input()?).map_err(|_| LoadError::NotText)?;
            Some(("--text -", text.lines().collect::<Vec<_>>().join(" "), lens))
        }
        Some(written) => Some(("--text", written.to_owned(), lens)),
    })
}

/// The text of a file, in one line.
fn text_file(path: &Path) -> Result<String, LoadError> {
    let refuse = |zh: String, en: String| LoadError::TextFile {
        file: path.to_string_lossy().into_owned(),
        why: Text::owned(zh, en),
    };
    let system = |why: &io::Error| {
        if why.kind() == ErrorKind::NotFound {
            return refuse("没有这个文件".into(), "there is no such file".into());
        }
        let why = system_words(why);
        refuse(format!("读不了：{}", why.zh), format!("it cannot be read: {}", why.en))
    };
    let there = path.to_str().map_or_else(|| path.to_path_buf(), at_home);
    // Opening a pipe may wait for ever.
    if !there.metadata().map_err(|why| system(&why))?.is_file() {
        return Err(refuse(
            "是目录、管道或设备，不是普通文件".into(),
            "it is a directory, a pipe or a device, not an ordinary file".into(),
        ));
    }
    let mut bytes = Vec::new();
    let most = LONGEST_TEXT as u64;
    File::open(&there).and_then(|file| file.take(most + 1).read_to_end(&mut bytes)).map_err(|why| system(&why))?;
    if bytes.len() > LONGEST_TEXT {
        let kib = LONGEST_TEXT >> 10;
        return Err(refuse(format!("超过 {kib} KiB，一次看不了这么长"), format!("it has more than {kib} KiB")));
    }
    let text = String::from_utf8(bytes).map_err(|why| {
        let at = why.utf8_error().valid_up_to() + 1;
        refuse(format!("第 {at} 个字节起不是 UTF-8 文字"), format!("from byte {at} on it is no UTF-8 text"))
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    Ok(text.lines().map(str::trim_end).collect::<Vec<_>>().join(" ").trim_end().to_owned())
}

fn cut(sample: &Sample, option: &'static str, written: &str, lens: Lens) -> Result<Sample, Fault> {
    let changed = sample.with_sentence(written, lens, &mut Segmenter::new(), &Lexicon::builtin()?);
    Ok(changed.map_err(|why| LoadError::Sentence { option, why })?)
}

/// A sample by its name, with the sentence and the weights asked for.
pub(crate) fn load_named(name: &OsStr, options: &Options) -> Result<Sample, Fault> {
    let mut sample = open(name)?;
    if let Some((option, written, lens)) = sentence(&sample, options)? {
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

fn read(path: &Path) -> Result<Vec<u8>, LoadError> {
    let file = || path.to_string_lossy().into_owned();
    let path = &path.to_str().map_or_else(|| path.to_path_buf(), at_home);
    if path.is_dir() {
        return Err(LoadError::Directory { file: file() });
    }
    // Opening a pipe may wait for ever, and reading a terminal takes keys away from the screen.
    if path.metadata().is_ok_and(|about| !about.is_file()) {
        return Err(LoadError::Special { file: file() });
    }
    match File::open(path) {
        Ok(opened) => all(opened, path),
        Err(why) if why.kind() == ErrorKind::NotFound => Err(nowhere(&file())),
        Err(why) => Err(LoadError::Unreadable { file: file(), why }),
    }
}

/// All bytes, as far as a sample may have so many.
fn all(from: impl Read, path: &Path) -> Result<Vec<u8>, LoadError> {
    let file = || path.to_string_lossy().into_owned();
    let mut bytes = Vec::new();
    if let Err(why) = from.take(Sample::LARGEST_FILE as u64 + 1).read_to_end(&mut bytes) {
        return Err(LoadError::Unreadable { file: file(), why });
    }
    if bytes.len() > Sample::LARGEST_FILE {
        return Err(LoadError::TooLarge { file: file() });
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
            LoadError::NoLesson { asked: "x".to_owned() },
            LoadError::Directory { file: "x.toml".to_owned() },
            LoadError::NoModel { file: "x".to_owned() },
            LoadError::NoImport { file: "x.npz".to_owned() },
            LoadError::OneSample,
            LoadError::Special { file: "x.toml".to_owned() },
            LoadError::TooLarge { file: "x.toml".to_owned() },
            LoadError::Unreadable { file: "x.toml".to_owned(), why: refused() },
            LoadError::OneInput,
            LoadError::NotText,
            LoadError::OneText,
            LoadError::TextFile { file: "x.txt".to_owned(), why: Text::new("没有", "none") },
            LoadError::Sentence { option: "--text", why: TextError::Empty.into() },
        ] {
            // A variant that is not listed above does not compile.
            let exit = match &error {
                LoadError::Nowhere { .. }
                | LoadError::NoLesson { .. }
                | LoadError::Directory { .. }
                | LoadError::NoModel { .. }
                | LoadError::NoImport { .. }
                | LoadError::OneSample
                | LoadError::Special { .. }
                | LoadError::TooLarge { .. }
                | LoadError::Unreadable { .. }
                | LoadError::OneInput
                | LoadError::NotText
                | LoadError::OneText
                | LoadError::TextFile { .. }
                | LoadError::Sentence { .. } => Exit::Input,
            };
            let Text { zh, en } = error.words();
            assert!(zh.contains(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)) && !en.is_empty(), "{zh} {en}");
            assert_eq!((zh.trim(), en.trim(), error.to_string().as_str()), (zh.as_ref(), en.as_ref(), en.as_ref()));
            assert_eq!(error.exit(), exit, "{en}");
        }
    }
}
