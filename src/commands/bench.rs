//! `qkv bench`: the race.

use std::sync::atomic::Ordering;
use std::time::Duration;

use clap::Args;
use qkv::compute::Compute as _;
use qkv::compute::gpu::Gpu;
use qkv::engine::race::{self, Race, Tuned, refused, within};
use qkv::ground::exit::Exit;
use qkv::ground::fault::Fault;
use qkv::report;
use qkv::study::race::{Contender, NAMES, NoTime, Work};

use super::{CommandError, print};
use crate::cli::{self, AuditFormat, Backend, Options};
use crate::host::{self, reader};

/// Time for one contender's warm runs: the plain rungs take seconds each.
const PATIENCE: Duration = Duration::from_secs(20);

/// What to race over, and how to print it.
#[derive(Debug, Args)]
pub(crate) struct Bench {
    /// Words of a sentence; several, with commas
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "64,128,512", value_parser = cli::within(1..=4096))]
    tokens: Vec<usize>,

    /// Sentences side by side
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = cli::within(1..=65536))]
    batch: usize,

    /// Heads
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = cli::within(1..=64))]
    heads: usize,

    /// The hidden size, shared by all heads
    #[arg(long, value_name = "N", default_value_t = 256, value_parser = cli::within(1..=4096))]
    hidden: usize,

    /// Warm runs of each contender; those that take seconds run less often
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = cli::within(1..=1000))]
    reps: usize,

    /// Only these contenders
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = NAMES)]
    only: Vec<String>,

    /// Aligned columns for people, or qkv-bench/1
    #[arg(long, default_value = "table")]
    format: AuditFormat,
}

impl Bench {
    /// The race. Ctrl-C ends it: what was measured by then is printed all the same.
    pub(crate) fn run(&self, options: &Options) -> Result<Exit, Fault> {
        let works = self.tokens.iter().map(|&tokens| Work::new(self.batch, tokens, self.heads, self.hidden));
        let works = works.collect::<Result<Vec<_>, _>>()?;
        let stopped = host::interrupted().map_err(CommandError::Signals)?;
        let stop = || stopped.load(Ordering::Relaxed);
        let gpu = match options.backend {
            Backend::Cpu => None,
            Backend::Gpu => Some(host::quietly(Gpu::open)?),
            Backend::Auto => host::quietly(Gpu::open).ok(),
        };
        let gpu = gpu.map(|gpu| gpu.patient(race::PATIENCE));
        let mut entries = Vec::new();
        let all = works.len();
        let asked = |c: &Contender| self.only.is_empty() || self.only.contains(&c.to_string());
        for (n, work) in works.into_iter().enumerate() {
            if stop() {
                break;
            }
            let race = match Race::new(gpu.as_ref(), work, options.seed) {
                Ok(race) => race,
                Err(why) => {
                    entries
                        .extend(refused(gpu.as_ref(), work, &why).into_iter().filter(|entry| asked(&entry.contender)));
                    continue;
                }
            };
            let contenders: Vec<_> = race.contenders(&mut Tuned::load()).into_iter().filter(asked).collect();
            for (m, &contender) in contenders.iter().enumerate() {
                if stop() {
                    break;
                }
                let done = (n as f64 + m as f64 / contenders.len() as f64) / all as f64;
                host::progress(done, &format!("{} tokens: {contender}", work.tokens));
                entries.push(race.run(contender, self.reps, &within(PATIENCE, &stop)));
            }
        }
        host::progress_over();
        let (by, reader) = (gpu.as_ref().map(Gpu::backend), reader(options));
        print(|out| match self.format {
            AuditFormat::Table => report::bench::write_table(&entries, by, reader, out),
            AuditFormat::Json => report::bench::write_json(&entries, by, out),
        })?;
        let wrong = entries.iter().any(|entry| matches!(entry.result, Err(NoTime::Wrong(_))));
        Ok(if wrong { Exit::Failed } else { Exit::Done })
    }
}
