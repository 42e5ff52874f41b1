//! `qkv clinic`: the cases of the bug clinic; one of them on the screen, or as words where there is none.

use std::sync::Arc;

use clap::{Args, ValueEnum};
use qkv::app::Model;
use qkv::ground::exit::Exit;
use qkv::ground::fault::Fault;
use qkv::report::{self, Subject};
use qkv::source::sample::Sample;
use qkv::study::clinic::Case;

use super::{CommandError, compute, driver, print, settings};
use crate::cli::{Options, said};
use crate::host::reader;

/// Which case, or how to list them.
#[derive(Debug, Args)]
pub(crate) struct Clinic {
    #[arg(value_name = said("名字", "NAME"), help = said(
        "打开哪一例 [默认：列出所有的]",
        "The case to open [default: list them all]",
    ))]
    case: Option<String>,

    #[arg(long, value_name = said("格式", "FORMAT"), default_value = "table", help = said(
        "给人看的表，或者 qkv-clinic/1",
        "Aligned columns for people, or qkv-clinic/1",
    ))]
    format: Format,
}

/// What the list is printed as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Table,
    Json,
}

impl Clinic {
    /// The case that was asked for; none where the list was.
    fn case(&self) -> Result<Option<&'static Case>, CommandError> {
        let find = |name: &String| Case::by_name(name).ok_or_else(|| CommandError::Case(name.clone()));
        self.case.as_ref().map(find).transpose()
    }

    /// The screen on the case that was asked for; none where the list was.
    pub(crate) fn model(&self, options: &Options) -> Result<Option<Model>, Fault> {
        let Some(case) = self.case()? else { return Ok(None) };
        Ok(Some(Model::new(Arc::new(own(case)?), settings(options)).in_clinic(case)))
    }

    /// Lists the cases, or says one.
    pub(crate) fn run(&self, options: &Options) -> Result<Exit, Fault> {
        let reader = reader(options);
        let Some(case) = self.case()? else {
            return print(|out| match self.format {
                Format::Table => report::clinic::write_table(reader, out),
                Format::Json => report::clinic::write_json(reader, out),
            });
        };
        let sample = case.scenario().apply(&own(case)?)?;
        let run = compute(&mut driver(options)?, &sample, options)?;
        let subject = Subject { sample: &sample, run: &run, reader };
        print(|out| report::clinic::write_case(case, &subject, out))
    }
}

/// The sample that a case is shown on.
fn own(case: &Case) -> Result<Sample, Fault> {
    let sample = Sample::builtin(case.sample).ok_or_else(|| CommandError::Case(case.name.to_owned()))?;
    Ok(sample?)
}
