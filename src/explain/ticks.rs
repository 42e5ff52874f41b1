//! A stage in slow motion: the order in which its numbers are computed, and what happens at each tick.
//!
//! ```text
//! dot product          one tick a term; the sum so far
//! copy, quotient, gate one tick a number
//! softmax              a row at a time: its maximum, the differences, their exponentials, the sum; then one tick a quotient
//! weights · V          one tick a row of V: its share is added to the whole row of the result
//! ```
//!
//! It all comes from `sources` and the trace: the last tick of a number leaves the number that the trace holds.

use std::ops::Range;

use crate::math::ops::{Exponentials, Operand, Sources};
use crate::math::tensor::{Cell, MASKED_F64, Shape};
use crate::program::{Address, Name, Program, Rule, Slot, Stage, Trace};

/// What happens at one tick.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tick {
    /// This term is added.
    Term(usize),
    /// This row of the right operand, times its share, is added to the whole row.
    Row(usize),
    /// The number is made in one go.
    Whole,
    /// The largest score of the row is found.
    Max,
    /// The largest is taken from the score in this column.
    Difference(usize),
    /// The exponential of that difference.
    Exponential(usize),
    /// The exponentials are added up.
    Total,
    /// The exponential of this cell over their sum.
    Share,
}

/// How far a number has come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shown {
    /// Nothing of it is there.
    NotYet,
    /// A part of its terms has been added up to this.
    Running(f64),
    /// It is what the trace says.
    Done,
}

/// Where a walk through a stage stands: so many ticks of the number at this cell have been made, all of those before it,
/// none of those after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct At {
    /// The number in work. Where a whole row is in work, any of its cells.
    pub cell: Cell,
    /// How many of its ticks have been made.
    pub done: usize,
}

/// The ticks of one stage, of one sentence and head.
#[derive(Debug, Clone, Copy)]
pub struct Ticks<'a> {
    pub(super) program: &'a Program,
    pub(super) trace: &'a Trace,
    pub(super) stage: &'a Stage,
    slot: Slot,
}

/// Whether a stage adds up whole rows: a weighted sum of the rows of its right operand.
pub fn by_row(program: &Program, stage: &Stage) -> bool {
    stage.operands.first().is_some_and(|&slot| program.symbol(slot).name == Name::Weights)
}

impl<'a> Ticks<'a> {
    /// The ticks of the stage that makes a tensor; none of one that is given.
    pub fn of(program: &'a Program, trace: &'a Trace, slot: Slot) -> Option<Self> {
        program.made_by(slot).map(|stage| Self { program, trace, stage, slot })
    }

    pub(super) fn shape(&self) -> Shape {
        self.program.shape(self.slot)
    }

    /// Whether whole rows are in work rather than single numbers.
    pub fn by_row(&self) -> bool {
        by_row(self.program, self.stage)
    }

    /// The address of a cell of the result.
    pub fn address(&self, cell: Cell) -> Address {
        Address { slot: self.slot, cell }
    }

    pub(super) fn sources(&self, cell: Cell) -> Sources {
        self.program.sources(self.stage, cell)
    }

    /// The arithmetic of a number.
    pub fn rule(&self, cell: Cell) -> Rule {
        self.sources(cell).rule
    }

    /// The number that an operand has in the trace.
    pub fn read(&self, o: Operand) -> f64 {
        f64::from(self.trace.get(Address { slot: self.stage.operands[o.input], cell: o.cell }))
    }

    /// The scores of a row that softmax turns into shares; −∞ where masked.
    pub(super) fn scores(&self, cell: Cell) -> Vec<f64> {
        self.sources(cell).terms.iter().map(|t| self.read(t.factors[0])).collect()
    }

    /// The steps of softmax for the row of a cell; none of another stage.
    pub fn exponentials(&self, cell: Cell) -> Option<Exponentials> {
        self.is_softmax().then(|| Exponentials::of(&self.scores(cell)))
    }

    /// Whether rows become shares here.
    pub fn is_softmax(&self) -> bool {
        matches!(self.sources(Cell::default()).rule, Rule::Softmax(_))
    }

    /// The columns of a row that are not masked.
    fn open(&self, cell: Cell) -> Vec<usize> {
        let scores = self.scores(cell);
        (0..scores.len()).filter(|&j| scores[j] != MASKED_F64).collect()
    }

    /// How many ticks the number at a cell takes; the row, where whole rows are in work.
    pub fn count(&self, cell: Cell) -> usize {
        let sources = self.sources(cell);
        match sources.rule {
            Rule::Sum => sources.terms.len(),
            Rule::Softmax(0) => 2 * self.open(cell).len() + 3,
            _ => 1,
        }
    }

    /// What happens at the tick after `done` others.
    pub fn tick(&self, At { cell, done }: At) -> Option<Tick> {
        let sources = self.sources(cell);
        if done >= self.count(cell) {
            return None;
        }
        Some(match sources.rule {
            Rule::Sum if self.by_row() => Tick::Row(done),
            Rule::Sum => Tick::Term(done),
            Rule::Softmax(0) => {
                let open = self.open(cell);
                match done.checked_sub(1) {
                    None => Tick::Max,
                    Some(n) if n < open.len() => Tick::Difference(open[n]),
                    Some(n) if n < 2 * open.len() => Tick::Exponential(open[n - open.len()]),
                    Some(n) if n == 2 * open.len() => Tick::Total,
                    Some(_) => Tick::Share,
                }
            }
            Rule::Softmax(_) => Tick::Share,
            Rule::Copy | Rule::Quotient(_) | Rule::Gate => Tick::Whole,
        })
    }

    /// What has just happened: the last tick that was made of the number in work.
    pub fn last(&self, at: At) -> Option<Tick> {
        let made = at.done.min(self.count(at.cell));
        self.tick(At { done: made.checked_sub(1)?, ..at })
    }

    /// What the first terms of a number add up to.
    pub fn partial(&self, cell: Cell, done: usize) -> f64 {
        let terms = self.sources(cell).terms;
        // Not `sum`, which begins at -0.
        terms.iter().take(done).fold(0.0, |sum, t| sum + t.factors.iter().map(|&f| self.read(f)).product::<f64>())
    }

    /// How far the number at `cell` is when the walk stands at `at`.
    pub fn shown(&self, at: At, cell: Cell) -> Shown {
        let order = |c: Cell| (c.row, if self.by_row() { 0 } else { c.col });
        match order(cell).cmp(&order(at.cell)) {
            std::cmp::Ordering::Less => Shown::Done,
            std::cmp::Ordering::Greater => Shown::NotYet,
            std::cmp::Ordering::Equal if at.done >= self.count(at.cell) => Shown::Done,
            std::cmp::Ordering::Equal => match self.last(at) {
                Some(Tick::Term(_) | Tick::Row(_)) => Shown::Running(self.partial(cell, at.done)),
                _ => Shown::NotYet,
            },
        }
    }

    /// Whether every number of the row in work is there.
    pub fn row_is_done(&self, at: At) -> bool {
        let last = Cell { col: self.shape().cols.len.saturating_sub(1), ..at.cell };
        self.shown(at, last) == Shown::Done
    }

    /// Whether nothing of the stage has been computed.
    pub fn is_beginning(&self, at: At) -> bool {
        at.done == 0 && self.previous(at.cell).is_none()
    }

    /// Whether all of the stage has been computed.
    pub fn is_end(&self, at: At) -> bool {
        at.done >= self.count(at.cell) && self.next(at.cell).is_none()
    }

    /// The number computed after this one; the row, where whole rows are in work.
    pub fn next(&self, cell: Cell) -> Option<Cell> {
        let shape = self.shape();
        if !self.by_row() && cell.col + 1 < shape.cols.len {
            return Some(Cell { col: cell.col + 1, ..cell });
        }
        let col = if self.by_row() { cell.col } else { 0 };
        (cell.row + 1 < shape.rows.len).then(|| cell.moved(cell.row + 1, col))
    }

    /// The number computed before this one; the row, where whole rows are in work.
    pub fn previous(&self, cell: Cell) -> Option<Cell> {
        if !self.by_row() && cell.col > 0 {
            return Some(Cell { col: cell.col - 1, ..cell });
        }
        let col = if self.by_row() { cell.col } else { self.shape().cols.len.saturating_sub(1) };
        cell.row.checked_sub(1).map(|row| cell.moved(row, col))
    }

    /// The last number of a row in the order of computing.
    pub fn row_end(&self, cell: Cell) -> Cell {
        if self.by_row() { cell } else { Cell { col: self.shape().cols.len.saturating_sub(1), ..cell } }
    }

    /// Ticks made and ticks in all, of this sentence and head.
    pub fn progress(&self, at: At) -> (usize, usize) {
        let rows = self.shape().rows.len;
        let row = |r: usize| at.cell.moved(r, 0);
        let done = at.done.min(self.count(at.cell));
        if self.is_softmax() {
            let cols = self.shape().cols.len;
            let of = |rows: Range<usize>| rows.map(|r| self.count(row(r)) + cols - 1).sum::<usize>();
            let within = if at.cell.col == 0 { 0 } else { self.count(row(at.cell.row)) + at.cell.col - 1 };
            return (of(0..at.cell.row) + within + done, of(0..rows));
        }
        // Every number of such a stage takes as many ticks.
        let each = self.count(at.cell);
        let (before, all) = self.numbers(at);
        (before * each + done, all * each)
    }

    /// Numbers before the one in work, and numbers in all; rows, where whole rows are in work.
    fn numbers(&self, at: At) -> (usize, usize) {
        let Shape { rows, cols, .. } = self.shape();
        if self.by_row() {
            (at.cell.row, rows.len)
        } else {
            (at.cell.row * cols.len + at.cell.col, rows.len * cols.len)
        }
    }

    /// Numbers finished, and numbers in all; rows, where whole rows are in work.
    pub fn numbers_done(&self, at: At) -> (usize, usize) {
        let (before, all) = self.numbers(at);
        (before + usize::from(at.done >= self.count(at.cell)), all)
    }

    /// Rows finished, and rows in all.
    pub fn rows_done(&self, at: At) -> (usize, usize) {
        (at.cell.row + usize::from(self.row_is_done(at)), self.shape().rows.len)
    }

    /// The cells that make the number in work; the row, where a whole row is.
    pub fn takes(&self, cell: Cell) -> Vec<Operand> {
        let operands = |cell| self.sources(cell).terms.into_iter().flat_map(|t| t.factors);
        if self.by_row() {
            return (0..self.shape().cols.len).flat_map(|col| operands(Cell { col, ..cell })).collect();
        }
        operands(cell).collect()
    }

    /// The cells that the last tick took.
    pub fn took(&self, at: At) -> Vec<Operand> {
        let terms = self.sources(at.cell).terms;
        let of = |j: usize| terms.get(j).map_or_else(Vec::new, |t| t.factors.clone());
        match self.last(at) {
            None => Vec::new(),
            Some(Tick::Term(j) | Tick::Difference(j) | Tick::Exponential(j)) => of(j),
            Some(Tick::Row(j)) => {
                let row = |col| self.sources(Cell { col, ..at.cell }).terms[j].factors.clone();
                (0..self.shape().cols.len).flat_map(row).collect()
            }
            Some(Tick::Whole) => self.takes(at.cell),
            Some(Tick::Share) => of(at.cell.col),
            Some(Tick::Max | Tick::Total) => self.open(at.cell).into_iter().flat_map(of).collect(),
        }
    }
}
