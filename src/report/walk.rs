//! The plain walk: the whole way from words to context vectors as text, for a pipe, a file or a screen reader.

use std::io::{self, Write};

use super::matrix::{self, Limits};
use super::{Subject, unknown, verdict};
use crate::ground::lang::Text;
use crate::ground::text::{columns, wrap};
use crate::math::tensor::Cell;
use crate::program::{Role, Slot, labels};

/// Width of the running text.
const WIDTH: usize = 78;

/// Larger matrices are shown in part.
const LIMITS: Limits = Limits { rows: 16, columns: 16 };

/// Writes the walk: what the sample is, then stage by stage title, formula, words and numbers.
/// Of a batch it walks through the first sentence.
///
/// # Errors
/// What `out` refuses.
pub fn write(subject: &Subject, out: &mut dyn Write) -> io::Result<()> {
    let Subject { sample, run, reader } = *subject;
    let title = reader.text(&sample.title);
    writeln!(out, "{title}\n{}", "=".repeat(columns(&title)))?;
    writeln!(out, "{}  ({})", sample.text, reader.text(&sample.origin.label()))?;
    writeln!(out, "{}", verdict(run, reader))?;
    for line in unknown(sample, reader).iter().flat_map(|words| wrap(words, WIDTH)) {
        writeln!(out, "{line}")?;
    }
    if run.program.batch() > 1 {
        let n = run.program.batch();
        let words = Text::owned(
            format!("{n} 句话同时计算；下面走一遍第 1 句。"),
            format!("{n} sentences are computed side by side; this walks through sentence 1."),
        );
        writeln!(out, "{}", reader.text(&words))?;
    }
    for slot in order(subject) {
        section(subject, slot, out)?;
    }
    Ok(())
}

/// Every tensor in the order in which a reader needs it: what a stage is made of just before the stage.
fn order(subject: &Subject) -> Vec<Slot> {
    let program = &subject.run.program;
    let mut order: Vec<Slot> = Vec::new();
    for (i, stage) in program.stages().iter().enumerate() {
        for &slot in stage.operands.iter().chain([&program.output_of(i)]) {
            if !order.contains(&slot) && !matrix::is_idle_mask(subject, slot) {
                order.push(slot);
            }
        }
    }
    order
}

/// One tensor: its title, formula, words and numbers.
fn section(subject: &Subject, slot: Slot, out: &mut dyn Write) -> io::Result<()> {
    let Subject { run, reader, .. } = *subject;
    let shape = run.program.shape(slot);
    let label = labels::of(&run.program, slot);
    let formula = reader.signs(matrix::formula(&run.program, slot));
    let heading = format!("{}: {formula}  ({})", reader.text(&label.title), reader.signs(&shape.size()));
    writeln!(out, "\n\n{heading}\n{}", "-".repeat(columns(&heading)))?;
    for line in wrap(&reader.text(&label.says), WIDTH) {
        writeln!(out, "{line}")?;
    }
    for head in 0..shape.heads.unwrap_or(1) {
        writeln!(out)?;
        if let Some(heads) = shape.heads.filter(|&heads| heads > 1) {
            writeln!(out, "  {}", matrix::head(subject, head, heads))?;
        }
        let card = subject.card(head).filter(|_| label.role == Role::Weight);
        if let Some(intent) = card.and_then(|card| card.intent.as_ref()) {
            let intent = Text::owned(format!("设计意图：{}", intent.zh), format!("Designed for this: {}", intent.en));
            for line in wrap(&reader.text(&intent), WIDTH - 2) {
                writeln!(out, "  {line}")?;
            }
        }
        let place = Cell::default().in_head(head);
        matrix::grid(subject, slot, place, LIMITS).write(out, 2)?;
        if let Some(words) = matrix::left_out(subject, &shape, LIMITS) {
            writeln!(out, "  {words}")?;
        }
    }
    Ok(())
}
