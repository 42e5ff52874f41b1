//! The commands that need no screen, one a file: its arguments, and what it does. Most load the sample, run it, and hand the
//! run to a report.
//!
//! Data goes to the standard output, words to the standard error. A reader who closes the pipe early
//! (`qkv show | head`) has seen enough: that is success.

mod audit;
mod bench;
mod clinic;
mod doctor;
mod explain;
mod heads;
mod learn;
mod lesson;
mod notes;
mod picture;
mod quiz;
mod scaling;
mod show;
mod similar;
mod train;
mod walk;

use std::io::{self, BufWriter, ErrorKind, Write};
use std::sync::Arc;

use clap::error::ErrorKind as ClapErrorKind;
use clap::{ArgAction, FromArgMatches, Parser, Subcommand};
use clap_complete::Shell;
use qkv::app::palette::PALETTES;
use qkv::app::{Key, Message, Model, Settings, update};
use qkv::engine::{Builtin, Driver};
use qkv::ground::exit::Exit;
use qkv::ground::fault::{Failure, Fault, system_words};
use qkv::ground::lang::{Lang, Text};
use qkv::ground::text::visible;
use qkv::program::Layer;
use qkv::report::{self, Reader};
use qkv::session::{ComputeError, Run};
use qkv::source::sample::Sample;
use qkv::study::clinic::CASES;

use self::audit::Audit;
use self::bench::Bench;
use self::clinic::Clinic;
use self::explain::Explain;
use self::heads::Heads;
use self::learn::Learn;
use self::lesson::Lessons;
use self::picture::Picture;
use self::quiz::Quiz;
use self::scaling::Scaling;
use self::show::Show;
use self::similar::Similar;
use self::train::Train;
use crate::cli::{Options, Refusal, Weights, built_in, described, said};
use crate::host::{reader, say};
use crate::{host, load, manual};

/// The command line.
#[derive(Debug, Parser)]
#[command(
    name = "qkv",
    version = env!("QKV_VERSION"),
    about = said(
        "看见注意力的内部；每个数都是当场算出来、核对过的",
        "See attention from the inside; every number is computed live and checked",
    ),
    disable_help_subcommand = true,
    disable_help_flag = true,
    disable_version_flag = true
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) options: Options,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[arg(short, long, global = true, action = ArgAction::Help, help = said("这一页", "This page"))]
    help: Option<bool>,
    #[arg(short = 'V', long, action = ArgAction::Version, help = said("版本、提交和日期", "Version, commit and date"))]
    version: Option<bool>,
}

/// What to do instead of opening the screen.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    #[command(about = said("打印一次计算的张量", "Print the tensors of one run"))]
    Show(Show),
    #[command(about = said("把屏幕画成图（SVG）", "Draw the screen as a picture (SVG)"))]
    Picture(Picture),
    #[command(about = said(
        "打印一个数从哪里来：qkv explain 'weights.2[1,3]'",
        "Print where one number came from: qkv explain 'weights.2[1,3]'",
    ))]
    Explain(Explain),
    #[command(about = said(
        "抽随机的查询和键，看打分为什么除以 √d",
        "Draw random queries and keys, and see why scores are divided by √d",
    ))]
    Scaling(Scaling),
    #[command(about = said(
        "打印每个头在许多句子上是什么样，可以叫什么",
        "Print what each head is like over many sentences, and what it may be called",
    ))]
    Heads(Heads),
    #[command(about = said(
        "用模型比句子的意思：qkv similar --model 目录 \"甲\" \"乙\"",
        "How alike a model finds texts: qkv similar --model DIR \"A\" \"B\"",
    ))]
    Similar(Similar),
    #[command(about = said(
        "错误诊所：列出真实代码里的错误，或者打开一例去找",
        "The bug clinic: list real mistakes of attention code, or open one to find it",
    ))]
    Clinic(Clinic),
    #[command(about = said(
        "出一份练习题，都来自这个样例算出来的数；--key 附答案",
        "Print a worksheet of questions made from the sample's own numbers; --key tells the answers",
    ))]
    Quiz(Quiz),
    #[command(about = said(
        "处理器和每一级核函数赛跑，结果都核对",
        "Race the processor against every rung of kernels, and check every result",
    ))]
    Bench(Bench),
    #[command(about = said(
        "逐步与 f64 参考核对：所有内置样例，或者 --sample",
        "Check every stage against the f64 reference; of all built-in samples, or of --sample",
    ))]
    Audit(Audit),
    #[command(about = said(
        "课程和学到哪里了，接下来学什么",
        "The lessons, what was learned, and what comes next",
    ))]
    Learn(Learn),
    #[command(about = said(
        "让一个小 Transformer 当场学会一件事：qkv train 列出能学什么",
        "Let a small transformer learn something now: qkv train lists what",
    ))]
    Train(Train),
    #[command(about = said(
        "投给全班看：大字、聚光、翻页笔；qkv present 课程",
        "Show a lesson to a class: large, spotlit, with a clicker; qkv present LESSON",
    ))]
    Present {
        #[arg(value_name = said("课程|文件", "LESSON|FILE"), help = said("哪一课 [默认：从列表里选]", "The lesson [default: choose from the list]"))]
        lesson: Option<String>,
    },
    #[command(about = said(
        "讲课人的备注、时钟和下一步，放在第二个终端里",
        "The speaker's notes, clock and next step, in a second terminal",
    ))]
    Notes,
    #[command(about = said(
        "写一课新的，或者核对一课里的每个数",
        "Begin a lesson of your own, or verify every number in one",
    ))]
    Lesson(Lessons),
    #[command(about = said(
        "这台机器能做什么，该装什么",
        "Say what this machine can do, and what to install",
    ))]
    Doctor,
    #[command(about = said("打印 shell 的命令补全脚本", "Print a completion script for a shell"))]
    Completions {
        #[arg(value_name = "SHELL", help = said("哪个 shell", "The shell"))]
        shell: Shell,
    },
    #[command(about = said("打印手册页：qkv man | man -l -", "Print the manual page: qkv man | man -l -"))]
    Man,
}

/// Reads the command line; what cannot be read, and pages that were asked for, are said in this language.
pub(crate) fn parse(lang: Lang) -> Result<Cli, clap::Error> {
    let described = described(built_in::<Cli>(lang), lang, host::page_width());
    Cli::from_arg_matches(&described.try_get_matches()?)
}

/// Answers in place of a command: the page that was asked for, or a refusal.
pub(crate) fn answer(error: &clap::Error, reader: Reader) -> Result<Exit, Fault> {
    match error.kind() {
        ClapErrorKind::DisplayHelp | ClapErrorKind::DisplayVersion => print(|out| {
            let page = error.render();
            let page = if host::is_styled() { page.ansi().to_string() } else { page.to_string() };
            out.write_all(reader.signs(&page).as_bytes())
        }),
        _ => Err(Refusal::from(error).into()),
    }
}

/// Carries a command out; without one, the plain walk.
pub(crate) fn run(cli: &Cli) -> Result<Exit, Fault> {
    let options = &cli.options;
    match &cli.command {
        None | Some(Command::Present { .. }) => walk::run(options),
        Some(Command::Notes) => notes::run(options),
        Some(Command::Show(show)) => show.run(options),
        Some(Command::Picture(picture)) => picture.run(options),
        Some(Command::Explain(explain)) => explain.run(options),
        Some(Command::Scaling(scaling)) => scaling.run(options),
        Some(Command::Heads(heads)) => heads.run(options),
        Some(Command::Similar(similar)) => similar.run(options),
        Some(Command::Quiz(quiz)) => quiz.run(options),
        Some(Command::Bench(bench)) => bench.run(options),
        Some(Command::Clinic(clinic)) => clinic.run(options),
        Some(Command::Audit(audit)) => audit.run(options),
        Some(Command::Learn(learn)) => learn.run(options),
        Some(Command::Train(train)) => train.run(options),
        Some(Command::Lesson(lesson)) => lesson.run(options),
        Some(Command::Doctor) => doctor::run(options),
        Some(Command::Completions { shell }) => {
            let (lang, _) = host::language(options.lang);
            print(|out| out.write_all(&manual::completions(*shell, built_in::<Cli>(lang))))
        }
        Some(Command::Man) => {
            let (lang, _) = host::language(options.lang);
            print(|out| out.write_all(manual::page(built_in::<Cli>(lang), lang).as_bytes()))
        }
    }
}

/// The screen that was asked for; none where a command needs none.
pub(crate) fn screen(cli: &Cli) -> Result<Option<Model>, Fault> {
    match &cli.command {
        None => model(&cli.options).map(Some),
        Some(Command::Clinic(clinic)) => clinic.model(&cli.options),
        Some(Command::Present { lesson }) => for_a_class(lesson.as_deref(), &cli.options).map(Some),
        Some(_) => Ok(None),
    }
}

/// The model for a class: at a lesson, or at the list to choose from.
fn for_a_class(lesson: Option<&str>, options: &Options) -> Result<Model, Fault> {
    let model = match lesson.or(options.lesson.as_deref()) {
        Some(what) => with_lesson(what, options)?,
        None => model(options)?.at_the_lessons(),
    };
    let mut model = model.for_a_class();
    model.settings.palette = options.palette().unwrap_or(model.settings.palette);
    Ok(model)
}

/// The model at the first step of a lesson.
fn with_lesson(what: &str, options: &Options) -> Result<Model, Fault> {
    let lesson = load::lesson(what)?;
    let sample = match lesson.steps.first() {
        Some(step) => Arc::clone(&step.shown.original),
        None => Arc::new(load::own(options)?.0),
    };
    Ok(Model::new(sample, settings(options)).with_lesson(Arc::new(lesson)))
}

/// Reads what was asked for. Opening a large model takes seconds, in which the terminal would else stay as it was.
fn told_of_waiting<T>(options: &Options, read: impl FnOnce(&Options) -> T) -> T {
    let Some(folder) = &options.model else { return read(options) };
    let folder = folder.to_string_lossy();
    let words = Text::owned(format!("正在打开 {folder} …"), format!("opening {folder} …"));
    host::waiting(&reader(options).text(&words));
    let read = read(options);
    host::progress_over();
    read
}

/// The model of the sample and the sentence asked for.
fn model(options: &Options) -> Result<Model, Fault> {
    if let Some(what) = &options.lesson {
        return with_lesson(what, options);
    }
    let (original, sentence) = told_of_waiting(options, load::own)?;
    let layer = report::layer(&original.program, options.layer)?;
    let model = Model::new(Arc::new(original), settings(options));
    let mut model = match sentence {
        Some((base, written, lens)) => model.with_sentence(Arc::new(base), written, lens),
        None => model,
    };
    if let Some(layer) = layer {
        close_windows(&mut model);
        let wanted = layer.checked_sub(1).map(Layer);
        let section = model.program().sections().iter().position(|section| section.layer == wanted);
        model.view.section = section.unwrap_or(0);
    }
    Ok(model)
}

/// Closes what lies over the walk of a model, so that the place that was asked for is seen.
fn close_windows(model: &mut Model) {
    const MOST: usize = 4;
    for _ in 0..MOST {
        if model.windows.is_empty() {
            break;
        }
        update(model, Message::Key(Key::Esc));
    }
}

/// How the person wants to see things.
fn settings(options: &Options) -> Settings {
    Settings {
        lang: host::language(options.lang).0,
        palette: options.palette().unwrap_or(PALETTES[0]),
        ascii: options.ascii,
        backend: options.backend,
        random: options.weights == Weights::Random,
        seed: options.seed,
    }
}

/// A driver on the device asked for, or with the reason why there is none.
fn driver(options: &Options) -> Result<Driver, Fault> {
    let (mut driver, choice) = (Driver::new(Builtin), options.backend);
    let opened = host::quietly(|| driver.open(choice));
    if choice.insists() {
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
        Some(why) if options.backend.insists() => Err(why.clone()),
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
    /// Nothing of what was asked for can be asked without ambiguity.
    NoQuestion,
    /// Contenders that were asked for and cannot take part here; whether there is an adapter.
    Absent { names: Vec<String>, adapter: bool },
    /// A case of the clinic that there is not.
    Case(String),
    /// What only a model can do.
    NeedsModel,
    /// What the system does not let us print.
    Output(io::Error),
    /// The system takes no handler for Ctrl-C.
    Signals(io::Error),
    /// What was learned cannot be deleted.
    Forget(io::Error),
}

impl Failure for CommandError {
    fn words(&self) -> Text {
        match self {
            Self::Depth(numbers) => Text::owned(
                format!("这个 --depth 会展开约 {numbers} 个数，超过 {MOST_NUMBERS} 个；请改小一点"),
                format!("--depth would open about {numbers} numbers, more than {MOST_NUMBERS}; choose a smaller one"),
            ),
            Self::NoQuestion => Text::new(
                "这个样例里，照这样的要求出不了没有歧义的题；放宽 --kind、--concept、--stage 或 --head",
                "nothing of this sample can be asked so without ambiguity; ask for less with --kind, --concept, --stage or --head",
            ),
            Self::Absent { names, adapter } => {
                let why = if *adapter {
                    Text::new("这个适配器不支持它", "this adapter does not support it")
                } else {
                    Text::new("没有适配器", "there is no adapter")
                };
                Text::owned(
                    format!("{} 在这里参加不了：{}", names.join("、"), why.zh),
                    format!("{} cannot take part here: {}", names.join(", "), why.en),
                )
            }
            Self::Case(name) => {
                let (name, known) = (visible(name), CASES.iter().map(|case| case.name).collect::<Vec<_>>());
                Text::owned(
                    format!("没有叫「{name}」的一例；有：{}", known.join("、")),
                    format!("there is no case `{name}`; there are {}", known.join(", ")),
                )
            }
            Self::NeedsModel => Text::new(
                "比句子要有模型：--model 目录，里面有 config.json、model.safetensors 和 tokenizer.json",
                "texts are compared by a model: --model DIR, a folder with config.json, model.safetensors and tokenizer.json",
            ),
            Self::Output(why) => {
                let Text { zh, en } = system_words(why);
                Text::owned(format!("写不出结果：{zh}"), format!("the output could not be written: {en}"))
            }
            Self::Forget(why) => {
                let Text { zh, en } = system_words(why);
                Text::owned(format!("进度文件删不掉：{zh}"), format!("what was learned cannot be deleted: {en}"))
            }
            Self::Signals(why) => {
                let Text { zh, en } = system_words(why);
                Text::owned(format!("接不到 Ctrl-C：{zh}"), format!("Ctrl-C cannot be heard: {en}"))
            }
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Self::Depth(_) | Self::Case(_) | Self::NoQuestion | Self::NeedsModel => Exit::Input,
            Self::Absent { .. } => Exit::NoAdapter,
            Self::Output(_) | Self::Signals(_) | Self::Forget(_) => Exit::Failed,
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
        let absent = |adapter| CommandError::Absent { names: vec!["subgroup".into()], adapter };
        for error in [
            CommandError::Depth(2_000_000),
            CommandError::NoQuestion,
            CommandError::NeedsModel,
            absent(false),
            absent(true),
            CommandError::Case("no-such-case".into()),
            CommandError::Output(refused()),
            CommandError::Signals(refused()),
            CommandError::Forget(refused()),
        ] {
            // A variant that is not listed above does not compile.
            let exit = match &error {
                CommandError::Depth(_)
                | CommandError::Case(_)
                | CommandError::NoQuestion
                | CommandError::NeedsModel => Exit::Input,
                CommandError::Absent { .. } => Exit::NoAdapter,
                CommandError::Output(_) | CommandError::Signals(_) | CommandError::Forget(_) => Exit::Failed,
            };
            let Text { zh, en } = error.words();
            assert!(zh.contains(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)) && !en.is_empty(), "{zh} {en}");
            assert_eq!((zh.trim(), en.trim(), error.to_string().as_str()), (zh.as_ref(), en.as_ref(), en.as_ref()));
            assert_eq!(error.exit(), exit, "{en}");
        }
    }
}
