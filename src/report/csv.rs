//! `qkv show --format csv`: one number a line, with its place and the names of its row and column.

use std::io::{self, Write};

use serde::Serialize;

use super::selection::layer_of;
use super::{Selection, Subject};
use crate::math::tensor::{Cell, MASKED};

/// One number. Places count from 1; `sentence` and `head` are empty where the tensor has no such axis,
/// `value` is empty where a score is masked.
#[derive(Clone, Copy, Serialize)]
struct Line<'a> {
    tensor: &'static str,
    sentence: Option<usize>,
    head: Option<usize>,
    row: usize,
    column: usize,
    row_name: &'a str,
    column_name: &'a str,
    value: Option<f32>,
}

/// The same in a program with layers.
#[derive(Serialize)]
struct Layered<'a> {
    tensor: &'static str,
    layer: Option<usize>,
    sentence: Option<usize>,
    head: Option<usize>,
    row: usize,
    column: usize,
    row_name: &'a str,
    column_name: &'a str,
    value: Option<f32>,
}

impl<'a> Layered<'a> {
    fn from(line: Line<'a>, layer: Option<usize>) -> Self {
        let Line { tensor, sentence, head, row, column, row_name, column_name, value } = line;
        Self { tensor, layer, sentence, head, row, column, row_name, column_name, value }
    }
}

/// The columns of [`Line`].
const COLUMNS: [&str; 8] = ["tensor", "sentence", "head", "row", "column", "row_name", "column_name", "value"];

/// Writes the selected numbers. Those of a model say their layer too, in a column behind that of the tensor.
///
/// # Errors
/// What `out` refuses.
pub fn write(subject: &Subject, selection: &Selection, out: &mut dyn Write) -> io::Result<()> {
    let run = subject.run;
    let layered = run.program.layers() > 0;
    let mut csv = ::csv::WriterBuilder::new().has_headers(false).from_writer(out);
    let (first, rest) = COLUMNS.split_at(1);
    csv.write_record(first.iter().chain(layered.then_some(&"layer")).chain(rest)).map_err(refused)?;
    for &slot in &selection.slots {
        let (name, layer) = (run.program.symbol(slot).name.as_str(), layer_of(&run.program, slot));
        let tensor = run.trace.tensor(slot);
        let shape = *tensor.shape();
        let [sentences, heads, ..] = shape.lens();
        for head in selection.heads(heads) {
            let (rows, cols) = (subject.names(shape.rows, head), subject.names(shape.cols, head));
            for batch in selection.sentences(sentences) {
                for (row, row_name) in rows.iter().enumerate() {
                    for (col, column_name) in cols.iter().enumerate() {
                        let value = tensor.get(Cell { batch, head, row, col });
                        let line = Line {
                            tensor: name,
                            sentence: shape.batch.map(|_| batch + 1),
                            head: shape.heads.map(|_| head + 1),
                            row: row + 1,
                            column: col + 1,
                            row_name,
                            column_name,
                            value: (value != MASKED).then_some(value),
                        };
                        let written =
                            if layered { csv.serialize(Layered::from(line, layer)) } else { csv.serialize(line) };
                        written.map_err(refused)?;
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
