//! What the numbers of the picture are: those of now, those before the changes, the difference, or the influence of one
//! number on all that follow.

use std::sync::Arc;

use super::{Model, Notice, stepping};
use crate::ground::lang::Text;
use crate::math::tensor::{MASKED, Tensor};
use crate::program::{Address, Influence, Name, Program, Slot, Trace};
use crate::session::Run;
use crate::source::sample::Place;

/// What the picture shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reading {
    /// The numbers as they are.
    #[default]
    Now,
    /// Those before the changes.
    Before,
    /// How far they moved.
    Difference,
    /// How they move when the followed number does: the derivative.
    Influence,
}

impl Reading {
    /// The one that the key shows next.
    pub(super) const fn next(self) -> Self {
        match self {
            Self::Now => Self::Before,
            Self::Before => Self::Difference,
            Self::Difference | Self::Influence => Self::Now,
        }
    }

    /// Whether the numbers are those of a run: shares add up to 1, exponentials can be spelled out.
    pub(crate) const fn is_of_a_run(self) -> bool {
        matches!(self, Self::Now | Self::Before)
    }

    /// What the picture says about its numbers; nothing about those of now.
    pub const fn words(self) -> Option<Text> {
        match self {
            Self::Now | Self::Influence => None,
            Self::Before => Some(Text::new("改动之前", "before the changes")),
            Self::Difference => Some(Text::new("变了多少", "difference")),
        }
    }
}

/// What the picture shows of a run.
#[derive(Debug, Clone, Default)]
pub(super) struct Read {
    /// The numbers, where they are not those of the run.
    pub(super) other: Option<Trace>,
    /// The influence of the followed number, where that is what is shown.
    pub(super) influence: Option<Influence>,
}

impl Read {
    /// Other numbers of a run, and which they are: those of now, where the others cannot be had.
    pub(super) fn of(
        run: &Run,
        reading: Reading,
        before: Option<&Arc<Run>>,
        followed: Option<Place>,
    ) -> (Reading, Self) {
        let (other, influence) = match reading {
            Reading::Now => (None, None),
            Reading::Before => (before.and_then(|before| with(run, before, |_, old| Arc::clone(old))), None),
            Reading::Difference => {
                let apart = |now: &Arc<Tensor<f32>>, old: &Arc<Tensor<f32>>| Arc::new(difference(now, old));
                (before.and_then(|before| with(run, before, apart)), None)
            }
            Reading::Influence => followed.and_then(|place| follow(run, place)).unzip(),
        };
        let reading = if other.is_none() { Reading::Now } else { reading };
        (reading, Self { other, influence })
    }
}

/// The derivatives by a followed number, in place of the numbers; `None` where it is not there.
fn follow(run: &Run, place: Place) -> Option<(Trace, Influence)> {
    let slot = run.program.find_symbol(place.symbol).filter(|&slot| run.program.shape(slot).contains(place.cell))?;
    let influence = Influence::of(&run.program, &run.trace, Address { slot, cell: place.cell });
    let still = |slot| Tensor::zeros(run.program.shape(slot));
    let tensor = |slot| Arc::new(influence.tensor(slot).map_or_else(|| still(slot), Tensor::to_f32));
    Some((run.trace.with_tensors(run.program.slots().map(tensor).collect()), influence))
}

impl Model {
    /// Makes the numbers that the picture shows, after a change of what it is to show.
    pub(super) fn read(&mut self) {
        let Some(results) = &mut self.results else { return };
        self.view.reading = results.read(self.view.reading, self.baseline.as_ref(), self.view.followed);
        if self.view.reading != Reading::Influence {
            self.view.followed = None;
        }
    }

    /// Shows the numbers of now again.
    pub(super) fn read_now(&mut self) {
        if self.view.reading != Reading::Now {
            self.view.reading = Reading::Now;
            self.read();
        }
    }

    /// Follows the number under the cursor, or stops following.
    pub(super) fn toggle_follow(&mut self) {
        if self.view.reading == Reading::Influence {
            self.view.reading = Reading::Now;
        } else {
            let address = self.address();
            if self.program().symbol(address.slot).name == Name::Mask {
                let text = Text::new(
                    "mask 只有开和关，没有导数；按 0 或 + 拨一下，再按 = 看差别",
                    "the mask is open or closed and has no derivative: set it with 0 or +, and = shows the difference",
                );
                self.notice = Some(Notice { text, bad: true });
                return;
            }
            stepping::leave(self);
            self.view.followed = Some(Place { symbol: self.program().symbol(address.slot), cell: address.cell });
            self.view.reading = Reading::Influence;
        }
        self.read();
    }
}

/// A trace made of each tensor and its counterpart before; `None` where one has no counterpart of its shape.
fn with(
    run: &Run,
    before: &Arc<Run>,
    make: impl Fn(&Arc<Tensor<f32>>, &Arc<Tensor<f32>>) -> Arc<Tensor<f32>>,
) -> Option<Trace> {
    let tensors = run.program.slots().map(|slot| {
        let old = counterpart(&run.program, slot, &before.program)?;
        Some(make(run.trace.shared(slot), before.trace.shared(old)))
    });
    Some(run.trace.with_tensors(tensors.collect::<Option<_>>()?))
}

/// The tensor of the same symbol and shape in another program.
pub(super) fn counterpart(program: &Program, slot: Slot, other: &Program) -> Option<Slot> {
    other.find_symbol(program.symbol(slot)).filter(|&found| other.shape(found) == program.shape(slot))
}

/// Now minus before; masked where either is.
fn difference(now: &Tensor<f32>, before: &Tensor<f32>) -> Tensor<f32> {
    Tensor::from_fn(*now.shape(), |cell| {
        let (x, y) = (now.get(cell), before.get(cell));
        if x == MASKED || y == MASKED { MASKED } else { x - y }
    })
}
