//! The commands that need no screen: load the sample, run it, hand the run to a report.
//!
//! Data goes to the standard output, words to the standard error. A reader who closes the pipe early
//! (`qkv show | head`) has seen enough: that is success.

use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Read, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use qkv::compute::ComputeError;
use qkv::engine::{Choice, Engine, Run};
use qkv::report::audit::{self, Finding};
use qkv::report::doctor::{self, Machine};
use qkv::report::{self, Exit, Reader, Request, Selection, SelectionError, Subject};
use qkv::sample::{Lexicon, Sample, SampleError};
use qkv::text::{Lens, Segmenter};

use crate::cli::{self, Audit, AuditFormat, Backend, Command, Options, Show, ShowFormat, Weights};
use crate::{machine, manual};

/// The largest file that is read as a sample. The samples of this crate are a thousand times smaller.
const LARGEST_FILE: u64 = 16 << 20;

/// Carries a command out.
pub(crate) fn run(command: &Command, options: &Options) -> anyhow::Result<Exit> {
    match command {
        Command::Show(show) => self::show(show, options),
        Command::Audit(audit) => self::audit(audit, options),
        Command::Doctor => self::doctor(options),
        Command::Completions { shell } => print(|out| out.write_all(&manual::completions(*shell))),
        Command::Man => print(|out| out.write_all(&manual::page()?)),
    }
}

/// The plain walk through a sample.
pub(crate) fn walk(options: &Options, sample: &Sample) -> anyhow::Result<Exit> {
    let reader = reader(options);
    let run = compute(&mut engine(options)?, sample, options)?;
    print(|out| report::walk::write(&Subject { sample, run: &run, reader }, out))
}

fn show(show: &Show, options: &Options) -> anyhow::Result<Exit> {
    let sample = load(options)?;
    let Show { stage, head, sentence, format } = show;
    let request = Request { stage: stage.clone(), head: *head, sentence: *sentence };
    let selection = Selection::new(&request, &sample.program)?;
    if *format == ShowFormat::Json {
        let narrowed = head.map(|_| "--head").or(sentence.map(|_| "--sentence"));
        narrowed.map_or(Ok(()), |option| Err(SelectionError::Whole(option)))?;
    }
    let reader = reader(options);
    let run = compute(&mut engine(options)?, &sample, options)?;
    let subject = Subject { sample: &sample, run: &run, reader };
    print(|out| match format {
        ShowFormat::Table => report::table::write(&subject, &selection.one_sentence(), out),
        ShowFormat::Json => report::json::write(&subject, &selection, out),
        ShowFormat::Csv => report::csv::write(&subject, &selection, out),
    })
}

fn audit(audit: &Audit, options: &Options) -> anyhow::Result<Exit> {
    let reader = reader(options);
    // A sentence of one's own is for one sample: the one asked for, or the default.
    let one = options.sample.is_some() || options.text.is_some() || options.lens.is_some();
    let samples = if one {
        vec![load(options)?]
    } else {
        Sample::names().map(|name| load_named(name, options)).collect::<anyhow::Result<_>>()?
    };
    let mut engine = engine(options)?;
    let mut findings = Vec::new();
    for sample in &samples {
        let run = compute(&mut engine, sample, options)?;
        let finding = Finding::new(&Subject { sample, run: &run, reader });
        if audit.format == AuditFormat::Table {
            print(|out| finding.write_table(reader, out))?;
        }
        findings.push(finding);
    }
    print(|out| match audit.format {
        AuditFormat::Table => audit::write_summary(&findings, reader, out),
        AuditFormat::Json => audit::write_json(&findings, out),
    })?;
    Ok(if findings.iter().all(Finding::ok) { Exit::Done } else { Exit::Failed })
}

fn doctor(options: &Options) -> anyhow::Result<Exit> {
    let reader = reader(options);
    let sample = load(options)?;
    let adapters = match choice(options) {
        Choice::Cpu => Vec::new(),
        Choice::Auto | Choice::Gpu => machine::quietly(qkv::compute::gpu::adapters),
    };
    let proof = engine(options)?.run(&sample.program, &sample.inputs)?;
    let (_, language) = machine::language(options);
    let machine = Machine {
        program: format!("{}, {} {}", env!("CARGO_PKG_VERSION"), std::env::consts::OS, std::env::consts::ARCH),
        adapters,
        proof,
        system: machine::system(),
        terminal: machine::terminal(),
        language,
    };
    print(|out| doctor::write(&machine, reader, out))
}

/// The language and signs asked for.
fn reader(options: &Options) -> Reader {
    Reader { lang: machine::language(options).0, ascii: options.ascii }
}

/// The backend asked for.
pub(crate) fn choice(options: &Options) -> Choice {
    match options.backend {
        Backend::Auto => Choice::Auto,
        Backend::Gpu => Choice::Gpu,
        Backend::Cpu => Choice::Cpu,
    }
}

fn engine(options: &Options) -> anyhow::Result<Engine> {
    Ok(machine::quietly(|| Engine::open(choice(options)))?)
}

/// Runs a sample, and says aloud when the CPU stood in for the GPU.
fn compute(engine: &mut Engine, sample: &Sample, options: &Options) -> anyhow::Result<Run> {
    let run = engine.run(&sample.program, &sample.inputs)?;
    match &run.fallback {
        Some(why) if choice(options) == Choice::Gpu => Err(why.clone().into()),
        Some(why) => {
            say(&report::note(why, reader(options)));
            Ok(run)
        }
        None => Ok(run),
    }
}

/// A sample that is neither built in nor a file.
#[derive(Debug, thiserror::Error)]
#[error("there is no sample and no file `{asked}`{hint}; the built-in samples are {known}")]
struct NoSample {
    asked: String,
    hint: String,
    known: String,
}

/// A file that cannot be read as a sample.
#[derive(Debug, thiserror::Error)]
enum FileError {
    #[error("{file} is a directory, not a sample file")]
    Directory { file: String },
    #[error("{file} is larger than {} MiB, which no sample is", LARGEST_FILE >> 20)]
    TooLarge { file: String },
    #[error("{file} cannot be read: {why}")]
    Unreadable { file: String, why: io::Error },
}

/// The sample asked for, with the weights asked for.
pub(crate) fn load(options: &Options) -> anyhow::Result<Sample> {
    load_named(options.sample.as_deref().unwrap_or(Sample::DEFAULT), options)
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
struct BadSentence {
    option: &'static str,
    words: String,
}

/// The sample with the sentence and the lens asked for; without either, as it is.
pub(crate) fn with_sentence(sample: Sample, options: &Options) -> anyhow::Result<Sample> {
    let (option, written) = match (&options.text, options.lens) {
        // Its own sentence stands in words as its file cuts it.
        (None, None | Some(cli::Lens::Words)) => return Ok(sample),
        (None, Some(_)) => ("--lens", &sample.text),
        (Some(written), _) => ("--text", written),
    };
    let lens = match options.lens {
        None | Some(cli::Lens::Words) => Lens::Words,
        Some(cli::Lens::Characters) => Lens::Characters,
        Some(cli::Lens::Bytes) => Lens::Bytes,
    };
    let lexicon = Lexicon::builtin()?;
    let changed = sample.with_sentence(written, lens, &mut Segmenter::new(), &lexicon);
    Ok(changed.map_err(|why| BadSentence { option, words: reader(options).text(&why.words()) })?)
}

fn load_named(name: &str, options: &Options) -> anyhow::Result<Sample> {
    let sample = with_sentence(open(name)?, options)?;
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
    let nearest = Sample::names().map(|name| (distance(asked, name), name)).min();
    let hint = match nearest {
        Some((distance, name)) if distance <= name.len() / 2 => format!("; did you mean `{name}`?"),
        _ => String::new(),
    };
    NoSample { asked: asked.to_owned(), hint, known: Sample::names().collect::<Vec<_>>().join(", ") }
}

/// How many letters must be added, removed or changed to make one word of the other (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, &y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

/// Writes to the standard output, where a closed pipe is no failure.
fn print(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> anyhow::Result<Exit> {
    let mut out = BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(why) if why.kind() != ErrorKind::BrokenPipe => Err(why).context("the output could not be written"),
        _ => Ok(Exit::Done),
    }
}

/// One line on the standard error. Where even that is closed, nobody is left to hear it.
fn say(words: &str) {
    let _ = writeln!(io::stderr(), "qkv: {words}");
}

/// Says what went wrong, and finds the exit code for it.
pub(crate) fn complain(error: &anyhow::Error) -> ExitCode {
    say(&format!("{error:#}"));
    ExitCode::from(exit(error).code())
}

fn exit(error: &anyhow::Error) -> Exit {
    let input = error.is::<SampleError>()
        || error.is::<BadSentence>()
        || error.is::<NoSample>()
        || error.is::<FileError>()
        || error.is::<SelectionError>();
    if input {
        Exit::Input
    } else if error.is::<ComputeError>() {
        Exit::NoAdapter
    } else {
        Exit::Failed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_suggested() {
        assert_eq!(distance("tianmen", "tiananmen"), 2);
        assert_eq!((distance("", "abc"), distance("abc", "abc"), distance("abc", "axc")), (3, 0, 1));
        assert!(no_sample("tianmen").to_string().contains("did you mean `tiananmen`?"));
        assert!(!no_sample("zzzzzzzzzzzz.toml").to_string().contains("did you mean"));
    }
}
