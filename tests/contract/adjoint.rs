//! The way back of every op and of whole programs: gradients against central differences of the f64 reference.

use std::collections::BTreeSet;

use ndarray::Array2;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use qkv::compute::{Compute, Cpu};
use qkv::math::numbers::{Numbers, Part};
use qkv::math::ops::{Adjoint, CrossEntropy, Feed, Kernel, Op, SHADERS, ShapeError, Sources, TargetLoss, Term, Unit};
use qkv::math::tensor::{Axis, Cell, Shape, Tensor};
use qkv::program::{Backward, Inputs, Ledger, Name, Program, Rule, Slot, backward};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::adapter;
use crate::alone;
use crate::random::{Case, case, models};

/// Random attentions, right ones and mistaken ones. There are models beside them.
const CASES: usize = 300;

/// Random models of each kind.
const MODELS: u64 = 15;

/// Scores up to which a softmax moves so smoothly that a difference is a derivative.
const MILD: f64 = 20.0;

/// How far a gradient may be from the difference, of the size of what is added up.
const CLOSE: f64 = 1e-6;

/// How what came out becomes one number.
#[derive(Debug, Clone, Copy)]
enum Loss {
    /// `Σ R ⊙ out`, R random.
    Weighed,
    /// Cross-entropy over the last tensor.
    CrossEntropy,
    /// The loss of a target for the weights.
    Target,
}

const LOSSES: [Loss; 3] = [Loss::Weighed, Loss::CrossEntropy, Loss::Target];

/// `L = Σ R ⊙ A`, which only this test knows: no gradient of it is left out by chance.
#[derive(Debug)]
struct WeighedSum;

/// Its way back: `dA = R · dL`.
#[derive(Debug)]
struct Spread;

impl Op for WeighedSum {
    fn name(&self) -> &'static str {
        "weighed_sum"
    }

    fn shape(&self, _inputs: &[Shape]) -> Result<Shape, ShapeError> {
        Ok(Shape::matrix(Axis::Vector.of(1), Axis::Vector.of(1)))
    }

    fn rows(&self, inputs: &[&dyn Numbers], _part: &Part) -> Array2<f64> {
        let [batch, heads, rows, cols] = inputs[0].shape().lens();
        let plane =
            |(s, h)| (&inputs[0].block(s, h, 0..rows, 0..cols) * &inputs[1].block(s, h, 0..rows, 0..cols)).sum();
        let sum: f64 = (0..batch).flat_map(|s| (0..heads).map(move |h| (s, h))).map(plane).sum();
        Array2::from_elem((1, 1), sum)
    }

    fn sources(&self, inputs: &[Shape], _cell: Cell) -> Sources {
        Sources { rule: Rule::Sum, terms: inputs[0].cells().map(|cell| Term::product(cell, cell)).collect() }
    }

    fn adjoint(&self, operand: usize, _inputs: &[Shape], _out: Shape) -> Adjoint {
        match operand {
            0 => Adjoint::step(Spread, [Feed::Operand(1), Feed::Gradient]),
            _ => Adjoint::None,
        }
    }

    fn kernel(&self, _inputs: &[Shape], _out: Shape) -> Kernel {
        Kernel { shader: SHADERS[0], size: Vec::new(), workgroups: [1; 3], unit: Unit::Cell(8) }
    }
}

impl Op for Spread {
    fn name(&self) -> &'static str {
        "spread"
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        Ok(inputs[0])
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        &part.of(inputs[0]) * inputs[1].block(0, 0, 0..1, 0..1)[[0, 0]]
    }

    fn sources(&self, _inputs: &[Shape], cell: Cell) -> Sources {
        Sources { rule: Rule::Sum, terms: vec![Term::product(cell, Cell::default())] }
    }

    fn kernel(&self, _inputs: &[Shape], _out: Shape) -> Kernel {
        Kernel { shader: SHADERS[0], size: Vec::new(), workgroups: [1; 3], unit: Unit::Cell(8) }
    }
}

/// A program with its loss and the way back, and numbers for all it is given.
struct Learning {
    back: Backward,
    loss: Slot,
    given: Vec<(Slot, Tensor<f64>)>,
}

impl Learning {
    /// Puts the loss behind a program; none where there is nothing to take it of.
    fn new(forward: &Program, inputs: &Inputs, loss: Loss, seed: u64) -> Option<Self> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut program = forward.clone();
        let trace = Cpu::default().run(forward, inputs).unwrap();
        let mut given: Vec<_> =
            forward.inputs().iter().map(|input| (input.slot, trace.tensor(input.slot).to_f64())).collect();
        let of = match loss {
            Loss::Target => forward.stages().iter().rfind(|stage| stage.symbol.name == Name::Weights)?.output,
            _ => forward.stages().last()?.output,
        };
        let (shape, made) = (forward.shape(of), trace.tensor(of));
        let targets = program.input(Name::Targets, shape);
        let loss = match loss {
            Loss::Weighed => {
                given.push((targets, Tensor::from_fn(shape, |_| rng.random_range(-1.0..1.0))));
                program.stage(Name::Loss, WeighedSum, [of, targets]).unwrap()
            }
            Loss::CrossEntropy => {
                given.push((targets, Tensor::from_fn(shape, |_| rng.random_range(0.0..1.0))));
                program.stage(Name::Loss, CrossEntropy, [of, targets]).unwrap()
            }
            Loss::Target => {
                // Nothing is asked of what may not be seen, and of shares so small that a step turns the logarithm round.
                let mut asked = |cell| if made.get(cell) > 5e-3 { rng.random_range(0.0..1.0) } else { 0.0 };
                given.push((targets, Tensor::from_fn(shape, &mut asked)));
                program.stage(Name::Loss, TargetLoss, [of, targets]).unwrap()
            }
        };
        let back = backward(&program, loss, |symbol| symbol.name != Name::Targets).unwrap();
        let start = back.gradient(loss).unwrap();
        given.push((start, Tensor::from_fn(back.program.shape(start), |_| 1.0)));
        Some(Self { back, loss, given })
    }

    /// Every tensor in f64 as far as `until`, that of `moved` somewhere else.
    fn reference(&self, until: Slot, moved: Option<(Slot, &Tensor<f64>)>) -> Vec<Tensor<f64>> {
        let program = &self.back.program;
        let mut tensors: Vec<Tensor<f64>> = Vec::new();
        for slot in program.slots().filter(|slot| *slot <= until) {
            let mut tensor = match program.made_by(slot) {
                None => self.given.iter().find(|(of, _)| *of == slot).unwrap().1.clone(),
                Some(stage) => {
                    let operands: Vec<_> = stage.operands.iter().map(|operand| &tensors[operand.0]).collect();
                    stage.op.reference(&operands, stage.shape)
                }
            };
            if let Some((_, by)) = moved.filter(|(of, _)| *of == slot) {
                tensor.add(by);
            }
            tensors.push(tensor);
        }
        tensors
    }

    fn loss_with(&self, slot: Slot, by: &Tensor<f64>) -> f64 {
        self.reference(self.loss, Some((slot, by)))[self.loss.0].get(Cell::default())
    }

    /// Compares the gradient of every tensor of the way forward with a difference, in a random direction; gives how many there
    /// are, and the ops that the way back went through.
    fn check(&self, what: &str, seed: u64) -> (usize, BTreeSet<&'static str>) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let program = &self.back.program;
        let last = program.slots().last().unwrap();
        let tensors = self.reference(last, None);
        let (mut count, mut through) = (0, BTreeSet::new());
        for slot in program.slots().take_while(|slot| *slot < self.loss) {
            let (symbol, tensor) = (program.symbol(slot), &tensors[slot.0]);
            if [Name::Mask, Name::Rotation, Name::Targets].contains(&symbol.name) {
                assert!(self.back.gradient(slot).is_none(), "{symbol} is given and no number that moves");
                continue;
            }
            // What is hidden stays hidden.
            let moves = |cell| if tensor.get(cell).is_finite() { rng.random_range(-1.0..1.0) } else { 0.0 };
            let direction = Tensor::from_fn(*tensor.shape(), moves);
            let largest = tensor.numbers().filter(|x| x.is_finite()).fold(1e-2, |most: f64, x| most.max(x.abs()));
            let step = 1e-4 * largest.min(1.0);
            let at = |far: f64| self.loss_with(slot, &direction.map(|x| x * far * step));
            let [two_back, back, ahead, two_ahead] = [-2.0, -1.0, 1.0, 2.0].map(at);
            let difference = (8.0 * (ahead - back) - (two_ahead - two_back)) / (12.0 * step);
            let Some(gradient) = self.back.gradient(slot) else {
                assert_eq!(difference, 0.0, "{what}: {symbol} moves the loss and has no gradient");
                continue;
            };
            assert_eq!(program.shape(gradient), program.shape(slot), "{what}: {symbol}");
            let parts = || tensors[gradient.0].numbers().zip(direction.numbers()).map(|(g, t)| g * t);
            let (derivative, size) = (parts().sum::<f64>(), parts().map(f64::abs).sum::<f64>());
            let rounded = 1e-14 * tensors[self.loss.0].get(Cell::default()).abs().max(1.0) / step;
            let allowed = CLOSE * size + rounded;
            assert!((derivative - difference).abs() <= allowed, "{what}: {symbol} {derivative} {difference} {size}");
            count += 1;
            if let Some(stage) = program.made_by(slot) {
                through.insert(stage.op.name());
            }
        }
        through.insert(program.made_by(self.loss).unwrap().op.name());
        (count, through)
    }
}

/// The same attentions every time.
fn attentions(count: usize) -> Vec<Case> {
    let config = Config { failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let cases = (0..count).map(|_| case().new_tree(&mut runner).unwrap().current());
    cases.map(|case| Case { scores: case.scores.min(MILD), ..case }).collect()
}

/// Ops that no way forward has: what they make is a gradient, or a next weight.
fn only_back() -> BTreeSet<&'static str> {
    let ops = alone::all(0).into_iter().map(|(program, _)| program.stages()[0].op.name());
    ops.filter(|name| !["cross_entropy", "target_loss"].contains(name)).collect()
}

#[test]
fn gradients_are_central_differences() {
    let (mut count, mut through) = (0, BTreeSet::new());
    let mut check = |program: &Program, inputs: &Inputs, loss: Loss, seed: u64, what: &str| {
        if let Some(learning) = Learning::new(program, inputs, loss, seed) {
            let (some, ops) = learning.check(what, seed);
            count += some;
            through.extend(ops);
        }
    };
    for (n, case) in attentions(CASES).into_iter().enumerate() {
        let program = case.program();
        check(&program, &case.inputs(&program), LOSSES[n % 3], case.seed, &format!("{case:?}"));
    }
    for seed in 0..MODELS {
        for (n, (program, inputs)) in models(seed, seed % 2 == 0).into_iter().enumerate() {
            check(&program, &inputs, LOSSES[(n + seed as usize) % 2], seed, &format!("model {n} of {seed}"));
        }
    }
    assert!(count > 10 * CASES, "{count}");
    let all: BTreeSet<_> = SHADERS.iter().map(|shader| shader.name).collect();
    let missing: Vec<_> = all.difference(&only_back()).filter(|name| !through.contains(*name)).copied().collect();
    assert!(missing.is_empty(), "no gradient went through {missing:?}");
}

/// Every stage of the way back agrees with its reference, as those of the way forward do.
fn ways_back_agree(backend: &mut dyn Compute) {
    let mut check = |program: &Program, inputs: &Inputs, loss: Loss, seed: u64| {
        let Some(learning) = Learning::new(program, inputs, loss, seed) else { return };
        let program = &learning.back.program;
        let inputs = Inputs::new(program, |symbol| {
            let (_, tensor) = learning.given.iter().find(|(slot, _)| program.symbol(*slot) == symbol)?;
            Some(tensor.map(|x| x as f32))
        });
        let trace = backend.run(program, &inputs.unwrap()).unwrap();
        let ledger = Ledger::check(program, &trace);
        let worst = ledger.worst().unwrap();
        assert!(worst.ok(), "{} {:e}", worst.at.display(program), worst.worst);
    };
    for (n, case) in attentions(60).into_iter().enumerate() {
        let program = case.program();
        check(&program, &case.inputs(&program), LOSSES[1 + n % 2], case.seed);
    }
    for seed in 0..5 {
        for (program, inputs) in models(seed, true) {
            check(&program, &inputs, Loss::CrossEntropy, seed);
        }
    }
}

#[test]
fn the_cpu_agrees_with_the_reference_of_ways_back() {
    ways_back_agree(&mut Cpu::default());
}

#[test]
fn the_gpu_agrees_with_the_reference_of_ways_back() {
    let Some(mut turn) = adapter::gpu() else { return };
    ways_back_agree(&mut turn.gpu);
}

/// Influence follows a number through gradients and steps of optimizers too.
#[test]
fn derivatives_of_what_is_a_derivative_are_central_differences() {
    for (program, inputs) in (0..10).flat_map(alone::all) {
        let stage = &program.stages()[0];
        let trace = Cpu::default().run(&program, &inputs).unwrap();
        let operands: Vec<_> = stage.operands.iter().map(|&slot| trace.tensor(slot).to_f64()).collect();
        for (n, operand) in operands.iter().enumerate() {
            if program.symbol(stage.operands[n]).name == Name::Mask {
                continue;
            }
            let mut rng = ChaCha8Rng::seed_from_u64(n as u64);
            let direction = Tensor::from_fn(*operand.shape(), |_| rng.random_range(-1.0..1.0));
            let tangents: Vec<_> = (0..operands.len()).map(|m| (m == n).then_some(&direction)).collect();
            let found = stage.op.tangent(&operands.iter().collect::<Vec<_>>(), &tangents, stage.shape);
            let at = |by: f64| {
                let mut moved = operands.clone();
                moved[n].add(&direction.map(|x| x * by));
                stage.op.reference(&moved.iter().collect::<Vec<_>>(), stage.shape)
            };
            let (up, down) = (at(1e-5), at(-1e-5));
            let largest = found.numbers().fold(1.0, |most: f64, x| most.max(x.abs()));
            for cell in stage.shape.cells() {
                let difference = (up.get(cell) - down.get(cell)) / 2e-5;
                let off = (found.get(cell) - difference).abs();
                assert!(off <= 1e-4 * largest, "{} {n} {cell:?}: {} {difference}", stage.op.name(), found.get(cell));
            }
        }
    }
}

/// A mask is open or closed, and where words stand is given; through everything else a gradient goes back.
#[test]
fn only_masks_and_positions_have_no_gradient() {
    for case in attentions(60) {
        let program = case.program();
        for stage in program.stages() {
            for (n, &operand) in stage.operands.iter().enumerate() {
                let shapes: Vec<_> = stage.operands.iter().map(|&slot| program.shape(slot)).collect();
                let none = matches!(stage.op.adjoint(n, &shapes, stage.shape), Adjoint::None);
                let fixed = [Name::Mask, Name::Rotation].contains(&program.symbol(operand).name);
                assert_eq!(none, fixed, "{} to {}", stage.symbol, program.symbol(operand));
            }
        }
    }
}
