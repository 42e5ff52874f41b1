//! A program as lines that can still be changed: what is given and what is made, by symbol instead of by place.

use std::sync::Arc;

use super::{Name, Program, Slot, Symbol};
use crate::ground::lang::Text;
use crate::math::ops::{Op, ShapeError};
use crate::math::tensor::Shape;

/// One line.
#[derive(Debug)]
struct Line {
    symbol: Symbol,
    shape: Shape,
    /// What makes it, and from what; none where it is given.
    made: Option<(Arc<dyn Op>, Vec<Symbol>)>,
}

/// The lines of a program, to be changed and put together again.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    /// The program that the lines were taken from.
    pub(super) of: &'a Program,
    /// Who changes it: what an error calls it.
    by: &'static str,
    lines: Vec<Line>,
}

impl<'a> Draft<'a> {
    /// The lines of a program.
    pub(super) fn new(of: &'a Program, by: &'static str) -> Self {
        let line = |slot| {
            let made = of.made_by(slot).map(|stage| {
                let operands = stage.operands.iter().map(|&operand| of.symbol(operand)).collect();
                (Arc::clone(&stage.op), operands)
            });
            Line { symbol: of.symbol(slot), shape: of.shape(slot), made }
        };
        Self { of, by, lines: of.slots().map(line).collect() }
    }

    /// The shape of a tensor.
    ///
    /// # Errors
    /// [`ShapeError`] where there is none of that name; so below.
    pub(super) fn shape(&self, name: Name) -> Result<Shape, ShapeError> {
        self.find(name).map(|line| self.lines[line].shape)
    }

    fn find(&self, name: Name) -> Result<usize, ShapeError> {
        let line = self.lines.iter().position(|line| line.symbol.name == name);
        line.ok_or_else(|| {
            let rule = Text::owned(format!("这里没有 {name}"), format!("there is no {name} here"));
            ShapeError::Unfit { op: self.by, shape: self.of.shape(Slot(0)), rule }
        })
    }

    /// Another op in a stage, on the same operands.
    pub(super) fn put(&mut self, name: Name, op: impl Op + 'static) -> Result<(), ShapeError> {
        let line = self.find(name)?;
        if let Some((old, _)) = &mut self.lines[line].made {
            *old = Arc::new(op);
        }
        Ok(())
    }

    /// Other operands of a stage.
    pub(super) fn feed(&mut self, name: Name, operands: &[Name]) -> Result<(), ShapeError> {
        let line = self.find(name)?;
        let layer = self.lines[line].symbol.layer;
        if let Some((_, old)) = &mut self.lines[line].made {
            *old = operands.iter().map(|name| name.of(layer)).collect();
        }
        Ok(())
    }

    /// What a stage is made from.
    pub(super) fn operands(&self, name: Name) -> Result<Vec<Name>, ShapeError> {
        let line = self.find(name)?;
        let operands = self.lines[line].made.as_ref().map(|(_, operands)| operands.as_slice()).unwrap_or_default();
        Ok(operands.iter().map(|symbol| symbol.name).collect())
    }

    /// Two lines change places.
    pub(super) fn exchange(&mut self, one: Name, other: Name) -> Result<(), ShapeError> {
        let (one, other) = (self.find(one)?, self.find(other)?);
        self.lines.swap(one, other);
        Ok(())
    }

    /// A line less.
    pub(super) fn remove(&mut self, name: Name) -> Result<(), ShapeError> {
        let line = self.find(name)?;
        self.lines.remove(line);
        Ok(())
    }

    /// The program that these lines are.
    ///
    /// # Errors
    /// [`ShapeError`] where they do not fit together.
    pub(super) fn program(self) -> Result<Program, ShapeError> {
        let mut program = Program::new(self.of.kind(), *self.of.wiring());
        for Line { symbol, shape, made } in self.lines {
            match made {
                None => _ = program.input(symbol, shape),
                Some((op, operands)) => {
                    let operands = operands.into_iter().filter_map(|symbol| program.find_symbol(symbol)).collect();
                    program.push(symbol, op, operands)?;
                }
            }
        }
        Ok(program)
    }
}
