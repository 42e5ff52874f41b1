//! `qkv heads`: what each head is like over many sentences.

use clap::Args;
use qkv::engine::Watch;
use qkv::ground::exit::Exit;
use qkv::ground::fault::Fault;
use qkv::report::{self, Subject};
use qkv::source::sample::Scenario;

use super::{compute, driver, print};
use crate::cli::{NumbersFormat, Options, Weights};
use crate::host::reader;
use crate::load::{self, load};

/// How to print what the heads are like.
#[derive(Debug, Args)]
pub(crate) struct Heads {
    /// Aligned columns for people, qkv-heads/1, or one metric a line
    #[arg(long, default_value = "table")]
    format: NumbersFormat,
}

impl Heads {
    /// Measures them, and prints what they are like.
    pub(crate) fn run(&self, options: &Options) -> Result<Exit, Fault> {
        // The corpus is put under the sample as it was read; what is shown may have another sentence.
        let (own, _) = load::own(options)?;
        let sample = load(options)?;
        let seed = (options.weights == Weights::Random).then_some(options.seed);
        let scenario = Scenario { seed, ..own.what_if.clone() };
        let reader = reader(options);
        let mut driver = driver(options)?;
        let study = driver.study(&own, &scenario, Watch::nobody())?;
        let run = compute(&mut driver, &sample, options)?;
        let subject = Subject { sample: &sample, run: &run, reader };
        let heads_of = report::heads::Heads { subject: &subject, study: &study };
        print(|out| match self.format {
            NumbersFormat::Table => report::heads::write_table(&heads_of, out),
            NumbersFormat::Json => report::heads::write_json(&heads_of, out),
            NumbersFormat::Csv => report::heads::write_csv(&heads_of, out),
        })
    }
}
