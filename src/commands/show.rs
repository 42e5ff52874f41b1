//! `qkv show`: the tensors of one run.

use clap::{Args, ValueEnum};
use qkv::ground::exit::Exit;
use qkv::ground::fault::Fault;
use qkv::report::{self, Request, Selection, SelectionError, Subject};

use super::{compute, driver, print};
use crate::cli::{Options, said, whole};
use crate::host::reader;
use crate::load::load;

/// What to print.
#[derive(Debug, Args)]
pub(crate) struct Show {
    #[arg(long, value_name = said("名字", "NAME"), help = said(
        "一个张量：H、W_q、Q、K、V、scores、weights、context……",
        "One tensor: H, W_q, Q, K, V, scores, weights, context ...",
    ))]
    stage: Option<String>,

    #[arg(long, value_name = "N", value_parser = whole::<usize>, help = said("一个头，从 1 数起", "One head, from 1"))]
    head: Option<usize>,

    #[arg(long, value_name = "N", value_parser = whole::<usize>, help = said(
        "一批里的一句，从 1 数起 [默认：表里是第一句，CSV 里是全部]",
        "One sentence of a batch, from 1 [default: the first in a table, all in CSV]",
    ))]
    sentence: Option<usize>,

    #[arg(long, value_name = said("格式", "FORMAT"), default_value = "table", help = said(
        "给人看的表，全部张量（qkv-trace/1），一行一个数，或者给论文的矩阵",
        "Aligned columns for people, the whole trace (qkv-trace/1), one number a line, or matrices for a paper",
    ))]
    format: Format,
}

/// What the tensors are printed as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Table,
    Json,
    Csv,
    Latex,
}

impl Show {
    /// Prints them.
    pub(crate) fn run(&self, options: &Options) -> Result<Exit, Fault> {
        let sample = load(options)?;
        let Show { stage, head, sentence, format } = self;
        let request = Request { stage: stage.clone(), head: *head, sentence: *sentence };
        let selection = Selection::new(&request, &sample.program)?;
        if *format == Format::Json {
            let narrowed = head.map(|_| "--head").or(sentence.map(|_| "--sentence"));
            narrowed.map_or(Ok(()), |option| Err(SelectionError::Whole(option)))?;
        }
        let reader = reader(options);
        let run = compute(&mut driver(options)?, &sample, options)?;
        let subject = Subject { sample: &sample, run: &run, reader };
        print(|out| match format {
            Format::Table => report::table::write(&subject, &selection.one_sentence(), out),
            Format::Json => report::json::write(&subject, &selection, out),
            Format::Csv => report::csv::write(&subject, &selection, out),
            Format::Latex => {
                report::latex::write(&subject, &selection.one_sentence(), &report::verdict(&run, reader), out)
            }
        })
    }
}
