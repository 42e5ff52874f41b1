//! `qkv train`: a small transformer learns a task.

use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use qkv::engine::{Builtin, Driver, Watch};
use qkv::ground::exit::Exit;
use qkv::ground::fault::{Failure, Fault, system_words};
use qkv::ground::lang::Text;
use qkv::ground::text::visible;
use qkv::program::Layer;
use qkv::report::{self, train::Outcome};
use qkv::runtime::{at_home, write_new, write_over};
use qkv::study::train::{Checkpoint, Moment, Task};

use super::{CommandError, driver, print};
use crate::cli::{AuditFormat, Options, rate, said, share, whole};
use crate::host::{self, reader, say};

/// Steps between two looks at how well it does, where it is to stop at some accuracy.
const LOOK: u64 = 10;

/// Time between two drawings of the bar.
const DRAW: Duration = Duration::from_millis(100);

/// What to learn, how far, and what becomes of it.
#[derive(Debug, Args)]
pub(crate) struct Train {
    #[arg(value_name = said("任务", "TASK"), value_parser = tasks(), help = said(
        "学什么 [默认：列出所有任务]",
        "What is to be learned [default: list the tasks]",
    ))]
    task: Option<Task>,

    #[arg(long, value_name = "N", value_parser = whole::<u64>, help = said(
        "一共学到第几步 [默认：这个任务通常要的步数]",
        "Up to which step, counted from the very beginning [default: what the task usually takes]",
    ))]
    steps: Option<u64>,

    #[arg(long, value_name = said("学习率", "RATE"), value_parser = rate, help = said(
        "学习率 [默认：这个任务通常用的；接着学时，上次用的]",
        "The learning rate [default: the task's usual one; going on, the last one]",
    ))]
    rate: Option<f32>,

    #[arg(long, value_name = said("比例", "SHARE"), value_parser = share, help = said(
        "没见过的句子对到这个比例就停，例如 0.99",
        "Stop where so much is right in sentences never seen, such as 0.99",
    ))]
    until: Option<f64>,

    #[arg(long, value_name = said("文件", "FILE"), help = said(
        "把学到的头写成样例，--sample 能打开它",
        "Write the head that learned as a sample, which --sample opens",
    ))]
    out: Option<String>,

    #[arg(long, value_name = said("文件", "FILE"), help = said(
        "存下学到哪里，以后用 --resume 接着学",
        "Keep where it is, to go on from with --resume another time",
    ))]
    save: Option<String>,

    #[arg(long, value_name = said("文件", "FILE"), help = said(
        "从 --save 存下的地方接着学，和没停过一样",
        "Go on from what --save kept, as if it had never stopped",
    ))]
    resume: Option<String>,

    #[arg(long, value_name = said("格式", "FORMAT"), default_value = "table", help = said(
        "给人看的表，或者 qkv-train/1",
        "Aligned columns for people, or qkv-train/1",
    ))]
    format: AuditFormat,
}

/// What `TASK` takes.
fn tasks() -> impl TypedValueParser<Value = Task> {
    PossibleValuesParser::new(Task::ALL.map(Task::name)).map(|name| Task::by_name(&name).unwrap_or(Task::Reverse))
}

/// The layer whose attention is to be written, counted from 1 by whoever asks.
fn layer(task: Task, asked: Option<usize>) -> Result<Option<Layer>, Fault> {
    let program = task.program()?;
    match report::layer(&program, asked)? {
        Some(0) => Err(TrainError::NoAttention { len: program.layers() }.into()),
        layer => Ok(layer.map(|layer| Layer(layer - 1))),
    }
}

impl Train {
    /// Learns. Ctrl-C ends it: what was learned by then is examined, printed and kept all the same.
    pub(crate) fn run(&self, options: &Options) -> Result<Exit, Fault> {
        let reader = reader(options);
        let Some(mut at) = self.beginning(options)? else {
            return print(|out| report::train::write_tasks(reader, out));
        };
        let layer = layer(at.task, options.layer)?;
        let rate = self.rate.or(at.rates.last().map(|&(_, rate)| rate)).unwrap_or(at.task.recipe().rate);
        let steps = self.steps.unwrap_or(at.task.recipe().steps);
        let stopped = host::interrupted().map_err(CommandError::Signals)?;
        let stop = || stopped.load(Ordering::Relaxed);
        // The processor needs no driver to be looked for.
        let mut driver = if options.backend.insists() { driver(options)? } else { Driver::new(Builtin) };
        let trainer = driver.trainer();
        let (start, mut drawn) = (Instant::now(), None::<Instant>);
        let (begun, mut right) = (at.step, None);
        let moment = loop {
            let slice = steps.saturating_sub(at.step).min(LOOK);
            let trouble = trainer.advance(&mut at, slice, rate, Watch::new(&|_| {}, &stop))?;
            let over = trouble.is_some() || at.step >= steps || stop();
            if over || self.until.is_some() {
                let moment = trainer.examine(Arc::new(at), trouble)?;
                right = Some(moment.evaluation.accuracy);
                if over || self.until.is_some_and(|until| moment.evaluation.accuracy >= until) {
                    break moment;
                }
                at = Arc::unwrap_or_clone(moment.checkpoint);
            }
            if drawn.is_none_or(|drawn| drawn.elapsed() >= DRAW) {
                drawn = Some(Instant::now());
                let share = (at.step - begun) as f64 / (steps - begun).max(1) as f64;
                host::progress(share, &reader.text(&going(&at, steps, right)));
            }
        };
        let seconds = start.elapsed().as_secs_f64();
        host::progress_over();
        let outcome = Outcome { moment: &moment, seconds };
        print(|out| match self.format {
            AuditFormat::Table => report::train::write_table(&outcome, reader, out),
            AuditFormat::Json => report::train::write_json(&outcome, out),
        })?;
        if let Some(why) = trainer.failure() {
            say(&report::note(why, reader));
        }
        self.keep((&moment, layer), trainer, &|words| say(&reader.text(words)))?;
        let Some(trouble) = report::train::trouble(&moment) else { return Ok(Exit::Done) };
        say(&reader.text(&trouble));
        Ok(Exit::Failed)
    }

    /// Where learning begins; none where no task is named.
    fn beginning(&self, options: &Options) -> Result<Option<Checkpoint>, Fault> {
        let Some(file) = &self.resume else {
            return Ok(match self.task {
                Some(task) => Some(Checkpoint::new(task, options.seed)?),
                None => None,
            });
        };
        let path = at_home(file);
        let json = text(&path).map_err(|why| TrainError::Unreadable { file: file.clone(), why })?;
        let kept = Checkpoint::parse(&json)
            .map_err(|why| TrainError::NoCheckpoint { file: file.clone(), why: why.words() })?;
        match self.task {
            Some(task) if task != kept.task => {
                Err(TrainError::OtherTask { asked: task.name(), kept: kept.task.name() }.into())
            }
            _ => Ok(Some(kept)),
        }
    }

    /// Writes what was asked for.
    fn keep(
        &self,
        (moment, layer): (&Moment, Option<Layer>),
        trainer: &mut qkv::engine::Trainer,
        say: &dyn Fn(&Text),
    ) -> Result<(), Fault> {
        if let Some(file) = &self.save {
            // What is there may be replaced where it is such a file itself.
            let ours = text(&at_home(file)).is_ok_and(|json| Checkpoint::parse(&json).is_ok());
            let json = moment.checkpoint.to_json();
            let file = if ours { write_over(file, &json)? } else { write_new(file, &json)? };
            let (file, step) = (visible(&file), moment.checkpoint.step);
            say(&Text::owned(
                format!("第 {step} 步存在 {file}；qkv train --resume {file} 接着学"),
                format!("kept step {step} in {file}; qkv train --resume {file} goes on"),
            ));
        }
        if let Some(file) = &self.out {
            let command = moment.command(file, layer);
            let sample = trainer.sample(moment, (0, layer), command.clone())?;
            let toml = sample.to_toml().unwrap_or_default();
            let about = format!(
                "# What a small transformer learned (docs/TRAINING.md). This makes the file anew:\n#\n#     {command}\n\n"
            );
            let file = visible(&write_new(file, &(about + &toml))?);
            say(&Text::owned(
                format!("写好了 {file}；qkv --sample {file} 打开它"),
                format!("wrote {file}; qkv --sample {file} opens it"),
            ));
        }
        Ok(())
    }
}

/// A file from which nobody can go on.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.words().en)]
enum TrainError {
    /// What the system does not let us read.
    Unreadable { file: String, why: io::Error },
    /// It holds no checkpoint: why.
    NoCheckpoint { file: String, why: Text },
    /// Layer 0 is what the first one receives; how many there are.
    NoAttention { len: usize },
    /// It holds one of another task.
    OtherTask { asked: &'static str, kept: &'static str },
}

impl Failure for TrainError {
    fn words(&self) -> Text {
        match self {
            Self::Unreadable { file, why } => {
                let (file, why) = (visible(file), system_words(why));
                Text::owned(format!("{file} 读不了：{}", why.zh), format!("{file} cannot be read: {}", why.en))
            }
            Self::NoCheckpoint { file, why } => {
                let file = visible(file);
                Text::owned(format!("{file}：{}", why.zh), format!("{file}: {}", why.en))
            }
            Self::NoAttention { len } => Text::owned(
                format!("--layer：第 0 层还没有注意力，从 1 数到 {len}"),
                format!("--layer: layer 0 has no attention yet; they go from 1 to {len}"),
            ),
            Self::OtherTask { asked, kept } => Text::owned(
                format!("文件里学的是 {kept}，不是 {asked}；去掉 {asked} 就接着学 {kept}"),
                format!("the file has learned {kept}, not {asked}; leave {asked} out to go on with {kept}"),
            ),
        }
    }

    fn exit(&self) -> Exit {
        Exit::Input
    }
}

/// How far it is.
fn going(at: &Checkpoint, steps: u64, right: Option<f64>) -> Text {
    let (step, loss) = (at.step, at.losses.last().copied().unwrap_or_default());
    let right = right.map_or(Text::same(""), |right| {
        let share = 100.0 * right;
        Text::owned(format!("，对 {share:.0}%"), format!(", {share:.0}% right"))
    });
    Text::owned(
        format!("{step}/{steps} 步，损失 {loss:.3}{}", right.zh),
        format!("step {step}/{steps}, loss {loss:.3}{}", right.en),
    )
}

/// A file as text, if it is not larger than any checkpoint.
fn text(path: &Path) -> io::Result<String> {
    if !path.metadata()?.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut json = String::new();
    fs::File::open(path)?.take(Checkpoint::LARGEST_FILE as u64).read_to_string(&mut json)?;
    Ok(json)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_speaks_both_languages() {
        let file = || "x.json".to_owned();
        for error in [
            TrainError::Unreadable { file: file(), why: io::ErrorKind::NotFound.into() },
            TrainError::NoCheckpoint { file: file(), why: Text::new("不是", "no") },
            TrainError::NoAttention { len: 3 },
            TrainError::OtherTask { asked: "sort", kept: "reverse" },
        ] {
            let Text { zh, en } = error.words();
            assert!(zh.contains(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)) && en.is_ascii(), "{zh} {en}");
            assert_eq!((error.to_string().as_str(), error.exit()), (en.as_ref(), Exit::Input));
        }
    }
}
