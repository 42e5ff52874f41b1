//! Ops, their gradients and steps of optimizers, in the f64 reference, against figures of `PyTorch`, which `figures.py` made.

use std::sync::Arc;

use qkv::math::ops::{
    Adam, AdamFirst, AdamSecond, Add, Adjoint, Average, Bias, Concat, ConcatEarly, CrossEntropy, Feed, Gelu, GeluTanh,
    LayerNorm, Mask, MaskTransposed, MatMul, MatMulBiased, MatMulTransposed, Multiply, Op, Project, ProjectBiased,
    ProjectStrided, Relu, RmsNorm, Rotate, Scale, Sgd, ShareHeads, Silu, Softmax, SoftmaxColumns, SoftmaxUnshifted,
    Split, Strides, TakeRow, TargetLoss,
};
use qkv::math::tensor::{Axis, Shape, Tensor};
use serde_json::Value;

/// How far a reference may be from `PyTorch`, relative to 1 or to the number, whichever is larger.
const CLOSE: f64 = 1e-10;

fn figures() -> Value {
    serde_json::from_str(include_str!("figures.json")).unwrap()
}

/// A list of numbers; what is hidden is −∞.
fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap_or(f64::NEG_INFINITY)).collect()
}

/// The lengths of a tensor: batch, heads, rows, columns.
fn lens(value: &Value) -> [usize; 4] {
    let all: Vec<usize> = value.as_array().unwrap().iter().map(|n| n.as_u64().unwrap() as usize).collect();
    all.try_into().unwrap()
}

fn close(found: impl Iterator<Item = f64>, expected: &[f64], what: &str) {
    let found: Vec<f64> = found.collect();
    assert_eq!(found.len(), expected.len(), "{what}");
    for (n, (found, expected)) in found.iter().zip(expected).enumerate() {
        let off = (found - expected).abs() / expected.abs().max(1.0);
        assert!(found == expected || off <= CLOSE, "{what} {n}: {found} instead of {expected}");
    }
}

/// What the axes of the operands are: rows and columns of each.
type Axes = &'static [(Axis, Axis)];

/// The op of a figure, and what its operands' axes count.
fn op(name: &str) -> (Arc<dyn Op>, Axes) {
    use Axis::{Feature, HeadFeature, HeadValue, Memory, Model, Output, Rotation, Token, Value, Vector};
    const SCORES: Axes = &[(Token, Token)];
    const MASKED: Axes = &[(Token, Token), (Token, Token)];
    const KEYS: Axes = &[(Token, Memory)];
    const WORDS: Axes = &[(Token, Model)];
    const NORM: Axes = &[(Token, Model), (Vector, Model), (Vector, Model)];
    const PROJECTED: Axes = &[(Token, Model), (Model, HeadFeature), (Vector, HeadFeature)];
    let (heads, epsilon) = (2, 1e-5);
    let strided = |strides| ProjectStrided { heads, into: Feature, strides };
    match name {
        "matmul" => (Arc::new(MatMul), &[(Token, HeadValue), (HeadValue, Output)]),
        "matmul heads" => (Arc::new(MatMul), &[(Token, Memory), (Memory, Value)]),
        "matmul_transposed" => (Arc::new(MatMulTransposed), &[(Token, Feature), (Memory, Feature)]),
        "matmul_biased" => (Arc::new(MatMulBiased), &[(Token, HeadValue), (HeadValue, Output), (Vector, Output)]),
        "project" => (Arc::new(Project { heads, into: Feature }), PROJECTED),
        "project_biased" => (Arc::new(ProjectBiased { heads, into: Feature }), PROJECTED),
        "project_strided reshaped" => (Arc::new(strided(Strides::Reshaped)), PROJECTED),
        "project_strided first" => (Arc::new(strided(Strides::First)), PROJECTED),
        "split" => (Arc::new(Split { heads, into: Value }), WORDS),
        "concat" => (Arc::new(Concat), &[(Token, Value)]),
        "concat_early" => (Arc::new(ConcatEarly { ready: 2 }), &[(Token, Value)]),
        "share_heads" => (Arc::new(ShareHeads { group: 2 }), &[(Token, Feature)]),
        "average" => (Arc::new(Average), &[(Token, Value)]),
        "scale" => (Arc::new(Scale { divisor: 2.5 }), SCORES),
        "add" => (Arc::new(Add), &[(Token, Model), (Token, Model)]),
        "bias" => (Arc::new(Bias), &[(Token, Model), (Vector, Model)]),
        "multiply" => (Arc::new(Multiply), MASKED),
        "mask" => (Arc::new(Mask), MASKED),
        "mask_transposed" => (Arc::new(MaskTransposed), MASKED),
        "softmax" => (Arc::new(Softmax), KEYS),
        "softmax_unshifted" => (Arc::new(SoftmaxUnshifted), KEYS),
        "softmax_columns" => (Arc::new(SoftmaxColumns), KEYS),
        "layer_norm" => (Arc::new(LayerNorm { epsilon }), NORM),
        "rms_norm" => (Arc::new(RmsNorm { epsilon }), NORM),
        "gelu" => (Arc::new(Gelu), WORDS),
        "gelu_tanh" => (Arc::new(GeluTanh), WORDS),
        "relu" => (Arc::new(Relu), WORDS),
        "silu" => (Arc::new(Silu), WORDS),
        "rotate" => (Arc::new(Rotate), &[(Token, Feature), (Token, Rotation)]),
        "take_row" => (Arc::new(TakeRow { row: 1 }), WORDS),
        "cross_entropy" => (Arc::new(CrossEntropy), &[(Token, Model), (Token, Model)]),
        "target_loss" => (Arc::new(TargetLoss), &[(Token, Memory), (Token, Memory)]),
        _ => panic!("what is {name}?"),
    }
}

/// An axis that a tensor does not have is written as 1.
fn tensor((rows, cols): (Axis, Axis), value: &Value) -> Tensor<f64> {
    let [batch, heads, m, n] = lens(&value["shape"]);
    let many = |n: usize| (n > 1).then_some(n);
    let shape = Shape { batch: many(batch), heads: many(heads), rows: rows.of(m), cols: cols.of(n) };
    Tensor::from_vec(shape, numbers(&value["numbers"])).unwrap()
}

/// The gradient of an operand by the steps of the op's adjoint.
fn gradient(
    op: &dyn Op,
    position: usize,
    operands: &[Tensor<f64>],
    (result, given): (&Tensor<f64>, &Tensor<f64>),
) -> Option<Tensor<f64>> {
    let shapes: Vec<Shape> = operands.iter().map(|operand| *operand.shape()).collect();
    let Adjoint::Steps(steps) = op.adjoint(position, &shapes, *result.shape()) else { return None };
    let mut made: Vec<Tensor<f64>> = Vec::new();
    for step in &steps {
        let feed = |feed: &Feed| match *feed {
            Feed::Operand(n) => &operands[n],
            Feed::Result => result,
            Feed::Gradient => given,
            Feed::Step(n) => &made[n],
        };
        let feeds: Vec<&Tensor<f64>> = step.feeds.iter().map(feed).collect();
        let out = step.op.shape(&feeds.iter().map(|feed| *feed.shape()).collect::<Vec<_>>()).unwrap();
        let next = step.op.reference(&feeds, out);
        made.push(next);
    }
    Some(made.pop().unwrap_or_else(|| given.clone()))
}

#[test]
fn ops_and_their_gradients_are_pytorchs() {
    let figures = figures();
    let ops = figures["ops"].as_array().unwrap();
    assert_eq!(ops.len(), 32);
    for figure in ops {
        let name = figure["op"].as_str().unwrap();
        let (op, axes) = op(name);
        let operands: Vec<_> =
            figure["operands"].as_array().unwrap().iter().zip(axes).map(|(value, axes)| tensor(*axes, value)).collect();
        let shapes: Vec<Shape> = operands.iter().map(|operand| *operand.shape()).collect();
        let out = op.shape(&shapes).unwrap();
        assert_eq!(out.lens(), lens(&figure["result"]["shape"]), "{name}");
        let result = op.reference(&operands.iter().collect::<Vec<_>>(), out);
        close(result.numbers(), &numbers(&figure["result"]["numbers"]), name);
        let given = Tensor::from_vec(out, numbers(&figure["gradient"])).unwrap();
        for (n, expected) in figure["gradients"].as_array().unwrap().iter().enumerate() {
            let found = gradient(op.as_ref(), n, &operands, (&result, &given));
            if expected.is_null() {
                assert!(found.is_none(), "{name}: operand {n} is given and does not move");
                continue;
            }
            let found = found.unwrap();
            assert_eq!(found.shape(), &shapes[n], "{name}: operand {n}");
            close(found.numbers(), &numbers(expected), &format!("{name}, gradient of operand {n}"));
        }
    }
}

/// A matrix of the optimizers' figures.
fn weights(value: &Value) -> Tensor<f64> {
    let shape = Shape::matrix(Axis::Model.of(2), Axis::HeadFeature.of(3));
    Tensor::from_vec(shape, numbers(value)).unwrap()
}

fn made(op: &dyn Op, operands: &[&Tensor<f64>]) -> Tensor<f64> {
    let shapes: Vec<Shape> = operands.iter().map(|operand| *operand.shape()).collect();
    op.reference(operands, op.shape(&shapes).unwrap())
}

#[test]
fn steps_of_gradient_descent_are_pytorchs() {
    let figures = &figures()["sgd"];
    let mut w = weights(&figures["weights"]);
    for step in figures["steps"].as_array().unwrap() {
        w = made(&Sgd { rate: 0.1 }, &[&w, &weights(&step["gradient"])]);
        close(w.numbers(), &numbers(&step["weights"]), "weights");
    }
}

#[test]
fn steps_of_adam_are_pytorchs() {
    let (first, second) = (0.9_f64, 0.99_f64);
    let figures = &figures()["adam"];
    let mut w = weights(&figures["weights"]);
    let [mut m, mut v] = [w.map(|_| 0.0), w.map(|_| 0.0)];
    for (t, step) in (1..).zip(figures["steps"].as_array().unwrap()) {
        let gradient = weights(&step["gradient"]);
        m = made(&AdamFirst { beta: first }, &[&m, &gradient]);
        v = made(&AdamSecond { beta: second }, &[&v, &gradient]);
        let [correction1, correction2] = [1.0 - first.powi(t), 1.0 - second.powi(t)];
        w = made(&Adam { rate: 0.01, correction1, correction2, epsilon: 1e-8 }, &[&w, &m, &v]);
        close(m.numbers(), &numbers(&step["exp_avg"]), "first moment");
        close(v.numbers(), &numbers(&step["exp_avg_sq"]), "second moment");
        close(w.numbers(), &numbers(&step["weights"]), "weights");
    }
}
