//! ★ The way back: from a program and its loss L the program that makes every gradient.
//!
//! ```text
//! C = op(A, B)        ∂L/∂A += adjoint of op for A, given ∂L/∂C        ∂L/∂B alike        from the last stage to the first
//! ```
//!
//! Reverse-mode differentiation (Linnainmaa 1970; Rumelhart, Hinton and Williams 1986). What comes out is a [`Program`] like any
//! other: the stages of the way forward, then those of the way back, each an ordinary op ([`crate::math::ops::Op::adjoint`]). So
//! gradients are executed, checked, opened and drawn as numbers are.
//!
//! What several stages read gets a part of its gradient back through each: `dH = through_Q + through_K + through_V`.

use std::sync::Arc;

use super::symbol::About;
use super::{Name, Program, Slot, Stage, Symbol};
use crate::ground::lang::Text;
use crate::math::ops::{Add, Adjoint, AdjointStep, Feed, Op, ShapeError, Unchanged};
use crate::math::tensor::Shape;

/// A program with its way back.
#[derive(Debug, Clone)]
pub struct Backward {
    /// All stages, those forward first.
    pub program: Program,
    /// How many of them lead forward, to the loss.
    pub forward: usize,
    /// The gradient of each tensor of the way forward, by its slot; none where no wanted number depends on it.
    gradients: Vec<Option<Slot>>,
}

impl Backward {
    /// The gradient of a tensor of the way forward, if it was asked for or stands on the way to what was.
    pub fn gradient(&self, of: Slot) -> Option<Slot> {
        self.gradients.get(of.0).copied().flatten()
    }
}

/// A part of a gradient: where it is, and through what it came.
type Came = (Slot, Symbol, usize);

/// What a step is: its op and what it reads. The same step is made once.
type Made = (String, Vec<Slot>, Slot);

/// The way back from `loss`, one number, to the inputs that are wanted.
///
/// # Errors
/// [`ShapeError`] when the loss is more than one number, or no stage makes it.
pub fn backward(forward: &Program, loss: Slot, wanted: impl Fn(Symbol) -> bool) -> Result<Backward, ShapeError> {
    let one = forward.shape(loss);
    if one.count() != 1 || forward.made_by(loss).is_none() {
        let rule = Text::new("损失要是算出来的一个数", "a loss must be one number that was computed");
        return Err(ShapeError::Unfit { op: "backward", shape: one, rule });
    }
    let mut way = Way::new(forward, loss, wanted);
    for stage in forward.stages().iter().rev() {
        way.back_through(stage)?;
    }
    for slot in forward.slots().filter(|&slot| forward.made_by(slot).is_none()) {
        way.settle(slot)?;
    }
    Ok(Backward { program: way.program, forward: forward.stages().len(), gradients: way.gradients })
}

/// The way back while it is being made.
struct Way<'a> {
    forward: &'a Program,
    program: Program,
    /// Which tensors lead to the loss from something wanted.
    leads: Vec<bool>,
    /// What has come back to each tensor.
    came: Vec<Vec<Came>>,
    /// How many parts there will be.
    expected: Vec<usize>,
    gradients: Vec<Option<Slot>>,
    made: Vec<Made>,
}

impl<'a> Way<'a> {
    fn new(forward: &'a Program, loss: Slot, wanted: impl Fn(Symbol) -> bool) -> Self {
        let mut program = forward.clone();
        let count = forward.slots().count();
        let mut moves = vec![false; count];
        for slot in forward.slots() {
            moves[slot.0] = match forward.made_by(slot) {
                None => wanted(forward.symbol(slot)),
                Some(stage) => differentiable(forward, stage).any(|(_, operand)| moves[operand.0]),
            };
        }
        let mut leads = vec![false; count];
        leads[loss.0] = true;
        let mut expected = vec![0; count];
        for stage in forward.stages().iter().rev().filter(|stage| stage.output <= loss) {
            if !leads[stage.output.0] {
                continue;
            }
            for (_, operand) in differentiable(forward, stage).filter(|(_, operand)| moves[operand.0]) {
                leads[operand.0] = true;
                expected[operand.0] += 1;
            }
        }
        leads.iter_mut().zip(&moves).for_each(|(leads, moves)| *leads &= *moves);
        let mut gradients = vec![None; count];
        let symbol = forward.symbol(loss);
        let start = program.input(symbol.name.gradient().of(symbol.layer), forward.shape(loss)); // ∂L/∂L = 1
        gradients[loss.0] = Some(start);
        Self { forward, program, leads, came: vec![Vec::new(); count], expected, gradients, made: Vec::new() }
    }

    /// Sends the gradient of a stage's result back to its operands.
    fn back_through(&mut self, stage: &Stage) -> Result<(), ShapeError> {
        if !self.leads[stage.output.0] {
            return Ok(());
        }
        self.settle(stage.output)?;
        let Some(gradient) = self.gradients[stage.output.0] else { return Ok(()) };
        let inputs = self.forward.operand_shapes(stage);
        for (position, operand) in differentiable(self.forward, stage) {
            if !self.leads[operand.0] {
                continue;
            }
            let Adjoint::Steps(steps) = stage.op.adjoint(position, &inputs, stage.shape) else { continue };
            let part = self.part(stage, position, operand, gradient, &steps)?;
            self.came[operand.0].push((part, stage.symbol, position));
        }
        Ok(())
    }

    /// Carries out one adjoint.
    fn part(
        &mut self,
        stage: &Stage,
        position: usize,
        operand: Slot,
        gradient: Slot,
        steps: &[AdjointStep],
    ) -> Result<Slot, ShapeError> {
        let mut slots = Vec::with_capacity(steps.len());
        for (n, step) in steps.iter().enumerate() {
            let feeds: Vec<Slot> = step
                .feeds
                .iter()
                .filter_map(|feed| match *feed {
                    Feed::Operand(operand) => stage.operands.get(operand).copied(),
                    Feed::Result => Some(stage.output),
                    Feed::Gradient => Some(gradient),
                    Feed::Step(step) => slots.get(step).copied(),
                })
                .collect();
            let symbol = if n + 1 < steps.len() {
                let taken = self.made.iter().filter(|(.., slot)| self.is_step_of(*slot, stage.symbol)).count();
                stage.symbol.name.about(About::Step(small(taken))).of(stage.symbol.layer)
            } else if self.expected[operand.0] > 1 {
                stage.symbol.name.about(About::Part(small(position))).of(stage.symbol.layer)
            } else {
                gradient_of(self.forward, operand)
            };
            slots.push(self.once(symbol, &step.op, feeds)?);
        }
        Ok(slots.last().copied().unwrap_or(gradient))
    }

    /// Whether a tensor is an inner step of that stage's adjoint.
    fn is_step_of(&self, slot: Slot, of: Symbol) -> bool {
        let symbol = self.program.symbol(slot);
        symbol.layer == of.layer && matches!(symbol.name.of_which(), Some((About::Step(_), name)) if name == of.name)
    }

    /// A step, or the tensor of the same step made before.
    fn once(&mut self, symbol: Symbol, op: &Arc<dyn Op>, feeds: Vec<Slot>) -> Result<Slot, ShapeError> {
        let is = format!("{op:?}");
        let inner = matches!(symbol.name.of_which(), Some((About::Step(_), _)));
        if let Some((.., slot)) = self.made.iter().find(|(op, of, _)| inner && *op == is && *of == feeds) {
            return Ok(*slot);
        }
        let slot = self.program.push(symbol, Arc::clone(op), feeds.clone())?;
        self.made.push((is, feeds, slot));
        Ok(slot)
    }

    /// Adds up what has come back to a tensor: its gradient.
    fn settle(&mut self, of: Slot) -> Result<(), ShapeError> {
        let came = std::mem::take(&mut self.came[of.0]);
        let symbol = gradient_of(self.forward, of);
        let Some((&(first, ..), rest)) = came.split_first() else { return Ok(()) };
        let mut sum = first;
        for (n, &(part, through, position)) in rest.iter().enumerate() {
            let named = if n + 1 == rest.len() {
                symbol
            } else {
                through.name.about(About::Sum(small(position))).of(through.layer)
            };
            sum = self.program.push(named, Arc::new(Add), vec![sum, part])?;
        }
        if self.program.symbol(sum) != symbol {
            sum = self.program.push(symbol, Arc::new(Unchanged), vec![sum])?;
        }
        self.fits(sum, self.forward.shape(of))?;
        self.gradients[of.0] = Some(sum);
        Ok(())
    }

    /// A gradient has the shape of what it is the gradient of.
    fn fits(&self, gradient: Slot, of: Shape) -> Result<(), ShapeError> {
        let found = self.program.shape(gradient);
        if found == of {
            return Ok(());
        }
        let rule = Text::new("梯度要和它的张量一样大", "a gradient must have the shape of its tensor");
        Err(ShapeError::Mismatch { op: "backward", left: found, right: of, rule })
    }
}

/// The operands of a stage through which a gradient goes back, with their positions.
fn differentiable<'a>(program: &'a Program, stage: &'a Stage) -> impl Iterator<Item = (usize, Slot)> + 'a {
    let inputs = program.operand_shapes(stage);
    let through =
        move |position: &usize| matches!(stage.op.adjoint(*position, &inputs, stage.shape), Adjoint::Steps(_));
    (0..stage.operands.len()).filter(through).map(|position| (position, stage.operands[position]))
}

/// What the gradient of a tensor is called.
fn gradient_of(program: &Program, slot: Slot) -> Symbol {
    let symbol = program.symbol(slot);
    symbol.name.gradient().of(symbol.layer)
}

/// A count of the few operands and steps there are.
fn small(n: usize) -> u8 {
    u8::try_from(n).unwrap_or(u8::MAX)
}

impl Program {
    /// The gradient of the tensor of that name, if this program has a way back to it.
    pub fn find_gradient(&self, of: Symbol) -> Option<Slot> {
        self.find(of.layer, of.name.gradient())
    }

    /// How many stages lead forward: all before the first on the way back.
    pub fn forward_stages(&self) -> usize {
        let back = |stage: &Stage| stage.symbol.name.of_which().is_some();
        self.stages().iter().position(back).unwrap_or(self.stages().len())
    }

    /// What the way forward is for: what its last stage makes, the loss apart.
    pub fn result(&self) -> Option<Slot> {
        let forward = self.stages().get(..self.forward_stages()).unwrap_or_default();
        forward.iter().rfind(|stage| stage.symbol.name != Name::Loss).map(|stage| stage.output)
    }
}
