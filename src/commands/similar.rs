//! `qkv similar`: how alike a model finds texts.

use clap::{Args, ValueEnum};
use qkv::engine::{Driver, OnDisk};
use qkv::ground::exit::Exit;
use qkv::ground::fault::Fault;
use qkv::program::{Layer, Name};
use qkv::report::similar::{Pooled, Similar as Report};
use qkv::runtime::at_home;
use qkv::source::model::Pooling;
use qkv::source::sample::Sample;

use super::{CommandError, compute, driver, print};
use crate::cli::{Options, said};
use crate::host::reader;
use crate::load;

/// Which texts, and how to print what comes out.
#[derive(Debug, Args)]
pub(crate) struct Similar {
    #[arg(value_name = said("句子", "TEXT"), required = true, num_args = 1..=64, help = said(
        "要比的句子：两句，或者更多",
        "The texts to be compared: two, or more",
    ))]
    texts: Vec<String>,

    #[arg(long, value_name = said("格式", "FORMAT"), default_value = "text", help = said(
        "给人看的余弦，或者连向量一起（qkv-similar/1）",
        "The cosines for people, or the vectors too (qkv-similar/1)",
    ))]
    format: Format,
}

/// What they are printed as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

impl Similar {
    /// Runs the model on every text, and prints how alike they are.
    pub(crate) fn run(&self, options: &Options) -> Result<Exit, Fault> {
        let Some(folder) = &options.model else { return Err(CommandError::NeedsModel.into()) };
        let (own, _) = load::own(options)?;
        let Some(within) = &own.model else { return Err(CommandError::NeedsModel.into()) };
        let there = folder.to_str().map_or_else(|| folder.into(), at_home);
        let said = Pooling::read(&OnDisk::new(there.join(Pooling::FOLDER)))?;
        let pooling = (said.unwrap_or_default(), said.is_some());
        let mut driver = driver(options)?;
        let mut texts = Vec::with_capacity(self.texts.len());
        for text in &self.texts {
            texts.push(pooled(&mut driver, &within.model.sample(text)?, pooling.0, options)?);
        }
        let report = Report { model: own.name.clone(), pooling, texts };
        print(|out| match self.format {
            Format::Text => report.write_text(reader(options), out),
            Format::Json => report.write_json(out),
        })
    }
}

/// The vector of a text: out of the last hidden vectors, after the last norm where there is one.
fn pooled(driver: &mut Driver, sample: &Sample, pooling: Pooling, options: &Options) -> Result<Pooled, Fault> {
    let run = compute(driver, sample, options)?;
    let last = run.program.layers().checked_sub(1).map(Layer);
    let find = |layer, name| run.trace.find(&run.program, layer, name);
    let hidden = find(None, Name::NormF).or_else(|| find(last, Name::Hidden));
    let vector = hidden.map(|hidden| pooling.vector(hidden.as_slice(), hidden.shape().cols.len)).unwrap_or_default();
    Ok(Pooled { text: sample.text.clone(), tokens: sample.tokens.clone(), vector })
}
