//! `qkv bench`: the race without a screen.

use std::io::{self, Write};

use serde::Serialize;

use super::grid::{Align, Grid};
use super::{Reader, json};
use crate::ground::fault::Failure;
use crate::ground::lang::Text;
use crate::program::Backend;
use crate::study::race::{Contender, Entry};

/// The name and version of the JSON format.
pub(crate) const FORMAT: &str = "qkv-bench/1";

/// A speed is given relative to this one's.
const BASE: Contender = Contender::NdarrayOne;

/// Writes the entries as a table, a block for each number of words.
///
/// # Errors
/// What `out` refuses.
pub fn write_table(entries: &[Entry], by: Option<&Backend>, reader: Reader, out: &mut dyn Write) -> io::Result<()> {
    let adapter = by.map_or_else(|| reader.text(&Text::new("没有适配器", "no adapter")), ToString::to_string);
    writeln!(out, "# {adapter}")?;
    for block in entries.chunk_by(|a, b| a.work == b.work) {
        let Some(first) = block.first() else { continue };
        let w = first.work;
        let heading = Text::owned(
            format!("{} 句 × {} 词，{} 个头，隐藏维度 {}", w.batch, w.tokens, w.heads, w.hidden),
            format!("{} sentences x {} words, {} heads, hidden size {}", w.batch, w.tokens, w.heads, w.hidden),
        );
        writeln!(out, "\n{}", reader.text(&heading))?;
        let figures = [Align::Right; 7];
        let mut grid = Grid::new([&[Align::Left], &figures[..], &[Align::Left]].concat());
        let headings = [
            Text::new("选手", "contender"),
            Text::new("中位 ms", "median ms"),
            Text::new("最快 ms", "least ms"),
            Text::new("首次 ms", "cold ms"),
            Text::new("次数", "runs"),
            Text::new("GFLOP/s", "GFLOP/s"),
            Text::new("倍数", "ratio"),
            Text::new("误差", "error"),
        ];
        grid.row(headings.map(|heading| reader.text(&heading)));
        let base = block.iter().find(|entry| entry.contender == BASE).and_then(|entry| entry.result.as_ref().ok());
        for entry in block {
            let name = match entry.contender {
                Contender::Ours(rung) => format!("ours ({})", rung.name()),
                other => other.to_string(),
            };
            match &entry.result {
                Err(why) => {
                    grid.row([&name, "-", "", "", "", "", "", "", &reader.text(&why.words())].map(str::to_owned));
                }
                Ok(times) => {
                    let ms = |d: std::time::Duration| format!("{:.1}", d.as_secs_f64() * 1e3);
                    let ratio = base.map_or_else(String::new, |base| {
                        format!("{:.2}", base.median().as_secs_f64() / times.median().as_secs_f64())
                    });
                    grid.row([
                        name,
                        ms(times.median()),
                        ms(times.least()),
                        ms(times.cold),
                        times.warm.len().to_string(),
                        format!("{:.1}", gflops(entry).unwrap_or_default()),
                        ratio,
                        format!("{:.1e}", times.error),
                    ]);
                }
            }
        }
        grid.write(out, 0)?;
    }
    Ok(())
}

/// 10⁹ operations a second, by the median.
fn gflops(entry: &Entry) -> Option<f64> {
    let times = entry.result.as_ref().ok()?;
    Some(entry.work.operations() / times.median().as_secs_f64() / 1e9)
}

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    backend: Option<&'a Backend>,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    contender: String,
    /// The rung that ours is.
    #[serde(skip_serializing_if = "Option::is_none")]
    rung: Option<&'static str>,
    tokens: usize,
    batch: usize,
    heads: usize,
    hidden: usize,
    median_ms: Option<f64>,
    min_ms: Option<f64>,
    cold_ms: Option<f64>,
    runs: usize,
    gflops: Option<f64>,
    error: Option<f64>,
    /// Why there is no time.
    #[serde(skip_serializing_if = "Option::is_none")]
    failed: Option<String>,
}

/// Writes one JSON document: `rows` of `contender, tokens, median_ms, min_ms, gflops, error`.
///
/// # Errors
/// What `out` refuses.
pub fn write_json(entries: &[Entry], by: Option<&Backend>, out: &mut dyn Write) -> io::Result<()> {
    let ms = |d: std::time::Duration| d.as_secs_f64() * 1e3;
    let row = |entry: &Entry| {
        let times = entry.result.as_ref().ok();
        Row {
            contender: entry.contender.to_string(),
            rung: if let Contender::Ours(rung) = entry.contender { Some(rung.name()) } else { None },
            tokens: entry.work.tokens,
            batch: entry.work.batch,
            heads: entry.work.heads,
            hidden: entry.work.hidden,
            median_ms: times.map(|t| ms(t.median())),
            min_ms: times.map(|t| ms(t.least())),
            cold_ms: times.map(|t| ms(t.cold)),
            runs: times.map_or(0, |t| t.warm.len()),
            gflops: gflops(entry),
            error: times.map(|t| t.error),
            failed: entry.result.as_ref().err().map(ToString::to_string),
        }
    };
    json::line(&Document { format: FORMAT, backend: by, rows: entries.iter().map(row).collect() }, out)
}
