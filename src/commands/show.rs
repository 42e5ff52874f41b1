//! `qkv show`: the tensors of one run.

use clap::{Args, ValueEnum};
use qkv::ground::exit::Exit;
use qkv::ground::fault::Fault;
use qkv::ground::lang::Text;
use qkv::report::{self, Request, Selection, SelectionError, Subject};

use super::{compute, driver, print};
use crate::cli::{Options, said, whole, within};
use crate::host::{reader, say};
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

    #[arg(long, value_name = "N", default_value_t = report::TOP, value_parser = within(1..=1000), help = said(
        "对整个词表的一行（probabilities、logits）列出最大的几个",
        "Of a row over the whole vocabulary (probabilities, logits) so many of the largest",
    ))]
    top: usize,

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
        let Show { stage, head, sentence, top, format } = self;
        let layers = sample.program.layers();
        let read = matches!(format, Format::Table | Format::Latex);
        // What nobody could read is not printed for people: of a layer what it is about.
        let usual = match options.layer {
            _ if !read || layers == 0 => None,
            Some(0) => Some("hidden"),
            None if *format == Format::Table => None,
            _ => Some("weights"),
        };
        let stage = stage.clone().or(usual.map(str::to_owned));
        let is_summary = read && layers > 0 && stage.is_none();
        let request = Request { stage, layer: options.layer, head: *head, sentence: *sentence };
        let selection = Selection::new(&request, &sample.program)?;
        let (selection, others) =
            if read && !is_summary { selection.one_layer(&sample.program) } else { (selection, None) };
        if *format == Format::Json {
            let narrowed = head.map(|_| "--head").or(sentence.map(|_| "--sentence"));
            narrowed.map_or(Ok(()), |option| Err(SelectionError::Whole(option)))?;
        }
        let reader = reader(options);
        if let Some(all) = others {
            say(&reader.text(&Text::owned(
                format!("{all} 处都有它，这里是第一处；--layer 选一层"),
                format!("it stands in {all} places, shown is the first; --layer chooses another"),
            )));
        }
        let run = compute(&mut driver(options)?, &sample, options)?;
        let subject = Subject { sample: &sample, run: &run, reader };
        print(|out| match format {
            Format::Table if is_summary => report::table::write_summary(&subject, out),
            Format::Table => report::table::write(&subject, &selection.one_sentence(), *top, out),
            Format::Json => report::json::write(&subject, &selection, out),
            Format::Csv => report::csv::write(&subject, &selection, out),
            Format::Latex => {
                report::latex::write(&subject, &selection.one_sentence(), &report::verdict(&run, reader), out)
            }
        })
    }
}
