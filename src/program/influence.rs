//! Where a number goes: how every later number moves when this one does.
//!
//! One pass forward through the stages, each by its op's derivative ([`crate::math::ops::Op::tangent`]), in f64 on the numbers of
//! the trace. A stage that the number does not reach is left out. Numbers overridden by hand stand still.

use super::{Address, Name, Program, Slot, Stage, Trace};
use crate::math::tensor::Tensor;

/// Multiplications up to which a number is followed through all layers while a key waits for it.
pub const MOST: u64 = 1 << 28;

/// The last tensor that is followed: of a large program the last one of the section that the number stands in, or goes into.
fn until(program: &Program, of: Slot) -> Slot {
    let last = Slot(program.slots().count().saturating_sub(1));
    let work = |stage: &Stage| {
        let inner = stage.operands.first().map_or(1, |&slot| program.shape(slot).cols.len);
        (stage.shape.count() as u64).saturating_mul(inner as u64)
    };
    let all = program.stages().iter().filter(|stage| stage.output > of).map(work).fold(0, u64::saturating_add);
    if all <= MOST {
        return last;
    }
    let takes = |stage: &Stage| stage.output == of || stage.operands.contains(&of);
    let first = program.stages().iter().position(takes);
    let section = program.sections().into_iter().find(|section| first.is_some_and(|n| section.stages.contains(&n)));
    section.map_or(last, |section| program.output_of(section.stages.end - 1))
}

/// The derivative of every number of a program by one of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Influence {
    /// The number.
    pub of: Address,
    tangents: Vec<Option<Tensor<f64>>>,
}

impl Influence {
    /// Follows one number through a trace, of a model with more to do than [`MOST`] to the end of its section. An entry of the mask has no derivative: it is open or closed.
    pub fn of(program: &Program, trace: &Trace, of: Address) -> Self {
        let mut tangents: Vec<Option<Tensor<f64>>> = Vec::new();
        let mut start = Tensor::zeros(program.shape(of.slot));
        start.set(of.cell, 1.0);
        let mut start = Some(start).filter(|_| program.symbol(of.slot).name != Name::Mask);
        let until = until(program, of.slot);
        for slot in program.slots() {
            let stage = program.made_by(slot).filter(|_| slot != of.slot && slot <= until);
            let Some(stage) = stage else {
                tangents.push(if slot == of.slot { start.take() } else { None });
                continue;
            };
            let reached: Vec<_> = stage.operands.iter().map(|operand| tangents[operand.0].as_ref()).collect();
            if reached.iter().all(Option::is_none) {
                tangents.push(None);
                continue;
            }
            let inputs: Vec<_> = stage.operands.iter().map(|&operand| trace.tensor(operand).to_f64()).collect();
            let inputs: Vec<_> = inputs.iter().collect();
            let mut moved = stage.op.tangent(&inputs, &reached, stage.shape);
            for o in trace.overrides().iter().filter(|o| o.address.slot == slot) {
                moved.set(o.address.cell, 0.0);
            }
            tangents.push(Some(moved));
        }
        Self { of, tangents }
    }

    /// How far a number moves for each step of this one; 0 where nothing leads there.
    pub fn on(&self, address: Address) -> f64 {
        self.tensor(address.slot).map_or(0.0, |tensor| tensor.get(address.cell))
    }

    /// The derivative of a whole tensor; none where nothing leads there.
    pub fn tensor(&self, slot: Slot) -> Option<&Tensor<f64>> {
        self.tangents.get(slot.0).and_then(Option::as_ref)
    }

    /// The number of a tensor that moves most, if one moves at all.
    pub fn strongest(&self, slot: Slot) -> Option<(Address, f64)> {
        let tensor = self.tensor(slot)?;
        let cells = tensor.shape().cells().zip(tensor.numbers());
        let (cell, most) = cells.max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()).then(b.0.cmp(&a.0)))?;
        (most != 0.0).then_some((Address { slot, cell }, most))
    }
}
