//! `qkv learn`: the lessons, the concepts behind them, and what comes next.

use clap::Args;
use qkv::ground::exit::Exit;
use qkv::ground::fault::Fault;
use qkv::ground::lang::Text;
use qkv::ground::text::visible;
use qkv::report::learn;
use qkv::runtime::{forget, learned};
use qkv::study::learned::lessons;

use super::{CommandError, print};
use crate::cli::{AuditFormat, Options, said};
use crate::host::{reader, say};

/// How to print what was learned.
#[derive(Debug, Args)]
pub(crate) struct Learn {
    #[arg(long, value_name = said("格式", "FORMAT"), default_value = "table", help = said(
        "给人看的表，或者 qkv-learn/1",
        "Aligned columns for people, or qkv-learn/1",
    ))]
    format: AuditFormat,

    #[arg(long, help = said("忘掉学过的：删除本机上的进度文件", "Forget what was learned: delete the file that keeps it on this machine"))]
    forget: bool,
}

impl Learn {
    /// Prints it, or forgets it.
    pub(crate) fn run(&self, options: &Options) -> Result<Exit, Fault> {
        let reader = reader(options);
        if self.forget {
            let words = match forget().map_err(CommandError::Forget)? {
                Some(file) => {
                    let file = visible(&file);
                    Text::owned(format!("删除了 {file}"), format!("deleted {file}"))
                }
                None => Text::new("本来就没有记录", "there was nothing to forget"),
            };
            say(&reader.text(&words));
            return Ok(Exit::Done);
        }
        let known = learned();
        if known.is_none() {
            say(&reader.text(&Text::new(
                "读不了进度文件，这里当作没有；qkv learn --forget 删除它",
                "what was learned cannot be read, and counts as nothing here; qkv learn --forget deletes it",
            )));
        }
        let (lessons, known) = (lessons(), known.unwrap_or_default());
        let learn = learn::Learn { lessons: &lessons, learned: &known };
        print(|out| match self.format {
            AuditFormat::Table => learn.write_table(reader, out),
            AuditFormat::Json => learn.write_json(out),
        })
    }
}
