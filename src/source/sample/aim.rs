//! What the weights of a sample are to learn: rows of attention as somebody wishes them, and what was learned so far.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{EditError, Origin, Sample, Scenario};
use crate::ground::fault::Failure;
use crate::ground::lang::Text;
use crate::math::tensor::{Cell, Tensor};
use crate::program::training::{LEARNED, training};
use crate::program::{About, Inputs, Name, Optimizer, Program, Step, Symbol, Trace};

/// The learning rates that can be set.
pub(super) const RATES: std::ops::RangeInclusive<f32> = 1.0 / 1024.0..=16.0;

/// What is to be learned, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Aim {
    /// The rows of weights, by sentence, head and query, and the key that each is to look at.
    pub targets: BTreeMap<(usize, usize, usize), usize>,
    /// How a step is taken.
    pub optimizer: Optimizer,
    /// η, the learning rate.
    pub rate: f32,
    /// What was learned.
    pub learned: Arc<Learned>,
}

/// What was learned by a number of steps.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Learned {
    /// How many steps were taken.
    pub steps: u32,
    /// The W by now, and the optimizer's moments.
    pub tensors: BTreeMap<Symbol, Arc<Tensor<f32>>>,
}

impl Default for Aim {
    fn default() -> Self {
        let optimizer = Optimizer::default();
        Self { targets: BTreeMap::new(), optimizer, rate: optimizer.usual_rate(), learned: Arc::default() }
    }
}

impl Aim {
    /// The next step.
    pub fn step(&self) -> Step {
        // Another optimizer begins with moments of its own.
        let taken = if self.optimizer == Optimizer::Adam { self.moments() } else { self.learned.steps };
        Step { optimizer: self.optimizer, rate: self.rate, taken }
    }

    /// How many gradients Adam's moments have seen: none where another optimizer took the steps.
    fn moments(&self) -> u32 {
        let has = self.learned.tensors.keys().any(|symbol| matches!(symbol.name, Name::Of(About::First, _)));
        if has { self.learned.steps } else { 0 }
    }

    /// The same twice or half as fast, within what makes sense.
    #[must_use]
    pub fn faster(&self, by: i32) -> Self {
        let rate = (self.rate * 2f32.powi(by)).clamp(*RATES.start(), *RATES.end());
        Self { rate, ..self.clone() }
    }

    /// The same by the other optimizer; moments begin anew, and with them the count of steps that they have seen.
    #[must_use]
    pub fn by(&self, optimizer: Optimizer) -> Self {
        let tensors = self.learned.tensors.iter().filter(|(symbol, _)| LEARNED.contains(&symbol.name));
        let tensors = tensors.map(|(&symbol, tensor)| (symbol, Arc::clone(tensor))).collect();
        let learned = Arc::new(Learned { steps: self.learned.steps, tensors });
        Self { optimizer, rate: optimizer.usual_rate(), learned, ..self.clone() }
    }

    /// The same after the step that a run has computed; none where the run computed no step.
    pub fn after(&self, program: &Program, trace: &Trace) -> Option<Self> {
        let mut learned = Learned { steps: self.step().taken.saturating_add(1), tensors: self.learned.tensors.clone() };
        let mut moved = false;
        for stage in program.stages() {
            let Some((about, of)) = stage.symbol.name.of_which() else { continue };
            let name = match about {
                About::Next => of,
                About::NextFirst => of.about(About::First),
                About::NextSecond => of.about(About::Second),
                _ => continue,
            };
            moved = true;
            let tensor = trace.tensor(stage.output);
            // A step too far leaves what f32 can hold: what is no number is not learned.
            if !tensor.as_slice().iter().all(|x| x.is_finite()) {
                return None;
            }
            learned.tensors.insert(name.of(stage.symbol.layer), Arc::new(tensor.clone()));
        }
        moved.then(|| Self { learned: Arc::new(learned), ..self.clone() })
    }

    /// The same with nothing learned yet.
    pub(super) fn unlearned(&self) -> Self {
        Self { learned: Arc::default(), ..self.clone() }
    }

    /// The same without what it aims at: what was learned stays.
    fn without_targets(&self) -> Self {
        Self { targets: BTreeMap::new(), ..self.clone() }
    }
}

impl Scenario {
    /// The same without targets: what was learned stays.
    #[must_use]
    pub(crate) fn untargeted(self) -> Self {
        Self { aim: self.aim.as_ref().map(Aim::without_targets), ..self }
    }

    /// The same with nothing learned yet.
    #[must_use]
    pub(crate) fn unlearned(self) -> Self {
        Self { aim: self.aim.as_ref().map(Aim::unlearned), ..self }
    }

    /// The bytes that what was learned takes.
    pub(crate) fn learned_bytes(&self) -> usize {
        let tensors = self.aim.iter().flat_map(|aim| aim.learned.tensors.values());
        tensors.map(|tensor| size_of_val(tensor.as_slice())).sum()
    }

    /// The same after the step that a run has computed. Numbers of the W that were set by hand are where it began, and are learned on.
    pub fn after_step(&self, program: &Program, trace: &Trace) -> Option<Self> {
        let aim = self.aim.as_ref()?.after(program, trace)?;
        let moved = |symbol: Symbol| aim.learned.tensors.contains_key(&symbol);
        let numbers = self.numbers.iter().filter(|(place, _)| !moved(place.symbol));
        Some(Self { numbers: numbers.map(|(&place, &x)| (place, x)).collect(), aim: Some(aim), ..self.clone() })
    }
}

impl Sample {
    /// The sample with what was learned, and where something is aimed at with the way back and the next step.
    pub(super) fn with_aim(self, aim: &Aim) -> Result<Self, EditError> {
        let learned = |symbol: &Symbol| aim.learned.tensors.get(symbol).map(Arc::clone);
        let changed = self.program.inputs().iter().filter_map(|input| {
            let tensor = learned(&input.symbol).filter(|tensor| *tensor.shape() == input.shape)?;
            Some((input.slot, tensor))
        });
        let inputs = self.inputs.with_tensors(&self.program, changed).map_err(|error| EditError(error.words()))?;
        let origin = if aim.learned.steps > 0 { Origin::Trained } else { self.origin };
        let sample = Self { inputs: Arc::new(inputs), origin, ..self };
        if aim.targets.is_empty() {
            return Ok(sample);
        }
        let program = training(&sample.program, &aim.step()).map_err(|error| EditError(error.words()))?;
        sample.can_aim(aim)?;
        let one = Name::Loss.gradient();
        let inputs = Inputs::new(&program, |symbol| match symbol.name {
            Name::Targets => program.find_symbol(symbol).map(|slot| {
                let at = |c: Cell| f32::from(u8::from(aim.targets.get(&(c.batch, c.head, c.row)) == Some(&c.col)));
                Arc::new(Tensor::from_fn(program.shape(slot), at))
            }),
            name if name == one => {
                program.find_symbol(symbol).map(|slot| Arc::new(Tensor::from_fn(program.shape(slot), |_| 1.0)))
            }
            Name::Of(About::First | About::Second, _) => learned(&symbol).or_else(|| {
                program.find_symbol(symbol).map(|slot| Arc::new(Tensor::from_fn(program.shape(slot), |_| 0.0)))
            }),
            _ => sample.input(symbol).map(Arc::clone),
        });
        let inputs = inputs.map_err(|error| EditError(error.words()))?;
        let inputs = inputs.with_overrides(&program, sample.inputs.overrides().to_vec());
        Ok(Self { program: Arc::new(program), inputs: Arc::new(inputs), ..sample })
    }

    /// Whether each target is a place that a row may look at.
    fn can_aim(&self, aim: &Aim) -> Result<(), EditError> {
        let Some(weights) = self.program.find(None, Name::Weights) else { return Ok(()) };
        let shape = self.program.shape(weights);
        let mask = self.input(Name::Mask);
        for (&(batch, head, row), &col) in &aim.targets {
            let cell = Cell { batch, head, row, col };
            if !shape.contains(cell) {
                return Err(EditError(Text::new("目标不在这张权重表里", "that target lies outside of these weights")));
            }
            if mask.is_some_and(|mask| mask.get(mask.shape().clamp(cell)) == 0.0) {
                return Err(EditError(Text::new(
                    "这里被遮住了：看不见的词，学不会去看",
                    "this is masked: what cannot be seen cannot be learned",
                )));
            }
        }
        Ok(())
    }
}
