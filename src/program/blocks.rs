//! What the layers of real models are built from, beside the attention itself: embeddings, norms, the feed-forward network, and
//! what turns the last hidden vector into words.
//!
//! [`super::bert`], [`super::gpt2`] and [`super::llama`] put them together, each as its paper does.
//!
//! Shapes: T words, `h` heads of `d` features, `d_model` = the model's width, `d_ff` = the width inside the feed-forward network.

use super::{Layer, Name, Program, Slot, Symbol};
use crate::math::ops::{
    Activation, Add, Bias, Concat, Gelu, GeluTanh, LayerNorm, MatMul, MatMulBiased, MatMulTransposed, Multiply,
    Project, ProjectBiased, Relu, RmsNorm, Rotate, ShapeError, ShareHeads, Silu, Softmax, TakeRow,
};
use crate::math::tensor::{Axis, Dim, Shape};

/// What a model makes of its last hidden vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Predicts {
    /// Nothing: the hidden vectors are what it is for.
    Nothing,
    /// The next word: `norm_f · W_uᵀ`.
    Next,
    /// The word that is hidden there, as BERT was trained: first `W_h`, an activation and a norm of its own.
    Hidden,
}

/// The sizes of a model, and which parts it has.
#[expect(clippy::struct_excessive_bools, reason = "parts that a model has or lacks, each by itself")]
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ModelSizes {
    /// T, the words.
    pub tokens: usize,
    /// Layers.
    pub layers: usize,
    /// `d_model`.
    pub model: usize,
    /// h, the heads of queries.
    pub heads: usize,
    /// The heads of keys and values: as many, or fewer that several share.
    pub kv_heads: usize,
    /// d, the features of a head.
    pub head_dim: usize,
    /// `d_ff`.
    pub inner: usize,
    /// The function inside the feed-forward network.
    pub activation: Activation,
    /// ε of the norms.
    pub epsilon: f64,
    /// Whether the words of two sentences are told apart.
    pub segments: bool,
    /// Whether queries, keys and values have a bias.
    pub qkv_biased: bool,
    /// Whether the attention's output has one.
    pub output_biased: bool,
    /// Whether the matrices of the feed-forward network have one.
    pub inner_biased: bool,
    /// The words that it knows.
    pub vocabulary: usize,
    /// What it makes of the last hidden vectors.
    pub predicts: Predicts,
    /// The word that is asked for a prediction, from 0.
    pub asked: usize,
}

impl ModelSizes {
    /// T × `d_model`: a vector a word.
    pub(super) const fn words(&self) -> Shape {
        Shape::matrix(Axis::Token.of(self.tokens), Axis::Model.of(self.model))
    }

    pub(super) const fn model(&self) -> Dim {
        Axis::Model.of(self.model)
    }
}

/// One row of numbers.
const fn vector(cols: Dim) -> Shape {
    Shape::matrix(Axis::Vector.of(1), cols)
}

/// Which parameters a linear layer has.
type Linear = (Name, Option<Name>);

impl Program {
    /// The vectors of the words as they come out of a table: given.
    pub(super) fn rows_of(&mut self, name: Name, n: &ModelSizes) -> Slot {
        self.input(name, n.words())
    }

    /// `x · W + b`, or without b.
    pub(super) fn linear(&mut self, makes: Symbol, x: Slot, (w, b): Linear, cols: Dim) -> Result<Slot, ShapeError> {
        let layer = makes.layer;
        let w = self.input(w.of(layer), Shape::matrix(self.shape(x).cols, cols));
        match b {
            Some(b) => {
                let b = self.input(b.of(layer), vector(cols));
                self.stage(makes, MatMulBiased, [x, w, b])
            }
            None => self.stage(makes, MatMul, [x, w]),
        }
    }

    /// `LayerNorm(x)`, with its γ and β as inputs.
    pub(super) fn layer_norm(
        &mut self,
        makes: Symbol,
        x: Slot,
        [gain, shift]: [Name; 2],
        epsilon: f64,
    ) -> Result<Slot, ShapeError> {
        let one = vector(self.shape(x).cols);
        let (gain, shift) = (self.input(gain.of(makes.layer), one), self.input(shift.of(makes.layer), one));
        self.stage(makes, LayerNorm { epsilon }, [x, gain, shift])
    }

    /// `RMSNorm(x)`, with its γ as an input.
    pub(super) fn rms_norm(&mut self, makes: Symbol, x: Slot, gain: Name, epsilon: f64) -> Result<Slot, ShapeError> {
        let gain = self.input(gain.of(makes.layer), vector(self.shape(x).cols));
        self.stage(makes, RmsNorm { epsilon }, [x, gain])
    }

    /// Number by number the activation function.
    pub(super) fn activate(&mut self, makes: Symbol, x: Slot, function: Activation) -> Result<Slot, ShapeError> {
        match function {
            Activation::Gelu => self.stage(makes, Gelu, [x]),
            Activation::GeluTanh => self.stage(makes, GeluTanh, [x]),
            Activation::Silu => self.stage(makes, Silu, [x]),
            Activation::Relu => self.stage(makes, Relu, [x]),
        }
    }

    /// `a + b`.
    pub(super) fn plus(&mut self, makes: Symbol, a: Slot, b: Slot) -> Result<Slot, ShapeError> {
        self.stage(makes, Add, [a, b])
    }

    /// The attention of a layer over the words x, up to its output: (T, `d_model`). With a table of rotations queries and keys
    /// are turned by their positions.
    pub(super) fn attention_of_layer(
        &mut self,
        layer: Layer,
        x: Slot,
        rotation: Option<Slot>,
        n: &ModelSizes,
    ) -> Result<Slot, ShapeError> {
        let of = |name: Name| name.of(Some(layer));
        let biased = |name| n.qkv_biased.then_some(name);
        let q = self.in_heads(of(Name::Q), x, (Name::WQ, biased(Name::BQ)), n.heads, n)?; //        (h, T, d)
        let k = self.in_heads(of(Name::K), x, (Name::WK, biased(Name::BK)), n.kv_heads, n)?; //     (h_kv, T, d)
        let v = self.in_heads(of(Name::V), x, (Name::WV, biased(Name::BV)), n.kv_heads, n)?; //     (h_kv, T, d)
        let (q, k) = match rotation {
            Some(table) => (
                self.stage(of(Name::QRotated), Rotate, [q, table])?, //                          (h, T, d)
                self.stage(of(Name::KRotated), Rotate, [k, table])?, //                          (h_kv, T, d)
            ),
            None => (q, k),
        };
        let (k, v) = if n.kv_heads < n.heads {
            let share = ShareHeads { group: n.heads / n.kv_heads.max(1) };
            (
                self.stage(of(Name::KShared), share, [k])?, //                                   (h, T, d)
                self.stage(of(Name::VShared), share, [v])?, //                                   (h, T, d)
            )
        } else {
            (k, v)
        };
        let words = Axis::Token.of(n.tokens);
        let mask = self.input(of(Name::Mask), Shape::matrix(words, words));
        let context = self.weigh(Some(layer), [q, k, v], mask)?; //                              (h, T, d)
        let concat = self.stage(of(Name::Concat), Concat, [context])?; //                        (T, h·d)
        let bias = n.output_biased.then_some(Name::BO);
        self.linear(of(Name::Output), concat, (Name::WO, bias), n.model()) //                    (T, d_model)
    }

    /// Queries, keys or values of all heads, side by side in one W.
    fn in_heads(
        &mut self,
        makes: Symbol,
        x: Slot,
        (w, b): Linear,
        heads: usize,
        n: &ModelSizes,
    ) -> Result<Slot, ShapeError> {
        let (axis, into) = match makes.name {
            Name::V => (Axis::HeadValue, Axis::Value),
            _ => (Axis::HeadFeature, Axis::Feature),
        };
        let cols = axis.of(heads * n.head_dim);
        let w = self.input(w.of(makes.layer), Shape::matrix(self.shape(x).cols, cols));
        match b {
            Some(b) => {
                let b = self.input(b.of(makes.layer), vector(cols));
                self.stage(makes, ProjectBiased { heads, into }, [x, w, b])
            }
            None => self.stage(makes, Project { heads, into }, [x, w]),
        }
    }

    /// The feed-forward network of a layer: `f(x·W_1 + b_1)·W_2 + b_2` (Vaswani et al. 2017, eq. 2).
    pub(super) fn feed_forward(&mut self, layer: Layer, x: Slot, n: &ModelSizes) -> Result<Slot, ShapeError> {
        let of = |name: Name| name.of(Some(layer));
        let (inner, biased) = (Axis::Inner.of(n.inner), |name| n.inner_biased.then_some(name));
        let wide = self.linear(of(Name::Inner), x, (Name::W1, biased(Name::B1)), inner)?; //       (T, d_ff)
        let active = self.activate(of(Name::Activation), wide, n.activation)?; //                (T, d_ff)
        self.linear(of(Name::Mlp), active, (Name::W2, biased(Name::B2)), n.model()) //             (T, d_model)
    }

    /// The same with a gate, mostly without biases: `(f(x·W_g) ⊗ x·W_1)·W_2` (Shazeer 2020, eq. 6).
    pub(super) fn gated_feed_forward(&mut self, layer: Layer, x: Slot, n: &ModelSizes) -> Result<Slot, ShapeError> {
        let of = |name: Name| name.of(Some(layer));
        let (inner, biased) = (Axis::Inner.of(n.inner), |name| n.inner_biased.then_some(name));
        let gate = self.linear(of(Name::Gate), x, (Name::WG, biased(Name::BG)), inner)?; //                  (T, d_ff)
        let active = self.activate(of(Name::Activation), gate, n.activation)?; //                (T, d_ff)
        let wide = self.linear(of(Name::Inner), x, (Name::W1, biased(Name::B1)), inner)?; //                 (T, d_ff)
        let gated = self.stage(of(Name::Gated), Multiply, [active, wide])?; //                   (T, d_ff)
        self.linear(of(Name::Mlp), gated, (Name::W2, biased(Name::B2)), n.model()) //                        (T, d_model)
    }

    /// What the model makes of its last hidden vectors x, for the one word that is asked.
    pub(super) fn predictions(&mut self, x: Slot, n: &ModelSizes) -> Result<(), ShapeError> {
        if n.predicts == Predicts::Nothing {
            return Ok(());
        }
        let mut asked = self.stage(Name::Asked, TakeRow { row: n.asked }, [x])?; //              (1, d_model)
        if n.predicts == Predicts::Hidden {
            let brought = self.linear(Name::Transform.into(), asked, (Name::WH, Some(Name::BH)), n.model())?;
            let active = self.activate(Name::Transformed.into(), brought, n.activation)?;
            asked = self.layer_norm(Name::NormH.into(), active, [Name::GainH, Name::ShiftH], n.epsilon)?;
        }
        let vocabulary = Axis::Vocabulary.of(n.vocabulary);
        let w_u = self.input(Name::WU, Shape::matrix(vocabulary, n.model()));
        let logits = if n.predicts == Predicts::Hidden {
            let fits = self.stage(Name::Fits, MatMulTransposed, [asked, w_u])?; //               (1, vocabulary)
            let b_u = self.input(Name::BU, vector(vocabulary));
            self.stage(Name::Logits, Bias, [fits, b_u])? //                                      (1, vocabulary)
        } else {
            self.stage(Name::Logits, MatMulTransposed, [asked, w_u])? //                         (1, vocabulary)
        };
        self.stage(Name::Probabilities, Softmax, [logits])?; //                                  (1, vocabulary)
        Ok(())
    }
}
