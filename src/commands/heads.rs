//! `qkv heads`: what each head is like over many sentences.

use clap::{Args, ValueEnum};
use qkv::engine::Watch;
use qkv::ground::exit::Exit;
use qkv::ground::fault::Fault;
use qkv::report::{self, Subject};
use qkv::source::sample::Scenario;
use qkv::study::heads::Counted;

use super::{compute, driver, print};
use crate::cli::{Options, Weights, said};
use crate::host::reader;
use crate::load::{self, load};

/// How to print what the heads are like.
#[derive(Debug, Args)]
pub(crate) struct Heads {
    #[arg(long, value_name = said("格式", "FORMAT"), default_value = "table", help = said(
        "给人看的表，qkv-heads/1，或者一行一个指标",
        "Aligned columns for people, qkv-heads/1, or one metric a line",
    ))]
    format: Format,

    #[arg(long, help = said(
        "不算模型自己加的词元（[CLS]、[SEP]、<s>）：其余的重新归一",
        "Leave out the pieces that a model adds ([CLS], [SEP], <s>): the rest is made to sum to 1 again",
    ))]
    without_special: bool,
}

/// What they are printed as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Table,
    Json,
    Csv,
}

impl Heads {
    /// Measures them, and prints what they are like.
    pub(crate) fn run(&self, options: &Options) -> Result<Exit, Fault> {
        // The corpus is put under the sample as it was read; what is shown may have another sentence.
        let (own, _) = load::own(options)?;
        let sample = load(options)?;
        let seed = (options.weights == Weights::Random).then_some(options.seed);
        let layer = report::layer(&sample.program, options.layer)?;
        let counted = if self.without_special { Counted::Words } else { Counted::All };
        let scenario = Scenario { seed, ..own.what_if.clone() };
        let reader = reader(options);
        let mut driver = driver(options)?;
        let study = driver.study_counting(counted, &own, &scenario, Watch::nobody())?;
        let run = compute(&mut driver, &sample, options)?;
        let subject = Subject { sample: &sample, run: &run, reader };
        let heads_of = report::heads::Heads { subject: &subject, study: &study, layer };
        print(|out| match self.format {
            Format::Table => report::heads::write_table(&heads_of, out),
            Format::Json => report::heads::write_json(&heads_of, out),
            Format::Csv => report::heads::write_csv(&heads_of, out),
        })
    }
}
