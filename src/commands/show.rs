//! `qkv show`: the tensors of one run.

use clap::Args;
use qkv::ground::exit::Exit;
use qkv::ground::fault::Fault;
use qkv::report::{self, Request, Selection, SelectionError, Subject};

use super::{compute, driver, print};
use crate::cli::{NumbersFormat, Options};
use crate::host::reader;
use crate::load::load;

/// What to print.
#[derive(Debug, Args)]
pub(crate) struct Show {
    #[arg(long, value_name = "NAME", help = "One tensor: H, W_q, Q, K, V, scores, weights, context ...")]
    stage: Option<String>,

    /// One head, from 1
    #[arg(long, value_name = "N")]
    head: Option<usize>,

    /// One sentence of a batch, from 1 [default: the first in a table, all in CSV]
    #[arg(long, value_name = "N")]
    sentence: Option<usize>,

    /// Aligned columns for people, the whole trace (qkv-trace/1), or one number a line
    #[arg(long, default_value = "table")]
    format: NumbersFormat,
}

impl Show {
    /// Prints them.
    pub(crate) fn run(&self, options: &Options) -> Result<Exit, Fault> {
        let sample = load(options)?;
        let Show { stage, head, sentence, format } = self;
        let request = Request { stage: stage.clone(), head: *head, sentence: *sentence };
        let selection = Selection::new(&request, &sample.program)?;
        if *format == NumbersFormat::Json {
            let narrowed = head.map(|_| "--head").or(sentence.map(|_| "--sentence"));
            narrowed.map_or(Ok(()), |option| Err(SelectionError::Whole(option)))?;
        }
        let reader = reader(options);
        let run = compute(&mut driver(options)?, &sample, options)?;
        let subject = Subject { sample: &sample, run: &run, reader };
        print(|out| match format {
            NumbersFormat::Table => report::table::write(&subject, &selection.one_sentence(), out),
            NumbersFormat::Json => report::json::write(&subject, &selection, out),
            NumbersFormat::Csv => report::csv::write(&subject, &selection, out),
        })
    }
}
