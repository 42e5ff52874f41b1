//! `qkv heads`: what each head is like over many sentences, and what it may be called.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Map, Value};

use super::grid::{Align, Grid};
use super::{Subject, csv, json};
use crate::ground::lang::Text;
use crate::source::sample::HeadCard;
use crate::study::heads::{Counted, METRICS, Over, Profile, Reading, Study, measured_as, naming};

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
    /// The one layer of which the heads are listed.
    pub layer: Option<usize>,
}

impl Heads<'_> {
    /// Each head that is listed, with its metrics in the sentence that is shown, in the order of [`METRICS`].
    fn listed(&self) -> Vec<(&Profile, Vec<Option<f64>>)> {
        let here = measured_as(self.subject.sample, &self.subject.run.trace, 0, self.study.how);
        let wanted = |profile: &Profile| self.layer.is_none_or(|layer| profile.head.layer_number() == layer);
        self.study.heads.iter().zip(here).filter(|(profile, _)| wanted(profile)).collect()
    }

    /// The number of a head; none where all of its layer are read together.
    fn number(&self, profile: &Profile) -> Option<usize> {
        (self.study.how.reading != Reading::Rollout).then_some(profile.head.head + 1)
    }

    /// What a sample says of a head.
    fn card(&self, profile: &Profile) -> Option<&HeadCard> {
        self.number(profile).and_then(|_| self.subject.card(profile.head.head))
    }

    /// The special pieces of the sentence that is shown, each once.
    fn special(&self) -> Vec<&str> {
        let pieces = self.subject.sample.model.as_ref().map(|within| &within.pieces[..]).unwrap_or_default();
        let mut found: Vec<&str> = pieces.iter().filter(|p| p.special).map(|p| p.text.as_str()).collect();
        found.dedup();
        found
    }

    /// What is read as attention, whether special pieces take part, where there are any, and what the corpus lacked.
    fn counted(&self) -> Vec<Text> {
        let (names, refused) = (self.special().join(" "), self.study.refused);
        let part = match self.study.how.counted {
            _ if names.is_empty() => None,
            Counted::All => Some(Text::owned(
                format!("特殊词元 {names} 也算在内，和模型看到的一样；--without-special 不算它们"),
                format!(
                    "special pieces ({names}) take part, as the model sees them; --without-special leaves them out"
                ),
            )),
            Counted::Words => Some(Text::owned(
                format!("不算特殊词元 {names}：每一行只留真正的词，重新归一；「前一个」「第一个」都指真正的词"),
                format!(
                    "without special pieces ({names}): each row is kept among real words and made to sum to 1 again; previous and first are real words"
                ),
            )),
        };
        let lacking = (refused > 0).then(|| {
            Text::owned(
                format!("语料里有 {refused} 句这个模型放不下，没有算"),
                format!("{refused} sentences of the corpus do not fit into this model and are left out"),
            )
        });
        let reading = Some(self.study.how.reading).filter(|&reading| reading != Reading::Raw);
        reading.map(Reading::caution).into_iter().chain(part).chain(lacking).collect()
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
    writeln!(out, "# {}", reader.text(&heads.over()))?;
    for words in heads.counted() {
        writeln!(out, "# {}", reader.text(&words))?;
    }
    writeln!(out)?;
    for (profile, here) in heads.listed() {
        let (layer, head) = (profile.head.layer_number(), profile.head.head + 1);
        let unnamed = naming::unnamed();
        let label = profile.label.as_ref().map_or(&unnamed, |label| &label.name);
        let title = if heads.study.how.reading == Reading::Rollout {
            Text::owned(format!("第 1 到 {layer} 层"), format!("layers 1 to {layer}"))
        } else {
            Text::owned(
                format!("第 {layer} 层，头 {head}：{}", label.zh),
                format!("layer {layer}, head {head}: {}", label.en),
            )
        };
        writeln!(out, "{}", reader.text(&title))?;
        if let Some(label) = &profile.label {
            writeln!(out, "  {}", reader.text(&label.because))?;
        }
        let intent = heads.card(profile).and_then(|card| card.intent.as_ref());
        if let Some(intent) = intent {
            let words = Text::owned(format!("设计意图：{}", intent.zh), format!("declared intent: {}", intent.en));
            writeln!(out, "  {}", reader.text(&words))?;
        }
        let mut grid = Grid::new([Align::Left, Align::Left, Align::Left]);
        for ((metric, over), here) in METRICS.iter().zip(&profile.metrics).zip(here) {
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
    /// What is read as attention: raw, values or rollout.
    reading: &'static str,
    /// How many sentences the means are taken over.
    sentences: usize,
    /// Whether these are the sample's own.
    own: bool,
    /// Whether special pieces of a model take part.
    #[serde(skip_serializing_if = "Option::is_none")]
    special_pieces: Option<&'static str>,
    rows: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    layer: usize,
    /// None of a rollout, which is a whole layer's.
    head: Option<usize>,
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
    let row = |profile: &'_ Profile, here: Vec<Option<f64>>| -> Map<String, Value> {
        let entry = |((metric, over), here): ((&crate::study::heads::Metric, &Option<Over>), Option<f64>)| {
            let value = serde_json::json!({ "mean": over.map(|o| o.mean), "sd": over.map(|o| o.sd), "here": here });
            (metric.key.to_owned(), value)
        };
        METRICS.iter().zip(&profile.metrics).zip(here).map(entry).collect()
    };
    let rows = heads.listed().into_iter().map(|(profile, here)| Row {
        layer: profile.head.layer_number(),
        head: heads.number(profile),
        label: profile.label.as_ref().map(|label| label.key.as_str()),
        because: profile.label.as_ref().map(|label| label.because.en.as_ref()),
        intent: heads.card(profile).and_then(|c| c.intent.as_ref()).map(|i| i.en.as_ref()),
        metrics: row(profile, here),
    });
    let document = Document {
        format: FORMAT,
        sample: &heads.subject.sample.name,
        reading: heads.study.how.reading.key(),
        sentences: heads.study.sentences,
        own: heads.study.own,
        special_pieces: special_pieces(heads),
        rows: rows.collect(),
    };
    json::line(&document, out)
}

/// What files say of special pieces; nothing of a sample that has none.
fn special_pieces(heads: &Heads) -> Option<&'static str> {
    (!heads.special().is_empty()).then_some(match heads.study.how.counted {
        Counted::All => "included",
        Counted::Words => "left out",
    })
}

/// One metric of one head a line.
#[derive(Serialize)]
struct Line<'a> {
    layer: usize,
    head: Option<usize>,
    label: Option<&'a str>,
    metric: &'a str,
    mean: Option<f64>,
    sd: Option<f64>,
    sentences: usize,
    here: Option<f64>,
    /// What is read as attention.
    reading: &'static str,
}

/// The columns of [`Line`].
const COLUMNS: [&str; 9] = ["layer", "head", "label", "metric", "mean", "sd", "sentences", "here", "reading"];

/// Writes one metric a line; of a model with special pieces a last column says whether they take part.
///
/// # Errors
/// What `out` refuses.
pub fn write_csv(heads: &Heads, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = ::csv::WriterBuilder::new().has_headers(false).from_writer(out);
    let special_pieces = special_pieces(heads);
    let last = special_pieces.map(|_| "special_pieces");
    writer.write_record(COLUMNS.into_iter().chain(last)).map_err(csv::refused)?;
    for (profile, here) in heads.listed() {
        for ((metric, over), here) in METRICS.iter().zip(&profile.metrics).zip(here) {
            let line = Line {
                layer: profile.head.layer_number(),
                head: heads.number(profile),
                label: profile.label.as_ref().map(|label| label.key.as_str()),
                metric: metric.key,
                mean: over.map(|o| o.mean),
                sd: over.map(|o| o.sd),
                sentences: over.map_or(0, |o| o.n),
                here,
                reading: heads.study.how.reading.key(),
            };
            let written = match special_pieces {
                Some(part) => writer.serialize((line, part)),
                None => writer.serialize(line),
            };
            written.map_err(csv::refused)?;
        }
    }
    writer.flush()
}
