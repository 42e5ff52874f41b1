//! Stages between products whose matrices are textures: made from texture to texture, so that nothing has to be moved.

use super::super::flat::{Flat, Groups};
use super::super::layout::{Part, Storage};
use super::super::product::Planes;
use super::super::rung::Rung;
use super::super::stage::{Version, lens};
use super::super::texels;
use super::{Order, Planner};
use crate::program::Slot;

impl Planner<'_> {
    /// A stage from texture to texture; none where its rung does not know how to, or its operands lie elsewhere.
    pub(super) fn by_texels(&mut self, stage: usize) -> Option<usize> {
        let of = &self.program.stages()[stage];
        let rung = self.order.rungs[stage].filter(|rung| texels::makes(*rung, of.op.name()))?;
        let output = self.program.output_of(stage);
        let made = self.room_for(stage, rung)?;
        let to = texels::part(self.program, &made, output)?;
        let operands = of.operands.iter().map(|&slot| self.in_texture(slot)).collect::<Option<Vec<_>>>()?;
        let buffer = |&(n, part): &(usize, Part)| (self.plan.storages[n].clone(), part);
        let buffers = operands.iter().map(buffer).chain([(made.clone(), to)]).collect();
        let launch = texels::launch((rung, self.order.lanes), (self.program, of), buffers)?;
        let made = self.hold(made, false);
        let bound = operands.into_iter().map(|(n, _)| n).chain([made]).collect();
        self.step(launch, bound);
        self.plan.versions[stage] = Version::Rung(rung);
        Some(1)
    }

    /// The texture in which a tensor lies, and where; a new one for a tensor without heads that lies in none.
    pub(super) fn in_texture(&mut self, slot: Slot) -> Option<(usize, Part)> {
        let part = |storage: &Storage| texels::part(self.program, storage, slot);
        if let Some(found) = self.plan.storages.iter().enumerate().find_map(|(n, storage)| Some((n, part(storage)?))) {
            return Some(found);
        }
        // The matrices of many heads are moved only where products want them.
        if self.program.shape(slot).heads.is_some() {
            return None;
        }
        let wanted = texels::alone(self.program, slot);
        let part = part(&wanted)?;
        self.fits(&wanted).then(|| (self.want(wanted), part))
    }

    /// Where the result is to lie: as the product wants it that reads it.
    fn room_for(&self, stage: usize, rung: Rung) -> Option<Storage> {
        let of = &self.program.stages()[stage];
        let output = self.program.output_of(stage);
        let symbol = of.symbol.name.as_str();
        let (planes, (rows, cols)) = lens(of.shape);
        let lanes = self.order.lanes;
        let room = if of.shape.heads.is_some() {
            let wanted = Planes { rung, lanes, of: planes, size: (rows, 0, cols) };
            wanted.a(symbol).holding(output, planes, false)
        } else {
            let (flat, ones) = self.flat_for(output, rung, (planes.0, rows), cols);
            let holds = flat.grouped(output, (planes.0, rows), 0, Groups::one(cols));
            Storage { ones, ..flat.storage(symbol, holds) }
        };
        self.fits(&room).then_some(room)
    }

    /// The matrix that a tensor without heads is to lie in, as the product wants it that reads it: with a column of ones, where that
    /// one adds a bias.
    pub(super) fn flat_for(
        &self,
        output: Slot,
        rung: Rung,
        (sentences, rows): (usize, usize),
        cols: usize,
    ) -> (Flat, Option<usize>) {
        let &Order { lanes, texels, .. } = self.order;
        let biased = |n: usize| {
            let reader = &self.program.stages()[n];
            reader.op.name().ends_with("_biased") && reader.operands[0] == output
        };
        let ones = self.readers(output).any(biased).then(|| cols.next_multiple_of(4));
        let (_, _, to_inner) = rung.spec().product.padding(lanes);
        let inner = ones.map_or(cols, |ones| ones + 1);
        (Flat::new(rung, lanes, (sentences, rows), (inner, to_inner), texels), ones)
    }

    /// A texture in which a product of each head can read a tensor as it lies, and how: it would else be moved to `wanted`. That
    /// takes one sentence, and heads that need no padding.
    pub(super) fn lying(&self, slot: Slot, wanted: &Storage) -> Option<(usize, Storage)> {
        let (turned, padded) = (wanted.layout.turned, (wanted.height(), wanted.layout.steps[1]));
        let (rows, cols) = if turned { (padded.1, padded.0) } else { padded };
        let of = |storage: &Storage| {
            let (part, down) = (texels::part(self.program, storage, slot)?, 4 * storage.texels?);
            let whole = part.planes.0 == 1 && part.layout.start < down && storage.height() >= rows;
            let layout = if turned { part.layout.transposed() } else { part.layout };
            (whole && part.layout.cols == cols).then(|| Storage { layout, ..storage.clone() })
        };
        self.plan.storages.iter().enumerate().find_map(|(n, storage)| Some((n, of(storage)?)))
    }

    /// Where a context is to lie so that it is its concat already, and how many stages that makes: heads side by side, which takes
    /// one sentence and heads as wide as some subgroups.
    pub(super) fn beside(&mut self, stage: usize, rung: Rung) -> Option<(Storage, usize)> {
        let of = &self.program.stages()[stage];
        let (planes, (rows, cols)) = lens(of.shape);
        let (_, to_cols, _) = rung.spec().product.padding(self.order.lanes);
        let next = self.program.stages().get(stage + 1).filter(|next| next.op.name() == "concat")?;
        if planes.0 > 1 || !cols.is_multiple_of(to_cols) {
            return None;
        }
        let (flat, ones) = self.flat_for(next.output, rung, (1, rows), planes.1 * cols);
        if !self.fits(&flat.storage("", Vec::new())) {
            return None;
        }
        let view = flat.layout((0, cols), (rows, cols));
        let groups = Groups { count: planes.1, cols, apart: cols };
        let context = Part::whole(self.program.output_of(stage), planes, view);
        let (holds, covered) = self.with_concat(stage, rung, &flat, (context, groups));
        let made = Storage { layout: view, ones, ..flat.storage(of.symbol.name.as_str(), holds) };
        (covered > 1).then_some((made, covered))
    }

    /// Whether the device has textures so large.
    pub(super) fn fits(&self, storage: &Storage) -> bool {
        storage.texels.is_some_and(|wide| wide.max(storage.height()) <= self.order.texels)
    }
}
