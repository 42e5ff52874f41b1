//! `qkv show --format csv`: one number a line, with its place and the names of its row and column.

use std::io::{self, Write};

use serde::Serialize;

use super::{Selection, Subject};
use crate::math::tensor::{Cell, MASKED};
use crate::program::Symbol;

/// One number. Places count from 1; `sentence` and `head` are empty where the tensor has no such axis,
/// `value` is empty where a score is masked.
#[derive(Serialize)]
struct Line<'a> {
    tensor: Symbol,
    sentence: Option<usize>,
    head: Option<usize>,
    row: usize,
    column: usize,
    row_name: &'a str,
    column_name: &'a str,
    value: Option<f32>,
}

/// Writes the selected numbers.
///
/// # Errors
/// What `out` refuses.
pub fn write(subject: &Subject, selection: &Selection, out: &mut dyn Write) -> io::Result<()> {
    let run = subject.run;
    let mut csv = ::csv::Writer::from_writer(out);
    for &slot in &selection.slots {
        let tensor = run.trace.tensor(slot);
        let shape = *tensor.shape();
        let [sentences, heads, ..] = shape.lens();
        for head in selection.heads(heads) {
            let (rows, cols) = (subject.names(shape.rows, head), subject.names(shape.cols, head));
            for batch in selection.sentences(sentences) {
                for (row, row_name) in rows.iter().enumerate() {
                    for (col, column_name) in cols.iter().enumerate() {
                        let value = tensor.get(Cell { batch, head, row, col });
                        csv.serialize(Line {
                            tensor: run.program.symbol(slot),
                            sentence: shape.batch.map(|_| batch + 1),
                            head: shape.heads.map(|_| head + 1),
                            row: row + 1,
                            column: col + 1,
                            row_name,
                            column_name,
                            value: (value != MASKED).then_some(value),
                        })
                        .map_err(refused)?;
                    }
                }
            }
        }
    }
    csv.flush()
}

/// The writer's own error, so that a closed pipe is still known as one.
pub(super) fn refused(error: ::csv::Error) -> io::Error {
    match error.into_kind() {
        ::csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}
