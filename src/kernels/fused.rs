//! Scores, ÷ √d, mask, softmax and sum in one kernel, from Q, K and V side by side.

use super::flat::Flat;
use super::launch::Launch;
use super::layout::{Part, Storage};
use super::map::Map;
use super::rung::Rung;
use super::seen::Seen;
use crate::math::ops::{Op, Rule};
use crate::math::tensor::{Cell, Shape};
use crate::program::{Program, Slot, Stage};

/// Stages that a fused kernel makes in one: what they start from, and what they make.
#[derive(Debug, Clone)]
pub(super) struct Fused {
    /// Q, K and V.
    pub(super) from: [Slot; 3],
    /// The mask.
    pub(super) mask: Slot,
    /// What scores are divided by.
    pub(super) divisor: f64,
    /// The first stage and the last: the scores and the context.
    pub(super) stages: (usize, usize),
    /// Shapes of Q, of K and of the context.
    shapes: [Shape; 3],
}

impl Fused {
    /// The stages from this one on, where they are scores, ÷, mask, softmax and sum, each made from the one before.
    pub(super) fn at(program: &Program, first: usize) -> Option<Self> {
        let stages = program.stages().get(first..first + 5)?;
        let names = ["matmul_transposed", "scale", "mask", "softmax", "matmul"];
        let chained = stages.windows(2).zip(first..).all(|(pair, n)| pair[1].operands[0] == program.output_of(n));
        if !chained || stages.iter().zip(names).any(|(stage, name)| stage.op.name() != name) {
            return None;
        }
        let [scores, scale, mask, _, context]: &[Stage; 5] = stages.try_into().ok()?;
        let (q, k, v) = (scores.operands[0], scores.operands[1], context.operands[1]);
        let divisor = divisor(scale.op.as_ref(), scores.shape)?;
        let shapes = [program.shape(q), program.shape(k), context.shape];
        let whole = shapes.iter().all(|shape| shape.heads == shapes[2].heads && shape.batch == shapes[2].batch);
        let (mask, stages) = (mask.operands[1], (first, first + 4));
        (whole && program.shape(mask).batch.is_none()).then_some(Self {
            from: [q, k, v],
            mask,
            divisor,
            stages,
            shapes,
        })
    }

    /// vec4 in a head's row, the padding counted.
    pub(super) fn d4(&self) -> usize {
        self.shapes[0].cols.len.max(self.shapes[2].cols.len).div_ceil(4)
    }

    /// Sentences and heads.
    pub(super) fn planes(&self) -> (usize, usize) {
        let [sentences, heads, ..] = self.shapes[2].lens();
        (sentences, heads)
    }

    /// Numbers that all heads' rows take side by side.
    pub(super) fn side(&self) -> usize {
        self.planes().1 * 4 * self.d4()
    }

    /// Rows of a sentence in the storage of Q, K and V.
    pub(super) fn words(&self) -> usize {
        self.shapes[0].rows.len.max(self.shapes[1].rows.len)
    }

    /// Words that ask.
    pub(super) fn queries(&self) -> usize {
        self.shapes[0].rows.len
    }

    /// Q, K and V side by side in such a matrix.
    pub(super) fn qkv(&self, flat: &Flat) -> Storage {
        let [q, k, context] = self.shapes;
        let values = (k.rows.len, context.cols.len);
        let sizes = [(q.rows.len, q.cols.len), (k.rows.len, k.cols.len), values];
        let part = |(n, (slot, size)): (usize, (Slot, (usize, usize)))| {
            Part::whole(slot, self.planes(), flat.layout((n * self.side(), 4 * self.d4()), size))
        };
        flat.storage("QKV", self.from.into_iter().zip(sizes).enumerate().map(part).collect())
    }

    /// Where the context lies in a matrix of the heads side by side.
    pub(super) fn context(&self, flat: &Flat, slot: Slot) -> Part {
        let [.., rows, cols] = self.shapes[2].lens();
        Part::whole(slot, self.planes(), flat.layout((0, 4 * self.d4()), (rows, cols)))
    }

    /// The launch over these buffers, for some of the heads: the first, and how many. There is a mask where nothing else says which
    /// keys are seen.
    pub(super) fn launch(
        &self,
        (rung, lanes): (Rung, usize),
        (qkv, out): (&Flat, &Flat),
        (from, mask, to): (Storage, Option<Storage>, Storage),
        ((first, some), seen): ((usize, usize), Seen),
    ) -> Option<Launch> {
        let attention = rung.spec().attention.as_ref()?;
        let d4 = self.d4();
        let [.., queries, values] = self.shapes[2].lens();
        let keys = self.shapes[1].rows.len;
        let side = (attention.side)(lanes);
        let planes = (self.planes().0, some);
        let own = ((attention.queries)(d4), values);
        let map = Map { own, side: (side, 1), ..Map::per_row(planes, (queries, values), side) };
        let starts = self.side() / 4;
        // Powers of two are cheaper than powers of e: log2(e) goes into the scale.
        let scale = (std::f64::consts::LOG2_E / self.divisor) as f32;
        let counts = [queries, some, qkv.cols / 4, out.cols / 4, starts, 2 * starts].map(|n| n as u32);
        let more = [keys, qkv.words, qkv.below, first, 0].map(|n| n as u32);
        let size = counts.into_iter().chain([scale.to_bits()]).chain(more).collect();
        let buffers: Vec<Storage> = [from].into_iter().chain(mask).chain([to]).collect();
        let written = (attention.file.name, attention.source(d4, lanes, seen));
        Some(Launch::of_rung(written, size, buffers, (map, rung.lanes(lanes))))
    }
}

/// What an op divides by, where that is what it does.
pub(super) fn divisor(op: &dyn Op, shape: Shape) -> Option<f64> {
    match op.sources(&[shape], Cell::default()).rule {
        Rule::Quotient(divisor) => Some(divisor),
        _ => None,
    }
}
