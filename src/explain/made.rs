//! A number of a stage and what makes it: what every facet of a rule is told about.

use std::ops::Deref;

use super::line::Style;
use crate::math::ops::{Operand, Sources, Term};
use crate::math::tensor::{Cell, Shape};
use crate::program::{Address, Program, Role, Slot, Stage, Symbol, Trace, labels};

/// A number of a stage and the cells that make it, whatever they hold.
#[derive(Clone)]
pub(crate) struct Place<'a> {
    pub(crate) program: &'a Program,
    pub(crate) stage: &'a Stage,
    /// Where it lives.
    pub(crate) address: Address,
    /// The cells that make it, and how.
    pub(crate) sources: Sources,
}

impl<'a> Place<'a> {
    pub(crate) fn new(program: &'a Program, stage: &'a Stage, address: Address) -> Self {
        Self { program, stage, address, sources: program.sources(stage, address.cell) }
    }

    pub(crate) fn cell(&self) -> Cell {
        self.address.cell
    }

    /// Another number of the same stage, whatever it holds.
    pub(crate) fn beside(&self, cell: Cell) -> Self {
        Self::new(self.program, self.stage, Address { cell, ..self.address })
    }

    /// The shape of the tensor it is in.
    pub(crate) fn shape(&self) -> Shape {
        self.stage.shape
    }

    /// What it means.
    pub(crate) fn role(&self) -> Role {
        labels::label(self.stage.symbol.name, self.program.kind()).role
    }

    /// `scores.2[2,4]`
    pub(crate) fn display(&self) -> String {
        self.address.display(self.program)
    }

    /// The tensor of an operand.
    pub(crate) fn slot(&self, input: usize) -> Slot {
        self.stage.operands[input]
    }

    /// The symbol of an operand.
    pub(crate) fn symbol(&self, input: usize) -> Symbol {
        self.program.symbol(self.slot(input))
    }

    /// The shape of an operand.
    pub(crate) fn operand(&self, input: usize) -> Shape {
        self.program.shape(self.slot(input))
    }

    /// What the numbers of an operand mean.
    pub(crate) fn role_of(&self, input: usize) -> Role {
        labels::label(self.symbol(input).name, self.program.kind()).role
    }

    /// Where a number that makes it lives.
    pub(crate) fn address_of(&self, o: Operand) -> Address {
        Address { slot: self.slot(o.input), cell: o.cell }
    }

    /// The first factor of a term.
    pub(crate) fn factor(&self, term: usize) -> Option<Operand> {
        self.sources.terms.get(term).and_then(|term| term.factors.first()).copied()
    }

    /// The address of a term of one factor, as it is written; the symbol of the operand where there is no such term.
    pub(crate) fn written(&self, term: usize) -> String {
        let address = self.factor(term).map(|o| self.address_of(o).display(self.program));
        address.unwrap_or_else(|| self.symbol(0).to_string())
    }
}

/// A number that a stage has made, with the numbers that made it.
#[derive(Clone)]
pub(crate) struct Made<'a> {
    place: Place<'a>,
    pub(crate) trace: &'a Trace,
}

impl<'a> Deref for Made<'a> {
    type Target = Place<'a>;

    fn deref(&self) -> &Place<'a> {
        &self.place
    }
}

impl<'a> Made<'a> {
    pub(crate) fn new(program: &'a Program, trace: &'a Trace, stage: &'a Stage, address: Address) -> Self {
        Self { place: Place::new(program, stage, address), trace }
    }

    /// How its number is written and coloured.
    pub(crate) fn style(&self) -> Style {
        Style { role: self.role(), format: self.trace.format(self.address.slot) }
    }

    /// How the numbers of an operand are.
    pub(crate) fn style_of(&self, input: usize) -> Style {
        Style { role: self.role_of(input), format: self.trace.format(self.slot(input)) }
    }

    /// Another number of the same stage.
    pub(crate) fn at(&self, cell: Cell) -> Self {
        Self::new(self.program, self.trace, self.stage, Address { cell, ..self.address })
    }

    /// What the trace says it is.
    pub(crate) fn value(&self) -> f64 {
        f64::from(self.trace.get(self.address))
    }

    /// The number that a cell of an operand holds.
    pub(crate) fn read(&self, o: Operand) -> f64 {
        f64::from(self.trace.get(self.address_of(o)))
    }

    /// A term: the product of its factors.
    pub(crate) fn product(&self, term: &Term) -> f64 {
        term.factors.iter().map(|&f| self.read(f)).product()
    }

    /// All terms.
    pub(crate) fn products(&self) -> Vec<f64> {
        self.sources.terms.iter().map(|term| self.product(term)).collect()
    }

    /// The row of an operand that stands beside the number's own.
    pub(crate) fn row_of(&self, input: usize) -> Vec<f32> {
        let (shape, slot) = (self.operand(input), self.slot(input));
        let at = |col| Address { slot, cell: shape.clamp(self.cell().moved(self.cell().row, col)) };
        (0..shape.cols.len).map(|col| self.trace.get(at(col))).collect()
    }
}
