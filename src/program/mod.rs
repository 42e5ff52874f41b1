//! The program as data: one list of stages that is executed, drawn, explained, exported and checked.
//!
//! [`attention`] writes the three kinds of attention down as formulas; [`Program`] is what comes out.
//! It holds no numbers: those are [`Inputs`], and a [`Trace`] is what a run leaves behind. Every tensor has a [`Slot`], in
//! order of definition: given ones may come anywhere, a later layer's W behind the stages of an earlier one.

pub mod address;
mod alarms;
pub mod attention;
pub mod backward;
pub mod bert;
pub mod blocks;
mod draft;
pub mod gpt2;
pub mod imported;
pub mod influence;
mod inputs;
mod kind;
pub mod labels;
pub mod learner;
pub mod ledger;
pub mod llama;
mod measure;
pub mod mistakes;
mod stale;
pub mod statement;
mod symbol;
mod trace;
pub mod training;
mod wiring;

use std::ops::Range;
use std::sync::Arc;

pub use address::{Address, AddressError};
pub use alarms::{Alarm, Broken, alarms};
pub use backward::{Backward, backward};
pub use influence::Influence;
pub use inputs::{InputError, Inputs, Override};
pub use kind::Kind;
pub use labels::{Label, Role};
pub use ledger::{Checked, Ledger, StageVerdict, TOLERANCE};
pub(crate) use measure::{Measure, Measures};
pub use mistakes::{MISTAKES, Mistake};
pub use statement::{Statement, StatementError, Value, region};
pub use symbol::{About, HeadPlace, Layer, Name, Symbol};
pub use trace::{Backend, BackendKind, Trace};
pub(crate) use trace::{PROCESSOR, refer};
pub use training::{Optimizer, Step};
pub use wiring::{Divisor, Wiring};

use crate::ground::lang::Text;
pub use crate::math::ops::Rule;
use crate::math::ops::{Op, ShapeError, Sources};
use crate::math::tensor::{Cell, Shape};

/// A tensor of a program, given or made: its position in the order in which they are defined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot(pub usize);

/// A tensor that the program is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Input {
    /// Its symbol.
    pub symbol: Symbol,
    /// Its shape.
    pub shape: Shape,
    /// Its place among all tensors.
    pub slot: Slot,
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
    /// The output's place among all tensors.
    pub output: Slot,
}

/// Where stages lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the words to the result, and to the loss where there is one.
    Forward,
    /// From the loss back to what is learned: gradients.
    Back,
    /// From the gradients to the next W.
    Step,
}

impl Direction {
    /// What such stages are called.
    pub const fn title(self) -> Text {
        match self {
            Self::Forward => Text::new("前向", "forward"),
            Self::Back => Text::new("反向", "backward"),
            Self::Step => Text::new("更新", "the step"),
        }
    }
}

impl Stage {
    /// Where it leads.
    pub fn direction(&self) -> Direction {
        match self.symbol.name.of_which() {
            None => Direction::Forward,
            Some((About::Gradient | About::Part(_) | About::Sum(_) | About::Step(_), _)) => Direction::Back,
            Some(_) => Direction::Step,
        }
    }
}

/// Stages that belong together: those of a layer, those before all layers, those behind them; on the way back likewise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Where they lead.
    pub direction: Direction,
    /// The layer.
    pub layer: Option<Layer>,
    /// Its stages, by their positions.
    pub stages: Range<usize>,
}

/// What brings a tensor about.
#[derive(Debug, Clone, Copy)]
enum Origin {
    /// The input at this position.
    Given(usize),
    /// The stage at this position.
    Made(usize),
}

/// The ordered stages of one kind of attention, checked when built.
#[derive(Debug, Clone)]
pub struct Program {
    kind: Kind,
    wiring: Wiring,
    tensors: Vec<Origin>,
    inputs: Vec<Input>,
    stages: Vec<Stage>,
    /// The program without its mistake, where that is to be found.
    meant: Option<Arc<Program>>,
}

impl Program {
    /// An empty program, to be written down input by input and stage by stage.
    pub const fn new(kind: Kind, wiring: Wiring) -> Self {
        Self { kind, wiring, tensors: Vec::new(), inputs: Vec::new(), stages: Vec::new(), meant: None }
    }

    /// Adds a tensor that the program is given. Its symbol is its own: [`Program::find`] gives the first.
    pub fn input(&mut self, symbol: impl Into<Symbol>, shape: Shape) -> Slot {
        let slot = Slot(self.tensors.len());
        self.tensors.push(Origin::Given(self.inputs.len()));
        self.inputs.push(Input { symbol: symbol.into(), shape, slot });
        slot
    }

    /// Adds a stage.
    ///
    /// # Errors
    /// [`ShapeError`] when the operands do not fit together.
    pub fn stage<const N: usize>(
        &mut self,
        symbol: impl Into<Symbol>,
        op: impl Op + 'static,
        operands: [Slot; N],
    ) -> Result<Slot, ShapeError> {
        self.push(symbol.into(), Arc::new(op), operands.to_vec())
    }

    /// The same for any number of operands.
    fn push(&mut self, symbol: Symbol, op: Arc<dyn Op>, operands: Vec<Slot>) -> Result<Slot, ShapeError> {
        let shapes: Vec<Shape> = operands.iter().map(|&slot| self.shape(slot)).collect();
        let (shape, output) = (op.shape(&shapes)?, Slot(self.tensors.len()));
        self.tensors.push(Origin::Made(self.stages.len()));
        self.stages.push(Stage { symbol, op, operands, shape, output });
        Ok(output)
    }

    /// The kind of attention.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// How its parts are put together.
    pub const fn wiring(&self) -> &Wiring {
        &self.wiring
    }

    /// The program that was meant: the same without a mistake that is still to be found, else this one. Words speak of it.
    pub fn meant(&self) -> &Self {
        self.meant.as_deref().unwrap_or(self)
    }

    /// The tensor that context takes shares of the values by: the weights, unless a mistake puts another in their place.
    pub fn shares(&self, layer: Option<Layer>) -> Option<Slot> {
        let context = self.made_by(self.find(layer, Name::Context)?)?;
        context.operands.first().copied()
    }

    /// The tensors the program is given, in the order in which they are defined.
    pub fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    /// The steps, in order.
    pub fn stages(&self) -> &[Stage] {
        &self.stages
    }

    /// Every tensor, given or made, in the order in which they are defined.
    pub fn slots(&self) -> impl Iterator<Item = Slot> + use<> {
        (0..self.tensors.len()).map(Slot)
    }

    /// The position of the stage that makes a tensor, or `None` for a given one.
    pub fn stage_of(&self, slot: Slot) -> Option<usize> {
        match self.tensors.get(slot.0) {
            Some(Origin::Made(stage)) => Some(*stage),
            _ => None,
        }
    }

    /// The stage that makes a tensor, or `None` for a given one.
    pub fn made_by(&self, slot: Slot) -> Option<&Stage> {
        self.stage_of(slot).map(|stage| &self.stages[stage])
    }

    /// The tensor that the stage at this position makes.
    pub fn output_of(&self, stage: usize) -> Slot {
        self.stages[stage].output
    }

    /// The symbol of a tensor.
    pub fn symbol(&self, slot: Slot) -> Symbol {
        match self.tensors[slot.0] {
            Origin::Given(input) => self.inputs[input].symbol,
            Origin::Made(stage) => self.stages[stage].symbol,
        }
    }

    /// The shape of a tensor.
    pub fn shape(&self, slot: Slot) -> Shape {
        match self.tensors[slot.0] {
            Origin::Given(input) => self.inputs[input].shape,
            Origin::Made(stage) => self.stages[stage].shape,
        }
    }

    /// The tensor of that name in a layer, or outside of all, if the program has it.
    pub fn find(&self, layer: Option<Layer>, name: Name) -> Option<Slot> {
        self.find_symbol(name.of(layer))
    }

    /// The tensor of that symbol, if the program has it.
    pub fn find_symbol(&self, symbol: Symbol) -> Option<Slot> {
        self.slots().find(|&slot| self.symbol(slot) == symbol)
    }

    /// The shapes of a stage's operands.
    pub(crate) fn operand_shapes(&self, stage: &Stage) -> Vec<Shape> {
        stage.operands.iter().map(|&slot| self.shape(slot)).collect()
    }

    /// The cells that made one cell of a stage's output.
    pub fn sources(&self, stage: &Stage, cell: Cell) -> Sources {
        stage.op.sources(&self.operand_shapes(stage), cell)
    }

    /// Its sections, in order. A program without layers is one.
    pub fn sections(&self) -> Vec<Section> {
        let mut sections: Vec<Section> = Vec::new();
        for (n, stage) in self.stages.iter().enumerate() {
            let (direction, layer) = (stage.direction(), stage.symbol.layer);
            match sections.last_mut().filter(|last| last.layer == layer && last.direction == direction) {
                Some(section) => section.stages.end = n + 1,
                None => sections.push(Section { direction, layer, stages: n..n + 1 }),
            }
        }
        sections
    }

    /// How many layers there are; none of a program that is one attention.
    pub fn layers(&self) -> usize {
        self.stages.iter().filter_map(|stage| stage.symbol.layer).max().map_or(0, |Layer(last)| last + 1)
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
