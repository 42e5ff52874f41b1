//! The numbers a program is given, checked against its shapes.

use super::{Address, Program, Slot, Symbol};
use crate::math::tensor::{Shape, Tensor};

/// Numbers that a program cannot run on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InputError {
    /// A tensor the program needs.
    #[error("{symbol} is missing; it should be {shape}")]
    Missing {
        /// Which.
        symbol: Symbol,
        /// The shape it should have.
        shape: Shape,
    },
    /// A tensor of another shape.
    #[error("{symbol} is {found}, it should be {expected}")]
    Shape {
        /// Which.
        symbol: Symbol,
        /// The shape it has.
        found: Shape,
        /// The shape it should have.
        expected: Shape,
    },
    /// NaN or infinity.
    #[error("{symbol}, row {row}, column {column} is not a finite number")]
    NotFinite {
        /// Which tensor.
        symbol: Symbol,
        /// Row from 1.
        row: usize,
        /// Column from 1.
        column: usize,
    },
    /// A query with nothing to look at.
    #[error("the mask hides every key from query {row}; leave at least one 1 in that row")]
    WholeRowMasked {
        /// Row from 1.
        row: usize,
    },
}

/// A computed number that is replaced by another before anything is computed from it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Override {
    /// Which: a number of a stage's result.
    pub address: Address,
    /// What it is replaced by: finite.
    pub value: f32,
}

/// The numbers a program is given: one tensor an input, in the program's order, and the computed numbers that are
/// overridden by hand.
#[derive(Debug, Clone, PartialEq)]
pub struct Inputs {
    tensors: Vec<Tensor<f32>>,
    overrides: Vec<Override>,
}

impl Inputs {
    /// Picks each input of the program by its symbol and checks it.
    ///
    /// # Errors
    /// [`InputError`] names the tensor and what was expected.
    pub fn new(program: &Program, find: impl Fn(Symbol) -> Option<Tensor<f32>>) -> Result<Self, InputError> {
        let mut tensors = Vec::with_capacity(program.inputs().len());
        for input in program.inputs() {
            let missing = || InputError::Missing { symbol: input.symbol, shape: input.shape };
            let tensor = find(input.symbol).ok_or_else(missing)?;
            if *tensor.shape() != input.shape {
                let (symbol, found, expected) = (input.symbol, *tensor.shape(), input.shape);
                return Err(InputError::Shape { symbol, found, expected });
            }
            tensors.push(tensor);
        }
        let inputs = Self { tensors, overrides: Vec::new() };
        inputs.check(program)?;
        Ok(inputs)
    }

    /// Every number finite, and a key for every query.
    fn check(&self, program: &Program) -> Result<(), InputError> {
        for (input, tensor) in program.inputs().iter().zip(&self.tensors) {
            if let Some(c) = tensor.shape().cells().find(|&c| !tensor.get(c).is_finite()) {
                let (row, column) = (c.row + 1, c.col + 1);
                return Err(InputError::NotFinite { symbol: input.symbol, row, column });
            }
            if input.symbol == Symbol::MASK {
                let mask = tensor.matrix(0, 0);
                let hidden = mask.rows().into_iter().position(|row| row.iter().all(|&x| x == 0.0));
                if let Some(row) = hidden {
                    return Err(InputError::WholeRowMasked { row: row + 1 });
                }
            }
        }
        Ok(())
    }

    /// One tensor.
    pub fn get(&self, slot: Slot) -> Option<&Tensor<f32>> {
        self.tensors.get(slot.0)
    }

    /// All tensors, in the program's order.
    pub fn tensors(&self) -> &[Tensor<f32>] {
        &self.tensors
    }
    /// The same numbers with these computed ones overridden; those that lie outside the program's results or are no
    /// finite number are left out.
    #[must_use]
    pub fn with_overrides(self, program: &Program, mut overrides: Vec<Override>) -> Self {
        overrides.retain(|o| {
            let made = program.made_by(o.address.slot);
            made.is_some_and(|stage| stage.shape.contains(o.address.cell)) && o.value.is_finite()
        });
        Self { overrides, ..self }
    }

    /// The computed numbers that are overridden.
    pub fn overrides(&self) -> &[Override] {
        &self.overrides
    }

    /// Those of one tensor.
    pub fn overrides_of(&self, slot: Slot) -> impl Iterator<Item = &Override> {
        self.overrides.iter().filter(move |o| o.address.slot == slot)
    }
}
