//! A stage in slow motion: the order in which its numbers are computed, and what happens at each tick.
//!
//! ```text
//! dot product          one tick a term; the sum so far
//! copy, quotient, gate one tick a number
//! softmax              a row at a time: its maximum, the differences, their exponentials, the sum; then one tick a quotient
//! weights · V          one tick a row of V: its share is added to the whole row of the result
//! ```
//!
//! Which ticks there are, the rule says. It all comes from `sources` and the trace: the last tick of a number leaves the
//! number that the trace holds.

use std::cmp::Ordering;
use std::ops::Range;

use super::line::{Line, Piece};
use super::made::{Made, Place};
use super::rules::{self, Arithmetic, Tick};
use super::{Names, arithmetic_of};
use crate::math::ops::Operand;
use crate::math::tensor::{Cell, Shape};
use crate::program::{Address, Program, Rule, Slot, Stage, Trace};

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
    program: &'a Program,
    trace: &'a Trace,
    stage: &'a Stage,
    slot: Slot,
    /// Whether whole rows are in work.
    by_row: bool,
    /// Whether the first number of a row takes the ticks that its whole row shares.
    shares: bool,
}

/// Whether a stage adds up whole rows: a weighted sum of the rows of its right operand.
pub(crate) fn by_row(program: &Program, slot: Slot) -> bool {
    let Some(stage) = program.made_by(slot) else { return false };
    let place = Place::new(program, stage, Address { slot, cell: Cell::default() });
    rules::of(place.sources.rule).by_row(&place)
}

impl<'a> Ticks<'a> {
    /// The ticks of the stage that makes a tensor; none of one that is given.
    pub fn of(program: &'a Program, trace: &'a Trace, slot: Slot) -> Option<Self> {
        let stage = program.made_by(slot)?;
        let first = Place::new(program, stage, Address { slot, cell: Cell::default() });
        let rule = rules::of(first.sources.rule);
        Some(Self { program, trace, stage, slot, by_row: rule.by_row(&first), shares: rule.shares_ticks() })
    }

    fn shape(&self) -> Shape {
        self.stage.shape
    }

    /// Whether whole rows are in work rather than single numbers.
    pub(crate) fn by_row(&self) -> bool {
        self.by_row
    }

    /// The address of a cell of the result.
    pub fn address(&self, cell: Cell) -> Address {
        Address { slot: self.slot, cell }
    }

    /// A number and its rule.
    fn made(&self, cell: Cell) -> (Made<'a>, Box<dyn Arithmetic>) {
        let made = Made::new(self.program, self.trace, self.stage, self.address(cell));
        let rule = rules::of(made.sources.rule);
        (made, rule)
    }

    /// The arithmetic of a number.
    pub fn rule(&self, cell: Cell) -> Rule {
        self.program.sources(self.stage, cell).rule
    }

    /// The number that an operand has in the trace.
    pub fn read(&self, o: Operand) -> f64 {
        f64::from(self.trace.get(Address { slot: self.stage.operands[o.input], cell: o.cell }))
    }

    /// How many ticks the number at a cell takes; the row, where whole rows are in work.
    pub fn count(&self, cell: Cell) -> usize {
        let (made, rule) = self.made(cell);
        rule.ticks(&made).len()
    }

    /// What happens at the tick after `done` others.
    pub fn tick(&self, At { cell, done }: At) -> Option<Tick> {
        let (made, rule) = self.made(cell);
        rule.ticks(&made).get(done).copied()
    }

    /// What has just happened: the last tick that was made of the number in work.
    pub fn last(&self, At { cell, done }: At) -> Option<Tick> {
        let (made, rule) = self.made(cell);
        rule.last(&made, done)
    }

    /// What has just happened, with the real numbers, or what comes next where nothing has. At most so many numbers of a
    /// row are spelled out.
    pub fn told(&self, At { cell, done }: At, names: &dyn Names, most: usize) -> Vec<Piece> {
        let (made, rule) = self.made(cell);
        let mut line = Line::default();
        match rule.last(&made, done) {
            None => {
                line.coloured(made.display(), made.role());
                rule.ahead(&mut line, &made, names);
            }
            Some(Tick::Whole) => return arithmetic_of(self.program, self.trace, made.address, names, most),
            Some(tick) => rule.told(&mut line, &made, (tick, done), names, most),
        }
        line.pieces
    }

    /// How far the number at `cell` is when the walk stands at `at`.
    pub fn shown(&self, at: At, cell: Cell) -> Shown {
        let order = |c: Cell| (c.row, if self.by_row { 0 } else { c.col });
        match order(cell).cmp(&order(at.cell)) {
            Ordering::Less => Shown::Done,
            Ordering::Greater => Shown::NotYet,
            Ordering::Equal => {
                let (made, rule) = self.made(cell);
                match at.done {
                    done if done >= rule.ticks(&made).len() => Shown::Done,
                    0 => Shown::NotYet,
                    done => rule.running(&made, done).map_or(Shown::NotYet, Shown::Running),
                }
            }
        }
    }

    /// Whether every number of the row in work is there.
    pub(crate) fn row_is_done(&self, at: At) -> bool {
        let last = Cell { col: self.shape().cols.len.saturating_sub(1), ..at.cell };
        self.shown(at, last) == Shown::Done
    }

    /// Whether nothing of the stage has been computed.
    pub(crate) fn is_beginning(&self, at: At) -> bool {
        at.done == 0 && self.previous(at.cell).is_none()
    }

    /// Whether all of the stage has been computed.
    pub(crate) fn is_end(&self, at: At) -> bool {
        at.done >= self.count(at.cell) && self.next(at.cell).is_none()
    }

    /// The number computed after this one; the row, where whole rows are in work.
    pub fn next(&self, cell: Cell) -> Option<Cell> {
        let shape = self.shape();
        if !self.by_row && cell.col + 1 < shape.cols.len {
            return Some(Cell { col: cell.col + 1, ..cell });
        }
        let col = if self.by_row { cell.col } else { 0 };
        (cell.row + 1 < shape.rows.len).then(|| cell.moved(cell.row + 1, col))
    }

    /// The number computed before this one; the row, where whole rows are in work.
    pub fn previous(&self, cell: Cell) -> Option<Cell> {
        if !self.by_row && cell.col > 0 {
            return Some(Cell { col: cell.col - 1, ..cell });
        }
        let col = if self.by_row { cell.col } else { self.shape().cols.len.saturating_sub(1) };
        cell.row.checked_sub(1).map(|row| cell.moved(row, col))
    }

    /// The last number of a row in the order of computing.
    pub(crate) fn row_end(&self, cell: Cell) -> Cell {
        if self.by_row { cell } else { Cell { col: self.shape().cols.len.saturating_sub(1), ..cell } }
    }

    /// Ticks made and ticks in all, of this sentence and head.
    pub fn progress(&self, at: At) -> (usize, usize) {
        let rows = self.shape().rows.len;
        let row = |r: usize| at.cell.moved(r, 0);
        let done = at.done.min(self.count(at.cell));
        if self.shares {
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
        if self.by_row { (at.cell.row, rows.len) } else { (at.cell.row * cols.len + at.cell.col, rows.len * cols.len) }
    }

    /// Numbers finished, and numbers in all; rows, where whole rows are in work.
    pub(crate) fn numbers_done(&self, at: At) -> (usize, usize) {
        let (before, all) = self.numbers(at);
        (before + usize::from(at.done >= self.count(at.cell)), all)
    }

    /// Rows finished, and rows in all.
    pub(crate) fn rows_done(&self, at: At) -> (usize, usize) {
        (at.cell.row + usize::from(self.row_is_done(at)), self.shape().rows.len)
    }

    /// The cells of a row that are in work together.
    fn together(&self, cell: Cell) -> Vec<Cell> {
        if !self.by_row {
            return vec![cell];
        }
        (0..self.shape().cols.len).map(|col| Cell { col, ..cell }).collect()
    }

    /// The cells that make the number in work; the row, where a whole row is.
    pub fn takes(&self, cell: Cell) -> Vec<Operand> {
        let operands = |cell| self.program.sources(self.stage, cell).terms.into_iter().flat_map(|t| t.factors);
        self.together(cell).into_iter().flat_map(operands).collect()
    }

    /// The cells that the last tick took.
    pub fn took(&self, at: At) -> Vec<Operand> {
        let (made, rule) = self.made(at.cell);
        let Some(tick) = rule.last(&made, at.done) else { return Vec::new() };
        let terms = rule.took(&made, tick);
        let operands = |cell| {
            let sources = self.program.sources(self.stage, cell).terms;
            let of = |&k: &usize| sources.get(k).map_or_else(Vec::new, |t| t.factors.clone());
            terms.iter().flat_map(of).collect::<Vec<_>>()
        };
        self.together(at.cell).into_iter().flat_map(operands).collect()
    }
}
