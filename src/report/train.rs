//! `qkv train`: what a small transformer learned, `qkv-train/1`.

use std::io::{self, Write};

use serde::Serialize;

use super::grid::{Align, Grid};
use super::{Reader, json};
use crate::ground::lang::Text;
use crate::ground::text::wrap;
use crate::study::train::{EMERGED, HeadMeasure, Moment, Task};

/// The name and version of the JSON format.
pub(crate) const FORMAT: &str = "qkv-train/1";

/// Columns to which words are wrapped.
const WIDTH: usize = 80;

/// What came out, and how long it took.
#[derive(Debug)]
pub struct Outcome<'a> {
    /// Where the learner is now.
    pub moment: &'a Moment,
    /// The time that the steps took, without those of an earlier run, in seconds.
    pub seconds: f64,
}

/// Writes what was learned as lines and a table.
///
/// # Errors
/// What `out` refuses.
pub fn write_table(outcome: &Outcome<'_>, reader: Reader, out: &mut dyn Write) -> io::Result<()> {
    let Moment { checkpoint: at, evaluation, .. } = outcome.moment;
    let (title, seed, step, seconds) = (at.task.title(), at.seed, at.step, outcome.seconds);
    let accuracy = format!("{:.1}%", 100.0 * evaluation.accuracy);
    let loss = match (at.losses.first(), at.losses.last()) {
        (Some(first), Some(last)) => format!("{first:.3} → {last:.4}"),
        _ => "-".to_owned(),
    };
    let heading = Text::owned(
        format!("# {}：种子 {seed}，{step} 步，{seconds:.1} 秒；没见过的句子对 {accuracy}，损失 {loss}", title.zh),
        format!(
            "# {}: seed {seed}, {step} steps, {seconds:.1} s; {accuracy} right in sentences never seen, loss {loss}",
            title.en
        ),
    );
    for line in wrap(&reader.text(&heading), WIDTH) {
        writeln!(out, "{line}")?;
    }
    writeln!(out)?;
    let mut grid = Grid::new([Align::Right, Align::Right, Align::Left, Align::Right, Align::Left]);
    let headings = [
        Text::new("层", "layer"),
        Text::new("头", "head"),
        Text::new("应当", "should"),
        Text::new("做到", "does"),
        Text::same(""),
    ];
    grid.row(headings.map(|heading| reader.text(&heading)));
    for HeadMeasure { place, measure, value } in &evaluation.heads {
        let layer = place.layer.map_or_else(String::new, |layer| (layer.0 + 1).to_string());
        let title = at.task.pattern(measure).map(|pattern| reader.text(&pattern.title)).unwrap_or_default();
        let emerged = if *value >= EMERGED { Text::new("成形了", "emerged") } else { Text::same("") };
        grid.row([layer, (place.head + 1).to_string(), title, format!("{value:.2}"), reader.text(&emerged)]);
    }
    grid.write(out, 0)?;
    writeln!(out)?;
    let meaning = Text::owned(
        format!("「做到」是这个头落在该看的地方的注意力，0 到 1；到 {EMERGED} 算成形了。"),
        format!(
            "\"does\" is the share of a head's attention that lies where it should, 0 to 1; from {EMERGED} on it has emerged."
        ),
    );
    for line in wrap(&reader.text(&meaning), WIDTH) {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// Why learning stopped before its end, where the loss was no number any more.
pub fn trouble(moment: &Moment) -> Option<Text> {
    let trouble = moment.trouble.as_ref()?;
    let (step, began, advice, rate) = (trouble.step, &trouble.began, trouble.advice(), trouble.rate);
    Some(Text::owned(
        format!("第 {step} 步停下了（学习率 {rate}）：{}。{}", began.zh, advice.zh),
        format!("stopped at step {step} (learning rate {rate}): {}. {}", began.en, advice.en),
    ))
}

/// Writes the tasks that there are.
///
/// # Errors
/// What `out` refuses.
pub fn write_tasks(reader: Reader, out: &mut dyn Write) -> io::Result<()> {
    let mut grid = Grid::new([Align::Left, Align::Left]);
    for task in Task::ALL {
        grid.row([task.name().to_owned(), reader.text(&task.says())]);
    }
    grid.write(out, 0)
}

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    task: &'static str,
    seed: u64,
    steps: u64,
    seconds: f64,
    accuracy: f64,
    loss: &'a [f32],
    heads: Vec<Head>,
    /// Why it stopped before its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    trouble: Option<String>,
}

#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "the names of the document")]
struct Head {
    layer: usize,
    head: usize,
    measure: &'static str,
    value: f64,
}

/// Writes what was learned as one line of JSON.
///
/// # Errors
/// What `out` refuses.
pub fn write_json(outcome: &Outcome<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Moment { checkpoint: at, evaluation, .. } = outcome.moment;
    let head = |&HeadMeasure { place, measure, value }: &HeadMeasure| Head {
        layer: place.layer.map_or(0, |layer| layer.0 + 1),
        head: place.head + 1, // what a person reads counts from 1
        measure,
        value,
    };
    let document = Document {
        format: FORMAT,
        task: at.task.name(),
        seed: at.seed,
        steps: at.step,
        seconds: outcome.seconds,
        accuracy: evaluation.accuracy,
        loss: &at.losses,
        heads: evaluation.heads.iter().map(head).collect(),
        trouble: outcome.moment.trouble.as_ref().map(|trouble| trouble.began.en.to_string()),
    };
    json::line(&document, out)
}
