//! The commands that need no screen, one a file: its arguments, and what it does. Most load the sample, run it, and hand the
//! run to a report.
//!
//! Data goes to the standard output, words to the standard error. A reader who closes the pipe early
//! (`qkv show | head`) has seen enough: that is success.

mod audit;
mod bench;
mod doctor;
mod explain;
mod heads;
mod picture;
mod scaling;
mod show;
mod walk;

use std::io::{self, BufWriter, ErrorKind, Write};
use std::sync::Arc;

use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;
use qkv::app::palette::PALETTES;
use qkv::app::{Model, Settings};
use qkv::engine::{Builtin, Driver};
use qkv::ground::exit::Exit;
use qkv::ground::fault::{Failure, Fault, system_words};
use qkv::ground::lang::Text;
use qkv::report;
use qkv::session::{Choice, ComputeError, Run};
use qkv::source::sample::Sample;

use self::audit::Audit;
use self::bench::Bench;
use self::explain::Explain;
use self::heads::Heads;
use self::picture::Picture;
use self::scaling::Scaling;
use self::show::Show;
use crate::cli::{Backend, Options, Weights, examples, exit_codes};
use crate::host::{reader, say};
use crate::{host, load, manual};

/// See attention from the inside; every number is computed live and checked.
#[derive(Debug, Parser)]
#[command(
    name = "qkv",
    version,
    max_term_width = 110,
    disable_help_subcommand = true,
    before_help = examples(),
    after_help = exit_codes(),
    help_template = "{about}\n\n{before-help}{usage-heading} {usage}\n\n{all-args}{after-help}"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) options: Options,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What to do instead of opening the screen.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print the tensors of one run
    Show(Show),
    /// Draw the screen as a picture (SVG)
    Picture(Picture),
    /// Print where one number came from: qkv explain 'weights.2[1,3]'
    Explain(Explain),
    /// Draw random queries and keys, and see why scores are divided by √d
    Scaling(Scaling),
    /// Print what each head is like over many sentences, and what it may be called
    Heads(Heads),
    /// Race the processor against every rung of kernels, and check every result
    Bench(Bench),
    /// Check every stage against the f64 reference; of all built-in samples, or of --sample
    Audit(Audit),
    /// Say what this machine can do, and what to install
    Doctor,
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page: qkv man | man -l -
    Man,
}

/// Carries a command out; without one, the plain walk.
pub(crate) fn run(cli: &Cli) -> Result<Exit, Fault> {
    let options = &cli.options;
    match &cli.command {
        None => walk::run(options),
        Some(Command::Show(show)) => show.run(options),
        Some(Command::Picture(picture)) => picture.run(options),
        Some(Command::Explain(explain)) => explain.run(options),
        Some(Command::Scaling(scaling)) => scaling.run(options),
        Some(Command::Heads(heads)) => heads.run(options),
        Some(Command::Bench(bench)) => bench.run(options),
        Some(Command::Audit(audit)) => audit.run(options),
        Some(Command::Doctor) => doctor::run(options),
        Some(Command::Completions { shell }) => {
            print(|out| out.write_all(&manual::completions(*shell, Cli::command())))
        }
        Some(Command::Man) => print(|out| out.write_all(&manual::page(Cli::command())?)),
    }
}

/// The model of the sample and the sentence asked for.
pub(crate) fn model(options: &Options) -> Result<Model, Fault> {
    let (original, sentence) = load::own(options)?;
    let model = Model::new(Arc::new(original), settings(options));
    Ok(match sentence {
        Some((base, written, lens)) => model.with_sentence(Arc::new(base), written, lens),
        None => model,
    })
}

/// How the person wants to see things.
fn settings(options: &Options) -> Settings {
    Settings {
        lang: host::language(options).0,
        palette: options.palette().unwrap_or(PALETTES[0]),
        ascii: options.ascii,
        backend: choice(options),
        random: options.weights == Weights::Random,
        seed: options.seed,
    }
}

/// The backend asked for.
fn choice(options: &Options) -> Choice {
    match options.backend {
        Backend::Auto => Choice::Auto,
        Backend::Gpu => Choice::Gpu,
        Backend::Cpu => Choice::Cpu,
    }
}

/// A driver on the device asked for, or with the reason why there is none.
fn driver(options: &Options) -> Result<Driver, Fault> {
    let (mut driver, choice) = (Driver::new(Builtin), choice(options));
    let opened = host::quietly(|| driver.open(choice));
    if choice == Choice::Gpu {
        opened?;
    }
    Ok(driver)
}

/// Runs a sample, and says aloud when the CPU stood in for the GPU.
fn compute(driver: &mut Driver, sample: &Sample, options: &Options) -> Result<Run, Fault> {
    let run = driver.run(&sample.program, &sample.inputs)?;
    heed(run.fallback.as_ref(), options)?;
    Ok(run)
}

/// Says aloud why the CPU stood in for the GPU, which is a failure where nothing but the GPU would do.
fn heed(fallback: Option<&ComputeError>, options: &Options) -> Result<(), ComputeError> {
    match fallback {
        Some(why) if choice(options) == Choice::Gpu => Err(why.clone()),
        Some(why) => {
            say(&report::note(why, reader(options)));
            Ok(())
        }
        None => Ok(()),
    }
}

/// The most numbers that one explanation opens.
const MOST_NUMBERS: usize = 1_000_000;

/// A command that cannot be carried out.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.words().en)]
enum CommandError {
    /// A depth that would open more numbers than anyone can read: about so many.
    Depth(usize),
    /// What the system does not let us print.
    Output(io::Error),
    /// The system takes no handler for Ctrl-C.
    Signals(io::Error),
}

impl Failure for CommandError {
    fn words(&self) -> Text {
        match self {
            Self::Depth(numbers) => Text::owned(
                format!("这个 --depth 会展开约 {numbers} 个数，超过 {MOST_NUMBERS} 个；请改小一点"),
                format!("--depth would open about {numbers} numbers, more than {MOST_NUMBERS}; choose a smaller one"),
            ),
            Self::Output(why) => {
                let Text { zh, en } = system_words(why);
                Text::owned(format!("写不出结果：{zh}"), format!("the output could not be written: {en}"))
            }
            Self::Signals(why) => {
                let Text { zh, en } = system_words(why);
                Text::owned(format!("接不到 Ctrl-C：{zh}"), format!("Ctrl-C cannot be heard: {en}"))
            }
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Self::Depth(_) => Exit::Input,
            Self::Output(_) | Self::Signals(_) => Exit::Failed,
        }
    }
}

/// Writes to the standard output, where a closed pipe is no failure.
fn print(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<Exit, Fault> {
    let mut out = BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(why) if why.kind() != ErrorKind::BrokenPipe => Err(CommandError::Output(why).into()),
        _ => Ok(Exit::Done),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_speaks_both_languages() {
        let refused = || io::Error::from(ErrorKind::PermissionDenied);
        for error in [CommandError::Depth(2_000_000), CommandError::Output(refused()), CommandError::Signals(refused())]
        {
            // A variant that is not listed above does not compile.
            let exit = match &error {
                CommandError::Depth(_) => Exit::Input,
                CommandError::Output(_) | CommandError::Signals(_) => Exit::Failed,
            };
            let Text { zh, en } = error.words();
            assert!(zh.contains(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)) && !en.is_empty(), "{zh} {en}");
            assert_eq!((zh.trim(), en.trim(), error.to_string().as_str()), (zh.as_ref(), en.as_ref(), en.as_ref()));
            assert_eq!(error.exit(), exit, "{en}");
        }
    }
}
