//! Random programs, every rule of arithmetic: value, ticks, LaTeX and strip of a number all make the number that the trace
//! holds.

use std::cell::RefCell;
use std::collections::BTreeSet;

use ndarray::Array2;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use qkv::compute::{Compute, Cpu};
use qkv::explain::{self, At, Element, Names, Shown, Strip, StripRow, Tick, Ticks, opened};
use qkv::ground::lang::Lang;
use qkv::math::numbers::{Magnitudes, Numbers, Part};
use qkv::math::ops::{Kernel, Op, Operand, SHADERS, ShapeError, Sources, Term, Unit};
use qkv::math::tensor::{Axis, Cell, Shape, Tensor};
use qkv::program::{Address, Inputs, Kind, Name, Program, Rule, Stage, Symbol, Trace, Wiring};

use crate::alone;
use crate::random::{case, models};

/// Random programs.
const CASES: u32 = 240;

/// Seeds of small whole models, four of them each.
const MODELS: u64 = 12;

/// Seeds of the ops that only the way back, losses and optimizers use.
const ALONE: u64 = 40;

/// Numbers looked at of each stage.
const NUMBERS: usize = 24;

/// Rows and columns by number.
struct Plain;

impl Names for Plain {
    fn lang(&self) -> Lang {
        Lang::En
    }

    fn name(&self, _axis: Axis, _head: usize, index: usize) -> String {
        (index + 1).to_string()
    }
}

/// A number of a stage.
struct Number<'a> {
    program: &'a Program,
    trace: &'a Trace,
    stage: &'a Stage,
    /// The stage's reference on what it really received.
    reference: &'a Tensor<f64>,
    address: Address,
}

/// Looks at some numbers of every stage of random programs, the first and the last of each among them. The same ones every
/// time.
fn every_number(check: impl Fn(&Number)) {
    let seen = RefCell::new(BTreeSet::new());
    let look = |program: &Program, inputs: &Inputs| {
        let trace = Cpu::default().run(program, inputs).unwrap();
        for (i, stage) in program.stages().iter().enumerate() {
            let operands: Vec<_> = stage.operands.iter().map(|&slot| trace.tensor(slot).to_f64()).collect();
            let reference = stage.op.reference(&operands.iter().collect::<Vec<_>>(), stage.shape);
            let cells: Vec<Cell> = stage.shape.cells().collect();
            let step = cells.len().div_ceil(NUMBERS).max(1);
            for cell in cells.iter().step_by(step).chain(cells.last()) {
                let address = Address { slot: program.output_of(i), cell: *cell };
                seen.borrow_mut().insert(kind(program.sources(stage, *cell).rule));
                check(&Number { program, trace: &trace, stage, reference: &reference, address });
            }
        }
    };
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let run = runner.run(&case(), |case| {
        let program = case.program();
        look(&program, &case.inputs(&program));
        Ok(())
    });
    run.unwrap_or_else(|why| panic!("{why}"));
    (0..MODELS).flat_map(|seed| models(seed, true)).for_each(|(program, inputs)| look(&program, &inputs));
    (0..ALONE).flat_map(alone::all).for_each(|(program, inputs)| look(&program, &inputs));
    assert_eq!(seen.into_inner().len(), 24, "a rule is not tested");
}

const fn kind(rule: Rule) -> &'static str {
    match rule {
        Rule::Sum => "sum",
        Rule::Copy => "copy",
        Rule::Quotient(_) => "quotient",
        Rule::Gate => "gate",
        Rule::Product => "product",
        Rule::Mean => "mean",
        Rule::Activation(_) => "activation",
        Rule::LayerNorm { .. } => "layer norm",
        Rule::RmsNorm { .. } => "root mean square norm",
        Rule::Softmax(_) => "softmax",
        Rule::SoftmaxColumn(_) => "softmax down a column",
        Rule::SoftmaxUnshifted(_) => "softmax that may overflow",
        Rule::Total => "total",
        Rule::Pass => "mask, backward",
        Rule::SoftmaxAdjoint(_) => "softmax, backward",
        Rule::NormAdjoint { centred: true, .. } => "layer norm, backward",
        Rule::NormAdjoint { centred: false, .. } => "root mean square norm, backward",
        Rule::NormGainAdjoint { centred: true, .. } => "layer norm, backward to its gain",
        Rule::NormGainAdjoint { centred: false, .. } => "root mean square norm, backward to its gain",
        Rule::Pointwise(_) => "a function of numbers in one place",
        Rule::CrossEntropy { .. } => "cross-entropy",
        Rule::CrossEntropyAdjoint { .. } => "cross-entropy, backward",
        Rule::TargetLoss { .. } => "loss of weights",
        Rule::TargetLossAdjoint { .. } => "loss of weights, backward",
    }
}

impl Number<'_> {
    fn at(&self) -> String {
        self.address.display(self.program)
    }

    fn value(&self) -> f64 {
        f64::from(self.trace.get(self.address))
    }

    fn ticks(&self) -> Ticks<'_> {
        Ticks::of(self.program, self.trace, self.address.slot).unwrap()
    }

    fn strip(&self, done: Option<usize>) -> Option<Strip> {
        explain::strip(self.program, self.trace, self.address, &Plain, done)
    }

    /// The size of what is added up: what cancels in a sum is no closer to the result than this allows.
    fn size(&self) -> f64 {
        let terms = explain::open(self.program, self.trace, self.address).terms;
        terms.iter().map(|t| t.value).filter(|x| x.is_finite()).fold(1.0, |sum, x| sum + x.abs())
    }

    fn close(&self, found: f64, expected: f64, within: f64) {
        let close = found == expected
            || (found.is_nan() && expected.is_nan())
            || (found - expected).abs() <= within * (self.size() + expected.abs());
        assert!(close, "{}: {found} instead of {expected}", self.at());
    }
}

#[test]
fn the_value_of_the_terms_is_the_reference() {
    every_number(|n| {
        let sources = n.program.sources(n.stage, n.address.cell);
        let read = |o: Operand| f64::from(n.trace.get(Address { slot: n.stage.operands[o.input], cell: o.cell }));
        n.close(explain::value(&sources, read), n.reference.get(n.address.cell), 1e-12);
    });
}

/// The ledger measures a sum by its terms: what the reference makes of the magnitudes is what they are worth.
#[test]
fn a_sum_of_magnitudes_is_what_its_terms_are_worth() {
    let sums = std::cell::Cell::new(0);
    every_number(|n| {
        let sources = n.program.sources(n.stage, n.address.cell);
        if !matches!(sources.rule, Rule::Sum) {
            return;
        }
        let read = |o: &Operand| f64::from(n.trace.get(Address { slot: n.stage.operands[o.input], cell: o.cell }));
        let worth: f64 = sources.terms.iter().map(|term| term.factors.iter().map(read).product::<f64>().abs()).sum();
        let operands: Vec<&Tensor<f32>> = n.stage.operands.iter().map(|&slot| n.trace.tensor(slot)).collect();
        let magnitudes: Vec<Magnitudes<'_>> = operands.iter().map(|&tensor| Magnitudes(tensor)).collect();
        let magnitudes: Vec<&dyn Numbers> = magnitudes.iter().map(|numbers| numbers as &dyn Numbers).collect();
        let Cell { batch, head, row, col } = n.address.cell;
        let part = Part { out: n.stage.shape, batch, head, rows: row..row + 1 };
        let found = n.stage.op.rows(&magnitudes, &part)[[0, col]];
        let same = found == worth || (found.is_nan() && worth.is_nan());
        assert!(same || (found - worth).abs() <= 1e-9 * (1.0 + worth), "{}: {found} instead of {worth}", n.at());
        sums.set(sums.get() + 1);
    });
    assert!(sums.get() > 1000, "{sums:?}");
}

/// Of a gradient, a loss, a step of an optimizer: what each number counts for adds up to all of it.
#[test]
fn what_the_terms_of_a_gradient_count_for_adds_up() {
    for (program, inputs) in (0..ALONE).flat_map(alone::all) {
        let trace = Cpu::default().run(&program, &inputs).unwrap();
        for cell in program.stages()[0].shape.cells() {
            let address = Address { slot: program.output_of(0), cell };
            let opened = explain::open(&program, &trace, address);
            let mut sum: f64 = opened.terms.iter().map(|term| term.value).sum();
            if let Some(Rule::Quotient(by)) = opened.rule {
                sum /= by;
            }
            let size: f64 = opened.terms.iter().map(|term| term.value.abs()).sum();
            let off = (sum - opened.value).abs();
            assert!(
                off <= 1e-6 * (1.0 + size),
                "{:?} {}: {sum} instead of {}",
                opened.op,
                address.display(&program),
                opened.value
            );
        }
    }
}

#[test]
fn the_last_tick_of_a_number_leaves_what_the_trace_holds() {
    every_number(|n| {
        let (ticks, cell) = (n.ticks(), n.address.cell);
        let count = ticks.count(cell);
        assert!(count > 0, "{}", n.at());
        let at = |done| At { cell, done };
        assert_eq!(ticks.shown(at(count), cell), Shown::Done, "{}", n.at());
        assert_eq!(ticks.tick(at(count)), None, "{}", n.at());
        assert_ne!(ticks.shown(at(count - 1), cell), Shown::Done, "{}", n.at());
        // What a sum lacks before its last tick is what that tick takes.
        if let Some(Tick::Term(_)) = ticks.last(at(count)) {
            let before = match ticks.shown(at(count - 1), cell) {
                Shown::Running(sum) => sum,
                _ => 0.0,
            };
            let last: f64 = ticks.took(at(count)).into_iter().map(|o| ticks.read(o)).product();
            n.close(before + last, n.value(), 1e-6);
        }
        // Every tick can be told, and the last one tells the result.
        for done in 0..=count {
            assert!(!ticks.told(at(done), &Plain, 3).is_empty(), "{} {done}", n.at());
        }
        let words: String = ticks.told(at(count), &Plain, 3).into_iter().map(|piece| piece.text).collect();
        let hidden = n.value() == f64::NEG_INFINITY;
        let result = if hidden { "x".into() } else { n.trace.format(n.address.slot).say(n.value()) };
        assert!(words.contains(&result), "{words} without {result}");
    });
}

#[test]
fn latex_is_balanced_and_says_the_number() {
    every_number(|n| {
        let latex = opened::latex(n.program, n.trace, n.address);
        let mut depth = 0_i32;
        for (i, c) in latex.char_indices().filter(|&(i, _)| !latex[..i].ends_with('\\')) {
            depth += i32::from(c == '{') - i32::from(c == '}');
            assert!(depth >= 0, "{latex}: closed at {i} before it was opened");
        }
        assert_eq!(depth, 0, "{latex}");
        let short = qkv::ground::number::short(n.value());
        let result = match short.split_once('e') {
            _ if n.value().is_nan() => r"\mathrm{NaN}".to_owned(),
            _ if !n.value().is_finite() => r"-\infty".to_owned(),
            Some((digits, power)) => format!(r"{digits} \cdot 10^{{{power}}}"),
            None => short,
        };
        let result = format!(" {result}");
        assert!(latex.ends_with(&result), "{latex} without {result}");
    });
}

/// The numbers of a row, all of which are there.
fn numbers(row: &StripRow) -> Vec<f64> {
    row.numbers.iter().map(|x| f64::from(x.unwrap())).collect()
}

#[test]
fn the_rows_of_a_strip_recombine() {
    every_number(|n| {
        let rule = n.program.sources(n.stage, n.address.cell).rule;
        let Some(strip) = n.strip(None) else {
            assert_eq!(rule, Rule::Copy, "{}", n.at());
            return;
        };
        let rows: Vec<Vec<f64>> = strip.rows.iter().map(numbers).collect();
        assert!(rows.iter().all(|row| row.len() == strip.columns.len()), "{}", n.at());
        let cols = 0..strip.columns.len();
        match (rule, &rows[..]) {
            // Plain numbers stand over what they come to, factors over their products.
            (Rule::Sum, [numbers @ .., result]) if strip.chosen.is_some() => {
                cols.for_each(|j| n.close(numbers.iter().map(|row| row[j]).sum(), result[j], 1e-6));
            }
            (Rule::Sum, [left, right, products]) => {
                let product = |j: usize| f64::from(left[j] as f32 * right[j] as f32);
                let same = |j: usize| alike(Some(products[j] as f32), Some(product(j) as f32));
                assert!(cols.clone().all(same), "{}", n.at());
                n.close(products.iter().sum(), n.value(), 1e-5);
            }
            (Rule::Quotient(by), [given, result]) => cols.for_each(|j| n.close(given[j] / by, result[j], 1e-6)),
            (Rule::Gate, [given, mask, result]) => {
                let passed = |j: usize| if mask[j] == 0.0 { f64::NEG_INFINITY } else { given[j] };
                assert!(cols.clone().all(|j| result[j] == passed(j)), "{}", n.at());
            }
            (Rule::Product, [left, right, result]) => {
                cols.for_each(|j| n.close(left[j] * right[j], result[j], 1e-6));
            }
            (Rule::Mean, [heads @ .., result]) => {
                let mean = |j: usize| heads.iter().map(|row| row[j]).sum::<f64>() / heads.len() as f64;
                cols.for_each(|j| n.close(mean(j), result[j], 1e-6));
            }
            (Rule::Activation(_), [given, gate, result]) => {
                cols.for_each(|j| n.close(given[j] * gate[j], result[j], 1e-5));
            }
            (Rule::LayerNorm { .. }, [_, normal, gain, shift, result]) => {
                cols.for_each(|j| n.close(normal[j] * gain[j] + shift[j], result[j], 1e-5));
            }
            (Rule::RmsNorm { .. }, [_, normal, gain, result]) => {
                cols.for_each(|j| n.close(normal[j] * gain[j], result[j], 1e-5));
            }
            (Rule::Softmax(_) | Rule::SoftmaxColumn(_) | Rule::SoftmaxUnshifted(_), [_, exp, result]) => {
                let sum: f64 = exp.iter().sum();
                // A column in which everything is masked has no shares at all.
                let none = sum == 0.0 && matches!(rule, Rule::SoftmaxColumn(_));
                cols.for_each(|j| n.close(if none { 0.0 } else { exp[j] / sum }, result[j], 1e-5));
            }
            (Rule::Total, [terms]) => n.close(terms.iter().sum(), n.value(), 1e-5),
            (Rule::Pass, [given, mask, result]) => {
                assert!(cols.clone().all(|j| result[j] == if mask[j] == 0.0 { 0.0 } else { given[j] }), "{}", n.at());
            }
            (Rule::SoftmaxAdjoint(_), [weights, gradients, jacobian, products]) => {
                cols.for_each(|j| n.close(jacobian[j] * gradients[j], products[j], 1e-6));
                n.close(products.iter().sum(), n.value(), 1e-5);
                n.close(jacobian.iter().sum(), 0.0, 1e-6);
                n.close(weights.iter().sum(), 1.0, 1e-6);
            }
            (Rule::NormAdjoint { centred, .. }, [_, normal, gradients, result]) => {
                let mean = |of: &dyn Fn(usize) -> f64| cols.clone().map(of).sum::<f64>() / cols.len() as f64;
                let moving = if centred { mean(&|j| gradients[j]) } else { 0.0 };
                let stretching = mean(&|j| normal[j] * gradients[j]);
                let taken = |j: usize| gradients[j] - moving - normal[j] * stretching;
                // What is left, over the spread of the row, which is one number.
                let scale = |j: usize| result[j] * taken(n.address.cell.col) - n.value() * taken(j);
                cols.clone().for_each(|j| n.close(scale(j), 0.0, 1e-5));
                if centred {
                    n.close(mean(&|j| result[j]), 0.0, 1e-4);
                }
            }
            (Rule::NormGainAdjoint { .. }, [_, normal, gradients, result]) => {
                cols.for_each(|j| n.close(normal[j] * gradients[j], result[j], 1e-5));
            }
            (Rule::Pointwise(function), [operands @ .., result]) => cols.for_each(|j| {
                let numbers: Vec<f64> = operands.iter().map(|row| row[j]).collect();
                n.close(function.of(&numbers), result[j], 1e-6);
            }),
            (Rule::CrossEntropy { .. } | Rule::TargetLoss { .. }, [losses, targets]) => {
                let asked: f64 = targets.iter().sum();
                n.close(losses.iter().sum::<f64>(), n.value() * asked, 1e-5);
            }
            (Rule::CrossEntropyAdjoint { .. }, [_, shares, targets, result]) => {
                let own: f64 = targets.iter().sum();
                let missed = |j: usize| shares[j] * own - targets[j];
                let chosen = n.address.cell.col;
                cols.for_each(|j| n.close(result[j] * missed(chosen), n.value() * missed(j), 1e-5));
            }
            (Rule::TargetLossAdjoint { .. }, [shares, targets, result]) => {
                let chosen = n.address.cell.col;
                cols.for_each(|j| {
                    let (one, other) = (targets[chosen] * shares[j], targets[j] * shares[chosen]);
                    n.close(result[j] * one, n.value() * other, 1e-5);
                });
            }
            _ => panic!("{}: {} rows of {rule:?}", n.at(), rows.len()),
        }
        if let (Some(chosen), Some(result)) = (strip.chosen, rows.last()) {
            n.close(result[chosen], n.value(), 0.0);
        }
    });
}

#[test]
fn in_slow_motion_a_strip_fills_up_to_the_whole() {
    every_number(|n| {
        let Some(whole) = n.strip(None) else { return };
        let ticks = n.ticks();
        let count = ticks.count(n.address.cell);
        let mut before = 0;
        for done in 0..=count {
            let strip = n.strip(Some(done)).unwrap();
            assert_eq!(strip.columns, whole.columns, "{}", n.at());
            // What is there never goes away, and what a row that both have shows is what it will show.
            let there = strip.rows.iter().flat_map(|row| &row.numbers).flatten().count();
            assert!(there >= before, "{} {done}", n.at());
            before = there;
            let same = |a: &StripRow, b: &StripRow| {
                a.numbers.iter().zip(&b.numbers).all(|(a, b)| a.is_none() || alike(*a, *b))
            };
            assert!(same(strip.rows.last().unwrap(), whole.rows.last().unwrap()), "{} {done}", n.at());
            assert!(same(&strip.rows[0], &whole.rows[0]), "{} {done}", n.at());
            // A row that ends in the number itself has it after the last tick, and not before.
            if let Some(chosen) = strip.chosen {
                let number = strip.rows.last().unwrap().numbers[chosen];
                let expected = (done == count).then(|| n.value() as f32);
                assert!(alike(number, expected), "{} {done}: {number:?}", n.at());
            }
            let took = strip.rows.iter().flat_map(|row| row.took.clone()).all(|j| j < strip.columns.len());
            assert!(took, "{} {done}", n.at());
        }
    });
}

/// The same number, or the same lack of one.
fn alike(a: Option<f32>, b: Option<f32>) -> bool {
    a == b || matches!((a, b), (Some(a), Some(b)) if a.is_nan() && b.is_nan())
}

/// What a residual is: numbers of two operands added up, by an op that only this test knows.
#[derive(Debug)]
struct Residual;

impl Op for Residual {
    fn name(&self) -> &'static str {
        "residual"
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        Ok(inputs[0])
    }

    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64> {
        &part.of(inputs[0]) + &part.of(inputs[1])
    }

    fn sources(&self, _inputs: &[Shape], cell: Cell) -> Sources {
        Sources { rule: Rule::Sum, terms: vec![Term::one(0, cell), Term::one(1, cell)] }
    }

    fn kernel(&self, _inputs: &[Shape], _out: Shape) -> Kernel {
        Kernel { shader: SHADERS[0], size: Vec::new(), workgroups: [1; 3], unit: Unit::Cell(8) }
    }
}

#[test]
fn an_op_that_adds_plain_numbers_is_explained_by_the_rule_of_sums() {
    let mut program = Program::new(Kind::SelfAttention, Wiring::default());
    let shape = Shape::matrix(Axis::Token.of(2), Axis::Model.of(3));
    let [h, m] = [Name::H, Name::M].map(|name| program.input(name, shape));
    program.stage(Name::Output, Residual, [h, m]).unwrap();
    let numbers = |symbol: Symbol| {
        let sign = if symbol.name == Name::M { -0.5 } else { 1.0 };
        Some(Tensor::from_fn(shape, |c| sign * (c.row * 3 + c.col + 1) as f32))
    };
    let trace = Cpu::default().run(&program, &Inputs::new(&program, numbers).unwrap()).unwrap();
    let address = Address::parse("output[2,3]", &program).unwrap();
    let line = |pieces: Vec<explain::Piece>| pieces.into_iter().map(|piece| piece.text).collect::<String>();
    assert_eq!(
        line(explain::arithmetic(&program, &trace, address, &Plain)),
        "output[2,3] = H[2,3] + M[2,3] = 6 + (-3) = 3"
    );
    assert_eq!(opened::latex(&program, &trace, address), r"\mathrm{output}_{2,3} = 6 + (-3) = 3");
    assert_eq!(explain::open(&program, &trace, address).formula(&program, &Plain), "H[2,3] + M[2,3]");
    let ticks = Ticks::of(&program, &trace, address.slot).unwrap();
    assert_eq!(ticks.count(address.cell), 2);
    let at = At { cell: address.cell, done: 2 };
    assert_eq!(line(ticks.told(at, &Plain, 3)), "output[2,3]   running sum 6 + (-3) = 3   term 2 of 2 (M)");
    let signs: Vec<_> = (explain::picture(&program, address).into_iter())
        .filter_map(|e| if let Element::Sign(sign) = e { Some(sign) } else { None })
        .collect();
    assert_eq!(signs, ["+", "="]);
    let strip = explain::strip(&program, &trace, address, &Plain, Some(1)).unwrap();
    let rows: Vec<_> = strip.rows.iter().map(|row| (row.name.as_str(), row.numbers[2], row.took.clone())).collect();
    assert_eq!(rows, [("  H 2", Some(6.0), 2..3), ("+ M 2", Some(-3.0), 0..0), ("= output 2", None, 0..0)]);
}
