//! The rows of numbers that stand below one another under a picture, as one writes the arithmetic by hand.
//!
//! ```text
//!              人称  动作  地点
//!    concat 爱  0.85  0.05  0.94
//!  × W_o        1     0     0
//!  =            0.85  0     0
//! ```

use std::ops::Range;

use super::made::Made;
use super::ticks::{At, Shown, Ticks};
use super::{Names, rules};
use crate::ground::number::Format;
use crate::program::{Address, Program, Role, Slot, Trace};

/// The rows and the names of their columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Strip {
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The rows, from what is given down to the result.
    pub rows: Vec<StripRow>,
    /// The column of the number itself, where the last row is the row it stands in.
    pub chosen: Option<usize>,
    /// Whether there are steps between that the picture of the stage does not show.
    pub steps: bool,
}

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub struct StripRow {
    /// What is done with it, and what it is: `× W_o`.
    pub name: String,
    /// What its numbers mean.
    pub role: Role,
    /// How they are written.
    pub written: Written,
    /// The numbers; none where they have not been computed yet.
    pub numbers: Vec<Option<f32>>,
    /// In slow motion, the columns that the last tick took.
    pub took: Range<usize>,
}

/// How the numbers of a row are written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Written {
    /// As those of this tensor are.
    As(Slot),
    /// As shares of 1.
    Shares,
    /// In a format of their own.
    Own {
        /// The format.
        format: Format,
        /// The largest magnitude.
        span: f32,
    },
}

/// Columns of a row that is spelled out, at most.
const WIDEST: usize = 8192;

/// The strip of a number; none of one that was given, and where nothing is computed. In slow motion so many ticks of the
/// number have been made.
pub fn strip(
    program: &Program,
    trace: &Trace,
    address: Address,
    names: &dyn Names,
    done: Option<usize>,
) -> Option<Strip> {
    let stage = program.made_by(address.slot)?;
    if stage.shape.cols.len > WIDEST {
        return None; // of a whole vocabulary nobody reads the row
    }
    let made = Made::new(program, trace, stage, address);
    rules::of(made.sources.rule).strip(&made, names, done)
}

impl Strip {
    /// Rows over the whole row that the number stands in, and that row below them.
    pub(crate) fn of_row(made: &Made, names: &dyn Names, done: Option<usize>, mut rows: Vec<StripRow>) -> Self {
        let (shape, cell) = (made.shape(), made.cell());
        rows.push(StripRow::result(made, names, done));
        let columns = (0..shape.cols.len).map(|j| names.name(shape.cols.axis, cell.head, j)).collect();
        Self { columns, rows, chosen: Some(cell.col), steps: false }
    }
}

impl StripRow {
    /// Numbers of an operand.
    pub(crate) fn of_operand(made: &Made, input: usize, name: String, numbers: Vec<f32>) -> Self {
        let numbers = numbers.into_iter().map(Some).collect();
        Self { name, role: made.role_of(input), written: Written::As(made.slot(input)), numbers, took: 0..0 }
    }

    /// The row of an operand that stands beside the number's own, and what is done with it: `+ context 爱`.
    pub(crate) fn beside(made: &Made, (sign, input): (&str, usize), names: &dyn Names) -> Self {
        let name = format!("{sign} {} {}", made.symbol(input), row_name(made, names));
        Self::of_operand(made, input, name, made.row_of(input))
    }

    /// The same of the first operand, where a number is made in one go from the one in its column.
    pub(crate) fn given(made: &Made, names: &dyn Names, done: Option<usize>) -> Self {
        let col = made.cell().col;
        let took = if done.is_some_and(|done| done > 0) { col..col + 1 } else { 0..0 };
        Self { took, ..Self::beside(made, (" ", 0), names) }
    }

    /// The row that the number stands in, as far as it is made: `= scaled 爱`.
    fn result(made: &Made, names: &dyn Names, done: Option<usize>) -> Self {
        let (cell, cols) = (made.cell(), made.shape().cols.len);
        let walk =
            done.and_then(|done| Some((Ticks::of(made.program, made.trace, made.address.slot)?, At { cell, done })));
        let number = |col| {
            let cell = cell.moved(cell.row, col);
            let there = walk.as_ref().is_none_or(|(ticks, at)| ticks.shown(*at, cell) == Shown::Done);
            there.then(|| made.trace.get(Address { cell, ..made.address }))
        };
        Self {
            name: format!("= {} {}", made.stage.symbol, row_name(made, names)),
            role: made.role(),
            written: Written::As(made.address.slot),
            numbers: (0..cols).map(number).collect(),
            took: 0..0,
        }
    }
}

fn row_name(made: &Made, names: &dyn Names) -> String {
    names.name(made.shape().rows.axis, made.cell().head, made.cell().row)
}
