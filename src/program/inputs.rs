//! The numbers a program is given, checked against its shapes.

use std::sync::Arc;

use super::{Address, Input, Name, Program, Slot, Symbol};
use crate::ground::exit::Exit;
use crate::ground::fault::Failure;
use crate::ground::lang::Text;
use crate::math::tensor::{Shape, Tensor};

/// Numbers that a program cannot run on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words().en)]
pub enum InputError {
    /// A tensor the program needs.
    Missing {
        /// Which.
        symbol: Symbol,
        /// The shape it should have.
        shape: Shape,
    },
    /// A tensor of another shape.
    Shape {
        /// Which.
        symbol: Symbol,
        /// The shape it has.
        found: Shape,
        /// The shape it should have.
        expected: Shape,
    },
    /// NaN or infinity.
    NotFinite {
        /// Which tensor.
        symbol: Symbol,
        /// Row from 1.
        row: usize,
        /// Column from 1.
        column: usize,
    },
    /// A query with nothing to look at.
    WholeRowMasked {
        /// Row from 1.
        row: usize,
    },
}

impl Failure for InputError {
    fn words(&self) -> Text {
        match self {
            Self::Missing { symbol, shape } => Text::owned(
                format!("缺少 {symbol}；应当是 {shape}"),
                format!("{symbol} is missing; it should be {shape}"),
            ),
            Self::Shape { symbol, found, expected } => Text::owned(
                format!("{symbol} 是 {found}，应当是 {expected}"),
                format!("{symbol} is {found}, it should be {expected}"),
            ),
            Self::NotFinite { symbol, row, column } => Text::owned(
                format!("{symbol} 第 {row} 行第 {column} 列不是有限的数"),
                format!("{symbol}, row {row}, column {column} is not a finite number"),
            ),
            Self::WholeRowMasked { row } => Text::owned(
                format!("掩码不让第 {row} 个查询看任何键；这一行至少要留一个 1"),
                format!("the mask hides every key from query {row}; leave at least one 1 in that row"),
            ),
        }
    }

    fn exit(&self) -> Exit {
        Exit::Input
    }
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
/// overridden by hand. Tensors are shared: with what they were made from, with the [`super::Trace`] of a run, with a device.
#[derive(Debug, Clone, PartialEq)]
pub struct Inputs {
    slots: Vec<Slot>,
    tensors: Vec<Arc<Tensor<f32>>>,
    overrides: Vec<Override>,
}

impl Inputs {
    /// Picks each input of the program by its symbol and checks it. What is found may be a tensor or a shared one.
    ///
    /// # Errors
    /// [`InputError`] names the tensor and what was expected.
    pub fn new<T: Into<Arc<Tensor<f32>>>>(
        program: &Program,
        find: impl Fn(Symbol) -> Option<T>,
    ) -> Result<Self, InputError> {
        let mut tensors = Vec::with_capacity(program.inputs().len());
        for input in program.inputs() {
            let missing = || InputError::Missing { symbol: input.symbol, shape: input.shape };
            let tensor = find(input.symbol).ok_or_else(missing)?.into();
            check(input, &tensor)?;
            tensors.push(tensor);
        }
        let slots = program.inputs().iter().map(|input| input.slot).collect();
        Ok(Self { slots, tensors, overrides: Vec::new() })
    }

    /// The same numbers with other tensors in some places: those are checked, all others are shared.
    ///
    /// # Errors
    /// As [`Inputs::new`].
    pub fn with_tensors<T: Into<Arc<Tensor<f32>>>>(
        &self,
        program: &Program,
        changed: impl IntoIterator<Item = (Slot, T)>,
    ) -> Result<Self, InputError> {
        let mut inputs = self.clone();
        for (slot, tensor) in changed {
            if let Some(i) = self.position(slot) {
                let tensor = tensor.into();
                check(&program.inputs()[i], &tensor)?;
                inputs.tensors[i] = tensor;
            }
        }
        Ok(inputs)
    }

    /// One tensor.
    pub fn get(&self, slot: Slot) -> Option<&Tensor<f32>> {
        self.shared(slot).map(Arc::as_ref)
    }

    /// One tensor, to be shared.
    pub fn shared(&self, slot: Slot) -> Option<&Arc<Tensor<f32>>> {
        self.position(slot).map(|i| &self.tensors[i])
    }

    fn position(&self, slot: Slot) -> Option<usize> {
        self.slots.binary_search(&slot).ok()
    }

    /// The places of the tensors in the program, rising.
    pub fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// All tensors, in the order of [`super::Program::inputs`].
    pub fn tensors(&self) -> &[Arc<Tensor<f32>>] {
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
    pub(crate) fn overrides_of(&self, slot: Slot) -> impl Iterator<Item = &Override> {
        self.overrides.iter().filter(move |o| o.address.slot == slot)
    }
}

/// The right shape, every number finite, and a key for every query.
fn check(input: &Input, tensor: &Tensor<f32>) -> Result<(), InputError> {
    let symbol = input.symbol;
    if *tensor.shape() != input.shape {
        return Err(InputError::Shape { symbol, found: *tensor.shape(), expected: input.shape });
    }
    if !tensor.as_slice().iter().all(|x| x.is_finite())
        && let Some(c) = tensor.shape().cells().find(|&c| !tensor.get(c).is_finite())
    {
        return Err(InputError::NotFinite { symbol, row: c.row + 1, column: c.col + 1 });
    }
    if symbol.name == Name::Mask {
        let hidden = tensor.matrix(0, 0).rows().into_iter().position(|row| row.iter().all(|&x| x == 0.0));
        if let Some(row) = hidden {
            return Err(InputError::WholeRowMasked { row: row + 1 });
        }
    }
    Ok(())
}
