//! The operations attention is made of: one op, one file, all of its facets.
//!
//! | facet | what it is |
//! |---|---|
//! | [`Op::shape`] | which operands fit together, and what comes out |
//! | [`Op::rows`] | the reference: rows of the result in f64, by code that shares nothing with the shaders |
//! | [`Op::sources`] | which cells made one cell of the result, and by what arithmetic |
//! | [`Op::tangent`] | how the result moves when an operand does: the derivative |
//! | [`Op::adjoint`] | which ops make the gradient of an operand from that of the result |
//! | [`Op::kernel`] | the WGSL shader of the same name and how to launch it, as plain data |
//!
//! `ops/softmax.rs` has its twin in `shaders/softmax.wgsl`: same names, same loop order; it also says, as `REASON`, why
//! that shader is written as it is. An op knows shapes and numbers; it knows nothing of programs or screens.
//!
//! A new op is its file, its shader, its `mod` line and its row in `ops!` below. One whose arithmetic is none of [`Rule`]
//! adds a row there, and a file that explains it in `src/explain/rules/`.

mod activation;
mod adam;
mod adam_first;
mod adam_second;
mod add;
mod adjoint;
mod average;
mod average_adjoint;
mod bias;
mod concat;
mod concat_early;
mod concat_early_adjoint;
mod cross_entropy;
mod cross_entropy_adjoint;
mod difference;
mod error;
mod gelu;
mod gelu_adjoint;
mod gelu_tanh;
mod gelu_tanh_adjoint;
mod kernel;
mod layer_norm;
mod layer_norm_adjoint;
mod layer_norm_gain_adjoint;
mod mask;
mod mask_adjoint;
mod mask_transposed;
mod matmul;
mod matmul_biased;
mod matmul_transposed;
mod multiply;
mod pointwise;
mod project;
mod project_biased;
mod project_strided;
mod project_strided_adjoint;
mod put_row;
mod relu;
mod relu_adjoint;
mod rms_norm;
mod rms_norm_adjoint;
mod rms_norm_gain_adjoint;
mod rotate;
mod rotate_adjoint;
mod scale;
mod sgd;
mod share_heads;
mod silu;
mod silu_adjoint;
mod softmax;
mod softmax_adjoint;
mod softmax_columns;
mod softmax_columns_adjoint;
mod softmax_unshifted;
mod sources;
mod split;
mod sum_groups;
mod sum_rows;
mod sum_shared;
mod take_row;
mod target_loss;
mod target_loss_adjoint;
mod transposed_matmul;
mod unchanged;

use std::fmt::Debug;

use ndarray::Array2;

pub use activation::Activation;
pub use adjoint::{Adjoint, AdjointStep, Feed};
pub use concat::ConcatInto;
pub use cross_entropy::surprise;
use difference::by_difference;
pub use error::ShapeError;
pub use kernel::{Kernel, Shader, Unit};
pub use layer_norm::Moments;
pub use pointwise::Pointwise;
pub use project_strided::Strides;
pub use rms_norm::root_mean_square;
pub use softmax::Exponentials;
pub use softmax_unshifted::Unshifted;
pub use sources::{Operand, Sources, Term};
pub use target_loss::missed;
pub use target_loss_adjoint::pull;

use crate::ground::lang::Text;
use crate::math::numbers::{BLOCK, Numbers, Part};
use crate::math::tensor::{Cell, Shape, Tensor};

/// One row an op: its file, which is also its shader's, and its type.
macro_rules! ops {
    ($($file:ident => $op:ident),* $(,)?) => {
        $(pub use $file::$op;)*

        /// The shaders, each under the name of its op's file.
        #[expect(non_upper_case_globals, reason = "named as its file")]
        mod shaders {
            $(
                #[doc = concat!("`shaders/", stringify!($file), ".wgsl`")]
                pub(super) const $file: super::Shader = super::Shader {
                    name: stringify!($file),
                    source: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/shaders/", stringify!($file), ".wgsl")),
                };
            )*
        }

        /// Every shader, for the check that each is valid and for warming them up.
        pub const SHADERS: &[Shader] = &[$(shaders::$file),*];

        /// Why the shader of an op is written as it is, in a learner's words; none where no op has that shader.
        pub fn reason(shader: &str) -> Option<Text> {
            $(if shader == stringify!($file) {
                return Some($file::REASON);
            })*
            None
        }
    };
}

ops! {
    adam => Adam,
    adam_first => AdamFirst,
    adam_second => AdamSecond,
    add => Add,
    average => Average,
    average_adjoint => AverageAdjoint,
    bias => Bias,
    concat => Concat,
    concat_early => ConcatEarly,
    concat_early_adjoint => ConcatEarlyAdjoint,
    cross_entropy => CrossEntropy,
    cross_entropy_adjoint => CrossEntropyAdjoint,
    gelu => Gelu,
    gelu_adjoint => GeluAdjoint,
    gelu_tanh => GeluTanh,
    gelu_tanh_adjoint => GeluTanhAdjoint,
    layer_norm => LayerNorm,
    layer_norm_adjoint => LayerNormAdjoint,
    layer_norm_gain_adjoint => LayerNormGainAdjoint,
    mask => Mask,
    mask_adjoint => MaskAdjoint,
    mask_transposed => MaskTransposed,
    matmul => MatMul,
    matmul_biased => MatMulBiased,
    matmul_transposed => MatMulTransposed,
    multiply => Multiply,
    project => Project,
    project_biased => ProjectBiased,
    project_strided => ProjectStrided,
    project_strided_adjoint => ProjectStridedAdjoint,
    put_row => PutRow,
    relu => Relu,
    relu_adjoint => ReluAdjoint,
    rms_norm => RmsNorm,
    rms_norm_adjoint => RmsNormAdjoint,
    rms_norm_gain_adjoint => RmsNormGainAdjoint,
    rotate => Rotate,
    rotate_adjoint => RotateAdjoint,
    scale => Scale,
    sgd => Sgd,
    share_heads => ShareHeads,
    silu => Silu,
    silu_adjoint => SiluAdjoint,
    softmax => Softmax,
    softmax_adjoint => SoftmaxAdjoint,
    softmax_columns => SoftmaxColumns,
    softmax_columns_adjoint => SoftmaxColumnsAdjoint,
    softmax_unshifted => SoftmaxUnshifted,
    split => Split,
    sum_groups => SumGroups,
    sum_rows => SumRows,
    sum_shared => SumShared,
    take_row => TakeRow,
    target_loss => TargetLoss,
    target_loss_adjoint => TargetLossAdjoint,
    transposed_matmul => TransposedMatMul,
    unchanged => Unchanged,
}

/// How the terms make the number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rule {
    /// `Σ terms`: a dot product or a weighted sum.
    Sum,
    /// The one term, as it is; 0 where there is none, since nothing was written.
    Copy,
    /// The one term: the product of two numbers in the same place.
    Product,
    /// The mean of the terms.
    Mean,
    /// The one term divided by a constant.
    Quotient(f64),
    /// The first term where the second (the mask) is not 0; hidden otherwise.
    Gate,
    /// `exp(x_c − max x) / Σ_j exp(x_j − max x)` over the terms that are not masked; `c` is the chosen term.
    Softmax(usize),
    /// The same over the terms of a column; `c` is the chosen one.
    SoftmaxColumn(usize),
    /// `(x_c − μ) / √(σ² + ε) · γ_c + β_c` over the terms of a row; the last two terms are γ and β of the column.
    LayerNorm {
        /// The chosen term.
        chosen: usize,
        /// ε.
        epsilon: f64,
    },
    /// `x_c / √(Σ_j x_j² / n + ε) · γ_c` over the terms of a row; the last term is γ of the column.
    RmsNorm {
        /// The chosen term.
        chosen: usize,
        /// ε.
        epsilon: f64,
    },
    /// A function of the one term.
    Activation(Activation),
    /// `exp(x_c) / Σ_j exp(x_j)` as f32 holds it: nothing keeps the exponentials from overflowing.
    SoftmaxUnshifted(usize),
    /// `Σ terms`, each a number of one operand: the parts that several rows, heads or sentences add.
    Total,
    /// The first term where the second (the mask) is not 0; 0 otherwise.
    Pass,
    /// `w_c · (dw_c − Σ_k w_k · dw_k)`; a term for each column is taken off, the last one is kept; `c` is the column.
    SoftmaxAdjoint(usize),
    /// The gradient of a number of a row that was normalised, from that row and, behind it, its stretched gradients.
    NormAdjoint {
        /// The column.
        chosen: usize,
        /// ε.
        epsilon: f64,
        /// Whether the row was brought to mean 0.
        centred: bool,
    },
    /// `(x_c − μ) / √(σ² + ε) · dy_c` over the terms of a row; the last term is `dy_c`.
    NormGainAdjoint {
        /// The column.
        chosen: usize,
        /// ε.
        epsilon: f64,
        /// Whether the row was brought to mean 0; else μ is 0 and σ the root mean square.
        centred: bool,
    },
    /// A function of the terms, one number of each operand.
    Pointwise(Pointwise),
    /// `−(1/n) · Σ T · ln softmax(A)`: all logits row by row, then as many targets.
    CrossEntropy {
        /// Columns of a row.
        cols: usize,
    },
    /// `(softmax(A)_c · Σ_k T_k − T_c) / n · dL`: a row of logits, all targets, the gradient of the loss.
    CrossEntropyAdjoint {
        /// The place among all targets.
        chosen: usize,
        /// Columns of a row.
        cols: usize,
    },
    /// `−(1/n) · Σ T · ln W`: all shares row by row, then as many targets.
    TargetLoss {
        /// Columns of a row.
        cols: usize,
    },
    /// `−T_c / (n · w_c) · dL`: the share, all targets, the gradient of the loss.
    TargetLossAdjoint {
        /// The place among all targets.
        chosen: usize,
    },
}

/// One operation with all its facets. See the module's table.
pub trait Op: Debug + Send + Sync {
    /// The name, which is also its shader's.
    fn name(&self) -> &'static str;

    /// The shape of the result.
    ///
    /// # Errors
    /// [`ShapeError`] when the operands do not fit together.
    fn shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError>;

    /// Some rows of the result in f64: of one sentence and head, in all columns. The operands' shapes are those that
    /// [`Op::shape`] accepted, `part.out` what it answered. Large operands are read as [`Part`] offers, block by block.
    fn rows(&self, inputs: &[&dyn Numbers], part: &Part) -> Array2<f64>;

    /// The whole result in f64.
    fn reference(&self, inputs: &[&Tensor<f64>], out: Shape) -> Tensor<f64> {
        let inputs: Vec<&dyn Numbers> = inputs.iter().map(|&tensor| tensor as &dyn Numbers).collect();
        whole(self, &inputs, out)
    }

    /// The cells of the operands that made `cell`, and the arithmetic that did it.
    fn sources(&self, inputs: &[Shape], cell: Cell) -> Sources;

    /// How the result moves when the operands do: the derivative in the direction of `tangents` (`None`: that operand
    /// stands still). As it stands, right for every op that is linear in each operand by itself:
    /// `d(A·B) = dA·B + A·dB`.
    fn tangent(&self, inputs: &[&Tensor<f64>], tangents: &[Option<&Tensor<f64>>], out: Shape) -> Tensor<f64> {
        let mut sum = Tensor::zeros(out);
        for (i, tangent) in tangents.iter().enumerate() {
            let Some(tangent) = tangent else { continue };
            let mut moved = inputs.to_vec();
            moved[i] = tangent;
            sum.add(&self.reference(&moved, out));
        }
        sum
    }

    /// The way back: which steps make the gradient of an operand. As it stands, there is none: so it is for the ops that only
    /// the way back and the optimizers use, since nothing here takes second derivatives.
    fn adjoint(&self, _operand: usize, _inputs: &[Shape], _out: Shape) -> Adjoint {
        Adjoint::None
    }

    /// The shader and its launch for these shapes.
    fn kernel(&self, inputs: &[Shape], out: Shape) -> Kernel;
}

/// The whole result of an op in f64, from operands of which only some may be held in f64.
pub fn whole<O: Op + ?Sized>(op: &O, inputs: &[&dyn Numbers], out: Shape) -> Tensor<f64> {
    let mut result = Tensor::zeros(out);
    let [batch, heads, rows, _] = out.lens();
    let widest = inputs.iter().map(|operand| operand.shape().cols.len).max().unwrap_or(1);
    let step = (BLOCK / widest.max(1)).max(8);
    for (batch, head) in (0..batch).flat_map(|batch| (0..heads).map(move |head| (batch, head))) {
        for start in (0..rows).step_by(step) {
            let part = Part { out, batch, head, rows: start..(start + step).min(rows) };
            result.set_rows(batch, head, start, &op.rows(inputs, &part));
        }
    }
    result
}

/// The operands as a fixed-size array, or an arity error.
fn operands<const N: usize>(op: &'static str, inputs: &[Shape]) -> Result<[Shape; N], ShapeError> {
    inputs.try_into().map_err(|_| ShapeError::Arity { op, expected: N, found: inputs.len() })
}

/// One batch for the result: the operands' own, where at most one length occurs.
fn common_batch(op: &'static str, left: Shape, right: Shape) -> Result<Option<usize>, ShapeError> {
    match (left.batch, right.batch) {
        (Some(a), Some(b)) if a != b => {
            let rule = Text::new("两边的句子要一样多", "both must hold as many sentences");
            Err(ShapeError::Mismatch { op, left, right, rule })
        }
        (a, b) => Ok(a.or(b)),
    }
}

/// One number of heads for the result; an operand without heads is shared by all of the other's.
fn common_heads(op: &'static str, left: Shape, right: Shape) -> Result<Option<usize>, ShapeError> {
    match (left.heads, right.heads) {
        (Some(a), Some(b)) if a != b => {
            let rule = Text::new("两边的头要一样多", "both must have as many heads");
            Err(ShapeError::Mismatch { op, left, right, rule })
        }
        (a, b) => Ok(a.or(b)),
    }
}

/// Refuses two operands of different shapes.
fn alike(op: &'static str, left: Shape, right: Shape) -> Result<Shape, ShapeError> {
    if left != right {
        let rule = Text::new("两边大小要一样", "both must have the same size");
        return Err(ShapeError::Mismatch { op, left, right, rule });
    }
    Ok(left)
}
