//! `qkv show`: the tensors of a trace as tables.

use std::io::{self, Write};

use super::matrix::{self, Limits};
use super::{Selection, Subject, unknown, verdict};
use crate::math::tensor::Cell;

/// Writes every selected matrix, whole, under a line that says what it is.
///
/// # Errors
/// What `out` refuses.
pub fn write(subject: &Subject, selection: &Selection, out: &mut dyn Write) -> io::Result<()> {
    let Subject { sample, run, reader } = *subject;
    writeln!(out, "# {}  {}  {}", sample.name, sample.text, reader.text(&sample.origin.label()))?;
    writeln!(out, "# {}", verdict(run, reader))?;
    if let Some(words) = unknown(sample, reader) {
        writeln!(out, "# {words}")?;
    }
    for &slot in &selection.slots {
        let shape = run.program.shape(slot);
        let [sentences, heads, ..] = shape.lens();
        for batch in selection.sentences(sentences) {
            for head in selection.heads(heads) {
                let mut heading = vec![reader.signs(matrix::formula(&run.program, slot)), reader.signs(&shape.size())];
                heading.extend(shape.batch.map(|n| matrix::sentence(subject, batch, n)));
                heading.extend(shape.heads.map(|n| matrix::head(subject, head, n)));
                writeln!(out, "\n{}", heading.join("  "))?;
                let place = Cell { batch, head, ..Cell::default() };
                matrix::grid(subject, slot, place, Limits::NONE).write(out, 0)?;
            }
        }
    }
    Ok(())
}
