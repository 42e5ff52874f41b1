//! `qkv bench`: the race.

use std::cell::RefCell;
use std::sync::atomic::Ordering;
use std::time::Duration;

use clap::Args;
use qkv::engine::Watch;
use qkv::ground::exit::Exit;
use qkv::ground::fault::{Failure, Fault};
use qkv::ground::lang::Text;
use qkv::report;
use qkv::session::{Job, News, Progress};
use qkv::study::race::{NAMES, NoTime, Rules, Work};

use super::{CommandError, driver, print};
use crate::cli::{AuditFormat, Options, said, within};
use crate::host::{self, reader};

/// Time for one contender's warm runs: the plain rungs take seconds each.
const PATIENCE: Duration = Duration::from_secs(20);

/// What to race over, and how to print it.
#[derive(Debug, Args)]
pub(crate) struct Bench {
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "64,128,512", value_parser = within(1..=4096), help = said(
        "一句话有几个词；几个数用逗号隔开",
        "Words of a sentence; several, with commas",
    ))]
    tokens: Vec<usize>,

    #[arg(long, value_name = "N", default_value_t = 64, value_parser = within(1..=65536), help = said(
        "并排多少句",
        "Sentences side by side",
    ))]
    batch: usize,

    #[arg(long, value_name = "N", default_value_t = 8, value_parser = within(1..=64), help = said("几个头", "Heads"))]
    heads: usize,

    #[arg(long, value_name = "N", default_value_t = 256, value_parser = within(1..=4096), help = said(
        "隐藏维度，由所有的头平分",
        "The hidden size, shared by all heads",
    ))]
    hidden: usize,

    #[arg(long, value_name = "N", default_value_t = 7, value_parser = within(1..=1000), help = said(
        "热身之后各跑几次；一次要几秒的会少跑",
        "Warm runs of each contender; those that take seconds run less often",
    ))]
    reps: usize,

    #[arg(long, value_name = said("名字", "NAME"), value_delimiter = ',', value_parser = NAMES, help = said(
        "只让这些参加",
        "Only these contenders",
    ))]
    only: Vec<String>,

    #[arg(long, value_name = said("格式", "FORMAT"), default_value = "table", help = said(
        "给人看的表，或者 qkv-bench/1",
        "Aligned columns for people, or qkv-bench/1",
    ))]
    format: AuditFormat,
}

impl Bench {
    /// The race. Ctrl-C ends it: what was measured by then is printed all the same.
    pub(crate) fn run(&self, options: &Options) -> Result<Exit, Fault> {
        let reader = reader(options);
        let works = self.tokens.iter().map(|&tokens| Work::new(self.batch, tokens, self.heads, self.hidden));
        let works = works.collect::<Result<Vec<_>, _>>()?;
        let stopped = host::interrupted().map_err(CommandError::Signals)?;
        let stop = || stopped.load(Ordering::Relaxed);
        let mut driver = driver(options)?;
        let (entries, by) = (RefCell::new(Vec::new()), RefCell::new(None));
        let all = works.len();
        let rules = Rules {
            seed: options.seed,
            repetitions: self.reps,
            patience: PATIENCE,
            only: self.only.clone(),
            bearable: None,
            search: false,
        };
        for (at, work) in works.into_iter().enumerate() {
            let tell = |progress| match progress {
                Progress::Race(News::Adapter(adapter)) => drop(by.replace(adapter)),
                Progress::Race(News::Started { contender, n, of }) => {
                    let done = (at as f64 + n as f64 / of as f64) / all as f64;
                    let tokens = work.tokens;
                    let words =
                        Text::owned(format!("{tokens} 词：{contender}"), format!("{tokens} words: {contender}"));
                    host::progress(done, &reader.text(&words));
                }
                Progress::Race(News::In(entry)) => entries.borrow_mut().push(entry),
                _ => {}
            };
            let job = Job::Race { work, rules: rules.clone() };
            driver.carry_out(&job, Watch::new(&tell, &stop))?;
        }
        let (entries, by) = (entries.into_inner(), by.into_inner());
        host::progress_over();
        let by = by.as_ref();
        let came = |name: &&String| entries.iter().any(|entry| entry.contender.to_string() == **name);
        let absent: Vec<String> = self.only.iter().filter(|name| !came(name)).cloned().collect();
        if !absent.is_empty() && !stop() {
            let why = CommandError::Absent { names: absent, adapter: by.is_some() };
            if entries.is_empty() {
                return Err(why.into());
            }
            host::say(&reader.text(&why.words()));
        }
        if entries.is_empty() {
            let early = Text::new("停得太早，什么都还没有量出来", "stopped so early that nothing had been measured");
            host::say(&reader.text(&early));
        }
        print(|out| match self.format {
            AuditFormat::Table => report::bench::write_table(&entries, by, reader, out),
            AuditFormat::Json => report::bench::write_json(&entries, by, out),
        })?;
        let wrong = entries.iter().any(|entry| matches!(entry.result, Err(NoTime::Wrong(_))));
        Ok(if wrong { Exit::Failed } else { Exit::Done })
    }
}
