//! `qkv heads`: what each head is like over many sentences.

use clap::{Args, ValueEnum};
use qkv::engine::Watch;
use qkv::ground::exit::Exit;
use qkv::ground::fault::Fault;
use qkv::report::{self, Subject};
use qkv::source::sample::Scenario;
use qkv::study::heads::{Counted, How, Reading};

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

    #[arg(long, value_name = said("读法", "READING"), default_value = "raw", help = said(
        "把什么当作注意力：raw 权重，values 权重 × 值向量的长度，rollout 一层层连乘到这一层（按层给，不分头）",
        "What is read as attention: raw weights, values (weight times length of the value), rollout (multiplied from layer to layer; one a layer)",
    ))]
    reading: Read,
}

/// What is read as attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Read {
    Raw,
    Values,
    Rollout,
}

impl From<Read> for Reading {
    fn from(read: Read) -> Self {
        match read {
            Read::Raw => Self::Raw,
            Read::Values => Self::Values,
            Read::Rollout => Self::Rollout,
        }
    }
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
        let seed = (options.weights == Weights::Random).then_some(options.seed).or(own.what_if.seed);
        let layer = report::layer(&sample.program, options.layer)?;
        let counted = if self.without_special { Counted::Words } else { Counted::All };
        let reading = Reading::from(self.reading);
        reading.fits(&sample.program)?;
        let how = How { counted, reading };
        let scenario = Scenario { seed, ..own.what_if.clone() };
        let reader = reader(options);
        let mut driver = driver(options)?;
        let study = driver.study_counting(how, &own, &scenario, Watch::nobody())?;
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
