//! A learner's stages as the steps that the processor takes, fewer and larger.

use super::unknown;
use crate::math::ops::Rule;
use crate::math::tensor::Cell;
use crate::program::{Name, Program, Slot, Stage};
use crate::session::ComputeError;
use crate::study::train::Task;

/// One step forward; each knows its way back.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// Rows of a table, by number: `made = given · table` with one-hot rows.
    Take { given: Name, table: Slot, made: Slot },
    /// `made = a · w`; the heads of what is made stand side by side.
    Product { a: Slot, w: Slot, made: Slot },
    /// `made = a · wᵀ`.
    Transposed { a: Slot, w: Slot, made: Slot },
    /// From queries, keys and values to the context, with the weights on the way.
    Attend(Attend),
    /// `made = a + b`.
    Add { a: Slot, b: Slot, made: Slot },
    /// `made = max(0, a)`.
    Relu { a: Slot, made: Slot },
}

/// One attention.
#[derive(Debug, Clone)]
pub(super) struct Attend {
    pub(super) q: Slot,
    pub(super) k: Slot,
    pub(super) v: Slot,
    /// 1 where a word is seen; none where all are.
    pub(super) mask: Option<Vec<f32>>,
    pub(super) divisor: f32,
    pub(super) weights: Slot,
    pub(super) context: Slot,
    /// h, T, S, d, `d_v`.
    pub(super) heads: usize,
    pub(super) asks: usize,
    pub(super) answers: usize,
    pub(super) features: usize,
    pub(super) values: usize,
}

/// How a program is carried out.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) steps: Vec<Step>,
    /// Numbers of each tensor in one sentence: all of it where it has no batch.
    pub(super) each: Vec<usize>,
    /// Columns of each tensor, those of all heads side by side.
    pub(super) cols: Vec<usize>,
    /// Which tensors have a sentence each.
    pub(super) batched: Vec<bool>,
    /// What holds the numbers of each tensor: itself, except where they are the same.
    stands: Vec<Slot>,
    /// Tensors whose heads do not stand side by side: a matrix a head.
    stacked: Vec<bool>,
    pub(super) logits: Slot,
}

impl Plan {
    /// Reads a program.
    pub(super) fn of(task: Task, program: &Program) -> Result<Self, ComputeError> {
        let count = program.slots().count();
        let shapes: Vec<_> = program.slots().map(|slot| program.shape(slot)).collect();
        let logits = program.find(None, Name::Logits).ok_or_else(|| unknown("logits"))?;
        let mut plan = Self {
            steps: Vec::new(),
            each: shapes.iter().map(|shape| shape.count() / shape.batch.unwrap_or(1).max(1)).collect(),
            cols: shapes.iter().map(|shape| shape.cols.len * shape.heads.unwrap_or(1)).collect(),
            batched: shapes.iter().map(|shape| shape.batch.is_some()).collect(),
            stands: (0..count).map(Slot).collect(),
            stacked: vec![false; count],
            logits,
        };
        let stages = program.stages();
        let mut n = 0;
        while let Some(stage) = stages.get(n) {
            n += plan.read(task, program, &stages[n..], stage)?;
        }
        Ok(plan)
    }

    /// Reads the next stage, or several that are one step, and says how many.
    fn read(&mut self, task: Task, program: &Program, ahead: &[Stage], stage: &Stage) -> Result<usize, ComputeError> {
        let operand = |n: usize| stage.operands.get(n).map_or(stage.output, |&slot| self.stands_for(slot));
        let made = stage.output;
        let given = program.made_by(operand(0)).is_none().then(|| program.symbol(operand(0)).name);
        let step = match (stage.op.name(), given) {
            ("matmul", Some(given)) => Step::Take { given, table: operand(1), made },
            ("matmul" | "project", None) => Step::Product { a: operand(0), w: operand(1), made },
            ("matmul_transposed", _) if stage.shape.heads.is_some() => return self.attend(task, program, ahead),
            ("matmul_transposed", _) => Step::Transposed { a: operand(0), w: operand(1), made },
            ("add", _) => Step::Add { a: operand(0), b: operand(1), made },
            ("relu", _) => Step::Relu { a: operand(0), made },
            ("concat", _) => {
                // Heads stand side by side already.
                self.stands[made.0] = operand(0);
                return Ok(1);
            }
            // What the logits make likely is part of the loss.
            ("softmax", _) if stage.symbol.name == Name::Probabilities => return Ok(1),
            (other, _) => return Err(unknown(other)),
        };
        self.steps.push(step);
        Ok(1)
    }

    /// Five stages that are one attention.
    fn attend(&mut self, task: Task, program: &Program, ahead: &[Stage]) -> Result<usize, ComputeError> {
        let names: Vec<&str> = ahead.iter().take(5).map(|stage| stage.op.name()).collect();
        let [scores, scaled, masked, weights, context, ..] = ahead else { return Err(unknown("matmul_transposed")) };
        if names != ["matmul_transposed", "scale", "mask", "softmax", "matmul"] {
            return Err(unknown("matmul_transposed"));
        }
        let Rule::Quotient(divisor) = program.sources(scaled, Cell::default()).rule else {
            return Err(unknown("scale"));
        };
        let operand = |stage: &Stage, n: usize| stage.operands.get(n).copied().unwrap_or(stage.output);
        let (q, k, v) = (operand(scores, 0), operand(scores, 1), operand(context, 1));
        let mask = task.mask(program, masked.symbol.layer, program.shape(operand(masked, 1)));
        let open = mask.as_slice().iter().all(|&x| x != 0.0);
        let [_, heads, asks, answers] = weights.shape.lens();
        self.stacked[weights.output.0] = true;
        self.steps.push(Step::Attend(Attend {
            q: self.stands_for(q),
            k: self.stands_for(k),
            v: self.stands_for(v),
            mask: (!open).then(|| mask.as_slice().to_vec()),
            divisor: divisor as f32,
            weights: weights.output,
            context: context.output,
            heads,
            asks,
            answers,
            features: program.shape(q).cols.len,
            values: program.shape(v).cols.len,
        }));
        Ok(5)
    }

    /// The tensor that holds the same numbers.
    pub(super) fn stands_for(&self, slot: Slot) -> Slot {
        self.stands[slot.0]
    }

    /// Whether the heads of a tensor stand side by side in each row.
    pub(super) fn side_by_side(&self, slot: Slot) -> bool {
        !self.stacked[slot.0]
    }
}
