//! `qkv explain`: where one number came from.

use clap::{Args, ValueEnum};
use qkv::ground::exit::Exit;
use qkv::ground::fault::Fault;
use qkv::program::Address;
use qkv::report::{self, Subject};

use super::{CommandError, MOST_NUMBERS, compute, driver, print};
use crate::cli::Options;
use crate::host::reader;
use crate::load::load;

/// Which number to explain.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// Where it lives: tensor, head, row and column from 1
    #[arg(value_name = "ADDRESS")]
    address: String,

    /// How many levels to open: 1 for the number alone, 2 also for those it is made of
    #[arg(long, value_name = "N", default_value_t = 1)]
    depth: usize,

    /// A line for people, for a paper, or qkv-explain/1
    #[arg(long, default_value = "text")]
    format: Format,
}

/// What the explanation is printed as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Latex,
    Json,
}

impl Explain {
    /// Prints it.
    pub(crate) fn run(&self, options: &Options) -> Result<Exit, Fault> {
        let sample = load(options)?;
        let Explain { address, depth, format } = self;
        let address = Address::parse(address, &sample.program)?;
        let numbers = report::explain::count(&sample.program, address, *depth);
        if numbers > MOST_NUMBERS {
            return Err(CommandError::Depth(numbers).into());
        }
        let run = compute(&mut driver(options)?, &sample, options)?;
        let subject = Subject { sample: &sample, run: &run, reader: reader(options) };
        print(|out| match format {
            Format::Text => report::explain::write(&subject, address, *depth, out),
            Format::Latex => report::explain::write_latex(&subject, address, out),
            Format::Json => report::explain::write_json(&subject, address, *depth, out),
        })
    }
}
