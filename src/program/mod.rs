//! The program as data: one list of stages that is executed, drawn, explained, exported and checked.
//!
//! [`attention`] writes the three kinds of attention down as formulas; [`Program`] is what comes out.
//! It holds no numbers: those are [`Inputs`], and a [`Trace`] is what a run leaves behind.

pub mod address;
mod alarms;
pub mod attention;
pub mod influence;
mod inputs;
pub mod labels;
pub mod ledger;
mod trace;
mod wiring;

use std::sync::Arc;

pub use address::{Address, AddressError, Symbol};
pub use alarms::{Alarm, Broken, alarms};
pub use influence::Influence;
pub use inputs::{InputError, Inputs, Override};
pub use labels::{Label, Role};
pub use ledger::{Ledger, StageVerdict, TOLERANCE};
pub use trace::{Backend, BackendKind, Trace};
pub use wiring::{Divisor, Wiring};

pub use crate::math::ops::Rule;
use crate::math::ops::{Op, ShapeError, Sources};
use crate::math::tensor::{Cell, Shape};

/// The kinds of attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// One query q over the words H, no weights: `softmax(q·Hᵀ/√d)·H`.
    DotProduct,
    /// The words of one sentence ask each other.
    SelfAttention,
    /// The words of H ask the words of M.
    CrossAttention,
}

impl Kind {
    /// The name in sample files and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DotProduct => "dot-product",
            Self::SelfAttention => "self-attention",
            Self::CrossAttention => "cross-attention",
        }
    }
}

/// A tensor of a program: an input or the output of a stage, by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot(pub usize);

/// A tensor that the program is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Input {
    /// Its symbol.
    pub symbol: Symbol,
    /// Its shape.
    pub shape: Shape,
}

/// One step: an op on some tensors, with one output.
#[derive(Debug, Clone)]
pub struct Stage {
    /// The symbol of the output, which is also the stage's name.
    pub symbol: Symbol,
    /// What is done.
    pub op: Arc<dyn Op>,
    /// The operands.
    pub operands: Vec<Slot>,
    /// The shape of the output.
    pub shape: Shape,
}

/// The ordered stages of one kind of attention, checked when built.
#[derive(Debug, Clone)]
pub struct Program {
    kind: Kind,
    wiring: Wiring,
    inputs: Vec<Input>,
    stages: Vec<Stage>,
}

impl Program {
    /// An empty program, to be written down input by input and stage by stage.
    pub const fn new(kind: Kind, wiring: Wiring) -> Self {
        Self { kind, wiring, inputs: Vec::new(), stages: Vec::new() }
    }

    /// Adds a tensor that the program is given. All inputs come before the first stage.
    fn input(&mut self, symbol: Symbol, shape: Shape) -> Slot {
        debug_assert!(self.stages.is_empty(), "inputs come first");
        self.inputs.push(Input { symbol, shape });
        Slot(self.inputs.len() - 1)
    }

    /// Adds a stage.
    ///
    /// # Errors
    /// [`ShapeError`] when the operands do not fit together.
    fn stage<const N: usize>(
        &mut self,
        symbol: Symbol,
        op: impl Op + 'static,
        operands: [Slot; N],
    ) -> Result<Slot, ShapeError> {
        let shapes = operands.map(|slot| self.shape(slot));
        let shape = op.shape(&shapes)?;
        self.stages.push(Stage { symbol, op: Arc::new(op), operands: operands.to_vec(), shape });
        Ok(Slot(self.inputs.len() + self.stages.len() - 1))
    }

    /// The kind of attention.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// How its parts are put together.
    pub const fn wiring(&self) -> &Wiring {
        &self.wiring
    }

    /// The tensors the program is given.
    pub fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    /// The steps, in order.
    pub fn stages(&self) -> &[Stage] {
        &self.stages
    }

    /// Every tensor: inputs, then outputs of stages.
    pub fn slots(&self) -> impl Iterator<Item = Slot> + use<> {
        (0..self.inputs.len() + self.stages.len()).map(Slot)
    }

    /// The stage that makes a tensor, or `None` for an input.
    pub fn made_by(&self, slot: Slot) -> Option<&Stage> {
        slot.0.checked_sub(self.inputs.len()).and_then(|i| self.stages.get(i))
    }

    /// The tensor that the stage at this position makes.
    pub fn output_of(&self, stage: usize) -> Slot {
        Slot(self.inputs.len() + stage)
    }

    /// The symbol of a tensor.
    pub fn symbol(&self, slot: Slot) -> Symbol {
        self.made_by(slot).map_or_else(|| self.inputs[slot.0].symbol, |stage| stage.symbol)
    }

    /// The shape of a tensor.
    pub fn shape(&self, slot: Slot) -> Shape {
        self.made_by(slot).map_or_else(|| self.inputs[slot.0].shape, |stage| stage.shape)
    }

    /// The tensor of that symbol, if the program has it.
    pub fn find(&self, symbol: Symbol) -> Option<Slot> {
        self.slots().find(|&slot| self.symbol(slot) == symbol)
    }

    /// The shapes of a stage's operands.
    pub fn operand_shapes(&self, stage: &Stage) -> Vec<Shape> {
        stage.operands.iter().map(|&slot| self.shape(slot)).collect()
    }

    /// The cells that made one cell of a stage's output.
    pub fn sources(&self, stage: &Stage, cell: Cell) -> Sources {
        stage.op.sources(&self.operand_shapes(stage), cell)
    }

    /// How many heads there are.
    pub fn heads(&self) -> usize {
        self.stages.iter().find_map(|s| s.shape.heads).unwrap_or(1)
    }

    /// How many sentences run side by side.
    pub fn batch(&self) -> usize {
        self.stages.first().and_then(|s| s.shape.batch).unwrap_or(1)
    }
}
