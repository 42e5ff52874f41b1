//! `qkv scaling`: why √d, from random vectors.

use clap::Args;
use qkv::engine::Watch;
use qkv::ground::exit::Exit;
use qkv::ground::fault::Fault;
use qkv::report;
use qkv::study::scaling::Experiment;

use super::{driver, heed, print};
use crate::cli::{AuditFormat, Options, said, within};
use crate::host::reader;

/// What to draw, and how to print what comes out.
#[derive(Debug, Args)]
pub(crate) struct Scaling {
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "16,64,256,1024",
          value_parser = within(Experiment::FEATURES), help = said(
        "q 和 k 有几维；几个数用逗号隔开",
        "How many features q and k have; several, with commas",
    ))]
    d: Vec<usize>,

    #[arg(long, value_name = "N", default_value_t = Experiment::USUAL_PAIRS, value_parser = within(Experiment::PAIRS), help = said(
        "每个 d 抽多少对 q 和 k",
        "How many pairs of q and k are drawn for each",
    ))]
    pairs: usize,

    #[arg(long, value_name = said("格式", "FORMAT"), default_value = "table", help = said(
        "给人看的表，或者 qkv-scaling/1",
        "Aligned columns for people, or qkv-scaling/1",
    ))]
    format: AuditFormat,
}

impl Scaling {
    /// Draws, and prints what came out.
    pub(crate) fn run(&self, options: &Options) -> Result<Exit, Fault> {
        let experiments = self.d.iter().map(|&d| Experiment::new(d, self.pairs, options.seed));
        let experiments = experiments.collect::<Result<Vec<_>, _>>()?;
        let mut driver = driver(options)?;
        let mut runs = Vec::new();
        for experiment in experiments {
            runs.extend(driver.scaling(experiment, Watch::nobody())?);
        }
        // A device that fails is not asked again: the last run knows of every failure.
        heed(runs.last().and_then(|run| run.fallback.as_ref()), options)?;
        let reader = reader(options);
        print(|out| match self.format {
            AuditFormat::Table => report::scaling::write_table(&runs, reader, out),
            AuditFormat::Json => report::scaling::write_json(&runs, out),
        })?;
        Ok(if report::scaling::ok(&runs) { Exit::Done } else { Exit::Failed })
    }
}
