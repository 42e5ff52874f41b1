//! A whole program as launches that are chained on a device's storages: which kernel covers which stages, and what lies where.
//!
//! A kernel may cover several stages: `W_q`, `W_k` and `W_v` lie side by side and make Q, K and V in one product; a fused kernel goes
//! from the scores to the context; the context is written where concat wants it. What a kernel makes stays on the device, where the
//! next one reads it; where that one wishes for another layout, a transfer stands in between.

mod cover;
mod storages;
mod texels;

use std::collections::BTreeMap;

use super::flat::Groups;
use super::fused::Fused;
use super::launch::Launch;
use super::layout::Storage;
use super::rung::Rung;
use super::seen::Seen;
use super::stage::Version;
use crate::program::{Program, Slot};

/// What a plan is made for.
#[derive(Debug, Clone)]
pub struct Order {
    /// The rung that each stage is to climb; none where its own kernel is to make it.
    pub rungs: Vec<Option<Rung>>,
    /// The results that somebody wants to see; none for all of them.
    pub wanted: Option<Vec<Slot>>,
    /// Results in which numbers are overridden by hand: they have to lie row by row.
    pub by_hand: Vec<Slot>,
    /// Which keys a query sees.
    pub seen: Seen,
    /// Lanes of a subgroup.
    pub lanes: usize,
    /// Texels of a texture, in each direction.
    pub texels: usize,
    /// In how many launches of some heads each a fused kernel is cut.
    pub launches: usize,
}

impl Order {
    /// Every stage by its own kernel, all results wanted.
    pub fn taught(program: &Program) -> Self {
        let rungs = vec![None; program.stages().len()];
        Self { rungs, wanted: None, by_hand: Vec::new(), seen: Seen::Masked, lanes: 1, texels: 0, launches: 1 }
    }

    /// Every stage by a rung where it has a kernel for it, for subgroups of so many lanes and textures of so many texels.
    #[must_use]
    pub fn by(self, rung: Rung, lanes: usize, texels: usize) -> Self {
        Self { rungs: vec![Some(rung); self.rungs.len()], lanes, texels, ..self }
    }

    /// Only some results are wanted.
    #[must_use]
    pub(crate) fn wanting(self, wanted: Vec<Slot>) -> Self {
        Self { wanted: Some(wanted), ..self }
    }
}

/// The launches of a program, and the storages that they read and write. It holds no numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Every buffer and texture.
    pub storages: Vec<Storage>,
    /// Which of them are filled before the first launch; the others begin with zeros.
    pub given: Vec<bool>,
    /// The launches, in order.
    pub steps: Vec<Step>,
    /// By which kernel each stage was made.
    pub versions: Vec<Version>,
    /// The storage in which a tensor lies in the end, by slot; none where a kernel has kept it to itself.
    pub places: Vec<Option<usize>>,
}

/// One launch of a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What is launched.
    pub launch: Launch,
    /// The plan's storages that it binds, from binding 1 on.
    pub bound: Vec<usize>,
    /// A storage that is copied into another before.
    pub copy: Option<(usize, usize)>,
}

impl Plan {
    /// The plan of a program.
    pub fn new(program: &Program, order: &Order) -> Self {
        let slots = program.slots().count();
        let mut planner = Planner {
            program,
            order,
            plan: Self {
                storages: Vec::new(),
                given: Vec::new(),
                steps: Vec::new(),
                versions: vec![Version::Taught; program.stages().len()],
                places: vec![None; slots],
            },
            groups: BTreeMap::new(),
        };
        let mut stage = 0;
        while stage < program.stages().len() {
            let covered = planner.cover(stage);
            for made in stage..stage + covered {
                planner.settle(program.output_of(made));
            }
            stage += covered;
        }
        for slot in program.slots() {
            planner.plan.places[slot.0] = planner.holder(slot);
        }
        planner.plan
    }

    /// The launch that writes the last of a storage, by its place in the order.
    pub(crate) fn written_by(&self, storage: usize) -> Option<usize> {
        self.steps.iter().rposition(|step| step.bound.get(step.launch.result) == Some(&storage))
    }

    /// Numbers of all storages together.
    pub fn numbers(&self) -> usize {
        self.storages.iter().fold(0_usize, |all, storage| all.saturating_add(storage.numbers))
    }
}

/// A plan in the making.
struct Planner<'a> {
    program: &'a Program,
    order: &'a Order,
    plan: Plan,
    /// How the heads' columns lie in a tensor that has no heads any more.
    groups: BTreeMap<Slot, Groups>,
}

/// The rungs that can make a program on a device with subgroups of so many lanes, where it has any of one size.
pub fn rungs(program: &Program, lanes: Option<usize>) -> Vec<Rung> {
    let widths = (0..program.stages().len()).filter_map(|stage| Fused::at(program, stage)).map(|fused| fused.d4());
    let widest = widths.max().unwrap_or(0);
    let can = |rung: &Rung| rung.runs_on(lanes) && (!rung.is_fused() || rung.fuses(widest));
    Rung::ALL.into_iter().filter(can).collect()
}
