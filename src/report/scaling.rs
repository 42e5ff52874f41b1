//! `qkv scaling`: why scores are divided by √d, in numbers.

use std::io::{self, Write};

use serde::Serialize;

use super::grid::{Align, Grid};
use super::{Reader, json};
use crate::ground::lang::Text;
use crate::ground::number::short;
use crate::program::Backend;
use crate::session::Scaling;
use crate::study::scaling::{KEYS, SATURATED, Scores, TOLERANCE};

/// The name and version of the JSON format.
pub(crate) const FORMAT: &str = "qkv-scaling/1";

/// The three ways to divide, as [`crate::study::scaling::Outcome::with_theory`] orders them.
const WAYS: [&str; 3] = ["q·k", "q·k / √d", "q·k / d"];

/// Why √d, and why not d.
const ANSWER: Text = Text::new(
    "q·k 的标准差随 √d 变大，不缩放时 softmax 会把几乎全部权重压在一个键上，大多数行的梯度随之消失，所以要除以 √d，\
     让标准差不论 d 多大都是 1；如果除以 d，标准差又会缩到 1/√d，所有的键得到几乎相同的权重，注意力就什么也选不出来了。",
    "Scores q·k spread by √d, so that softmax gives nearly all weight to one key as d grows and lets hardly any gradient pass in most rows; \
     dividing by √d keeps their spread at 1 for every d, while dividing by d would shrink it to 1/√d, and every key \
     would get nearly the same weight, so that attention could choose nothing.",
);

/// Columns to which the answer is wrapped.
const WIDTH: usize = 80;

/// Writes experiments as a table under a line that says what they are, and what they show.
///
/// # Errors
/// What `out` refuses.
pub fn write_table(runs: &[Scaling], reader: Reader, out: &mut dyn Write) -> io::Result<()> {
    let Some(first) = runs.first() else { return Ok(()) };
    let (pairs, seed) = (first.outcome.experiment.pairs(), first.outcome.experiment.seed());
    let heading = Text::owned(
        format!("# {pairs} 对单位正态的随机 q 与 k，种子 {seed}；softmax 每次看 {KEYS} 个键"),
        format!("# {pairs} random pairs of unit normal q and k, seed {seed}; softmax over {KEYS} keys at a time"),
    );
    writeln!(out, "{}", reader.text(&heading))?;
    writeln!(out, "# {}\n", verdict(runs, reader))?;

    let mut grid = Grid::new([Align::Right, Align::Left, Align::Right]);
    let headings = [
        Text::same("d"),
        Text::new("分数", "score"),
        Text::new("σ", "σ"),
        Text::new("理论 σ", "σ in theory"),
        Text::new("最大权重", "largest weight"),
        Text::new("熵", "entropy"),
        Text::new("梯度中位数", "median gradient"),
        Text::new("饱和行", "saturated"),
    ];
    grid.row(headings.map(|heading| reader.text(&heading)));
    for run in runs {
        for ((scores, theory), way) in run.outcome.with_theory().into_iter().zip(WAYS) {
            let d = if way == WAYS[0] { run.outcome.experiment.d().to_string() } else { String::new() };
            let Scores { sigma, largest, entropy, median, saturated, .. } = scores;
            let numbers = [*sigma, theory, *largest, *entropy, *median].map(|x| format!("{x:.3}"));
            let saturated = format!("{:.1}%", 100.0 * saturated);
            grid.row([d, reader.signs(way)].into_iter().chain(numbers).chain([saturated]));
        }
    }
    grid.write(out, 0)?;

    let bounds = Text::owned(
        format!(
            "最大权重从 1/{KEYS}（每个键都一样）到 1（一个键独占）；熵从 ln {KEYS} ≈ {} 到 0；\
             这两个是各行的平均。梯度是 softmax 的雅可比矩阵的范数，取各行的中位数；饱和行是它不到 {SATURATED} 的行。",
            short((KEYS as f64).ln())
        ),
        format!(
            "The largest weight runs from 1/{KEYS} (all keys alike) to 1 (one key takes everything), entropy from \
             ln {KEYS} ≈ {} to 0: means over rows. The gradient is the norm of softmax's Jacobian in the median row; saturated are \
             rows where it is below {SATURATED}.",
            short((KEYS as f64).ln())
        ),
    );
    for words in [bounds, ANSWER] {
        writeln!(out)?;
        for line in crate::ground::text::wrap(&reader.text(&words), WIDTH) {
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}

/// One line about who computed, and how well.
fn verdict(runs: &[Scaling], reader: Reader) -> String {
    let mut names: Vec<String> = runs.iter().map(|run| reader.text(&run.by.words())).collect();
    names.dedup();
    let by = names.join(", ");
    let worst = worst(runs);
    let checked: usize = runs.iter().map(|run| run.verdict.checked).sum();
    let words = if ok(runs) {
        Text::owned(
            format!("{by}，抽查 {checked} 对，除以 √d 后与 f64 参考的最大误差 {worst:.1e}，合格"),
            format!("{by}, {checked} pairs at most {worst:.1e} away from the f64 reference after ÷√d: passed"),
        )
    } else {
        Text::owned(
            format!("{by}，抽查 {checked} 对，除以 √d 后与 f64 参考的误差达到 {worst:.1e}，超过 {TOLERANCE:e}，不合格"),
            format!(
                "{by}, {checked} pairs up to {worst:.1e} away from the f64 reference after ÷√d, more than {TOLERANCE:e}: FAILED"
            ),
        )
    };
    reader.text(&words)
}

/// Whether every experiment agrees with the reference.
pub fn ok(runs: &[Scaling]) -> bool {
    runs.iter().all(|run| run.verdict.ok())
}

/// The largest difference from the reference, of scores and of figures.
fn worst(runs: &[Scaling]) -> f64 {
    runs.iter().flat_map(|run| [run.verdict.worst, run.verdict.figures]).fold(0.0, f64::max)
}

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    pairs: usize,
    seed: u64,
    backend: &'a Backend,
    rows: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    d: usize,
    raw: Figures,
    by_sqrt_d: Figures,
    by_d: Figures,
    ledger: Ledger,
    /// Who computed this row, where it was not who computed the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    backend: Option<&'a Backend>,
}

#[derive(Serialize)]
struct Figures {
    mean: f64,
    sigma: f64,
    largest: f64,
    entropy: f64,
    gradient: f64,
    median_gradient: f64,
    saturated: f64,
}

#[derive(Serialize)]
struct Ledger {
    ok: bool,
    checked: usize,
    worst: f32,
    at: usize,
    figures: f32,
}

impl From<&Scores> for Figures {
    fn from(&Scores { mean, sigma, largest, entropy, gradient, median, saturated, .. }: &Scores) -> Self {
        Self { mean, sigma, largest, entropy, gradient, median_gradient: median, saturated }
    }
}

impl<'a> Row<'a> {
    fn new(run: &'a Scaling, first: &Backend) -> Self {
        let Scaling { outcome, verdict, by, .. } = run;
        Self {
            d: outcome.experiment.d(),
            raw: (&outcome.raw).into(),
            by_sqrt_d: (&outcome.by_sqrt_d).into(),
            by_d: (&outcome.by_d).into(),
            ledger: Ledger {
                ok: verdict.ok(),
                checked: verdict.checked,
                worst: verdict.worst as f32,
                at: verdict.at + 1, // what a person reads counts from 1
                figures: verdict.figures as f32,
            },
            backend: (by != first).then_some(by),
        }
    }
}

/// Writes experiments as one line of JSON.
///
/// # Errors
/// What `out` refuses.
pub fn write_json(runs: &[Scaling], out: &mut dyn Write) -> io::Result<()> {
    let Some(first) = runs.first() else { return Ok(()) };
    let document = Document {
        format: FORMAT,
        pairs: first.outcome.experiment.pairs(),
        seed: first.outcome.experiment.seed(),
        backend: &first.by,
        rows: runs.iter().map(|run| Row::new(run, &first.by)).collect(),
    };
    json::line(&document, out)
}
