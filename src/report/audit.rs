//! `qkv audit`: every stage of a run against its reference, and the whole way from the sample's own numbers.

use std::io::{self, Write};

use serde::Serialize;

use super::grid::{Align, Grid};
use super::json::{self, Verdict};
use super::selection::layer_of;
use super::{Reader, Subject, verdict};
use crate::ground::lang::Text;
use crate::math::tensor::{MASKED, Tensor};
use crate::program::ledger::{Ledger, StageVerdict, TOLERANCE, end_to_end};
use crate::program::{Backend, Name};
use crate::session::Run;

/// The name and version of the JSON format.
pub(crate) const FORMAT: &str = "qkv-audit/1";

/// While no score is larger, softmax magnifies no rounding, and the way from end to end is judged too.
/// Beyond, and over the layers of a model, any f32 arithmetic drifts from f64, and the drift is reported only.
pub(crate) const JUDGED_SCORES: f32 = 50.0;

/// What the audit of one run found.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The run.
    pub run: Run,
    /// The sample's name.
    pub sample: String,
    /// Each stage against f64 on the sample's own numbers.
    pub end_to_end: Ledger,
    /// The largest score by its size.
    pub largest_score: f32,
    /// The one layer of which the stages are listed; judged are all.
    pub layer: Option<usize>,
}

impl Finding {
    /// Checks a run once more, from end to end.
    pub fn new(subject: &Subject, layer: Option<usize>) -> Self {
        let run = subject.run.clone();
        let program = &run.program;
        let scores = program.slots().filter(|&slot| program.symbol(slot).name == Name::Scores);
        let scores = scores.map(|slot| run.trace.tensor(slot));
        let sizes = scores.flat_map(Tensor::numbers).filter(|&x| x != MASKED).map(f32::abs);
        Self {
            sample: subject.sample.name.clone(),
            end_to_end: end_to_end(&run.program, &run.trace),
            largest_score: sizes.fold(0.0, f32::max),
            layer,
            run,
        }
    }

    /// Whether the way from end to end is judged: see [`JUDGED_SCORES`].
    pub(crate) fn is_judged(&self) -> bool {
        self.largest_score <= JUDGED_SCORES && self.run.program.layers() == 0
    }

    /// Why the way from end to end is not judged.
    fn unjudged(&self) -> Text {
        let (most, layers) = (self.largest_score, self.run.program.layers());
        match layers {
            0 => Text::owned(
                format!("分数最大到 {most:.0}，超过 {JUDGED_SCORES}：端到端误差只报告，不评判。"),
                format!("scores reach {most:.0}, beyond {JUDGED_SCORES}: end to end is reported, not judged."),
            ),
            _ => Text::owned(
                format!("{layers} 层的舍入误差会累积：端到端误差只报告，不评判。"),
                format!("rounding adds up over {layers} layers: end to end is reported, not judged."),
            ),
        }
    }

    /// Whether everything that is judged is within tolerance.
    pub fn ok(&self) -> bool {
        self.run.ledger.ok() && (!self.is_judged() || self.end_to_end.ok())
    }

    /// Writes the finding as a table.
    ///
    /// # Errors
    /// What `out` refuses.
    pub fn write_table(&self, reader: Reader, out: &mut dyn Write) -> io::Result<()> {
        let program = &self.run.program;
        let mark = if self.ok() { Text::new("合格", "ok") } else { Text::new("不合格", "FAILED") };
        writeln!(out, "{}  {}\n  {}", reader.text(&mark), self.sample, verdict(&self.run, reader))?;
        let mut grid = Grid::new([Align::Left, Align::Right, Align::Left, Align::Right, Align::Left]);
        let headings = [
            Text::new("阶段", "stage"),
            Text::new("最大误差", "worst"),
            Text::new("位置", "at"),
            Text::new("端到端", "end to end"),
            Text::new("位置", "at"),
        ];
        grid.row(headings.map(|heading| reader.text(&heading)));
        for (stage, whole) in self.run.ledger.stages.iter().zip(&self.end_to_end.stages) {
            if self.layer.is_some() && layer_of(program, stage.at.slot) != self.layer {
                continue;
            }
            let name = program.symbol(stage.at.slot).to_string();
            let place = |v: &StageVerdict| if v.worst == 0.0 { String::new() } else { v.at.display(program) };
            grid.row([name, number(stage.worst), place(stage), number(whole.worst), place(whole)]);
        }
        grid.write(out, 4)?;
        if !self.is_judged() {
            writeln!(out, "    {}", reader.text(&self.unjudged()))?;
        }
        writeln!(out)
    }
}

/// A difference, short; none at all as a bare 0.
fn number(x: f64) -> String {
    if x == 0.0 { "0".into() } else { format!("{x:.1e}") }
}

/// The last line of the tables.
///
/// # Errors
/// What `out` refuses.
pub fn write_summary(findings: &[Finding], reader: Reader, out: &mut dyn Write) -> io::Result<()> {
    let (all, good) = (findings.len(), findings.iter().filter(|f| f.ok()).count());
    let words = Text::owned(
        format!("{all} 个样本中 {good} 个合格；允许误差 |Δ| ≤ {TOLERANCE:e}·max(1, |参考值|)"),
        format!("{good} of {all} samples passed; the tolerance is |difference| ≤ {TOLERANCE:e} · max(1, |reference|)"),
    );
    writeln!(out, "{}", reader.text(&words))
}

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    ok: bool,
    tolerance: f64,
    samples: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    sample: &'a str,
    ok: bool,
    backend: &'a Backend,
    largest_score: f32,
    end_to_end_judged: bool,
    ledger: Verdict,
    end_to_end: Verdict,
}

impl<'a> Entry<'a> {
    fn new(finding: &'a Finding) -> Self {
        Self {
            sample: &finding.sample,
            ok: finding.ok(),
            backend: &finding.run.trace.by,
            largest_score: finding.largest_score,
            end_to_end_judged: finding.is_judged(),
            ledger: Verdict::new(&finding.run.ledger, &finding.run.program),
            end_to_end: Verdict::new(&finding.end_to_end, &finding.run.program),
        }
    }
}

/// Writes all findings as one line of JSON.
///
/// # Errors
/// What `out` refuses.
pub fn write_json(findings: &[Finding], out: &mut dyn Write) -> io::Result<()> {
    let document = Document {
        format: FORMAT,
        ok: findings.iter().all(Finding::ok),
        tolerance: TOLERANCE,
        samples: findings.iter().map(Entry::new).collect(),
    };
    json::line(&document, out)
}
