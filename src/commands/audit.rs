//! `qkv audit`: every stage against the f64 reference.

use std::ffi::OsStr;

use clap::Args;
use qkv::ground::exit::Exit;
use qkv::ground::fault::Fault;
use qkv::report::audit::{self, Finding};
use qkv::report::{self, Subject};
use qkv::source::sample::Sample;

use super::{compute, driver, print};
use crate::cli::{AuditFormat, Options, said};
use crate::host::reader;
use crate::load::{load, load_named};

/// How to print what the audit finds.
#[derive(Debug, Args)]
pub(crate) struct Audit {
    #[arg(long, value_name = said("格式", "FORMAT"), default_value = "table", help = said(
        "给人看的表，或者 qkv-audit/1",
        "Aligned columns for people, or qkv-audit/1",
    ))]
    format: AuditFormat,
}

impl Audit {
    /// Checks them, and prints what was found.
    pub(crate) fn run(&self, options: &Options) -> Result<Exit, Fault> {
        let reader = reader(options);
        // A sentence of one's own is for one sample: the one asked for, or the default.
        let named = options.sample.is_some() || options.model.is_some() || options.import.is_some();
        let one = named || options.has_sentence() || options.layer.is_some();
        let samples = if one {
            vec![load(options)?]
        } else {
            Sample::names().map(|name| load_named(OsStr::new(name), options)).collect::<Result<_, Fault>>()?
        };
        let mut driver = driver(options)?;
        let mut findings = Vec::new();
        for sample in &samples {
            let layer = report::layer(&sample.program, options.layer)?;
            let run = compute(&mut driver, sample, options)?;
            let finding = Finding::new(&Subject { sample, run: &run, reader }, layer);
            if self.format == AuditFormat::Table {
                print(|out| finding.write_table(reader, out))?;
            }
            findings.push(finding);
        }
        print(|out| match self.format {
            AuditFormat::Table => audit::write_summary(&findings, reader, out),
            AuditFormat::Json => audit::write_json(&findings, out),
        })?;
        Ok(if findings.iter().all(Finding::ok) { Exit::Done } else { Exit::Failed })
    }
}
