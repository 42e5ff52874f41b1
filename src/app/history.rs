//! What was changed, to be undone and redone: not the states, but the way from each to the next.
//!
//! A step holds the numbers that are different and, where more than numbers changed, the switches, the sentence, the cut and
//! the sample itself.
//! The sample of a state is made anew from them, bit for bit, and shares what it does not change. So ten thousand edits of
//! a large sample are small; what grows beyond [`LIMIT`] all the same loses its oldest steps.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::{Material, Model};
use crate::ground::text::Lens;
use crate::source::sample::{Design, Place, Sample, Scenario};

/// Bytes that may be remembered.
const LIMIT: usize = 64 << 20;

/// A state as it was or is to be; the samples that are shown follow from it.
#[derive(Debug)]
pub(super) struct State {
    /// The sample as it was read.
    pub(super) original: Arc<Sample>,
    /// The sample with the sentence that the person typed, if any.
    pub(super) base: Arc<Sample>,
    /// What is changed about it.
    pub(super) scenario: Scenario,
    /// How finely the sentence is cut.
    pub(super) lens: Lens,
    /// The sentence as it was typed.
    pub(super) written: Option<String>,
}

/// The way from one state to another.
#[derive(Debug, Clone)]
struct Step {
    /// Numbers that are different there; none where the number is as the switches leave it.
    numbers: Vec<(Place, Option<f32>)>,
    /// What else is.
    others: Option<Box<Others>>,
}

/// What is different beside numbers.
#[derive(Debug, Clone)]
struct Others {
    /// The sample as it was read, where it is another.
    original: Option<Arc<Sample>>,
    /// The sample with its sentence, where it is another.
    base: Option<Arc<Sample>>,
    switches: Scenario,
    lens: Lens,
    written: Option<String>,
}

impl Step {
    /// The bytes it keeps alive; tensors of the original are kept anyway.
    fn bytes(&self, original: &Sample) -> usize {
        let others = self.others.as_ref().map_or(0, |others| {
            let samples = [&others.original, &others.base].into_iter().flatten();
            let samples: usize = samples.map(|sample| beside(sample, original)).sum();
            size_of::<Others>()
                + others.switches.learned_bytes()
                + others.written.as_ref().map_or(0, String::len)
                + samples
        });
        size_of::<Self>() + self.numbers.len() * size_of::<(Place, Option<f32>)>() + others
    }
}

/// The bytes of a sample's words and of those of its tensors that the other one does not share.
fn beside(sample: &Sample, original: &Sample) -> usize {
    let known = |tensor| original.inputs.tensors().iter().any(|other| Arc::ptr_eq(other, tensor));
    let tensors = sample.inputs.tensors().iter().filter(|tensor| !known(tensor));
    let words = sample.text.len() + sample.tokens.iter().map(|token| size_of::<String>() + token.len()).sum::<usize>();
    words + tensors.map(|tensor| size_of_val(tensor.as_slice())).sum::<usize>()
}

/// The steps back from this state and, after an undo, those forward again.
#[derive(Debug, Clone)]
pub(super) struct History {
    past: VecDeque<(usize, Step)>,
    future: Vec<(usize, Step)>,
    limit: usize,
}

impl Default for History {
    fn default() -> Self {
        Self { past: VecDeque::new(), future: Vec::new(), limit: LIMIT }
    }
}

impl History {
    /// The bytes that are remembered.
    fn bytes(&self) -> usize {
        self.past.iter().chain(&self.future).map(|(bytes, _)| bytes).sum()
    }

    /// Remembers the way back from a change; the oldest ways go where there is no room for all.
    fn remember(&mut self, step: Step, original: &Sample) {
        self.future.clear();
        self.past.push_back((step.bytes(original), step));
        let mut all = self.bytes();
        while all > self.limit {
            let Some((bytes, _)) = self.past.pop_front() else { return };
            all -= bytes;
        }
    }
}

/// The numbers to be set to come from one map to another.
fn different(from: &BTreeMap<Place, f32>, to: &BTreeMap<Place, f32>) -> Vec<(Place, Option<f32>)> {
    let same = |a: Option<&f32>, b: &f32| a.is_some_and(|a| a.to_bits() == b.to_bits());
    let set =
        to.iter().filter(|(place, value)| !same(from.get(place), value)).map(|(&place, &value)| (place, Some(value)));
    let gone = from.keys().filter(|place| !to.contains_key(place)).map(|&place| (place, None));
    set.chain(gone).collect()
}

impl Model {
    /// The state as it is now.
    pub(super) fn state(&self) -> State {
        let Material { original, base, scenario, lens, written, .. } = &self.material;
        let (original, base) = (Arc::clone(original), Arc::clone(base));
        State { original, base, scenario: scenario.clone(), lens: *lens, written: written.clone() }
    }

    /// Puts another state in the place of this one, with the samples that follow from it; to be undone.
    pub(super) fn change_to(&mut self, next: State, turned: Arc<Sample>, sample: Arc<Sample>) {
        let back = self.exchange(next, turned, sample);
        self.history.remember(back, &self.material.original);
    }

    /// Puts another state in the place of this one. Gives the way back.
    fn exchange(&mut self, next: State, turned: Arc<Sample>, sample: Arc<Sample>) -> Step {
        let numbers = different(&next.scenario.numbers, &self.material.scenario.numbers);
        let switches = self.material.scenario.switches();
        let same = Arc::ptr_eq(&self.material.original, &next.original)
            && Arc::ptr_eq(&self.material.base, &next.base)
            && switches == next.scenario.switches()
            && (self.material.lens, &self.material.written) == (next.lens, &next.written);
        let other = |here: &Arc<Sample>, there| (!Arc::ptr_eq(here, there)).then(|| Arc::clone(here));
        let original = other(&self.material.original, &next.original);
        let base = other(&self.material.base, &next.base);
        let written = std::mem::replace(&mut self.material.written, next.written);
        let others = (!same).then(|| Box::new(Others { original, base, switches, lens: self.material.lens, written }));
        if !Arc::ptr_eq(&self.material.original, &next.original) {
            self.material.design = Arc::new(Design::of(&next.original));
        }
        (self.material.original, self.material.base) = (next.original, next.base);
        (self.material.scenario, self.material.lens) = (next.scenario, next.lens);
        (self.material.turned, self.material.sample) = (turned, sample);
        Step { numbers, others }
    }

    /// Goes a step. Gives the way back; `None` where the samples of that state cannot be made, which were made before.
    fn take(&mut self, step: Step) -> Option<Step> {
        let mut numbers = self.material.scenario.numbers.clone();
        for (place, value) in step.numbers {
            match value {
                Some(value) => numbers.insert(place, value),
                None => numbers.remove(&place),
            };
        }
        let now = &self.material;
        let (next, turned, earlier) = match step.others {
            None => {
                let scenario = Scenario { numbers, ..now.scenario.switches() };
                let earlier = Some((&now.scenario, &*now.sample));
                (State { scenario, ..self.state() }, Arc::clone(&now.turned), earlier)
            }
            Some(others) => {
                let Others { original, base, switches, lens, written } = *others;
                let original = original.unwrap_or_else(|| Arc::clone(&now.original));
                let base = base.unwrap_or_else(|| Arc::clone(&now.base));
                let turned = Arc::new(switches.turn_switches(&base).ok()?);
                (State { original, base, scenario: Scenario { numbers, ..switches }, lens, written }, turned, None)
            }
        };
        let sample = Arc::new(next.scenario.put_numbers_after(&turned, earlier).ok()?);
        Some(self.exchange(next, turned, sample))
    }

    /// Goes back one change; `false` where there is none.
    pub(super) fn undo(&mut self) -> bool {
        let Some((_, step)) = self.history.past.pop_back() else { return false };
        let Some(forward) = self.take(step) else { return false };
        // The way forward may keep a sentence alive that the way back did not.
        self.history.future.push((forward.bytes(&self.material.original), forward));
        true
    }

    /// Takes an undo back; `false` where there is none.
    pub(super) fn redo(&mut self) -> bool {
        let Some((_, step)) = self.history.future.pop() else { return false };
        let Some(back) = self.take(step) else { return false };
        self.history.past.push_back((back.bytes(&self.material.original), back));
        true
    }

    /// How many changes can be undone, and the bytes that this takes.
    pub fn remembered(&self) -> (usize, usize) {
        (self.history.past.len(), self.history.bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::tensor::Cell;
    use crate::program::Name;

    fn step(numbers: usize) -> Step {
        let place = |col| Place { symbol: Name::H.into(), cell: Cell::at(0, col) };
        Step { numbers: (0..numbers).map(|col| (place(col), Some(1.0))).collect(), others: None }
    }

    #[test]
    fn what_is_too_much_loses_its_oldest_steps() {
        let original = Sample::builtin("h1h2").unwrap().unwrap();
        let one = step(10).bytes(&original);
        let mut history = History { limit: 5 * one, ..History::default() };
        for n in 1..=20 {
            history.remember(step(10), &original);
            assert_eq!(history.past.len(), n.min(5));
            assert!(history.bytes() <= history.limit);
        }
        // A step that is larger than everything is not kept, and takes the others with it.
        history.remember(step(100), &original);
        assert_eq!((history.past.len(), history.bytes()), (0, 0));
    }

    #[test]
    fn a_way_back_names_only_what_is_different() {
        let at = |col| Place { symbol: Name::H.into(), cell: Cell::at(0, col) };
        let (from, to) = ([(at(0), 1.0), (at(1), 2.0), (at(2), 0.0)], [(at(0), 1.0), (at(1), 3.0), (at(3), 4.0)]);
        let way = different(&from.into(), &to.into());
        assert_eq!(way, [(at(1), Some(3.0)), (at(3), Some(4.0)), (at(2), None)]);
        // Minus nothing is another number than nothing.
        assert_eq!(different(&[(at(0), 0.0)].into(), &[(at(0), -0.0)].into()).len(), 1);
    }
}
