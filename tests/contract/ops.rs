//! Every op: where a number came from is the truth, cell by cell.

use std::collections::{BTreeMap, BTreeSet};

use qkv::compute::{Compute, Cpu};
use qkv::explain::value;
use qkv::math::ops::{Op, SHADERS};
use qkv::math::tensor::{Cell, MASKED_F64, Shape, Tensor};
use qkv::program::attention::Sizes;
use qkv::program::{Kind, MISTAKES, Name, Program, Slot, Stage};

use crate::alone;
use crate::random::{self, Case, Visible};

/// Small programs that between them use every op: with and without a batch, shared and unshared operands, right ones and
/// every mistake.
fn programs(visible: Visible) -> Vec<(Program, Vec<Tensor<f64>>)> {
    let sizes =
        Sizes { batch: Some(2), tokens: 3, memory: 4, model: 6, heads: 2, features: 4, values: 6, output: Some(3) };
    let right = [
        (Kind::SelfAttention, sizes, None),
        (Kind::CrossAttention, Sizes { batch: None, ..sizes }, None),
        (Kind::DotProduct, Sizes { tokens: 1, output: None, ..sizes }, None),
    ];
    // Keys and values change places only where they are as wide.
    let wrong = MISTAKES.iter().map(|mistake| (Kind::SelfAttention, Sizes { values: 4, ..sizes }, Some(mistake)));
    let programs = right
        .into_iter()
        .chain(wrong)
        .map(|(kind, sizes, mistake)| {
            let case = Case { kind, sizes, visible, scores: 3.0, seed: 7, mistake };
            let program = case.program();
            let trace = Cpu::default().run(&program, &case.inputs(&program)).unwrap();
            let tensors = program.slots().map(|slot| trace.tensor(slot).to_f64()).collect();
            (program, tensors)
        })
        .collect::<Vec<_>>();
    let models =
        (7..10).flat_map(|seed| random::models(seed, !matches!(visible, Visible::All))).map(|(program, inputs)| {
            let trace = Cpu::default().run(&program, &inputs).unwrap();
            let tensors = program.slots().map(|slot| trace.tensor(slot).to_f64()).collect();
            (program, tensors)
        });
    let alone = (7..17).flat_map(alone::all).map(|(program, inputs)| {
        let trace = Cpu::default().run(&program, &inputs).unwrap();
        let tensors = program.slots().map(|slot| trace.tensor(slot).to_f64()).collect();
        (program, tensors)
    });
    let programs: Vec<_> = programs.into_iter().chain(models).chain(alone).collect();
    let used: BTreeSet<_> = programs.iter().flat_map(|(p, _)| p.stages()).map(|s| s.op.name()).collect();
    assert_eq!(used, SHADERS.iter().map(|s| s.name).collect(), "an op is not tested");
    programs
}

fn operands<'a>(stage: &Stage, tensors: &'a [Tensor<f64>]) -> Vec<&'a Tensor<f64>> {
    stage.operands.iter().map(|&Slot(i)| &tensors[i]).collect()
}

fn shapes(operands: &[&Tensor<f64>]) -> Vec<Shape> {
    operands.iter().map(|t| *t.shape()).collect()
}

#[test]
fn the_sources_of_a_cell_recombine_to_its_value() {
    for (program, tensors) in [Visible::All, Visible::Causal, Visible::Random].into_iter().flat_map(programs) {
        for stage in program.stages() {
            let operands = operands(stage, &tensors);
            let reference = stage.op.reference(&operands, stage.shape);
            for cell in stage.shape.cells() {
                let sources = stage.op.sources(&shapes(&operands), cell);
                for term in sources.terms.iter().flat_map(|t| &t.factors) {
                    assert!(operands[term.input].shape().contains(term.cell), "{} {term:?}", stage.symbol);
                }
                let value = value(&sources, |operand| operands[operand.input].get(operand.cell));
                let expected = reference.get(cell);
                let same = if expected == MASKED_F64 { value == expected } else { (value - expected).abs() < 1e-12 };
                assert!(same, "{}{cell:?}: {value} instead of {expected}", stage.symbol);
            }
        }
    }
}

/// Nothing is hidden here, and nothing is 0: a hidden score, and what is multiplied by 0, is a source that for the moment has no
/// effect.
#[test]
fn a_cell_changes_exactly_what_it_is_a_source_of() {
    for (program, tensors) in programs(Visible::All) {
        let open = |slot| if program.symbol(slot).name == Name::Mask { 1.0 } else { 0.25 };
        let instead = |(t, slot): (&Tensor<f64>, Slot)| t.map(|x| if x == 0.0 { open(slot) } else { x });
        let tensors: Vec<_> = tensors.iter().zip(program.slots()).map(instead).collect();
        for stage in program.stages() {
            // What is negative has no effect on a ReLU.
            let positive: Vec<_> = tensors.iter().map(|t| t.map(f64::abs)).collect();
            let operands = operands(stage, if stage.op.name().starts_with("relu") { &positive } else { &tensors });
            let before = stage.op.reference(&operands, stage.shape);
            let mut made_of: BTreeMap<(usize, Cell), BTreeSet<Cell>> = BTreeMap::new();
            for cell in stage.shape.cells() {
                let sources = stage.op.sources(&shapes(&operands), cell);
                for operand in sources.terms.into_iter().flat_map(|t| t.factors) {
                    made_of.entry((operand.input, operand.cell)).or_default().insert(cell);
                }
            }
            // Of what went into a ReLU its gradient takes only the sign, which no small change turns.
            let signs = |input: usize| stage.op.name() == "relu_adjoint" && input == 0;
            for (input, operand) in operands.iter().enumerate().filter(|&(input, _)| !signs(input)) {
                for cell in operand.shape().cells() {
                    let changed = changed_by(&*stage.op, &operands, (input, cell), &before);
                    let expected = made_of.remove(&(input, cell)).unwrap_or_default();
                    assert_eq!(changed, expected, "{}, operand {input}, {cell:?}", stage.symbol);
                }
            }
        }
    }
}

/// The cells of the result that change when one cell of one operand does.
fn changed_by(
    op: &dyn Op,
    operands: &[&Tensor<f64>],
    (input, cell): (usize, Cell),
    before: &Tensor<f64>,
) -> BTreeSet<Cell> {
    let mut other = operands[input].clone();
    // A mask's 1 becomes 0; every other number becomes one that no program here contains.
    other.set(cell, if other.get(cell) == 1.0 { 0.0 } else { other.get(cell) + 0.37 });
    let mut operands = operands.to_vec();
    operands[input] = &other;
    let after = op.reference(&operands, *before.shape());
    before.shape().cells().filter(|&c| after.get(c) != before.get(c)).collect()
}
