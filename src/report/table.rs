//! `qkv show`: the tensors of a trace as tables.

use std::io::{self, Write};

use super::grid::{Align, Grid};
use super::matrix::{self, Limits};
use super::selection::layer_of;
use super::{Selection, Subject, predictions, unknown, verdict};
use crate::ground::lang::Text;
use crate::ground::text::{seen, visible};
use crate::math::tensor::Cell;
use crate::program::{Name, Slot, labels};

/// Writes every selected matrix under a line that says what it is. A sample's are whole; of a model's what is longer than a
/// screen is wide shows its beginning, and of a row over the whole vocabulary the `top` largest numbers.
///
/// # Errors
/// What `out` refuses.
pub fn write(subject: &Subject, selection: &Selection, top: usize, out: &mut dyn Write) -> io::Result<()> {
    let run = subject.run;
    head(subject, out)?;
    for &slot in &selection.slots {
        let shape = run.program.shape(slot);
        let [sentences, heads, ..] = shape.lens();
        for batch in selection.sentences(sentences) {
            for head in selection.heads(heads) {
                writeln!(out, "\n{}", heading(subject, slot, batch, head))?;
                if predictions::is_row(&shape) {
                    predictions::write(subject, slot, top, out)?;
                    continue;
                }
                let (place, limits) = (Cell { batch, head, ..Cell::default() }, Limits::of(&run.program, &shape));
                matrix::grid(subject, slot, place, limits).write(out, 0)?;
                if let Some(words) = matrix::left_out(subject, &shape, limits) {
                    writeln!(out, "{words}")?;
                }
            }
        }
    }
    Ok(())
}

/// What the table is about: the sample, who computed, words that nobody described.
fn head(subject: &Subject, out: &mut dyn Write) -> io::Result<()> {
    let Subject { sample, run, reader } = *subject;
    writeln!(out, "# {}  {}  {}", sample.name, visible(&sample.text), reader.text(&sample.origin.label()))?;
    writeln!(out, "# {}", verdict(run, reader))?;
    if let Some(words) = unknown(sample, reader) {
        writeln!(out, "# {words}")?;
    }
    Ok(())
}

/// `weights = softmax(masked)  17×17  layer 4/6  head 2/12`.
fn heading(subject: &Subject, slot: Slot, batch: usize, head: usize) -> String {
    let Subject { run, reader, .. } = *subject;
    let shape = run.program.shape(slot);
    let mut heading = vec![reader.signs(&matrix::formula(&run.program, slot)), reader.signs(&shape.size())];
    heading.extend(matrix::layer(subject, slot));
    heading.extend(shape.batch.map(|n| matrix::sentence(subject, batch, n)));
    heading.extend(shape.heads.map(|n| matrix::head(subject, head, n)));
    heading.join("  ")
}

/// Writes what there is in a model: what it is, its pieces, every tensor with the layers in which it stands.
///
/// # Errors
/// What `out` refuses.
pub fn write_summary(subject: &Subject, out: &mut dyn Write) -> io::Result<()> {
    let Subject { run, reader, .. } = *subject;
    head(subject, out)?;
    for line in about(subject) {
        writeln!(out, "# {line}")?;
    }
    writeln!(out)?;
    let program = &run.program;
    let mut grid = Grid::new([Align::Left, Align::Left, Align::Right, Align::Left]);
    let headings = [
        Text::new("张量", "tensor"),
        Text::new("层", "layers"),
        Text::new("形状", "shape"),
        Text::new("公式", "formula"),
    ];
    grid.row(headings.map(|heading| reader.text(&heading)));
    let mut seen: Vec<Name> = Vec::new();
    for slot in program.slots() {
        let name = program.symbol(slot).name;
        if seen.contains(&name) {
            continue;
        }
        seen.push(name);
        let mut standing: Vec<Option<usize>> = program
            .slots()
            .filter(|&other| program.symbol(other).name == name)
            .map(|other| layer_of(program, other))
            .collect();
        standing.dedup();
        let layers = match (standing.first().copied().flatten(), standing.last().copied().flatten()) {
            (Some(first), Some(last)) if first < last => format!("{first}-{last}"),
            (Some(only), _) => only.to_string(),
            _ => "-".to_owned(),
        };
        let shape = program.shape(slot);
        let heads = shape.heads.map(|heads| format!("{heads}×")).unwrap_or_default();
        // The first of them may be made otherwise than those of the layers.
        let last = program.slots().filter(|&other| program.symbol(other).name == name).last().unwrap_or(slot);
        let formula = labels::of(program, last).formula;
        let size = reader.signs(&format!("{heads}{}", shape.size()));
        grid.row([name.to_string(), layers, size, reader.signs(&formula)]);
    }
    grid.write(out, 0)?;
    let layers = program.layers();
    let words = Text::owned(
        format!(
            "\n--stage 和 --layer 选一个：qkv show --model 目录 --stage weights --layer 1。层从 1 到 {layers}；0 是第一层收到的。\n\
             --format json 和 csv 打印全部的数。"
        ),
        format!(
            "\n--stage and --layer choose: qkv show --model DIR --stage weights --layer 1. Layers go from 1 to {layers}; 0 is what the \
             first receives.\n--format json and csv print every number."
        ),
    );
    writeln!(out, "{}", reader.text(&words))
}

/// What a model is, and the pieces of the text.
pub(super) fn about(subject: &Subject) -> Vec<String> {
    let Subject { sample, reader, .. } = *subject;
    let Some(within) = &sample.model else { return Vec::new() };
    let config = &within.model.checkpoint.config;
    let (kind, layers, heads, d) = (visible(&config.model_type), config.layers, config.heads, config.head_dim);
    let (kv, model, inner) = (config.kv_heads, config.model, config.inner);
    let (vocabulary, most) = (config.vocabulary, config.positions);
    let shared = if kv < heads {
        Text::owned(format!("（{kv} 组键和值）"), format!(" ({kv} of keys and values)"))
    } else {
        Text::new("", "")
    };
    let sizes = Text::owned(
        format!(
            "{kind}：{layers} 层 × {heads} 个头{}，每个头 {d} 维；d_model {model}，d_ff {inner}；词表 {vocabulary}，最多 {most} 个词元",
            shared.zh
        ),
        format!(
            "{kind}: {layers} layers × {heads} heads{}, {d} features each; d_model {model}, d_ff {inner}; vocabulary {vocabulary}, at most {most} pieces",
            shared.en
        ),
    );
    let (n, pieces) =
        (sample.tokens.len(), sample.tokens.iter().map(|piece| seen(piece)).collect::<Vec<_>>().join(" "));
    let cut = Text::owned(format!("{n} 个词元：{pieces}"), format!("{n} pieces: {pieces}"));
    vec![reader.text(&sizes), reader.text(&cut)]
}
