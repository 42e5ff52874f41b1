//! `qkv heads`: what each head is like over many sentences, and what it may be called.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Map, Value};

use super::grid::{Align, Grid};
use super::{Subject, csv, json};
use crate::ground::lang::Text;
use crate::study::heads::{METRICS, Over, Profile, Study, metrics, naming, view};

/// The name and version of the JSON format.
pub(crate) const FORMAT: &str = "qkv-heads/1";

/// Columns to which the words are wrapped.
const WIDTH: usize = 80;

/// A study, and the sample on whose sentence it is shown.
#[derive(Debug)]
pub struct Heads<'a> {
    /// What is shown.
    pub subject: &'a Subject<'a>,
    /// What its heads are like.
    pub study: &'a Study,
}

impl Heads<'_> {
    /// The metrics of a head in the sentence that is shown, in the order of [`METRICS`].
    fn here(&self, profile: &Profile) -> Vec<Option<f64>> {
        let weights = self.subject.run.trace.tensor(profile.head.weights);
        metrics::measure(&view(self.subject.sample, weights, 0, profile.head.head))
    }

    /// What the numbers were taken over.
    fn over(&self) -> Text {
        let n = self.study.sentences;
        match (self.study.own, n) {
            (false, _) => Text::owned(
                format!("{n} 句话上的平均 ± 标准差；括号里是眼前这一句"),
                format!("mean ± standard deviation over {n} sentences; in brackets the one that is shown"),
            ),
            (true, 1) => Text::new(
                "这个样例装不进别的句子：只有眼前这一句，不足以起名",
                "this sample takes no other sentence: only the one that is shown, too few for a label",
            ),
            (true, _) => Text::owned(
                format!("样例自己的 {n} 句话上的平均 ± 标准差；括号里是第一句"),
                format!("mean ± standard deviation over the sample's own {n} sentences; in brackets the first"),
            ),
        }
    }
}

/// `0.83 ± 0.08 (0.85)`
fn cell(over: Option<Over>, here: Option<f64>) -> String {
    let Some(over) = over else { return "-".into() };
    let here = here.map_or_else(|| "-".to_owned(), |x| format!("{x:.2}"));
    format!("{over} ({here})")
}

/// Writes a table for people: a block a head.
///
/// # Errors
/// What `out` refuses.
pub fn write_table(heads: &Heads, out: &mut dyn Write) -> io::Result<()> {
    let reader = heads.subject.reader;
    writeln!(out, "# {}\n", reader.text(&heads.over()))?;
    for profile in &heads.study.heads {
        let (layer, head) = (profile.head.layer_number(), profile.head.head + 1);
        let unnamed = naming::unnamed();
        let label = profile.label.as_ref().map_or(&unnamed, |label| &label.name);
        let title = Text::owned(
            format!("第 {layer} 层，头 {head}：{}", label.zh),
            format!("layer {layer}, head {head}: {}", label.en),
        );
        writeln!(out, "{}", reader.text(&title))?;
        if let Some(label) = &profile.label {
            writeln!(out, "  {}", reader.text(&label.because))?;
        }
        let intent = heads.subject.card(profile.head.head).and_then(|card| card.intent.as_ref());
        if let Some(intent) = intent {
            let words = Text::owned(format!("设计意图：{}", intent.zh), format!("declared intent: {}", intent.en));
            writeln!(out, "  {}", reader.text(&words))?;
        }
        let mut grid = Grid::new([Align::Left, Align::Left, Align::Left]);
        for ((metric, over), here) in METRICS.iter().zip(&profile.metrics).zip(heads.here(profile)) {
            grid.row([metric.key.to_owned(), cell(*over, here), reader.text(&metric.says)]);
        }
        grid.write(out, 2)?;
        writeln!(out)?;
    }
    for line in crate::ground::text::wrap(&reader.text(&naming::rules()), WIDTH) {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    sample: &'a str,
    /// How many sentences the means are taken over.
    sentences: usize,
    /// Whether these are the sample's own.
    own: bool,
    rows: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    layer: usize,
    head: usize,
    label: Option<&'a str>,
    because: Option<&'a str>,
    intent: Option<&'a str>,
    metrics: Map<String, Value>,
}

/// Writes one JSON document: rows with `layer, head, label` (null when mixed) and `metrics`, name → `{mean, sd, here}`.
///
/// # Errors
/// What `out` refuses.
pub fn write_json(heads: &Heads, out: &mut dyn Write) -> io::Result<()> {
    let row = |profile: &'_ Profile| -> Map<String, Value> {
        let here = heads.here(profile);
        let entry = |((metric, over), here): ((&crate::study::heads::Metric, &Option<Over>), Option<f64>)| {
            let value = serde_json::json!({ "mean": over.map(|o| o.mean), "sd": over.map(|o| o.sd), "here": here });
            (metric.key.to_owned(), value)
        };
        METRICS.iter().zip(&profile.metrics).zip(here).map(entry).collect()
    };
    let rows = heads.study.heads.iter().map(|profile| Row {
        layer: profile.head.layer_number(),
        head: profile.head.head + 1,
        label: profile.label.as_ref().map(|label| label.key.as_str()),
        because: profile.label.as_ref().map(|label| label.because.en.as_ref()),
        intent: heads.subject.card(profile.head.head).and_then(|c| c.intent.as_ref()).map(|i| i.en.as_ref()),
        metrics: row(profile),
    });
    let document = Document {
        format: FORMAT,
        sample: &heads.subject.sample.name,
        sentences: heads.study.sentences,
        own: heads.study.own,
        rows: rows.collect(),
    };
    json::line(&document, out)
}

/// One metric of one head a line.
#[derive(Serialize)]
struct Line<'a> {
    layer: usize,
    head: usize,
    label: Option<&'a str>,
    metric: &'a str,
    mean: Option<f64>,
    sd: Option<f64>,
    sentences: usize,
    here: Option<f64>,
}

/// Writes one metric a line.
///
/// # Errors
/// What `out` refuses.
pub fn write_csv(heads: &Heads, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = ::csv::Writer::from_writer(out);
    for profile in &heads.study.heads {
        for ((metric, over), here) in METRICS.iter().zip(&profile.metrics).zip(heads.here(profile)) {
            let line = Line {
                layer: profile.head.layer_number(),
                head: profile.head.head + 1,
                label: profile.label.as_ref().map(|label| label.key.as_str()),
                metric: metric.key,
                mean: over.map(|o| o.mean),
                sd: over.map(|o| o.sd),
                sentences: over.map_or(0, |o| o.n),
                here,
            };
            writer.serialize(line).map_err(csv::refused)?;
        }
    }
    writer.flush()
}
