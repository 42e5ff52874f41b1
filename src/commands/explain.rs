//! `qkv explain`: where one number came from.

use clap::{Args, ValueEnum};
use qkv::ground::exit::Exit;
use qkv::ground::fault::Fault;
use qkv::report::{self, Subject};

use super::{CommandError, MOST_NUMBERS, compute, driver, print};
use crate::cli::{Options, said, within};
use crate::host::reader;
use crate::load::load;

/// Which number to explain.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    #[arg(value_name = said("地址", "ADDRESS"), help = said(
        "它在哪里：张量、头、从 1 数的行和列，例如 'weights.2[1,3]'",
        "Where it lives: tensor, head, row and column from 1, such as 'weights.2[1,3]'",
    ))]
    address: String,

    #[arg(long, value_name = "N", default_value_t = 1, value_parser = within(1..=usize::MAX), help = said(
        "往下打开几层：1 是这个数自己，2 还有组成它的数",
        "How many levels to open: 1 for the number alone, 2 also for those it is made of",
    ))]
    depth: usize,

    #[arg(long, value_name = said("格式", "FORMAT"), default_value = "text", help = said(
        "给人看的一行、给论文的 LaTeX，或者 qkv-explain/1",
        "A line for people, for a paper, or qkv-explain/1",
    ))]
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
        let address = report::address(address, options.layer, &sample.program)?;
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
