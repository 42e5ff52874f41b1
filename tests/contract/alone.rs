//! Ops that no program of attention uses, each alone in a program of one stage: the way back, losses, optimizers.

use qkv::math::ops::{
    Adam, AdamFirst, AdamSecond, AverageAdjoint, ConcatEarlyAdjoint, CrossEntropy, CrossEntropyAdjoint, GeluAdjoint,
    GeluTanhAdjoint, LayerNormAdjoint, LayerNormGainAdjoint, MaskAdjoint, Op, ProjectStridedAdjoint, PutRow,
    ReluAdjoint, RmsNormAdjoint, RmsNormGainAdjoint, RotateAdjoint, Sgd, SiluAdjoint, SoftmaxAdjoint,
    SoftmaxColumnsAdjoint, Strides, SumGroups, SumRows, SumShared, TargetLoss, TargetLossAdjoint, TransposedMatMul,
};
use qkv::math::tensor::{Axis, Cell, Dim, Shape, Tensor};
use qkv::program::{Inputs, Kind, Name, Program, Wiring};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What an operand holds.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Holds {
    /// Numbers in −2 … 2.
    Numbers,
    /// Numbers near 1.
    Gains,
    /// Numbers from 0.001 to 2.
    Squares,
    /// 0 and 1.
    Mask,
    /// Rows that sum to 1.
    Shares,
    /// Columns that do.
    ColumnShares,
    /// One 1 in a row, or shares, or nothing.
    Targets,
}

/// A program of one stage.
fn alone<const N: usize>(
    rng: &mut ChaCha8Rng,
    op: impl Op + 'static,
    operands: [(Shape, Holds); N],
) -> (Program, Inputs) {
    let mut program = Program::new(Kind::SelfAttention, Wiring::default());
    let named = [Name::H, Name::M, Name::Q];
    let names: [Name; N] = std::array::from_fn(|n| if operands[n].1 == Holds::Mask { Name::Mask } else { named[n] });
    let slots: [_; N] = std::array::from_fn(|n| program.input(names[n], operands[n].0));
    program.stage(Name::Output, op, slots).unwrap();
    let given: Vec<Tensor<f32>> = operands.iter().map(|&operand| numbers(rng, operand)).collect();
    let inputs = Inputs::new(&program, |symbol| {
        let n = names.iter().position(|&name| name == symbol.name)?;
        given.get(n).cloned()
    });
    (program, inputs.unwrap())
}

fn numbers(rng: &mut ChaCha8Rng, (shape, holds): (Shape, Holds)) -> Tensor<f32> {
    let [batch, heads, rows, cols] = shape.lens();
    let row = |rng: &mut ChaCha8Rng| -> Vec<f32> {
        let shares = |rng: &mut ChaCha8Rng| {
            let parts: Vec<f32> = (0..cols).map(|_| rng.random_range(0.05..1.0f32)).collect();
            let sum: f32 = parts.iter().sum();
            parts.into_iter().map(|x| x / sum).collect()
        };
        match holds {
            Holds::Numbers => (0..cols).map(|_| rng.random_range(-2.0..=2.0f32)).collect(),
            Holds::Gains => (0..cols).map(|_| rng.random_range(0.5..=1.5f32)).collect(),
            Holds::Squares => (0..cols).map(|_| rng.random_range(0.001..=2.0f32)).collect(),
            Holds::Mask => (0..cols).map(|j| f32::from(j == 0 || rng.random_bool(0.6))).collect(),
            Holds::Shares | Holds::ColumnShares => shares(rng),
            Holds::Targets => match rng.random_range(0..4) {
                0 => vec![0.0; cols],
                1 => shares(rng),
                _ => {
                    let right = rng.random_range(0..cols);
                    (0..cols).map(|j| f32::from(j == right)).collect()
                }
            },
        }
    };
    let numbers = Tensor::from_vec(shape, (0..batch * heads * rows).flat_map(|_| row(rng)).collect()).unwrap();
    if holds != Holds::ColumnShares {
        return numbers;
    }
    let column = |cell: Cell| (0..rows).map(|k| numbers.get(cell.moved(k, cell.col))).sum::<f32>();
    Tensor::from_fn(shape, |cell| numbers.get(cell) / column(cell))
}

/// Every op that only the way back, losses and optimizers use, with random shapes.
pub(crate) fn all(seed: u64) -> Vec<(Program, Inputs)> {
    use Holds::{ColumnShares, Gains, Mask, Numbers, Shares, Squares, Targets};
    let rng = &mut ChaCha8Rng::seed_from_u64(seed);
    let maybe = |rng: &mut ChaCha8Rng, most: usize| rng.random_bool(0.5).then(|| rng.random_range(1..=most));
    // Two columns at least: what is made of a row of one share alone does not move with it.
    let dim = |rng: &mut ChaCha8Rng, axis: Axis, most: usize| {
        axis.of(rng.random_range(if axis == Axis::Memory { 2 } else { 1 }..=most))
    };
    let (batch, heads) = (maybe(rng, 3), maybe(rng, 3));
    let [rows, cols, inner] =
        [(Axis::Token, 5), (Axis::Memory, 6), (Axis::Model, 7)].map(|(a, most)| dim(rng, a, most));
    let shape = |rows: Dim, cols: Dim| Shape { batch, heads, rows, cols };
    let (one, vector) = (Axis::Vector.of(1), |cols: Dim| Shape::matrix(Axis::Vector.of(1), cols));
    let plain = shape(rows, cols);
    let mask = Shape { heads: None, batch: batch.filter(|_| rng.random_bool(0.5)), ..plain };
    let square = shape(rows, Axis::Memory.of(rows.len));
    let square = Shape { cols: rows, ..square };
    let loss = Shape::matrix(one, one);
    let lone = |shape: Shape, rng: &mut ChaCha8Rng| Shape {
        batch: shape.batch.filter(|_| rng.random_bool(0.7)),
        heads: shape.heads.filter(|_| rng.random_bool(0.7)),
        ..shape
    };
    let (left, right) = (lone(shape(inner, rows), rng), lone(shape(inner, cols), rng));
    let [over_batch, over_heads] = [rng.random_bool(0.5), rng.random_bool(0.5)];
    let shared = SumShared { over_batch: over_batch && batch.is_some(), over_heads: over_heads && heads.is_some() };
    let group = rng.random_range(1..=3);
    let grouped = Shape { heads: Some(group * rng.random_range(1..=2)), ..plain };
    let epsilon = 1e-5;
    // Two numbers are normalised to 1 and −1, whatever they are, and one to 0.
    let wide = shape(rows, Axis::Model.of(inner.len + 2));
    let norm = LayerNormAdjoint { epsilon };
    let gain = LayerNormGainAdjoint { epsilon };
    let pair = [(plain, Numbers), (plain, Numbers)];
    let tall = shape(Axis::Token.of(rows.len + 1), cols);
    let row = rng.random_range(0..rows.len);
    let features = Axis::Feature.of(2 * rng.random_range(1..=3));
    let table = Shape::matrix(rows, Axis::Rotation.of(2 * features.len));
    let own = Shape { heads: None, ..plain };
    let count = rng.random_range(1..=3);
    let ready = rng.random_range(0..=rows.len);
    let side_by_side = Shape { cols: Axis::HeadFeature.of(count * features.len), ..own };
    let early = ConcatEarlyAdjoint { heads: count, into: Axis::Feature, ready };
    let split = Shape { heads: Some(count), ..shape(rows, features) };
    let strided = |strides| ProjectStridedAdjoint { into: Axis::HeadFeature, strides };
    let beta = rng.random_range(0.5..0.999);
    let [correction1, correction2] = [rng.random_range(0.1..=1.0), rng.random_range(0.001..=1.0)];
    let adam = Adam { rate: 0.01, correction1, correction2, epsilon: 1e-8 };
    vec![
        alone(rng, TransposedMatMul { over_batch, over_heads }, [(left, Numbers), (right, Numbers)]),
        alone(rng, SoftmaxAdjoint, [(plain, Shares), (plain, Numbers)]),
        alone(rng, MaskAdjoint { transposed: false }, [(plain, Numbers), (mask, Mask)]),
        alone(rng, MaskAdjoint { transposed: true }, [(square, Numbers), (Shape { heads: None, ..square }, Mask)]),
        alone(rng, SumRows, [(plain, Numbers)]),
        alone(rng, shared, [(plain, Numbers)]),
        alone(rng, SumGroups { group }, [(grouped, Numbers)]),
        alone(rng, norm, [(wide, Numbers), (vector(wide.cols), Gains), (wide, Numbers)]),
        alone(rng, gain, [(wide, Numbers), (wide, Numbers)]),
        alone(rng, GeluAdjoint, pair),
        alone(rng, GeluTanhAdjoint, pair),
        alone(rng, SiluAdjoint, pair),
        alone(rng, ReluAdjoint, pair),
        alone(rng, CrossEntropy, [(plain, Numbers), (plain, Targets)]),
        alone(rng, CrossEntropyAdjoint, [(plain, Numbers), (plain, Targets), (loss, Numbers)]),
        alone(rng, TargetLoss, [(plain, Shares), (plain, Targets)]),
        alone(rng, TargetLossAdjoint, [(plain, Shares), (plain, Targets), (loss, Numbers)]),
        alone(rng, RmsNormAdjoint { epsilon }, [(wide, Numbers), (vector(wide.cols), Gains), (wide, Numbers)]),
        alone(rng, RmsNormGainAdjoint { epsilon }, [(wide, Numbers), (wide, Numbers)]),
        alone(rng, SoftmaxColumnsAdjoint, [(tall, ColumnShares), (tall, Numbers)]),
        alone(rng, PutRow { row, rows }, [(Shape { rows: one, ..plain }, Numbers)]),
        alone(rng, RotateAdjoint, [(shape(rows, features), Numbers), (table, Numbers)]),
        alone(rng, AverageAdjoint { heads: count }, [(own, Numbers)]),
        alone(rng, early, [(side_by_side, Numbers)]),
        alone(rng, strided(Strides::Reshaped), [(split, Numbers)]),
        alone(rng, strided(Strides::First), [(split, Numbers)]),
        alone(rng, Sgd { rate: 0.1 }, pair),
        alone(rng, AdamFirst { beta }, pair),
        alone(rng, AdamSecond { beta }, pair),
        alone(rng, adam, [(plain, Numbers), (plain, Numbers), (plain, Squares)]),
    ]
}
