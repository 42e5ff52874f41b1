//! Where tensors lie: storages that are there already, those that are filled from the host, and transfers between layouts.

use super::super::launch::Launch;
use super::super::layout::{Part, Storage};
use super::super::product::Factor;
use super::super::transfer;
use super::{Planner, Step};
use crate::program::Slot;

impl Planner<'_> {
    /// A tensor in a buffer, wherever a kernel that takes numbers at any distances finds it.
    pub(super) fn factor(&mut self, slot: Slot) -> (usize, Factor) {
        let one = |storage: &Storage| {
            let mut own = storage.holds.iter().filter(|part| part.slot == slot);
            let part = own.next().filter(|part| part.from == (0, 0) && !part.layout.turned && storage.texels.is_none());
            part.copied().filter(|_| own.next().is_none())
        };
        let found = self.plan.storages.iter().enumerate().find_map(|(n, storage)| Some((n, one(storage)?)));
        let (at, part) = found.unwrap_or_else(|| (self.plain(slot), Part::plain(slot, self.program.shape(slot))));
        let mut view = part.layout;
        view.steps[0] = if part.planes.0 > 1 { view.steps[0] } else { 0 };
        view.steps[1] = if part.planes.1 > 1 { view.steps[1] } else { 0 };
        (at, Factor { storage: self.plan.storages[at].clone(), view })
    }

    /// The storage that holds a tensor row by row.
    pub(super) fn plain(&mut self, slot: Slot) -> usize {
        self.want(self.by_rows(slot))
    }

    /// What holds a tensor row by row.
    pub(super) fn by_rows(&self, slot: Slot) -> Storage {
        Storage::plain(self.program.symbol(slot).name.as_str(), slot, self.program.shape(slot))
    }

    /// A storage in which everything lies as wanted: one that is there, or a new one, filled from the host or from others.
    pub(super) fn want(&mut self, wanted: Storage) -> usize {
        let same = |storage: &Storage| {
            let alike = storage.numbers == wanted.numbers && storage.texels == wanted.texels;
            let alike = alike && storage.ones == wanted.ones;
            alike && wanted.holds.iter().all(|part| storage.holds.contains(part))
        };
        if let Some(found) = self.plan.storages.iter().position(same) {
            return found;
        }
        let given = |part: &Part| self.program.made_by(part.slot).is_none();
        if wanted.holds.iter().all(given) {
            return self.hold(wanted, true);
        }
        let mut slots: Vec<Slot> = wanted.holds.iter().map(|part| part.slot).collect();
        slots.dedup();
        let sources: Vec<usize> = slots.into_iter().map(|slot| self.source(slot, wanted.texels.is_some())).collect();
        let to = self.hold(wanted.clone(), false);
        for from in sources {
            for launch in transfer::launches(&self.plan.storages[from], &wanted) {
                self.step(launch, vec![from, to]);
            }
        }
        to
    }

    /// Where a tensor can be read whole; in one piece, if a texture is to be made of it.
    pub(super) fn source(&mut self, slot: Slot, in_one: bool) -> usize {
        let parts = |n: usize| self.plan.storages[n].holds.iter().filter(|part| part.slot == slot).count();
        let movable = |n: usize| self.plan.storages[n].layout.panels.is_none() && (!in_one || parts(n) == 1);
        match self.holder(slot).filter(|&n| movable(n)) {
            Some(found) => found,
            None => self.plain(slot),
        }
    }

    /// A storage that holds all of a tensor.
    pub(super) fn holder(&self, slot: Slot) -> Option<usize> {
        let shape = self.program.shape(slot);
        let all = |storage: &Storage| {
            let own = storage.holds.iter().filter(|part| part.slot == slot);
            own.map(|part| part.layout.rows * part.layout.cols).sum::<usize>() >= shape.rows.len * shape.cols.len
        };
        let one = |suits: &dyn Fn(&Storage) -> bool| self.plan.storages.iter().position(|s| all(s) && suits(s));
        let plain = one(&|storage| storage.is_plain(shape));
        plain.or_else(|| one(&|storage| storage.layout.panels.is_none())).or_else(|| one(&|_| true))
    }

    /// Sees to it that numbers can be overridden where they are to be: row by row, and nowhere else.
    pub(super) fn settle(&mut self, slot: Slot) {
        if !self.order.by_hand.contains(&slot) {
            return;
        }
        let plain = self.plain(slot);
        for (n, storage) in self.plan.storages.iter_mut().enumerate() {
            storage.holds.retain(|part| n == plain || part.slot != slot);
        }
        self.groups.remove(&slot);
    }

    pub(super) fn hold(&mut self, storage: Storage, given: bool) -> usize {
        self.plan.storages.push(storage);
        self.plan.given.push(given);
        self.plan.storages.len() - 1
    }

    pub(super) fn step(&mut self, launch: Launch, bound: Vec<usize>) {
        self.plan.steps.push(Step { launch, bound, copy: None });
    }
}
