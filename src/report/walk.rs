//! The plain walk: the whole way from words to context vectors as text, for a pipe, a file or a screen reader.

use std::io::{self, Write};

use super::matrix::{self, Limits};
use super::{Subject, table, unknown, verdict};
use crate::ground::lang::Text;
use crate::ground::text::{columns, visible, wrap};
use crate::math::tensor::Cell;
use crate::program::{Layer, Name, Program, Role, Slot, labels};

/// Width of the running text.
const WIDTH: usize = 78;

/// Larger matrices are shown in part.
const LIMITS: Limits = Limits { rows: 16, columns: 16 };

/// Writes the walk: what the sample is, then stage by stage title, formula, words and numbers.
/// Of a batch it walks through the first sentence, of a model through the attention of one layer: that asked for, else the first.
///
/// # Errors
/// What `out` refuses.
pub fn write(subject: &Subject, layer: Option<usize>, out: &mut dyn Write) -> io::Result<()> {
    let Subject { sample, run, reader } = *subject;
    let title = reader.text(&sample.title);
    writeln!(out, "{title}\n{}", "=".repeat(columns(&title)))?;
    writeln!(out, "{}  ({})", visible(&sample.text), reader.text(&sample.origin.label()))?;
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
    let all = run.program.layers();
    if all == 0 {
        return order(subject).into_iter().try_for_each(|slot| section(subject, slot, None, out));
    }
    let n = layer.unwrap_or(1).max(1);
    for line in table::about(subject).iter().flat_map(|words| wrap(words, WIDTH)) {
        writeln!(out, "{line}")?;
    }
    let words = Text::owned(
        format!("下面走一遍第 {n} 层的注意力，共 {all} 层；--layer 换一层。权重给出所有的头，其他的只给第 1 个头。"),
        format!(
            "This walks through the attention of layer {n} of {all}; --layer chooses another. Of the weights every head is shown, of the rest head 1."
        ),
    );
    for line in wrap(&reader.text(&words), WIDTH) {
        writeln!(out, "{line}")?;
    }
    of_layer(&run.program, n).into_iter().try_for_each(|slot| section(subject, slot, Some(n), out))
}

/// The attention of a layer, from what it receives to what it hands on; parameters are left out.
fn of_layer(program: &Program, n: usize) -> Vec<Slot> {
    let before = program.find(n.checked_sub(2).map(Layer), Name::Hidden);
    let layer = Some(Layer(n - 1));
    let made = program.stages().iter().filter(|stage| stage.symbol.layer == layer).map(|stage| stage.output);
    let attention = program.find(layer, Name::Output);
    let norm =
        |slot: &Slot| program.symbol(*slot).name != Name::Norm1 || attention.is_some_and(|output| *slot < output);
    let inside = made.filter(|slot| attention.is_none_or(|output| *slot <= output)).filter(norm);
    before.into_iter().chain(inside).chain(program.find(layer, Name::Hidden)).collect()
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

/// One tensor: its title, formula, words and numbers; inside a layer of a model one head of it.
fn section(subject: &Subject, slot: Slot, layer: Option<usize>, out: &mut dyn Write) -> io::Result<()> {
    let Subject { run, reader, .. } = *subject;
    let shape = run.program.shape(slot);
    let label = labels::of(&run.program, slot);
    let formula = reader.signs(&matrix::formula(&run.program, slot));
    let standing = matrix::layer(subject, slot).map(|layer| format!(", {layer}")).unwrap_or_default();
    let heading = format!("{}: {formula}  ({}{standing})", reader.text(&label.title), reader.signs(&shape.size()));
    writeln!(out, "\n\n{heading}\n{}", "-".repeat(columns(&heading)))?;
    for line in wrap(&reader.text(&label.says), WIDTH) {
        writeln!(out, "{line}")?;
    }
    let heads = shape.heads.unwrap_or(1);
    let shown = if layer.is_some() && run.program.symbol(slot).name != Name::Weights { 1 } else { heads };
    for head in 0..shown {
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
